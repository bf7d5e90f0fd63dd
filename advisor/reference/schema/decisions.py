"""Decision trees: questions with options that lead to further questions, to outcomes, or into another tree.

A tree is data. Suggestions are claims about facts; every path ends in an outcome, and nothing leads in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from advisor.errors import InputError
from advisor.reference.claims import parse_claim
from advisor.reference.problem import Problem
from advisor.reference.schema import Source
from advisor.reference.shape import nearest

UNSURE = "unsure"
"""The option that every question has: it keeps all ways open and comes back."""


class Rule(msgspec.Struct, frozen=True):
    """Suggest an option when each claim holds. Rules are tried in order; one that is not known ends the search."""

    option: str
    because: str
    """May name facts in braces: `{users.human}` people."""
    when: tuple[str, ...] = ()


class Option(msgspec.Struct, frozen=True):
    """`outcomes` are gathered on the way; `next` asks on in this tree, `tree` goes into another one, else it ends."""

    id: str
    label: str
    note: str = ""
    outcomes: tuple[str, ...] = ()
    next: str = ""
    tree: str = ""
    at: str = ""
    """The question of the other tree; its first one when empty."""


class Ask(msgspec.Struct, frozen=True):
    """A question. `show` names the facts to lay beside it, `unsure` says how to find out."""

    text: str
    why: str
    options: tuple[Option, ...]
    unsure: str
    show: tuple[str, ...] = ()
    suggest: tuple[Rule, ...] = ()


class Limit(msgspec.Struct, frozen=True):
    """A limit, with the page that says it. Figures that the account itself tells are facts, not limits."""

    text: str
    url: str = ""
    checked: str = ""
    """ISO date on which the page was read."""

    def __post_init__(self) -> None:
        if self.url:
            Source(self.url, self.checked)


class Step(msgspec.Struct, frozen=True):
    """A change of an outcome: for each entry of a fact, or once."""

    template: str
    each: str = ""
    when: tuple[str, ...] = ()
    values: dict[str, str] = {}
    fill: dict[str, str] = {}
    """Values that facts list, with `{subject}` for the entry: one change for each."""
    ticked: bool = True
    """Whether it may be pre-selected when it is safe."""


class Handover(msgspec.Struct, frozen=True):
    """What goes on in another tree after this outcome."""

    tree: str
    text: str
    at: str = ""
    when: tuple[str, ...] = ()


class Result(msgspec.Struct, frozen=True):
    """What a walk may end in."""

    title: str
    recommendation: str
    good: tuple[str, ...]
    bad: tuple[str, ...]
    unless: str
    """Why it is not chosen when something else is."""
    revisit: tuple[str, ...]
    limits: tuple[Limit, ...] = ()
    changes: tuple[Step, ...] = ()
    invariants: tuple[str, ...] = ()
    next: tuple[Handover, ...] = ()


class Decision(msgspec.Struct, frozen=True):
    """A tree: what was said in 2016, what is said now, since when and why."""

    id: str
    number: int
    title: str
    question: str
    """The decision as one question, for the record's problem statement."""
    then: str
    now: str
    since: str
    why: str
    start: str
    questions: dict[str, Ask]
    outcomes: dict[str, Result]
    sources: tuple[Source, ...]
    covers: tuple[str, ...] = ()


SCHEMA = Decision
Node = tuple[str, str]
"""(tree, question)"""


def check(items: Mapping[str, Decision]) -> Iterable[Problem]:
    for tree in items.values():
        yield from _own(tree)
        yield from _other_trees(tree, items)
    yield from _circles(items)
    yield from _ends(items)


def _own(tree: Decision) -> Iterator[Problem]:
    if not tree.sources:
        yield Problem(tree.id, "sources", "a tree needs a source")
    if tree.start not in tree.questions:
        yield Problem(tree.id, "start", f"no question `{tree.start}`{nearest(tree.start, tree.questions)}")
    for id, ask in tree.questions.items():
        yield from _question(tree, id, ask)
    for id, result in tree.outcomes.items():
        claims = [*result.invariants, *(claim for step in result.changes for claim in step.when)]
        claims += [claim for handover in result.next for claim in handover.when]
        yield from _claims(tree.id, f"outcomes.{id}", claims)
    yield from _unreachable(tree)


