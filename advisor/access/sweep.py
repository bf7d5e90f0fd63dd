"""One question put to every principal of the accounts at once.

Statements are matched once, not once a holder, and say to which principals they apply: a bit for each. Where the same
formulas apply, under the same boundary and the same gaps, one verdict is for all; it comes out of the same `conclude`
as that of a single request. A principal stands on its own only where the resource's policy names it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from advisor.access.applying import Applying, Form, Memo, forms
from advisor.access.population import Profile, places_of
from advisor.access.principals import Class
from advisor.access.question import Question
from advisor.access.readers import Reader
from advisor.access.surroundings import caller_of
from advisor.evaluate import exceptions
from advisor.evaluate.layers import Parts, conclude_parts, parts_of, with_own
from advisor.evaluate.matching import match_layers
from advisor.evaluate.policies import Layer, PolicySet
from advisor.evaluate.residual import Dnf
from advisor.evaluate.resources import PolicyKind
from advisor.evaluate.statement import Asked, match_rest
from advisor.model.verdict import LayerOutcome, Verdict

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex


class Group(NamedTuple):
    """Principals with one verdict."""

    verdict: Verdict
    mask: int
    is_touched: bool = True
    """Whether statements about some resources only may apply to them, beside those about every resource."""


class Edge(NamedTuple):
    """Principals of one account and kind with the same gaps, to whom the same statements of boundaries apply."""

    found: Class
    form: Form
    mask: int


class Shared(NamedTuple):
    """The layers that all of a profile share, as they match for those whom nothing names and who read alike to them."""

    asked: Asked
    policies: PolicySet
    parts: Parts
    key: int
    """Equal where they come to the same, but for the reasons that the resource's policy gives."""


Cell = tuple[Form, Edge, int]
"""Principals with the same form under the same edge."""


