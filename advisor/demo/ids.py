"""Ids that moto makes up, the same each time the story is told, whatever is asked meanwhile by other threads."""

from __future__ import annotations

from random import Random
from threading import local
from typing import Any

from moto.moto_api._internal.moto_random import MotoRandom

_here = local()


def steady_ids() -> None:
    """Let moto draw from a thread's own generator where it has one. Call it once, before anything is made."""
    MotoRandom.getrandbits = _getrandbits
    MotoRandom.random = _random


def draw_from(seed: int) -> None:
    """What this thread makes up from now on depends on the seed alone."""
    _here.generator = Random(seed)


def _getrandbits(self: Any, bits: int) -> int:
    generator: Random | None = getattr(_here, "generator", None)
    return generator.getrandbits(bits) if generator else Random.getrandbits(self, bits)


def _random(self: Any) -> float:
    generator: Random | None = getattr(_here, "generator", None)
    return generator.random() if generator else Random.random(self)
