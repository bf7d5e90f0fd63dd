"""Credentials that lead into a live account come out nowhere: not in files, output, errors or pictures of the app."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.session import Session

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

[profile center]
sso_session = acme
sso_account_id = 111122223333
sso_role_name = Admin

[profile ended]
sso_session = old
sso_account_id = 111122223333
sso_role_name = Admin

[sso-session acme]
sso_start_url = https://acme.example/start
sso_region = eu-west-1

[sso-session old]
sso_start_url = https://old.example/start
sso_region = eu-west-1
"""
NAMES = ("marked", "wears", "asks", "center", "ended")


def sign_in_to_identity_center(cache: Path) -> None:
    """The tokens that `aws sso login` keeps: one that holds, one that has ended."""
    cache.mkdir(parents=True)
    for session, until in (("acme", "2099-01-01T00:00:00Z"), ("old", "2020-01-01T00:00:00Z")):
        token = {
            "startUrl": f"https://{session}.example/start",
            "region": "eu-west-1",
            "accessToken": f"{MARK}sso",
            "refreshToken": f"{MARK}refresh",
            "clientId": "c",
            "clientSecret": f"{MARK}client",
            "expiresAt": until,
            "registrationExpiresAt": until,
        }
        (cache / f"{hashlib.sha1(session.encode()).hexdigest()}.json").write_text(json.dumps(token))


@pytest.fixture
def secrets(live: FaultyDemo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """What must not come out: the secrets of the live session, of the profiles, and of functions' environments."""
    config = tmp_path / "aws-config"
    config.write_text(PROFILES)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(config))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    cache = tmp_path / ".aws" / "sso" / "cache"
    sign_in_to_identity_center(cache)
    for provider in ("credentials.SSOProvider", "tokens.SSOTokenProvider"):  # found once, when the SDK is loaded
        monkeypatch.setattr(f"botocore.{provider}._SSO_TOKEN_CACHE_DIR", str(cache))
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
        if path.is_file() and path.name != "aws-config" and ".aws" not in path.parts
    }


def test_no_file_and_no_output_of_a_live_reading_holds_a_secret(
    secrets: set[str], tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "advisor")
    out = str(tmp_path / "account.json")
    assert run(["collect", "-o", out, "--debug"]) == 0
    for words in (["doctor"], ["doctor", "--json"], *(["doctor", "--profile", name] for name in NAMES)):
        run([*words, "--debug"])
    run(["collect", "--redact", "--from", out, "-o", str(tmp_path / "redacted.json")])
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
    assert MARK in Session(profile="center").get_auth_token().get_frozen_token().token
    assert os.environ["AWS_SECRET_ACCESS_KEY"] in secrets and os.environ["AWS_SESSION_TOKEN"] in secrets
    functions = live.demo.session().client("lambda", region_name="eu-west-1", endpoint_url=live.demo.endpoint_url)
    assert f"{MARK}lambda" in str(functions.list_functions())


@pytest.mark.parametrize("name", NAMES)
def test_no_error_of_a_profile_holds_a_secret(
    name: str,
    secrets: set[str],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The network is refused in tests: each of these fails, some of them in the middle of signing in."""
    caplog.set_level(logging.DEBUG, "advisor")
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(variable)
    assert run(["who-can", "s3:GetObject", "--profile", name, "--endpoint-url", "http://127.0.0.1:9", "--debug"]) != 0
    told = capfd.readouterr()
    assert told.err.strip()
    assert found_in({"out": told.out, "err": told.err, "log": caplog.text, **written(tmp_path)}, secrets) == set()


def test_what_is_kept_of_a_defect_holds_no_secret(secrets: set[str], tmp_path: Path) -> None:
    """A traceback names lines, not what stood in variables."""
    from screens.defects import kept_defect

    def breaks(secret: str) -> None:
        local = {"password": secret}
        raise KeyError(f"nothing but {len(local)}")

    try:
        breaks(f"{MARK}local")
    except KeyError as error:
        told = kept_defect(error, "the test")
    files = written(tmp_path)
    assert any(path.endswith("defect.txt") for path in files)
    assert found_in({"told": str(told), **files}, secrets) == set()
