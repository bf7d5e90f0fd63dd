"""One question put to every principal of the accounts at once.

Statements are matched once, not once a holder: those whose action fits are looked up, those whose resource and
conditions rule them out are dropped, and what remains of each document sorts the classes that hold it into groups with
one and the same formula. Each group is decided once, by the same `conclude` as a single request. A principal stands on
its own only where a statement in play reads its name, ARN or tags, or where the resource's policy names it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from advisor.access.personal import Own, PersonalContext, personal_keys
from advisor.access.principals import Class, Principal
from advisor.access.question import Question
from advisor.access.rests import Leftovers, Profile, Rest, Rests, as_layer, formulas_of
from advisor.access.statements import Entry
from advisor.access.surroundings import caller_of
from advisor.evaluate.exceptions import is_role_trust
from advisor.evaluate.layers import Parts, conclude_parts, parts_of, with_own
from advisor.evaluate.matching import LayerMatch, Matches, match_layers
from advisor.evaluate.policies import Layer, Origin, PolicySet
from advisor.evaluate.residual import Dnf
from advisor.evaluate.resources import PolicyKind
from advisor.evaluate.statement import Asked, CompiledStatement, match_rest
from advisor.model.verdict import Verdict

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex


class Unit(NamedTuple):
    """A class, or some members of it, with what remains of its documents and of its boundary."""

    found: Class
    members: list[Principal]
    rests: Rests
    boundary: Rest | None


class Part(NamedTuple):
    """A question to some classes only, about statements that are known to name its action."""

    classes: Sequence[Class]
    entries: Sequence[Entry]
    edges: Sequence[Entry]
    """Statements of boundaries."""
    verdicts: dict[object, Verdict]
    """What other questions about the same action have found already."""
    numbers: dict[object, int]
    """The numbers that they gave to formulas."""


class Others(NamedTuple):
    """Classes that answer alike, but for some. They are many and mostly denied: looked at when somebody asks."""

    first: Class
    alike: Sequence[Class]
    without: Collection[int]

    def classes(self) -> Iterator[Class]:
        return (found for found in self.alike if found.id not in self.without)


class Group:
    """Principals with one verdict."""

    __slots__ = ("_held", "_later", "_units", "verdict")

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        self._units: list[Unit] = []
        self._held: list[tuple[list[tuple[Class, Rests]], Callable[[Class], Rest | None]]] = []
        self._later: list[tuple[Others, Rest | None]] = []

    def add(self, unit: Unit) -> None:
        self._units.append(unit)

    def add_held(self, held: list[tuple[Class, Rests]], edge: Callable[[Class], Rest | None]) -> None:
        """Whole classes with what remains of their documents, made units when somebody asks for them."""
        self._held.append((held, edge))

    def add_later(self, others: Others, boundary: Rest | None) -> None:
        """Classes in whose documents nothing applies, made units when somebody asks for them."""
        self._later.append((others, boundary))

    @property
    def units(self) -> list[Unit]:
        while self._held:
            held, edge = self._held.pop()
            self._units += [Unit(found, found.members, rests, edge(found)) for found, rests in held]
        while self._later:
            others, boundary = self._later.pop()
            self._units += [Unit(found, found.members, (), boundary) for found in others.classes()]
        return self._units


class Sweep:
    """One question and what it leaves of every document."""

    def __init__(self, index: AccessIndex, question: Question, part: Part | None = None) -> None:
        self.index = index
        self.question = question
        self._part = part
        self._asked: dict[Profile, Asked] = {}
        self._shared: dict[Profile, tuple[PolicySet, Matches]] = {}
        self._parts: dict[Profile, Parts] = {}
        self._edges: dict[int, object] = {}
        self._readers: dict[int, tuple[tuple[CompiledStatement, PolicyKind], ...]] = {}
        self._groups: dict[object, Group] = {}
        self._read: dict[object, Dnf] = {}
        numbers: dict[object, int] = part.numbers if part is not None else {}
        self._identity = self._leftovers("identity", numbers)
        self._boundary = self._leftovers("boundary", numbers)
        self._named = index.named_by(question)

    def _leftovers(self, kind: PolicyKind, numbers: dict[object, int]) -> Leftovers:
        index, question, part = self.index, self.question, self._part
        asked = self.asked(index.classes[0].profile) if index.classes else None
        if part is not None:
            entries: Iterable[Entry] = part.entries if kind == "identity" else part.edges
        else:
            statements = index.statements if kind == "identity" else index.boundary_statements
            entries = statements.reaching(question.action, question.target)
        return Leftovers(question, kind, entries, asked, numbers, index.own_keys)

    # --- Groups ------------------------------------------------------------------------------------------------------

    def groups(self) -> list[Group]:
        """Every principal of every account (or of the part that is asked about) in exactly one group."""
        if self._part is not None:
            return self._groups_of(self._part.classes)
        touched = self.index.holders_of(self._identity.by_document)
        apart = self.index.classes_of_named(self._named)
        edged = {found.id for found in self.index.bounded_by(self._boundary.by_document)}
        chosen = {*touched, *apart, *edged} if apart or edged else touched.keys()
        classes = self.index.classes
        if apart or edged:
            self._sort([(classes[number], touched.get(number, ())) for number in chosen], apart)
        else:
            self._sort([(classes[number], rests) for number, rests in touched.items()], apart)
        for untouched in self.index.outside_of(chosen):
            self._add_all(untouched)
        return list(self._groups.values())

    def _sort(self, held: Iterable[tuple[Class, Rests]], apart: Collection[int]) -> None:
        """Classes by what remains of their documents: those of equal formulas under one boundary come together."""
        alike: dict[object, list[tuple[Class, Rests]]] = {}
        edges = self._edges
        for item in held:
            found, rests = item
            form = rests[0].form if len(rests) == 1 else formulas_of(rests)
            if form is None or found.id in apart:
                if found.id in apart or any(rest.keys for rest in rests):
                    self._add_members(found, rests)
                    continue
                rests = self._opened(rests, found.profile)
                form, item = formulas_of(rests), (found, rests)
            key = (edges[found.edge] if found.edge in edges else self._same_edge(found), form)
            known = alike.get(key)
            if known is None:
                alike[key] = [item]
            else:
                known.append(item)
        for items in alike.values():
            self._add_alike(items)

    def _groups_of(self, classes: Iterable[Class]) -> list[Group]:
        rests_of = self._identity.by_document
        held = [
            (found, tuple([rest for document in found.documents if (rest := rests_of.get(id(document))) is not None]))
            for found in classes
        ]
        self._sort(held, self.index.classes_of_named(self._named))
        return list(self._groups.values())

    def _opened(self, rests: Rests, profile: Profile) -> Rests:
        """Rests that read nothing of the principal but its account and kind, decided for all of a profile."""
        opened = self._identity.open
        return tuple([rest if rest.form else opened(rest, profile, self.asked(profile)) for rest in rests])

    def _same_edge(self, found: Class) -> object:
        """A key that is equal for classes of one stamp whose boundaries say the same."""
        boundary = self._boundary.around(found)
        is_open = boundary is not None and boundary.form is None
        key = found.edge if is_open or boundary is None else (found.stamp, boundary.allows, boundary.denies)
        self._edges[found.edge] = key
        return key

    def _add_alike(self, held: list[tuple[Class, Rests]]) -> None:
        """Classes of equal formulas under one boundary (or equal ones), none of whose members is named."""
        first, rests = held[0]
        boundary = self._boundary.around(first)
        if (boundary is not None and boundary.keys) or self._shared_readers(first.account):
            for found, remaining in held:
                self._add_members(found, remaining)
            return
        edge: Callable[[Class], Rest | None] = self._boundary.around
        if boundary is not None and boundary.personal:
            opened = boundary = self._boundary.open(boundary, first.profile, self.asked(first.profile))

            def edge(_: Class) -> Rest | None:
                return opened

        unit = Unit(first, first.members, rests, boundary)
        self._group(_key(first, rests, boundary, ()), unit).add_held(held, edge)

    def _add_members(self, found: Class, rests: Rests) -> None:
        """The members of a class one by one."""
        boundary = self._boundary.around(found)
        for member in found.members:
            self._add_member(member, found, rests, boundary)

    def _add_member(self, member: Principal, found: Class, rests: Rests, boundary: Rest | None) -> None:
        profile = found.profile
        if formulas_of(rests) is None:
            asked, own = self.asked(profile), self._identity.own
            rests = tuple([rest if rest.form else own(rest, member, profile, asked) for rest in rests])
        if boundary is not None and boundary.personal:
            boundary = self._boundary.own(boundary, member, profile, self.asked(profile))
        unit = Unit(found, [member], rests, boundary)
        if member.arn in self._named:
            self._put(("named", member.arn), unit)
            return
        shared: tuple[Dnf, ...] = ()
        if readers := self._shared_readers(found.account):
            keys = self._identity.own_of(member)
            shared = tuple([self._when(statement, keys, profile, kind) for statement, kind in readers])
        self._put(_key(found, rests, boundary, shared), unit)

    def _add_all(self, others: Others) -> None:
        """Classes of one profile in whose documents nothing applies."""
        first = others.first
        boundary = self._boundary.around(first)
        if not self._shared_readers(first.account):
            if boundary is not None and boundary.personal:
                boundary = self._boundary.open(boundary, first.profile, self.asked(first.profile))
            unit = Unit(first, first.members, (), boundary)
            self._group(_key(first, (), boundary, ()), unit).add_later(others, boundary)
            return
        for found in others.classes():
            for member in found.members:
                self._add_member(member, found, (), boundary)

    def _put(self, key: object, unit: Unit) -> None:
        self._group(key, unit).add(unit)

    def _group(self, key: object, unit: Unit) -> Group:
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = Group(self._verdict(unit))
        return group

    # --- What reads the principal ------------------------------------------------------------------------------------

    def _when(self, statement: CompiledStatement, own: Own, profile: Profile, kind: PolicyKind) -> Dnf:
        """When a shared statement applies to a principal: asked once for all who have the same of what it reads."""
        key = (id(statement), profile, tuple([own.get(name) for name in personal_keys(statement)]))
        found = self._read.get(key)
        if found is None:
            asked = self.asked(profile)
            asked = asked._replace(context=PersonalContext(own, asked.context))
            found = self._read[key] = match_rest(statement, asked, kind).when
        return found

    def _shared_readers(self, position: int) -> tuple[tuple[CompiledStatement, PolicyKind], ...]:
        """Statements of the layers that all of an account share which read what is particular to a principal."""
        found = self._readers.get(position)
        if found is None:
            found = self._readers[position] = tuple(self._find_readers((position, "user", False)))
        return found

    def _find_readers(self, profile: Profile) -> list[tuple[CompiledStatement, PolicyKind]]:
        policies, _ = self._around(profile)
        kind: PolicyKind = "trust" if is_role_trust(self.asked(profile)) else "resource"
        layers: list[tuple[PolicyKind, Layer]] = [("scp", level) for level in policies.scp or ()]
        layers += [("rcp", level) for level in policies.rcp or ()]
        layers += [(kind, policies.resource)] if policies.resource is not None else []
        layers += [(kind, policies.behind.layer)] if policies.behind is not None else []
        return [
            (statement, kind)
            for kind, layer in layers
            for item in layer.policies
            for statement in item.document.statements
            if personal_keys(statement) and statement.matches_action(self.question.service, self.question.name)
        ]

    # --- Deciding ----------------------------------------------------------------------------------------------------

    def asked(self, profile: Profile) -> Asked:
        """The request of somebody of a profile whom no policy names."""
        found = self._asked.get(profile)
        if found is None:
            found = self._asked[profile] = self.question.asked(self.index.nobody(*profile))
        return found

    def _verdict(self, unit: Unit) -> Verdict:
        """The verdict of a group; patterns without policies of their own share those of equal formulas."""
        if self._part is None or self.question.service == "iam":
            return self._decide(unit)
        found = unit.found
        policies, shared = self._around(found.profile)
        if (
            shared.resource is not None
            or policies.behind
            or policies.grants
            or policies.grant_gaps
            or policies.restrict_public_buckets
        ):
            return self._decide(unit)
        if self._shared_readers(found.account):
            return self._decide(unit)
        levels = (*(shared.scp or ()), *(shared.rcp or ()))
        formulas = tuple((id(item.statement), item.when) for level in levels for item in (*level.allows, *level.denies))
        key = (_key(found, unit.rests, unit.boundary, ()), formulas, policies.unread, self.question.place.account)
        known = self._part.verdicts.get(key)
        if known is None:
            known = self._part.verdicts[key] = self._decide(unit)
        return known

    def _decide(self, unit: Unit) -> Verdict:
        member, found = unit.members[0], unit.found
        if member.arn in self._named or self._shared_readers(found.account):
            asked = self.question.asked(caller_of(member))
            policies, shared = self._match_around(asked)
            parts = parts_of(asked, policies, shared)
        else:
            asked, (policies, _) = self.asked(found.profile), self._around(found.profile)
            parts = self._parts_around(found.profile)
        identity = as_layer(unit.rests, found.gaps, _OWN)
        parts = with_own(parts, asked, identity, _boundary_layer(found, unit.boundary))
        return conclude_parts(asked, policies, parts, strict=self.index.strict)

    def _parts_around(self, profile: Profile) -> Parts:
        """What the layers say that all of a profile share."""
        found = self._parts.get(profile)
        if found is None:
            found = self._parts[profile] = parts_of(self.asked(profile), *self._around(profile))
        return found

    def _around(self, profile: Profile) -> tuple[PolicySet, Matches]:
        """The layers that all of a profile share, matched once for those whom nothing names."""
        found = self._shared.get(profile)
        if found is None:
            found = self._shared[profile] = self._match_around(self.asked(profile))
        return found

    def _match_around(self, asked: Asked) -> tuple[PolicySet, Matches]:
        policies = self.index.surroundings.shared(asked.caller, self.question.resource, self.question.place)
        return policies, match_layers(asked, policies)


_OWN = Origin("", "inline", "")
_EDGE = Origin("", "boundary", "")


def _key(found: Class, rests: Rests, boundary: Rest | None, shared: tuple[Dnf, ...]) -> object:
    """What a verdict follows from: members with the same key are decided together."""
    form = formulas_of(rests)
    if boundary is None:
        return (found.stamp, form, shared)
    return (found.stamp, form, shared, boundary.allows, boundary.denies)


def _boundary_layer(found: Class, rest: Rest | None) -> LayerMatch | None:
    if found.boundary_arn is None:
        return None
    if rest is None:
        return LayerMatch(gaps=(found.boundary_gap,) if found.boundary_gap else ())
    return as_layer((rest,), (), _EDGE)
