"""Write the reference pages, made from the code and the knowledge files: `python .ci/reference.py FOLDER`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import msgspec

from advisor.advice.facts.registry import definitions
from advisor.cli.main import COMMANDS, build
from advisor.reference.knowledge import load

PROFILES = {"one": "one person", "team": "a small team", "several": "several accounts"}


def commands() -> Iterator[str]:
    """Every command with its own help, as it is shown in a terminal."""
    group = build()
    root = click.Context(group, info_name="advisor", max_content_width=96)
    yield "# Commands\n\nAll take the [common options](../how-to/files.md) and `--json`.\n"
    for name in COMMANDS:
        command = group.get_command(root, name)
        assert command is not None
        yield from _command(command, name, root)


def _command(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent, max_content_width=96)
    yield f"## {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for own, item in command.commands.items():
            yield from _command(item, own, context)


def keys() -> Iterator[str]:
    """Every action of the app with its id, for the user's own keymap."""
    import pkgutil
    from importlib import import_module

    import screens
    from screens.app import AdvisorApp
    from screens.widgets.bars import key_name

    modules = [import_module(one.name) for one in pkgutil.walk_packages(screens.__path__, "screens.")]
    nodes = {node for module in modules for node in vars(module).values() if isinstance(node, type)} | {AdvisorApp}
    found = {}
    for node in sorted(nodes, key=lambda node: node.__name__):
        for item in vars(node).get("BINDINGS", ()):
            if getattr(item, "id", None):
                pressed = ", ".join(key_name(key.strip()) for key in item.key.split(","))
                found[item.id] = (pressed, item.tooltip or item.description)
    yield "# Keys\n\nThe id of each action, for `keys.json` ([how to](../how-to/keys.md)).\n"
    yield "| Id | Key | Does |\n|---|---|---|"
    yield from (_row(f"`{id}`", f"`{key}`", _text(does)) for id, (key, does) in sorted(found.items()))


def facts() -> Iterator[str]:
    known = definitions()
    yield f"# Facts\n\nWhat is asked of an account: {len(known)} questions, each answered with evidence or unknown.\n"
    yield "| Fact | What it says | Read by |\n|---|---|---|"
    for id, item in known.items():
        name = f"{id}({', '.join(item.parameters)})" if item.parameters else id
        yield _row(f"`{name}`", item.says, f"`{item.call}`")


def practices() -> Iterator[str]:
    items = load("practices")
    yield f"# Practices\n\n{len(items)} practices; each is judged by its checks, and a finding names its change.\n"
    for id, item in items.items():
        yield f"## {_text(item.title)} {{ #{id} }}\n\n`{id}`\n"
        yield f"**Now.** {_text(item.now)}\n\n**Because** {_text(item.why)}\n"
        if item.then:
            yield f"**In 2016.** {_text(item.then)}\n\n**What changed.** {_text(item.since)}\n"
        if item.decision:
            yield f"The decision behind it: [{item.decision}](decisions.md#{item.decision}).\n"
        yield "| Finding | Severity | Asked of the account | Changes |\n|---|---|---|---|"
        for check in item.checks:
            changes = ", ".join(f"[{one.template}](changes.md#{one.template})" for one in check.changes)
            yield _row(
                f"{_text(check.title)}<br>`{check.id}`", check.severity, f"`{check.each or check.fails}`", changes
            )
        yield from _sources(item.sources)


def decisions() -> Iterator[str]:
    items = load("decisions")
    yield f"# Decisions\n\n{len(items)} trees. Every question can be left open; every path ends in an outcome.\n"
    for id, item in sorted(items.items(), key=lambda pair: pair[1].number):
        yield f"## {_text(item.title)} {{ #{id} }}\n\n`advisor decide {id}`: {_text(item.question)}\n"
        yield f"**Now.** {_text(item.now)}\n\n**In 2016.** {_text(item.then)}\n\n**Since.** {_text(item.since)}\n"
        yield f"**Because** {_text(item.why)}\n\n### Questions\n"
        for name, ask in item.questions.items():
            yield f"**{_text(ask.text)}** `{name}`\n\n{_text(ask.why)}\n"
            yield from (f"- {_text(one.label)}{_leads(one)}" for one in ask.options)
            yield f"- I do not know yet: {_text(ask.unsure)}\n"
        yield "### Outcomes\n"
        for name, result in item.outcomes.items():
            yield f"**{_text(result.title)}** `{name}`\n\n{_text(result.recommendation)}\n"
            yield from (f"- {_text(text)}" for text in result.good)
            yield from (f"- *costs:* {_text(text)}" for text in result.bad)
            if result.invariants:
                yield "- *must hold:* " + ", ".join(f"`{one}`" for one in result.invariants)
            yield ""
        yield from _sources(item.sources)


