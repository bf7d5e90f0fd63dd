"""One principal before and after: which actions it gained or lost, and on which resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from advisor.access.action_sets import EVERYTHING, NOTHING, ActionSet, set_of
from advisor.access.escapes import escapes, terms_of
from advisor.access.granted import is_about_roles
from advisor.access.instances import fits_action, instances, services_of, speaks_for_all
from advisor.access.offers import readers_around
from advisor.access.patterns import common
from advisor.access.readers import Reader
from advisor.access.requester import Asking, Candidates, Requester
from advisor.access.touched import accounts_of
from advisor.access.treatment import Cell, cells
from advisor.access.what_can import allowed_by, resource_patterns, within
from advisor.evaluate.context import Context
from advisor.evaluate.pattern import has_wildcard
from advisor.model.document import Statement
from advisor.model.gap import Gap
from advisor.model.verdict import Conditions, Verdict
from advisor.reference import catalogue

DENIED = Verdict("implicit-deny")
EVERY_ACTION = "*"
"""Stands for all that nothing else is told of."""

About = tuple[str, str]
"""A pattern, and an ARN that stands for it."""


class Turn(NamedTuple):
    """An action whose answer turned on one pattern. `gains`: something is allowed that was not."""

    actions: tuple[str, ...]
    pattern: str
    target: str
    before: Verdict
    after: Verdict
    gains: bool
    context: dict[str, tuple[str, ...]] | None
    """For a gain: a context in which it shows."""
    conditions: Conditions
    doubt: str = ""
    """Why it is not certain."""


class Comparison:
    """A principal in two states of the account; `None` where it is not there."""

    def __init__(
        self,
        old: Requester | None,
        new: Requester | None,
        affected: ActionSet = EVERYTHING,
        shared: dict[object, tuple[list[Turn], list[About]]] | None = None,
    ) -> None:
        self.old = old
        self.new = new
        self.affected = affected
        self._shared = shared
        """What comparisons of several principals found out, where nothing that they were asked about tells them apart.
        """
        self._known: dict[object, tuple[list[Turn], list[About]]] = {}
        self._sets: dict[str, tuple[ActionSet, ...]] = {}
        self._readers: dict[int, tuple[Requester, Reader]] = {}
        self._named: set[str] = set()
        self.doubts: dict[str, None] = {}
        """Why not everything could be compared exactly."""

    @property
    def _sides(self) -> list[Requester]:
        return [side for side in (self.old, self.new) if side is not None]

    def turns(self) -> Iterator[Turn]:
        """What turned, actions together that nothing tells apart."""
        universe = NOTHING
        sets: dict[ActionSet, None] = {}
        for side in self._sides:
            universe |= allowed_by(side)
            for _, actions in side.grants:
                universe |= actions
            sets.update((set_of(item), None) for layer, _ in side.layers() for item in _written(layer))
            sets.update(dict.fromkeys(side.index.controls.sets))
            sets.update((actions, None) for _, actions in side.grants)
        for cell in cells(universe & self.affected, sets):
            yield from self._of_cell(cell)
        yield from self._hidden(universe)

    def _hidden(self, told: ActionSet) -> Iterator[Turn]:
        """What policies that came and were not read may allow besides: unknown, where nothing was allowed before."""
        if self.new is None:
            return
        known = self.old.around.identity.gaps if self.old is not None else ()
        gaps = tuple(gap for gap in self.new.around.identity.gaps if gap not in known)
        if gaps and (rest := (within(self.new) & self.affected) - told):
            actions = (EVERY_ACTION,) if rest.others else tuple(rest)
            yield Turn(actions, "*", "*", DENIED, Verdict("unknown", gaps=gaps), True, None, (), _doubt(gaps))

    def mark(self, member: str) -> object:
        """Equal for principals with the same statements of whom the resources that were asked about say the same.

        Complete once all turns were taken.
        """
        if any(not self._named.isdisjoint((member, side.index.principals[member].id)) for side in self._sides):
            return member
        marks = []
        for side, reader in self._readers.values():
            population = side.index.population
            marks.append(reader.mark(population.number[member], population, side.context))
        return tuple(marks)

    def _of_cell(self, cell: Cell) -> Iterator[Turn]:
        """Actions that the caller's side does not tell apart; the policies of the resources asked about may do so."""
        turns, apart = self._by_caller(cell)
        for turn in turns:
            yield turn._replace(actions=tuple(cell.actions()))
        for about in apart:
            for part in cells(ActionSet({cell.service: cell.mask}), self._sets_on(about[1])):
                self._note_readers(part.example, about[1])
                for turn in self._compare(part.example, (about,)):
                    yield turn._replace(actions=tuple(part.actions()))

    def _by_caller(self, cell: Cell) -> tuple[list[Turn], list[About]]:
        """What turned where resources say nothing, and what to ask about resources with policies of their own."""
        old, new = self._sides_on(cell.example)
        grants = tuple(id(grant) for grant in self._grants(cell.example))
        special = cell.example if cell.service in ("sts", "kms", "iam") else services_of(cell.example)
        key = (old and old.key(), new and new.key(), cell.key, grants, special, self._kind)
        is_shared = self._shared is not None and cell.example not in self._personal
        known = self._shared if self._shared is not None and is_shared else self._known
        found = known.get(key)
        if found is None:
            targets = list(self._targets(cell.example, old, new))
            plain = [about for about in targets if not self._sets_on(about[1])]
            apart = [about for about in targets if self._sets_on(about[1])]
            found = known[key] = (list(self._compare(cell.example, plain)), apart)
        return found

    @cached_property
    def _kind(self) -> object:
        """What of each side tells principals apart, beside statements."""
        return tuple(
            None if side is None else (side.profile, (*_gaps(side),), side.caller.arn if _is_named(side) else "")
            for side in (self.old, self.new)
        )

    @cached_property
    def _personal(self) -> ActionSet:
        """The actions of statements that read who asks; everything for somebody who is not of the accounts."""
        found = NOTHING
        for side in self._sides:
            if side.profile is None:
                return EVERYTHING
            index, levels = side.index, [*(side.around.scp or ())]
            for account in accounts_of(index):
                levels += index.surroundings.rcps(account) or ()
            boundary = (side.around.boundary,) if side.around.boundary is not None else ()
            for layer in (side.around.identity, *boundary, *levels):
                for item in layer.policies:
                    found |= index.vocabulary.personal_actions(item.document.document)
        return found

    def _sides_on(self, action: str) -> tuple[Asking | None, Asking | None]:
        return (
            self.old.action(action) if self.old is not None else None,
            self.new.action(action) if self.new is not None else None,
        )

    def _sets_on(self, target: str) -> tuple[ActionSet, ...]:
        """The sets of actions that the resource's own policies of both sides tell apart."""
        found = self._sets.get(target)
        if found is None:
            found = self._sets[target] = tuple(item for side in self._sides for item in side.index.sets_on(target))
        return found

    def _note_readers(self, action: str, target: str) -> None:
        """Keep whom the policies around a resource name, and which statements of them read who asks."""
        for side in self._sides:
            question = side.index.question(action, target, {})
            self._named |= side.index.named_by(question)
            around = side.index.surroundings.shared(side.caller, target, question.place)
            for reader in readers_around(side.index, around, question.service, question.name):
                self._readers[id(reader)] = (side, reader)

    def _grants(self, action: str) -> list[Statement]:
        return [grant.written for side in self._sides for grant in side.grants_on(action)]

    def _compare(self, action: str, targets: Iterable[About]) -> Iterator[Turn]:
        old, new = self._sides_on(action)
        for pattern, target in targets:
            before, after = _verdict(old, target), _verdict(new, target)
            if _tell(before) == _tell(after):
                continue
            yield from self._turned(action, pattern, target, before, after)

    def _turned(self, action: str, pattern: str, target: str, before: Verdict, after: Verdict) -> Iterator[Turn]:
        if "unknown" in (before.decision, after.decision):
            doubt = _doubt((*before.gaps, *after.gaps))
            gains = after.decision in ("allowed", "conditional") or before.decision.endswith("deny")
            yield Turn((action,), pattern, target, before, after, gains, None, after.conditions, doubt)
            return
        side = self.new or self.old
        assert side is not None
        context = side.index.question(action, target, {}).around(side.context)
        if (gain := self._escape(after, before, context)) is not None:
            yield Turn((action,), pattern, target, before, after, True, gain[0], after.conditions, gain[1])
        if (loss := self._escape(before, after, context)) is not None:
            yield Turn((action,), pattern, target, before, after, False, None, before.conditions, loss[1])

    def _escape(
        self, wide: Verdict, narrow: Verdict, context: Context
    ) -> tuple[dict[str, tuple[str, ...]] | None, str] | None:
        """A context that one verdict allows and the other not, with what is doubtful; `None` where there is none."""
        found, complete = escapes(terms_of(wide), terms_of(narrow), context)
        if not found:
            if not complete:
                self.doubts.setdefault("too many conditions to compare")
            return None
        solved = next((escape.context for escape in found if escape.context is not None), None)
        return solved, "" if solved is not None else "no context was found that shows it"

    # --- Which resources ----------------------------------------------------------------------------------------------

    def _targets(self, action: str, old: Asking | None, new: Asking | None) -> Iterator[About]:
        """What an Allow of one side reaches, and what a Deny of one side cuts out."""
        if not catalogue.takes_resources(action):
            yield "*", "*"
            return
        seen: set[str] = set()
        for pattern in self._patterns(action, old, new):
            for shown, target in self._asked(action, pattern):
                if target not in seen and fits_action(target, action):
                    seen.add(target)
                    yield shown, target

    def _asked(self, action: str, pattern: str) -> Iterator[About]:
        service = action.partition(":")[0].lower()
        needs_policy = service == "kms" or (service == "sts" and is_about_roles(action))
        if has_wildcard(pattern) and needs_policy:
            for side in self._sides:
                for target, shown in side.index.targets(action, pattern, side.caller):
                    for arn in shown if not has_wildcard(target) else ():
                        yield arn, arn
            if service == "sts":
                return
        if not speaks_for_all(pattern):
            self.doubts.setdefault(f"`?` in the pattern `{pattern}`")
        account = self._sides[0].caller.account
        yield from (
            (pattern, target) for target in instances(pattern, action, account, self._sides[0].caller.partition)
        )

    def _patterns(self, action: str, old: Asking | None, new: Asking | None) -> dict[str, None]:
        found: dict[str, None] = {}
        for asking in (old, new):
            if asking is not None:
                found.update(self._reached(asking))
        for side in self._sides:
            for grant in side.grants_on(action):
                found.update(dict.fromkeys(grant.about(action)))
        cuts = self._cuts(old, new)
        found.update((part, None) for pattern in list(found) for cut in cuts for part in common(pattern, cut))
        return found

    def _reached(self, asking: Asking) -> dict[str, None]:
        context = asking.requester.context
        patterns = _of(asking.identity, context, allow=True)
        for limit in (*((asking.boundary,) if asking.boundary is not None else ()), *(asking.scp or ())):
            if limit.layer.policies:
                others = _of(limit, context, allow=True)
                patterns = dict.fromkeys(part for one in patterns for other in others for part in common(one, other))
        return patterns

    def _cuts(self, old: Asking | None, new: Asking | None) -> dict[str, None]:
        """Patterns of Deny statements, and of exceptions, that only one side has."""
        one, other = ({} if asking is None else _parts(asking) for asking in (old, new))
        return dict.fromkeys(
            text for text in {*one, *other} if (text in one) != (text in other) or text in _both(one, other)
        )


