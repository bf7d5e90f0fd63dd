"""`python -m tests.fuzz`: every target in turn for FUZZ_SECONDS (600), from FUZZ_SEED on."""

from __future__ import annotations

import os
import sys
import time

from tests.fuzz.targets import TARGETS, run_one

SLICE = 0.5
"""Seconds for each target before the next one has its turn."""


def main() -> int:
    deadline = time.monotonic() + float(os.environ.get("FUZZ_SECONDS", "600"))
    first = int(os.environ.get("FUZZ_SEED", time.time_ns() % 1_000_000_000))
    done = dict.fromkeys(TARGETS, 0)
    while time.monotonic() < deadline:
        for target in TARGETS:
            turn = time.monotonic() + SLICE
            while time.monotonic() < turn:
                seed = first + done[target]
                try:
                    run_one(target, seed)
                except Exception as error:
                    print(f"{target.__name__} broke with seed {seed}: {type(error).__name__}: {str(error)[:300]}")
                    print(f"after {sum(done.values()):,} inputs")
                    return 1
                done[target] += 1
    for target, number in done.items():
        print(f"{number:>12,}  {target.__name__.replace('_', ' ')}")
    print(f"{sum(done.values()):>12,}  inputs, none broke a promise (first seed {first})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
