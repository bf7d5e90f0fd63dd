"""Every way through a decision tree, for tests that walk them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from advisor.decide.walk import Answer
from advisor.reference.schema.decisions import Decision, Node, follows


def all_paths(known: Mapping[str, Decision], topic: str) -> Iterator[tuple[Answer, ...]]:
    """Every way through a tree, with the trees that it goes on into."""

    def extend(node: Node, path: tuple[Answer, ...]) -> Iterator[tuple[Answer, ...]]:
        for option in known[node[0]].questions[node[1]].options:
            longer = (*path, Answer(*node, option.id))
            following = follows(known, node[0], option)
            yield from extend(following, longer) if following else (longer,)

    yield from extend((topic, known[topic].start), ())
