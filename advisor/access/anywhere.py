"""One action on any of many resources: who can, and on which of them.

Each Allow says which patterns are worth asking about, cut down to what was asked and to what boundary and SCPs leave.
Whoever holds the same pattern is asked about it together. Resources whose own policies let somebody in are asked one by
one, and so are KMS keys and roles, where the resource's own policy must allow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, NamedTuple

from advisor.access.granted import Grant, is_about_roles
from advisor.access.instances import fits_action
from advisor.access.inventory import fitting
from advisor.access.patterns import common
from advisor.access.personal import PersonalContext, own_keys
from advisor.access.principals import Class, Principal
from advisor.access.reasons import Reasons
from advisor.access.statements import Entry
from advisor.access.sweep import Group, Part
from advisor.access.what_can import resource_patterns
from advisor.evaluate.pattern import ANY, ONE, action_matches, glob
from advisor.evaluate.variables import Template
from advisor.model.document import Document
from advisor.model.principal import Role
from advisor.model.request import ANONYMOUS
from advisor.model.verdict import Reason, Verdict

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex

LISTED = ("allowed", "conditional", "unknown")


class Hit(NamedTuple):
    """Something that a principal can do, may do, or perhaps can: where, and why."""

    principal: str
    kind: str
    verdict: Verdict
    because: tuple[Reason, ...]
    resources: tuple[str, ...]


class Anywhere:
    """An action on every resource that a pattern names."""

    def __init__(self, index: AccessIndex, action: str, pattern: str, fixed: Mapping[str, tuple[str, ...]]) -> None:
        self.index = index
        self.action = action
        self.pattern = pattern
        self.fixed = fixed
        self.service, _, self.name = action.lower().partition(":")
        self.question = index.question(action, pattern, fixed)
        self._entries: dict[int, list[Entry]] = {}
        for entry in index.statements.reaching(action, self.question.target):
            self._entries.setdefault(id(entry.document), []).append(entry)
        self._edges = index.boundary_statements.matching(action)
        self._limits: dict[object, tuple[str, ...]] = {}
        self._templates: dict[str, Template] = {}
        self._numbers: dict[object, int] = {}
        self._verdicts: dict[object, Verdict] = {}

    def hits(self) -> Iterator[Hit]:
        """What everybody can, outsiders included; a principal comes once for each pattern that differs."""
        if self.service == "kms" and self.index.has_keys:
            yield from self._keys()
        elif self.service == "sts" and is_about_roles(self.action):
            yield from self._roles()
        else:
            for pattern, classes in self._patterns().items():
                yield from self._ask(pattern, (pattern,), self._part(classes))
            yield from self._granted()

    # --- Patterns of identity policies --------------------------------------------------------------------------------

    def _patterns(self) -> dict[str, list[Class]]:
        """The patterns worth asking about, each with the classes that hold it."""
        held: dict[str, dict[int, Class]] = {}
        of_document = {document: self._of_document(entries) for document, entries in self._entries.items()}
        for found in self.index.classes:
            patterns = dict.fromkeys(
                pattern for document in found.documents for pattern in of_document.get(id(document), ())
            )
            if not patterns:
                continue
            for limit in self._limits_of(found):
                patterns = dict.fromkeys(part for one in patterns for other in limit for part in common(one, other))
            for pattern in patterns:
                held.setdefault(pattern, {})[found.id] = found
        return {pattern: list(classes.values()) for pattern, classes in held.items()}

    def _of_document(self, entries: Iterable[Entry]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for entry in entries:
            if not entry.statement.allows:
                continue
            for pattern in self._of_entry(entry):
                found.update(dict.fromkeys(common(pattern, self.pattern)))
        return tuple(found)

    def _of_entry(self, entry: Entry) -> Iterator[str]:
        compiled = entry.compiled
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

    def _limits_of(self, found: Class) -> list[tuple[str, ...]]:
        """What the boundary and each SCP level leave, where they leave less than everything."""
        limits = [self._allowed(id(found.boundary), (found.boundary,))] if found.boundary is not None else []
        account = self.index.snapshots[found.account].account
        if found.kind != "service-linked" and not self.index.surroundings.is_management(account):
            for at, level in enumerate(self.index.surroundings.scps(account) or ()):
                if level.policies:
                    documents = tuple(item.document.document for item in level.policies)
                    limits.append(self._allowed((account, at), documents))
        return [limit for limit in limits if limit != ("*",)]

    def _allowed(self, key: object, documents: Iterable[Document]) -> tuple[str, ...]:
        found = self._limits.get(key)
        if found is None:
            context = self.question.context_of(self.index.nobody(0, "user", False))
            patterns = dict.fromkeys(
                pattern
                for document in documents
                for statement in self.index.vocabulary.compiled(document)
                if statement.allow and statement.matches_action(self.service, self.name)
                for pattern in resource_patterns(statement, context)
            )
            found = self._limits[key] = ("*",) if "*" in patterns else tuple(patterns)
        return found

    # --- Asking -------------------------------------------------------------------------------------------------------

    def _part(self, classes: Sequence[Class]) -> Part:
        """Some classes with the statements of their policies and boundaries that name the action."""
        documents = {id(document): None for found in classes for document in found.documents}
        entries = [entry for document in documents for entry in self._entries.get(document, ())]
        limits = {id(found.boundary) for found in classes if found.boundary is not None}
        edges = [entry for entry in self._edges if id(entry.document) in limits] if limits else []
        return Part(classes, entries, edges, self._verdicts, self._numbers)

    def _ask(self, target: str, shown: tuple[str, ...], part: Part) -> Iterator[Hit]:
        """Some classes about one resource or pattern."""
        sweep = self.index.sweep(self.index.question(self.action, target, self.fixed), part)
        for group in sweep.groups():
            if group.verdict.decision in LISTED:
                yield from self._hits_of(group, shown)

    def _hits_of(self, group: Group, shown: tuple[str, ...]) -> Iterator[Hit]:
        template = self._templates.get(shown[0])
        reasons = Reasons(group.verdict)
        for unit in group.units:
            kind = "user" if unit.found.kind == "user" else "role"
            for member in unit.members:
                patterns = shown if template is None else (_filled(template, member, shown[0]),)
                yield Hit(member.arn, kind, group.verdict, reasons.of(unit, member), patterns)

    def _outsiders(self, target: str, shown: tuple[str, ...], names: Set[str] = frozenset()) -> Iterator[Hit]:
        """Outsiders of one resource; for a pattern only those whom a statement about that pattern names."""
        question = self.index.question(self.action, target, self.fixed)
        for outsider in self.index.outsiders(question):
            if names and names.isdisjoint(outsider.names):
                continue
            verdict = self.index.verdict(self.index.caller(outsider.principal), question)
            if verdict.decision in LISTED:
                yield Hit(outsider.principal, outsider.kind, verdict, verdict.because, shown)

    # --- Resources with policies of their own -------------------------------------------------------------------------

    def _granted(self) -> Iterator[Hit]:
        for pattern, grants in self._granted_patterns().items():
            names = {name for grant in grants for name in grant.names}
            classes = self.index.classes if ANONYMOUS in names else self._named(names)
            yield from self._ask(pattern, (pattern,), self._part(classes))
            yield from self._outsiders(pattern, (pattern,), names)

    def _granted_patterns(self) -> dict[str, list[Grant]]:
        found: dict[str, list[Grant]] = {}
        for grant in self.index.granted.all():
            written = grant.written
            if written.actions is not None and not any(action_matches(text, self.action) for text in written.actions):
                continue
            if not fits_action(grant.arn, self.action):
                continue
            for own in grant.patterns:
                for pattern in common(own, self.pattern):
                    found.setdefault(pattern, []).append(grant)
        return found

    def _named(self, names: Iterable[str]) -> list[Class]:
        found = {}
        for name in names:
            known = self.index.class_of.get(self.index.caller(name).principal)
            if known is not None:
                found[known.id] = known
        return list(found.values())

    def _keys(self) -> Iterator[Hit]:
        everybody = self._part(self.index.classes)
        for key in self.index.inventory.matching("kms", self.pattern):
            yield from self._ask(key.arn, (key.arn,), everybody)
            yield from self._outsiders(key.arn, (key.arn,))

    def _roles(self) -> Iterator[Hit]:
        """Roles by their trust policies: those that trust an account are open to whose own policies allow it."""
        held = {pattern: self._part(classes) for pattern, classes in self._patterns().items()}
        wanted = glob(self.pattern)
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
                for part in alike.values():
                    yield from self._of_trust(part, {} if accounts.isdisjoint(names) else held, names)

    def _of_trust(self, roles: list[Role], held: dict[str, Part], names: Iterable[str]) -> Iterator[Hit]:
        arns = tuple(sorted(role.arn for role in roles))
        for pattern, part in held.items():
            found = arns if pattern == "*" else tuple(fitting(arns, pattern))
            if found:
                yield from self._ask(found[0], found, part)
        if named := self._named(names):
            yield from self._ask(arns[0], arns, self._part(named))
        yield from self._outsiders(arns[0], arns)


def _filled(template: Template, member: Principal, wide: str) -> str:
    """The pattern as it is for one principal; the wide one where it hangs on more than who it is."""
    from advisor.evaluate.context import Context
    from advisor.evaluate.pattern import Glob

    found = template.pattern(PersonalContext(own_keys(member), Context()))
    return found.pattern if isinstance(found, Glob) else wide
