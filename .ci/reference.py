"""Write the reference pages, made from the code and the knowledge files: `python .ci/reference.py FOLDER`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from advisor.advice.facts.registry import definitions
from advisor.cli.main import COMMANDS, build
from advisor.reference.knowledge import load


def commands() -> Iterator[str]:
    """Every command with its own help, as it is shown in a terminal."""
    group = build()
    root = click.Context(group, info_name="advisor")
    yield "# Commands\n"
    for name in COMMANDS:
        command = group.get_command(root, name)
        assert command is not None
        yield from _command(command, name, root)


def _command(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent)
    yield f"## {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for own, item in command.commands.items():
            yield from _command(item, own, context)


def knowledge(kind: str, title: str) -> Iterator[str]:
    """Every entry of one kind with its id, its title and its sources."""
    yield f"# {title}\n"
    for id, item in load(kind).items():
        yield f"## {id}\n"
        yield f"{getattr(item, 'title', '')}\n"
        for name in ("question", "now", "why", "gives", "note"):
            text = getattr(item, name, "")
            if isinstance(text, str) and text:
                yield f"*{name}:* {text}\n"
        for source in getattr(item, "sources", ()):
            yield f"- <{source.url}>, checked {source.checked}"
        yield ""


def facts() -> Iterator[str]:
    yield "# Facts\n"
    for id, item in sorted(definitions().items()):
        yield f"- `{id}`: {item.says}"


PAGES = {
    "commands": commands,
    "facts": facts,
    "practices": lambda: knowledge("practices", "Practices"),
    "decisions": lambda: knowledge("decisions", "Decisions"),
    "techniques": lambda: knowledge("escalations", "Escalation techniques"),
    "changes": lambda: knowledge("changes", "Changes"),
    "set-up": lambda: knowledge("setup", "Steps of the set-up"),
}


def main(folder: str) -> None:
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (target / f"{name}.md").write_text("\n".join(page()) + "\n")
        print(target / f"{name}.md")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "build/docs/reference")
