"""`doctor`: what stands between the user and their account, and the next command to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from advisor.cli.options import command
from advisor.cli.text import clean, is_ascii_only, table
from advisor.errors import Exit

if TYPE_CHECKING:
    from advisor.cli.session import Session
    from advisor.collect.doctor import Check

_SIGNS = {
    "ok": ("✓", "+", "green"),
    "warning": ("!", "!", "yellow"),
    "failed": ("×", "x", "red"),
    "skipped": ("·", ".", "bright_black"),
}


@command("doctor")
def doctor(session: Session) -> int:
    """Sign-in, configuration, age of the reference data: what is wrong, and the next command to run.

    Exit 4 when AWS cannot be asked.
    """
    from advisor.collect.doctor import examine

    checks = examine(session.profile, session.endpoint_url)
    if session.is_json:
        rows = [
            {"id": c.id, "title": c.title, "status": c.status, "detail": c.detail, "next_command": c.next_command}
            for c in checks
        ]
        session.emit_bare({"checks": rows})
    else:
        session.print(table([row for check in checks for row in _rows(check)]))
    return Exit.SIGN_IN if any(check.status == "failed" for check in checks) else Exit.DONE


def _rows(check: Check) -> list[tuple[str, str, str]]:
    sign, plain, colour = _SIGNS[check.status]
    mark = click.style(plain if is_ascii_only() else sign, fg=colour)
    rows = [(mark, check.title, clean(check.detail))]
    return (
        [*rows, ("", "", click.style(f"next: {clean(check.next_command)}", bold=True))] if check.next_command else rows
    )
