"""README, changelog and help say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from advisor.cli.main import COMMANDS, build
from advisor.errors import Exit

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def commands_in(text: str) -> set[str]:
    """What follows `advisor` in code: the words of command lines."""
    code = "\n".join(re.findall(r"`([^`\n]+)`", text) + re.findall(r"```\n(.*?)```", text, re.S))
    return set(re.findall(r"(?:^|[\s(])advisor ([a-z][a-z-]+)", code))


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_a_row_in_the_readme(name: str) -> None:
    assert f"| `advisor {name}` |" in README


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"])
def test_documents_name_no_command_that_is_not_there(document: str) -> None:
    assert commands_in((ROOT / document).read_text()) <= set(COMMANDS)


def test_the_readme_names_every_make_target_that_it_needs() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for document in ("README.md", "CONTRIBUTING.md"):
        for target in re.findall(r"\bmake ([a-z]+)", (ROOT / document).read_text()):
            assert re.search(rf"^{target}:", makefile, re.M) or target in ("sure", "are"), target


def test_the_readme_has_every_exit_code() -> None:
    listed = README[README.index("Exit codes:") :].split("\n\n")[0]
    for code in Exit:
        if code is not Exit.DEFECT:
            assert re.search(rf"\b{int(code)}\b", listed), code


def test_options_in_the_readme_exist() -> None:
    import click

    group = build()
    context = click.Context(group)
    known = {name for item in group.params for name in item.opts}
    for name in COMMANDS:
        command = group.get_command(context, name)
        assert command is not None
        commands = [command, *(command.commands.values() if isinstance(command, click.Group) else [])]
        known |= {option for item in commands for parameter in item.params for option in parameter.opts}
    used = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README))
    assert used - known - {"--help", "--version"} == set()


def test_the_changelog_has_the_version_or_what_is_unreleased() -> None:
    import advisor

    text = (ROOT / "CHANGELOG.md").read_text()
    assert "## [Unreleased]" in text or f"## [{advisor.__version__}]" in text
