"""What stands around an action on a resource whoever asks: worked out once for all principals of an account and kind.

Resources that let in everybody, or a whole account, are part of what each principal can do. What their policies, SCPs
and RCPs say is the same for all who are not named and of whom they read nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.access.personal import personal_keys
from advisor.access.population import Profile
from advisor.access.question import Question
from advisor.access.requester import formulas_of
from advisor.access.statements import Numbers
from advisor.evaluate.matching import Matches, match_layers
from advisor.evaluate.policies import PolicySet
from advisor.evaluate.principals import Caller

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex

MOST = 20_000
"""Standings that are kept at hand."""


class Standing:
    """One action on one resource (or pattern), asked by somebody of a profile whom no policy names."""

    __slots__ = ("matches", "names", "policies", "question", "shape")

    def __init__(
        self, question: Question, policies: PolicySet, matches: Matches, names: frozenset[str], shape: int
    ) -> None:
        self.question = question
        self.policies = policies
        self.matches = matches
        self.names = names
        self.shape = shape
        """Equal where the same follows for whoever asks for the same treatment, but for the resource's own reasons."""

    def is_for(self, caller: Caller) -> bool:
        """Whether the caller is one of those who share it."""
        return self.names.isdisjoint((caller.arn, caller.principal, caller.id))


class Standings:
    """The standings of an index, made when first asked for."""

    def __init__(self, index: AccessIndex) -> None:
        self._index = index
        self._known: dict[object, Standing | None] = {}
        self._shapes = Numbers()

    def of(self, profile: Profile, action: str, target: str) -> Standing | None:
        """`None` where principals of a profile do not share it."""
        key = (profile, action, target)
        if key in self._known:
            return self._known.get(key)
        if len(self._known) >= MOST:
            self._known.clear()
        found = self._known[key] = self._make(profile, action, target)
        return found

    def _make(self, profile: Profile, action: str, target: str) -> Standing | None:
        index = self._index
        question = index.question(action, target, {})
        caller = index.nobody(*profile)
        policies = index.surroundings.shared(caller, target, question.place)
        if not _is_shared(policies, question):
            return None
        matches = match_layers(question.asked(caller), policies)
        follows = (policies.unread, policies.aws_managed_key, question.place.account, question.partition)
        shape = self._shapes.of((profile, question.surroundings, formulas_of(matches), *follows))
        return Standing(question, policies, matches, index.named_by(question), shape)


def _is_shared(policies: PolicySet, question: Question) -> bool:
    """Whether the layers say the same to everybody: nothing beside the policies, and none that reads the principal."""
    apart = policies.grants or policies.grant_gaps or policies.behind or policies.restrict_public_buckets
    if apart or question.service == "iam":
        return False
    layers = (*(policies.scp or ()), *(policies.rcp or ()), *((policies.resource,) if policies.resource else ()))
    return not any(
        personal_keys(statement)
        for layer in layers
        for item in layer.policies
        for statement in item.document.statements
        if statement.matches_action(question.service, question.name)
    )
