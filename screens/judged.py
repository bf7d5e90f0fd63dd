"""What is known against a thing, and the change for it, where the thing stands: preview, add to the plan, accept."""

from __future__ import annotations

import textwrap
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from screens.accepting import accept_risk, judge
from screens.base import AdvisorScreen
from screens.path_words import risk
from screens.reasons import who
from screens.signs import ADMINISTRATOR, SEVERITIES, mark
from screens.widgets.rows import spread
from screens.wording import clean, count

if TYPE_CHECKING:
    from advisor.model.change import Change
    from advisor.model.finding import Finding
    from screens.session import Session

_ORDER = list(SEVERITIES)


def findings_about(session: Session, key: str) -> list[Finding]:
    """The open findings of which a thing is the subject, the worst first."""
    known = session.known_findings
    about = [one for one in known.findings if one.status == "open" and _is_about(one, key)] if known else []
    return sorted(about, key=lambda one: _ORDER.index(one.severity))


def recommended(finding: Finding) -> tuple[Change, ...]:
    """The changes to preview and plan: those that need nothing more to be said, where there are any."""
    return tuple(change for change in finding.changes if not change.needs) or finding.changes


def _is_about(finding: Finding, key: str) -> bool:
    return key in finding.resources or any(seen.subject == key for seen in finding.evidence)


def judged_drawn(session: Session, key: str, width: int) -> list[Content]:
    """Whether it is, or can become, administrator; then the worst finding about it with the change to recommend."""
    lines: list[Content] = []
    path = session.nearest_path(key)
    if key in session.administrators:
        lines.append(Content.assemble("   ", mark(ADMINISTRATOR, word=True)))
    elif path is not None:
        through = [who(hop.target) for hop in path.hops[:-1]]
        told = f" becomes ▲ administrator in {count(len(path.hops), 'hop')}"
        told += f", through {clean(', '.join(through))}" if through else ""
        lines.append(Content.assemble("   ", risk(path), told).truncate(width, ellipsis=True))
    for finding in findings_about(session, key)[:1]:
        sign = SEVERITIES[finding.severity]
        first, *rest = textwrap.wrap(clean(finding.title), max(width - 6, 20)) or [""]
        lines.append(Content.assemble(" ", (f"{sign.char:<3}", sign.style), f" {first}"))
        lines += [Content(f"     {line}") for line in rest]
        for change in recommended(finding)[:1]:
            left = Content.assemble((" !", "bold"), f"   Recommended  {clean(change.title)}")
            lines.append(spread(left, Content.styled("p Preview ", "$quiet"), width))
    return lines


class JudgedScreen(AdvisorScreen):
    """A screen on which one thing is selected: the keys for the change that is recommended for it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "preview", "Preview", id="thing.preview", tooltip="The change recommended for it"),
        Binding("plus", "plan", "Plan", id="thing.plan", show=False, tooltip="Add that change to the plan"),
        Binding(
            "x", "accept", "Accept risk", id="thing.accept", show=False, tooltip="Accept the worst finding about it"
        ),
    ]

    @property
    def subject(self) -> str:
        """ARN or name of what is selected; empty where nothing is."""
        return ""

    @property
    def worst(self) -> Finding | None:
        """The worst open finding about it."""
        return next(iter(findings_about(self.session, self.subject)), None)

    def _recommended(self) -> tuple[Change, ...]:
        """The changes of the worst finding that has some."""
        return next((recommended(one) for one in findings_about(self.session, self.subject) if one.changes), ())

    def why_not(self, action: str) -> str:
        if action in ("preview", "plan", "accept") and self.session.known_findings is None:
            return "The practices are still being checked."
        if action in ("preview", "plan") and not self._recommended():
            return "No change is recommended for it."
        if action == "accept" and self.worst is None:
            return "There is no open finding about it."
        return super().why_not(action)

    def action_preview(self) -> None:
        from screens.preview import preview

        changes = self._recommended()
        preview(self, changes, changes[0].title)

    def action_plan(self) -> None:
        self.say(self.session.add_to_plan(self._recommended()))

    def action_accept(self) -> None:
        if self.worst is not None:
            accept_risk(self, self.worst, partial(judge, self))
