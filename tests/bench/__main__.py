"""`make bench`: speed and memory on generated accounts, and the agreement of the index with single requests.

Every size is measured in a process of its own, in CPU seconds, so that other work on the machine does not count; only
the cold command is measured by the clock. Ratios are to `json.load` of the same files in the same process. The exit
code is 1 when a ratio or the growth from one size to the next is out of bounds, or when an answer disagrees. Targets in
absolute time and memory stand beside the figures, met or missed; on a busy or slow machine they are no reason to fail.

The measured process may keep bytecode, as an installed package does: a first answer is asked for once before anything
is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.access.agreement import disagreements, indexed
from tests.generate.account import generate

SIZES = (1_000, 5_000, 20_000)
MOST_TIMES_JSON = 4.0
GROWTH_MARGIN = 1.3
"""Linear growth, and what caches and memory add to it."""
GROWING = ("first_answer", "who_can", "what_can", "matrix")
TARGETS: dict[str, dict[int, float]] = {
    "first_ask": {5_000: 60, 20_000: 60},
    "who_can": {5_000: 10, 20_000: 25},
    "who_can_anywhere": {5_000: 150, 20_000: 1_000},
    "what_can": {5_000: 50, 20_000: 50},
    "what_can_admin": {5_000: 50, 20_000: 50},
    "matrix": {20_000: 2_000},
    "compare": {5_000: 2_000},
    "compare_admin": {5_000: 2_000},
    "memory": {20_000: 450},
    "cold": {20_000: 1_000},
    "paint": {1_000: 1_000},
    "key_worst": {20_000: 100},
    "paths": {1_000: 1_500, 5_000: 4_000, 20_000: 15_000},
    "cut": {5_000: 5_000},
    "cut_gap": {5_000: 1},
    "what_if": {5_000: 1_000},
    "recount": {5_000: 1_000},
    "ratio": {5_000: MOST_TIMES_JSON, 20_000: MOST_TIMES_JSON},
}
"""At most this many milliseconds (MB, times `json.load`) at a size."""
ROWS = (
    ("json_load", "json.load of the files", "ms"),
    ("read", "read the files", "ms"),
    ("build", "build the index", "ms"),
    ("first_ask", "first who-can", "ms"),
    ("first_answer", "files to first answer", "ms"),
    ("ratio", "  as times json.load", "×"),
    ("who_can", "who-can, warm, median", "ms"),
    ("who_can_worst", "who-can, warm, worst", "ms"),
    ("who_can_anywhere", "who-can on any resource, median", "ms"),
    ("who_can_anywhere_worst", "who-can on any resource, worst", "ms"),
    ("what_can", "what-can, warm, median", "ms"),
    ("what_can_worst", "what-can, warm, worst", "ms"),
    ("what_can_admin", "what-can of an administrator, warm, median", "ms"),
    ("matrix", "matrix of the account", "ms"),
    ("compare", "difference after one edit", "ms"),
    ("compare_admin", "difference after an edit that makes administrators", "ms"),
    ("memory", "memory at the end of who-can", "MB"),
    ("paths", "paths of every principal, all techniques", "ms"),
    ("paths_across", "paths over two accounts of half the size", "ms"),
    ("cut", "cheapest cut, checked by a new search", "ms"),
    ("cut_gap", "  its cost above the proven bound", "%"),
    ("what_if", "new paths after one change, median", "ms"),
    ("what_if_worst", "new paths after one change, worst", "ms"),
    ("recount", "paths counted after a tick in the cut, median", "ms"),
    ("recount_worst", "paths counted after a tick in the cut, worst", "ms"),
    ("cold", "cold `advisor who-can`, saved snapshot, clock", "ms"),
    ("cold_interpreter", "  of it the interpreter", "ms"),
    ("cold_imports", "  the command's imports", "ms"),
    ("cold_read", "  the snapshot from its index", "ms"),
    ("cold_build", "  tables of who holds what", "ms"),
    ("cold_ask", "  the answer", "ms"),
    ("paint", "the app's first screen, clock", "ms"),
    ("opened", "  with the saved account on it", "ms"),
    ("key", "a key in the question box, threads at work", "ms"),
    ("key_worst", "  the slowest of 13", "ms"),
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without the largest account; a tenth of the questions")
    quick = parser.parse_args().quick
    sizes = SIZES[:2] if quick else SIZES
    with tempfile.TemporaryDirectory() as folder:
        found = {size: _measure(size, Path(folder)) for size in sizes}
    _print_table(found)
    broken = [*_out_of_bounds(found), *_disagreements(10_000 if quick else 100_000)]
    for line in broken:
        print(f"out of bounds: {line}")
    return 1 if broken else 0


def _measure(size: int, folder: Path) -> dict[str, float]:
    place = folder / str(size)
    place.mkdir()
    generate(size).write(place)
    print(f"measuring {size:,} principals…", file=sys.stderr)
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if not (folder / "bytecode").exists():  # an installation is compiled, the app too: its first start pays no 0.7 s
        subprocess.run([sys.executable, "-c", "import screens.app, textual.pilot"], check=True, env=environment)
        _run(place, environment, "--first-answer")
    done = _run(place, environment)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _run(place: Path, environment: dict[str, str], *more: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "tests.bench.measure", str(place), *more]
    return subprocess.run(line, check=True, capture_output=True, text=True, env=environment)


def _print_table(found: dict[int, dict[str, float]]) -> None:
    print(f"{'principals':48}" + "".join(f"{size:>12,}" for size in found) + f"{'growth':>10}  target")
    for key, label, unit in ROWS:
        values = [measured.get(key, 0.0) for measured in found.values()]
        growth = f"{values[-1] / values[-2]:9.1f}×" if values[-2] else ""
        cells = "".join(f"{value:>9.1f} {unit:<2}" for value in values)
        print(f"{label:48}{cells}{growth if key not in ('ratio',) else '':>10}  {_target(key, found)}".rstrip())


def _target(key: str, found: dict[int, dict[str, float]]) -> str:
    """The targets of a row at each size that has one, each met or missed."""
    return "; ".join(
        f"≤ {most:,.0f} at {size:,}: {'met' if found[size][key] <= most else 'MISSED'}"
        for size, most in TARGETS.get(key, {}).items()
        if size in found
    )


def _out_of_bounds(found: dict[int, dict[str, float]]) -> list[str]:
    broken = [
        f"files to first answer at {size:,}: {measured['ratio']:.1f} × json.load, at most {MOST_TIMES_JSON} ×"
        for size, measured in found.items()
        if size >= 5_000 and measured["ratio"] > MOST_TIMES_JSON
    ]
    sizes = list(found)
    smaller, larger = sizes[-2], sizes[-1]
    for key in GROWING:
        most = larger / smaller * GROWTH_MARGIN
        growth = found[larger][key] / max(found[smaller][key], 0.5)
        if growth > most:
            broken.append(f"{key} grows {growth:.1f} × from {smaller:,} to {larger:,}, at most {most:.1f} ×")
    return broken


def _disagreements(wanted: int) -> list[str]:
    """The differential test at full size."""
    asked, found = 0, list[str]()
    seed = 100
    while asked < wanted:
        shape: dict[str, Any] = {"with_resources": seed % 3 != 1, "with_org": seed % 4 != 1}
        index = indexed(300 + 100 * (seed % 4), seed, **shape)
        more, differing = disagreements(index, seed, asks=100, principals_each=50)
        asked, seed = asked + more, seed + 1
        found += differing
    print(f"index and single requests: {asked:,} questions, {len(found)} disagreements")
    return found[:5]


if __name__ == "__main__":
    sys.exit(main())
