"""`python -m tests.load [PRINCIPALS]`: a collection of 20,000 principals through pages and faults, with its figures."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.load.collect import collect, serving

MOST_MEGABYTES = 700
FAULTS = 40
"""Of a thousand answers."""


def main(principals: int = 20_000) -> int:
    with tempfile.TemporaryDirectory() as folder, serving(principals, faults=FAULTS) as port:
        found = collect(port, Path(folder, "collected.json.gz"))
    snapshot = found.snapshot
    odd = [gap for gap in snapshot.gaps if gap.kind != "refused"]
    told = ", ".join(f"{number:,} {name}" for name, number in found.faults.items())
    print(f"{len(snapshot.users):,} users, {len(snapshot.roles):,} roles, {len(snapshot.policies):,} policies")
    print(f"answers: {told}; {len(odd)} gaps that are no refusal")
    print(f"{found.seconds:.0f} s, {found.cpu_seconds:.1f} s of processor time, at most {found.megabytes:.0f} MB")
    whole = len(snapshot.users) + len(snapshot.roles) == principals and not odd
    return 0 if whole and found.megabytes < MOST_MEGABYTES else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
