"""`plan`, `apply`, `undo`, `keep`, `journal`, on the demo account: shown, applied, journaled, taken back."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import yaml

from advisor.account import open_account
from advisor.change.plan import new_plan, write_plan
from advisor.cli.main import run
from advisor.model.change import Change, Operation
from advisor.model.effects import with_undo
from tests.cli.conftest import Advise
from tests.cli.test_ask import check_change
from tests.policies import document

ACCOUNT = "111122223333"
FINDING = "short-passwords"
MEANT = ("--demo", "--account", ACCOUNT)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal of its own for each test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: every test leaves the demo account, which lives as long as this process, as it was."""
    path = tmp_path_factory.mktemp("plan") / "plan.yaml"
    with redirect_stdout(io.StringIO()):
        assert run(["plan", "new", "-o", str(path), f"--findings={FINDING}", "--demo"]) == 0
    assert [change["template"] for change in yaml.safe_load(path.read_text())["changes"]] == ["password-policy"]
    return path


def test_a_plan_is_yaml_bound_to_account_and_snapshot(plan: Path) -> None:
    value = yaml.safe_load(plan.read_text())
    assert (value["schema"], value["account"]) == ("advisor/plan/1", ACCOUNT)
    assert value["snapshot"].startswith("sha256:")
    for change in value["changes"]:
        assert set(change) >= {"id", "title", "operations", "undo"}
    assert plan.stat().st_mode & 0o077 == 0


def test_without_ids_only_safe_changes_go_in_and_the_rest_has_its_reason(advise: Advise, tmp_path: Path) -> None:
    done = advise("plan", "new", "-o", tmp_path / "all.yaml", "--findings", "--demo", "--json")
    assert done.code == 0, done.err
    document = done.json
    assert document["changes"] and document["left_out"]
    for change in document["changes"]:
        check_change(change)
        assert change["reversible"] and change["operations"] and "needs" not in change
    assert all(left["reason"] for left in document["left_out"])


def test_a_finding_that_is_not_there_is_usage(advise: Advise, tmp_path: Path) -> None:
    for option in ("--findings=no-such", None):
        options = [option] if option else []
        assert advise("plan", "new", "-o", tmp_path / "p.yaml", *options, "--demo").code == 2
    assert not (tmp_path / "p.yaml").exists()


def test_a_plan_is_shown_with_all_that_it_would_do(advise: Advise, plan: Path) -> None:
    done = advise("plan", "show", plan, "--demo", "--json")
    assert done.code == 0, done.err
    document = done.json
    for change in document["changes"]:
        check_change(change)
        assert set(change["impact"]) == {"gained", "lost"}
    assert [call["call"] for call in document["calls"]] == ["iam:UpdateAccountPasswordPolicy"]
    assert {guard["sign"] for guard in document["guards"]} == {"yes"}
    assert {practice["after"] for practice in document["practices"]} == {"holds"}


def test_the_preview_is_shown_to_people_too(advise: Advise, plan: Path) -> None:
    text = advise("plan", "show", plan, "--demo").out
    assert "+   password policy: MinimumPasswordLength: 14" in text