class Sweep:
    """One question to the principals in `part`, or to everybody."""

    def __init__(
        self, index: AccessIndex, question: Question, part: int | None = None, memo: Memo | None = None
    ) -> None:
        self.index = index
        self.question = question
        self.memo = memo or Memo()
        self.population = index.population
        self.part = self.population.everybody if part is None else part
        self._asked: dict[Profile, Asked] = {}
        self._shared: dict[object, Shared] = {}
        self._parted: dict[int, list[int]] = {}
        self.identity = self._applying("identity")
        self.boundary = self._applying("boundary")
        self._named = self.population.named(index.named_by(question))

    def _applying(self, kind: PolicyKind) -> Applying:
        statements = self.index.statements if kind == "identity" else self.index.boundary_statements
        return Applying(self.question, kind, statements, self.population, self.part, self.memo, self.asked)

    # --- Groups -------------------------------------------------------------------------------------------------------

    def groups(self) -> list[Group]:
        """Everybody in exactly one group."""
        apart = (self.identity.touched | self.boundary.touched | self._named) & self.part
        found = [*self._untouched(self.part ^ apart)]
        for form, edge, mask in self._cells(apart) if apart else ():
            if named := mask & self._named:
                found += [Group(self._decide_member(form, edge, at), 1 << at) for at in places_of(named)]
            if rest := mask ^ named:
                found += [
                    Group(_with_step(self._verdict(form, edge, shared), shared.parts.resource.part.step), own)
                    for shared, own in self._shared_by(edge.found.profile, rest)
                ]
        return found

    def _untouched(self, part: int) -> Iterator[Group]:
        """Those of whom only statements about every resource say something: once for all questions about the action."""
        for profile, mask in self.population.profiles.items() if part else ():
            for shared, own in self._shared_by(profile, part & mask):
                step = shared.parts.resource.part.step
                for verdict, some in self._settled(profile, shared):
                    if both := own & some:
                        yield Group(_with_step(verdict, step), both, is_touched=False)

    def _settled(self, profile: Profile, shared: Shared) -> list[tuple[Verdict, int]]:
        """The principals of a profile by their verdicts, as if statements about every resource were all there are."""
        around = (id(self.identity.everywhere), id(self.boundary.everywhere))
        known = self.memo.settled.get((*around, profile, shared.key))
        if known is None:
            found: dict[object, tuple[Verdict, int]] = {}
            for form, edge, mask in self._cells_everywhere()[profile]:
                verdict = self._verdict(form, edge, shared)
                first, others = found.get(key := _told(verdict), (verdict, 0))
                found[key] = (first, others | mask)
            known = self.memo.settled[*around, profile, shared.key] = list(found.values())
        return known

    def _cells_everywhere(self) -> dict[Profile, list[Cell]]:
        """Everybody by what statements about every resource come to, for each profile."""
        key = (id(self.identity.everywhere), id(self.boundary.everywhere))
        known = self.memo.cells.get(key)
        if known is None:
            known = {profile: [] for profile in self.population.profiles}
            identity, boundary = self.identity.everywhere.masks, self.boundary.everywhere.masks
            everybody = self.population.everybody
            for cell in self._crossed(forms(identity, everybody), forms(boundary, everybody)):
                known[cell[1].found.profile].append(cell)
            self.memo.cells[key] = known  # whole: several threads may ask
        return known

    def _cells(self, part: int) -> Iterator[Cell]:
        return self._crossed(self.identity.forms(part), self.boundary.forms(part))

    def _crossed(self, identity: list[tuple[Form, int]], boundary: list[tuple[Form, int]]) -> Iterator[Cell]:
        edges = [
            Edge(found, form, both)
            for form, bounded in boundary
            for found, mask in self.population.stamps
            if (both := mask & bounded)
        ]
        edges.sort(key=lambda edge: edge.mask.bit_count(), reverse=True)
        for form, left in identity:
            for edge in edges:
                if own := left & edge.mask:
                    yield form, edge, own
                    left ^= own
                    if not left:
                        break

    # --- What reads the principal -------------------------------------------------------------------------------------

    def _shared_by(self, profile: Profile, mask: int) -> Iterator[tuple[Shared, int]]:
        """What is around some principals of a profile whom nothing names, by what it reads of them."""
        if not mask:
            return
        parts = self._parts_by_readers(profile[0])
        if not parts:
            yield self._around(profile), mask
        for part in parts:
            if own := mask & part:
                yield self._around(profile, part, own), own

    def _parts_by_readers(self, position: int) -> list[int]:
        """The principals of an account, parted by what the statements that all of it share say to each.

        Empty where none of these reads what is particular to a principal.
        """
        found = self._parted.get(position)
        if found is None:
            found = []
            readers = list(self._find_readers((position, "user", False)))
            if readers:
                found = [self.population.of_account(position) & self.part]
            for reader, kind in readers:
                whens = self._whens(reader, kind, position)
                found = [own for part in found for mask in whens.values() if (own := part & mask)]
            self._parted[position] = found
        return found

    def _whens(self, reader: Reader, kind: PolicyKind, position: int) -> dict[Dnf, int]:
        """When a shared statement applies, and to whom."""
        found: dict[Dnf, int] = {}
        fixed = self.question.fixed.keys()

        def formula(asked: Asked, _: object) -> Dnf:
            return match_rest(reader.compiled, asked, kind).when

        for profile, mask in self.population.profiles.items():
            own = mask & self.part
            if profile[0] == position and own:
                whens = list(reader.when(own, self.population, self.asked(profile), fixed, formula))
                for when, some in whens:
                    found[when] = found.get(when, 0) | some
                    own &= ~some
                if own:  # those to whom it never applies
                    found[()] = found.get((), 0) | own
        return found

    def _find_readers(self, profile: Profile) -> Iterator[tuple[Reader, PolicyKind]]:
        asked = self.asked(profile)
        policies = self._policies(asked)
        kind: PolicyKind = "trust" if exceptions.is_role_trust(asked) else "resource"
        layers: list[tuple[PolicyKind, Layer]] = [("scp", level) for level in policies.scp or ()]
        layers += [("rcp", level) for level in policies.rcp or ()]
        layers += [(kind, policies.resource)] if policies.resource is not None else []
        layers += [(kind, policies.behind.layer)] if policies.behind is not None else []
        for kind, layer in layers:
            for item in layer.policies:
                for statement in item.document.statements:
                    if statement.reads_principal and statement.matches_action(
                        self.question.service, self.question.name
                    ):
                        reader = self.index.reader(statement)
                        if reader.keys:
                            yield reader, kind

    # --- Deciding -----------------------------------------------------------------------------------------------------

    def asked(self, profile: Profile) -> Asked:
        """The request of somebody of a profile whom no policy names."""
        found = self._asked.get(profile)
        if found is None:
            found = self._asked[profile] = self.question.asked(self.index.nobody(*profile))
        return found

    def _verdict(self, form: Form, edge: Edge, shared: Shared) -> Verdict:
        """The verdict of a group; questions about the same action share those of equal formulas."""
        key = (edge.found.stamp, frozenset(form), frozenset(edge.form), shared.key)
        known = self.memo.verdicts.get(key)
        if known is None:
            known = self.memo.verdicts[key] = self._decide(form, edge, shared.asked, shared.policies, shared.parts)
        return known

    def _decide_member(self, form: Form, edge: Edge, at: int) -> Verdict:
        """The verdict of somebody whom the resource's policy names."""
        asked = self.question.asked(caller_of(self.population.members[at]))
        policies = self._policies(asked)
        return self._decide(form, edge, asked, policies, parts_of(asked, policies, match_layers(asked, policies)))

    def _decide(self, form: Form, edge: Edge, asked: Asked, policies: PolicySet, parts: Parts) -> Verdict:
        found = edge.found
        boundary = None
        if found.boundary_arn is not None:
            boundary = self.boundary.match(edge.form, (found.boundary_gap,) if found.boundary_gap else ())
        parts = with_own(parts, asked, self.identity.match(form, found.gaps), boundary)
        return conclude_parts(asked, policies, parts, strict=self.index.strict)

    def _around(self, profile: Profile, part: int = 0, own: int = 0) -> Shared:
        """What is around those of a profile who are in a part; of `own` it is worked out for the first."""
        found = self._shared.get((profile, part))
        if found is None:
            asked = self.asked(profile)
            if own:
                asked = self.question.asked(caller_of(self.population.members[(own & -own).bit_length() - 1]))
            policies = self._policies(asked)
            parts = parts_of(asked, policies, match_layers(asked, policies))
            key = self.memo.numbers.of(_key(asked, policies, parts))
            found = self._shared[profile, part] = Shared(asked, policies, parts, key)
        return found

    def _policies(self, asked: Asked) -> PolicySet:
        return self.index.surroundings.shared(asked.caller, self.question.resource, self.question.place)


def _key(asked: Asked, policies: PolicySet, parts: Parts) -> tuple[object, ...]:
    """What a verdict about one action follows from, beside identity policies and boundary."""
    step = parts.resource.part.step
    resource = parts.resource._replace(part=parts.resource.part._replace(step=LayerOutcome("resource", step.outcome)))
    return (
        parts._replace(resource=resource),
        policies.unread,
        asked.account,
        asked.partition,
        exceptions.needs_resource_policy(asked),
        exceptions.can_carry_policy(asked),
        exceptions.rcp_applies(asked, policies),
    )


def _told(verdict: Verdict) -> object:
    """All of a verdict but how identity policies and boundary come to it: there each principal has its own reasons."""
    trace = [step for step in verdict.trace if step.layer not in ("identity", "boundary")]
    return (verdict.decision, verdict.conditions, verdict.gaps, verdict.assuming, *trace)


def _with_step(verdict: Verdict, step: LayerOutcome) -> Verdict:
    """The verdict with what this resource's policy says; another one that comes to the same had it first."""
    if step in verdict.trace:
        return verdict
    trace = tuple(step if known.layer == "resource" else known for known in verdict.trace)
    return msgspec.structs.replace(verdict, trace=trace)
