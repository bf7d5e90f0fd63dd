"""One account measured in a process of its own: `python -m tests.bench.measure FOLDER` prints milliseconds as JSON."""

from __future__ import annotations

import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from advisor.access.difference import compare
from advisor.access.index import AccessIndex, build_index
from advisor.account import Advisor
from advisor.change.case import changed_account
from advisor.collect.files import read_files
from advisor.collect.saved import save
from advisor.graph.closed import closed_by
from advisor.graph.cut import Cut
from advisor.graph.paths import find_paths
from advisor.model.document import parse_document
from advisor.model.principal import PolicyVersion, Role, User
from advisor.model.snapshot import Snapshot
from tests.access.agreement import questions
from tests.generate.account import ACCOUNT, generate

ASKS = 40
PRINCIPALS = 20
CUT_UP_TO = 5_000
CHANGES = 12
"""Of a cut, each looked at by itself."""
OTHER = "444455556666"


Found = TypeVar("Found")


def timed(work: Callable[[], Found]) -> tuple[Found, float]:
    """The result of some work and its CPU milliseconds."""
    start = time.process_time()
    result = work()
    return result, (time.process_time() - start) * 1_000


def measure(folder: Path) -> dict[str, float]:
    files = [folder / "export.json", folder / "resources.json"]
    org = folder / "org.json"
    found: dict[str, float] = {}
    index = _first_answer(found, files, org)
    _who_can(found, index)
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    found["json_load"] = min(
        timed(lambda: [json.loads(path.read_bytes()) for path in (*files, org)])[1] for _ in range(3)
    )
    found["ratio"] = found["first_answer"] / found["json_load"]
    found["matrix"] = timed(lambda: index.matrix)[1]
    _what_can(found, index)
    _cold(found, index, folder)
    _paths(found, index)
    _compare(found, index)  # last: what it leaves in memory would burden the others
    return found


def _first_answer(found: dict[str, float], files: list[Path], org: Path) -> AccessIndex:
    snapshots, found["read"] = timed(lambda: read_files(files, org=org))
    index, found["build"] = timed(lambda: build_index(snapshots))
    _, found["first_ask"] = timed(lambda: index.who_can("s3:GetObject", "arn:aws:s3:::bucket-1/a/b"))
    found["first_answer"] = found["read"] + found["build"] + found["first_ask"]
    return index


def _who_can(found: dict[str, float], index: AccessIndex) -> None:
    asks = [ask for ask, _ in zip(questions(random.Random(7), len(index.principals)), range(ASKS), strict=False)]
    for ask in asks:
        index.who_can(*ask)
    times = [timed(partial(index.who_can, *ask))[1] for ask in asks]
    found["who_can"], found["who_can_worst"] = statistics.median(times), max(times)
    anywhere = [timed(partial(index.who_can, action))[1] for action, _, _ in asks[:8]]
    found["who_can_anywhere"], found["who_can_anywhere_worst"] = statistics.median(anywhere), max(anywhere)


def _what_can(found: dict[str, float], index: AccessIndex) -> None:
    names = random.Random(8).sample(sorted(index.principals), PRINCIPALS)
    for name in names:
        index.what_can(name)
    times = [timed(partial(index.what_can, name))[1] for name in names]
    found["what_can"], found["what_can_worst"] = statistics.median(times), max(times)

    administrators = [name for name in sorted(index.principals) if index.matrix.of(name).possible.others][:3]
    for name in administrators:
        index.what_can(name)
    found["what_can_admin"] = statistics.median(timed(partial(index.what_can, name))[1] for name in administrators)


def _compare(found: dict[str, float], index: AccessIndex) -> None:
    """The managed policy that most principals hold gets another statement; the new index is built as well."""
    few = edited(
        index.snapshots[0], {"Effect": "Allow", "Action": ["sqs:PurgeQueue", "s3:DeleteObject"], "Resource": "*"}
    )
    _, found["compare"] = timed(lambda: compare(index, build_index((few,))))
    if len(index.principals) <= CUT_UP_TO:
        all = edited(index.snapshots[0], {"Effect": "Allow", "Action": "*", "Resource": "*"})
        _, found["compare_admin"] = timed(lambda: compare(index, build_index((all,))))


