"""The access difference of two states of the accounts: who gained and lost which actions on which resources.

Only who is touched is evaluated again: principals with other statements, and everybody on a resource whose own policy
changed. `new-access` comes with a request that was evaluated on both sides; `proved` says that every touched class was
compared exactly and gained nothing; all else is `unknown`, with its reason.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from advisor.access.action_sets import EVERYTHING, NOTHING, ActionSet, set_of_patterns
from advisor.access.compared import About as Pair
from advisor.access.compared import Comparison, Turn
from advisor.access.index import AccessIndex, build_index
from advisor.access.requester import Requester
from advisor.access.resources_compared import Answered, resource_turns
from advisor.access.touched import Touched, Touching
from advisor.errors import InputError
from advisor.evaluate.context import Context
from advisor.model.difference import AccessChange, Difference
from advisor.model.document import Document, Statement, parse_document
from advisor.model.principal import InlinePolicy, Role
from advisor.model.snapshot import Snapshot, Source
from advisor.model.work import paused_collector


class About(NamedTuple):
    """Whose access is compared: all of `principals`, and who may assume the `roles`."""

    principals: Collection[str]
    roles: Collection[str] = ()

    def actions_of(self, principal: str) -> ActionSet:
        if principal in self.principals:
            return EVERYTHING
        return set_of_patterns(("sts:AssumeRole*",)) if self.roles else NOTHING

    def asks(self, answered: Answered) -> bool:
        return answered.principal in self.principals or answered.target in self.roles


def compare(old_index: AccessIndex, new_index: AccessIndex, about: About | None = None) -> Difference:
    """Access gained and lost from the old state to the new one, over all accounts in both.

    With `about` only what it asks for is worked out, and the verdict speaks of that alone.
    """
    with paused_collector():
        return _Work(old_index, new_index, about).difference()


class _Work:
    def __init__(self, old: AccessIndex, new: AccessIndex, about: About | None = None) -> None:
        self.old = old
        self.new = new
        self.about = about
        self._shared: dict[object, tuple[list[Turn], list[Pair]]] = {}
        self.changes: dict[tuple[object, ...], dict[str, None]] = {}
        self.reasons: dict[str, None] = {}
        self.gains = False
        self.witness: dict[str, object] | None = None

    def difference(self) -> Difference:
        for group in Touching(self.old, self.new).groups():
            for affected, members in self._parts(group):
                self._compare(group, affected, members)
        for answered in resource_turns(self.old, self.new):
            if self.about is None or self.about.asks(answered):
                self.take_answered(answered)
        return self.result()

    def _parts(self, group: Touched) -> Iterable[tuple[ActionSet, list[str]]]:
        """The members of a group that are asked about, by the actions that are."""
        if self.about is None:
            return [(group.affected, group.members)]
        parts: dict[ActionSet, list[str]] = {}
        for member in group.members:
            if asked := self.about.actions_of(member) & group.affected:
                parts.setdefault(asked, []).append(member)
        return parts.items()

    def _compare(self, group: Touched, affected: ActionSet, members: list[str]) -> None:
        """Compare one of the members, and those apart of whom the policies of resources say something else."""
        comparison = Comparison(
            Requester(self.old, members[0]) if group.old else None,
            Requester(self.new, members[0]) if group.new else None,
            affected,
            self._shared,
        )
        turns = list(comparison.turns())
        alike: dict[object, list[str]] = {}
        for member in members:
            alike.setdefault(comparison.mark(member), []).append(member)
        first, *others = alike.values()
        for turn in turns:
            self.take(turn, first)
        self.reasons |= comparison.doubts
        for part in others:
            self._compare(group, affected, part)

    def take(self, turn: Turn, members: Iterable[str]) -> None:
        for member in members:
            key = (turn.gains, member, turn.pattern, turn.before.decision, turn.after.decision, turn.conditions)
            self.changes.setdefault(key, {}).update(dict.fromkeys(turn.actions))
            if turn.gains:
                self.gains = True
                self._prove(member, turn.actions[0], turn.target, turn.context)
        if turn.doubt:
            self.reasons.setdefault(turn.doubt)

    def take_answered(self, answered: Answered) -> None:
        key = (
            answered.gains,
            answered.principal,
            answered.pattern,
            answered.before,
            answered.after,
            answered.conditions,
        )
        self.changes.setdefault(key, {}).update(dict.fromkeys(answered.actions))
        if answered.doubt:
            self.reasons.setdefault(answered.doubt)
        if answered.gains:
            self.gains = True
            self._prove(answered.principal, answered.actions[0], answered.target, answered.context)

    def _prove(self, principal: str, action: str, target: str, context: dict[str, tuple[str, ...]] | None) -> None:
        """Keep a request as the witness once both sides have really answered it."""
        if self.witness is not None or context is None:
            return
        before = self.old.can(principal, action, target, context)
        after = self.new.can(principal, action, target, context)
        if after.decision == "allowed" and before.decision in ("implicit-deny", "explicit-deny"):
            self.witness = {"principal": principal, "action": action, "resource": target, "context": context}

    def result(self) -> Difference:
        gained, lost = self._sorted(True), self._sorted(False)
        if self.witness is not None:
            return Difference("new-access", gained, lost, self.witness)
        if self.gains or self.reasons:
            reason = "; ".join(self.reasons) or "no request was found that shows the gain"
            return Difference("unknown", gained, lost, None, reason)
        return Difference("proved", gained, lost)

    def _sorted(self, gains: bool) -> tuple[AccessChange, ...]:
        found = [
            AccessChange(principal, tuple(sorted(actions)), resource, before, after, conditions)  # type: ignore[arg-type]
            for (is_gain, principal, resource, before, after, conditions), actions in self.changes.items()
            if is_gain == gains
        ]
        return tuple(sorted(found, key=lambda item: (item.principal, item.resource, item.actions[:1], item.after)))


# --- Two policies ----------------------------------------------------------------------------------------------------


def compare_policies(old_text: str, new_text: str) -> Difference:
    """What a policy allows that another one did not, and the other way round, whoever holds it.

    In a policy that names principals each named one is compared on its own.

    Raises:
        InputError: one of the texts is no policy.
    """
    old, new = _policy(old_text, "old"), _policy(new_text, "new")
    if not any(item.principals for document in (old, new) for item in document.statements):
        return _compare_documents("", old, new)
    if any(item.principals and item.principals.negated for document in (old, new) for item in document.statements):
        return Difference("unknown", reason="`NotPrincipal` is not compared")
    parts = [_compare_documents(name, _about(old, name), _about(new, name)) for name in _names(old, new)]
    return _together(parts)


def _policy(text: str, which: str) -> Document:
    try:
        return parse_document(text)
    except InputError as error:
        raise InputError(error.reason, file=which, place=error.place) from error


def _names(*documents: Document) -> list[str]:
    found: dict[str, None] = {}
    for document in documents:
        for statement in document.statements:
            element = statement.principals
            if element is not None:
                everyone = ("*",) if element.everyone else ()
                names = (*element.aws, *element.service, *element.federated, *element.canonical, *everyone)
                found.update(dict.fromkeys(names))
    return sorted(found)


def _about(document: Document, name: str) -> Document:
    """The statements about one principal, without naming it."""
    import msgspec

    kept: list[Statement] = []
    for statement in document.statements:
        element = statement.principals
        if element is None:
            continue
        names = (*element.aws, *element.service, *element.federated, *element.canonical)
        if element.everyone or name in names:
            resources = statement.resources if statement.resources or statement.not_resources else ("*",)
            kept.append(msgspec.structs.replace(statement, index=len(kept), principals=None, resources=resources))
    return Document(document.text, document.version, document.id, tuple(kept), f"{document.digest}/{name}")


_HOLDER = "arn:aws:iam::000000000000:role/holder"


def _compare_documents(name: str, old: Document, new: Document) -> Difference:
    """Whoever holds it: nothing of the principal is known, so all conditions on it are open."""
    sides = [_holding(document) for document in (old, new)]
    comparison = Comparison(sides[0], sides[1], EVERYTHING)
    work = _Work(sides[0].index, sides[1].index)
    work.witness = None
    for turn in comparison.turns():
        work.changes.setdefault(
            (turn.gains, name, turn.pattern, turn.before.decision, turn.after.decision, turn.conditions), {}
        ).update(dict.fromkeys(turn.actions))
        if turn.doubt:
            work.reasons.setdefault(turn.doubt)
        if turn.gains:
            work.gains = True
            if work.witness is None and turn.context is not None and _shows(sides, turn):
                context = turn.context
                work.witness = {
                    "principal": name, "action": turn.actions[0], "resource": turn.target, "context": context,
                }  # fmt: skip
    work.reasons |= comparison.doubts
    return work.result()


def _shows(sides: list[Requester], turn: Turn) -> bool:
    """Whether a gain really shows: both policies asked again with its context."""
    before, after = (
        side.action(turn.actions[0]).on(side.index.question(turn.actions[0], turn.target, turn.context or {}))
        for side in sides
    )
    return after.decision == "allowed" and before.decision in ("implicit-deny", "explicit-deny")


def _holding(document: Document) -> Requester:
    trust = parse_document('{"Version":"2012-10-17","Statement":[]}')
    role = Role(_HOLDER, "holder", trust, inline=(InlinePolicy("policy", document),))
    layers = ("identity", "boundary", "resource", "scp", "rcp", "endpoint")
    snapshot = Snapshot("000000000000", Source("policy", "", layers), "", roles=(role,))
    requester = Requester(build_index((snapshot,)), _HOLDER)
    requester.context = Context()
    return requester


def _together(parts: list[Difference]) -> Difference:
    gained = tuple(item for part in parts for item in part.gained)
    lost = tuple(item for part in parts for item in part.lost)
    witness = next((part.witness for part in parts if part.witness is not None), None)
    reasons = dict.fromkeys(part.reason for part in parts if part.reason)
    if witness is not None:
        return Difference("new-access", gained, lost, witness)
    if any(part.verdict == "unknown" for part in parts):
        return Difference("unknown", gained, lost, None, "; ".join(reasons))
    return Difference("proved", gained, lost)
