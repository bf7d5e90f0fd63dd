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


FORMATS = ("md", "html", "pdf")


def print_setup(book: Playbook, account: OpenAccount, format: str = "md") -> bytes:
    """The record in one of `FORMATS`, on the sheet of the decision records.

    Raises:
        UsageError: another format, or PDF without the package that makes it.
    """
    from advisor.decide.record.moments import moment
    from advisor.decide.record.printing import Page, print_page

    if format == "md":
        return as_markdown(book, account).encode()
    snapshot = account.snapshot
    fours = " ".join(snapshot.account[at : at + 4] for at in range(0, len(snapshot.account), 4))
    status, taken = f"{book.done} of {len(book.asked)} done", moment(snapshot.taken_at)
    front = {
        "kind": "Set-up record", "title": f"Set-up for {PROFILES[book.profile]}", "number": "", "status": status,
        "date": "", "makers": [], "account": fours, "alias": snapshot.alias or "", "digest": snapshot.digest,
        "taken": taken, "source": snapshot.source.kind, "supersedes": [], "superseded": "",
    }  # fmt: skip
    rows = (
        ("Status", status),
        ("Account", f"{snapshot.alias or ''} {fours}".strip()),
        ("Snapshot", snapshot.digest),
        ("Read", f"{taken} ({snapshot.source.kind})"),
    )
    return print_page(Page(front, rows, _body(book)), format)


def as_markdown(book: Playbook, account: OpenAccount) -> str:
    """The record as Markdown, with the command by which a pipeline can check it."""
    snapshot = account.snapshot
    lines = [
        f"# Set-up of account {_text(snapshot.alias or snapshot.account)}",
        "",
        f"Account {snapshot.account}, profile: {PROFILES[book.profile]}. Read {snapshot.taken_at}, {snapshot.digest}.",
        "",
        _body(book),
    ]
    return "\n".join(lines)


def _body(book: Playbook) -> str:
    lines = [
        f"{book.done} of {len(book.asked)} steps are done.",
        "",
        "| step | status | evidence |",
        "|---|---|---|",
        *(_row(item) for item in book.steps),
        "",
        "## Check it again",
        "",
        "With read access to the account, in a pipeline. It ends with 1 while a step is open, 5 while one is unknown:",
        "",
        "```",
        verify_command(book),
        "```",
        "",
        *_open(book),
    ]
    return "\n".join(lines).rstrip() + "\n"


def verify_command(book: Playbook) -> str:
    """The command that finds the same again on any machine: what the user chose and said is in it."""
    parts = ["advisor setup status --strict", f"--for {book.profile}"]
    parts += [f"--leave-out {item.step.id}" for item in book.steps if item.status == "left-out"]
    parts += [f"--want {item.step.id}" for item in book.steps if item.is_wanted(book.profile)]
    parts += [f"--confirm {item.step.id}={item.said}" for item in book.steps if item.said]
    return " ".join(parts)


def _row(item: StepStatus) -> str:
    seen = [f"{_text(short_of(one.subject))}: {_text(one.detail)}" for one in item.evidence[:3]]
    if len(item.evidence) > 3:
        seen.append(f"and {len(item.evidence) - 3} more")
    if item.said:
        seen.append(f"you said so on {_text(item.said)}: {_text(item.step.confirm or item.step.title)}")
    status = "◦ you said so" if item.said and not item.step.done else _SIGNS[item.status]
    offered = ", offered" if item.is_offered and item.status != "done" else ""
    return f"| {item.step.id}  {_text(item.step.title)} | {status}{offered} | {'; '.join(seen)} |"


def short_of(subject: str) -> str:
    """`user/ana` of its ARN; all else as it is."""
    return subject.split(":", 5)[5] if subject.startswith("arn:") and subject.count(":") >= 5 else subject


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
