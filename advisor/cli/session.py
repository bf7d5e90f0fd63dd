"""One run of a command: opens the account, says what is going on, and writes the answer.

Results go to standard output, everything else to standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click
import msgspec

from advisor.cli.text import clean, count, fitted, safe_json
from advisor.errors import Exit

if TYPE_CHECKING:
    from advisor.account import Advisor
    from advisor.model.gap import Gap


NAMED = 6
"""Things not read that are said one by one."""


class Session(msgspec.Struct, frozen=True, dict=True):
    """Where the account comes from and how to answer: the common options of one command."""

    command: str
    files: tuple[str, ...] = ()
    org: str | None = None
    profile: str | None = None
    regions: tuple[str, ...] = ()
    endpoint_url: str | None = None
    demo: bool = False
    knowledge: tuple[str, ...] = ()
    format: str = ""
    strict: bool = False
    quiet: bool = False
    color: str | None = None
    last_accessed: bool = False

    @property
    def is_json(self) -> bool:
        return self.format == "json"

    @property
    def has_source(self) -> bool:
        """Whether the user said where the account is; else it is that of the default credentials."""
        return bool(self.files or self.profile or self.endpoint_url or self.demo or self.regions)

    @property
    def source(self) -> dict[str, Any]:
        """What `open_account` is told."""
        names = (
            "files", "org", "profile", "regions", "endpoint_url", "demo", "strict", "knowledge", "last_accessed"
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}

    @cached_property
    def account(self) -> Advisor:
        """The account (or accounts) that the options name, read on first use."""
        from advisor.account import open_account

        line = ProgressLine(enabled=not self.quiet and sys.stderr.isatty())
        try:
            return open_account(**self.source, progress=line.show, mfa_prompt=_ask_code if sys.stdin.isatty() else None)
        finally:
            line.clear()

    @property
    def account_ids(self) -> frozenset[str]:
        """The accounts that were read."""
        return frozenset(snapshot.account for snapshot in self.account.snapshots)

    def aws(self) -> tuple[Any, str | None]:
        """A boto3 session for the account, and the endpoint that it talks to."""
        from advisor.collect.signin import open_session

        if not self.demo:
            prompt = _ask_code if sys.stdin.isatty() else None
            return open_session(self.profile, self.regions, mfa_prompt=prompt), self.endpoint_url
        from advisor.demo import shared

        running = shared()
        return running.session(), running.endpoint_url

    def show_aside(self, text: str) -> None:
        """Show something on standard error that is no result. `text` must be clean already."""
        click.echo(fitted(text), err=True, color=self._wants_color)

    def note(self, text: str) -> None:
        """Say something on standard error, unless the user wants quiet."""
        if not self.quiet:
            click.echo(fitted(clean(text)), err=True)

    def print(self, text: str) -> None:
        """Write a result for people. `text` must be clean already."""
        click.echo(fitted(text), color=self._wants_color)

    def write(self, text: str) -> None:
        """Write a result that is a file of its own (CSV, SVG, Markdown), as it is."""
        sys.stdout.write(text if text.endswith("\n") else text + "\n")

    def save(self, text: str | bytes, output: str | None) -> None:
        """Write a result to the file that the user named (for its owner only, whole or not at all), else as it is."""
        if output is None or output == "-":
            self.write(text) if isinstance(text, str) else sys.stdout.buffer.write(text)
            return
        from pathlib import Path

        from advisor.collect.saved import write_private

        write_private(Path(output), text.encode() if isinstance(text, str) else text)
        self.note(f"written to {output}")

    def emit(self, body: dict[str, Any]) -> None:
        """Write the JSON document of this command: the envelope, then `body`."""
        click.echo(_json(self._enveloped(body)))

    def _enveloped(self, body: dict[str, Any]) -> dict[str, Any]:
        from advisor.cli.shapes import envelope

        return {**envelope(self.command, self.account), **body}

    def emit_bare(self, body: dict[str, Any]) -> None:
        """Write a JSON document that is about no account that was read; `account` may say whose it is all the same."""
        head: dict[str, Any] = {
            "schema": f"advisor/{self.command}/1",
            "account": None,
            "snapshot": None,
            "coverage": {"gaps": []},
        }
        click.echo(_json({**head, **body}))

    def answer(self, body: Callable[[], dict[str, Any]], table: Callable[[], str], output: str | None = None) -> None:
        """Write the answer in the format that was asked for, to the file `output` where one is named."""
        if output is not None and output != "-":
            self.save(_json(self._enveloped(body())) if self.is_json else click.unstyle(fitted(table())) + "\n", output)
        elif self.is_json:
            self.emit(body())
        else:
            self.print(table())

    def done(self, *, holds: bool = True, is_unknown: bool = False, gaps: tuple[Gap, ...] = ()) -> Exit:
        """The exit code: 1 when what was asked for does not hold, 5 when gaps matter and the user is strict."""
        if not holds:
            return Exit.DOES_NOT_HOLD
        if self.strict and (is_unknown or any(gap.kind in ("refused", "failed") for gap in gaps)):
            return Exit.GAPS
        return Exit.DONE

    def tell_coverage(self) -> None:
        """What was not read, where something was not: the first few by name."""
        missing = [
            gap for snapshot in self.account.snapshots for gap in snapshot.gaps if gap.kind in ("refused", "failed")
        ]
        if missing:
            more = "; --json lists all under `coverage`" if len(missing) > NAMED else ""
            self.note(f"{count(len(missing), 'thing')} could not be read{more}")
            for gap in missing[:NAMED]:
                of = f" of {gap.resource}" if gap.resource else ""
                self.note(f"  ? {gap.call}{of}: {gap.reason.partition(':')[0]}; unknown: {gap.makes_unknown}")

    @property
    def _wants_color(self) -> bool | None:
        if self.color in ("always", "never"):
            return self.color == "always"
        if os.environ.get("NO_COLOR"):
            return False
        if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
            return True
        return False if os.environ.get("TERM") == "dumb" else None


def _json(document: dict[str, Any]) -> bytes:
    return safe_json(msgspec.json.format(msgspec.json.encode(document), indent=2))


def _ask_code(question: str) -> str:
    """Ask for the code of an MFA device on the terminal; standard output stays free for the result."""
    return str(click.prompt(clean(question), err=True))


class ProgressLine:
    """One line on standard error that is written over while the account is read."""

    def __init__(self, *, enabled: bool) -> None:
        self.enabled = enabled
        self.is_shown = False

    def show(self, what: str, done: int, total: int | None) -> None:
        if self.enabled:
            figures = f"{done}/{total}" if total else str(done)
            sys.stderr.write(f"\r\x1b[K{clean(what)[:60]} {figures}")
            sys.stderr.flush()
            self.is_shown = True

    def clear(self) -> None:
        if self.is_shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
