"""One question put to every principal of the accounts at once.

Statements are matched once, not once a holder: those whose action fits are looked up, those whose resource and conditions
rule them out are dropped, and what remains of each document sorts the classes that hold it into groups with one and the
same formula. Each group is decided once, by the same `conclude` as a single request. A principal stands on its own only
where a statement in play reads its name, ARN or tags, or where the resource's policy names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from advisor.access.principals import Class, Principal
from advisor.access.question import Question
from advisor.access.statements import Entry
from advisor.access.surroundings import caller_of
from advisor.evaluate.layers import conclude
from advisor.evaluate.matching import Found, LayerMatch, Matches, match_layers
from advisor.evaluate.policies import Origin, PolicySet
from advisor.evaluate.principals import Named
from advisor.evaluate.residual import TRUE, Dnf
from advisor.evaluate.statement import Asked, CompiledStatement, match_rest
from advisor.model.document import Document
from advisor.model.verdict import Reason, Verdict

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex

_HOLDER = Named(direct=TRUE)


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


class Group(NamedTuple):
    """Principals with one verdict. `rests` are what remains of the documents in the order of the class."""

    verdict: Verdict
    members: list[tuple[Principal, Class, tuple[Rest, ...], Rest | None]]


_NOTHING = Rest((), (), frozenset())


class Sweep:
    """One question and what it leaves of every document."""

    def __init__(self, index: AccessIndex, question: Question) -> None:
        self.index = index
        self.question = question
        generic = index.representative
        self._asked = question.asked(generic) if generic is not None else None
        self._identity = self._rests("identity")
        self._boundary = self._rests("boundary")
        self._named = index.named_by(question)
        self._shared: dict[tuple[int, str, bool], tuple[PolicySet, Matches]] = {}
        self._groups: dict[object, Group] = {}
        self._personal_layers: dict[int, bool] = {}

    # --- What is left of each document -------------------------------------------------------------------------------

    def _rests(self, kind: str) -> dict[int, Rest]:
        """What remains of each document in which something applies, by the identity of the document."""
        statements = self.index.statements if kind == "identity" else self.index.boundary_statements
        found: dict[int, tuple[list[Applying], list[Entry]]] = {}
        if self._asked is None:
            return {}
        for entry in statements.matching(self.question.action):
            compiled = entry.compiled
            if compiled.reads_principal:
                found.setdefault(id(entry.document), ([], []))[1].append(entry)
                continue
            match = match_rest(compiled, self._asked, kind)  # type: ignore[arg-type]
            if match.when:
                applying = Applying(entry.document, compiled, match.when)
                found.setdefault(id(entry.document), ([], []))[0].append(applying)
        return {key: _rest(applying, personal) for key, (applying, personal) in found.items()}

    def _own(self, rest: Rest, asked: Asked, kind: str) -> Rest:
        """The rest with the statements that read the principal decided for this one."""
        if not rest.personal:
            return rest
        applying = list(rest.applying)
        for entry in rest.personal:
            match = match_rest(entry.compiled, asked, kind)  # type: ignore[arg-type]
            if match.when:
                applying.append(Applying(entry.document, entry.compiled, match.when))
        return _rest(applying, [])

    # --- Groups ------------------------------------------------------------------------------------------------------

    def groups(self) -> list[Group]:
        """Every principal of every account in exactly one group."""
        touched = self.index.holders_of(self._identity)
        for found in self.index.classes:
            rests = touched.get(found.id, ())
            boundary = self._boundary_rest(found)
            if self._is_personal(found, rests, boundary):
                for member in found.members:
                    self._add_alone(member, found, rests, boundary)
            else:
                self._add(found, rests, boundary)
        return list(self._groups.values())

    def _boundary_rest(self, found: Class) -> Rest | None:
        return None if found.boundary is None else self._boundary.get(id(found.boundary), _NOTHING)

    def _is_personal(self, found: Class, rests: tuple[Rest, ...], boundary: Rest | None) -> bool:
        if any(rest.personal for rest in rests) or (boundary is not None and boundary.personal):
            return True
        return self._reads_principals(found.account)

    def _reads_principals(self, position: int) -> bool:
        """Whether a statement of the layers that all share reads the principal."""
        found = self._personal_layers.get(position)
        if found is None:
            policies, _ = self._around(position, "user", False)
            found = self._personal_layers[position] = any(
                statement.reads_principal and statement.matches_action(self.question.service, self.question.name)
                for layer in (*(policies.scp or ()), *(policies.rcp or ()), policies.resource)
                if layer is not None
                for item in layer.policies
                for statement in item.document.statements
            )
        return found

    def _add(self, found: Class, rests: tuple[Rest, ...], boundary: Rest | None) -> None:
        """A class as a whole, but for members whom the resource's policy names."""
        for member in found.members:
            if member.arn in self._named:
                self._add_alone(member, found, rests, boundary)
                continue
            self._put(self._key(found, rests, boundary), member, found, rests, boundary, None)

    def _add_alone(self, member: Principal, found: Class, rests: tuple[Rest, ...], boundary: Rest | None) -> None:
        asked = self.question.asked(caller_of(member))
        own = tuple(self._own(rest, asked, "identity") for rest in rests)
        limit = self._own(boundary, asked, "boundary") if boundary is not None else None
        if member.arn in self._named or self._reads_principals(found.account):
            self._put(("alone", member.arn), member, found, own, limit, asked)
        else:
            self._put(self._key(found, own, limit), member, found, own, limit, asked)

    def _key(self, found: Class, rests: tuple[Rest, ...], boundary: Rest | None) -> object:
        keys = frozenset().union(*(rest.key for rest in rests)) if len(rests) != 1 else rests[0].key
        limit = boundary.key if boundary is not None else found.boundary_gap
        return (found.account, found.kind, found.boundary_arn is not None, keys, limit, found.gaps)

    def _put(
        self,
        key: object,
        member: Principal,
        found: Class,
        rests: tuple[Rest, ...],
        boundary: Rest | None,
        asked: Asked | None,
    ) -> None:
        group = self._groups.get(key)
        if group is None:
            verdict = self._decide(member, found, rests, boundary, asked)
            group = self._groups[key] = Group(verdict, [])
        group.members.append((member, found, rests, boundary))

    # --- Deciding ----------------------------------------------------------------------------------------------------

    def _decide(
        self, member: Principal, found: Class, rests: tuple[Rest, ...], boundary: Rest | None, asked: Asked | None
    ) -> Verdict:
        asked = asked or self.question.asked(caller_of(member))
        alone = member.arn in self._named or self._reads_principals(found.account)
        policies, shared = (
            self._match_around(asked)
            if alone
            else self._around(found.account, found.kind, found.boundary_arn is not None)
        )
        matches = shared._replace(identity=_layer(rests, found.gaps, _OWN), boundary=_boundary_layer(found, boundary))
        return conclude(asked, policies, matches, strict=self.index.strict)

    def _around(self, position: int, kind: str, has_boundary: bool) -> tuple[PolicySet, Matches]:
        """The layers that principals of one account and kind share, matched once for all whom nothing names."""
        key = (position, kind, has_boundary)
        if key not in self._shared:
            caller = self.index.nobody(position, kind, has_boundary)
            self._shared[key] = self._match_around(self.question.asked(caller))
        return self._shared[key]

    def _match_around(self, asked: Asked) -> tuple[PolicySet, Matches]:
        policies = self.index.surroundings.shared(asked.caller, self.question.resource, self.question.place)
        return policies, match_layers(asked, policies)

    # --- Reasons -----------------------------------------------------------------------------------------------------

    def because(
        self, verdict: Verdict, member: Principal, found: Class, rests: tuple[Rest, ...], boundary: Rest | None
    ) -> tuple[Reason, ...]:
        """The deciding statements with the sources from which this member holds them."""
        wanted = "Deny" if verdict.decision == "explicit-deny" else "Allow"
        reasons: list[Reason] = []
        for layer in verdict.trace:
            if layer.layer == "identity" and rests:
                reasons += self._held(member, found, rests, wanted)
            elif layer.layer == "boundary" and boundary is not None:
                reasons += (
                    Reason(
                        found.boundary_arn or "",
                        "boundary",
                        member.arn,
                        item.statement.index,
                        item.statement.sid,
                        wanted,
                    )
                    for item in boundary.applying
                    if item.statement.allow == (wanted == "Allow")
                )
            else:
                reasons += (reason for reason in layer.reasons if reason.effect == wanted)
        return tuple(reasons)

    def _held(self, member: Principal, found: Class, rests: tuple[Rest, ...], wanted: str) -> Iterator[Reason]:
        by_document = {id(item.document): rest for rest in rests for item in rest.applying}
        for held in self.index.holdings[found.account].held(member):
            rest = by_document.get(id(held.document))
            if rest is None:
                continue
            for item in rest.applying:
                statement = item.statement
                if statement.allow == (wanted == "Allow"):
                    yield Reason(held.policy, held.kind, held.owner, statement.index, statement.sid, wanted)


_OWN = Origin("", "inline", "")
_EDGE = Origin("", "boundary", "")


def _rest(applying: list[Applying], personal: list[Entry]) -> Rest:
    key = frozenset((item.statement.allow, item.when) for item in applying)
    return Rest(tuple(applying), tuple(personal), key)


def _layer(rests: Iterable[Rest], gaps: tuple[object, ...], origin: Origin) -> LayerMatch:
    """The distinct formulas of some rests as a matched layer: enough to decide, reasons come later."""
    allows: dict[Dnf, Found] = {}
    denies: dict[Dnf, Found] = {}
    for rest in rests:
        for item in rest.applying:
            side = allows if item.statement.allow else denies
            if item.when not in side:
                side[item.when] = Found(origin, item.statement, item.when, _HOLDER)
    return LayerMatch(tuple(allows.values()), tuple(denies.values()), gaps, "action")  # type: ignore[arg-type]


def _boundary_layer(found: Class, rest: Rest | None) -> LayerMatch | None:
    if found.boundary_arn is None:
        return None
    if rest is None:
        return LayerMatch(gaps=(found.boundary_gap,) if found.boundary_gap else ())
    return _layer((rest,), (), _EDGE)
