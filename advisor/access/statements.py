"""All distinct statements of an account, found by action and by the beginning of their resources.

Patterns are looked at once for a question, not once for a holder, and a statement is compiled when a question first
reaches it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import count

from advisor.access.readers import Reader
from advisor.evaluate.pattern import Glob, action_pattern, glob
from advisor.evaluate.resources import Target
from advisor.evaluate.statement import CompiledStatement
from advisor.evaluate.variables import VERSION_WITH_VARIABLES
from advisor.model.document import Document, Statement

MOST_ACTIONS = 64
"""Actions whose statements are kept at hand."""
_FULL = 5
"""Colons of an ARN with all of its fields."""


class Numbers:
    """A number for each distinct thing. Several threads may ask: two things never get the same one."""

    __slots__ = ("_known", "_next")

    def __init__(self) -> None:
        self._known: dict[Hashable, int] = {}
        self._next = count()

    def of(self, thing: Hashable) -> int:
        found = self._known.get(thing)
        return found if found is not None else self._known.setdefault(thing, next(self._next))


class Entry:
    """One statement of one distinct document."""

    __slots__ = ("_compiled", "_reader", "_shape", "_shapes", "document", "id", "statement")

    def __init__(self, id: int, document: Document, statement: Statement, shapes: Numbers) -> None:
        self.id = id
        self.document = document
        self.statement = statement
        self._compiled: CompiledStatement | None = None
        self._reader: Reader | None = None
        self._shapes = shapes
        self._shape: tuple[int, int] | None = None

    @property
    def compiled(self) -> CompiledStatement:
        """The statement ready to be matched, alone: most statements of a document are about other actions."""
        found = self._compiled
        if found is None:
            variables = self.document.version == VERSION_WITH_VARIABLES
            found = self._compiled = CompiledStatement(self.statement, variables=variables)
        return found

    @property
    def fills_resources(self) -> bool:
        """Whether variables stand in its resources."""
        return any(pattern.template.variables for pattern in self.compiled.resources or ())

    @property
    def reader(self) -> Reader:
        """For a statement that reads the principal."""
        if self._reader is None:
            self._reader = Reader(self.compiled)
        return self._reader

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of its resources and of its conditions: statements with the same differ in actions and names only."""
        if self._shape is None:
            written, version = self.statement, self.document.version == VERSION_WITH_VARIABLES
            resources = (written.resources, written.not_resources, written.effect, version)
            conditions = (written.conditions, version)
            self._shape = self._shapes.of(resources), self._shapes.of(conditions)
        return self._shape


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
        self._shapes = Numbers()
        self._matching: dict[str, Matching] = {}

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

    def matching(self, action: str) -> Matching:
        """Statements whose action element matches, each once; looked up once for an action."""
        known = self._matching.get(action)
        if known is None:
            if len(self._matching) >= MOST_ACTIONS:
                self._matching.clear()
            known = self._matching[action] = Matching(self._find(action))
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
        matching = self.matching(action)
        if not target.is_pattern and target.arn:
            return list(matching.about(target.arn))
        beginning = beginning_of(target.arn)
        return list(matching.overlapping(beginning)) if beginning else matching.entries


class Matching:
    """The statements that name an action, found by how their resources begin."""

    __slots__ = ("_anything", "_begin", "_by_document", "_lengths", "_sorted", "entries")

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries
        self._anything: list[Entry] = []
        """Without a `Resource` element, or about every resource."""
        self._begin: dict[str, dict[str, list[Entry]]] = {}
        for entry in entries:
            resources = entry.statement.resources
            if resources is None or "*" in resources:
                self._anything.append(entry)
                continue
            for pattern in resources:
                self._begin.setdefault(beginning_of(pattern), {}).setdefault(pattern, []).append(entry)
        self._lengths = sorted({len(text) for text in self._begin})
        self._sorted = sorted(self._begin)
        self._by_document: dict[int, list[Entry]] | None = None

    def of_document(self, document: int) -> Sequence[Entry]:
        """Those of one document, by the document's identity."""
        if self._by_document is None:
            found: dict[int, list[Entry]] = {}
            for entry in self.entries:
                found.setdefault(id(entry.document), []).append(entry)
            self._by_document = found
        return self._by_document.get(document, ())

    def about(self, arn: str) -> Iterator[Entry]:
        """Those that can be about one resource."""
        found: dict[int, Entry] = {}
        for beginning in self._beginnings(arn):
            for pattern, entries in self._begin[beginning].items():
                if len(beginning) == len(arn) or _widened(pattern).matches(arn):
                    found |= [(entry.id, entry) for entry in entries]
        yield from self._anything
        yield from found.values()

    def overlapping(self, beginning: str) -> Iterator[Entry]:
        """Those that can be about some resource that begins so."""
        found: dict[int, Entry] = {}
        for text in (*self._beginnings(beginning), *self._longer(beginning)):
            for entries in self._begin[text].values():
                found |= [(entry.id, entry) for entry in entries]
        yield from self._anything
        yield from found.values()

    def _beginnings(self, arn: str) -> Iterator[str]:
        for length in self._lengths:
            if length > len(arn):
                return
            if arn[:length] in self._begin:
                yield arn[:length]

    def _longer(self, beginning: str) -> Iterator[str]:
        for at in range(bisect_left(self._sorted, beginning), len(self._sorted)):
            text = self._sorted[at]
            if not text.startswith(beginning):
                return
            if text != beginning:
                yield text


def beginning_of(pattern: str) -> str:
    """The literal text that everything named by the pattern begins with."""
    ends = [at for at in (pattern.find("*"), pattern.find("?"), pattern.find("${")) if at >= 0]
    return pattern[: min(ends)] if ends else pattern


def _widened(pattern: str) -> Glob:
    """A glob that matches all that the pattern can: variables stand for anything, missing fields too."""
    while (start := pattern.find("${")) >= 0 and (end := pattern.find("}", start)) >= 0:
        pattern = f"{pattern[:start]}*{pattern[end + 1 :]}"
    return glob(pattern if pattern.count(":") >= _FULL else f"{pattern}*")
