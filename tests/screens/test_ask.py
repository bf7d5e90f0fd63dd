"""Asking: the answer follows the typing, Enter leads to its reason."""

from __future__ import annotations

import msgspec
import pytest
from textual import events
from textual.widgets import Input

from advisor.account import Advisor
from advisor.collect.second_opinion import Check, Evaluation
from screens.fix import read_context
from tests.screens.stage import WIDE, staged


async def test_who_can_read_payroll_and_why_in_eleven_keys(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        keys = ["a", *"read", "space", *"pay", "enter"]
        assert len(keys) == 10
        text = await stage.press(*keys)
        assert "s3:GetObject on arn:aws:s3:::acme-payroll/*" in text
        assert "5 can · 1 if · 3 of 9 cannot" in text
        dora = next(line for line in text.splitlines() if " dora " in line)
        assert "PayrollRead" in dora
        assert "through ≡ hr" in dora
        verdict = await stage.press("enter")
        assert "✓ allowed" in verdict
        assert "▌" in verdict


async def test_the_verdict_stands_beside_the_list_on_a_wide_screen(account_files: list[str]) -> None:
    async with staged(account_files, WIDE) as stage:
        await stage.press("a", *"read", "space", *"pay", "enter")
        text = await stage.press("down", "down", "down")
        text = await stage.text(0.15)
        assert "── Partner" in text
        assert "has the resource" in text


async def test_a_condition_is_told_and_can_be_fixed(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        text = await stage.press("a", *"read", "space", *"pay", "enter", "G")
        assert "± ◆" in text
        dialog = await stage.press("f")
        assert "aws:MultiFactorAuthPresent=true" in dialog
        fixed = await stage.press("enter")
        assert "6 can" in fixed
        assert "1 if" not in fixed


async def test_can_answers_with_one_verdict(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.press("a", "ctrl+t")
        text = await stage.type("dora write payroll")
        text = await stage.press("enter")
        assert "– not granted" in text
        trace = await stage.press("enter")
        assert "no statement has the action" in trace


async def test_tab_completes_the_first_suggestion(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.press("a")
        await stage.type("read pay")
        text = await stage.text(0.15)
        text = await stage.press("tab")
        assert "s3:GetObject arn:aws:s3:::acme-payroll/*" in text


async def test_what_nobody_understands_says_what_to_try(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.press("a")
        await stage.type("zzz")
        assert 'Nothing here is called "zzz"' in await stage.text(0.15)


async def test_letters_are_text_in_the_box_and_escape_leaves_it(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.press("a")
        text = await stage.type("a1q")
        assert "a1q" in text
        assert "Home" in (await stage.press("escape")).splitlines()[2]


async def test_the_whole_policy_opens_with_its_statement_marked(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.press("a", *"read", "space", *"pay", "enter", "G", "enter")
        text = await stage.press("enter")
        marked = [line for line in text.splitlines() if "▌" in line]
        assert any("MfaRead" in line for line in marked)
        assert not any("ListAllMyBuckets" in line for line in marked)


@pytest.mark.parametrize("text", ["key", "=x", "a=b c"])
def test_a_context_must_be_key_and_value(text: str) -> None:
    with pytest.raises(ValueError, match="KEY=VALUE"):
        read_context(text)


def test_a_context_has_keys_in_lower_case_and_several_values() -> None:
    assert read_context("aws:SourceIp=10.0.0.1,10.0.0.2 s3:prefix=") == {
        "aws:sourceip": ("10.0.0.1", "10.0.0.2"),
        "s3:prefix": ("",),
    }


async def test_an_access_denied_message_is_explained(account_files: list[str]) -> None:
    message = (
        "User: arn:aws:iam::111122223333:user/dora is not authorized to perform: s3:PutObject on resource: "
        '"arn:aws:s3:::acme-payroll/x" because no identity-based policy allows the s3:PutObject action'
    )
    async with staged(account_files) as stage:
        await stage.press("a", "ctrl+t", "ctrl+t", "ctrl+t")
        stage.app.screen.query_one("#question", Input).value = message
        text = await stage.text(0.2)
        assert "AWS says: Identity: no policy allows it" in text
        assert "SMALLEST SAFE CHANGES THAT WOULD ALLOW IT" in text
        assert "– not granted" in await stage.press("enter")
        text = await stage.press("j", "enter")
        assert "› preview" in text
        assert "s3:PutObject on arn:aws:s3:::acme-payroll/x" in text.replace("\n", "")


async def test_a_message_of_several_lines_is_pasted_whole_and_aws_is_asked_about_its_id(
    account_files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def details(id: str, *_: object) -> tuple[Evaluation, ...]:
        asked.append(id)
        check = Check("scp", "EXPLICIT_DENY", ("arn:aws:organizations::444455556666:policy/o-1/p-guard",))
        return (Evaluation("s3:PutObject", "arn:aws:s3:::acme-payroll/x", "EXPLICIT_DENY", (check,)),)

    monkeypatch.setattr("advisor.collect.second_opinion.request_details", details)
    monkeypatch.setattr("advisor.collect.signin.open_source", lambda source, **_: (object(), None))
    message = (
        "An error occurred (AccessDenied) when calling the PutObject operation: User:\n"
        "arn:aws:iam::111122223333:user/dora is not authorized to perform: s3:PutObject on resource:\n"
        '"arn:aws:s3:::acme-payroll/x" with an explicit deny in a service control policy. Go to\n'
        "https://us-east-1.console.aws.amazon.com/iam/home#/authorization-details/example1a2b3c4d for "
        "complete details,\n"
        "or call the GetRequestAuthorizationDetails API with the following authorization id: example1a2b3c4d"
    )
    async with staged(account_files) as stage:
        snapshot = stage.app.session.snapshot
        assert snapshot is not None
        live = msgspec.structs.replace(snapshot, source=msgspec.structs.replace(snapshot.source, kind="live", name=""))
        stage.app.session.opened(Advisor((live,)))
        await stage.press("a", "ctrl+t", "ctrl+t", "ctrl+t")
        stage.app.screen.query_one("#question", Input).post_message(events.Paste(message))
        text = await stage.text(0.3)
    assert asked == ["example1a2b3c4d"]
    assert "AWS says: SCP: a statement denies it" in text
    assert "AWS evaluated s3:PutObject on arn:aws:s3:::acme-payroll/x: explicit_deny" in text
    assert "SCP explicit deny: p-guard" in text


async def test_what_is_no_such_message_says_what_it_lacks(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.press("a", "ctrl+t", "ctrl+t", "ctrl+t")
        stage.app.screen.query_one("#question", Input).value = "Encoded authorization failure message: abc"
        assert "aws sts decode-authorization-message opens it" in await stage.text(0.2)


async def test_the_verdict_offers_what_would_turn_it(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.press("a", *"read", "space", *"pay", "enter", "G")
        text = await stage.press("enter")
        assert "Take the condition off statement MfaRead" in text
        text = await stage.press("p")
        assert "› preview" in text
    assert "iam:SetDefaultPolicyVersion AuditRead" in text


async def test_ask_stands_in_explore_and_leads_back_to_where_it_was_asked_from(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.press("5", "a")
        await stage.type("read pay")
        text = await stage.press("enter")
        assert stage.app.screen._current_mode() == "explore"  # type: ignore[attr-defined]
        assert "5 can" in text
        assert "Home" in (await stage.press("1")).splitlines()[2]
        text = await stage.press("a")
        assert "Who can read pay" in text and "5 can" in text, "question and answer are as they were left"
        text = await stage.type("delete")
        assert "Who can delete" in text, "typing takes the place of what is selected"
        await stage.press("escape")
        assert "Home" in (await stage.press("escape")).splitlines()[2]


async def test_who_can_names_those_who_can_become_one_of_them(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        for _ in range(50):
            if stage.app.session.known_paths is not None:
                break
            await stage.text(0.1)
        await stage.press("a")
        await stage.type("read pay")
        await stage.press("enter")
        text = await stage.text(0.3)
        told = next(line for line in text.splitlines() if "more can become one of these" in line)
        assert "4444 5555 6666" in told and "v With via" in told
        assert "by becoming" in await stage.press("v")


@pytest.mark.parametrize("width", [80, 104, 120])
async def test_a_conditional_answer_shows_its_condition_at_every_width(account_files: list[str], width: int) -> None:
    async with staged(account_files, (width, 30)) as stage:
        await stage.press("a")
        await stage.type("read pay")
        text = await stage.press("enter")
        assert "if MFA" in next(line for line in text.splitlines() if "AuditReader" in line)
        assert "± allowed if" in text, "the legend"
