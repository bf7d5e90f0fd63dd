"""The parts of a cold `advisor who-can` on a saved snapshot, by the clock: `python -m tests.bench.cold FILE BEGUN`.

`BEGUN` is the time (seconds since 1970) at which the process was started.
"""

from __future__ import annotations

import json
import sys
import time

COLD = time.time()


def measure(file: str, begun: float) -> dict[str, float]:
    """Milliseconds of each part, in the order in which they happen."""
    from advisor.cli import ask, main  # noqa: F401 (what the command imports)
    from advisor.collect.files import read_files

    marks = [("interpreter", COLD - begun), ("imports", time.time() - COLD)]
    start = time.perf_counter()
    snapshots = read_files([file])
    is_read = time.perf_counter()
    from advisor.access.index import build_index

    index = build_index(snapshots)
    built = time.perf_counter()
    index.who_can("iam:PassRole", f"arn:aws:iam::{snapshots[0].account}:role/role-1")
    asked = time.perf_counter()
    marks += [("read", is_read - start), ("build", built - is_read), ("ask", asked - built)]
    return {f"cold_{name}": seconds * 1_000 for name, seconds in marks}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], float(sys.argv[2]))))
