"""Reading accounts from files: every shape that is documented, and every way in which a file can be wrong."""

from __future__ import annotations

import copy
import gzip
import io
import json
import sys
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from advisor.collect import content
from advisor.collect.files import read_files
from advisor.collect.saved import save
from advisor.errors import InputError, UsageError
from tests.shared_material import shared

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


def role(name: str, account: str = "111122223333", **members: Any) -> dict[str, Any]:
    return {
        "Path": "/",
        "RoleName": name,
        "RoleId": f"AROA{name.upper()}",
        "Arn": f"arn:aws:iam::{account}:role/{name}",
        "CreateDate": "2024-01-02 03:04:05+00:00",
        "AssumeRolePolicyDocument": TRUST,
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": READ}],
        "AttachedManagedPolicies": [],
        **members,
    }


def export(*roles: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": list(roles), "Policies": [], **members}


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def put(value: Any, name: str = "account.json") -> Path:
        path = tmp_path / name
        path.write_bytes(value if isinstance(value, bytes) else json.dumps(value, indent=4).encode())
        return path

    return put


@pytest.mark.parametrize(
    ("name", "accounts"),
    [
        ("cloudsplaining-authz-details.json", {"012345678901": (3, 3)}),
        ("cloudsplaining-example.json", {"200611803367": (41, 75), "012345678901": (3, 3)}),
    ],
)
def test_real_exports_open(name: str, accounts: dict[str, tuple[int, int]]) -> None:
    found = read_files([shared(f"accounts/{name}")])
    assert {entry.account: (len(entry.users), len(entry.roles)) for entry in found} == accounts
    assert all(entry.source.read_layers == ("identity", "boundary") for entry in found)


@pytest.mark.parametrize(
    "document", [READ, json.dumps(READ), quote(json.dumps(READ))], ids=["object", "text", "url-encoded"]
)
def test_a_document_is_the_same_in_each_form(write: Any, document: Any) -> None:
    inline = [{"PolicyName": "own", "PolicyDocument": document}]
    (found,) = read_files([write(export(role("a", RolePolicyList=inline), role("b")))])
    first, second = (entry.inline[0].document for entry in found.roles)
    assert first is second


def test_pages_come_together_from_one_file_or_many(write: Any) -> None:
    pages = [export(role("a"), IsTruncated=True, Marker="next"), export(role("b"), IsTruncated=False)]
    one = write(b"\n".join(json.dumps(page).encode() for page in pages), "lines.json")
    many = [write(page, f"page-{at}.json") for at, page in enumerate(pages)]
    listed = write(pages, "listed.json")
    for files in ([one], many, [listed]):
        (found,) = read_files(files)
        assert [entry.name for entry in found.roles] == ["a", "b"]
        assert found.gaps == ()


def test_a_missing_last_page_is_a_gap(write: Any) -> None:
    (found,) = read_files([write(export(role("a"), IsTruncated=True, Marker="next"))])
    assert [gap.reason for gap in found.gaps] == ["the last page of the export is missing"]


def test_gzip_and_utf_16_are_recognized(write: Any) -> None:
    text = json.dumps(export(role("a")))
    for data in (gzip.compress(text.encode()), text.encode("utf-16"), b"\xef\xbb\xbf" + text.encode()):
        (found,) = read_files([write(data)])
        assert found.account == "111122223333"


def test_standard_input_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    data = json.dumps(export(role("a"))).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    (found,) = read_files(["-"])
    assert found.source.name == "standard input"
    with pytest.raises(UsageError):
        read_files(["-", "-"])


def test_exports_of_several_accounts_stand_together(write: Any) -> None:
    files = [write(export(role("a")), "one.json"), write(export(role("a", "444455556666")), "two.json")]
    assert [entry.account for entry in read_files(files)] == ["111122223333", "444455556666"]


def test_things_that_are_named_and_missing_are_gaps(write: Any) -> None:
    boundary = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/edge"}
    attached = [{"PolicyName": "ReadOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]
    user = {"UserName": "ana", "Arn": "arn:aws:iam::111122223333:user/ana", "GroupList": ["writers"]}
    value = export(role("a", PermissionsBoundary=boundary, AttachedManagedPolicies=attached), UserDetailList=[user])
    (found,) = read_files([write(value)])
    assert {gap.resource: gap.kind for gap in found.gaps} == {
        "arn:aws:iam::111122223333:policy/edge": "absent",
        "arn:aws:iam::aws:policy/ReadOnlyAccess": "absent",
        "arn:aws:iam::111122223333:group/writers": "absent",
    }


def test_the_default_version_is_the_one_that_the_policy_names(write: Any) -> None:
    versions = [
        {"VersionId": "v2", "Document": READ, "IsDefaultVersion": False},
        {"VersionId": "v1", "Document": TRUST | {"Statement": []}, "IsDefaultVersion": True},
    ]
    policy = {
        "PolicyName": "p",
        "Arn": "arn:aws:iam::111122223333:policy/p",
        "DefaultVersionId": "v2",
        "PolicyVersionList": versions,
    }
    (found,) = read_files([write(export(role("a"), Policies=[policy]))])
    document = found.policies[0].document
    assert document is not None
    assert document.as_json() == READ


def test_times_are_iso_8601_in_utc(write: Any) -> None:
    dates = ["2024-01-02 03:04:05+00:00", "2024-01-02T03:04:05Z", "2024-01-02T05:04:05+02:00", 1704164645, None]
    (found,) = read_files([write(export(*(role(f"r{at}", CreateDate=date) for at, date in enumerate(dates))))])
    assert [entry.created for entry in found.roles] == [
        "2024-01-02T03:04:05+00:00",
        "2024-01-02T03:04:05Z",
        "2024-01-02T03:04:05+00:00",
        "2024-01-02T03:04:05+00:00",
        None,
    ]


def test_a_list_of_resources_joins_the_account(write: Any) -> None:
    resources = [
        {"Arn": "arn:aws:s3:::payroll", "Policy": READ, "Tags": [{"Key": "team", "Value": "blue"}]},
        {"Arn": "arn:aws:sqs:eu-west-1:111122223333:jobs", "Policy": None},
        {"Arn": "arn:aws:s3:::elsewhere", "Account": "444455556666", "Tags": {"a": "b"}},
    ]
    ours, theirs = read_files([write(export(role("a"))), write(resources, "resources.json")])
    assert [(entry.arn, entry.kind, entry.account) for entry in ours.resources] == [
        ("arn:aws:s3:::payroll", "s3:bucket", "111122223333"),
        ("arn:aws:sqs:eu-west-1:111122223333:jobs", "sqs:queue", "111122223333"),
    ]
    assert ours.resources[0].tags == (("team", "blue"),)
    assert "resource" in ours.source.read_layers
    assert (theirs.account, theirs.roles, theirs.source.read_layers) == ("444455556666", (), ("resource",))


def test_organization_context_marks_its_layers_read(write: Any) -> None:
    level = {"target": "r-1", "policies": [{"name": "FullAWSAccess", "policy": READ}]}
    org = {
        "organization": {"Id": "o-1", "MasterAccountId": "444455556666"},
        "accounts": {"111122223333": {"scps": [level]}},
    }
    (found,) = read_files([write(export(role("a")))], org=write(org, "org.json"))
    assert found.source.read_layers == ("identity", "boundary", "scp")
    assert found.organization is not None
    assert found.organization.scps is not None
    assert found.organization.rcps is None


def test_a_saved_snapshot_is_recognized(write: Any, tmp_path: Path) -> None:
    (found,) = read_files([write(export(role("a")))])
    for name in ("saved.json", "saved.json.gz"):
        save(found, tmp_path / name)
        (again,) = read_files([tmp_path / name])
        assert again == found
    spread = tmp_path / "spread.json"
    spread.write_text(json.dumps(json.loads((tmp_path / "saved.json").read_text()), indent=2))
    assert read_files([spread]) == (found,)


def broken(change: Any) -> bytes:
    value = copy.deepcopy(export(role("a"), role("b")))
    change(value)
    return json.dumps(value).encode()


BROKEN = {
    "empty": (b"  ", "is empty"),
    "no JSON": (b'{"UserDetailList": [}', "line 1, column 21"),
    "half": (json.dumps(export(role("a"))).encode()[:-9], "truncated"),
    "NaN": (b'{"UserDetailList": NaN}', "no JSON"),
    "wrong type": (broken(lambda v: v["RoleDetailList"][1].update(Arn=7)), "RoleDetailList[1].Arn"),
    "no document": (broken(lambda v: v["RoleDetailList"][1].pop("AssumeRolePolicyDocument")), "RoleDetailList[1]"),
    "deep": (b'{"Other":' + b"[" * 100_000, "nested too deeply"),
    "deep document": (
        broken(lambda v: None).replace(b'"sts:AssumeRole"', b"[" * 100_000 + b"]" * 100_000, 1),
        "nested too deeply",
    ),
    "repeated list": (b'{"RoleDetailList": [], "RoleDetailList": []}', "the key `RoleDetailList` occurs twice"),
    "policy": (json.dumps(READ).encode(), "is a policy document, not an account"),
    "something else": (b'{"a": 1}', "is neither an account export nor"),
    "number": (b"7", "expected `object`"),
    "no UTF-8": (b'{"UserDetailList": [{"Arn": "\xff"}]}', ""),
    "nobody": (json.dumps(export()).encode(), "its account is not known"),
    "damaged gzip": (gzip.compress(b"{}")[:-6] + b"abcdef", "damaged gzip"),
    "short gzip": (gzip.compress(json.dumps(export(role("a"))).encode())[:-30], "ends too early"),
    "newer": (b'{"schema":"advisor/snapshot/2","documents":{},"snapshot":{}}', "newer version of the advisor"),
    "list of numbers": (b"[1]", "expected an object, got a number"),
    "resource without ARN": (b'[{"Arn": "payroll"}]', "`payroll` is no ARN"),
}


@pytest.mark.parametrize(("data", "says"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_says_what_and_where(write: Any, data: bytes, says: str) -> None:
    path = write(data)
    with pytest.raises(InputError) as caught:
        read_files([path])
    assert str(path) in str(caught.value)
    assert says in str(caught.value)


def test_two_readings_of_one_account_are_refused(write: Any) -> None:
    other = role("a", RolePolicyList=[])
    with pytest.raises(InputError, match="twice with different content"):
        read_files([write(export(role("a"))), write(export(other), "other.json")])


def test_a_gzip_bomb_is_stopped_early(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "_CHUNK", 1 << 16)
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
    path = write(bomb)
    with pytest.raises(InputError, match="unpacks to more than 1 MiB"):
        content.read_content(path, limit=1 << 20)


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(InputError) as caught:
            read_files([path])
        assert str(path) in str(caught.value)
