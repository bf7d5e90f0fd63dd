"""Applying: guarded, resumable after a kill at any moment, undone without loss, never twice at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from advisor.change import apply
from advisor.change.apply import Refused, resume
from advisor.change.armed import Arming, NotArmed
from advisor.change.journal import Journal, Step, journal_folder, locked, read_run, runs
from advisor.change.run import Engine
from advisor.change.undo import keep, last_run, seconds_left, wait_for_keep, waiting
from advisor.errors import AdvisorError, ApplyStopped, UsageError
from advisor.model.change import Operation
from tests.change.conftest import QUICK, Live
from tests.change.normal import normal
from tests.change.small_account import allow, document

TEXT = document(allow("sqs:ReceiveMessage")).as_json()
OTHER_TEXT = document(allow("sns:Publish")).text


def small_change(live: Live) -> tuple[Operation, ...]:
    account = live.account
    return (
        Operation(
            "iam", "PutUserPolicy", {"UserName": "eve", "PolicyName": "new", "PolicyDocument": TEXT}, account=account
        ),
        Operation("iam", "CreateAccessKey", {"UserName": "eve"}, account=account),
        Operation(
            "iam",
            "CreatePolicyVersion",
            {"PolicyArn": f"arn:aws:iam::{account}:policy/TeamData", "PolicyDocument": TEXT, "SetAsDefault": True},
            account=account,
        ),
    )


def state_of(live: Live) -> Any:
    """What the small change touches, without ids."""
    iam: Any = live.client("iam")
    versions = iam.list_policy_versions(PolicyArn=f"arn:aws:iam::{live.account}:policy/TeamData")["Versions"]
    return (
        iam.list_user_policies(UserName="eve")["PolicyNames"],
        [key["Status"] for key in iam.list_access_keys(UserName="eve")["AccessKeyMetadata"]],
        len(versions),
    )


def resumed(live: Live, run: str) -> Any:
    return resume(
        run,
        live.session,
        armed=live.armed,
        folder=live.folder,
        settings=QUICK,
        show_secret=lambda name, secret: live.shown.append((name, secret)),
    )


def killed_child(live: Live, when: str, at: int) -> None:
    """Apply the small change in a child process that is killed before or after its journal's n-th line is written."""
    plan = live.plan(*small_change(live))
    assert is_killed_in(lambda: live.apply(plan), when, at)


def is_killed_in(work: Callable[[], object], when: str, at: int) -> bool:
    """Work in a child that is killed before or after its n-th line of the journal; `False` where it ends before."""
    child = os.fork()
    if child:
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])
    apply.guards_for = lambda *_, **__: ()  # type: ignore[assignment]  # the child is forked: nobody else sees it
    write, written = Journal.write, [0]

    def deadly(journal: Journal, line: str, **fields: Any) -> None:
        written[0] += 1
        if when == "before" and written[0] == at:
            os.kill(os.getpid(), signal.SIGKILL)
        write(journal, line, **fields)
        if when == "after" and written[0] == at:
            os.kill(os.getpid(), signal.SIGKILL)

    Journal.write = deadly  # type: ignore[method-assign]
    try:
        work()
    finally:
        os._exit(0)


LINES = 8
"""The run, three steps with two lines each, the end."""
MOMENTS = [(when, at) for at in range(1, LINES + 1) for when in ("before", "after") if (when, at) != ("before", 1)]


@pytest.mark.parametrize(("when", "at"), MOMENTS)
@pytest.mark.parametrize("way_on", ["resume", "undo"])
def test_a_run_killed_at_any_moment_is_resumed_or_undone_with_nothing_lost_or_doubled(
    live: Live, when: str, at: int, way_on: str
) -> None:
    before = state_of(live)
    known = {state.id for state in runs(live.folder)}
    killed_child(live, when, at)
    (run,) = {state.id for state in runs(live.folder)} - known
    if way_on == "resume" and (when, at) != ("after", LINES):
        assert read_run(run, live.folder).status == "interrupted"
        resumed(live, run)
        policies, keys, versions = state_of(live)
        assert (policies, keys, versions) == ([*before[0], "new"], [*before[1], "Active"], before[2] + 1)
    live.undo(run)
    assert state_of(live) == before
    assert read_run(run, live.folder).status == "undone"


def test_a_read_only_session_or_another_account_changes_nothing(live: Live) -> None:
    plan, before = live.plan(*small_change(live)), state_of(live)
    with pytest.raises(NotArmed, match="read-only"):
        live.apply(plan, armed=None)
    with pytest.raises(NotArmed, match="444455556666"):
        live.apply(plan, armed=Arming("444455556666", 1e12))
    assert state_of(live) == before


