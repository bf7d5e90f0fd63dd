"""An account is read whole through pages while AWS throttles, fails, cuts answers off and is late."""

from __future__ import annotations

import json
from pathlib import Path

from advisor.collect.files import read_files
from advisor.model.document import Document
from advisor.model.snapshot import Snapshot
from tests.generate.account import generate
from tests.load.collect import collect, serving

PRINCIPALS, SEED = 1_500, 1
MOST_MEGABYTES = 220
FAULTS = 60
"""Of a thousand answers; more than AWS ever had."""


def documents(snapshot: Snapshot) -> list[tuple[str, list[tuple[str, Document, bool]]]]:
    return [
        (policy.arn, [(version.id, version.document, version.is_default) for version in policy.versions])
        for policy in snapshot.policies
    ]


def test_a_large_account_is_read_whole_through_faults(tmp_path: Path) -> None:
    export = tmp_path / "export.json"
    export.write_text(json.dumps(generate(PRINCIPALS, SEED).export))
    (wanted,) = read_files([export])
    with serving(PRINCIPALS, SEED, FAULTS) as port:
        found = collect(port, tmp_path / "collected.json")
    snapshot = found.snapshot
    assert min(found.faults[kind] for kind in ("throttle", "unavailable", "cut", "late")) > 0, found.faults
    assert [user.arn for user in snapshot.users] == [user.arn for user in wanted.users]
    assert [(role.arn, role.trust, role.inline) for role in snapshot.roles] == [
        (role.arn, role.trust, role.inline) for role in wanted.roles
    ]
    assert documents(snapshot) == documents(wanted)
    assert {role.max_session_seconds for role in snapshot.roles} == {7200}
    assert sum(bool(user.sign_in.keys) for user in snapshot.users) == len(snapshot.users[::10])
    assert {gap.kind for gap in snapshot.gaps} == {"refused"}, [gap for gap in snapshot.gaps if gap.kind != "refused"]
    assert found.megabytes < MOST_MEGABYTES
