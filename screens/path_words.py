"""A path in lines: who, by what, through which statements, to whom."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from textual.content import Content

from screens.path_why import statement_drawn
from screens.reasons import conditions_told, gap_told, told, who
from screens.signs import ADMINISTRATOR, kind_of, mark
from screens.widgets.rows import spread
from screens.wording import clean, joined, short_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from advisor.account import Advisor
    from advisor.graph.explain import Hop
    from advisor.graph.paths import Path
    from screens.session import Session


def risk(path: Path) -> Content:
    """`↑2`: can become an administrator in two hops; `↑2?` perhaps; `↑2±` under conditions."""
    hops = len(path.hops)
    if path.status == "unknown":
        return Content.assemble((f"↑{hops}", "$risk-high"), ("?", "$is-unknown bold"))
    return Content.assemble(
        (f"↑{hops}", "$risk-high"), ("±", "$is-conditional") if path.status == "conditional" else ""
    )


def risk_of(session: Session, arn: str) -> Content:
    """The mark beside a principal: `▲`, `↑2`, `↑1?`; nothing until the paths are searched."""
    if arn in session.administrators:
        return mark(ADMINISTRATOR)
    path = session.nearest_path(arn)
    return risk(path) if path else Content("")


def left_alone_told(sources: Iterable[str]) -> str:
    """`, 1 tolerated of emergency-1, kept for emergencies`: of counted paths, those of who may become administrator."""
    known = tuple(sources)
    names = joined(tuple(dict.fromkeys(clean(who(arn)) for arn in known)))
    return f", {len(known):,} tolerated of {names}, kept for emergencies" if known else ""


def path_drawn(path: Path, width: int, advisor: Advisor | None = None) -> Content:
    """Every hop with what it needs; the last one ends at an administrator.

    With the account the statements behind it are shown as far as they speak of it.
    """
    width -= 1
    lines = [_node(path.source)]
    for number, hop in enumerate(path.hops, 1):
        lines += _hop(number, hop, width, advisor)
        last = number == len(path.hops)
        lines.append(Content.assemble("  ", mark(ADMINISTRATOR), " administrator") if last else _node(hop.target))
    return Content("\n").join(line.truncate(width, ellipsis=True) for line in lines)


def _node(arn: str) -> Content:
    kind = "user" if ":user/" in arn else "role" if ":role/" in arn else "outside"
    return Content.assemble("  ", mark(kind_of(kind)), f" {who(arn)}")


def _thing(arn: str) -> str:
    """The name of a thing; with its kind where it stands for all that fit a pattern: `function:*`."""
    return short_name(arn) if "*" not in arn else clean(arn.split(":", 5)[-1])


def _required(line: str, action: str, because: Content, width: int) -> list[Content]:
    """What is needed and the statement that allows it: on one line, or below each other where both have no room."""
    left = Content(f"  {line}    {action}")
    if left.cell_length + because.cell_length + 2 <= width:
        return [spread(left, because, width)]
    return [left, Content.assemble(f"  {line}      ", because)]


def _hop(number: int, hop: Hop, width: int, advisor: Advisor | None) -> list[Content]:
    line = {"seen": "│", "assumed": "╎"}.get(hop.state, "┆")
    title = textwrap.wrap(clean(hop.title), max(width - 7, 20)) or [""]
    lines = [Content.assemble(f"  {line} {number}  ", (title[0], "bold"))]
    lines += [Content.assemble(f"  {line}    ", (more, "bold")) for more in title[1:]]
    for needed in hop.requires:
        because = told(needed.because[0]) if needed.because else Content.styled("? nothing known", "$is-unknown")
        lines += _required(line, f"{clean(needed.action)} on {_thing(needed.resource)}", because, width)
        if advisor is not None:
            shown = statement_drawn(advisor, needed, width)
            lines += [Content.assemble(f"  {line}  ", one).truncate(width, ellipsis=True) for one in shown]
    if hop.conditions:
        lines.append(Content.styled(f"  {line}    ± only if {conditions_told(hop.conditions)}", "$is-conditional"))
    if hop.state == "unknown" or hop.gaps:
        told_gap = gap_told(hop.gaps[0]) if hop.gaps else "whether such a thing is there was not read"
        lines.append(Content.styled(f"  {line}    ? {told_gap}", "$is-unknown"))
    return lines
