"""A question put together from choices: what may stand where `…` stands in the box, to be clicked or taken by Enter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from screens.asking import Question, start_rows
from screens.signs import kind_of, mark
from screens.widgets.rows import Line, Row, heading
from screens.wording import clean, short_name

if TYPE_CHECKING:
    from advisor.access.phrase import Named
    from advisor.account import Advisor

OPEN = "…"
"""What is still to be chosen, in the text of a question."""
_LEVELS = ("read", "write", "delete", "admin", "list")
_SERVICE = "service:"
_USUAL = ("s3", "iam", "sts", "kms", "ec2", "lambda", "secretsmanager", "dynamodb")


def is_open(text: str) -> bool:
    """Whether a part of the question is still to be chosen."""
    return text.rstrip().endswith(OPEN)


def step_back(text: str) -> str:
    """The question before its last choice."""
    words = text.strip().removesuffix(OPEN).split()[:-1]
    return " ".join((*words, OPEN)) if words else ""


def rows_to_begin(advisor: Advisor, tab: str, text: str, asked: Sequence[tuple[str, str]]) -> list[Row]:
    """What the list shows instead of an answer: under an empty box questions to take, then what one may begin with."""
    if is_open(text):
        return choices_for(advisor, tab, text)
    if text.strip():
        return []
    return [*start_rows(tab, asked, advisor.snapshot), *choices_for(advisor, tab, text)]


def choices_for(advisor: Advisor, tab: str, text: str) -> list[Row]:
    """What the next word may be, each with the question (or the part of one) that it makes."""
    words = text.strip().removesuffix(OPEN).split()
    if tab in ("can", "what") and not words:
        return _principals(advisor, tab)
    if tab == "denied" or tab == "what":
        return []
    lead, rest = (words[:1], words[1:]) if tab == "can" else ([], words)
    if not rest:
        return _verbs(tab, lead)
    if rest[0] == _SERVICE:
        return _services(advisor, tab, lead)
    if rest[0].endswith(":"):
        return _actions(tab, lead, rest[0])
    return list(_things(advisor, tab, lead, rest[0]))


def _row(tab: str, words: Iterable[str], shown: Content | str, right: str = "") -> Line:
    text = " ".join(words)
    content = Content(shown) if isinstance(shown, str) else shown
    return Line(f"choice {tab} {text}", content, right=Content.styled(right, "$quiet"), value=Question(tab, text))


def _principals(advisor: Advisor, tab: str) -> list[Row]:
    found = [
        (one.name, one.arn, kind)
        for snapshot in advisor.snapshots
        for kind, everyone in (("user", snapshot.users), ("role", snapshot.roles))
        for one in everyone
    ]
    twice = _twice(name for name, _, _ in found)
    then = (OPEN,) if tab == "can" else ()
    rows = [
        _row(tab, (arn if name in twice or " " in name else name, *then), _named(kind, name), kind)
        for name, arn, kind in sorted(found, key=lambda one: one[0].lower())
    ]
    return [heading("WHO"), *rows]


def _verbs(tab: str, lead: list[str]) -> list[Row]:
    levels = [_row(tab, (*lead, level, OPEN), f"{level} {OPEN}") for level in _LEVELS]
    action = _row(tab, (*lead, f"{_SERVICE}{OPEN}"), f"an action {OPEN}", "service by service")
    return [heading("CHOOSE"), *levels, action]


def _services(advisor: Advisor, tab: str, lead: list[str]) -> list[Row]:
    from advisor.reference.catalogue import services

    known = services()
    here = {resource.kind.partition(":")[0].lower() for one in advisor.snapshots for resource in one.resources}
    first = [one for one in known if one in here or one in _USUAL]
    rest = [one for one in known if one not in first]
    rows = [[_row(tab, (*lead, f"{one}:{OPEN}"), f"{one}:{OPEN}") for one in some] for some in (first, rest)]
    return [heading("ACTIONS OF"), *rows[0], heading("OTHER SERVICES"), *rows[1]]


def _actions(tab: str, lead: list[str], service: str) -> list[Row]:
    from advisor.reference.catalogue import action_names

    names = sorted(action_names(service.removesuffix(":")))
    return [heading("ACTION"), *(_row(tab, (*lead, f"{service}{name}", OPEN), f"{service}{name}") for name in names)]


def _things(advisor: Advisor, tab: str, lead: list[str], verb: str) -> Iterator[Row]:
    """On what: the things of this account that the verb can be about, then everything of a kind."""
    from advisor.access.phrase import names_of

    if ":" in verb:
        yield _row(tab, (*lead, verb), "on anything")
    names = [one for snapshot in advisor.snapshots for one in names_of(snapshot)]
    twice = _twice(one.name for one in names)
    kinds: dict[str, list[Named]] = {}
    for one in names:
        kinds.setdefault(one.kind, []).append(one)
    for kind in sorted(kinds, key=_buckets_first):
        found = kinds[kind]
        if not _can_be_about(advisor, verb, found[0]):
            continue
        yield heading(clean(kind))
        for one in sorted(found, key=lambda one: one.name.lower()):
            told = one.arn if one.name in twice or " " in one.name else one.name
            yield _row(tab, (*lead, verb, told), _named(kind.removeprefix("iam:"), one.name), _region(one.arn))
    if ":" not in verb:
        yield heading("ALL OF A KIND")
        for question in advisor.questions(verb):
            yield _row(tab, (*lead, question.words), f"all {clean(question.words.partition(' ')[2])}")


def _buckets_first(kind: str) -> tuple[bool, bool, str]:
    """Buckets, as most ask about those; then other resources; what is of IAM last."""
    return kind.startswith("iam:"), kind != "s3:bucket", kind


def _can_be_about(advisor: Advisor, verb: str, one: Named) -> bool:
    questions = advisor.questions(f"{verb} {one.name}")
    return any((question.resource or "").startswith(one.arn) for question in questions)


def _named(kind: str, name: str) -> Content:
    return Content.assemble(mark(kind_of(kind)), f" {short_name(name)}")


def _region(arn: str) -> str:
    return clean(arn.split(":", 4)[3]) if arn.count(":") >= 5 else ""


def _twice(names: Iterable[str]) -> set[str]:
    """Names that more than one thing has: those are told by their ARNs."""
    seen: set[str] = set()
    return {name for name in names if name in seen or seen.add(name)}  # type: ignore[func-returns-value]
