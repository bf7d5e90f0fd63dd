"""The journal: one file of JSON lines for each run, flushed to disk before and after each call.

Whatever happens, it tells what was done, what was about to be done and what takes it back. No secret is ever in it. The
files are readable by their owner only.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from advisor.change.locks import held, is_held
from advisor.errors import AdvisorError, InputError, UsageError
from advisor.model.change import Operation
from advisor.reference.places import make_private, state_folder
from advisor.reference.versions import refuse_newer

SCHEMA = "advisor/journal/1"
StepStatus = Literal["todo", "calling", "done", "already", "failed", "undoing", "undone", "left"]
RunStatus = Literal["running", "interrupted", "stopped", "finished", "kept", "undone", "undo-stopped"]


class Seen(msgspec.Struct, frozen=True):
    """One aspect that a step touches, as foreseen before and after the call."""

    aspect: str
    key: tuple[str, ...]
    before: Any
    after: Any


class Step(msgspec.Struct, frozen=True):
    """One call of a run. `change` counts the plan's changes from 0: ids of operations hold inside one change."""

    number: int
    change: int
    title: str
    operation: Operation
    undo: tuple[Operation, ...] = ()
    seen: tuple[Seen, ...] = ()
    reversible: bool = True
    subject: str = ""
    foreseen_result: dict[str, Any] = {}
    """What the call should return, as far as names and ARNs can be told beforehand."""


class StepState(msgspec.Struct, frozen=True):
    """Where a step stands. `result` is what the call returned, without secrets; `undone` counts its undo calls made."""

    step: Step
    status: StepStatus = "todo"
    at: str = ""
    error: str = ""
    result: dict[str, Any] = {}
    undone: int = 0
    renamed: dict[str, str] = {}
    """Versions of policies that came back under another number: `arn#v2` to `v3`."""


class RunState(msgspec.Struct, frozen=True):
    """A run as its journal tells it."""

    id: str
    account: str
    started: str
    status: RunStatus
    steps: tuple[StepState, ...]
    snapshot: str = ""
    endpoint_url: str | None = None
    undo_at: str | None = None
    """When it is undone by itself unless somebody keeps it; `None`: never."""
    overrides: dict[str, str] = {}
    is_demo: bool = False

    def is_there(self, demo: str | None = None) -> bool:
        """Whether its account still is: a demo (at this endpoint, the one that runs) ends with its process."""
        return not self.is_demo or self.endpoint_url == demo

    @property
    def done(self) -> int:
        return sum(state.status in ("done", "already") for state in self.steps)

    def results(self, change: int) -> dict[str, dict[str, Any]]:
        """What the calls of one change returned, by operation id."""
        return {
            state.step.operation.id: state.result
            for state in self.steps
            if state.step.change == change and state.step.operation.id and state.result
        }


def journal_folder(folder: Path | None = None) -> Path:
    return folder or state_folder() / "journal"


class Journal:
    """One run's file, open for appending."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise _not_written(path, error) from error

    def write(self, line: str, **fields: Any) -> None:
        """Append one line and wait until the disk has it. A line that was cut off before it is ended first.

        Raises:
            AdvisorError: the disk is full or may not be written; what comes next is not done.
        """
        value = {"line": line, "at": now(), **fields}
        left = (b"\n" if self._is_torn() else b"") + msgspec.json.encode(value) + b"\n"
        try:
            while left:
                left = left[os.write(self._file, left) :]
            os.fsync(self._file)
        except OSError as error:
            raise _not_written(self.path, error) from error

    def _is_torn(self) -> bool:
        size = os.fstat(self._file).st_size
        if not size:
            return False
        os.lseek(self._file, size - 1, os.SEEK_SET)
        return os.read(self._file, 1) != b"\n"

    def close(self) -> None:
        os.close(self._file)


def _not_written(path: Path, error: OSError) -> AdvisorError:
    return AdvisorError(
        f"the journal `{path.name}` cannot be written: {error.strerror or error}",
        advice="nothing more was called; make room, then `advisor apply --resume` or `advisor undo`",
    )


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def begin(
    folder: Path,
    account: str,
    steps: tuple[Step, ...],
    *,
    snapshot: str,
    endpoint_url: str | None,
    undo_after: float | None,
    overrides: dict[str, str],
    is_demo: bool = False,
) -> tuple[str, Journal]:
    """A new run's id and its journal with the whole run in the first line."""
    make_private(folder)
    run = _next_id(folder)
    journal = Journal(folder / f"{run}.jsonl")
    undo_at = None
    if undo_after is not None:
        undo_at = (datetime.now(UTC) + timedelta(seconds=undo_after)).strftime("%Y-%m-%dT%H:%M:%SZ")
    journal.write(
        "run", schema=SCHEMA, run=run, account=account, snapshot=snapshot, endpoint_url=endpoint_url, undo_at=undo_at,
        overrides=overrides, is_demo=is_demo, steps=steps,
    )  # fmt: skip
    _sync_folder(folder)
    return run, journal


def _next_id(folder: Path) -> str:
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    numbers = [age_of(path.stem)[-1] for path in folder.glob(f"{day}-*.jsonl") if _is_id(path.stem)]
    return f"{day}-{max(numbers, default=0) + 1}"