def _question(tree: Decision, id: str, ask: Ask) -> Iterator[Problem]:
    place = f"questions.{id}"
    options = [option.id for option in ask.options]
    if len(options) < 2 or len(set(options)) != len(options) or UNSURE in options:
        yield Problem(tree.id, f"{place}.options", f"needs two or more different options, none of them `{UNSURE}`")
    for position, option in enumerate(ask.options):
        where = f"{place}.options[{position}]"
        if option.next and option.next not in tree.questions:
            yield Problem(tree.id, where, f"no question `{option.next}`{nearest(option.next, tree.questions)}")
        for outcome in option.outcomes:
            if outcome not in tree.outcomes:
                yield Problem(tree.id, where, f"no outcome `{outcome}`{nearest(outcome, tree.outcomes)}")
        if option.next and option.tree:
            yield Problem(tree.id, where, "goes on either in this tree or in another one")
    for position, rule in enumerate(ask.suggest):
        where = f"{place}.suggest[{position}]"
        if rule.option not in options:
            yield Problem(tree.id, where, f"no option `{rule.option}`{nearest(rule.option, options)}")
        yield from _claims(tree.id, where, rule.when)


def _claims(id: str, place: str, claims: Iterable[str]) -> Iterator[Problem]:
    for claim in claims:
        try:
            parse_claim(claim)
        except InputError as error:
            yield Problem(id, place, error.message)


def _unreachable(tree: Decision) -> Iterator[Problem]:
    """Questions may be the entry from another tree; outcomes must be led to."""
    led_to = {option.next for ask in tree.questions.values() for option in ask.options} | {tree.start}
    for id in tree.questions:
        if id not in led_to:
            yield Problem(tree.id, f"questions.{id}", "nothing leads to this question")
    given = {outcome for ask in tree.questions.values() for option in ask.options for outcome in option.outcomes}
    for id in tree.outcomes:
        if id not in given:
            yield Problem(tree.id, f"outcomes.{id}", "nothing leads to this outcome")


def _other_trees(tree: Decision, items: Mapping[str, Decision]) -> Iterator[Problem]:
    doors = [
        (f"questions.{id}.options[{position}]", option.tree, option.at)
        for id, ask in tree.questions.items()
        for position, option in enumerate(ask.options)
        if option.tree
    ]
    doors += [
        (f"outcomes.{id}.next[{position}]", handover.tree, handover.at)
        for id, result in tree.outcomes.items()
        for position, handover in enumerate(result.next)
    ]
    for place, other, at in doors:
        if other not in items:
            yield Problem(tree.id, place, f"no tree `{other}`{nearest(other, items)}")
        elif at and at not in items[other].questions:
            yield Problem(tree.id, place, f"`{other}` has no question `{at}`{nearest(at, items[other].questions)}")


def leads_to(items: Mapping[str, Decision], node: Node) -> Iterator[tuple[Option, Node | None]]:
    """Each option of a question with the question that follows, in this tree or another; `None` where the walk ends."""
    tree, id = node
    for option in items[tree].questions[id].options:
        yield option, follows(items, tree, option)


def follows(items: Mapping[str, Decision], tree: str, option: Option) -> Node | None:
    if option.tree:
        return (option.tree, option.at or items[option.tree].start) if option.tree in items else None
    return (tree, option.next) if option.next else None


def _circles(items: Mapping[str, Decision]) -> Iterator[Problem]:
    finished: set[Node] = set()
    for tree in items.values():
        for id in tree.questions:
            circle = _circle(items, (tree.id, id), finished)
            if circle:
                steps = " → ".join(f"{a}.{b}" for a, b in circle)
                yield Problem(circle[0][0], f"questions.{circle[0][1]}", f"leads in a circle: {steps}")
                return


def _circle(items: Mapping[str, Decision], start: Node, finished: set[Node]) -> tuple[Node, ...]:
    path: list[Node] = []

    def visit(node: Node) -> tuple[Node, ...]:
        if node in finished or not _exists(items, node):
            return ()
        if node in path:
            return (*path[path.index(node) :], node)
        path.append(node)
        for _, following in leads_to(items, node):
            found = visit(following) if following and _exists(items, following) else ()
            if found:
                return found
        finished.add(path.pop())
        return ()

    return visit(start)


def _exists(items: Mapping[str, Decision], node: Node) -> bool:
    return node[0] in items and node[1] in items[node[0]].questions


def _ends(items: Mapping[str, Decision]) -> Iterator[Problem]:
    """An option that ends a walk on which no outcome was gathered leaves the user without advice."""
    for tree in items.values():
        if tree.start not in tree.questions:
            continue
        for id, option in sorted(_empty_ends(tree)):
            yield Problem(tree.id, f"questions.{id}", f"the option `{option}` ends without an outcome")


def _empty_ends(tree: Decision) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    seen: set[tuple[str, bool]] = set()
    waiting = [(tree.start, False)]
    while waiting:
        id, has_outcome = waiting.pop()
        if (id, has_outcome) in seen or id not in tree.questions:
            continue
        seen.add((id, has_outcome))
        for option in tree.questions[id].options:
            gathered = has_outcome or bool(option.outcomes)
            if option.next:
                waiting.append((option.next, gathered))
            elif not option.tree and not gathered:
                found.add((id, option.id))
    return found


__all__ = ["SCHEMA", "UNSURE", "Decision", "check", "follows", "leads_to"]
