"""Whom a change of the account touches, and in which actions: all others keep their answers unread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from advisor.access.action_sets import EVERYTHING, NOTHING, ActionSet, set_of
from advisor.access.principals import Class, Principal, lets_tag_sessions
from advisor.evaluate.policies import Layer
from advisor.evaluate.variables import VERSION_WITH_VARIABLES
from advisor.model.document import Document, Statement
from advisor.model.principal import Role

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex


class Touched(NamedTuple):
    """Principals that share their changes: one of them speaks for all. `old` or `new` says whether it is there."""

    members: list[str]
    affected: ActionSet
    old: bool
    new: bool


def content_of(document: Document, statement: Statement) -> tuple[object, ...]:
    """What of a statement counts: neither its place nor its Sid."""
    return (
        statement.effect,
        statement.actions,
        statement.not_actions,
        statement.resources,
        statement.not_resources,
        statement.principals,
        statement.conditions,
        document.version == VERSION_WITH_VARIABLES,
    )


def changed_actions(old: Iterable[Document], new: Iterable[Document]) -> ActionSet:
    """The actions that statements name which stand on one side only.

    Statements that differ in their actions alone (one was taken out) speak alike of all that both sides name.
    """
    before, after = {id(document): document for document in old}, {id(document): document for document in new}
    gone = _contents(document for key, document in before.items() if key not in after)
    come = _contents(document for key, document in after.items() if key not in before)
    kept = None
    sides: dict[tuple[object, ...], list[ActionSet]] = {}
    for side, contents in enumerate((gone, come)):
        for content, statement in contents.items():
            if content in gone and content in come:
                continue
            kept = kept if kept is not None else _contents(after[key] for key in before.keys() & after.keys())
            if content not in kept:
                alike = sides.setdefault((content[0], *content[3:]), [NOTHING, NOTHING])
                alike[side] |= set_of(statement)
    found = NOTHING
    for old_actions, new_actions in sides.values():
        found |= (old_actions - new_actions) | (new_actions - old_actions)
    return found


def _contents(documents: Iterable[Document]) -> dict[tuple[object, ...], Statement]:
    return {content_of(document, item): item for document in documents for item in document.statements}


class Touching:
    """Old and new side by side."""

    def __init__(self, old: AccessIndex, new: AccessIndex) -> None:
        self.old = old
        self.new = new
        self._of_classes: dict[tuple[int, int], ActionSet] = {}
        self._of_account: dict[str, ActionSet] = {}

    def groups(self) -> Iterator[Touched]:
        """The touched principals, those together whose relevant statements are the same."""
        groups: dict[object, Touched] = {}
        for arn in dict.fromkeys((*self.old.class_of, *self.new.class_of)):
            before, after = self.old.class_of.get(arn), self.new.class_of.get(arn)
            affected = self._affected(arn, before, after)
            if not affected:
                continue
            key = self._key(arn, before, after, affected)
            group = groups.get(key)
            if group is None:
                groups[key] = Touched([arn], affected, before is not None, after is not None)
            else:
                group.members.append(arn)
        yield from groups.values()

    # --- In which actions ---------------------------------------------------------------------------------------------

    def _affected(self, arn: str, before: Class | None, after: Class | None) -> ActionSet:
        if before is None or after is None:
            return EVERYTHING
        if _is_another(self.old.principals[arn], self.new.principals[arn]) or before.kind != after.kind:
            return EVERYTHING
        key = (before.id, after.id)
        found = self._of_classes.get(key)
        if found is None:
            found = self._of_classes[key] = self._between(before, after)
        return found

    def _between(self, before: Class, after: Class) -> ActionSet:
        if before.gaps != after.gaps or before.boundary_gap != after.boundary_gap:
            return EVERYTHING
        if (before.boundary_arn is None) != (after.boundary_arn is None):
            return EVERYTHING
        found = changed_actions(before.documents, after.documents)
        if before.boundary is not None and after.boundary is not None and before.boundary != after.boundary:
            found |= changed_actions((before.boundary,), (after.boundary,))
        return found | self._by_organization(self.new.snapshots[after.account].account)

    def _by_organization(self, account: str) -> ActionSet:
        """Actions in which the whole account is touched: by SCPs, by RCPs of whichever account, or by its place in the
        organization.
        """
        found = self._of_account.get(account)
        if found is None:
            found = self._of_account[account] = self._organization(account)
        return found

    def _organization(self, account: str) -> ActionSet:
        if self.old.places.of(account) != self.new.places.of(account):
            return EVERYTHING
        return _changed(self.old.surroundings.scps(account), self.new.surroundings.scps(account)) | self._by_rcps

    @cached_property
    def _by_rcps(self) -> ActionSet:
        """Actions in which everybody is touched: by the RCPs of the accounts in which resources stand."""
        found = NOTHING
        for account in dict.fromkeys((*accounts_of(self.old), *accounts_of(self.new))):
            found |= changed_by_rcps(self.old, self.new, account)
        return found

    # --- Who is alike -------------------------------------------------------------------------------------------------

    def _key(self, arn: str, before: Class | None, after: Class | None, affected: ActionSet) -> object:
        if self._is_personal(arn, before, after, affected):
            return arn
        return tuple(
            None
            if found is None
            else (found.profile, self._relevant(found, affected), found.boundary and id(found.boundary), found.gaps)
            for found in (before, after)
        )

    def _relevant(self, found: Class, affected: ActionSet) -> frozenset[tuple[int, int]]:
        return frozenset(
            (id(document), item.index)
            for document in found.documents
            for item in document.statements
            if set_of(item) & affected
        )

    def _is_personal(self, arn: str, before: Class | None, after: Class | None, affected: ActionSet) -> bool:
        """Whether a statement in play reads the principal, or a resource's policy names it."""
        for index, found in ((self.old, before), (self.new, after)):
            if found is None:
                continue
            if index.granted.names(arn) or any(trusts.names(arn) for trusts in index.trusts):
                return True
            documents = (*found.documents, *((found.boundary,) if found.boundary is not None else ()))
            levels = list(scps(index, index.snapshots[found.account].account) or ())
            for account in accounts_of(index):
                levels += rcps(index, account) or ()
            for document in (*documents, *(item for level in levels for item in level)):
                if index.vocabulary.personal_actions(document) & affected:
                    return True
        return False


