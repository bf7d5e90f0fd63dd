"""Whether an action is allowed on something that the actor names itself: a function to be created, or one not read.

The candidates are instances of the patterns that the statements themselves name, so that two actions on one thing are
asked about the same thing: creating `dev-*` and invoking `prod-*` do not add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from advisor.evaluate.context import Context
from advisor.evaluate.pattern import ANY, ONE, glob_match
from advisor.evaluate.residual import FALSE, TRUE, Dnf, all_of, any_of, gap_literal, negation, of_literal
from advisor.evaluate.resources import Target
from advisor.graph.holders import Holder
from advisor.graph.lines import Line
from advisor.graph.powers import Fixed, Powers
from advisor.reference import catalogue

NAME, REGION = "new-1", "us-east-1"
MOST_CANDIDATES = 24
Question = tuple[str, Fixed]
"""An action with the condition keys that the request fixes."""


class Creation:
    """Answers about things without an ARN yet, remembered by the statements that matter."""

    def __init__(self, powers: Powers, like: Creation | None = None) -> None:
        self.powers = powers
        snapshot = powers.account.snapshot
        self._account, self._partition = snapshot.account, snapshot.partition
        self._types: dict[str, tuple[str, ...] | None] = {}
        self._known: dict[tuple[object, ...], tuple[Dnf, str]] = {}
        self._covered: dict[tuple[int, str, bool], Dnf] = {}
        if like is not None and powers.account.looks_like(like.powers.account):
            self._types, self._known, self._covered = like._types, like._known, like._covered

    def some(self, holder: Holder, node: int, questions: Sequence[Question]) -> Dnf:
        """When all the actions are allowed, those on one type of thing on the same thing."""
        by_type: dict[str, list[Question]] = {}
        formulas: list[Dnf] = []
        for question in questions:
            required = self._required(question[0])
            if required is None:
                formulas.append(self._anywhere(holder, node, question))
            for pattern in required or ():
                by_type.setdefault(pattern, []).append(question)
        for pattern, group in sorted(by_type.items()):
            formulas.append(self.on_type(holder, node, pattern, group)[0])
            if not formulas[-1]:
                return FALSE
        return all_of(formulas)

    def _required(self, action: str) -> tuple[str, ...] | None:
        """ARN patterns of the types that the call needs; `None` when any of several will do, or it takes none."""
        if action not in self._types:
            self._types[action] = self._read(action)
        return self._types[action]

    def _read(self, action: str) -> tuple[str, ...] | None:
        found = catalogue.action(action)
        if found is None:
            return None
        needed = {item.name.lower() for item in found.resource_types if item.required}
        patterns = [self._pattern(kind) for kind in catalogue.resource_types(action) if kind.key.lower() in needed]
        return tuple(dict.fromkeys(patterns)) or None

    def kind_of(self, action: str) -> str:
        """The ARN pattern of what a call makes."""
        return next(iter(self._required(action) or ()), "*")

    def _pattern(self, kind: catalogue.ResourceType) -> str:
        return catalogue.arn_pattern(kind, partition=self._partition, account=self._account)

    def _anywhere(self, holder: Holder, node: int, question: Question) -> Dnf:
        types = [self._pattern(kind) for kind in catalogue.resource_types(question[0])]
        if not types and catalogue.takes_resources(question[0]):
            types = [f"arn:{self._partition}:{question[0].partition(':')[0]}:*:{self._account}:*"]
        if not types:
            return self.allowed(holder, node, question, Target("*", takes_resources=False))
        return any_of(self.on_type(holder, node, pattern, [question])[0] for pattern in types)

    def on_type(self, holder: Holder, node: int, pattern: str, questions: Sequence[Question]) -> tuple[Dnf, str]:
        """When all actions are allowed on one thing of the type, and such a thing (an ARN)."""
        asked = [self.powers.asked(holder, action) for action, _ in questions]
        if not all(one.allows for one in asked):
            return FALSE, pattern
        lines = [line for one in asked for line in one.every]
        if any(one.personal for one in asked):
            return self._best(holder, node, pattern, questions, lines)
        who = self.powers.account.holder_kind(node)
        node = self.powers.account.example(node)
        key = (pattern, tuple(questions), who, holder.gaps, holder.boundary_gap, *(one.key for one in asked))
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._best(holder, node, pattern, questions, lines)
        return found

    def _best(
        self, holder: Holder, node: int, pattern: str, questions: Sequence[Question], lines: Iterable[Line]
    ) -> tuple[Dnf, str]:
        context = self.powers.context(node, questions[0][0], questions[0][1])
        perhaps: list[Dnf] = []
        first = ""
        for arn in self._candidates(pattern, lines, context):
            target = Target(arn)
            formula = all_of(self.allowed(holder, node, question, target) for question in questions)
            if formula == TRUE:
                return TRUE, arn
            if formula:
                first = first or arn
                perhaps.append(formula)
        return any_of(perhaps), first or pattern

    def _candidates(self, pattern: str, lines: Iterable[Line], context: Context) -> Iterator[str]:
        generic = _instance(pattern, pattern)
        found = dict.fromkeys([generic] if generic else [])
        for line in lines:
            for tokens in line.patterns(context):
                instance = _instance(tokens, pattern)
                if instance:
                    found.setdefault(instance)
                if len(found) >= MOST_CANDIDATES:
                    break
        return iter(found)

    def allowed(self, holder: Holder, node: int, question: Question, target: Target) -> Dnf:
        """The decision on one thing that is in no universe."""
        action, fixed = question
        asked = self.powers.asked(holder, action)
        context = self.powers.context(node, action, fixed)

        def applies(lines: Iterable[Line]) -> list[Dnf]:
            found = []
            for line in lines:
                resource = self._covers(line, target, context)
                if resource:
                    holds = self.powers.holds(line, node, action, fixed, None)
                    found.append(holds if resource == TRUE else all_of((resource, holds)))
            return found

        parts = [any_of(applies(asked.allows))]
        if not parts[0]:
            return FALSE
        if asked.boundary is not None:
            parts.append(any_of(applies(asked.boundary)))
        parts += [any_of(applies(level)) for level in asked.levels]
        denies = applies(asked.denies)
        if holder.boundary_gap is not None:
            parts.append(of_literal(gap_literal(holder.boundary_gap, "Allow")))
            denies.append(of_literal(gap_literal(holder.boundary_gap, "Deny")))
        if not all(parts):
            return FALSE
        denies += [of_literal(gap_literal(gap, "Deny")) for gap in holder.gaps]
        return all_of((*parts, negation(any_of(denies))))

    def _covers(self, line: Line, target: Target, context: Context) -> Dnf:
        """Whether the statement's resources cover the thing; alike for all who act, without variables."""
        if line.has_variables:
            return line.compiled.matches_resource(target, line.kind, context)
        key = (line.id, target.arn, target.is_any)
        found = self._covered.get(key)
        if found is None:
            found = self._covered[key] = line.compiled.matches_resource(target, line.kind, context)
        return found


@lru_cache(maxsize=65_536)
def _instance(tokens: str, pattern: str) -> str | None:
    """A thing that fits both a statement's pattern and the type's, field by field; `None` where none is found."""
    fields = tokens.split(":", 5)
    fields += [ANY] * (6 - len(fields))
    wanted = pattern.split(":", 5)
    made = []
    for at, (mine, theirs) in enumerate(zip(fields, wanted, strict=True)):
        value = _both(mine.replace("*", ANY).replace("?", ONE), theirs, REGION if at == 3 else NAME)
        if value is None:
            return None
        made.append(value)
    return ":".join(made)


def _both(mine: str, theirs: str, name: str) -> str | None:
    plain = mine.replace(ANY, "*").replace(ONE, "?")
    if ANY not in mine and ONE not in mine:
        return plain if glob_match(theirs, plain) else None
    for filler in (name, ""):
        for value in (theirs.replace("*", filler or name), mine.replace(ANY, filler).replace(ONE, "x")):
            if glob_match(plain, value) and glob_match(theirs, value):
                return value
    return None