def test_drift_of_what_a_call_touches_stops_before_the_call(live: Live) -> None:
    plan, before = live.plan(*small_change(live)), state_of(live)
    iam: Any = live.client("iam")
    iam.put_user_policy(UserName="eve", PolicyName="new", PolicyDocument=OTHER_TEXT)
    with pytest.raises(ApplyStopped, match="has changed since the account was read") as stopped:
        live.apply(plan)
    state = read_run(stopped.value.run, live.folder)
    assert (state.status, state.done) == ("stopped", 0)
    iam.delete_user_policy(UserName="eve", PolicyName="new")
    assert resumed(live, state.id).done == 3
    live.undo(state.id)
    assert state_of(live) == before


def test_a_failing_call_stops_and_says_what_is_done_and_what_is_not(live: Live) -> None:
    first, *_ = small_change(live)
    broken = Operation(
        "iam", "CreateSAMLProvider", {"Name": "x", "SAMLMetadataDocument": "short"}, account=live.account
    )
    last = Operation("iam", "CreateGroup", {"GroupName": "never"}, account=live.account)
    before = state_of(live)
    with pytest.raises(ApplyStopped, match="call 2, iam:CreateSAMLProvider") as stopped:
        live.apply(live.plan(first, broken, last))
    state = read_run(stopped.value.run, live.folder)
    assert [item.status for item in state.steps] == ["done", "failed", "todo"]
    assert last_run(live.account, live.folder).id == state.id
    live.undo(state.id)
    assert state_of(live) == before


def test_what_changes_while_it_runs_is_seen_right_before_the_call_that_touches_it(live: Live) -> None:
    plan, before = live.plan(*small_change(live)), state_of(live)
    iam: Any = live.client("iam")
    team = {"PolicyArn": f"arn:aws:iam::{live.account}:policy/TeamData"}

    def somebody_else(kind: str, step: Step) -> None:
        if (kind, step.number) == ("done", 2):
            iam.create_policy_version(**team, PolicyDocument=OTHER_TEXT)

    with pytest.raises(
        ApplyStopped, match=r"call 3.*versions of .*TeamData has changed since the account was read"
    ) as it:
        live.apply(plan, on_event=somebody_else)
    state = read_run(it.value.run, live.folder)
    assert [item.status for item in state.steps] == ["done", "done", "failed"]
    newest = iam.list_policy_versions(**team)["Versions"][-1]
    iam.delete_policy_version(**team, VersionId=newest["VersionId"])
    live.undo(state.id)
    assert state_of(live) == before


