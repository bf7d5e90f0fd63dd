"""Around a question: examples and earlier questions to take, the command that asks the same, the answer as a table."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from screens.answers import AnswerRow, PermissionRow
from screens.reasons import conditions_told, gap_told, granting, told
from screens.signs import DECISIONS, mark
from screens.tables import Table
from screens.widgets.pane import hanging
from screens.widgets.rows import Line, Row, blank, heading
from screens.wording import clean, count, short_name

if TYPE_CHECKING:
    from advisor.model.snapshot import Snapshot
    from advisor.model.verdict import Permission
    from screens.questions import Asked

TABS = {"who": "Who can", "can": "Can", "what": "What can", "denied": "Why denied"}
HINTS = {
    "who": "read payroll · delete users · s3:Get* payroll",
    "can": "dora read payroll",
    "what": "a principal, such as dora",
    "denied": "paste the AccessDenied message",
}
_EXAMPLES = (
    ("who", "delete users"), ("who", "admin iam"), ("who", "iam:PassRole"),
    ("who", "sts:AssumeRole"),
)  # fmt: skip


@dataclass(frozen=True)
class Question:
    """What a row of the empty box asks."""

    tab: str
    text: str


def first_example(snapshot: Snapshot | None) -> str:
    """`read acme-payroll`: about the bucket (else the resource) of this account whose policy says most."""
    resources = snapshot.resources[:2000] if snapshot else ()
    told = [one for one in resources if one.kind == "s3:bucket"] or resources
    best = max(told, key=lambda one: len(one.policy.statements) if one.policy else 0, default=None)
    return f"read {short_name(best.arn)}" if best is not None else "read s3"


def start_rows(tab: str, asked: Sequence[tuple[str, str]], snapshot: Snapshot | None = None) -> list[Row]:
    """What the list begins with before anything is typed: the questions of before, then examples."""
    rows: list[Row] = []
    if asked:
        rows += [heading("ASKED BEFORE"), *(_row(tab, text) for tab, text in asked[:8]), blank("asked")]
    examples = [one for one in (("who", first_example(snapshot)), *_EXAMPLES) if one not in asked]
    return [*rows, heading("TRY"), *(_row(*one) for one in examples), blank("try")] if tab == "who" else rows


def _row(tab: str, text: str) -> Line:
    content = Content.assemble((f"{TABS.get(tab, tab):<9}", "$quiet"), clean(text))
    return Line(f"ask {tab} {text}", content, value=Question(tab, text))


def command_of(asked: Asked, context: Mapping[str, Sequence[str]], *, via: bool) -> str:
    """The command that gives the same answer."""
    of_one = ("can", asked.principal, asked.action, asked.resource)
    by_tab: dict[str, tuple[str | None, ...]] = {
        "who": ("who-can", asked.action, asked.resource),
        "what": ("what-can", asked.principal),
    }
    words = by_tab.get(asked.tab, of_one)
    options = [part for key, values in context.items() for part in ("--context", f"{key}={','.join(values)}")]
    via_option = ["--via"] if via and asked.tab == "who" else []
    return shlex.join(["advisor", *(word for word in words if word), *options, *via_option])


def table_of(title: str, rows: Iterable[Row], command: str) -> Table:
    """A list of answers as a table, in its order and as it is filtered."""
    who = [row.answer for row in rows if isinstance(row, AnswerRow)]
    if who:
        lines = tuple(
            (one.principal, one.kind, one.decision, _because(one.because), conditions_told(one.conditions),
             "; ".join(map(gap_told, one.gaps)), ", ".join(one.via or ()))
            for one in who
        )  # fmt: skip
        return Table(title, ("principal", "kind", "decision", "because", "if", "not read", "via"), lines, command)
    permissions = [row.permission for row in rows if isinstance(row, PermissionRow)]
    lines2 = tuple(
        (one.action, one.decision, ", ".join(one.resources), _because(one.because), conditions_told(one.conditions))
        for one in permissions
    )
    return Table(title, ("action", "decision", "resources", "because", "if"), lines2, command)


def _because(reasons: tuple) -> str:  # type: ignore[type-arg]
    reason = granting(reasons)
    return told(reason).plain[2:] if reason else ""


def by_service(permissions: Iterable[Permission], *, is_admin: bool) -> list[Row]:
    """What one can, service by service; that it is everything is said first."""
    services: dict[str, list[PermissionRow]] = {}
    for permission in permissions:
        services.setdefault(permission.action.partition(":")[0], []).append(PermissionRow(permission))
    rows: list[Row] = [heading("▲ administrator: can do or become everything")] if is_admin else []
    for service, found in services.items():
        rows += [heading(clean(service), count(len(found), "action")), *found]
    return rows


def how_to_ask(width: int) -> Content:
    """What the box understands, and the signs of the answers."""
    told_lines = (
        ("a level", "read, write, delete, admin or list, then any part of a name: read payroll"),
        ("an action", "s3:GetObject, s3:Get*, iam:PassRole, then any part of a name"),
        ("Tab", "completes; ↓ takes another meaning of the same words"),
        ("Ctrl+T", "Who can, Can (one principal), What can (all of one), Why denied (paste the message)"),
        ("f", "fixes a condition key, such as aws:MultiFactorAuthPresent=true"),
    )
    lines = [hanging(name, text, width) for name, text in told_lines]
    signs = [Content.assemble("   ", mark(sign, word=True)) for sign in DECISIONS.values()]
    return Content("\n").join([*lines, Content(""), *signs])
