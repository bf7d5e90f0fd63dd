"""One question put to every principal of the accounts at once.

Statements are matched once, not once a holder, and say to which principals they apply: a bit for each. Where the same
formulas apply, under the same boundary and the same gaps, one verdict is for all; it comes out of the same `conclude`
as that of a single request. A principal stands on its own only where the resource's policy names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from advisor.access.applying import Applying, Form, Memo
from advisor.access.population import Profile, places_of
from advisor.access.principals import Class, Principal
from advisor.access.question import Question
from advisor.access.readers import Reader
from advisor.access.surroundings import caller_of
from advisor.evaluate import exceptions
from advisor.evaluate.layers import Parts, conclude_parts, parts_of, with_own
from advisor.evaluate.matching import Matches, match_layers
from advisor.evaluate.policies import Layer, PolicySet
from advisor.evaluate.residual import Dnf
from advisor.evaluate.resources import PolicyKind
from advisor.evaluate.statement import Asked, match_rest
from advisor.model.verdict import LayerOutcome, Verdict

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex


_FEW = 16
"""Up to this many principals their own documents are looked through, for more all statements about the resource."""


class Group(NamedTuple):
    """Principals with one verdict."""

    verdict: Verdict
    mask: int


class Edge(NamedTuple):
    """Principals of one account and kind with the same gaps, to whom the same statements of boundaries apply."""

    found: Class
    form: Form
    mask: int


class Shared(NamedTuple):
    """The layers that all of a profile share, as they match for those whom nothing names."""

    policies: PolicySet
    parts: Parts
    key: int
    """Equal where they come to the same, but for the reasons that the resource's policy gives."""


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
        self._shared: dict[Profile, Shared] = {}
        self._parted: dict[int, list[tuple[object, int]]] = {}
        self.identity = self._applying("identity")
        self.boundary = self._applying("boundary")
        self._named = self.population.named(index.named_by(question))

    def _applying(self, kind: PolicyKind) -> Applying:
        index, question = self.index, self.question
        statements = index.statements if kind == "identity" else index.boundary_statements
        if self.part.bit_count() > _FEW:
            entries = statements.reaching(question.action, question.target)
        else:
            matching = statements.matching(question.action)
            entries = [entry for document in self._held(kind) for entry in matching.of_document(document)]
        return Applying(question, kind, entries, self.population, self.part, self.memo, self.asked)

    def _held(self, kind: PolicyKind) -> Iterable[int]:
        """The documents of a few principals, by their identity."""
        classes = [self.population.class_at[at] for at in places_of(self.part)]
        if kind == "boundary":
            return {id(found.boundary) for found in classes}
        return dict.fromkeys(document for found in classes for document in found.sources)

    # --- Groups -------------------------------------------------------------------------------------------------------

    def groups(self) -> list[Group]:
        """Everybody in exactly one group."""
        edges = self._edges()
        found: list[Group] = []
        for form, mask in self.identity.forms(self.part):
            left = mask
            for edge in edges:
                if own := left & edge.mask:
                    found += self._groups(form, edge, own)
                    left ^= own
                    if not left:
                        break
        return found

    def _edges(self) -> list[Edge]:
        edges = [
            Edge(found, form, both)
            for form, bounded in self.boundary.forms(self.part)
            for found, mask in self.population.stamps
            if (both := mask & bounded)
        ]
        return sorted(edges, key=lambda edge: edge.mask.bit_count(), reverse=True)

    def _groups(self, form: Form, edge: Edge, mask: int) -> Iterator[Group]:
        if named := mask & self._named:
            mask ^= named
            for at in places_of(named):
                yield Group(self._decide(form, edge, self.population.members[at]), 1 << at)
        if not mask:
            return
        parts = self._parts_by_readers(edge.found.account)
        if not parts:
            yield Group(self._verdict(form, edge), mask)
        for _, part in parts:
            if own := mask & part:
                first = self.population.members[(own & -own).bit_length() - 1]
                yield Group(self._decide(form, edge, first), own)

    # --- What reads the principal -------------------------------------------------------------------------------------

    def _parts_by_readers(self, position: int) -> list[tuple[object, int]]:
        """The principals of an account, parted by what the statements that all of it share say to each.

        Empty where none of these reads what is particular to a principal.
        """
        found = self._parted.get(position)
        if found is None:
            found = self._parted[position] = []
            readers = list(self._find_readers((position, "user", False)))
            if readers:
                found.append(((), self.population.of_account(position) & self.part))
            for reader, kind in readers:
                whens = self._whens(reader, kind, position)
                found[:] = [
                    ((key, when), own) for key, part in found for when, mask in whens.items() if (own := part & mask)
                ]
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
        policies = self._around(profile).policies
        kind: PolicyKind = "trust" if exceptions.is_role_trust(self.asked(profile)) else "resource"
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

    def _verdict(self, form: Form, edge: Edge) -> Verdict:
        """The verdict of a group; questions about the same action share those of equal formulas."""
        shared = self._around(edge.found.profile)
        key = (edge.found.stamp, frozenset(form), frozenset(edge.form), shared.key)
        known = self.memo.verdicts.get(key)
        if known is None:
            known = self.memo.verdicts[key] = self._decide(form, edge)
        return _with_step(known, shared.parts.resource.part.step)

    def _decide(self, form: Form, edge: Edge, member: Principal | None = None) -> Verdict:
        found = edge.found
        if member is None:
            asked, (policies, parts, _) = self.asked(found.profile), self._around(found.profile)
        else:
            asked = self.question.asked(caller_of(member))
            policies, matches = self._match_around(asked)
            parts = parts_of(asked, policies, matches)
        boundary = None
        if found.boundary_arn is not None:
            boundary = self.boundary.match(edge.form, (found.boundary_gap,) if found.boundary_gap else ())
        parts = with_own(parts, asked, self.identity.match(form, found.gaps), boundary)
        return conclude_parts(asked, policies, parts, strict=self.index.strict)

    def _around(self, profile: Profile) -> Shared:
        found = self._shared.get(profile)
        if found is None:
            asked = self.asked(profile)
            policies, matches = self._match_around(asked)
            parts = parts_of(asked, policies, matches)
            found = self._shared[profile] = Shared(policies, parts, self.memo.numbers.of(_key(asked, policies, parts)))
        return found

    def _match_around(self, asked: Asked) -> tuple[PolicySet, Matches]:
        policies = self.index.surroundings.shared(asked.caller, self.question.resource, self.question.place)
        return policies, match_layers(asked, policies)


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


def _with_step(verdict: Verdict, step: LayerOutcome) -> Verdict:
    """The verdict with what this resource's policy says; another one that comes to the same had it first."""
    if step in verdict.trace:
        return verdict
    trace = tuple(step if known.layer == "resource" else known for known in verdict.trace)
    return msgspec.structs.replace(verdict, trace=trace)