def edited(snapshot: Snapshot, more: dict[str, Any]) -> Snapshot:
    """The account with another statement in the managed policy that most principals hold."""
    holders: dict[str, int] = {}
    everybody: tuple[User | Role, ...] = (*snapshot.users, *snapshot.roles)
    for holder in everybody:
        for arn in holder.attached:
            holders[arn] = holders.get(arn, 0) + 1
    busiest = max(holders, key=holders.__getitem__)
    at = next(at for at, policy in enumerate(snapshot.policies) if policy.arn == busiest)
    written = snapshot.policies[at].document
    assert written is not None
    statements = written.as_json()["Statement"]
    document = parse_document(
        {"Version": "2012-10-17", "Statement": [*(statements if isinstance(statements, list) else [statements]), more]}
    )
    changed = msgspec.structs.replace(snapshot.policies[at], versions=(PolicyVersion("v9", document, True),))
    policies = (*snapshot.policies[:at], changed, *snapshot.policies[at + 1 :])
    return msgspec.structs.replace(snapshot, policies=policies)


def _paths(found: dict[str, float], index: AccessIndex) -> None:
    """The search with all techniques and the paths of every principal; the cut, up to the size that has a limit."""
    account = Advisor(index.snapshots)
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime * 1_000
    _, found["paths"] = timed(lambda: find_paths(account))
    if len(index.principals) <= CUT_UP_TO:
        cut, found["cut"] = timed(account.cut)
        found["cut"] += resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime * 1_000 - children
        found["cut_gap"] = 100 * cut.gap
        _what_if(found, account, cut)
        accounts = Advisor(_two_accounts(len(index.principals) // 2))
        _, found["paths_across"] = timed(lambda: find_paths(accounts))


def _two_accounts(principals: int) -> list[Snapshot]:
    """Two accounts of that size, in the second of which each twentieth role trusts the first."""
    with tempfile.TemporaryDirectory() as folder:
        here, there = (_generated(principals, Path(folder), account) for account in (ACCOUNT, OTHER))
    trust = parse_document(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "sts:AssumeRole",
            },
        }
    )
    roles = (
        msgspec.structs.replace(role, trust=trust) if at % 20 == 0 else role for at, role in enumerate(there.roles)
    )
    return [here, msgspec.structs.replace(there, roles=tuple(roles))]


def _generated(principals: int, folder: Path, account: str) -> Snapshot:
    place = folder / account
    place.mkdir()
    export, resources, _ = generate(principals, account=account).write(place)
    return read_files([export, resources])[0]


def _what_if(found: dict[str, float], account: Advisor, cut: Cut) -> None:
    """The new paths after some changes of the cut, each by itself, and the count after some of them are left out."""
    some = cut.changes[:: max(len(cut.changes) // CHANGES, 1)]
    states = [changed_account(account, (change,)) for change in some]
    times = [timed(partial(find_paths, state))[1] for state in states]
    found["what_if"], found["what_if_worst"] = statistics.median(times), max(times)
    ticked = [tuple(change for change in cut.changes if change is not one) for one in some]
    times = [timed(partial(closed_by, account, changes, (), cut.paths))[1] for changes in ticked]
    found["recount"], found["recount_worst"] = statistics.median(times), max(times)


def _cold(found: dict[str, float], index: AccessIndex, folder: Path) -> None:
    """A fresh `advisor who-can` on the saved snapshot, as a user waits for it: the second of two, caches filled."""
    path = folder / "saved.json"
    save(index.snapshots[0], path)
    command = [str(Path(sys.executable).with_name("advisor"))]
    ask = [*command, "who-can", "iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/role-1", "--from", str(path), "--json"]
    for _ in range(2):
        start = time.perf_counter()
        subprocess.run(ask, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        found["cold"] = (time.perf_counter() - start) * 1_000
    for _ in range(2):
        parts = _from_outside("cold", path)
    found |= parts
    found |= _from_outside("app", path)


def _from_outside(module: str, path: Path) -> dict[str, float]:
    """What another process measured, which is told when it was started."""
    line = [sys.executable, "-m", f"tests.bench.{module}", str(path)]
    done = subprocess.run([*line, str(time.time())], check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


if __name__ == "__main__":
    if "--first-answer" in sys.argv:  # fills the bytecode folder
        _first_answer(
            {},
            [Path(sys.argv[1]) / "export.json", Path(sys.argv[1]) / "resources.json"],
            Path(sys.argv[1]) / "org.json",
        )
    else:
        print(json.dumps(measure(Path(sys.argv[1]))))
