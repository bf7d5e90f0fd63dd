"""Claims about an account as knowledge files and records write them: `users.console_no_mfa = 0`.

    claim  = test { " or " test }
    test   = fact                        it says yes, or lists something
           | fact op value               op: =  !=  <  <=  >  >=
           | fact within [a, b]          everything listed is among these
           | fact keeps [a, b]           all of these are among what is listed
           | fact has a                  a is among what is listed

A list compares with a number by its length. The entries of `within` and `keeps` are parted by a comma and a space, for
IAM names may hold commas. What would be read as something else there (a line break, ` or `, a comma and a space) is
written as a URL has it, `%2C`. `$now` stands for what the fact says when the claim is recorded.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

import msgspec

from advisor.errors import InputError

NOW = "$now"
_TEST = re.compile(
    r"(?P<fact>[a-z0-9_.A-Z]+(?:\([^()]*\))?)(?:\s*(?P<op><=|>=|!=|=|<|>|\bwithin\b|\bkeeps\b|\bhas\b)\s*(?P<value>[^=<>!\s].*))?"
)
LISTS = ("within", "keeps")


class Test(msgspec.Struct, frozen=True):
    """One comparison. `op` is empty for a bare fact; `values` has one entry except for `LISTS`."""

    __test__ = False

    fact: str
    op: str = ""
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.op:
            return self.fact
        is_list = self.op in LISTS and NOW not in self.values
        values = [_written(value) for value in self.values]
        value = f"[{', '.join(values)}]" if is_list else values[0]
        return f"{self.fact} {self.op} {value}"


class Claim(msgspec.Struct, frozen=True):
    """True when any of its tests is."""

    tests: tuple[Test, ...]

    def __str__(self) -> str:
        return " or ".join(str(test) for test in self.tests)


def parse_claim(text: str) -> Claim:
    """Read a claim.

    Raises:
        InputError: it has another form.
    """
    return Claim(tuple(_test(part.strip(), text) for part in text.split(" or ")))


def _test(part: str, text: str) -> Test:
    match = _TEST.fullmatch(part)
    if match is None:
        raise InputError(f"`{text}` is no claim: write `fact op value`")
    op, value = match["op"] or "", (match["value"] or "").strip()
    if op in LISTS:
        return Test(match["fact"], op, _list(value, text))
    if op in ("<", "<=", ">", ">=") and not re.fullmatch(r"-?\d+", value):
        raise InputError(f"`{text}`: `{op}` compares with a whole number, not with `{value}`")
    return Test(match["fact"], op, (_read(value),) if op else ())


def _list(value: str, text: str) -> tuple[str, ...]:
    if value == NOW:
        return (NOW,)
    if not (value.startswith("[") and value.endswith("]")):
        raise InputError(f"`{text}`: `within` and `keeps` need a list in brackets, or `{NOW}`")
    return tuple(_read(part.strip()) for part in value[1:-1].split(", ") if part.strip())


_MISREAD = re.compile(r"%(?=[0-9A-Fa-f]{2})|^[=<>!\s]|\s$|,(?=\s|$)|\s(?=or\s)|(?<=^or)\s|[^\S ]|[\x00-\x1f\x7f-\x9f]")
_CODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


def _written(value: str) -> str:
    """The value so that it is read again as it is, whatever it holds."""
    return value if value == NOW else _MISREAD.sub(lambda found: quote(found.group(), safe=""), value)


def _read(value: str) -> str:
    return _CODED.sub(lambda found: unquote(found.group()), value)
