"""All distinct statements of an account, found by action and by the beginning of their resources.

Patterns are looked at once for a question, not once for a holder. Statements that say the same of their holders stand
together, and are compiled once when a question first reaches one of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import count

from msgspec.structs import replace

from advisor.access.readers import Reader
from advisor.evaluate.context_keys import TAGS_OF_RESOURCE
from advisor.evaluate.pattern import Glob, action_pattern, beginning_of, glob
from advisor.evaluate.resources import ResourcePattern, Target
from advisor.evaluate.statement import CompiledStatement
from advisor.evaluate.variables import VERSION_WITH_VARIABLES
from advisor.model.document import Document, Statement

MOST_ACTIONS = 64
"""Actions whose statements are kept at hand."""
_FULL = 5
"""Colons of an ARN with all of its fields."""
EVERYTHING = "*"


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

    __slots__ = ("document", "id", "statement")

    def __init__(self, id: int, document: Document, statement: Statement) -> None:
        self.id = id
        self.document = document
        self.statement = statement


class Clause:
    """What statements say that have effect and conditions in common: about every resource, since that one of their
    patterns fits is looked up beforehand. But a clause that has variables in its pattern, or `NotResource`, tells it.
    """

    def __init__(self, statement: Statement, conditions: int, *, variables: bool) -> None:
        self.allows = statement.allows
        self.conditions = conditions
        """Equal for clauses with the same conditions."""
        self._statement = statement
        self._variables = variables

    @cached_property
    def compiled(self) -> CompiledStatement:
        return CompiledStatement(self._statement, variables=self._variables)

    @cached_property
    def reader(self) -> Reader | None:
        """For a clause that reads the principal."""
        return Reader(self.compiled) if self.compiled.reads_principal else None

    @cached_property
    def reads_tags(self) -> bool:
        """Whether it hangs on the tags of the resource."""
        return any(text in key for text in TAGS_OF_RESOURCE for key in self.compiled.keys)

    @cached_property
    def fills_resources(self) -> bool:
        """Whether variables stand in its resources."""
        return any(pattern.template.variables for pattern in self.compiled.resources or ())


class Batch:
    """The statements of one clause that name an action and a pattern."""

    __slots__ = ("_mask", "clause", "entries", "pattern")

    def __init__(self, clause: Clause, pattern: ResourcePattern | None) -> None:
        self.clause = clause
        self.pattern = pattern
        """`None`: the clause itself tells which resources it is about."""
        self.entries: list[Entry] = []
        self._mask: int | None = None

    def held_by(self, holders: Callable[[Iterable[int]], int]) -> int:
        """Who holds one of the statements; `holders` tells it of documents, by their identity."""
        if self._mask is None:
            self._mask = holders({id(entry.document) for entry in self.entries})
        return self._mask


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
        self._conditions = Numbers()
        self._clauses: dict[object, Clause] = {}
        self._patterns: dict[str, ResourcePattern] = {}
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

    def matching(self, action: str) -> Matching:
        """Statements whose action element matches, each once; looked up once for an action."""
        known = self._matching.get(action)
        if known is None:
            if len(self._matching) >= MOST_ACTIONS:
                self._matching.clear()
            known = self._matching[action] = Matching(self, self._find(action))
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

    def batches(self, text: str | None, entries: Iterable[Entry]) -> list[Batch]:
        """Statements that name one pattern (`None`: those that have no `Resource`), clause by clause."""
        found: dict[Clause, Batch] = {}
        for entry in entries:
            clause = self._clause(entry, text)
            batch = found.get(clause)
            if batch is None:
                batch = found[clause] = Batch(clause, None if text is None or "${" in text else self._pattern(text))
            batch.entries.append(entry)
        return list(found.values())

    def _clause(self, entry: Entry, text: str | None) -> Clause:
        written, variables = entry.statement, entry.document.version == VERSION_WITH_VARIABLES
        names: object = written.not_resources if text is None else text if "${" in text else EVERYTHING
        key = (written.conditions, written.effect, variables, names)
        found = self._clauses.get(key)
        if found is None:
            if text is not None:
                written = replace(written, resources=(names,), not_resources=None)
            conditions = self._conditions.of((written.conditions, variables))
            found = self._clauses.setdefault(key, Clause(written, conditions, variables=variables))
        return found

    def _pattern(self, text: str) -> ResourcePattern:
        """A pattern without variables, compiled once."""
        found = self._patterns.get(text)
        if found is None:
            found = self._patterns[text] = ResourcePattern(text, variables=False)
        return found

    def reaching(self, action: str, target: Target) -> Iterator[Batch]:
        """Statements whose action matches and whose resources are not ruled out by how they begin.

        A quick look that never drops a statement that applies; the full match is still to come.
        """
        matching = self.matching(action)
        yield from matching.everything
        yield from matching.near(target)


class Matching:
    """The statements that name an action: those about everything, and the others by how their resources begin."""

    def __init__(self, index: StatementIndex, entries: list[Entry]) -> None:
        self._index = index
        everything: list[Entry] = []
        anywhere: list[Entry] = []
        """`NotResource`, or no resources at all."""
        self._entries: dict[str, list[Entry]] = {}
        for entry in entries:
            resources = entry.statement.resources
            if resources is None:
                anywhere.append(entry)
            elif EVERYTHING in resources:
                everything.append(entry)
            else:
                for text in resources if len(resources) == 1 else dict.fromkeys(resources):
                    self._entries.setdefault(text, []).append(entry)
        self.everything = index.batches(EVERYTHING, everything)
        self._anywhere = index.batches(None, anywhere)
        self._batches: dict[str, list[Batch]] = {}
        self._begin: dict[str, dict[str, list[str]]] = {}
        """By how they begin, and by how they end: many end in a name behind any account."""
        for text in self._entries:
            self._begin.setdefault(beginning_of(text), {}).setdefault(_end_of(text), []).append(text)
        self._lengths = sorted({len(text) for text in self._begin})
        self._ends = {text: sorted({len(end) for end in ends}) for text, ends in self._begin.items()}
        self._sorted = sorted(self._begin)

    def near(self, target: Target, documents: Iterable[int] | None = None) -> Iterator[Batch]:
        """Those that can be about the target, but for those about everything; `documents`: nobody asks for others."""
        yield from self._anywhere
        texts: Iterable[str]
        if documents is not None:
            texts = dict.fromkeys(text for document in documents for text in self._texts_of.get(document, ()))
        else:
            texts = self._about(target.arn) if not target.is_pattern and target.arn else self._overlapping(target.arn)
        for text in texts:
            yield from self._naming(text)

    @cached_property
    def _texts_of(self) -> dict[int, list[str]]:
        """What the statements of each document name, by its identity."""
        found: dict[int, list[str]] = {}
        for text, entries in self._entries.items():
            for entry in entries:
                found.setdefault(id(entry.document), []).append(text)
        return found

    def _naming(self, text: str) -> list[Batch]:
        found = self._batches.get(text)
        if found is None:
            found = self._batches[text] = self._index.batches(text, self._entries[text])
        return found

    def _about(self, arn: str) -> Iterator[str]:
        for beginning in self._beginnings(arn):
            ends = self._begin[beginning]
            for length in self._ends[beginning]:
                for text in ends.get(arn[len(arn) - length :], ()) if length <= len(arn) else ():
                    if _widened(text).matches(arn):
                        yield text

    def _overlapping(self, pattern: str) -> Iterator[str]:
        beginning = beginning_of(pattern)
        for text in (*self._beginnings(beginning), *self._longer(beginning)):
            for texts in self._begin[text].values():
                yield from texts

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


def _end_of(pattern: str) -> str:
    """The literal text in which everything named by the pattern ends."""
    if pattern.count(":") < _FULL:
        return ""
    last = max(pattern.rfind("*"), pattern.rfind("?"), pattern.rfind("}") if "${" in pattern else -1)
    return pattern[last + 1 :] if last >= 0 else ""


@lru_cache(maxsize=65_536)
def _widened(pattern: str) -> Glob:
    """A glob that matches all that the pattern can: variables stand for anything, missing fields too."""
    while (start := pattern.find("${")) >= 0 and (end := pattern.find("}", start)) >= 0:
        pattern = f"{pattern[:start]}*{pattern[end + 1 :]}"
    return glob(pattern if pattern.count(":") >= _FULL else f"{pattern}*")