def _leads(option: Any) -> str:
    ways = [*(f"`{one}`" for one in option.outcomes)]
    ways += [f"question `{option.next}`"] if option.next else []
    ways += [f"[{option.tree}](#{option.tree})"] if option.tree else []
    return f" → {', '.join(ways)}" if ways else ""


def techniques() -> Iterator[str]:
    items = load("escalations")
    yield f"# Escalation techniques\n\n{len(items)} ways by which one principal gets the power of another.\n"
    for id, item in items.items():
        yield f"## {id}\n\n{_text(item.title)}; gives `{item.gives}` ({item.category}, {item.confidence} confidence).\n"
        yield from (f"- needs `{need.action}` on {need.resource}" for need in item.needs)
        yield from (f"- a role that trusts `{service}`" for service in item.trust)
        yield from (f"- where there is `{kind}`" for kind in item.existing)
        yield f"\n{_text(item.note)}\n" if item.note else ""
        yield from _sources(item.sources)


def changes() -> Iterator[str]:
    items = load("changes")
    yield f"# Changes\n\n{len(items)} templates, filled in for an account.\n"
    for id, item in items.items():
        yield f"## {_text(item.title)} {{ #{id} }}\n\n`{id}`, for each {item.subject}\n"
        yield f"{_text(item.note)}\n" if item.note else ""
        yield from (f"- calls `{_call(step)}`" for step in item.operations)
        yield from (f"- by hand: {_text(step)}" for step in item.by_hand)
        yield from (f"- value `{name}`: {_text(value.help)}" for name, value in item.values.items())
        yield f"- is done when `{item.done}`" if item.done else ""
        yield from _sources(item.sources)


def _call(step: Any) -> str:
    return f"{step.service}:{step.operation}" if step.operation else f"rewrite {step.rewrite}".strip()


def steps() -> Iterator[str]:
    items = load("setup")
    yield f"# Steps of the set-up\n\n{len(items)} steps. What is done is seen in the account.\n"
    for id, item in items.items():
        places = msgspec.structs.asdict(item.places)
        profiles = ", ".join(word for name, word in PROFILES.items() if places[name] is not None)
        yield f"## {id} {_text(item.title)} {{ #{id.lower()} }}\n\n{_text(item.why)}\n"
        yield f"- for {profiles}; {item.minutes} min; by {item.who}; cost: {_text(item.cost)}"
        yield f"- can be undone: {item.undo}"
        yield f"- waits for {', '.join(f'[{need}](#{need.lower()})' for need in item.needs)}" if item.needs else ""
        yield f"- the decision [{item.decide}](decisions.md#{item.decide})" if item.decide else ""
        yield from (f"- change [{name}](changes.md#{name})" for name in item.templates)
        yield "- is done when " + " and ".join(f"`{one}`" for one in item.done) if item.done else ""
        yield f"- a person confirms: {_text(item.confirm)}" if item.confirm else ""
        yield f"- the usual mistake: {_text(item.mistake)}" if item.mistake else ""
        yield from _sources(item.sources)


def _sources(sources: Iterable[Any]) -> Iterator[str]:
    yield "\nSources: " + ", ".join(f"[{_host(one.url)}]({one.url}), checked {one.checked}" for one in sources) + "\n"


def _host(url: str) -> str:
    return url.split("//", 1)[-1].split("/", 1)[0].removeprefix("www.") + "/…/" + url.rstrip("/").rsplit("/", 1)[-1]


def _text(text: str) -> str:
    """Text for Markdown: what could be read as HTML or as a table is not."""
    return " ".join(str(text).split()).replace("<", "&lt;").replace("|", "\\|")


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


PAGES = {
    "commands": commands,
    "keys": keys,
    "facts": facts,
    "practices": practices,
    "decisions": decisions,
    "techniques": techniques,
    "changes": changes,
    "set-up": steps,
}


def write(folder: Path) -> Mapping[str, Path]:
    """All pages into a folder, by their names."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: folder / f"{name}.md" for name in PAGES}
    for name, page in PAGES.items():
        files[name].write_text("\n".join(page()) + "\n")
    return files


if __name__ == "__main__":
    for file in write(Path(sys.argv[1] if len(sys.argv) > 1 else "build/docs/reference")).values():
        print(file)
