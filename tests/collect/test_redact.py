"""A redacted snapshot names nobody and nothing, and answers as the account does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.account import Advisor
from advisor.collect.files import read_files
from advisor.collect.redact import Redaction
from advisor.collect.redact.addresses import Addresses, network_of
from advisor.collect.redact.words import Words
from advisor.collect.saved import dump, load
from advisor.model.document import Document
from advisor.model.gap import Gap
from advisor.model.resource import Resource
from advisor.model.snapshot import Snapshot, Source
from advisor.reference.globs import glob_match
from tests.collect.redact_account import ADMINISTRATOR, NAMES, SNAPSHOT
from tests.generate.account import generate
from tests.screens.account import write_files
from tests.shared_material import shared

QUESTIONS: tuple[tuple[str, str | None], ...] = (
    ("s3:GetObject", None),
    ("s3:GetObject", "{bucket}/*"),
    ("s3:PutObject", "{bucket}/in/*"),
    ("sqs:SendMessage", None),
    ("iam:PassRole", None),
    ("sts:AssumeRole", None),
    ("dynamodb:GetItem", None),
    ("dynamodb:PutItem", None),
    ("dynamodb:Query", None),
    ("dynamodb:DeleteTable", None),
    ("secretsmanager:GetSecretValue", None),
    ("kms:Decrypt", None),
    ("lambda:InvokeFunction", None),
)
Names = Callable[[str], str]
KEY = b"always the same, so that no short name comes up by chance"


def generated(folder: Path, seed: int) -> tuple[Snapshot, ...]:
    export, resources, org = generate(30, seed).write(folder)
    return read_files([export, resources], org=org)


def accounts(folder: Path) -> dict[str, tuple[Snapshot, ...]]:
    return {
        "every field": (SNAPSHOT,),
        "as files": read_files(write_files(folder)),
        **{f"generated {seed}": generated(folder, seed) for seed in range(3)},
    }


def questions(snapshot: Snapshot) -> list[tuple[str, str | None]]:
    buckets = [item.arn for item in snapshot.resources if item.kind == "s3:bucket"][:4]
    asked = [(action, written.format(bucket=one)) for action, written in QUESTIONS if written for one in buckets]
    return [
        *((action, None) for action, written in QUESTIONS if not written),
        *asked,
        *map(touching, snapshot.resources),
    ]


def touching(resource: Resource) -> tuple[str, str]:
    """An action on a resource of that kind."""
    actions = {"sqs": "SendMessage", "secretsmanager": "GetSecretValue", "kms": "Decrypt", "dynamodb": "GetItem"}
    service = resource.kind.partition(":")[0]
    return f"{service}:{actions[service]}" if service in actions else "s3:ListBucket", resource.arn


def said(advisor: Advisor, asked: Iterable[tuple[str, str | None]], name: Names) -> dict[str, Any]:
    """What an account answers, every name in it as `name` says."""
    paths, findings = advisor.paths(), advisor.findings()
    return {
        "who can": [who_can(advisor, action, resource, name) for action, resource in asked],
        "paths": sorted(
            (name(path.source), name(path.target), path.status, tuple(hop.technique for hop in path.hops))
            for path in paths.paths
        ),
        "admins": sorted(map(name, paths.admins)),
        "practices": [(one.id, one.status) for one in findings.practices],
        "findings": sorted(
            (one.practice, one.severity, one.status, sorted(map(name, one.resources))) for one in findings.findings
        ),
    }


def who_can(advisor: Advisor, action: str, resource: str | None, name: Names) -> Any:
    found = advisor.who_can(action, resource)
    rows = sorted((name(one.principal), one.decision, sorted(map(name, one.resources or ()))) for one in found)
    return rows, found.denied, found.denied_explicitly


def same(text: str) -> str:
    return text


@pytest.mark.parametrize("which", ["every field", "as files", "generated 0", "generated 1", "generated 2"])
def test_the_redacted_account_answers_as_the_account_does(which: str, tmp_path: Path) -> None:
    snapshots = accounts(tmp_path)[which]
    redaction = Redaction(snapshots)
    assert redaction.snapshots != snapshots
    asked = questions(snapshots[0])
    renamed = [(action, resource and redaction.name(resource)) for action, resource in asked]
    assert said(Advisor(redaction.snapshots), renamed, same) == said(Advisor(snapshots), asked, redaction.name)


def test_an_export_made_by_others_answers_alike() -> None:
    snapshots = read_files([shared("accounts/cloudsplaining-example.json")])
    redaction = Redaction(snapshots)
    one, other = Advisor(snapshots), Advisor(redaction.snapshots)
    for action in ("s3:GetObject", "iam:PassRole", "iam:CreateAccessKey", "sts:AssumeRole"):
        assert who_can(other, action, None, same) == who_can(one, action, None, redaction.name)


def test_no_name_of_the_account_is_left() -> None:
    text = dump(Redaction((SNAPSHOT,), KEY).snapshots[0]).decode().lower()
    assert [name for name in NAMES if name in text] == []


def test_every_name_that_is_searched_for_was_there() -> None:
    text = dump(SNAPSHOT).decode().lower()
    assert [name for name in NAMES if name not in text] == []


def test_what_is_aws_own_stays() -> None:
    text = dump(Redaction((SNAPSHOT,)).snapshots[0]).decode()
    for word in (
        "arn:aws:iam::aws:policy/AdministratorAccess", "lambda.amazonaws.com", "AWSServiceRoleForSupport",
        "role/aws-service-role/support.amazonaws.com/", "AWSReservedSSO_", "token.actions.githubusercontent.com:sub",
        "repo:", "/break-glass/", "the keys", "s3:GetObject", "eu-west-1", "FullAWSAccess", "python3.13", "CUSTOMER",
    ):  # fmt: skip
        assert word in text, word


AWS_OWN = {
    "AWSServiceRoleForSupport", "/aws-service-role/support.amazonaws.com/", "/aws-reserved/sso.amazonaws.com/",
    "description", "key_manager", "runtime", "aws:cloudformation:stack-name", ADMINISTRATOR,
}  # fmt: skip
"""Names of roles, paths, settings, tags and policies that AWS gives."""


def test_each_text_field_is_looked_at() -> None:
    """A new field is hidden before somebody thinks of it: only what is listed as AWS's own stays."""
    told: dict[str, str] = {}
    text = dump(Redaction((_marked(SNAPSHOT, told),)).snapshots[0]).decode().lower()
    assert len(told) > 150
    assert {value for mark, value in told.items() if mark in text} == AWS_OWN


