"""A finding as a row, and drawn: what was seen, the change beside it, what the change does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from screens.change_words import change_drawn
from screens.finding_policy import path_of, policies_behind, statements_drawn
from screens.path_words import path_drawn
from screens.reasons import gap_told
from screens.signs import SEVERITIES
from screens.widgets.pane import Draw, hanging
from screens.widgets.rows import Line
from screens.wording import clean, count, day, short_name

if TYPE_CHECKING:
    from advisor.model.finding import Finding
    from screens.session import Session

LONGEST_TITLE = 48
"""In cells: a longer one would be cut in the title rule of a detail."""


@dataclass(frozen=True)
class FindingRow:
    """`!!! critical  root has an access key          by hand`; beside a detail the sign stands alone."""

    value: Finding
    is_beside: Callable[[], bool]
    selectable: bool = True

    @property
    def key(self) -> str:
        return self.value.id

    @property
    def text(self) -> str:
        return finding_line(self.value).text

    def draw(self, width: int) -> Content:
        return finding_line(self.value, short=self.is_beside()).draw(width)


def finding_line(finding: Finding, *, short: bool = False) -> Line:
    sign = SEVERITIES[finding.severity]
    if finding.status == "unknown":
        head = Content.assemble(("?   ", "$is-unknown bold"), ("" if short else "unknown   ", "$is-unknown"))
    elif finding.status == "accepted":
        head = Content.styled("    " if short else "    accepted  ", "$quiet")
    else:
        head = Content.assemble((f"{sign.char:<4}", f"{sign.style} bold"), "" if short else f"{sign.word:<10}")
    title = clean(finding.title)
    return Line(
        finding.id, Content.assemble(head, title), right=Content.styled(_remedy(finding), "$quiet"), value=finding
    )


def _remedy(finding: Finding) -> str:
    if finding.status == "unknown":
        return "c Coverage"
    if finding.status == "accepted":
        accepted = finding.detail.get("accepted", {})
        return f"by {clean(accepted.get('owner', '?'))} until {day(accepted.get('until')) or '?'}"
    if not finding.changes:
        return ""
    if all(change.by_hand and not change.operations for change in finding.changes):
        return "by hand"
    return count(len(finding.changes), "change")


def finding_drawn(session: Session, finding: Finding, *, with_why: bool = False) -> tuple[Content, Content, Draw]:
    """(title, practice, text) for a detail panel. A title that is too long for the rule stands in the text alone."""
    whole, sign = clean(finding.title), SEVERITIES[finding.severity]
    is_long = len(whole) > LONGEST_TITLE

    def draw(width: int) -> Content:
        parts = [hanging("", whole, width, "bold")] if is_long else []
        parts += [*_seen(finding, width), *_unknown(finding, width)]
        path = path_of(session, finding)
        if path is not None:
            parts.append(path_drawn(path, width, session.advisor if with_why else None))
        else:
            parts += [line for one in policies_behind(session, finding)[:2] for line in statements_drawn(one, width)]
        why = finding.detail.get("why")
        if why and (with_why or not finding.changes):
            parts.append(hanging("Why", str(why), width))
        parts += [change_drawn(session, change, width) for change in finding.changes[:3]]
        if len(finding.changes) > 3:
            parts.append(Content.styled(f"   and {len(finding.changes) - 3} more changes: p shows them all", "$quiet"))
        parts.append(hanging("Practice", finding.practice, width, "$quiet"))
        if with_why:
            parts += [hanging("Source", url, width) for url in finding.sources]
        return Content("\n").join(parts)

    head = Content.styled(f"{sign.char} {sign.word}", sign.style) if is_long else Content(whole)
    return head, Content(""), draw


def _seen(finding: Finding, width: int) -> list[Content]:
    """What was seen; what the title says already is not said again."""
    seen = [one for one in finding.evidence if not _is_in_title(one.subject, one.detail, finding.title)]
    shown = seen[:4]
    lines = [
        hanging(
            "Seen" if at == 0 else "", f"{short_name(one.subject)}: {one.detail}" if one.subject else one.detail, width
        )
        for at, one in enumerate(shown)
    ]
    rest = len(seen) - len(shown)
    return [*lines, hanging("", f"and {rest:,} more", width)] if rest > 0 else lines


def _is_in_title(subject: str, detail: str, title: str) -> bool:
    return detail in title and (not subject or short_name(subject) in title)


def _unknown(finding: Finding, width: int) -> list[Content]:
    return [
        hanging("Unknown" if at == 0 else "", f"? {gap_told(gap)}: {gap.makes_unknown}", width, "$is-unknown")
        for at, gap in enumerate(finding.gaps[:3])
    ]
