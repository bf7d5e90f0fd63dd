"""Whether a claim holds for an account: yes, no, or unknown with the gaps that make it so."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from advisor.advice.facts import ask
from advisor.advice.sentences import sentence_of
from advisor.model.finding import Evidence, FactValue
from advisor.model.gap import Gap
from advisor.reference.claims import LISTS, NOW, Claim, Test, parse_claim

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount

_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_WORDS = {"yes": True, "no": False}


class Judgement(msgspec.Struct, frozen=True):
    """`holds` is `None` when it is not known. `facts` are the answers that it rests on."""

    claim: str
    holds: bool | None
    facts: tuple[FactValue, ...]

    @property
    def sentence(self) -> str:
        """The claim in words; several are joined as they were written."""
        return " and ".join(sentence_of(part) for part in self.claim.split(" and ")) if self.claim else ""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return tuple(one for fact in self.facts for one in fact.evidence)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        return tuple(dict.fromkeys(gap for fact in self.facts for gap in fact.gaps))


def judge(account: OpenAccount, claim: str | Claim) -> Judgement:
    """Check one claim. With several tests one that is true is enough; else an unknown one makes it unknown."""
    parsed = parse_claim(claim) if isinstance(claim, str) else claim
    answers = tuple(ask(account, test.fact) for test in parsed.tests)
    outcomes = [passes(test, answer) for test, answer in zip(parsed.tests, answers, strict=True)]
    return Judgement(str(parsed), any_of(outcomes), answers)


def judge_all(account: OpenAccount, claims: Iterable[str]) -> Judgement:
    """Check several claims of which each must hold; one that does not hold is enough to say no."""
    judged = [judge(account, claim) for claim in claims]
    outcomes = [one.holds for one in judged]
    holds = False if False in outcomes else None if None in outcomes else True
    return Judgement(
        " and ".join(one.claim for one in judged), holds, tuple(fact for one in judged for fact in one.facts)
    )


def any_of(outcomes: Iterable[bool | None]) -> bool | None:
    found = list(outcomes)
    return True if True in found else None if None in found else False


def passes(test: Test, answer: FactValue) -> bool | None:
    """One test against one answer. A list with gaps means "at least these": more may exist that was not read."""
    if answer.value is None or NOW in test.values:
        return None
    if isinstance(answer.value, tuple):
        return _list_passes(test, answer.value, bool(answer.gaps))
    return _scalar_passes(test, answer.value)


def _list_passes(test: Test, listed: tuple[str, ...], more: bool) -> bool | None:
    count = len(listed)
    if not test.op:
        return True if listed else None if more else False
    if test.op == "has":
        return True if any(among(entry, test.values) for entry in listed) else None if more else False
    if test.op == "within":
        outside = [entry for entry in listed if not among(entry, test.values)]
        return False if outside else None if more else True
    if test.op == "keeps":
        lost = [entry for entry in test.values if not any(among(other, (entry,)) for other in listed)]
        return True if not lost else None if more else False
    wanted = int(_number(test.values[0]))
    holds = _COMPARE[test.op](count, wanted)
    if not more:
        return holds
    settled = {"=": count > wanted, "!=": count > wanted, "<": not holds, "<=": not holds, ">": holds, ">=": holds}
    return holds if settled[test.op] else None


def among(entry: str, listed: Iterable[str]) -> bool:
    """By the whole entry, by an ARN's resource (`user/team/ana`), or by the name at its end."""
    return any(other in (entry, entry.rsplit("/", 1)[-1]) or short(entry) == other for other in listed)


def short(entry: str) -> str:
    """The resource of an IAM ARN, which is unambiguous in its account; anything else as it is."""
    parts = entry.split(":", 5)
    return parts[5] if len(parts) == 6 and parts[0] == "arn" and parts[2] == "iam" else entry


def _scalar_passes(test: Test, value: bool | int | float | str) -> bool | None:
    if not test.op:
        return bool(value) and value not in ("none", "no")
    wanted = test.values[0]
    if test.op in ("=", "!="):
        same = _same(value, wanted)
        return same if test.op == "=" else not same
    if test.op in LISTS:
        return any(_same(value, entry) for entry in test.values)
    if test.op == "has":
        return _same(value, wanted)
    return isinstance(value, int | float) and _COMPARE[test.op](int(value), int(wanted))


def _same(value: bool | int | float | str, wanted: str) -> bool:
    if isinstance(value, bool) or wanted in _WORDS:
        return bool(value) == _WORDS.get(wanted, wanted in ("1", "true"))
    return str(value) == wanted


def _number(text: str) -> int:
    return int(_WORDS[text]) if text in _WORDS else int(text)


def fixed(account: OpenAccount, claim: str) -> str:
    """The claim with `$now` replaced by what the fact says today, so that a record can be checked later."""
    parsed = parse_claim(claim)
    tests = tuple(_fixed_test(account, test) for test in parsed.tests)
    return str(Claim(tests))


def _fixed_test(account: OpenAccount, test: Test) -> Test:
    if NOW not in test.values:
        return test
    answer = ask(account, test.fact).value
    if answer is None:  # not known today: it stays `$now`, and so is never held against the account
        return test
    values = tuple(short(entry) for entry in answer) if isinstance(answer, tuple) else (str(answer),)
    return msgspec.structs.replace(test, values=values)