def _gaps(side: Requester) -> Iterator[Gap | None]:
    yield from side.around.identity.gaps
    yield None
    yield from side.around.boundary.gaps if side.around.boundary is not None else ()


def _is_named(side: Requester) -> bool:
    """Whether a resource's policy or a trust policy names the principal itself."""
    index, arn = side.index, side.caller.arn
    return index.granted.names(arn) or any(trusts.names(arn) for trusts in index.trusts)


def _both(one: dict[str, object], other: dict[str, object]) -> set[str]:
    """Texts that both sides have in different statements."""
    return {text for text in one.keys() & other.keys() if one[text] != other[text]}


def _parts(asking: Asking) -> dict[str, object]:
    """Patterns that take something away: of Deny statements, and of `NotResource`; each with its statements."""
    found: dict[str, frozenset[object]] = {}
    layers = (asking.identity, *((asking.boundary,) if asking.boundary is not None else ()), *(asking.scp or ()))
    for layer in layers:
        for _, statement in layer.statements:
            if not statement.allow or statement.not_resources:
                for entry in statement.resources or ():
                    found[entry.text] = found.get(entry.text, frozenset()) | {id(statement)}
    for cut in asking.requester.index.controls.cuts:
        if asking.name in cut.actions:
            found[cut.pattern] = found.get(cut.pattern, frozenset()) | {cut.by}
    return dict(found)


def _of(layer: Candidates, context: Context, *, allow: bool) -> dict[str, None]:
    return dict.fromkeys(
        pattern
        for _, statement in layer.statements
        if statement.allow == allow
        for pattern in resource_patterns(statement, context)
    )


def _verdict(asking: Asking | None, target: str) -> Verdict:
    if asking is None:
        return DENIED
    return asking.about(target)


def _doubt(gaps: Iterable[Gap]) -> str:
    named = ", ".join(dict.fromkeys(gap.resource or gap.call for gap in gaps))
    return f"what could not be read decides: {named}" if named else "what was never read decides"


def _tell(verdict: Verdict) -> tuple[object, ...]:
    """What of a verdict counts: both kinds of denial are the same to who asks for access."""
    if verdict.decision in ("implicit-deny", "explicit-deny"):
        return ("denied",)
    return (verdict.decision, verdict.conditions, verdict.gaps)


def _written(layer: object) -> Iterable[Statement]:
    for item in layer.policies:  # type: ignore[attr-defined]
        yield from item.document.document.statements
