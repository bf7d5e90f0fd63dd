"""Why denied: what AWS itself says of a pasted message, and the smallest safe changes that would allow the request."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual.content import Content
from textual.events import Paste
from textual.widgets import Input

from advisor.errors import AdvisorError
from advisor.model.gap import Gap
from screens.trace import LAYER_NAMES
from screens.verdict import flip_row
from screens.widgets.rows import Line, heading
from screens.wording import clean, count, short_name

if TYPE_CHECKING:
    from advisor.advice.denied import Denial
    from advisor.change.fixes import Fix
    from advisor.collect.second_opinion import Evaluation
    from screens.fix import Context
    from screens.session import Session


class MessageInput(Input):
    """A box into which a message of several lines can be pasted: it is one line in it, and safe to show."""

    def validate_value(self, value: str) -> str:
        return clean(value)

    def _on_paste(self, event: Paste) -> None:
        event.prevent_default()
        event.stop()
        self.replace(" ".join(event.text.split()), *self.selection)


@dataclass(frozen=True)
class Explained:
    """A denial with AWS's own evaluation (`None`: there is no id, or nobody to ask) and what would allow it."""

    denial: Denial
    fixes: tuple[Fix, ...]
    aws: tuple[Evaluation, ...] | Gap | None = None

    def drawn(self, width: int) -> list[Content]:
        return [
            Content.styled(f" {part}", style)
            for text, style in self._lines()
            for part in textwrap.wrap(clean(text), max(width - 2, 20), subsequent_indent="  ") or [""]
        ]

    def _lines(self) -> Iterator[tuple[str, str]]:
        """What AWS said in the message, what it says when it is asked, and that nothing here would allow it."""
        yield f"AWS says: {said(self.denial)}", ""
        if isinstance(self.aws, Gap):
            yield f"? AWS tells no more: {self.aws.reason}", "$is-unknown"
        for one in self.aws if isinstance(self.aws, tuple) else ():
            yield from _evaluated(one)
        if not any(fix.is_safe for fix in self.fixes):
            yield f"No small safe change in this account would allow it{_elsewhere(self.denial)}.", ""


def explain(session: Session, text: str, context: Context) -> Explained | None:
    """Look behind a pasted message; `None` where it is none. Call it from a worker: it asks AWS."""
    from advisor.advice.denied import parse_denial
    from advisor.change.fixes import safe_fixes

    advisor = session.advisor
    if advisor is None:
        return None
    try:
        denial = parse_denial(text)
        return Explained(denial, safe_fixes(advisor, denial, context), _asked_aws(session, denial))
    except AdvisorError:
        return None


def fix_rows(fixes: tuple[Fix, ...]) -> list[Line]:
    """What would allow the request and opens nothing, then what would open a way to administrator too."""
    safe, unsafe = [fix for fix in fixes if fix.is_safe][:4], [fix for fix in fixes if not fix.is_safe][:4]
    rows: list[Line] = [heading("SMALLEST SAFE CHANGES THAT WOULD ALLOW IT"), *map(_row, safe)] if safe else []
    return [*rows, heading("NOT SAFE: OPEN A WAY TO ADMINISTRATOR"), *map(_row, unsafe)] if unsafe else rows


def _row(fix: Fix) -> Line:
    row = flip_row(fix.flip)
    return replace(row, content=Content.assemble(row.content, (f" · {_besides(fix)}", "$quiet")))


def _besides(fix: Fix) -> str:
    """The first thing that the change does besides allowing the request."""
    if fix.more or fix.others:
        whom = f", {count(len(fix.others), 'other principal')} among them" if fix.others else ""
        return f"gives {count(fix.more, 'more action')}{whom}"
    return f"opens {count(len(fix.opens), 'way')} to administrator" if fix.opens else "gives nothing else"


def lacking(text: str) -> str:
    """Why a text is no message that can be explained, and the way on."""
    from advisor.advice.denied import parse_denial

    try:
        parse_denial(text)
    except AdvisorError as error:
        told = f"{error.message}. {error.advice}".rstrip(". ").replace("`", "")
        return clean(f"{told[:1].upper()}{told[1:]}.")
    return ""


def _asked_aws(session: Session, denial: Denial) -> tuple[Evaluation, ...] | Gap | None:
    from advisor.collect.second_opinion import request_details
    from advisor.collect.signin import open_source

    snapshot = session.snapshot
    if not denial.authorization_id or snapshot is None or snapshot.source.kind not in ("live", "demo"):
        return None
    ask = session.reading.ask if session.reading else None
    return request_details(denial.authorization_id, *open_source(snapshot.source, mfa_prompt=ask))


def said(denial: Denial) -> str:
    """`SCP: a statement denies it (p-12345678)`."""
    if not denial.layer:
        if denial.reason:
            return f"denied because {denial.reason}"
        return "a statement denies it, of which policy is not said" if denial.effect else "denied, why is not said"
    name = LAYER_NAMES[denial.layer]
    if not denial.effect:
        return f"{name}: no policy allows it, or one denies it, or there is no such resource"
    by = f" ({short_name(denial.policy)})" if denial.policy else ""
    return f"{name}: {'a statement denies it' if denial.effect == 'explicit' else 'no policy allows it'}{by}"


def _evaluated(one: Evaluation) -> Iterator[tuple[str, str]]:
    yield f"AWS evaluated {one.action} on {one.resource}: {one.effect.lower()}", ""
    for check in one.deciding:
        by = f": {', '.join(map(short_name, check.policies))}" if check.policies else ""
        yield f"{LAYER_NAMES[check.layer]} {check.effect.lower().replace('_', ' ')}{by}", "bold"


def _elsewhere(denial: Denial) -> str:
    if denial.layer in ("scp", "rcp"):
        return ": the organization's policy would have to change"
    return "" if denial.resource else ": the message names no resource"