Levels = list[list[Document]] | None
"""The policies of each level of the organization above an account, root first."""


def scps(index: AccessIndex, account: str) -> Levels:
    return _documents(index.surroundings.scps(account))


def rcps(index: AccessIndex, account: str) -> Levels:
    return _documents(index.surroundings.rcps(account))


def _documents(levels: tuple[Layer, ...] | None) -> Levels:
    return None if levels is None else [[item.document.document for item in level.policies] for level in levels]


def accounts_of(index: AccessIndex) -> list[str]:
    return [snapshot.account for snapshot in index.snapshots]


def changed_by_rcps(old: AccessIndex, new: AccessIndex, account: str) -> ActionSet:
    """Actions in which whoever asks about resources of an account is touched by its RCPs."""
    return _changed(old.surroundings.rcps(account), new.surroundings.rcps(account))


def _changed(old: tuple[Layer, ...] | None, new: tuple[Layer, ...] | None) -> ActionSet:
    """Actions that levels may decide otherwise: everything where other policies of theirs cannot be read."""
    if [level.gaps for level in old or ()] != [level.gaps for level in new or ()]:
        return EVERYTHING
    return _between_levels(_documents(old), _documents(new))


def _between_levels(old: Levels, new: Levels) -> ActionSet:
    if (old is None) != (new is None) or len(old or ()) != len(new or ()):
        return EVERYTHING
    found = NOTHING
    for one, other in zip(old or (), new or (), strict=True):
        if bool(one) != bool(other):
            return EVERYTHING
        found |= changed_actions(one, other)
    return found


def _is_another(one: Principal, other: Principal) -> bool:
    """Whether something that conditions can read differs."""
    if one is other:
        return False
    if isinstance(one, Role) and isinstance(other, Role) and lets_tag_sessions(one) != lets_tag_sessions(other):
        return True
    return one.tags != other.tags or one.id != other.id or one.path != other.path
