"""The record of a set-up, to print and to keep: what stands, on what evidence, what is open, how to check it again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from advisor.change.setup import Playbook, StepStatus
from advisor.reference.schema.setup import PROFILES

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount

_SIGNS = {
    "done": "✓ done", "yours": "◦ by hand", "decide": "◦ to decide", "ready": "+ ready", "waits": "· waits",
    "unknown": "? unknown", "left-out": "– left out",
}  # fmt: skip


def as_markdown(book: Playbook, account: OpenAccount) -> str:
    """The record as Markdown, with the claims that a pipeline can check."""
    snapshot = account.snapshot
    lines = [
        f"# Set-up of account {_text(snapshot.alias or snapshot.account)}",
        "",
        f"Account {snapshot.account}, profile: {PROFILES[book.profile]}. Read {snapshot.taken_at}, {snapshot.digest}.",
        "",
        f"{book.done} of {len(book.asked)} steps are done.",
        "",
        "| step | | status | evidence |",
        "|---|---|---|---|",
        *(_row(item) for item in book.steps),
        "",
        "## Check it again",
        "",
        "```",
        "advisor setup status --strict",
        "```",
        "",
        *_open(book),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _row(item: StepStatus) -> str:
    seen = [f"{_text(one.subject)}: {_text(one.detail)}" for one in item.evidence[:3]]
    if item.said:
        seen.append(f"you said so on {_text(item.said)}: {_text(item.step.confirm or item.step.title)}")
    status = "◦ you said so" if item.said and not item.step.done else _SIGNS[item.status]
    return f"| {item.step.id} | {_text(item.step.title)} | {status} | {'; '.join(seen)} |"


def _open(book: Playbook) -> Iterator[str]:
    left = [item for item in book.asked if item.status != "done"]
    if left:
        yield "## Still open"
        yield ""
    for item in left:
        yield f"- **{item.step.id} {_text(item.step.title)}**: {_text(item.step.why)}"
        if item.asks:
            yield f"  - to confirm: {_text(item.asks)}"
        for change in item.changes:
            yield from (f"  - {_text(step)}" for step in change.by_hand)


def _text(text: str) -> str:
    """A name or sentence that cannot break out of its cell."""
    flat = "".join(letter if letter.isprintable() else " " for letter in text)
    for sign in "\\`*_|<>[]":
        flat = flat.replace(sign, f"\\{sign}")
    return flat
