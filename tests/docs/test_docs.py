"""The documentation says what is there: links resolve, commands answer, examples are valid, the reference is whole."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from advisor.advice.facts.registry import definitions
from advisor.cli.main import COMMANDS, build
from advisor.errors import Exit
from advisor.reference.knowledge import load
from tests.cli.conftest import Advise
from tests.cli.conftest import advise as advise  # the fixture

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "assets" / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md"))])


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages that are made from code and knowledge."""
    folder = tmp_path_factory.mktemp("reference")
    command = [sys.executable, str(ROOT / ".ci" / "reference.py"), str(folder)]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT, timeout=120)
    return folder


def anchors(text: str) -> set[str]:
    """The anchors of a page: those that are given, and those that are made of its headings."""
    given = set(re.findall(r"\{ #([\w.-]+) \}", text))
    made = {
        re.sub(r"[^\w]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())
        for heading in re.findall(r"^#+ (.+)$", text, re.M)
    }
    return given | made


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_relative_link_leads_somewhere(page: Path, reference: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        parts = path.split("reference/", 1)
        target = reference / parts[1] if len(parts) > 1 else (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text()), link


def test_the_pages_of_the_reference_lead_to_each_other(reference: Path) -> None:
    texts = {path.name: path.read_text() for path in reference.glob("*.md")}
    known = {name: anchors(text) for name, text in texts.items()}
    for name, text in texts.items():
        for link in re.findall(r"\]\(((?!https?:)[^)\s]*)\)", text):
            path, _, anchor = link.partition("#")
            if path.startswith("../"):
                assert (DOCS / path.removeprefix("../")).exists(), link
            else:
                assert not anchor or anchor in known[path or name], (name, link)


def shown_commands(page: Path) -> Iterator[str]:
    """Command lines in blocks of code, continued lines joined, pipes and comments left out."""
    for language, block in re.findall(r"^```(\w*)\n(.*?)^```", page.read_text(), re.S | re.M):
        if language in ("", "sh", "bash"):
            for line in block.replace("\\\n", " ").splitlines():
                for part in re.split(r"\s\|\s", re.sub(r"\s#\s.*", "", line)):
                    if part.strip().startswith("advisor"):
                        yield part.strip()


def parse(words: list[str]) -> None:
    """Parse as the command line does, and run nothing."""
    command: click.Command = build()
    context = click.Context(command, info_name="advisor")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        if found is None:
            break
        command, words = found, words[1:]
        context = click.Context(command, info_name=words[0] if words else "", parent=context)
    command.parse_args(click.Context(command, parent=context), list(words))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_that_is_shown_parses(page: Path) -> None:
    for line in shown_commands(page):
        words = shlex.split(line)[1:]
        try:
            parse(words)
        except click.exceptions.NoArgsIsHelpError:
            continue
        except click.ClickException as error:
            pytest.fail(f"{line}\n  {error.format_message()}")


def test_the_commands_of_the_docs_are_found_at_all() -> None:
    assert sum(1 for page in PAGES for _ in shown_commands(page)) > 60
    with pytest.raises(click.ClickException):
        parse(["who-can", "--no-such-option", "s3:GetObject"])


def test_the_reference_has_everything(reference: Path) -> None:
    """Every command, fact, practice, decision, technique, change and step has its entry."""
    pages = {path.stem: path.read_text() for path in reference.glob("*.md")}
    assert all(f"## advisor {name}" in pages["commands"] for name in COMMANDS)
    assert all(re.search(rf"^\| `{re.escape(fact)}[`(]", pages["facts"], re.M) for fact in definitions())
    assert all(f"## {id}\n" in pages["techniques"] for id in load("escalations"))
    assert all(f"{{ #{id.lower()} }}" in pages["set-up"] for id in load("setup"))
    for kind in ("practices", "decisions", "changes"):
        assert all(f"{{ #{id} }}" in pages[kind] for id in load(kind)), kind


def test_the_reference_has_the_id_of_every_key(reference: Path) -> None:
    from screens.app import AdvisorApp
    from screens.ask import AskScreen
    from screens.widgets.rows import RowList

    text = (reference / "keys.md").read_text()
    for node in (AdvisorApp, AskScreen, RowList):
        assert all(f"| `{item.id}` |" in text for item in node.BINDINGS)


def test_the_site_has_every_page_in_its_menu() -> None:
    config = yaml.safe_load((ROOT / ".ci" / "mkdocs.yml").read_text())

    def files(entry: Any) -> Iterator[str]:
        if isinstance(entry, str):
            yield entry
        else:
            for value in entry if isinstance(entry, list) else entry.values():
                yield from files(value)

    listed = set(files(config["nav"]))
    own = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    assert own <= listed
    assert {name for name in listed if not name.startswith("reference/")} <= own


def test_the_practice_in_the_docs_is_one(tmp_path: Path) -> None:
    """The example of a user's own practice is what the loader takes."""
    block = next(re.finditer(r"```yaml\n(.*?)```", (DOCS / "how-to" / "knowledge.md").read_text(), re.S)).group(1)
    (tmp_path / "practices").mkdir()
    id = yaml.safe_load(block)["id"]
    (tmp_path / "practices" / f"{id}.yaml").write_text(block)
    assert load("practices", (tmp_path,))[id].title


def test_the_keymap_in_the_docs_names_keys_that_are_there(reference: Path) -> None:
    import json

    block = next(re.finditer(r"```json\n(.*?)```", (DOCS / "how-to" / "keys.md").read_text(), re.S)).group(1)
    ids = (reference / "keys.md").read_text()
    assert all(f"| `{id}` |" in ids for id in json.loads(block))


ASKING = ("who-can", "can", "what-can", "denied", "paths", "cut", "graph")
"""Commands that only ask: those that are shown on the demo account are run."""
SHOWN = sorted(
    {line for page in PAGES for line in shown_commands(page) if "--demo" in line and shlex.split(line)[1] in ASKING}
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo account as a saved snapshot."""
    pytest.importorskip("moto")
    from advisor.collect.live import collect_account
    from advisor.collect.saved import save

    file = tmp_path_factory.mktemp("demo") / "account.snapshot.gz"
    save(collect_account(demo=True)[0], file)
    return file


@pytest.mark.parametrize("line", SHOWN)
def test_commands_that_are_shown_on_the_demo_account_answer(line: str, demo: Path, advise: Advise) -> None:
    words = [word for word in shlex.split(line)[1:] if word != "--demo"]
    done = advise(*words, "--from", demo)
    assert done.code in (Exit.DONE, Exit.DOES_NOT_HOLD), done.err
    assert done.out.strip()


def test_the_figures_of_the_demo_in_the_docs_are_true(demo: Path, advise: Advise) -> None:
    paths = advise("paths", "--from", demo, "--json").json["paths"]
    count = {name: sum(path["status"] == name for path in paths) for name in ("open", "conditional", "unknown")}
    words = ("no", "one", "two", "three", "four", "five")
    told = (
        f"{count['open']} open, {words[count['conditional']]} only under a condition, {words[count['unknown']]} unknown"
    )
    assert told in " ".join((DOCS / "how-to" / "cut.md").read_text().split())
