"""Knowledge files: one thing per YAML file, its id the file's name, checked as a whole and read into frozen values.

`knowledge/<kind>/<id>.yaml` is described by `advisor/reference/schema/<kind>.py`, which exports `SCHEMA` (a msgspec
struct with an `id`) and `check(items)`, yielding `Problem(file=id, place=…, reason=…)` for what types cannot say. A
user's own folder of the same layout adds files, or replaces shipped ones of the same id.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from advisor.errors import InputError, KnowledgeError
from advisor.reference import plain_yaml, shape
from advisor.reference.data import data_folder
from advisor.reference.problem import Problem

KINDS = ("changes", "decisions", "escalations", "lists", "phrases", "practices", "sentences", "setup")
_READ_ELSEWHERE = ("permissions", "phrases", "services")
_LIMIT_FILES = 5_000
_Check = Callable[[Mapping[str, Any]], Iterable[Problem]]


def load(kind: str, folders: Sequence[str | Path] = ()) -> Mapping[str, Any]:
    """All entries of one kind by id, in the order of their ids; later folders replace earlier entries.

    Raises:
        KnowledgeError: with every problem of every file.
    """
    return _load(kind, tuple(str(Path(folder)) for folder in folders))


@cache
def _load(kind: str, folders: tuple[str, ...]) -> Mapping[str, Any]:
    items, problems = _read(kind, (str(data_folder("knowledge")), *folders))
    if problems:
        raise KnowledgeError(tuple(sorted(problems)))
    return items


def check(folder: str | Path | None = None) -> tuple[Problem, ...]:
    """Every problem of the shipped knowledge, or of a user's folder together with it."""
    folders = [str(data_folder("knowledge"))]
    if folder is not None:
        if not Path(folder).is_dir():
            raise InputError("no such folder", file=str(folder))
        folders.append(str(folder))
    problems: list[Problem] = []
    for kind in KINDS:
        if schema_of(kind) is not None:
            problems += _read(kind, folders)[1]
    if folder is not None:
        problems += _strangers(Path(folder))
    return tuple(sorted(problems))


def schema_of(kind: str) -> type | None:
    """The struct that describes one kind of file; `None` for an unknown kind."""
    module = _module(kind)
    return getattr(module, "SCHEMA", None) if module else None


def _module(kind: str) -> Any:
    name = f"advisor.reference.schema.{kind}"
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return None


def _read(kind: str, folders: Sequence[str]) -> tuple[dict[str, Any], list[Problem]]:
    module = _module(kind)
    if module is None:
        raise InputError(f"there is no kind of knowledge `{kind}`{shape.nearest(kind, KINDS)}")
    items: dict[str, Any] = {}
    files: dict[str, tuple[str, dict[plain_yaml.Path, int]]] = {}
    problems: list[Problem] = []
    for path in _files(kind, folders):
        item, lines, found = read_file(path, module.SCHEMA)
        problems += found
        if item is not None:
            items[item.id] = item
            files[item.id] = (str(path), lines)
    items = dict(sorted(items.items()))
    problems += [_placed(problem, files) for problem in _own_check(module)(items)]
    return items, problems


def _files(kind: str, folders: Sequence[str]) -> Iterable[Path]:
    """The files of one kind; a file that a later folder replaces is not read at all."""
    chosen: dict[str, Path] = {}
    for folder in folders:
        found = sorted((Path(folder) / kind).glob("*.yaml"))
        if len(found) > _LIMIT_FILES:
            raise InputError(f"{len(found)} files, {_LIMIT_FILES} are allowed", file=str(Path(folder) / kind))
        chosen.update({path.stem: path for path in found})
    return chosen.values()


def read_file(path: Path, schema: type) -> tuple[Any, dict[plain_yaml.Path, int], list[Problem]]:
    """One file as `(value or None, line of each key path, problems)`."""
    try:
        parsed = plain_yaml.parse(path.read_bytes().decode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        return None, {}, [Problem(str(path), "", f"cannot be read: {error}")]
    except InputError as error:
        line = int(error.place.split()[-1]) if error.place.startswith("line ") else 0
        return None, {}, [Problem(str(path), "", error.reason, line)]
    problems = [
        Problem(str(path), key_path(place), reason, _line(parsed.lines, place))
        for place, reason in shape.misfits(parsed.value, schema)
    ]
    if problems:
        return None, parsed.lines, problems
    try:
        item = shape.convert(parsed.value, schema)
    except (msgspec.ValidationError, ValueError) as error:
        return None, parsed.lines, [Problem(str(path), "", str(error))]
    if item.id != path.stem:
        problems.append(
            Problem(
                str(path), "id", f"`{item.id}` must be the file's name, `{path.stem}`", _line(parsed.lines, ("id",))
            )
        )
    return item, parsed.lines, problems


def _own_check(module: Any) -> _Check:
    return getattr(module, "check", lambda _items: ())


def _placed(problem: Problem, files: Mapping[str, tuple[str, dict[plain_yaml.Path, int]]]) -> Problem:
    """A schema's own problem names the entry; the reader of it wants the file and the line."""
    path, lines = files.get(problem.file, (problem.file, {}))
    by_place = {key_path(place): line for place, line in lines.items()}
    return msgspec.structs.replace(problem, file=path, line=problem.line or by_place.get(problem.place, 0))


def _strangers(folder: Path) -> list[Problem]:
    """Things in a user's folder that no kind reads: a misspelled folder would otherwise be ignored in silence."""
    problems = []
    for entry in sorted(folder.iterdir()):
        known: Collection[str] = (*KINDS, *_READ_ELSEWHERE)
        if entry.is_dir() and entry.name not in known and not entry.name.startswith("."):
            problems.append(Problem(str(entry), "", f"no kind of knowledge{shape.nearest(entry.name, known)}"))
        if entry.is_dir() and entry.name in KINDS:
            problems += [
                Problem(str(path), "", "knowledge files end in `.yaml`") for path in sorted(entry.glob("*.yml"))
            ]
    return problems


def key_path(place: plain_yaml.Path) -> str:
    """`("options", 2, "then")` as `options[2].then`."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _line(lines: Mapping[plain_yaml.Path, int], place: plain_yaml.Path) -> int:
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 0)
