"""Policy variables: `${key}`, `${key, 'default'}` and the literals `${*}`, `${?}`, `${$}`.

Source: IAM User Guide, "IAM policy elements: Variables and tags"; rules 30 and 37–40. A variable stands for a
single-valued key; wildcards that come in through a value are literal. Without a value and a default it is unresolved:
then a `Resource` entry matches nothing and a negated condition operator matches.
"""

from __future__ import annotations

from advisor.evaluate.context import Context, Unknown
from advisor.evaluate.pattern import ANY, ONE, Glob, glob, plain, tokens_of
from advisor.reference.catalogue import is_multivalued

VERSION_WITH_VARIABLES = "2012-10-17"
"""In documents of an older version, or of none, `${…}` is literal text."""

_LITERALS = {"*": "*", "?": "?", "$": "$"}


class Variable:
    __slots__ = ("default", "is_single", "key", "name")

    def __init__(self, name: str, default: str | None) -> None:
        self.name = name
        self.key = name.lower()
        self.default = default
        self.is_single = not is_multivalued(self.key)
        """A key that holds several values is no variable, even in a request where it holds one."""


Part = str | Variable


def parse_template(text: str) -> tuple[Part, ...]:
    """Split a text into plain text (with `ANY` and `ONE` for its wildcards) and variables.

    A `${` that is not closed is plain text.
    """
    parts: list[Part] = []
    at = 0
    while True:
        start = text.find("${", at)
        end = text.find("}", start) if start >= 0 else -1
        if end < 0:
            break
        _add(parts, tokens_of(text[at:start]))
        _add(parts, _variable(text[start + 2 : end]))
        at = end + 1
    _add(parts, tokens_of(text[at:]))
    return tuple(parts)


def _add(parts: list[Part], part: Part) -> None:
    if isinstance(part, str) and parts and isinstance(parts[-1], str):
        parts[-1] += part
    elif part != "":
        parts.append(part)


def _variable(inside: str) -> Part:
    if inside in _LITERALS:
        return _LITERALS[inside]
    name, comma, rest = inside.partition(",")
    default = rest.strip()
    if comma and len(default) >= 2 and default[0] == default[-1] == "'":
        return Variable(name.strip(), default[1:-1])
    return Variable(name.strip(), None)


class Template:
    """A text that may hold variables and wildcards, ready to be filled in for one context after another."""

    __slots__ = ("_fixed", "parts", "text", "variables")

    def __init__(self, text: str, *, variables: bool = True) -> None:
        self.text = text
        self.parts: tuple[Part, ...] = parse_template(text) if variables and "${" in text else (tokens_of(text),)
        self.variables = tuple(part for part in self.parts if isinstance(part, Variable))
        self._fixed = None if self.variables else ("".join(p for p in self.parts if isinstance(p, str)))

    def fill(self, context: Context) -> str | Unknown | None:
        """The text with `ANY` and `ONE` for its wildcards; `Unknown` when it hangs on an open key, `None` when
        unresolved.
        """
        if self._fixed is not None:
            return self._fixed
        filled: list[str] = []
        unknown: Unknown | None = None
        for part in self.parts:
            value = part if isinstance(part, str) else _value(part, context)
            if value is None:
                return None
            if isinstance(value, Unknown):
                unknown = value
            else:
                filled.append(value)
        return unknown if unknown is not None else "".join(filled)

    def value_for(self, key: str, text: str) -> str | None:
        """What a key must hold for the template to say `text`, where it is the only variable and there are no
        wildcards.
        """
        if [variable.key for variable in self.variables] != [key] or ANY in self._around or ONE in self._around:
            return None
        before, _, after = self._around.partition("\0")
        fits = len(text) >= len(before) + len(after) and text.startswith(before) and text.endswith(after)
        return text[len(before) : len(text) - len(after)] if fits else None

    @property
    def _around(self) -> str:
        """The text with a NUL, which no policy holds, in the place of each variable."""
        return "".join(part if isinstance(part, str) else "\0" for part in self.parts)

    def pattern(self, context: Context) -> Glob | Unknown | None:
        """The filled text as a pattern."""
        if self._fixed is not None and len(self.parts) <= 1 and "${" not in self.text:
            return glob(self.text)
        tokens = self.fill(context)
        return Glob(displayed(tokens), tokens) if isinstance(tokens, str) else tokens


def _value(variable: Variable, context: Context) -> str | Unknown | None:
    if not variable.is_single:
        return None
    known = context.lookup(variable.key)
    if isinstance(known, Unknown):
        return known
    if len(known) == 1:
        return plain(known[0])
    return variable.default if not known else None


def literal_text(tokens: str) -> str:
    """The filled text where wildcards have no meaning: `StringEquals` and the like."""
    return tokens.replace(ANY, "*").replace(ONE, "?")


def written(tokens: str) -> str:
    """The filled text as a policy with variables writes it, to be read again: a `${` in it is no variable."""
    return displayed(tokens.replace("${", "${$}{"))


def displayed(tokens: str) -> str:
    """The filled text as a policy would write it: a star from a variable stays literal, as `${*}`."""
    if "*" in tokens or "?" in tokens:
        tokens = tokens.replace("*", "${*}").replace("?", "${?}")
    return literal_text(tokens)
