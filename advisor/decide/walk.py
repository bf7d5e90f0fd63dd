"""A walk through a decision tree, as an immutable value: each answer makes another walk, going back is the one before.

A walk holds answers only. What the account says beside a question is in `suggest.py`, what it comes to in `outcome.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from advisor.decide.trees import tree, trees
from advisor.errors import UsageError
from advisor.reference.schema.decisions import UNSURE, Ask, Decision, Node, Option, follows
from advisor.reference.shape import nearest


class Answer(msgspec.Struct, frozen=True):
    """One question and the option that was taken."""

    tree: str
    question: str
    option: str


class Walk(msgspec.Struct, frozen=True, dict=True):
    """Where somebody stands in a decision.

    `carried` are answers of earlier walks (of this tree when superseded, of others when they handed over): they
    are offered, never taken by themselves. A parked walk was answered with "I do not know yet" and waits there.
    """

    topic: str
    answers: tuple[Answer, ...] = ()
    carried: tuple[Answer, ...] = ()
    parked: bool = False
    supersedes: str = ""
    """Number of the record that this walk will replace."""
    folders: tuple[str, ...] = ()

    @classmethod
    def start(
        cls,
        topic: str,
        *,
        at: str = "",
        carried: Sequence[Answer] = (),
        supersedes: str = "",
        folders: Sequence[str | Path] = (),
    ) -> Walk:
        """Begin a decision. `at` enters it at a later question, as a handover does.

        Raises:
            UsageError: no such decision, or no such question in it.
        """
        names = tuple(str(folder) for folder in folders)
        found = tree(topic, names)
        if at and at not in found.questions:
            raise UsageError(f"`{topic}` has no question `{at}`{nearest(at, found.questions)}")
        entry = (Answer(topic, ENTRY, at),) if at and at != found.start else ()
        return cls(topic, entry, tuple(carried), supersedes=supersedes, folders=names)

    @property
    def tree(self) -> Decision:
        """The tree that the walk began in."""
        return tree(self.topic, self.folders)

    @property
    def trees(self) -> Mapping[str, Decision]:
        return trees(self.folders)

    @property
    def node(self) -> Node | None:
        """(tree, question) that is open; `None` when the walk is done."""
        return self._places()[-1]

    def _places(self) -> tuple[Node | None, ...]:
        """The question before each answer and the one after the last."""
        place: Node | None = (self.topic, self.tree.start)
        places = [place]
        for answer in self.answers:
            place = self._after(place, answer)
            places.append(place)
        return tuple(places)

    def _after(self, place: Node | None, answer: Answer) -> Node | None:
        if answer.question == ENTRY:
            return (answer.tree, answer.option)
        if place != (answer.tree, answer.question):
            raise UsageError(f"the answer to `{answer.tree}.{answer.question}` does not belong here")
        return follows(self.trees, answer.tree, option_of(self.trees, answer))

    @property
    def question(self) -> Ask | None:
        node = self.node
        return None if node is None else self.trees[node[0]].questions[node[1]]

    @property
    def given(self) -> tuple[Answer, ...]:
        """The answers without the entry of a handover."""
        return tuple(answer for answer in self.answers if answer.question != ENTRY)

    @property
    def answered(self) -> tuple[tuple[str, str], ...]:
        """(question, option) in words, in order."""
        return tuple(
            (self.trees[one.tree].questions[one.question].text, option_of(self.trees, one).label) for one in self.given
        )

    @property
    def is_done(self) -> bool:
        return self.node is None

    @property
    def is_parked(self) -> bool:
        return self.parked

    @property
    def how_to_find_out(self) -> str:
        question = self.question
        return question.unsure if question else ""

    @property
    def outcomes(self) -> tuple[Node, ...]:
        """(tree, outcome) gathered so far, each once."""
        found = [(one.tree, id) for one in self.given for id in option_of(self.trees, one).outcomes]
        return tuple(dict.fromkeys(found))

    @property
    def left(self) -> tuple[int, int]:
        """Fewest and most questions still to come, the open one counted."""
        node = self.node
        return (0, 0) if node is None else _distance(self.trees, node)

    def answer(self, option: str) -> Walk:
        """Take an option of the open question; `unsure` parks the walk there.

        Raises:
            UsageError: no such option, or nothing is open.
        """
        node, question = self.node, self.question
        if node is None or question is None:
            raise UsageError(f"the decision `{self.topic}` has no open question")
        if option == UNSURE:
            return msgspec.structs.replace(self, parked=True)
        known = [one.id for one in question.options]
        if option not in known:
            raise UsageError(
                f"`{node[0]}.{node[1]}` has no option `{option}`{nearest(option, known)}",
                advice=f"options: {', '.join((*known, UNSURE))}",
            )
        return msgspec.structs.replace(self, answers=(*self.answers, Answer(*node, option)), parked=False)

    def back(self) -> Walk:
        """Take the last answer back; it stays on offer. At the first question nothing changes."""
        if self.parked:
            return self.resume()
        if not self.given:
            return self
        last = self.answers[-1]
        others = tuple(one for one in self.carried if (one.tree, one.question) != (last.tree, last.question))
        return msgspec.structs.replace(self, answers=self.answers[:-1], carried=(*others, last))

    def resume(self) -> Walk:
        """Come back to the question that was left open."""
        return msgspec.structs.replace(self, parked=False)

    def leads_to(self, option: str) -> tuple[str, ...]:
        """Titles of every outcome that may still follow when this option is taken."""
        walk = self if option == UNSURE else self.answer(option)
        found = [*walk.outcomes, *reachable(self.trees, walk.node)]
        return tuple(dict.fromkeys(self.trees[topic].outcomes[id].title for topic, id in found))

    def earlier(self) -> str:
        """The option that was taken at the open question in an earlier walk; empty where there is none (any more)."""
        node, question = self.node, self.question
        known = [option.id for option in question.options] if question else []
        given = (one.option for one in reversed(self.carried) if (one.tree, one.question) == node)
        return next((option for option in given if option in known), "")

    def hand_over(self, topic: str, at: str = "") -> Walk:
        """Go on in another tree; every answer so far stays on offer there."""
        return Walk.start(topic, at=at, carried=(*self.carried, *self.given), folders=self.folders)

    def encode(self) -> dict[str, Any]:
        """Plain JSON values, for the state folder."""
        plain = msgspec.to_builtins(self)
        plain.pop("folders")
        return dict(plain)

    @classmethod
    def decode(cls, plain: Mapping[str, Any], folders: Sequence[str | Path] = ()) -> Walk:
        """A walk as it was kept. Answers that the trees no longer know are dropped, with those after them.

        Raises:
            UsageError: the tree itself is gone.
        """
        kept = msgspec.convert({**plain, "folders": [str(folder) for folder in folders]}, cls)
        walk = msgspec.structs.replace(kept, answers=())
        tree(walk.topic, walk.folders)
        for answer in kept.answers:
            try:
                walk = msgspec.structs.replace(walk, answers=(*walk.answers, answer))
                walk._places()
            except (UsageError, KeyError):
                return msgspec.structs.replace(walk, answers=walk.answers[:-1], parked=False)
        return walk


ENTRY = "@"
"""The question of the pseudo-answer that says where a handover entered the tree."""


def option_of(known: Mapping[str, Decision], answer: Answer) -> Option:
    """The option behind an answer.

    Raises:
        UsageError: the trees do not know it (any more).
    """
    question = known[answer.tree].questions.get(answer.question) if answer.tree in known else None
    for option in question.options if question else ():
        if option.id == answer.option:
            return option
    raise UsageError(f"`{answer.tree}.{answer.question}` has no option `{answer.option}`")


def reachable(known: Mapping[str, Decision], node: Node | None) -> Iterator[Node]:
    """(tree, outcome) that may still be gathered from a question on, nearest first."""
    waiting, seen = [node] if node else [], set[Node]()
    while waiting:
        place = waiting.pop(0)
        if place in seen:
            continue
        seen.add(place)
        for option in known[place[0]].questions[place[1]].options:
            yield from ((place[0], id) for id in option.outcomes)
            following = follows(known, place[0], option)
            if following:
                waiting.append(following)


def _distance(known: Mapping[str, Decision], node: Node) -> tuple[int, int]:
    spans = [
        _distance(known, following) if following else (0, 0)
        for following in (follows(known, node[0], option) for option in known[node[0]].questions[node[1]].options)
    ]
    return 1 + min(low for low, _ in spans), 1 + max(high for _, high in spans)
