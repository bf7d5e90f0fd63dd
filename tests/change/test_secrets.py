"""Marked secrets come in wherever one can; none is in a snapshot, plan, journal, record, log or exception."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from advisor.account import Advisor
from advisor.change.plan import as_yaml
from advisor.change.secrets import Secrets
from advisor.change.setup import Choices, playbook
from advisor.change.setup_record import as_markdown
from advisor.collect.saved import dump
from advisor.errors import ApplyStopped
from advisor.model.change import Operation
from tests.change.conftest import Live

MARK = "MARKED-c0ffee-5ecret"
PASSWORD = f"{MARK}-Pw1!"


@pytest.fixture
def marked(live: Live, monkeypatch: pytest.MonkeyPatch) -> Live:
    """Secrets in the environment, in a function's environment, and in the password that a run makes."""
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, MARK)
    monkeypatch.setattr(Secrets, "make", lambda secrets, name: secrets._made.setdefault(name, PASSWORD))
    functions: Any = live.client("lambda")
    name = functions.list_functions()["Functions"][0]["FunctionName"]
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": {"DB_PASSWORD": MARK}})
    assert MARK in str(functions.get_function_configuration(FunctionName=name))
    return live


def operations(live: Live) -> tuple[Operation, ...]:
    user = {"UserName": "marked"}
    return (
        Operation("iam", "CreateUser", user, account=live.account),
        Operation("iam", "CreateLoginProfile", {**user, "Password": {"secret": "the password"}}, account=live.account),
        Operation("iam", "CreateAccessKey", user, account=live.account),
    )


def everything_written(folder: Path) -> str:
    return "\n".join(path.read_text("utf-8", "replace") for path in folder.rglob("*") if path.is_file())


def test_no_secret_is_written_anywhere(marked: Live, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "advisor")
    marked.shown.clear()
    plan = marked.plan(*operations(marked))
    state = marked.apply(plan)
    try:
        shown = dict(marked.shown)
        assert shown["the password"] == PASSWORD
        secrets = {MARK, *shown.values()}
        assert len(secrets) == 3, "the key's secret was shown once too"
        snapshot = marked.collect()
        record = as_markdown(playbook(account := Advisor((snapshot,)), Choices(profile="one")), account)
        texts = {
            "snapshot": dump(snapshot).decode(),
            "plan": as_yaml(plan),
            "journal": everything_written(marked.folder),
            "state": repr(state),
            "record": record,
            "log": caplog.text,
        }
        assert {place for place, text in texts.items() for secret in secrets if secret in text} == set()
    finally:
        marked.undo(state.id)


def test_an_error_that_repeats_the_password_hides_it(marked: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.exceptions import ClientError

    from advisor.change.run import Engine

    send = Engine._send

    def refusing(engine: Engine, operation: Operation, results: dict[str, dict[str, Any]]) -> dict[str, Any]:
        if operation.operation != "CreateLoginProfile":
            return send(engine, operation, results)
        password = engine.secrets.make("the password")
        error = {"Code": "PasswordPolicyViolation", "Message": f"{password} is too short"}
        raise ClientError({"Error": error}, "CreateLoginProfile")  # type: ignore[typeddict-item]

    monkeypatch.setattr(Engine, "_send", refusing)
    with pytest.raises(ApplyStopped) as stopped:
        marked.apply(marked.plan(*operations(marked)))
    monkeypatch.setattr(Engine, "_send", send)
    try:
        assert "is too short" in str(stopped.value) and PASSWORD not in str(stopped.value)
        assert PASSWORD not in everything_written(marked.folder)
    finally:
        marked.undo(stopped.value.run)
