"""What keeps the app fluid on a large account while threads work: keys are answered before anything else.

Python runs one thread at a time. A thread that works hands over after a while, and its cyclic collector stops all of
them: a look through a whole account takes seconds. So threads hand over soon, what stays is not looked through, and the
rest is when nobody waits.
"""

from __future__ import annotations

import gc
import sys
import time

from advisor.model.work import keep_many

SWITCH_SECONDS = 0.001
"""So long a thread that works keeps the others from running; with Python's 5 ms a key waits for each of them."""
THRESHOLDS = (5_000, 20, 1_000_000)
"""New objects are looked through as always, old ones only by `tidy`."""
TIDY_SECONDS = 60
IDLE_SECONDS = 10
AWAY_SECONDS = 600
"""After so long nobody is there whom a look through everything could disturb."""


def begin() -> None:
    """At the start of the app."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.set_threshold(*THRESHOLDS)
    keep_many()


def keep() -> None:
    """What is there now stays: the collector need not look through it again."""
    gc.freeze()


def tidy(last_key: float, *, is_working: bool) -> None:
    """Free what only refers to itself, unless somebody types (`last_key` is a monotonic time) or a thread works.

    Called every `TIDY_SECONDS`; what is kept is looked through once, when nobody has typed for long.
    """
    idle = time.monotonic() - last_key
    if is_working or idle < IDLE_SECONDS:
        return
    is_away = AWAY_SECONDS <= idle < AWAY_SECONDS + TIDY_SECONDS
    if is_away:
        gc.unfreeze()
    gc.collect()
    if is_away:
        gc.freeze()
