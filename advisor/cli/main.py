"""The command `advisor`: the list of its commands, each loaded when it is called, and one place where errors end.

Nothing heavy is imported here: `advisor --help` answers from this file alone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple

import click

from advisor import __version__
from advisor.errors import AdvisorError, Exit


class Entry(NamedTuple):
    """Where a command lives, and what `advisor --help` says of it."""

    group: str
    module: str
    attribute: str
    help: str


COMMANDS: dict[str, Entry] = {
    "collect": Entry("Account", "collect", "collect", "Read the account into a snapshot file."),
    "who-can": Entry("Ask", "ask", "who_can", "Every principal that can do ACTION, and why."),
    "can": Entry("Ask", "ask", "can", "May PRINCIPAL do ACTION? One verdict with its trace."),
    "what-can": Entry("Ask", "ask", "what_can", "What PRINCIPAL may do, service by service."),
    "denied": Entry("Ask", "denied", "denied", "What an access-denied message means, and the smallest fix."),
    "paths": Entry("Ask", "escalation", "paths", "Every way to become administrator, hop by hop."),
    "cut": Entry("Ask", "escalation", "cut", "The cheapest changes that close all paths to administrators."),
    "findings": Entry("Ask", "findings", "findings", "Practices and findings, worst first, each with its change."),
    "compare": Entry("Ask", "compare", "compare", "Access gained and lost between two snapshots or policies."),
    "graph": Entry("Ask", "graph", "graph", "The account as a graph, or the part around a node, as a file."),
    "decide": Entry("Decide", "decide", "decide", "Walk a decision tree to its recommendation, changes and record."),
    "record": Entry("Decide", "record", "record", "Decision records: list, show, print, verify."),
    "setup": Entry(
        "Change", "setup", "setup", "The guided set-up of an account: status, choices, plan, apply, record."
    ),
    "plan": Entry("Change", "plan", "plan", "A plan of changes: made from findings, shown with all it would do."),
    "apply": Entry("Change", "change", "apply", "Apply a plan to the account."),
    "undo": Entry("Change", "change", "undo", "Take a run back."),
    "keep": Entry("Change", "change", "keep", "Confirm a run, so that it is not undone by itself."),
    "journal": Entry("Change", "change", "journal", "What was applied, call by call."),
    "doctor": Entry("Advisor", "doctor", "doctor", "What is wrong with sign-in or set-up, and what to run next."),
    "serve": Entry("Advisor", "serve", "serve", "The app in a browser, on this machine only."),
    "permissions": Entry("Advisor", "permissions", "permissions", "The exact IAM policy that the advisor needs."),
    "knowledge": Entry("Advisor", "knowledge", "knowledge", "Check knowledge files, your own too."),
    "completion": Entry("Advisor", "completion", "completion", "Completion for bash, zsh or fish."),
}

EPILOG = """
\b
Exit codes:
  0  done, and what was asked for holds
  1  it does not hold (findings or paths open, --expect, verify, compare)
  2  usage
  3  the input is not what it should be
  4  sign-in or permission
  5  done, but with gaps (only with --strict)
  6  an apply stopped half-way; the journal says where
  70  a defect of the advisor (run again with --debug)
  130  interrupted
