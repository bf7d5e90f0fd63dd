"""Conditions in the words of people, for tables, screens and records.

The words are those of AWS's table of operators: a negated operator also matches where the key is absent, `…IfExists`
always does, so that what is said when a condition must *not* hold says the right thing of an absent key too
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html).
Keys and values are an account's own text: whoever shows the words makes them harmless.
"""

from __future__ import annotations

from typing import NamedTuple

from advisor.model.document import Condition
from advisor.model.verdict import Conditions

LISTED = 3
"""Values, and groups of conditions, that are named before the rest is only counted."""


class _Operator(NamedTuple):
    word: str
    opposite: str
    negated: bool = False
    """Matches where none of the values does, an absent key included."""


_OPERATORS = {
    "bool": _Operator("is", "is not"),
    "stringequals": _Operator("is", "is not"),
    "stringequalsignorecase": _Operator("is, case apart,", "is not, case apart,"),
    "stringlike": _Operator("is like", "is not like"),
    "arnequals": _Operator("is", "is not"),
    "arnlike": _Operator("is like", "is not like"),
    "ipaddress": _Operator("is in", "is not in"),
    "binaryequals": _Operator("is", "is not"),
    "numericequals": _Operator("=", "≠"),
    "numericlessthan": _Operator("<", "≥"),
    "numericlessthanequals": _Operator("≤", ">"),
    "numericgreaterthan": _Operator(">", "≤"),
    "numericgreaterthanequals": _Operator("≥", "<"),
    "dateequals": _Operator("is", "is not"),
    "datelessthan": _Operator("is before", "is not before"),
    "datelessthanequals": _Operator("is until", "is after"),
    "dategreaterthan": _Operator("is after", "is until"),
    "dategreaterthanequals": _Operator("is from", "is before"),
    "stringnotequals": _Operator("is not", "is", True),
    "stringnotequalsignorecase": _Operator("is not, case apart,", "is, case apart,", True),
    "stringnotlike": _Operator("is not like", "is like", True),
    "arnnotequals": _Operator("is not", "is", True),
    "arnnotlike": _Operator("is not like", "is like", True),
    "notipaddress": _Operator("is not in", "is in", True),
    "numericnotequals": _Operator("≠", "=", True),
    "datenotequals": _Operator("is not", "is", True),
}
_SETS = {"forallvalues": "every value of ", "foranyvalue": "some value of "}
_TRUTH = {"true": "false", "false": "true"}


def condition_words(condition: Condition) -> str:
    """`aws:MultiFactorAuthPresent is true`; the operator as AWS writes it where there is no word for it."""
    prefix, _, bare = condition.operator.lower().rpartition(":")
    name = bare.removesuffix("ifexists")
    if name == "null" and len(condition.values) == 1 and not prefix:
        is_absent = condition.values[0].lower() == "true"
        return f"{condition.key} is {'absent' if is_absent != condition.unless else 'there'}"
    operator = _OPERATORS.get(name)
    if operator is None or prefix:
        return _as_written(condition, prefix, operator)
    matches_absent = operator.negated or bare.endswith("ifexists")
    word, values = operator.word, condition.values
    if condition.unless:
        word, matches_absent = operator.opposite, not matches_absent
        opposite = _TRUTH.get(values[0].lower()) if name == "bool" and len(values) == 1 else None
        word, values = ("is", (opposite,)) if opposite else (word, values)
    # `is not` alone says of an absent key what AWS does; only what would surprise is spelled out.
    speaks_of_absent = word.startswith(("is not", "≠"))
    absent = "" if matches_absent == speaks_of_absent else " or absent" if matches_absent else " and there"
    return f"{condition.key} {word} {_values(values, word)}{absent}"


def _as_written(condition: Condition, prefix: str, operator: _Operator | None) -> str:
    bare = condition.operator.rpartition(":")[2]
    word = operator.word if operator else bare
    absent = " or absent" if operator and bare.lower().endswith("ifexists") else ""
    text = f"{_SETS.get(prefix, '')}{condition.key} {word} {_values(condition.values, word)}{absent}"
    return f"not ({text})" if condition.unless else text


def _values(values: tuple[str, ...], word: str) -> str:
    shown = [value or "an empty text" for value in values[:LISTED]]
    if len(values) > LISTED:
        return f"{', '.join(shown)} or {len(values) - LISTED:,} more"
    return " or ".join((", ".join(shown[:-1]), shown[-1])) if len(shown) > 1 else "".join(shown)


def conditions_words(conditions: Conditions, at_most: int = 0) -> str:
    """Any of the groups, each with all of its conditions; only the first `at_most` groups where it is not 0."""
    groups = [" and ".join(map(condition_words, group)) for group in conditions]
    shown = groups[:at_most] if at_most else groups
    more = f" or {len(groups) - len(shown):,} more" if len(groups) > len(shown) else ""
    return " or ".join(shown) + more