def _sync_folder(folder: Path) -> None:
    """A new file's name is on disk only when its folder is; Windows has no such call."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_run(run: str, folder: Path | None = None) -> RunState:
    """The state of a run by its id.

    Raises:
        UsageError: there is no such run.
        InputError: a newer version of the advisor wrote it.
    """
    place = journal_folder(folder)
    path = place / f"{run}.jsonl"
    if not _is_id(run) or not path.is_file():
        raise UsageError(f"there is no run `{run}`", advice="`advisor journal` lists the runs")
    lines = _lines(path)
    refuse_newer(lines[0].get("schema") if lines else None, SCHEMA, path.name)
    try:
        state = _replayed(lines)
    except _DAMAGED as error:
        raise InputError(
            f"is damaged: {type(error).__name__}: {error}",
            file=path.name,
            advice="what was done is told by its lines, one for each call; compare the account with them",
        ) from error
    if state is None:
        raise AdvisorError(f"the journal of run `{run}` is empty: nothing was called")
    if state.status == "interrupted" and is_locked(place):
        return msgspec.structs.replace(state, status="running")
    return state


def _is_id(run: str) -> bool:
    return bool(run) and all(part.isdecimal() for part in run.split("-"))


class Unread(NamedTuple):
    """A run whose journal is damaged, or was written by a newer version: what it did is not known here."""

    id: str
    reason: str


def runs(folder: Path | None = None) -> tuple[RunState, ...]:
    """Every run that this version can read, the newest first; `unread_runs` has the others."""
    return all_runs(folder)[0]


def unread_runs(folder: Path | None = None) -> tuple[Unread, ...]:
    """Those that it cannot read, the newest first."""
    return all_runs(folder)[1]


def all_runs(folder: Path | None = None) -> tuple[tuple[RunState, ...], tuple[Unread, ...]]:
    """Both. A journal that a crash cut off in its first line is neither: nothing was called."""
    place = journal_folder(folder)
    names = [path.stem for path in place.glob("*.jsonl") if _is_id(path.stem)] if place.is_dir() else []
    found, unread = list[RunState](), list[Unread]()
    for name in sorted(names, key=age_of, reverse=True):
        try:
            found.append(read_run(name, folder))
        except InputError as error:
            unread.append(Unread(name, error.message))
        except AdvisorError:
            continue
    return tuple(found), tuple(unread)


def age_of(run: str) -> list[int]:
    """What runs are ordered by: a later run has the greater one."""
    return [int(part) for part in run.split("-")]


_DAMAGED = (KeyError, TypeError, ValueError, AttributeError, msgspec.MsgspecError, RecursionError)
"""What the replay of a journal raises that somebody changed by hand."""


def _lines(path: Path) -> list[dict[str, Any]]:
    """The whole lines of a journal; one that was cut off by a crash or a full disk did not happen."""
    found = []
    for raw in path.read_bytes().split(b"\n")[:-1]:
        try:
            line = json.loads(raw)
        except (ValueError, RecursionError):
            continue
        if isinstance(line, dict):
            found.append(line)
    return found


def _replayed(lines: list[dict[str, Any]]) -> RunState | None:
    if not lines:
        return None
    head = lines[0]
    if head.get("line") != "run":
        raise ValueError("its first line is not that of a run")
    steps = msgspec.convert(head["steps"], tuple[Step, ...])
    states = {step.number: StepState(step) for step in steps}
    status: RunStatus = "interrupted"
    for line in lines[1:]:
        name = line["line"]
        if "step" in line:
            states[line["step"]] = _moved(states[line["step"]], name, line)
        elif name in _ENDS:
            status = _ENDS[name]
    return RunState(
        id=head["run"],
        account=head["account"],
        started=head["at"],
        status=status,
        steps=tuple(states[step.number] for step in steps),
        snapshot=head["snapshot"],
        endpoint_url=head["endpoint_url"],
        undo_at=head["undo_at"],
        overrides=head["overrides"],
        is_demo=head.get("is_demo", False),
    )


_ENDS: dict[str, RunStatus] = {
    "stopped": "stopped", "finished": "finished", "kept": "kept", "undone-all": "undone",
    "undo-stopped": "undo-stopped",
    "resumed": "interrupted", "undo-began": "interrupted",
}  # fmt: skip
_MOVES: dict[str, StepStatus] = {
    "call": "calling", "done": "done", "already": "already", "failed": "failed", "undo-call": "undoing",
    "undone": "undone", "left": "left",
}  # fmt: skip


def _moved(state: StepState, name: str, line: dict[str, Any]) -> StepState:
    if name == "undo-part":
        return msgspec.structs.replace(state, undone=line["part"], renamed=line.get("renamed") or state.renamed)
    if name not in _MOVES:
        return state
    return msgspec.structs.replace(
        state,
        status=_MOVES[name],
        at=line["at"],
        error=line.get("error", ""),
        result=line.get("result") or state.result,
    )


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the one lock of the journal; the system frees it when the process ends, however it ends.

    Raises:
        AdvisorError: another process is applying or undoing.
    """
    with held(folder / "lock") as ours:
        if not ours:
            raise AdvisorError(
                "another run is at work; two at once are not allowed", advice="`advisor journal` shows it"
            )
        yield


@contextmanager
def waited_for(run: str, folder: Path | None = None) -> Iterator[bool]:
    """Be the process that waits to undo a run by itself; `False` where another one waits already."""
    with held(journal_folder(folder) / f"{run}.waits") as ours:
        yield ours


def is_waited_for(run: str, folder: Path | None = None) -> bool:
    """Whether some process lives that will undo the run by itself."""
    return is_held(journal_folder(folder) / f"{run}.waits")


def is_locked(folder: Path) -> bool:
    """Whether some process holds the lock now."""
    return is_held(folder / "lock")
