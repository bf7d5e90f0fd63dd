"""The bare command: the app on the chosen account. The one place where the core names the screens, and late."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advisor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.account import Advisor
    from advisor.cli.session import Session


def open_app(session: Session) -> int:
    """Run the app until the user leaves it; its exit code.

    Raises:
        UsageError: there is no terminal, or standard input is taken by `--from -`.
    """
    in_browser = "TEXTUAL_DRIVER" in os.environ
    if not in_browser and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the app needs a terminal", advice="every question is a command too: see `advisor --help`")
    if "-" in session.files:
        raise UsageError(
            "the app cannot read an account from standard input: the keyboard is there",
            advice="save it first: `advisor collect --from - -o account.json`",
        )
    if session.demo:
        from advisor.demo import begin

        begin()  # it starts while the screens are loaded
    from screens.app import run

    file = str(Path(session.files[0]).resolve()) if len(session.files) == 1 else ""
    return run(_opener(session), _source(session), file)


def _opener(session: Session) -> Callable[..., Advisor]:
    """How the app reads the account, now and when it is asked to read again."""

    def read(progress: Any, partial: Any = None) -> Advisor:
        from advisor.account import open_account

        return open_account(
            **session.source,
            progress=progress,
            cancel=getattr(progress, "cancel", None),
            on_partial=partial,
            mfa_prompt=getattr(progress, "ask", None),
        )

    return read


def _source(session: Session) -> str:
    """Where the account comes from, in words."""
    if session.demo:
        return "the demo account"
    if session.files:
        return ", ".join(session.files)
    return f"profile {session.profile}" if session.profile else "the credentials in force"
