"""A short run of each fuzz target; `make fuzz` runs them for long."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from tests.fuzz.targets import TARGETS, run_one

INPUTS = 400


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.__name__)
def test_any_input_keeps_the_promise(target: Callable[[Random], None]) -> None:
    for seed in range(INPUTS):
        try:
            run_one(target, seed)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error}") from error
