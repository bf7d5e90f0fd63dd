"""Dated lists that facts need (names of policies, actions, issuers): they stand in `knowledge/lists`."""

from __future__ import annotations

from advisor.reference.knowledge import load


def words(id: str) -> tuple[str, ...]:
    """The entries of one list, in its own order."""
    return tuple(load("lists")[id].items)
