"""Profiles, their kinds and caches, the Region, and MFA codes that are asked for by us."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from advisor.collect.profiles import find_profile, list_profiles
from advisor.collect.signin import next_command, open_session
from advisor.errors import SignInError, UsageError
from tests.collect.conftest import FaultyDemo

CONFIG = """
[default]
region = eu-north-1
[profile people]
sso_session = acme
sso_account_id = 111122223333
sso_role_name = Admin
[sso-session acme]
sso_start_url = https://acme.example/start
sso_region = eu-central-1
[profile laptop]
login_session = arn:aws:iam::111122223333:user/ana
[profile ops]
role_arn = arn:aws:iam::222233334444:role/Ops
source_profile = keys
mfa_serial = arn:aws:iam::111122223333:mfa/ana
[profile audit]
role_arn = arn:aws:iam::222233334444:role/Audit
source_profile = people
[profile pipeline]
role_arn = arn:aws:iam::222233334444:role/Deploy
web_identity_token_file = /tmp/token
[profile broker]
credential_process = /usr/bin/true
[profile keys]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = EXAMPLE
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    (tmp_path / "config").write_text(CONFIG)
    return tmp_path


def _cache(home: Path, folder: str, name: str, content: dict[str, object]) -> None:
    path = home / ".aws" / folder / "cache" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def test_kinds_accounts_and_commands(home: Path) -> None:
    found = {profile.name: profile for profile in list_profiles()}
    assert {name: profile.kind for name, profile in found.items()} == {
        "default": "none",
        "people": "sso",
        "laptop": "login",
        "ops": "role-mfa",
        "audit": "role",
        "pipeline": "web-identity",
        "broker": "process",
        "keys": "keys",
    }
    assert found["people"].account == "111122223333"
    assert found["ops"].account == "222233334444"
    assert found["default"].region == "eu-north-1"
    assert found["audit"].next_command == "aws sso login --profile people"
    assert found["laptop"].next_command == "aws login --profile laptop"
    assert not found["people"].signs_in
    assert found["keys"].signs_in


@pytest.mark.parametrize(("hours", "signs_in"), [(2, True), (-2, False)])
def test_expiry_is_read_from_the_cache(home: Path, hours: int, signs_in: bool) -> None:
    moment = (datetime.now(UTC) + timedelta(hours=hours)).replace(microsecond=0)
    text = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    _cache(home, "sso", hashlib.sha1(b"acme").hexdigest() + ".json", {"expiresAt": text, "accessToken": "secret"})
    login = hashlib.sha256(b"arn:aws:iam::111122223333:user/ana").hexdigest() + ".json"
    _cache(home, "login", login, {"accessToken": {"expiresAt": text}})
    for name in ("people", "audit", "laptop"):
        profile = find_profile(name)
        assert profile is not None
        assert profile.expires == moment.isoformat()
        assert profile.signs_in is signs_in


def test_a_broken_cache_is_no_sign_in(home: Path) -> None:
    _cache(home, "sso", hashlib.sha1(b"acme").hexdigest() + ".json", {"expiresAt": 7})
    profile = find_profile("people")
    assert profile is not None
    assert profile.expires is None


def test_a_broken_configuration_has_no_profiles(home: Path) -> None:
    (home / "config").write_text("[profile\nnot = ini")
    assert list_profiles() == ()


def test_a_profile_that_is_not_there_is_a_sign_in_error(home: Path) -> None:
    with pytest.raises(SignInError, match="nobody"):
        open_session("nobody")


def test_the_region_comes_from_the_question_the_environment_or_the_profile(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert open_session("default").region_name == "eu-north-1"
    assert open_session("keys").region_name == "us-east-1"
    monkeypatch.setenv("AWS_REGION", "eu-west-3")
    assert open_session("default").region_name == "eu-west-3"
    assert open_session("default", ("ap-south-1",)).region_name == "ap-south-1"


def test_the_next_command_fits_the_kind(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "aws sso login --profile people" in next_command("people")
    assert "aws configure --profile keys" in next_command("ops")
    assert "credential_process" in next_command("broker")
    assert "aws login" in next_command()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    assert "AWS_SESSION_TOKEN" in next_command()


def _role_with_mfa(home: Path, live: FaultyDemo, monkeypatch: pytest.MonkeyPatch) -> None:
    """A role whose source are the demo's own credentials."""
    keys = live.demo.keys
    (home / "config").write_text(
        f"""
[profile base]
aws_access_key_id = {keys["aws_access_key_id"]}
aws_secret_access_key = {keys["aws_secret_access_key"]}
aws_session_token = {keys["aws_session_token"]}
[profile audit]
role_arn = arn:aws:iam::111122223333:role/AuditReader
source_profile = base
mfa_serial = arn:aws:iam::111122223333:mfa/ana
region = eu-central-1
"""
    )
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)


def test_mfa_codes_are_asked_for_by_us(home: Path, live: FaultyDemo, monkeypatch: pytest.MonkeyPatch) -> None:
    _role_with_mfa(home, live, monkeypatch)
    asked: list[str] = []

    def prompt(question: str) -> str:
        asked.append(question)
        return "123456"

    session = open_session("audit", mfa_prompt=prompt)
    assert (
        session.client("sts")
        .get_caller_identity()["Arn"]
        .startswith("arn:aws:sts::111122223333:assumed-role/AuditReader/")
    )
    assert len(asked) == 1
    assert "mfa/ana" in asked[0]


def test_without_anybody_to_ask_the_code_is_a_sign_in_error(
    home: Path, live: FaultyDemo, monkeypatch: pytest.MonkeyPatch
) -> None:
    from advisor.collect.live import collect_account

    _role_with_mfa(home, live, monkeypatch)
    with pytest.raises(SignInError, match="MFA code"):
        collect_account("audit")


def test_the_account_that_was_read_can_be_called_again(live: FaultyDemo) -> None:
    from advisor.collect.signin import identify, open_source
    from advisor.model.snapshot import Source

    session, endpoint = open_source(Source("live", "", endpoint_url=live.demo.endpoint_url))
    assert identify(session, endpoint)["Account"] == "111122223333"
    with pytest.raises(UsageError, match=r"account\.json"):
        open_source(Source("export", "account.json"))


def test_a_prompt_that_gives_up_ends_the_session_and_not_the_reading(live: FaultyDemo) -> None:
    def give_up(**_: object) -> None:
        raise SignInError("nobody answered")

    with live.reading() as reading:
        reading.clients.get("iam").get_account_summary = give_up
        assert reading.call("iam:GetAccountSummary") is None
        assert reading.expired.is_set()
        assert reading.gaps[0].reason == "nobody answered"
