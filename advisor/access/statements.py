"""All distinct statements of an account, found by action and by the beginning of their resources.

Patterns are looked at once for a question, not once for a holder, and a statement is compiled when a question first
reaches it.
"""

from __future__ import annotations

from collections.abc import Iterable

from advisor.access.personal import is_personal
from advisor.evaluate.conditions import CompiledCondition
from advisor.evaluate.context import Context
from advisor.evaluate.pattern import Glob, action_pattern, glob
from advisor.evaluate.resources import Target
from advisor.evaluate.statement import CompiledStatement
from advisor.evaluate.variables import VERSION_WITH_VARIABLES
from advisor.model.document import Document, Statement

MOST_ACTIONS = 256
"""Actions whose statements are kept at hand."""
_FULL = 5
"""Colons of an ARN with all of its fields."""


class Entry:
    """One statement of one distinct document."""

    __slots__ = ("_compiled", "_personal", "_shape", "_shapes", "document", "id", "settled", "statement")

    def __init__(self, id: int, document: Document, statement: Statement, shapes: dict[object, int]) -> None:
        self.id = id
        self.document = document
        self.statement = statement
        self._compiled: CompiledStatement | None = None
        self._shapes = shapes
        self._shape = -1
        self._personal: tuple[tuple[CompiledCondition, ...], bool] | None = None
        self.settled: dict[str, bool | None] = {}
        """What `settle` has found, by the ARN of the principal."""

    @property
    def compiled(self) -> CompiledStatement:
        """The statement ready to be matched, alone: most statements of a document are about other actions."""
        found = self._compiled
        if found is None:
            variables = self.document.version == VERSION_WITH_VARIABLES
            found = self._compiled = CompiledStatement(self.statement, variables=variables)
        return found

    @property
    def shape(self) -> int:
        """Equal for statements that differ in their actions and names at most: these match alike."""
        if self._shape < 0:
            written = self.statement
            key = (
                written.resources,
                written.not_resources,
                written.conditions,
                written.effect,
                self.document.version,
            )
            self._shape = self._shapes.setdefault(key, len(self._shapes))
        return self._shape

    def settle(self, arn: str, context: Context) -> bool | None:
        """What the conditions that read nothing but the principal itself say of it, whatever is asked.

        `False`: the statement never applies to it. `True`: all else of the statement is the same for everybody of its
        account and kind. `None`: neither is certain. Worked out once for each principal.
        """
        if arn in self.settled:
            return self.settled[arn]
        if self._personal is None:
            self._personal = _personal_conditions(self.compiled)
        conditions, is_all = self._personal
        held = {condition.holds(context) for condition in conditions}
        found = False if False in held else True if is_all and None not in held else None
        self.settled[arn] = found
        return found


class StatementIndex:
    """Statements by the action patterns that they name.

    The patterns of one service stand together, so that a question looks only at those of its own service, each distinct
    text once. `NotAction` statements stand apart: they match nearly everything.
    """

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._by_service: dict[str, dict[str, list[Entry]]] = {}
        self._not_action: list[Entry] = []
        self._known: set[int] = set()
        self._shapes: dict[object, int] = {}
        self._matching: dict[str, list[Entry]] = {}
        self._beginnings: dict[tuple[str, ...], tuple[str, ...]] = {}

    def add(self, documents: Iterable[Document]) -> None:
        """Take in documents; those that are known already are passed over."""
        self._matching.clear()
        for document in documents:
            if id(document) not in self._known:
                self._known.add(id(document))
                for statement in document.statements:
                    self._add(document, statement)

    def _add(self, document: Document, statement: Statement) -> None:
        entry = Entry(len(self.entries), document, statement, self._shapes)
        self.entries.append(entry)
        if statement.not_actions is not None:
            self._not_action.append(entry)
        for pattern in statement.actions or ():
            service = pattern.partition(":")[0].lower() if ":" in pattern else "*"
            patterns = self._by_service.setdefault(service, {})
            found = patterns.get(pattern)
            if found is None:
                patterns[pattern] = [entry]
            else:
                found.append(entry)

    def patterns_of(self, service: str) -> tuple[str, ...]:
        """Distinct action patterns that can match an action of the service."""
        return (*self._by_service.get(service, ()), *self._by_service.get("*", ()))

    def not_actions(self) -> list[Entry]:
        return self._not_action

    def matching(self, action: str) -> list[Entry]:
        """Statements whose action element matches, each once; looked up once for an action."""
        known = self._matching.get(action)
        if known is None:
            if len(self._matching) >= MOST_ACTIONS:
                self._matching.clear()
            known = self._matching[action] = self._find(action)
        return known

    def _find(self, action: str) -> list[Entry]:
        service, _, name = action.lower().partition(":")
        found: dict[int, Entry] = {}
        for bucket in (service, "*"):
            for pattern, entries in self._by_service.get(bucket, {}).items():
                if action_pattern(pattern).matches(service, name):
                    for entry in entries:
                        found[entry.id] = entry
        for entry in self._not_action:
            patterns = entry.statement.not_actions or ()
            if patterns != ("*",) and not any(action_pattern(text).matches(service, name) for text in patterns):
                found[entry.id] = entry
        return list(found.values())

    def reaching(self, action: str, target: Target) -> list[Entry]:
        """Statements whose action matches and whose resources are not ruled out by how they begin.

        A quick look that never drops a statement that applies; the full match is still to come.
        """
        arn = target.arn
        whole = not target.is_pattern
        if not whole:
            arn = _beginning(arn)
        reaches: dict[tuple[str, ...], bool] = {}
        found = []
        for entry in self.matching(action):
            resources = entry.statement.resources
            if resources is None or arn == "":
                found.append(entry)
                continue
            is_near = reaches.get(resources)
            if is_near is None:
                is_near = reaches[resources] = self._is_near(resources, arn, whole)
            if is_near:
                found.append(entry)
        return found

    def _is_near(self, resources: tuple[str, ...], arn: str, whole: bool) -> bool:
        beginnings = self._beginnings.get(resources)
        if beginnings is None:
            beginnings = self._beginnings[resources] = tuple(_beginning(text) for text in resources)
        if not whole:
            return any(arn.startswith(text) or text.startswith(arn) for text in beginnings)
        return any(
            arn.startswith(text) and (len(text) == len(arn) or _widened(written).matches(arn))
            for text, written in zip(beginnings, resources, strict=True)
        )


def _personal_conditions(statement: CompiledStatement) -> tuple[tuple[CompiledCondition, ...], bool]:
    """The conditions that read only what is particular to a principal, and whether nothing else reads of it."""
    alone = tuple(item for item in statement.conditions if all(is_personal(key) for key in item.keys))
    others = {key for item in statement.conditions if item not in alone for key in item.keys}
    others.update(variable.key for item in statement.resources or () for variable in item.template.variables)
    return alone, not any(is_personal(key) for key in others)


def _beginning(pattern: str) -> str:
    """The literal text that everything named by the pattern begins with."""
    ends = [at for at in (pattern.find("*"), pattern.find("?"), pattern.find("${")) if at >= 0]
    return pattern[: min(ends)] if ends else pattern


def _widened(pattern: str) -> Glob:
    """A glob that matches all that the pattern can: variables stand for anything, missing fields too."""
    while (start := pattern.find("${")) >= 0 and (end := pattern.find("}", start)) >= 0:
        pattern = f"{pattern[:start]}*{pattern[end + 1 :]}"
    return glob(pattern if pattern.count(":") >= _FULL else f"{pattern}*")
