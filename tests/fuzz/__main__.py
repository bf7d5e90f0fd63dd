"""`python -m tests.fuzz`: every target in turn for FUZZ_SECONDS (600), from FUZZ_SEED on."""

from __future__ import annotations

import os
import sys
import time
from itertools import count

from tests.fuzz.targets import TARGETS, run_one

BATCH = 500


def main() -> int:
    deadline = time.monotonic() + float(os.environ.get("FUZZ_SECONDS", "600"))
    first = int(os.environ.get("FUZZ_SEED", time.time_ns() % 1_000_000_000))
    done = {target.__name__: 0 for target in TARGETS}
    for batch in count():
        for target in TARGETS:
            for seed in range(first + batch * BATCH, first + (batch + 1) * BATCH):
                try:
                    run_one(target, seed)
                except Exception as error:
                    print(f"{target.__name__} broke with seed {seed}: {type(error).__name__}: {error}")
                    return 1
                done[target.__name__] += 1
            if time.monotonic() > deadline:
                for name, number in done.items():
                    print(f"{number:>12,}  {name.replace('_', ' ')}")
                print(f"{sum(done.values()):>12,}  inputs, none broke a promise (first seed {first})")
                return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
