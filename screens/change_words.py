"""A change in words: its diff, its calls and what it does to access."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.content import Content

from screens.widgets.pane import hanging
from screens.wording import clean, cut, short_name

if TYPE_CHECKING:
    from advisor.model.change import Change, Operation
    from screens.session import Session


def change_drawn(session: Session, change: Change, width: int) -> Content:
    """Title, diff and calls of a change, for a detail panel."""
    lines = [hanging("Change", change.title, width, "bold")]
    lines += [hanging("", f"{at}. {step}", width) for at, step in enumerate(change.by_hand[:6], 1)]
    lines += [hanging("", f"? needs {name}: {what}", width, "$is-unknown") for name, what in change.needs]
    shown = session.diff_of(change)
    lines += [diff_line(sign, text, width=width) for sign, text in shown[:12]]
    if len(shown) > 12:
        lines.append(hanging("", f"and {len(shown) - 12} more lines: p shows them all", width, "$quiet"))
    if change.operations:
        undo = "undo ready" if change.reversible and change.undo else "cannot be taken back"
        calls = ", ".join(call_told(one) for one in change.operations[:3])
        rest = f" and {len(change.operations) - 3} more" if len(change.operations) > 3 else ""
        lines.append(hanging("Calls", f"{calls}{rest} · {undo}", width))
    if change.note:
        lines.append(hanging("Note", change.note, width))
    return Content("\n").join(lines)


def diff_line(sign: str, text: str, indent: int = 11, width: int = 0) -> Content:
    """One line of a diff: the sign says it, the colour repeats it."""
    style = {"+": "$holds", "-": "$fails"}.get(sign, "")
    shown = {"-": "–"}.get(sign, sign)
    told = cut(clean(text), width - indent - 3) if width else clean(text)
    return Content.styled(f"{' ' * indent}{shown} {told}", style)


def call_told(operation: Operation) -> str:
    """`iam:CreatePolicyVersion DevAccess`."""
    return f"{clean(operation.service)}:{clean(operation.operation)} {_object(operation.parameters)}".rstrip()


_OBJECTS = (
    "PolicyArn",
    "PolicyName",
    "UserName",
    "GroupName",
    "RoleName",
    "Bucket",
    "KeyId",
    "Name",
    "QueueUrl",
    "TopicArn",
)


def _object(parameters: dict[str, Any]) -> str:
    named = [parameters[key] for key in _OBJECTS if isinstance(parameters.get(key), str)]
    return " ".join(short_name(name) for name in named[:2])
