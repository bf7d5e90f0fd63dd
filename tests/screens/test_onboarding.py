"""Without an account: what can be chosen, what each choice needs, and that nothing claims to know anything yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens.app import AdvisorApp
from screens.kept import remember_file
from tests.screens.stage import Stage, settle


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


async def test_without_credentials_the_demo_is_offered_and_how_to_connect_is_said() -> None:
    app = AdvisorApp()
    async with app.run_test(size=(80, 24)) as pilot:
        stage = Stage(app, pilot)
        text = await stage.text(0.2)
        assert "No AWS sign-in was found. Nothing is called until you choose." in text
        assert "▸ Try the demo account" in text
        assert "no AWS account, no credentials, no network" in text
        assert "aws iam get-account-authorization-details" in await stage.press("down")
        assert "aws configure sso" in await stage.press("down")


async def test_nothing_is_claimed_before_an_account_is_open() -> None:
    app = AdvisorApp()
    async with app.run_test(size=(80, 24)) as pilot:
        stage = Stage(app, pilot)
        await stage.text(0.2)
        for key in ("5", "a", "3"):
            text = await stage.press(key)
            assert "No account is open yet" in text
            assert "Welcome" in text
        assert "(a Ask)" in text
        text = await stage.press("c")
        assert "iam:GetAccountAuthorizationDetails" in text
        assert "all read" not in text


async def test_a_file_opened_before_is_offered_with_its_age(account_files: list[str]) -> None:
    remember_file(str(account_files[0]))
    app = AdvisorApp()
    async with app.run_test(size=(80, 24)) as pilot:
        stage = Stage(app, pilot)
        assert "opened before · written " in await stage.text(0.2)
        await stage.press("down", "down", "enter")
        await settle(pilot)
        assert "PRACTICES" in await stage.text(0.3)


async def test_profiles_say_how_they_sign_in(nobody: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = nobody / "config"
    config.write_text(
        "[profile acme-prod]\nsso_session = acme\nsso_account_id = 111122223333\nsso_role_name = Audit\n"
        "[sso-session acme]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    app = AdvisorApp()
    async with app.run_test(size=(80, 24)) as pilot:
        stage = Stage(app, pilot)
        text = await stage.text(0.4)
        assert "PROFILES" in text
        assert "sso · account 1111 2222 3333" in text
        assert "aws sso login" in await stage.press("end")
