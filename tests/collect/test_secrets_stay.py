"""Credentials that lead into a live account come out nowhere: not in files, output, errors or pictures of the app."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor.cli.main import run
from screens.app import AdvisorApp
from screens.code import CodeScreen
from screens.doctor import DoctorScreen
from screens.welcome import SwitcherScreen
from tests.collect.conftest import FaultyDemo
from tests.screens.stage import settle

MARK = "MARKED5ecret"
CODE = "314159"
PROFILES = f"""
[profile marked]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = {MARK}profile
aws_session_token = {MARK}token

[profile wears]
role_arn = arn:aws:iam::111122223333:role/Admin
source_profile = marked
mfa_serial = arn:aws:iam::111122223333:mfa/ana
external_id = {MARK}external

[profile asks]
credential_process = /bin/echo {MARK}process
"""


@pytest.fixture
def secrets(live: FaultyDemo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """What must not come out: the secrets of the live session, of the profiles, and of functions' environments."""
    config = tmp_path / "aws-config"
    config.write_text(PROFILES)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(config))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    functions = live.demo.session().client("lambda", region_name="eu-west-1", endpoint_url=live.demo.endpoint_url)
    name = functions.list_functions()["Functions"][0]["FunctionName"]
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": {"PASSWORD": f"{MARK}lambda"}})
    environment = live.demo.environment
    yield {MARK, environment["AWS_SECRET_ACCESS_KEY"], environment["AWS_SESSION_TOKEN"], CODE}


def found_in(texts: dict[str, str], secrets: set[str]) -> set[tuple[str, str]]:
    return {(place, secret[:6]) for place, text in texts.items() for secret in secrets if secret in text}


def written(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_bytes().decode("utf-8", "replace")
        for path in folder.rglob("*")
        if path.is_file() and path.name != "aws-config"
    }


def test_no_file_and_no_output_of_a_live_reading_holds_a_secret(
    secrets: set[str], tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "advisor")
    out = str(tmp_path / "account.json")
    assert run(["collect", "-o", out, "--debug"]) == 0
    for words in (
        ["doctor"],
        ["doctor", "--json"],
        ["doctor", "--profile", "marked"],
        ["doctor", "--profile", "wears"],
    ):
        run([*words, "--debug"])
    run(["findings", "--from", out, "--json"])
    run(["decide", "people", "--suggested", "--from", out, "--dir", str(tmp_path / "records")])
    told = capfd.readouterr()
    assert "account 111122223333" in told.out or "acme" in told.out
    assert found_in({"out": told.out, "err": told.err, "log": caplog.text, **written(tmp_path)}, secrets) == set()


@pytest.mark.parametrize("kind", ["expired", "garbage", "skewed", "denied"])
def test_no_error_of_a_live_reading_holds_a_secret(
    kind: str, live: FaultyDemo, secrets: set[str], capfd: pytest.CaptureFixture[str]
) -> None:
    live.set_faults({"call": "sts:GetCallerIdentity", "kind": kind})
    assert run(["who-can", "s3:GetObject", "--debug"]) != 0
    told = capfd.readouterr()
    assert told.err.strip()
    assert found_in({"out": told.out, "err": told.err}, secrets) == set()


async def test_no_picture_of_the_app_holds_a_secret(secrets: set[str], tmp_path: Path) -> None:
    from advisor.account import open_account

    app = AdvisorApp(lambda progress, partly: open_account(progress=progress), "live")
    pictures: dict[str, str] = {}
    async with app.run_test(size=(140, 60)) as pilot:
        await settle(pilot)
        for screen in (DoctorScreen(app.session, ("Doctor",)), SwitcherScreen(app.session, app.opening)):
            app.push_screen(screen)
            await settle(pilot)
            pictures[type(screen).__name__] = app.export_screenshot()
            app.pop_screen()
        app.push_screen(CodeScreen("the code of ana's device"))
        await settle(pilot)
        await pilot.press(*CODE, "enter")
        await settle(pilot)
        for key in ("1", "3", "4", "5", "6", "8", "c", "M"):
            await pilot.press(key)
            await settle(pilot)
            pictures[key] = app.export_screenshot()
    assert found_in({**pictures, **written(tmp_path)}, secrets) == set()


def test_the_places_where_secrets_were_put_hold_them(secrets: set[str], live: FaultyDemo) -> None:
    """The test above means something only if the secrets are there."""
    assert MARK in Path(os.environ["AWS_CONFIG_FILE"]).read_text()
    assert os.environ["AWS_SECRET_ACCESS_KEY"] in secrets and os.environ["AWS_SESSION_TOKEN"] in secrets
    functions = live.demo.session().client("lambda", region_name="eu-west-1", endpoint_url=live.demo.endpoint_url)
    assert f"{MARK}lambda" in str(functions.list_functions())
