"""One action on any of many resources: who can, and on which of them.

Each Allow says which patterns are worth asking about, cut down to what was asked and to what boundary and SCPs leave.
Whoever holds the same pattern is asked about it together. Resources whose own policies let somebody in are asked one by
one, and so are KMS keys and roles, where the resource's own policy must allow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import TYPE_CHECKING, NamedTuple

from advisor.access.applying import Applying, Formulas
from advisor.access.granted import Grant, is_about_roles
from advisor.access.instances import fits_action
from advisor.access.patterns import common
from advisor.access.reasons import Told, told_by
from advisor.access.statements import Batch
from advisor.access.sweep import Sweep
from advisor.access.what_can import resource_patterns
from advisor.evaluate.pattern import ANY, ONE, action_matches, glob
from advisor.evaluate.variables import Template
from advisor.model.document import Document
from advisor.model.gap import TRUST_POLICY
from advisor.model.principal import Role
from advisor.model.request import ANONYMOUS
from advisor.model.verdict import Verdict
from advisor.model.work import go_on

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex

LISTED = ("allowed", "conditional", "unknown")


class Hit(NamedTuple):
    """Principals (bits in `mask`) that can do something, may do it, or perhaps can: where, and why."""

    verdict: Verdict
    mask: int
    resources: tuple[str, ...]
    sweep: Sweep
    template: Template | None
    """For a pattern that is another one for each principal."""
    told: Told
    is_touched: bool
    """See `Group`."""

    def applying(self, layer: Applying) -> tuple[Formulas, ...]:
        """What applies to them in one of the layers of the sweep."""
        return (layer.everywhere, layer.here) if self.is_touched else (layer.everywhere,)


class Outside(NamedTuple):
    """The same of somebody who is no principal of the accounts."""

    principal: str
    kind: str
    verdict: Verdict
    resources: tuple[str, ...]


class Anywhere:
    """An action on every resource that a pattern names: `hits` of our own principals, and `outsiders`."""

    def __init__(self, index: AccessIndex, action: str, pattern: str, fixed: Mapping[str, tuple[str, ...]]) -> None:
        self.index = index
        self.action = action
        self.pattern = pattern
        self.fixed = fixed
        self.service, _, self.name = action.lower().partition(":")
        self.question = index.question(action, pattern, fixed)
        self.hits: list[Hit] = []
        self.outsiders: list[Outside] = []
        self._templates: dict[str, Template] = {}
        self._memo = index.memo(action, fixed)
        self._find()

    def _find(self) -> None:
        if self.service == "kms" and self.index.has_keys:
            self._keys()
        elif self.service == "sts" and is_about_roles(self.action):
            self._roles()
        else:
            for pattern, mask in self._patterns().items():
                self._ask(pattern, (pattern,), mask)
            self._granted()

    # --- Patterns of identity policies --------------------------------------------------------------------------------

    def _patterns(self) -> dict[str, int]:
        """The patterns worth asking about, each with those who hold it."""
        population = self.index.population
        found: dict[str, int] = {}
        for batch in self.index.statements.reaching(self.action, self.question.target):
            if batch.clause.allows and (mask := batch.held_by(population.all_holding)):
                for pattern in self._of_batch(batch):
                    for part in common(pattern, self.pattern):
                        found[part] = found.get(part, 0) | mask
        if population.veiled:
            found[self.pattern] = found.get(self.pattern, 0) | population.veiled
        for limit, mask in self._limits():
            found = _cut(found, limit, mask)
        return found

    def _of_batch(self, batch: Batch) -> Iterator[str]:
        if batch.pattern is not None:
            yield batch.pattern.text
            return
        compiled = batch.clause.compiled
        if compiled.resources is None or compiled.not_resources:
            yield "*"
            return
        for item in compiled.resources:
            if not item.template.variables:
                yield item.text
                continue
            parts = (part if isinstance(part, str) else ANY for part in item.template.parts)
            wide = "".join(parts).replace(ANY, "*").replace(ONE, "?")
            self._templates[wide] = item.template
            yield wide

    def _limits(self) -> Iterator[tuple[tuple[str, ...], int]]:
        """What boundaries and SCP levels leave, and to whom, where they leave less than everything."""
        population, around = self.index.population, self.index.surroundings
        bounded: dict[tuple[str, ...], int] = {}
        for document in self.index.boundaries:
            left = self._allowed((document,))
            bounded[left] = bounded.get(left, 0) | population.all_bounded((id(document),))
        yield from ((left, mask) for left, mask in bounded.items() if left != ("*",))
        for position, snapshot in enumerate(self.index.snapshots):
            if around.is_management(snapshot.account):
                continue
            mask = population.of_account(position, without="service-linked")
            for level in around.scps(snapshot.account) or ():
                left = self._allowed([item.document.document for item in level.policies])
                if level.policies and not level.gaps and left != ("*",):
                    yield left, mask

    def _allowed(self, documents: Iterable[Document]) -> tuple[str, ...]:
        """The patterns for which some documents allow the action."""
        context = self.question.context_of(self.index.nobody(0, "user", False))
        patterns = dict.fromkeys(
            pattern
            for document in documents
            for statement in self.index.vocabulary.compiled(document)
            if statement.allow and statement.matches_action(self.service, self.name)
            for pattern in resource_patterns(statement, context)
        )
        return ("*",) if "*" in patterns else tuple(patterns)

    # --- Asking -------------------------------------------------------------------------------------------------------

    def _ask(self, target: str, shown: tuple[str, ...], mask: int) -> None:
        """Some principals about one resource or pattern."""
        go_on()
        sweep = self.index.sweep(self.index.question(self.action, target, self.fixed), mask, self._memo)
        template = self._templates.get(shown[0])
        for group in sweep.groups():
            if group.verdict.decision in LISTED:
                told = told_by(group.verdict)
                self.hits.append(Hit(group.verdict, group.mask, shown, sweep, template, told, group.is_touched))

    def _ask_outsiders(self, target: str, shown: tuple[str, ...], names: Set[str] = frozenset()) -> None:
        """Outsiders of one resource; for a pattern only those whom a statement about that pattern names."""
        question = self.index.question(self.action, target, self.fixed)
        for outsider in self.index.outsiders(question):
            if names and names.isdisjoint(outsider.names):
                continue
            verdict = self.index.verdict(self.index.caller(outsider.principal), question)
            if verdict.decision in LISTED:
                self.outsiders.append(Outside(outsider.principal, outsider.kind, verdict, shown))

    # --- Resources with policies of their own -------------------------------------------------------------------------

    def _granted(self) -> None:
        for pattern, grants in self._granted_patterns().items():
            names = {name for grant in grants for name in grant.names}
            mask = self.index.population.everybody if ANONYMOUS in names else self._named(names)
            if mask:
                self._ask(pattern, (pattern,), mask)
            self._ask_outsiders(pattern, (pattern,), names)

    def _granted_patterns(self) -> dict[str, list[Grant]]:
        found: dict[str, list[Grant]] = {}
        for grant in self.index.granted.all():
            written = grant.written
            if written.actions is not None and not any(action_matches(text, self.action) for text in written.actions):
                continue
            if not fits_action(grant.arn, self.action):
                continue
            for own in grant.about(self.action):
                for pattern in common(own, self.pattern):
                    found.setdefault(pattern, []).append(grant)
        return found

    def _named(self, names: Iterable[str]) -> int:
        """Our own principals among those whom a policy names."""
        return self.index.population.named(self.index.caller(name).principal for name in names)

    def _keys(self) -> None:
        for key in self.index.inventory.matching("kms", self.pattern):
            self._ask(key.arn, (key.arn,), self.index.population.everybody)
            self._ask_outsiders(key.arn, (key.arn,))

    def _roles(self) -> None:
        """Roles by their trust policies: those that trust an account are open to whose own policies allow it."""
        held = self._patterns()
        wanted = glob(self.pattern)
        fits: dict[str, list[str]] = {}
        for pattern in held:
            for arn in self.index.inventory.roles.fitting(pattern) if pattern != "*" else ():
                fits.setdefault(arn, []).append(pattern)
        accounts = {
            name
            for snapshot in self.index.snapshots
            for name in (snapshot.account, f"arn:{snapshot.partition}:iam::{snapshot.account}:root", ANONYMOUS)
        }
        for trusts in self.index.trusts:
            for roles in trusts.groups():
                alike: dict[object, list[Role]] = {}
                for role in roles:
                    if wanted.matches(role.arn):
                        key = (role.tags, self.index.vocabulary.role_marks(role.arn))
                        alike.setdefault(key, []).append(role)
                names = trusts.names_of(roles[0])
                is_open = not accounts.isdisjoint(names)
                for part in alike.values():
                    self._of_trust(sorted(role.arn for role in part), held if is_open else {}, fits, names)
        for snapshot in self.index.snapshots:
            for gap in snapshot.gaps:
                if gap.call == TRUST_POLICY and gap.resource is not None and wanted.matches(gap.resource):
                    self._ask(gap.resource, (gap.resource,), self.index.population.everybody)

    def _of_trust(
        self, arns: list[str], held: Mapping[str, int], fits: Mapping[str, list[str]], names: Iterable[str]
    ) -> None:
        """Roles with one trust policy: those whom it names, and those who hold a pattern that they fit."""
        patterns: dict[str, list[str]] = {"*": arns} if "*" in held else {}
        for arn in arns if held else ():
            for pattern in fits.get(arn, ()):
                patterns.setdefault(pattern, []).append(arn)
        asked: dict[tuple[str, ...], int] = {tuple(arns): self._named(names)}
        for pattern, found in patterns.items():
            asked[tuple(found)] = asked.get(tuple(found), 0) | held[pattern]
        for shown, mask in asked.items():
            if mask:
                self._ask(shown[0], shown, mask)
        self._ask_outsiders(arns[0], tuple(arns))


def _cut(patterns: Mapping[str, int], limit: Iterable[str], limited: int) -> dict[str, int]:
    """What a limit leaves to some of those who hold the patterns."""
    found: dict[str, int] = {}
    for pattern, mask in patterns.items():
        inside = mask & limited
        if outside := mask ^ inside:
            found[pattern] = found.get(pattern, 0) | outside
        if inside:
            for other in limit:
                for part in common(pattern, other):
                    found[part] = found.get(part, 0) | inside
    return found
