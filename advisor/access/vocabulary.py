"""The words of all policies of the accounts: every distinct action pattern, and the set of actions that it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from advisor.access.action_sets import NOTHING, ActionSet, set_of, set_of_patterns
from advisor.access.granted import actions_of_grant
from advisor.access.inventory import SortedArns
from advisor.access.principals import Class
from advisor.evaluate.statement import CompiledDocument, CompiledStatement, compile_document
from advisor.model.document import Document, Statement
from advisor.model.organization import Organization
from advisor.model.snapshot import Snapshot

VARIABLE = re.compile(r"\$\{[^}]*\}")
"""A policy variable; read only to see that there is one."""


class Vocabulary:
    """What the policies of some accounts speak of, and their compiled statements, kept as long as the index."""

    def __init__(
        self, classes: Iterable[Class], snapshots: tuple[Snapshot, ...], organizations: list[Organization]
    ) -> None:
        self._classes = classes
        self._snapshots = snapshots
        self._organizations = organizations
        self._compiled: dict[int, CompiledDocument] = {}
        self._personal: dict[int, ActionSet] = {}

    @cached_property
    def _patterns(self) -> dict[str, tuple[str, ...]]:
        """Every distinct action pattern of any policy by its service."""
        found: dict[str, dict[str, None]] = {}
        for document in self._documents():
            for statement in document.statements:
                for text in (*(statement.actions or ()), *(statement.not_actions or ())):
                    found.setdefault(text.partition(":")[0].lower(), {})[text] = None
        for resource in (resource for snapshot in self._snapshots for resource in snapshot.resources):
            for text in (text for grant in resource.grants for text in actions_of_grant(grant)):
                found.setdefault(text.partition(":")[0].lower(), {})[text] = None
        return {service: tuple(texts) for service, texts in found.items()}

    def _documents(self) -> Iterator[Document]:
        for found in self._classes:
            yield from found.documents
            if found.boundary is not None:
                yield found.boundary
        for snapshot in self._snapshots:
            yield from (resource.policy for resource in snapshot.resources if resource.policy is not None)
            yield from (role.trust for role in snapshot.roles)
        for organization in self._organizations:
            for table in (organization.scps, organization.rcps):
                for _, levels in table or ():
                    yield from (item.document for level in levels for item in level.policies)

    @cached_property
    def sets(self) -> tuple[ActionSet, ...]:
        """The set of each distinct action pattern of any policy."""
        return tuple(set_of_patterns((text,)) for texts in self._patterns.values() for text in texts)

    def patterns_of(self, service: str) -> tuple[str, ...]:
        """Distinct action patterns that can name an action of a service."""
        return (*self._patterns.get(service, ()), *self._patterns.get("*", ()))

    def sets_of(self, service: str) -> list[ActionSet]:
        """The set of each distinct action pattern that can name an action of a service."""
        return [set_of_patterns((text,)) for text in self.patterns_of(service)]

    def role_marks(self, arn: str) -> tuple[object, ...]:
        """Equal for roles that every resource pattern about STS treats alike: a policy may deny one role of many."""
        return tuple(self._role_marks.get(arn, ()))

    @cached_property
    def _role_marks(self) -> dict[str, list[object]]:
        arns = SortedArns(role.arn for snapshot in self._snapshots for role in snapshot.roles)
        marks: dict[str, list[object]] = {}
        for number, pattern in enumerate(self._role_patterns()):
            wide = VARIABLE.sub("*", pattern)
            for arn in arns.fitting(wide):
                # what a variable stands for hangs on who asks, so such a role is told from all others
                marks.setdefault(arn, []).append(number if wide == pattern else arn)
        return marks

    def _role_patterns(self) -> dict[str, None]:
        """The resource patterns of statements that can be about STS, but for those that are about every resource."""
        found: dict[str, None] = {}
        for document in {id(document): document for document in self._documents()}.values():
            for statement in document.statements:
                patterns = (*(statement.resources or ()), *(statement.not_resources or ()))
                if patterns != ("*",) and patterns and _can_be_about_sts(statement):
                    found |= dict.fromkeys(patterns)
        return found

    def compiled(self, document: Document) -> tuple[CompiledStatement, ...]:
        """The compiled statements of a document."""
        found = self._compiled.get(id(document))
        if found is None:
            found = self._compiled[id(document)] = compile_document(document)
        return found.statements

    def personal_actions(self, document: Document) -> ActionSet:
        """The actions of a document's statements that read the principal."""
        found = self._personal.get(id(document))
        if found is None:
            found = NOTHING
            for compiled, written in zip(self.compiled(document), document.statements, strict=True):
                if compiled.reads_principal:
                    found |= set_of(written)
            self._personal[id(document)] = found
        return found


def _can_be_about_sts(statement: Statement) -> bool:
    if statement.actions is None:
        return True
    services = {text.partition(":")[0].lower() for text in statement.actions}
    return any(service == "sts" or "*" in service or "?" in service for service in services)
