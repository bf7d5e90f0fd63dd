"""Runs the integer program in a process of its own, with a time limit, and ends it when nobody waits any more."""

from __future__ import annotations

import atexit
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import msgspec

from advisor.errors import AdvisorError

if TYPE_CHECKING:
    from threading import Event

SECONDS = 20.0
"""For the search of the solver; what it has by then is taken, with its gap."""
_STARTING = 20.0
"""More than that for starting and reading: afterwards it is taken for hung."""
_LOOK = 0.05
STOPPED = "the search for the cheapest cut was stopped"


class Program(msgspec.Struct, frozen=True):
    """An integer program as `highs.py` reads it."""

    costs: tuple[float, ...]
    binaries: int
    least: tuple[float, ...]
    starts: tuple[int, ...]
    columns: tuple[int, ...]
    factors: tuple[float, ...]
    seconds: float = SECONDS


class Solved(msgspec.Struct, frozen=True):
    """The value of each column, none where no solution was found, and the gap."""

    values: tuple[float, ...] = ()
    gap: float = 1.0


class SolverFailed(Exception):
    """There is no proven solution: the text says why."""


class Stopped(AdvisorError):
    """Who asked did not want to wait any longer."""


def solved(program: Program, cancel: Event | None = None) -> Solved:
    """The solution of a program.

    Raises:
        SolverFailed: `highspy` is not installed, or its process ended without an answer or took too long.
        Stopped: `cancel` was set; the process is gone.
    """
    if find_spec("highspy") is None:
        raise SolverFailed("highspy is not installed")
    line = [sys.executable, "-P", str(Path(__file__).with_name("highs.py"))]
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    try:
        process = subprocess.Popen(line, creationflags=flags, **pipes)  # type: ignore[call-overload]
    except OSError as error:
        raise SolverFailed(f"the solver did not start: {error.strerror}") from error
    atexit.register(process.kill)
    try:
        answer = _answer(process, msgspec.json.encode(program), program.seconds + _STARTING, cancel)
    finally:
        process.kill()
        process.wait()
        atexit.unregister(process.kill)
    try:
        found = msgspec.json.decode(answer, type=Solved)
    except msgspec.MsgspecError as error:
        raise SolverFailed(f"the solver ended without an answer ({_ending(process.returncode)})") from error
    if len(found.values) not in (0, len(program.costs)):
        raise SolverFailed("the solver answered something else")
    if not found.values:
        raise SolverFailed(f"the solver found nothing in {program.seconds:.0f} seconds")
    return found


def _answer(process: subprocess.Popen[bytes], program: bytes, seconds: float, cancel: Event | None) -> bytes:
    """What the process answers. Another thread ends it on `cancel`: one call must send and read all, since a call that
    goes on after a time limit forgets what it has not sent yet.
    """
    watch = Thread(target=_end_on_cancel, args=(process, cancel), daemon=True) if cancel is not None else None
    if watch is not None:
        watch.start()
    try:
        answer = process.communicate(program, timeout=seconds)[0]
    except subprocess.TimeoutExpired as error:
        raise SolverFailed(f"the solver did not answer in {seconds:.0f} seconds") from error
    if cancel is not None and cancel.is_set():
        raise Stopped(STOPPED)
    return answer


def _end_on_cancel(process: subprocess.Popen[bytes], cancel: Event) -> None:
    while process.poll() is None:
        if cancel.wait(_LOOK):
            process.kill()
            return


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
