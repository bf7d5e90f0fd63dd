"""`compare`: access gained and lost between two states of an account, or between two policies."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from advisor.cli.options import command
from advisor.cli.text import clean, table
from advisor.errors import InputError, UsageError

if TYPE_CHECKING:
    from advisor.cli.session import Session
    from advisor.model.difference import AccessChange, Difference

_VERDICTS = {
    "proved": "✓ no new access: proved",
    "new-access": "× new access",
    "unknown": "? not proved",
}
_SHOWN = 60


@command("compare")
@click.argument("old")
@click.argument("new")
@click.option("--policy", is_flag=True, help="OLD and NEW are policy documents, not accounts.")
def compare(session: Session, old: str, new: str, policy: bool) -> int:
    """Access gained and lost from OLD to NEW: snapshots or exports, or with --policy two policy documents.

    Exit 0 when it is proved that nothing was gained, else 1; new access comes with a request that shows it.
    """
    if old == new == "-":
        raise UsageError("standard input (`-`) can be read once only")
    if policy:
        from advisor.access.difference import compare_policies

        texts = _text(old), _text(new)
        try:
            found = compare_policies(*texts)
        except InputError as error:
            file = {"old": old, "new": new}.get(error.file, error.file)
            advice = 'a policy is `{"Version": …, "Statement": […]}`; without --policy accounts are compared'
            raise InputError(error.reason, file=file, place=error.place, advice=advice) from error
        _answer(session, found, None)
    else:
        before = msgspec.structs.replace(session, files=(old, *session.files))
        after = msgspec.structs.replace(session, files=(new, *session.files))
        found = before.account.difference(after.account)
        _answer(before, found, after)
        one, other = before.account.snapshot.account, after.account.snapshot.account
        if one != other:
            session.note(
                f"{old} is of account {one}, {new} of account {other}: these are two accounts, not two states of one"
            )
    return session.done(holds=found.verdict == "proved")


def _text(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {getattr(error, 'strerror', None) or error}", file=file) from error


def _answer(session: Session, found: Difference, after: Session | None) -> None:
    if not session.is_json:
        session.print(_table(found))
        return
    from advisor.cli.shapes import access_shape, snapshot_shape

    body: dict[str, Any] = {
        "verdict": found.verdict,
        **({"witness": found.witness} if found.witness is not None else {}),
        **({"reason": found.reason} if found.reason else {}),
        "gained": [access_shape(item) for item in found.gained],
        "lost": [access_shape(item) for item in found.lost],
    }
    if after is None:
        session.emit_bare(body)
    else:
        session.emit({"new": snapshot_shape(after.account.snapshot), **body})


def _table(found: Difference) -> str:
    lines = [click.style(_VERDICTS[found.verdict], bold=True)]
    if found.reason:
        lines.append(f"  {clean(found.reason)}")
    if found.witness is not None:
        lines.append("  for example " + clean(", ".join(f"{k} {_word(v)}" for k, v in found.witness.items() if v)))
    for title, sign, items in (("gained", "+", found.gained), ("lost", "–", found.lost)):
        lines += ["", click.style(f"{title} {len(items)}", bold=True)]
        if items:
            lines.append(table([_row(sign, item) for item in items[:_SHOWN]]))
        if len(items) > _SHOWN:
            lines.append(f"  {len(items) - _SHOWN} more; --json has all")
    return "\n".join(lines)


def _row(sign: str, item: AccessChange) -> tuple[str, ...]:
    actions = ", ".join(clean(action) for action in item.actions[:3])
    more = f" and {len(item.actions) - 3} more" if len(item.actions) > 3 else ""
    return sign, clean(item.principal), actions + more, f"on {clean(item.resource)}", f"{item.before} → {item.after}"


def _word(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key}={','.join(map(str, values))}" for key, values in value.items())
    return str(value)
