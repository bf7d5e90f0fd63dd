"""Plans as files: what is written is read again, what is broken is named, what does not fit the account is refused."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from advisor.advice.templates import fill
from advisor.change.plan import Plan, as_yaml, check_plan, new_plan, read_plan, write_plan
from advisor.errors import InputError
from advisor.model.change import Change, Operation
from tests.change.small_account import ACCOUNT, advisor_of, iam, small_account


def plan() -> Plan:
    account = advisor_of(small_account())
    moved = fill("user-policies-to-group", account, iam("user/ana"), {"group": "data"})
    changes = (*fill("mfa-enforce", account), *moved)
    return new_plan(account, changes)


def test_a_plan_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    write_plan(plan(), path)
    assert read_plan(path) == plan()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["plan.yaml"]


def test_texts_that_look_like_other_things_stay_texts() -> None:
    change = Change(
        "x",
        "no",
        (Operation("iam", "TagUser", {"UserName": "012345670123", "Tags": [{"Key": "on", "Value": "2012-10-17"}]}),),
    )
    read = read_plan(as_yaml(Plan(ACCOUNT, "sha256:0", (change,))).encode())
    assert read.changes == (change,)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("schema: advisor/plan/2", "newer version"),
        ("[", "line "),
        ("schema: advisor/plan/1\naccount: a\naccount: b", "twice"),
        ("[" * 3000, "nested deeper"),
        ("schema: advisor/plan/1\naccount: '1'\nsnapshot: s\nchanges: [{id: x}]", "title"),
        ("schema: advisor/plan/1\naccount: '1'\nsnapshot: s\nchanges: 3", "changes"),
        ("a: &a [1]\nb: *a", "anchors"),
        ("!!python/object:os.system {}", "YAML"),
        ("\xff", "schema"),
    ],
)
def test_what_is_no_plan_is_named_with_its_place(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_plan(text.encode())
    with pytest.raises(InputError):
        read_plan(b"\xff\xfe")


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        read_plan(tmp_path / "nowhere.yaml")


def test_a_plan_for_another_account_or_with_open_values_is_not_applied() -> None:
    account = advisor_of(small_account())
    assert check_plan(plan(), account) == ()
    other = msgspec.structs.replace(plan(), account="444455556666")
    assert "444455556666" in check_plan(other, account)[0]
    open_value = new_plan(account, fill("trust-external-id", account, iam("role/vendor")))
    assert "external_id" in check_plan(open_value, account)[0]
    impossible = new_plan(account, (Change("x", "x", (Operation("iam", "DeleteGroup", {"GroupName": "people"}),)),))
    assert "cannot be made" in check_plan(impossible, account)[0]


def test_what_plan_show_prints_as_json_is_a_plan_too() -> None:
    import json

    from advisor.change.preview import preview
    from advisor.cli.plan import preview_document

    account, made = advisor_of(small_account()), plan()
    shown = {
        "schema": "advisor/plan/1",
        "account": {"id": made.account, "alias": "x"},
        "snapshot": {"digest": made.snapshot, "taken_at": "", "source": ""},
        "coverage": {"gaps": []},
        **preview_document(account, preview(account, made.changes)),
    }
    again = read_plan(json.dumps(shown).encode())
    assert (again.account, again.snapshot) == (made.account, made.snapshot)
    assert [(one.id, one.operations, one.undo) for one in again.changes] == [
        (one.id, one.operations, one.undo) for one in made.changes
    ]
