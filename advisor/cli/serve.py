"""`serve`: the same app in a browser, on this machine only."""

from __future__ import annotations

import shlex
import socket
import sys
from typing import TYPE_CHECKING

import click

from advisor.cli.options import command
from advisor.errors import UsageError

if TYPE_CHECKING:
    from advisor.cli.session import Session


@command("serve", formats=("table",))
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
def serve(session: Session, port: int) -> None:
    """The app in a browser on loopback. The address that is printed has a token; without it nobody gets in.

    Each window runs its own app. Ctrl+C ends it.
    """
    if "-" in session.files:
        raise UsageError("standard input can be read once only, each window opens the account anew")
    try:
        from advisor.cli.browser import BrowserServer
    except ModuleNotFoundError as error:
        raise UsageError(
            f"`serve` needs {error.name}", advice="install the extra: pipx install 'iam-advisor[serve]'"
        ) from error
    server = BrowserServer(command_line(session), _free(port))
    click.echo(f"IAM Advisor is at {server.address}")  # not folded as tables are: an address is opened or copied
    session.note("Ctrl+C ends it")
    server.serve()


def command_line(session: Session) -> str:
    """The command that runs the app in one window."""
    words = [sys.executable, "-m", "advisor"]
    for option, values in (
        ("--from", session.files),
        ("--region", session.regions),
        ("--knowledge", session.knowledge),
        ("--org", (session.org,)),
        ("--profile", (session.profile,)),
        ("--endpoint-url", (session.endpoint_url,)),
    ):
        for value in values:
            words += [option, value] if value else []
    words += [flag for flag, is_set in (("--demo", session.demo), ("--strict", session.strict)) if is_set]
    return shlex.join(words)


def _free(port: int) -> int:
    """The port, or a free one for 0.

    Raises:
        UsageError: somebody else has it.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise UsageError(f"port {port} is taken", advice="choose another, or --port 0 for a free one") from error
        return int(probe.getsockname()[1])
