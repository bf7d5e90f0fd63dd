"""Condition blocks: three values. A condition matches, does not match, or perhaps does: then it remains as a literal.

Operators are ANDed, keys under one operator are ANDed, values are ORed, values of a negated operator NORed. Key and
operator names ignore case. An operator that does not exist matches nothing. Sources: IAM User Guide, "Conditions with
multiple context keys or values", "Single-valued vs. multivalued context keys"; rules 41–47.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from advisor.evaluate.context import ABSENT, PRESENT, Context, Unknown
from advisor.evaluate.operators import NULL, OPERATORS, Operator, Test, from_then_on
from advisor.evaluate.pattern import glob_covers, glob_match, globs_overlap
from advisor.evaluate.residual import FALSE, TRUE, Dnf, Literal
from advisor.evaluate.variables import Template, displayed, written
from advisor.model.document import Condition
from advisor.model.gap import Gap

_QUANTIFIERS = {"foranyvalue": "any", "forallvalues": "all"}


class _Tests(NamedTuple):
    """The policy's values ready to be compared: whether one hangs on an open key, or cannot be read."""

    tests: tuple[Test, ...]
    is_doubtful: bool
    is_malformed: bool


class CompiledCondition:
    """One operator on one key, ready to be asked with one context after another."""

    __slots__ = (
        "_literal", "_templates", "_tests", "if_exists", "key", "keys", "operator", "quantifier",
        "written",
    )  # fmt: skip

    def __init__(self, written: Condition, *, variables: bool = True) -> None:
        self.written = written
        self.key = written.key.lower()
        self.quantifier, self.operator, self.if_exists = parse_operator(written.operator)
        fills = variables and self.operator is not None and self.operator.variables
        self._templates = tuple(Template(value, variables=fills) for value in written.values)
        self.keys = frozenset(
            (self.key, *(variable.key for template in self._templates for variable in template.variables))
        )
        self._literal: Literal | None = None
        self._tests: _Tests | None = None
        if (
            self.operator is not None
            and len(self.keys) == 1
            and not any(template.variables for template in self._templates)
        ):
            self._tests = self._read(Context())

    def holds(self, context: Context) -> bool | None:
        """Whether the condition matches; `None` when that hangs on what is open."""
        if self.operator is None:
            return False
        known = context.lookup(self.key)
        if self.operator is NULL:
            return self._null(known)
        if known == ABSENT:
            return self.if_missing
        tests = self._tests if self._tests is not None else self._read(context)
        if isinstance(known, Unknown):
            return self._of_unknown(known, tests, context)
        if self.quantifier is None:
            return self._one(known[0], tests) if len(known) == 1 else False
        if self.quantifier == "all":
            return known == ("",) or _all(self._one(value, tests) for value in known)
        return _any(self._one(value, tests) for value in known)

    @property
    def if_missing(self) -> bool:
        """Whether the condition matches a request without the key."""
        if self.operator is NULL:
            return bool(self._null(ABSENT))
        if self.operator is None or self.if_exists or self.quantifier is not None:
            return self.operator is not None and (self.if_exists or self.quantifier == "all")
        return self.operator.negated

    @property
    def family(self) -> str:
        """The operator without negation (`StringLike`), an empty text for an unknown one."""
        return self.operator.base if self.operator is not None else ""

    @property
    def is_negated(self) -> bool:
        return self.operator is not None and self.operator.negated

    def filled(self, context: Context) -> list[str]:
        """The values as tokens, without those that hang on open keys or have no value."""
        found = (template.fill(context) for template in self._templates)
        return [tokens for tokens in found if isinstance(tokens, str)]

    def values_for(self, variable: str, texts: Iterable[str]) -> list[str]:
        """What one of its variables would have to be for one of its values to say one of the texts."""
        found = (template.value_for(variable, text) for template in self._templates for text in texts)
        return [value for value in found if value]

    def _null(self, known: tuple[str, ...] | Unknown) -> bool | None:
        wanted = {value.lower() for value in self.written.values} & {"true", "false"}
        if isinstance(known, Unknown) and not known.is_there:
            absent, present = self._null(ABSENT), self._null(PRESENT)
            return absent if absent == present else None
        if known == ABSENT and self.quantifier is not None:
            return self.quantifier == "all"
        return ("true" if known == ABSENT else "false") in wanted

    def _read(self, context: Context) -> _Tests:
        """Tests of the policy's values in this context.

        A value whose variable is absent gives no test: it equals nothing (rule 38).
        """
        assert self.operator is not None
        tests: list[Test] = []
        is_doubtful = is_malformed = False
        for template in self._templates:
            tokens = template.fill(context)
            if isinstance(tokens, Unknown):
                is_doubtful = True
            elif tokens is not None:
                test = self.operator.read(tokens)
                if test is None:
                    is_malformed = True
                else:
                    tests.append(test)
        return _Tests(tuple(tests), is_doubtful, is_malformed)

    def _of_unknown(self, known: Unknown, tests: _Tests, context: Context) -> bool | None:
        """What is certain all the same: of a key whose value cannot match, fits a pattern, or is no earlier time."""
        if not self._can_match(tests, known):
            return False
        if known.since is not None:
            later = self._from_then_on(known.since)
            return later if known.is_there or later == self.if_missing else None
        return None if known.shape == "*" else self._of_shape(known.shape, context)

    def _from_then_on(self, since: Decimal) -> bool | None:
        """What is certain where the key is there and holds a time that is not before `since`."""
        assert self.operator is not None
        results = [from_then_on(self.operator, value, since) for value in self.written.values]
        if True in results:
            return not self.is_negated
        return None if None in results else self.is_negated

    def _can_match(self, tests: _Tests, known: Unknown) -> bool:
        """Whether any request could match: a value that cannot be read makes even a negated operator match nothing."""
        if not known.is_there and self.if_missing:
            return True
        return not tests.is_malformed if self.is_negated else bool(tests.tests) or tests.is_doubtful

    def _of_shape(self, shape: str, context: Context) -> bool | None:
        """What is certain of a value of which only a pattern is known."""
        if self.family not in ("StringLike", "StringEquals") or len(self.keys) > 1:
            return None
        wild = self.family == "StringLike"
        entries = [displayed(tokens) for tokens in self.filled(context)]
        if any(wild and glob_covers(entry, shape) for entry in entries):
            return not self.is_negated
        if not any(globs_overlap(entry, shape) if wild else glob_match(shape, entry) for entry in entries):
            return self.is_negated
        return None

    def _one(self, value: str, tests: _Tests) -> bool | None:
        results = [test(value) for test in tests.tests]
        if True in results:
            return not self.is_negated
        if self.is_negated and (tests.is_malformed or None in results):
            return False
        return None if tests.is_doubtful else self.is_negated

    def literal(self, context: Context) -> Literal:
        """The condition as it remains, with the variables that are known filled in.

        One that hangs on what could not be read is no condition of the request: it stands for the gap.
        """
        gap = self._gap(context)
        if gap is not None:
            remains = self._make_literal(context)
            atom = (*remains.atom, "gap", gap.call, gap.resource or "")
            return Literal(atom, remains.positive, remains.shown, gap)
        if self._tests is not None and self._literal is not None:
            return self._literal
        literal = self._make_literal(context)
        if self._tests is not None:
            self._literal = literal
        return literal

    def _gap(self, context: Context) -> Gap | None:
        found = (context.lookup(key) for key in self.keys)
        return next((known.gap for known in found if isinstance(known, Unknown) and known.gap is not None), None)

    def _make_literal(self, context: Context) -> Literal:
        filled = [(template.text, template.fill(context)) for template in self._templates]
        values = [written(tokens) if isinstance(tokens, str) else text for text, tokens in filled]
        shown = Condition(self.written.operator, self.written.key, tuple(values))
        tests = self._tests or self._read(context)
        atom, positive = self._atom(tuple(sorted(set(values))), tests.is_malformed)
        return Literal(atom, positive, shown)

    def _atom(self, values: tuple[str, ...], is_malformed: bool) -> tuple[tuple[str, ...], bool]:
        """A name that an operator and its opposite share, and the sign of this one."""
        assert self.operator is not None
        base, quantifier, negated = self.operator.base, self.quantifier or "", self.operator.negated
        if self.operator is NULL and values == ("false",):
            return ("", "Null", "", self.key, "true"), False
        if is_malformed or (negated and self.if_exists and quantifier == "any"):
            return (quantifier, self.operator.name, "IfExists" if self.if_exists else "", self.key, *values), True
        if negated and quantifier:
            quantifier = "all" if quantifier == "any" else "any"
        exists = "IfExists" if self.if_exists and not negated and quantifier != "all" else ""
        return (quantifier, base, exists, self.key, *values), not negated


