"""All distinct statements of an account, found by action: patterns are matched once a question, not once a holder."""

from __future__ import annotations

from collections.abc import Iterable

from advisor.evaluate.pattern import action_pattern
from advisor.evaluate.statement import CompiledStatement, compile_document
from advisor.model.document import Document, Statement


class Entry:
    """One statement of one distinct document, compiled when it is first needed."""

    __slots__ = ("_compiled", "document", "id", "statement")

    def __init__(self, id: int, document: Document, statement: Statement) -> None:
        self.id = id
        self.document = document
        self.statement = statement
        self._compiled: CompiledStatement | None = None

    @property
    def compiled(self) -> CompiledStatement:
        found = self._compiled
        if found is None:
            found = self._compiled = compile_document(self.document).statements[self.statement.index]
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

    def add(self, documents: Iterable[Document]) -> None:
        """Take in documents; those that are known already are passed over."""
        for document in documents:
            if id(document) not in self._known:
                self._known.add(id(document))
                for statement in document.statements:
                    self._add(document, statement)

    def _add(self, document: Document, statement: Statement) -> None:
        entry = Entry(len(self.entries), document, statement)
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

    def matching(self, action: str) -> list[Entry]:
        """Statements whose action element matches, each once."""
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
