"""The loader of knowledge files: what it refuses, how it reports, and how a user's folder adds to the shipped one."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from advisor.errors import InputError, KnowledgeError
from advisor.reference import knowledge, plain_yaml
from advisor.reference.problem import Problem


class Step(msgspec.Struct, frozen=True):
    text: str
    level: int = 0
    quick: bool = False


class Entry(msgspec.Struct, frozen=True):
    id: str
    title: str
    steps: tuple[Step, ...] = ()
    values: dict[str, str] = {}
    note: str | None = None


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> str:
    module = ModuleType("advisor.reference.schema.samples")
    module.SCHEMA = Entry  # type: ignore[attr-defined]
    module.check = lambda items: (  # type: ignore[attr-defined]
        Problem(item.id, "title", "no title may shout") for item in items.values() if item.title.isupper()
    )
    monkeypatch.setitem(sys.modules, "advisor.reference.schema.samples", module)
    knowledge._load.cache_clear()
    return "samples"


def write(folder: Path, name: str, text: str) -> Path:
    (folder / "samples").mkdir(exist_ok=True, parents=True)
    path = folder / "samples" / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems_of(kind: str, folder: Path) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        knowledge.load(kind, [folder])
    return [str(problem) for problem in caught.value.problems]


def test_quoting_traps_stay_text() -> None:
    text = "[2012-10-17, 012345670123, 111122223333, no, on, yes, 1e3, 0x1F, 1.10, 12:30]"
    assert plain_yaml.parse(text).value == text.strip("[]").split(", ")


def test_whole_numbers_and_true_false_are_what_they_look_like() -> None:
    assert plain_yaml.parse('{a: 14, b: true, c: "14", d: null, e: -1}').value == {
        "a": 14, "b": True, "c": "14", "d": None, "e": -1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: 1\nb: 2\na: 3\n", "the key `a` stands twice"),
        ("a: &x [1]\nb: *x\n", "anchors and aliases"),
        ("a: !!python/object/apply:os.system [ls]\n", "the tag"),
        ("a: [1\n", "no valid YAML"),
        ("a: 1\n---\nb: 2\n", "a second document"),
        ("? [a, b]\n: 1\n", "a key must be a word"),
        ("[" * 60 + "]" * 60, "nested deeper"),
        ("\x00", "no valid YAML"),
    ],
)
def test_refused_yaml_says_why_and_where(text: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        plain_yaml.parse(text)


def test_a_billion_laughs_is_refused_at_its_first_anchor() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20)
    )
    with pytest.raises(InputError, match="line 1"):
        plain_yaml.parse(bomb)


def test_all_problems_of_all_files_are_reported_at_once(kind: str, tmp_path: Path) -> None:
    write(tmp_path, "one", "id: one\ntitel: x\nsteps:\n  - text: a\n    level: high\n  - levl: 1\n")
    write(tmp_path, "two", "id: other\ntitle: LOUD\n")
    write(tmp_path, "three", "id: three\ntitle: [a]\nvalues: {a: 3}\n")
    found = "\n".join(problems_of(kind, tmp_path))
    assert "one.yaml:2: titel: unknown key; did you mean `title`?" in found
    assert "one.yaml:1: `title` is missing" in found
    assert "one.yaml:5: steps[0].level: is `high`, must be a whole number" in found
    assert "one.yaml:6: steps[1].levl: unknown key; did you mean `level`?" in found
    assert "one.yaml:6: steps[1]: `text` is missing" in found
    assert "two.yaml:1: id: `other` must be the file's name, `two`" in found
    assert "two.yaml:2: title: no title may shout" in found
    assert "three.yaml:2: title: is a list, must be text (quote it)" in found
    assert "three.yaml:3: values.a: is `3`, must be text (quote it)" in found


def test_a_users_folder_adds_and_overrides(kind: str, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    write(first, "one", "id: one\ntitle: first\n")
    write(first, "two", "id: two\ntitle: first\n")
    write(second, "two", "id: two\ntitle: second\n")
    items = knowledge.load(kind, [first, second])
    assert {key: item.title for key, item in items.items()} == {"one": "first", "two": "second"}


def test_a_broken_file_that_is_overridden_does_not_matter(kind: str, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    write(first, "two", "id: [\n")
    write(second, "two", "id: two\ntitle: fine\n")
    assert knowledge.load(kind, [first, second])["two"].title == "fine"


def test_an_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean `decisions`"):
        knowledge.load("decision")


def test_check_names_misspelled_folders_and_endings(tmp_path: Path) -> None:
    (tmp_path / "practises").mkdir()
    (tmp_path / "decisions").mkdir()
    (tmp_path / "decisions" / "mine.yml").write_text("id: mine\n")
    found = "\n".join(str(problem) for problem in knowledge.check(tmp_path))
    assert "did you mean `practices`" in found
    assert "knowledge files end in `.yaml`" in found


def test_check_of_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        knowledge.check(tmp_path / "nowhere")


def test_not_utf8_is_a_problem_not_a_crash(kind: str, tmp_path: Path) -> None:
    path = write(tmp_path, "bad", "")
    path.write_bytes(b"id: \xff\xfe\n")
    assert "cannot be read" in problems_of(kind, tmp_path)[0]