@pytest.mark.parametrize("content", [b"", b"schema: advisor/plan/9\n", b"- a\n", b"a: &x [*x]\n", b"\xff"])
def test_what_is_no_plan_is_refused(advise: Advise, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.yaml"
    path.write_bytes(content)
    for command in (("plan", "show", path, "--demo"), ("apply", path, *MEANT, "--yes")):
        failed = advise(*command)
        assert failed.code == 3
        assert "broken.yaml" in failed.err


def test_a_plan_is_applied_journaled_and_taken_back(advise: Advise, plan: Path) -> None:
    before = advise("collect", "-o", "-", "--demo", "-q").out
    applied = advise("apply", plan, *MEANT, "--yes", "--json")
    assert applied.code == 0, applied.err
    run: dict[str, Any] = applied.json["run"]
    assert (run["status"], run["account"]) == ("finished", ACCOUNT)
    assert [step["status"] for step in run["steps"]] == ["done"]

    (listed,) = advise("journal", "--json").json["runs"]
    assert listed["id"] == run["id"]
    assert listed["is_demo"] and "demo, which ends with its process" in " ".join(advise("journal").out.split())
    shown = advise("journal", run["id"]).out
    assert "iam:UpdateAccountPasswordPolicy" in shown

    again = advise("apply", plan, *MEANT, "--yes")
    assert again.code == 1
    assert "unchanged" in again.err, "the account is no longer the one that the plan was made for"

    undone = advise("undo", *MEANT, "--yes", "--json")
    assert undone.code == 0, undone.err
    assert undone.json["run"]["status"] == "undone"
    after = advise("collect", "-o", "-", "--demo", "-q").out
    assert digest(after) == digest(before)


def digest(text: str) -> str:
    from advisor.collect.saved import load

    return load(text.encode()).digest


def test_the_dead_man_s_switch_takes_it_back(advise: Advise, plan: Path) -> None:
    done = advise("apply", plan, *MEANT, "--yes", "--undo-after", "1s", "--json")
    assert done.code == 0, done.err
    assert done.json["run"]["status"] == "undone"
    assert [step["status"] for step in done.json["run"]["steps"]] == ["undone"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--demo", "--account", "444455556666", "--yes"), "444455556666"),
        (MEANT, "nobody is there"),
        ((*MEANT, "--yes", "--undo-after", "soon"), "soon"),
        ((*MEANT, "--yes", "--override", "caller"), "GUARD=REASON"),
        ((*MEANT, "--yes", "--resume"), "--resume"),
    ],
)
def test_nothing_is_applied_that_was_not_meant(
    advise: Advise, plan: Path, state: Path, arguments: tuple[str, ...], said: str
) -> None:
    failed = advise("apply", plan, *arguments)
    assert failed.code in (1, 2)
    assert said in failed.err
    assert not list(state.rglob("*.jsonl"))


def on_emergency(folder: Path, statement: dict[str, Any]) -> Path:
    """A plan that puts a policy on the demo's emergency user."""
    account = open_account(demo=True)
    given = {"UserName": "emergency-1", "PolicyName": "new", "PolicyDocument": document(statement).as_json()}
    change = Change("x", "x", (Operation("iam", "PutUserPolicy", given, account=ACCOUNT),))
    write_plan(new_plan(account, (with_undo(change, account.snapshot),)), folder / "plan.yaml")
    return folder / "plan.yaml"


def test_yes_accepts_what_a_guard_cannot_decide_and_no_refusal(advise: Advise, tmp_path: Path, state: Path) -> None:
    deny = {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"}
    elsewhere = {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    undecided = on_emergency(tmp_path, {**deny, "Condition": elsewhere})
    assert "break-glass access would hang on conditions" in advise("plan", "show", undecided, "--demo").out
    assert advise("apply", undecided, *MEANT, "--yes").code == 0
    assert advise("undo", *MEANT, "--yes").code == 0

    refused = advise("apply", on_emergency(tmp_path, deny), *MEANT, "--yes")
    assert refused.code == 1
    assert "break-glass loses access" in refused.err and "--override break-glass=REASON" in refused.err
    assert len(list(state.rglob("*.jsonl"))) == 1, "the refused one began no run"


def test_a_file_cannot_be_changed(advise: Advise, plan: Path, export: Path) -> None:
    assert advise("apply", plan, "--from", export, "--account", ACCOUNT, "--yes").code == 2


def test_with_nothing_applied_there_is_nothing_to_undo_keep_or_resume(advise: Advise) -> None:
    for command in (("undo", *MEANT, "--yes"), ("keep",), ("apply", *MEANT, "--yes", "--resume"), ("journal", "1-1")):
        assert advise(*command).code == 2
    assert advise("journal", "--json").json["runs"] == []


def test_the_journal_says_what_it_cannot_read(advise: Advise, state: Path) -> None:
    folder = state / "iam-advisor" / "journal"
    folder.mkdir(parents=True)
    (folder / "2026-11-24-1.jsonl").write_text('{"line": "run", "schema": "advisor/journal/9"}\n')
    (folder / "2026-11-24-2.jsonl").write_text('{"line": "call", "step": 1}\n')
    done = advise("journal", "--json")
    assert [one["id"] for one in done.json["unread"]] == ["2026-11-24-2", "2026-11-24-1"]
    told = " ".join(done.err.split())  # folded to the width, wherever the state folder stands
    assert "run 2026-11-24-1 cannot be read" in told and "newer version" in told
    assert "is damaged" in advise("journal").err
