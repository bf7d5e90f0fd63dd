"""One question put to every principal of the accounts at once.

Statements are matched once, not once a holder: those whose action fits are looked up, those whose resource and
conditions rule them out are dropped, and what remains of each document sorts the classes that hold it into groups with
one and the same formula. Each group is decided once, by the same `conclude` as a single request. A principal stands on
its own only where a statement in play reads its name, ARN or tags, or where the resource's policy names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from advisor.access.personal import Own, PersonalContext, own_keys, personal_keys
from advisor.access.principals import Class, Principal
from advisor.access.question import Question
from advisor.access.statements import Entry
from advisor.access.surroundings import caller_of
from advisor.evaluate.exceptions import is_role_trust
from advisor.evaluate.layers import conclude
from advisor.evaluate.matching import Found, LayerMatch, Matches, match_layers
from advisor.evaluate.policies import Origin, PolicySet
from advisor.evaluate.principals import Named
from advisor.evaluate.residual import TRUE, Dnf
from advisor.evaluate.resources import PolicyKind
from advisor.evaluate.statement import Asked, CompiledStatement, match_rest
from advisor.model.document import Document
from advisor.model.gap import Gap
from advisor.model.verdict import Reason, Verdict

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex

Profile = tuple[int, str, bool]
"""Position of the account, kind, and whether there is a boundary."""


class Applying(NamedTuple):
    """A statement that applies to the question, and when."""

    document: Document
    statement: CompiledStatement
    when: Dnf


class Rest(NamedTuple):
    """What a question leaves of one document: statements that apply, and those that read the principal first."""

    applying: tuple[Applying, ...]
    personal: tuple[Entry, ...]
    key: frozenset[tuple[bool, Dnf]]


Rests = tuple[Rest, ...]


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
    verdicts: dict[object, Verdict]
    """What other questions about the same action have found already."""


class Group:
    """Principals with one verdict."""

    __slots__ = ("units", "verdict")

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        self.units: list[Unit] = []

    @property
    def count(self) -> int:
        return sum(len(unit.members) for unit in self.units)


_NOTHING = Rest((), (), frozenset())


class Sweep:
    """One question and what it leaves of every document."""

    def __init__(self, index: AccessIndex, question: Question, part: Part | None = None) -> None:
        self.index = index
        self.question = question
        self._part = part
        self._asked: dict[Profile, Asked] = {}
        self._shared: dict[Profile, tuple[PolicySet, Matches]] = {}
        self._readers: dict[int, tuple[tuple[CompiledStatement, PolicyKind], ...]] = {}
        self._groups: dict[object, Group] = {}
        self._personal: dict[tuple[object, ...], Dnf] = {}
        self._identity = self._rests("identity")
        self._boundary = self._rests("boundary")
        self._named = index.named_by(question)

    # --- What is left of each document -------------------------------------------------------------------------------

    def _rests(self, kind: PolicyKind) -> dict[int, Rest]:
        """What remains of each document in which something applies, by the identity of the document."""
        if not self.index.classes:
            return {}
        statements = self.index.statements if kind == "identity" else self.index.boundary_statements
        asked = self.asked(self.index.classes[0].profile)
        found: dict[int, tuple[list[Applying], list[Entry]]] = {}
        if self._part is not None and kind == "identity":
            entries: Iterable[Entry] = self._part.entries
        else:
            entries = statements.reaching(self.question.action, self.question.target)
        for entry in entries:
            compiled = entry.compiled
            if compiled.reads_principal:
                found.setdefault(id(entry.document), ([], []))[1].append(entry)
                continue
            match = match_rest(compiled, asked, kind)
            if match.when:
                applying = Applying(entry.document, compiled, match.when)
                found.setdefault(id(entry.document), ([], []))[0].append(applying)
        return {key: _rest(applying, personal) for key, (applying, personal) in found.items()}

    def _own_rest(self, rest: Rest, own: Own, profile: Profile, kind: PolicyKind) -> Rest:
        """The rest with the statements that read the principal decided for this one."""
        if not rest.personal:
            return rest
        applying = list(rest.applying)
        for entry in rest.personal:
            when = self._when(entry.compiled, own, profile, kind)
            if when:
                applying.append(Applying(entry.document, entry.compiled, when))
        return _rest(applying, [])

    def _when(self, statement: CompiledStatement, own: Own, profile: Profile, kind: PolicyKind) -> Dnf:
        """When a statement applies to a principal: asked once for all who have the same of what it reads."""
        values = tuple(own.get(key) for key in personal_keys(statement))
        key = (id(statement), kind, profile, values)
        found = self._personal.get(key)
        if found is None:
            context = PersonalContext(own, self.asked(profile).context)
            match = match_rest(statement, self.asked(profile)._replace(context=context), kind)
            found = self._personal[key] = match.when
        return found

    # --- Groups ------------------------------------------------------------------------------------------------------

    def groups(self) -> list[Group]:
        """Every principal of every account (or of the part that is asked about) in exactly one group."""
        if self._part is not None:
            for found in self._part.classes:
                held = (self._identity.get(id(document)) for document in found.documents)
                rests = tuple(rest for rest in held if rest is not None)
                is_named = any(member.arn in self._named for member in found.members)
                self._add(found, rests, self._boundary_rest(found), is_named)
            return list(self._groups.values())
        touched = self.index.holders_of(self._identity)
        apart = self.index.classes_of_named(self._named)
        edged = {found.id for found in self.index.bounded_by(self._boundary)}
        for number in {*touched, *apart, *edged}:
            found = self.index.classes[number]
            self._add(found, touched.get(number, ()), self._boundary_rest(found), number in apart)
        for untouched in self.index.outside_of({*touched, *apart, *edged}):
            self._add_all(untouched)
        return list(self._groups.values())

    def _boundary_rest(self, found: Class) -> Rest | None:
        return None if found.boundary is None else self._boundary.get(id(found.boundary), _NOTHING)

    def _add(self, found: Class, rests: Rests, boundary: Rest | None, is_named: bool) -> None:
        is_personal = any(rest.personal for rest in rests) or (boundary is not None and bool(boundary.personal))
        if is_named or is_personal or self._shared_readers(found.account):
            for member in found.members:
                self._add_member(member, found, rests, boundary)
        else:
            self._put(self._key(found, rests, boundary, ()), Unit(found, found.members, rests, boundary))

    def _add_member(self, member: Principal, found: Class, rests: Rests, boundary: Rest | None) -> None:
        own = self.own(member)
        rests = tuple(self._own_rest(rest, own, found.profile, "identity") for rest in rests)
        if boundary is not None:
            boundary = self._own_rest(boundary, own, found.profile, "boundary")
        unit = Unit(found, [member], rests, boundary)
        if member.arn in self._named:
            self._put(("named", member.arn), unit)
            return
        readers = self._shared_readers(found.account)
        shared = tuple(self._when(statement, own, found.profile, kind) for statement, kind in readers)
        self._put(self._key(found, rests, boundary, shared), unit)

    def _add_all(self, classes: list[Class]) -> None:
        """Classes of one profile in whose documents nothing applies."""
        first = classes[0]
        boundary = self._boundary_rest(first)
        if not self._shared_readers(first.account):
            units = [Unit(found, found.members, (), boundary) for found in classes]
            self._put(self._key(first, (), boundary, ()), *units)
            return
        for found in classes:
            for member in found.members:
                self._add_member(member, found, (), boundary)

    def _key(self, found: Class, rests: Rests, boundary: Rest | None, shared: tuple[Dnf, ...]) -> object:
        keys = rests[0].key if len(rests) == 1 else frozenset().union(*(rest.key for rest in rests))
        limit = boundary.key if boundary is not None else found.boundary_gap
        return (found.profile, keys, limit, found.gaps, shared)

    def _put(self, key: object, *units: Unit) -> None:
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = Group(self._known(key, units[0]))
        group.units += units

    def _known(self, key: object, unit: Unit) -> Verdict:
        """The verdict of a group; patterns without policies of their own share those of equal formulas."""
        if self._part is None or self.question.service == "iam":
            return self._decide(unit)
        policies, shared = self._around(unit.found.profile)
        if shared.resource is not None or policies.grants or policies.restrict_public_buckets:
            return self._decide(unit)
        levels = (*(shared.scp or ()), *(shared.rcp or ()))
        formulas = tuple((id(item.statement), item.when) for level in levels for item in (*level.allows, *level.denies))
        key = (key, formulas, policies.unread, self.question.place.account)
        found = self._part.verdicts.get(key)
        if found is None:
            found = self._part.verdicts[key] = self._decide(unit)
        return found

    # --- Deciding ----------------------------------------------------------------------------------------------------

    def asked(self, profile: Profile) -> Asked:
        """The request of somebody of a profile whom no policy names."""
        found = self._asked.get(profile)
        if found is None:
            found = self._asked[profile] = self.question.asked(self.index.nobody(*profile))
        return found

    def own(self, member: Principal) -> Own:
        """What is particular to a principal, but for what the asker fixed."""
        fixed = self.question.fixed
        keys = own_keys(member)
        return {key: value for key, value in keys.items() if key not in fixed} if fixed else keys

    def _shared_readers(self, position: int) -> tuple[tuple[CompiledStatement, PolicyKind], ...]:
        """Statements of the layers that all of an account share which read the principal."""
        found = self._readers.get(position)
        if found is None:
            policies, _ = self._around((position, "user", False))
            kind: PolicyKind = "trust" if is_role_trust(self.asked((position, "user", False))) else "resource"
            layers: list[tuple[PolicyKind, object]] = [("scp", level) for level in policies.scp or ()]
            layers += [("rcp", level) for level in policies.rcp or ()]
            layers += [(kind, policies.resource)] if policies.resource is not None else []
            found = self._readers[position] = tuple(
                (statement, kind)
                for kind, layer in layers
                for item in layer.policies  # type: ignore[attr-defined]
                for statement in item.document.statements
                if statement.reads_principal and statement.matches_action(self.question.service, self.question.name)
            )
        return found

    def _decide(self, unit: Unit) -> Verdict:
        member, found = unit.members[0], unit.found
        alone = member.arn in self._named or bool(self._shared_readers(found.account))
        if alone:
            asked = self.question.asked(caller_of(member))
            policies, shared = self._match_around(asked)
        else:
            asked = self.asked(found.profile)
            policies, shared = self._around(found.profile)
        matches = shared._replace(
            identity=_layer(unit.rests, found.gaps, _OWN), boundary=_boundary_layer(found, unit.boundary)
        )
        return conclude(asked, policies, matches, strict=self.index.strict)

    def _around(self, profile: Profile) -> tuple[PolicySet, Matches]:
        """The layers that all of a profile share, matched once for those whom nothing names."""
        found = self._shared.get(profile)
        if found is None:
            found = self._shared[profile] = self._match_around(self.asked(profile))
        return found

    def _match_around(self, asked: Asked) -> tuple[PolicySet, Matches]:
        policies = self.index.surroundings.shared(asked.caller, self.question.resource, self.question.place)
        return policies, match_layers(asked, policies)


def because(verdict: Verdict, unit: Unit, member: Principal) -> tuple[Reason, ...]:
    """The deciding statements with the sources from which this member holds them."""
    wanted = "Deny" if verdict.decision == "explicit-deny" else "Allow"
    allow = wanted == "Allow"
    reasons: list[Reason] = []
    for layer in verdict.trace:
        if layer.layer == "identity" and unit.rests:
            for rest in unit.rests:
                for document, statement, _ in rest.applying:
                    if statement.allow == allow:
                        reasons += unit.found.reasons(member, document, statement)
        elif layer.layer == "boundary" and unit.boundary is not None:
            reasons += _of_boundary(unit, member, allow)
        else:
            reasons += [reason for reason in layer.reasons if reason.effect == wanted]
    return tuple(reasons)


def _of_boundary(unit: Unit, member: Principal, allow: bool) -> Iterator[Reason]:
    assert unit.boundary is not None
    for _, statement, _ in unit.boundary.applying:
        if statement.allow == allow:
            effect = "Allow" if allow else "Deny"
            arn = unit.found.boundary_arn or ""
            yield Reason(arn, "boundary", member.arn, statement.index, statement.sid, effect)


_OWN = Origin("", "inline", "")
_EDGE = Origin("", "boundary", "")
_HOLDER = Named(direct=TRUE)


def _rest(applying: list[Applying], personal: list[Entry]) -> Rest:
    key = frozenset([(item.statement.allow, item.when) for item in applying])
    return Rest(tuple(applying), tuple(personal), key)


def _layer(rests: Iterable[Rest], gaps: tuple[Gap, ...], origin: Origin) -> LayerMatch:
    """The distinct formulas of some rests as a matched layer: enough to decide, reasons come later."""
    allows: dict[Dnf, Found] = {}
    denies: dict[Dnf, Found] = {}
    for rest in rests:
        for _, statement, when in rest.applying:
            side = allows if statement.allow else denies
            if when not in side:
                side[when] = Found(origin, statement, when, _HOLDER)
    return LayerMatch(tuple(allows.values()), tuple(denies.values()), gaps, "action")


def _boundary_layer(found: Class, rest: Rest | None) -> LayerMatch | None:
    if found.boundary_arn is None:
        return None
    if rest is None:
        return LayerMatch(gaps=(found.boundary_gap,) if found.boundary_gap else ())
    return _layer((rest,), (), _EDGE)