def test_a_run_that_failed_in_the_middle_goes_on_there(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    before, send, sent = state_of(live), Engine._send, list[str]()

    def once(engine: Engine, operation: Operation, results: dict[str, dict[str, Any]]) -> dict[str, Any]:
        sent.append(operation.operation)
        if sent == ["PutUserPolicy", "CreateAccessKey"]:
            raise ClientError({"Error": {"Code": "ServiceFailure", "Message": "try again"}}, operation.operation)
        return send(engine, operation, results)

    monkeypatch.setattr(Engine, "_send", once)
    with pytest.raises(ApplyStopped, match="call 2, iam:CreateAccessKey") as stopped:
        live.apply(live.plan(*small_change(live)))
    assert [item.status for item in read_run(stopped.value.run, live.folder).steps] == ["done", "failed", "todo"]
    state = resumed(live, stopped.value.run)
    assert (state.status, state.done) == ("finished", 3)
    assert sent == ["PutUserPolicy", "CreateAccessKey", "CreateAccessKey", "CreatePolicyVersion"]
    live.undo(state.id)
    assert state_of(live) == before


def test_while_one_process_applies_another_neither_applies_nor_resumes_nor_undoes(live: Live) -> None:
    before, plan = state_of(live), live.plan(*small_change(live))
    known = {state.id for state in runs(live.folder)}
    (at_work, tells), (waits, go_on) = os.pipe(), os.pipe()
    child = os.fork()
    if not child:

        def hold(kind: str, step: Step) -> None:
            if (kind, step.number) == ("calling", 2):
                os.write(tells, b"x")
                os.read(waits, 1)

        try:
            live.apply(plan, on_event=hold)
        finally:
            os._exit(0)
    os.read(at_work, 1)
    (run,) = {state.id for state in runs(live.folder)} - known
    for second in (lambda: live.apply(plan), lambda: resumed(live, run), lambda: live.undo(run)):
        with pytest.raises(AdvisorError, match="another run is at work"):
            second()
    assert read_run(run, live.folder).status == "running"
    os.write(go_on, b"x")
    os.waitpid(child, 0)
    assert (read_run(run, live.folder).status, read_run(run, live.folder).done) == ("finished", 3)
    live.undo(run)
    assert state_of(live) == before


def test_what_is_done_already_is_neither_done_again_nor_undone(live: Live) -> None:
    first, *_ = small_change(live)
    iam: Any = live.client("iam")
    plan = live.plan(first)
    iam.put_user_policy(UserName="eve", PolicyName="new", PolicyDocument=document(allow("sqs:ReceiveMessage")).text)
    state = live.apply(plan)
    assert [item.status for item in state.steps] == ["already"]
    live.undo(state.id)
    assert "new" in state_of(live)[0]
    iam.delete_user_policy(UserName="eve", PolicyName="new")


def test_undo_does_not_overwrite_what_others_have_done_since(live: Live) -> None:
    first, *_ = small_change(live)
    state = live.apply(live.plan(first))
    iam: Any = live.client("iam")
    iam.put_user_policy(UserName="eve", PolicyName="new", PolicyDocument=OTHER_TEXT)
    with pytest.raises(ApplyStopped, match="inline of User eve new"):
        live.undo(state.id)
    assert read_run(state.id, live.folder).status == "undo-stopped"
    iam.put_user_policy(UserName="eve", PolicyName="new", PolicyDocument=document(allow("sqs:ReceiveMessage")).text)
    assert live.undo(state.id).status == "undone"


def test_a_second_run_at_the_same_time_is_refused(live: Live) -> None:
    with locked(journal_folder(live.folder)), pytest.raises(AdvisorError, match="another run is at work"):
        live.apply(live.plan(*small_change(live)))


def test_a_refusing_guard_stops_it_and_an_override_with_a_reason_goes_into_the_journal(live: Live) -> None:
    remove = Operation(
        "iam",
        "UpdateAccessKey",
        {
            "UserName": "chris",
            "Status": "Inactive",
            "AccessKeyId": next(user for user in live.snapshot.users if user.name == "chris").sign_in.keys[0].id,  # type: ignore[index]
        },
        account=live.account,
    )
    plan = live.plan(remove)
    with pytest.raises(Refused) as refused:
        live.apply(plan, overrides={})
    assert [guard.id for guard in refused.value.guards] == ["recent-use"]
    with pytest.raises(UsageError, match="without a reason"):
        live.apply(plan, overrides={"recent-use": " "})
    state = live.apply(plan, overrides={"recent-use": "chris has left"}, ask=lambda guard: True)
    assert state.overrides == {"recent-use": "chris has left"}
    live.undo(state.id)


def test_what_nobody_keeps_is_undone_by_itself(live: Live) -> None:
    before = state_of(live)
    state = live.apply(live.plan(*small_change(live)), undo_after=0.0)
    assert [item.id for item in waiting(live.account, live.folder)] == [state.id]
    ended = wait_for_keep(state.id, lambda: live.undo(state.id), folder=live.folder)
    assert (ended.status, state_of(live)) == ("undone", before)
    assert waiting(live.account, live.folder) == ()


def test_what_is_kept_is_not_undone_by_itself_but_can_be_by_hand(live: Live) -> None:
    before = state_of(live)
    state = live.apply(live.plan(*small_change(live)), undo_after=60)
    assert (seconds_left(state) or 0) > 50
    keep(state.id, live.folder)

    def never() -> Any:
        raise AssertionError("it was kept")

    assert wait_for_keep(state.id, never, folder=live.folder).status == "kept"
    live.undo(state.id)
    assert state_of(live) == before


def test_journals_are_for_their_owner_only_and_a_torn_last_line_did_not_happen(live: Live) -> None:
    path = next(iter(sorted(live.folder.glob("*.jsonl"))))
    assert path.stat().st_mode & 0o777 == 0o600
    whole = read_run(path.stem, live.folder)
    path.write_bytes(path.read_bytes() + b'{"line":"call","st')
    assert read_run(path.stem, live.folder) == whole
    with pytest.raises(UsageError):
        read_run("../../etc/passwd", live.folder)


def test_the_account_is_in_the_end_as_it_was_at_the_start(live: Live) -> None:
    assert normal(live.collect()) == normal(live.snapshot)