def parse_operator(text: str) -> tuple[str | None, Operator | None, bool]:
    """Quantifier (`any`, `all`, `None`), operator (`None`: unknown), and whether it ends in `IfExists`."""
    name = text.lower()
    prefix, colon, rest = name.partition(":")
    quantifier = _QUANTIFIERS.get(prefix) if colon else None
    if colon and quantifier is None:
        return None, None, False
    name = rest if colon else name
    if_exists = name.endswith("ifexists")
    operator = OPERATORS.get(name.removesuffix("ifexists"))
    if operator is NULL and if_exists:
        operator = None
    return quantifier, operator, if_exists


def compile_conditions(written: Iterable[Condition], *, variables: bool = True) -> tuple[CompiledCondition, ...]:
    return tuple(CompiledCondition(condition, variables=variables) for condition in written)


def remaining(conditions: Sequence[CompiledCondition], context: Context) -> Dnf:
    """The whole block in this context: `TRUE`, `FALSE`, or one term with the conditions that perhaps match."""
    literals: list[Literal] = []
    for condition in conditions:
        holds = condition.holds(context)
        if holds is False:
            return FALSE
        if holds is None:
            literals.append(condition.literal(context))
    if not literals:
        return TRUE
    term = frozenset(literals)
    if len({literal.atom for literal in term}) < len(term):
        return FALSE  # one condition and its opposite
    return (term,)


def _all(results: Iterable[bool | None]) -> bool | None:
    found = set(results)
    return False if False in found else None if None in found else True


def _any(results: Iterable[bool | None]) -> bool | None:
    found = set(results)
    return True if True in found else None if None in found else False
