"""`paths`, `cut`, `compare`: shapes, exit codes, and that what is offered really works."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import ACCOUNT, Advise, allow, arn, policy, user
from tests.cli.test_ask import check_change, check_conditions, check_reasons

ESCALATING = {
    "UserDetailList": [
        user("ana", allow(["iam:AttachUserPolicy"], arn("user/ana"), Sid="OwnPolicies")),
        user("ben", allow("*")),
        user("cleo", allow("s3:GetObject")),
    ]
}


@pytest.fixture
def account(tmp_path: Path) -> Path:
    path = tmp_path / "escalating.json"
    path.write_text(json.dumps(ESCALATING))
    return path


def test_paths_have_the_shape_of_the_contract(advise: Advise, account: Path) -> None:
    done = advise("paths", "--from", account, "--json")
    document = done.json
    assert document["schema"] == "advisor/paths/1"
    assert document["admins"] == [arn("user/ben")]
    (path,) = document["paths"]
    assert set(path) == {"source", "target", "status", "hops"}
    assert (path["source"], path["status"]) == (arn("user/ana"), "open")
    for hop in path["hops"]:
        assert set(hop) >= {"technique", "actor", "target", "requires", "conditions", "state"}
        assert hop["state"] in ("seen", "assumed", "unknown")
        check_conditions(hop["conditions"])
        for need in hop["requires"]:
            assert set(need) == {"action", "resource", "because"}
            check_reasons(need["because"])
    assert path["hops"][0]["requires"][0]["because"][0]["sid"] == "OwnPolicies"
    assert done.code == 1


def test_without_an_open_path_it_ends_with_0(advise: Advise, account: Path) -> None:
    done = advise("paths", "--source", "cleo", "--from", account, "--json")
    assert (done.code, done.json["paths"]) == (0, [])


def test_a_source_that_is_not_there_is_usage(advise: Advise, account: Path) -> None:
    assert advise("paths", "--source", "nobody", "--from", account).code == 2


def test_the_cut_closes_every_path(advise: Advise, account: Path) -> None:
    done = advise("cut", "--from", account, "--json")
    document: dict[str, Any] = done.json
    assert done.code == 0
    assert (document["schema"], document["closes"], document["remaining"]) == ("advisor/cut/1", 1, [])
    assert isinstance(document["optimal"], bool) and isinstance(document["gap"], float)
    for change in document["changes"]:
        check_change(change)
        assert set(change["impact"]) == {"gained", "lost"}
        assert {item["principal"] for item in change["impact"]["lost"]} == {arn("user/ana")}


def test_nothing_but_the_document_stands_on_standard_output(account: Path) -> None:
    """The solver is native code and could write there by itself."""
    import subprocess
    import sys

    command = [sys.executable, "-m", "advisor", "cut", "--from", str(account), "--json"]
    assert json.loads(subprocess.run(command, capture_output=True, timeout=60).stdout)["closes"] == 1


def test_who_is_tolerated_is_left_alone(advise: Advise, account: Path) -> None:
    document = advise("cut", "--tolerate", "ana", "--from", account, "--json").json
    assert document["changes"] == []


def test_equal_accounts_are_proved_to_give_nothing_new(advise: Advise, account: Path) -> None:
    done = advise("compare", account, account, "--json")
    assert done.code == 0
    assert (done.json["verdict"], done.json["gained"], done.json["lost"]) == ("proved", [], [])
    assert "two accounts" not in done.err


def test_two_different_accounts_are_told_to_be_two(advise: Advise, account: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps(ESCALATING).replace(ACCOUNT, "444455556666"))
    said = " ".join(advise("compare", account, other).err.split())
    assert ACCOUNT in said and "444455556666: these are two accounts" in said


def test_new_access_comes_with_a_witness(advise: Advise, account: Path, tmp_path: Path) -> None:
    wider = tmp_path / "wider.json"
    wider.write_text(json.dumps(ESCALATING).replace('"s3:GetObject"', '"s3:Get*"'))
    done = advise("compare", account, wider, "--json")
    document = done.json
    assert done.code == 1
    assert document["schema"] == "advisor/compare/1"
    assert document["account"]["id"] == ACCOUNT and document["new"]["digest"] != document["snapshot"]["digest"]
    assert document["verdict"] == "new-access"
    assert set(document["witness"]) == {"principal", "action", "resource", "context"}
    assert document["witness"]["principal"] == arn("user/cleo")
    for item in document["gained"]:
        assert set(item) >= {"principal", "actions", "resource", "before", "after"}
    back = advise("compare", wider, account, "--json")
    assert (back.code, back.json["verdict"], back.json["gained"]) == (0, "proved", [])
    assert back.json["lost"]


def test_two_policies_are_compared(advise: Advise, tmp_path: Path) -> None:
    narrow, wide = tmp_path / "narrow.json", tmp_path / "wide.json"
    narrow.write_text(json.dumps(policy(allow("s3:GetObject", "arn:aws:s3:::a/*"))))
    wide.write_text(json.dumps(policy(allow("s3:GetObject", "arn:aws:s3:::*"))))
    assert advise("compare", "--policy", narrow, wide, "--json").json["verdict"] == "new-access"
    assert advise("compare", "--policy", wide, narrow).code == 0
    narrow.write_text("{")
    assert advise("compare", "--policy", narrow, wide).code == 3


def test_what_cannot_be_assumed_is_usage(advise: Advise, account: Path) -> None:
    done = advise("paths", "--assume", "lambda:functions", "--from", account)
    assert done.code == 2 and "lambda:function" in done.err


def test_paths_over_two_accounts(advise: Advise, account: Path, tmp_path: Path) -> None:
    trust = policy(
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "sts:AssumeRole"}
    )
    role = {"Arn": arn("role/deploy"), "RoleName": "deploy", "AssumeRolePolicyDocument": trust}
    role |= {
        "Path": "/",
        "RoleId": "AROAEXAMPLE",
        "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": policy(allow("*"))}],
    }
    prod = tmp_path / "prod.json"
    prod.write_text(json.dumps({"RoleDetailList": [role]}))
    theirs = json.loads(
        json.dumps({"UserDetailList": [user("dana", allow("sts:AssumeRole"))]}).replace(ACCOUNT, "444455556666")
    )
    dev = tmp_path / "dev.json"
    dev.write_text(json.dumps(theirs))
    (path,) = advise("paths", "--from", prod, "--from", dev, "--json").json["paths"]
    assert (path["source"], path["hops"][0]["technique"]) == ("arn:aws:iam::444455556666:user/dana", "x-xacct")


def test_ways_of_those_kept_for_emergencies_are_told_wherever_paths_are_counted(advise: Advise, tmp_path: Path) -> None:
    named = tmp_path / "kept.json"
    named.write_text(json.dumps(ESCALATING).replace("ana", "break-glass-1"))
    assert "1 tolerated of user/break-glass-1, kept for emergencies" in advise("paths", "--from", named).out
    done = advise("cut", "--from", named)
    assert "tolerated: user/break-glass-1, user/ben; 1 path left alone" in " ".join(done.out.split())
    assert (done.code, done.out.splitlines()[0]) == (0, "0 of 0 paths closed by 0 changes")


def test_lines_that_name_some_administrators_say_how_many_more_there_are(advise: Advise, tmp_path: Path) -> None:
    crowd = tmp_path / "crowd.json"
    crowd.write_text(json.dumps({"UserDetailList": [user(f"boss-{at}", allow("*")) for at in range(10)]}))
    assert "10 administrators: user/boss-0," in advise("paths", "--from", crowd).out
    for command in ("paths", "cut"):
        assert "user/boss-7 and 2 more" in " ".join(advise(command, "--from", crowd).out.split())