"""


class Commands(click.Group):
    """The commands of `COMMANDS`, imported one by one when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command = getattr(import_module(f"advisor.cli.{entry.module}"), entry.attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS:
            raise click.UsageError(f"there is no command `{args[0]}`{_nearest(args[0])}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for name, entry in COMMANDS.items():
            groups.setdefault(entry.group, []).append((name, entry.help))
        for title, rows in groups.items():
            with formatter.section(title):
                formatter.write_dl(rows)


def _nearest(word: str) -> str:
    from difflib import get_close_matches

    found = get_close_matches(word, COMMANDS, n=1)
    return f"; did you mean `{found[0]}`?" if found else ""


def build() -> click.Group:
    """The whole command line, as click sees it."""
    from advisor.cli.options import SETTINGS, root_options

    group = Commands(
        name="advisor",
        help="Decide, see and change who can do what in an AWS account.",
        epilog=EPILOG,
        invoke_without_command=True,
        callback=_bare,
        params=root_options(),
        context_settings=SETTINGS,
    )
    group.params.append(
        click.Option(["--version"], is_flag=True, expose_value=False, is_eager=True, callback=_version,
                     help="The version, and the date of the reference data.")
    )  # fmt: skip
    return group


def _version(context: click.Context, _: click.Parameter, is_wanted: bool) -> None:
    if is_wanted:
        from advisor.reference.catalogue import updated

        click.echo(f"advisor {__version__} · reference data {updated():%Y-%m-%d}")
        context.exit()


def _bare(**values: object) -> int:
    """No command: the app. In a pipe without a source there is nobody to show it to: help."""
    context = click.get_current_context()
    if context.invoked_subcommand is not None:
        return Exit.DONE
    if not sys.stdout.isatty() and "TEXTUAL_DRIVER" not in os.environ and not any(values.values()):
        click.echo(context.get_help())
        return Exit.DONE
    from advisor.cli.app import open_app
    from advisor.cli.options import session_of

    return open_app(session_of("advisor", values, {}))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    code = run(given)
    try:
        sys.stdout.flush()
    except (BrokenPipeError, ValueError):
        _close_pipe()
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command; every error ends here as two lines on standard error: what happened, and what to do next."""
    try:
        result = build().main(arguments, prog_name="advisor", standalone_mode=False)
        return int(result) if isinstance(result, int) and not _reader_left() else Exit.DONE
    except AdvisorError as error:
        return _fail(error.message, error.advice, error.code, arguments)
    except click.exceptions.NoArgsIsHelpError as error:  # `advisor record`: its help, not a sentence about it
        click.echo(error.format_message(), err=True)
        return Exit.USAGE
    except click.ClickException as error:
        return _fail(_sentence(error), _usage_advice(error), Exit.USAGE, arguments)
    except (KeyboardInterrupt, click.Abort):
        return _fail("interrupted", "", Exit.INTERRUPTED, [])
    except BrokenPipeError:
        _close_pipe()
        return Exit.DONE
    except SystemExit as error:  # click ends like this when the reader went away
        return Exit.DONE if _reader_left() else int(error.code or 0)
    except Exception as error:  # the outermost handler: a defect must not end in a page of Python
        if isinstance(error, OSError) and error.filename is not None:  # a name that is too long, a folder that is shut
            words = f"`{error.filename}`: {(error.strerror or str(error)).lower()}"
            return _fail(words, "name another file or folder, or let it be read", Exit.INPUT, arguments)
        words = f"{type(error).__name__}: {error}"
        return _fail(f"this is a defect of the advisor: {words}", "run it again with --debug", Exit.DEFECT, arguments)


def _fail(message: str, advice: str, code: Exit, arguments: Sequence[str]) -> int:
    from advisor.cli.text import clean, clean_lines

    if "--debug" in arguments:
        import traceback

        traceback.print_exc()
    click.echo(f"advisor: {clean_lines(message) if code is Exit.INPUT else clean(message)}", err=True)
    if advice:
        click.echo(f"  next: {clean(advice)}", err=True)
    return code


def _sentence(error: click.ClickException) -> str:
    text = error.format_message().strip().rstrip(".").replace("'", "`")
    return text[:1].lower() + text[1:]


def _usage_advice(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"see `{context.command_path if context else 'advisor'} --help`"


def _reader_left() -> bool:
    """Whether click met a closed pipe: it then puts a wrapper of its own in the place of standard output."""
    return type(sys.stdout).__name__.endswith("PacifyFlushWrapper")


def _close_pipe() -> None:
    """The reader went away (`advisor … | head`): leave without a word, also when Python closes the streams."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
