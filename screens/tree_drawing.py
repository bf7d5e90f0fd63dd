"""The tree of a decision as it is drawn beside a question: the way so far, and where each option leads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.content import Content

from screens.wording import clean, cut_end

if TYPE_CHECKING:
    from advisor.decide.walk import Walk
    from advisor.reference.schema.decisions import Node, Option

MOST_LABEL = 26


def tree_drawn(walk: Walk, chosen: str, width: int) -> Content:
    """Answered questions, the open one, and its options: the chosen one to its ends, the others one step far."""
    node = walk.node
    if node is None:
        return Content("")
    lines = [Content.styled("THE TREE", "$quiet")]
    for number, (question, option) in enumerate(walk.answered, 1):
        lines.append(Content.assemble(("✓ ", "$holds"), cut_end(f"{number} {clean(question)}", width - 2)))
        lines.append(Content.styled(cut_end(f"│   {clean(option)}", width), "$quiet"))
    drawing = _Drawing(walk, chosen, width, len(walk.given) + 1)
    asked = clean(walk.trees[node[0]].questions[node[1]].text)
    lines.append(Content.styled(cut_end(f"▸ {drawing.number} {asked}", width), "bold"))
    lines += drawing.below(node, "", whole=False)
    return Content("\n").join(lines)


class _Drawing:
    """Numbers questions in the order in which they are drawn; one that was drawn is only named again."""

    def __init__(self, walk: Walk, chosen: str, width: int, number: int) -> None:
        self.walk = walk
        self.chosen = chosen
        self.width = width
        self.number = number
        self.seen: dict[Node, int] = {}
        self.drawn: set[Node] = set()

    def below(self, node: Node, indent: str, *, whole: bool) -> Iterator[Content]:
        """The options under a question. `whole`: each to its ends; else only the chosen one."""
        from advisor.reference.schema.decisions import follows

        self.seen.setdefault(node, self.number)
        options = self.walk.trees[node[0]].questions[node[1]].options
        for position, option in enumerate(options):
            is_last = position == len(options) - 1
            following = follows(self.walk.trees, node[0], option)
            is_taken = whole or option.id == self.chosen
            joint = f"{indent}{'└─' if is_last else '├─'}"
            yield from self._option(node, option, following, joint, bold=is_taken and not whole)
            if following and is_taken and following not in self.drawn:
                self.drawn.add(following)
                yield from self.below(following, f"{indent}{'   ' if is_last else '│  '}", whole=True)

    def _option(
        self, node: Node, option: Option, following: Node | None, joint: str, *, bold: bool
    ) -> Iterator[Content]:
        known = self.walk.trees
        label = cut_end(clean(option.label), MOST_LABEL)
        told = [f"■ {known[node[0]].outcomes[id].title}" for id in option.outcomes]
        if following:
            told.append(f"{self._numbered(following)} {known[following[0]].questions[following[1]].text}")
        text = f"{joint} {label} ─▸ {clean(', '.join(told) or 'done')}"
        yield Content.styled(cut_end(text, self.width), "bold" if bold else "")

    def _numbered(self, node: Node) -> str:
        if node not in self.seen:
            self.number += 1
            self.seen[node] = self.number
        return str(self.seen[node])
