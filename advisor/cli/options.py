"""The options that every command has, and the session that is made of them: where the account is, how to answer."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from advisor.cli.session import Session
from advisor.errors import InputError, UsageError

SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 110}
SOURCE = ("files", "org", "profile", "regions", "endpoint_url", "demo", "knowledge")
OUTPUT = ("json", "format", "strict", "quiet", "debug", "color")


def _source_options() -> list[click.Parameter]:
    return [
        click.Option(
            ["--from", "files"],
            multiple=True,
            metavar="FILE",
            help="Account export, saved snapshot or list of resources; repeatable; .gz; - is standard input.",
        ),
        click.Option(["--org"], metavar="FILE", help="Organization context (SCPs, RCPs) for accounts read from files."),
        click.Option(["--profile"], metavar="NAME", help="Live account of this AWS profile."),
        click.Option(
            ["--region", "regions"],
            multiple=True,
            metavar="R",
            help="Only these Regions; repeatable. Without it all enabled ones.",
        ),
        click.Option(["--endpoint-url"], metavar="URL", help="Endpoint in place of AWS's own."),
        click.Option(["--demo"], is_flag=True, help="The demo account, on this machine."),
        click.Option(["--knowledge"], multiple=True, metavar="DIR", help="A folder of your own knowledge; repeatable."),
    ]


def _output_options(formats: Sequence[str]) -> list[click.Parameter]:
    return [
        click.Option(["--json"], is_flag=True, help="JSON, as --format json."),
        click.Option(["--format"], type=click.Choice(formats), default=None, help=f"{formats[0]} by default."),
        click.Option(["--strict"], is_flag=True, help="What was never read makes answers unknown; exit 5 with gaps."),
        click.Option(["--quiet", "-q"], is_flag=True, help="Only the result and errors."),
        click.Option(["--debug"], is_flag=True, help="Show the traceback of an error."),
        click.Option(
            ["--color"], type=click.Choice(["auto", "always", "never"]), default=None, help="NO_COLOR is honoured."
        ),
    ]


def root_options() -> list[click.Parameter]:
    """The options that may stand before the command's name too."""
    return [*_source_options(), *_output_options(("table", "json"))]


context_option = click.option(
    "--context",
    "context",
    multiple=True,
    metavar="KEY=VALUE[,VALUE…]",
    help="Fix a condition key; repeatable; `KEY=` says that it is absent. Other keys stay open.",
)

into_option = click.option(
    "-o", "--output", "into", metavar="FILE",
    help="Write it there instead of to standard output; its ending names the format where none is given.",
)  # fmt: skip


def command(
    name: str,
    *,
    formats: Sequence[str] = ("table", "json"),
    source: bool = True,
    subcommands: Sequence[click.Command] = (),
) -> Callable[[Callable[..., int | None]], click.Command]:
    """Make a click command whose function gets a `Session` first and returns its exit code (`None`: done).

    `name` is the whole name (`record list`); documents are named after its first word. With `subcommands` the function
    runs where none of them is called.
    """
    document, own = name.split()[0], name.split()[-1]

    def decorate(function: Callable[..., int | None]) -> click.Command:
        @functools.wraps(function)
        def run(**values: Any) -> int:
            context = click.get_current_context()
            if context.invoked_subcommand is not None:
                return 0
            common = {key: values.pop(key) for key in (*SOURCE, *OUTPUT) if key in values}
            inherited = _inherited(context)
            if not any(options.get(key) for options in (common, inherited) for key in ("json", "format")):
                common["format"] = _format_of(values.get("into"), formats)
            return int(function(session_of(document, common, inherited, formats), **values) or 0)

        kind = click.Group if subcommands else click.Command
        more = {"commands": {item.name: item for item in subcommands}, "invoke_without_command": True}
        made = click.command(own, cls=kind, context_settings=SETTINGS, **(more if subcommands else {}))(run)
        made.params += [*(_source_options() if source else []), *_output_options(formats)]
        return made

    return decorate


def _format_of(file: str | None, formats: Sequence[str]) -> str | None:
    """The format that the name of the file asks for (`record.pdf`), where the command has it."""
    suffix = Path(file or "").suffix.lstrip(".").lower()
    return suffix if suffix in formats else None


def _inherited(context: click.Context) -> dict[str, Any]:
    """What stands before the command's own name: the options of the commands above it, nearer ones first."""
    found: dict[str, Any] = {}
    above = context.parent
    while above is not None:
        found = {**above.params, **{key: value for key, value in found.items() if value}}
        above = above.parent
    return found


def group(name: str, help: str, *commands: click.Command) -> click.Group:
    """A command that only holds others, such as `record`."""
    return click.Group(name, {item.name or "": item for item in commands}, help=help, context_settings=SETTINGS)


def session_of(
    name: str, own: Mapping[str, Any], inherited: Mapping[str, Any], formats: Sequence[str] = ("table", "json")
) -> Session:
    """The session of a command: what stands after its name goes before what stands before it."""
    values = {key: own.get(key) or inherited.get(key) for key in (*SOURCE, *OUTPUT)}
    if values["files"] and (values["profile"] or values["demo"] or values["endpoint_url"]):
        raise UsageError("`--from` reads files; it cannot stand with --profile, --endpoint-url or --demo")
    output = "json" if values["json"] else values["format"] or formats[0]
    if output not in formats:
        raise UsageError(f"`{name}` has no format `{output}`", advice=f"one of: {', '.join(formats)}")
    if values["json"] and values["format"] not in (None, "json"):
        raise UsageError(f"`--json` and `--format {values['format']}` contradict each other")
    for folder in values["knowledge"] or ():
        if not Path(folder).is_dir():
            raise InputError("there is no such folder", file=folder, advice="--knowledge names a folder of YAML files")
    return Session(
        command=name,
        files=tuple(values["files"] or ()),
        org=values["org"],
        profile=values["profile"],
        regions=tuple(values["regions"] or ()),
        endpoint_url=values["endpoint_url"],
        demo=bool(values["demo"]),
        knowledge=tuple(values["knowledge"] or ()),
        format=output,
        strict=bool(values["strict"]),
        quiet=bool(values["quiet"]),
        color=values["color"],
    )


def parse_context(pairs: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Read `KEY=VALUE[,VALUE…]`; a comma inside a value is written `\\,`. `KEY=` fixes the key as absent."""
    found: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        key, sign, text = pair.partition("=")
        if not sign or ":" not in key:
            raise UsageError(
                f"`--context {pair}` is not KEY=VALUE",
                advice="write for example --context aws:PrincipalOrgID=o-1234567890",
            )
        values = tuple(part.replace("\\,", ",") for part in re.split(r"(?<!\\),", text)) if text else ()
        found[key] = (*found.get(key, ()), *values)
    return found