def _marked(value: Any, told: dict[str, str]) -> Any:
    """The snapshot with a word of its own behind each text that is not listed as AWS's; `told` says which."""
    from advisor.collect.redact.account import _KEPT

    if isinstance(value, Document | Source):
        return value
    if isinstance(value, msgspec.Struct):
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        kept = {"reason", "makes_unknown"} if isinstance(value, Gap) else set()  # of these the names alone are hidden
        kept |= fields.keys() if getattr(value, "is_aws_managed", False) else _KEPT.get(type(value), frozenset())
        return type(value)(**{name: one if name in kept else _marked(one, told) for name, one in fields.items()})
    if isinstance(value, tuple):
        return tuple(_marked(one, told) for one in value)
    if isinstance(value, str):
        mark = "zq" + "".join(chr(ord("a") + int(digit)) for digit in f"{len(told):04}") + "qz"
        told[mark] = value
        return f"{value}{'/' if value.startswith('arn:') else ' '}{mark}"
    return value


def test_each_run_replaces_by_others_and_a_name_by_one_only() -> None:
    one, other = Redaction((SNAPSHOT,)), Redaction((SNAPSHOT,))
    assert one.snapshots != other.snapshots
    for redaction in (one, other):
        here = redaction.snapshots[0]
        assert here.users[0].arn == redaction.name(SNAPSHOT.users[0].arn)
        assert here.users[0].arn.endswith(f"/{here.users[0].name}")
        assert here.users[0].groups[0] == here.groups[0].name


def test_with_the_same_key_the_result_is_the_same() -> None:
    assert Redaction((SNAPSHOT,), b"k" * 32).snapshots == Redaction((SNAPSHOT,), b"k" * 32).snapshots


def test_a_redacted_file_can_be_read_and_redacted_again(tmp_path: Path) -> None:
    first = load(dump(Redaction((SNAPSHOT,)).snapshots[0]))
    again = Redaction((first,)).snapshots[0]
    assert (len(again.users), again.source.name) == (len(SNAPSHOT.users), "redacted")


TEXTS = st.text("aab1-", min_size=1, max_size=7)
PATTERNS = st.text("aab1-**?", min_size=1, max_size=6)


@settings(max_examples=300)
@given(
    st.lists(TEXTS, min_size=1, max_size=12),
    st.lists(PATTERNS, min_size=1, max_size=6),
    st.binary(min_size=8, max_size=8),
)
def test_a_pattern_fits_afterwards_what_it_fitted_before(names: list[str], patterns: list[str], key: bytes) -> None:
    words = Words(key)
    for text in (*names, *patterns):
        words.note(text)
    words.settle()
    assert len({words.changed(name) for name in names}) == len(set(names))
    for pattern in patterns:
        for name in names:
            now = glob_match(words.changed(pattern), words.changed(name))
            assert now == glob_match(pattern, name), (pattern, name, words.changed(pattern), words.changed(name))


@given(st.lists(st.ip_addresses(v=4), min_size=2, max_size=8), st.integers(1, 32), st.binary(min_size=8, max_size=8))
def test_addresses_of_one_network_stay_together(hosts: list[Any], length: int, key: bytes) -> None:
    addresses = Addresses(key)
    networks = [f"{host}/{length}" for host in hosts]
    for text in (*map(str, hosts), *networks):
        addresses.note(text)
    addresses.settle()
    for host, text in zip(hosts, networks, strict=True):
        before, after = network_of(text), network_of(addresses.changed(text))
        inside = network_of(addresses.changed(str(host)))
        assert before is not None and after is not None and inside is not None
        assert after.prefixlen == before.prefixlen
        if before.prefixlen >= 16:  # wider ones reach over the borders of private addresses
            assert inside.subnet_of(after)


def test_the_command_redacts_what_was_saved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from advisor.cli.main import run

    files = [word for file in write_files(tmp_path) for word in ("--from", file)]
    out = tmp_path / "shared.json"
    assert run(["collect", *files, "--redact", "-o", str(out)]) == 0
    told = capsys.readouterr()
    saved = out.read_text()
    for name in ("111122223333", "ben", "acme", "payroll", "Payroll"):
        assert f'"{name}' not in saved and f"-{name}" not in saved and name not in told.out + told.err, name
    assert json.loads(saved)["snapshot"]["source"]["name"] == "redacted"
    assert run(["who-can", "s3:GetObject", "--from", str(out), "--json"]) == 0
