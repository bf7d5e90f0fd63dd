"""Long work: it may be called off, and Python's cyclic collector need not look through what it makes."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class CalledOff(Exception):
    """What was being worked out is not wanted any more: a newer question took its place."""


def _always() -> bool:
    return True


_is_wanted: ContextVar[Callable[[], bool]] = ContextVar("is_wanted", default=_always)


@contextmanager
def while_wanted(is_wanted: Callable[[], bool]) -> Iterator[None]:
    """Work inside ends with `CalledOff` soon after `is_wanted` has become false; the thread that works asks it."""
    token = _is_wanted.set(is_wanted)
    try:
        yield
    finally:
        _is_wanted.reset(token)


def go_on() -> None:
    """Called by long work between its steps.

    Raises:
        CalledOff: it is not wanted any more.
    """
    if not _is_wanted.get()():
        raise CalledOff


MANY = 200_000
"""New objects that the collector would take a good part of a second to look through."""
_keeps: list[bool] = []


def keep_many() -> None:
    """From now on the collector is spared the many objects of one piece of work: an app must not stand still."""
    _keeps.append(True)


@contextmanager
def paused_collector() -> Iterator[None]:
    """Reading and building make many objects that all live on: the collector would only walk them again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            if _keeps and gc.get_count()[0] > MANY:
                gc.freeze()
            gc.enable()
