"""What `advisor permissions` prints, call by call: each call of a command is allowed, each action is needed by a call.

Applying and the set-up: `tests/change/test_permissions.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from advisor.cli.main import run
from advisor.cli.permissions import purposes
from advisor.collect.calls import Clients
from advisor.collect.second_opinion import DETAILS, VALIDATE
from tests.change.permission_calls import actions_of, refused_to_one_with
from tests.collect.conftest import FaultyDemo
from tests.collect.replayed import Answer, Replayed, read
from tests.collect.test_each_call import REPORT, refusing

WHO = "sts:GetCallerIdentity"
"""Made at sign-in, before the collector."""
DENIED = (
    "User: arn:aws:iam::111122223333:user/ana is not authorized to perform: sqs:SendMessage on resource: "
    "arn:aws:sqs:eu-west-1:111122223333:orders because no identity-based policy allows the sqs:SendMessage action. "
    "Call the GetRequestAuthorizationDetails API with the following authorization id: EXAMPLE1a2b3c4d5e6f7g8h9i0j"
)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The calls, written down where they leave."""
    calls: set[str] = set()
    refuse = Clients._refuse_writes

    def noted(self: Clients, params: dict[str, Any], model: Any, **rest: Any) -> None:
        refuse(self, params, model, **rest)
        calls.add(f"{model.service_model.service_name}:{model.name}")

    monkeypatch.setattr(Clients, "_refuse_writes", noted)
    return calls


def test_reading_makes_every_call_of_its_list_and_no_other(recorded: Mapping[tuple[str, str, str], Answer]) -> None:
    """The demo's answers, and for what it has no occasion for, others: with the credential report and without it."""
    readings = Replayed(recorded), Replayed(recorded, fault=refusing(REPORT))
    for clients in readings:
        read(clients)
    calls = {call for clients in readings for call, _ in clients.calls} | {WHO}
    assert refused_to_one_with(("collect",), calls) == set()
    assert set(actions_of("collect").values()) == {actions_of("collect")[call] for call in calls}


def test_commands_make_only_calls_that_their_policies_allow(
    live: FaultyDemo, made: set[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is run as a user runs it; what is asked besides reading is what the policies for it name besides."""
    account = ("--endpoint-url", live.demo.endpoint_url, "--quiet")
    plan, dump = str(tmp_path / "plan.yaml"), str(tmp_path / "account.snapshot")
    reads = set(actions_of("collect"))

    def asks(*command: str) -> set[str]:
        made.clear()
        assert run([*command, *account]) in (0, 1), capsys.readouterr().err
        return set(made)

    assert asks("doctor") == {WHO}
    for command in (
        ("collect", "-o", dump),
        ("setup",),
        ("plan", "new", "-o", plan, "--findings=console-without-mfa-e00ec5"),
    ):
        assert len(asks(*command)) > 60
        assert refused_to_one_with(("collect",), made) == set()
    assert asks("plan", "show", plan) - reads == {VALIDATE}
    for purpose in ("apply", "setup"):
        assert refused_to_one_with((purpose,), {VALIDATE}) == set()
    assert asks("denied", DENIED) - reads == {DETAILS} == set(actions_of("denied"))
    assert refused_to_one_with(("collect", "denied"), made) == set()
    assert purposes() == ["apply", "collect", "denied", "setup"]  # a new one is tried here, or where changes are
