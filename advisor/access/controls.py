"""Resource control policies of all accounts at once: a resource is under those of its own account, whoever asks."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import NamedTuple

from advisor.access.action_sets import ActionSet, set_of
from advisor.access.surroundings import Surroundings


class Cut(NamedTuple):
    """A pattern of resources from which a statement takes some actions, in one account."""

    actions: ActionSet
    pattern: str
    by: tuple[str, int]
    """The account, and the identity of the statement."""


class Controls:
    """What they name, made when first asked for."""

    def __init__(self, surroundings: Surroundings, accounts: Collection[str]) -> None:
        self._surroundings = surroundings
        self._accounts = accounts

    @cached_property
    def sets(self) -> tuple[ActionSet, ...]:
        """The sets of actions that they name in any account of the organizations."""
        return tuple(
            dict.fromkeys(
                set_of(statement)
                for organization in self._surroundings.organizations()
                for _, levels in organization.rcps or ()
                for level in levels
                for found in level.policies
                for statement in found.document.statements
            )
        )

    @cached_property
    def cuts(self) -> tuple[Cut, ...]:
        """What they take away in the accounts that were read."""
        return tuple(
            Cut(set_of(statement), pattern, (account, id(statement)))
            for account in self._accounts
            for level in self._surroundings.rcps(account) or ()
            for item in level.policies
            for statement in item.document.document.statements
            if not statement.allows or statement.not_resources
            for pattern in (*(statement.resources or ()), *(statement.not_resources or ()))
        )
