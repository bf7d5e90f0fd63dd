"""A real process in a pseudo-terminal, and what a person would see in it."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unicodedata
from collections.abc import Mapping, Sequence
from types import TracebackType

KEYS = {
    "enter": "\r", "escape": "\x1b", "tab": "\t", "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
    "space": " ", "backspace": "\x7f", "ctrl+c": "\x03", "ctrl+p": "\x10",
}  # fmt: skip
_TOKEN = re.compile(
    r"\x1b\[(?P<private>[?<>=]?)(?P<numbers>[0-9;:]*)[ -/]*(?P<final>[@-~])"
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1bP.*?\x1b\\|\x1b[()][A-Z0-9]|\x1b[=>78cDEHM]|(?P<text>[^\x1b])",
    re.DOTALL,
)
_UNFINISHED = re.compile(r"\x1b(?:\[[0-9;:?<>= -/]*|\][^\x07]*|P[^\x1b]*)?$")


class Screen:
    """The cells of a terminal, as far as a full-screen app uses them: cursor moves, erasing, text."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.cells = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0
        self._rest = ""

    def feed(self, data: str) -> None:
        data = self._rest + data
        unfinished = _UNFINISHED.search(data)
        self._rest = unfinished.group() if unfinished else ""
        for token in _TOKEN.finditer(data[: len(data) - len(self._rest)]):
            if token["text"]:
                self._write(token["text"])
            elif token["final"] and not token["private"]:
                numbers = [int(part) if part.isdigit() else 0 for part in token["numbers"].split(";")]
                self._move(token["final"], numbers)

    def _write(self, char: str) -> None:
        if char == "\r":
            self.column = 0
        elif char == "\n":
            self.row = min(self.row + 1, self.rows - 1)
        elif char == "\b":
            self.column = max(0, self.column - 1)
        elif char >= " " and not unicodedata.combining(char):
            if self.column < self.columns and self.row < self.rows:
                self.cells[self.row][self.column] = char
            self.column += 2 if unicodedata.east_asian_width(char) in "WF" else 1

    def _move(self, final: str, numbers: list[int]) -> None:
        first = numbers[0] or 1
        if final in "Hf":
            second = (numbers[1] if len(numbers) > 1 else 0) or 1
            self.row, self.column = min(first, self.rows) - 1, min(second, self.columns) - 1
        elif final == "A":
            self.row = max(0, self.row - first)
        elif final == "B":
            self.row = min(self.rows - 1, self.row + first)
        elif final == "C":
            self.column += first
        elif final == "D":
            self.column = max(0, self.column - first)
        elif final == "G":
            self.column = first - 1
        elif final == "J":
            start = 0 if numbers[0] == 2 else self.row
            for row in range(start, self.rows):
                self.cells[row] = [" "] * self.columns
        elif final == "K":
            self.cells[self.row][self.column :] = [" "] * (self.columns - self.column)

    @property
    def lines(self) -> list[str]:
        return ["".join(row).rstrip() for row in self.cells]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


class Terminal:
    """Runs a command in a pseudo-terminal of a fixed size. Use it in a `with`: it ends the process."""

    def __init__(
        self, command: Sequence[str], *, columns: int = 80, rows: int = 24, environment: Mapping[str, str] | None = None
    ) -> None:
        self.screen = Screen(columns, rows)
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # it is told when the terminal goes away
            env={**os.environ, "TERM": "xterm-256color", **(environment or {})},
        )
        os.close(slave)
        self.raw = b""
        self._is_hung_up = False
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if not self._is_hung_up:
            os.close(self._master)

    def hang_up(self) -> None:
        """Close the terminal under the process, as a window that is shut does."""
        os.close(self._master)
        self._is_hung_up = True

    def read(self, seconds: float = 0.1) -> bool:
        """Take what the process has written; `False` when it wrote nothing in that time."""
        ready, _, _ = select.select([self._master], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:  # the process has closed its side
            return False
        self.raw += data
        self.screen.feed(self._decoder.decode(data))
        return bool(data)

    def wait_for(self, *texts: str, seconds: float = 20) -> str:
        """Wait until all the texts are on the screen; the screen's text."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if all(text in self.screen.text for text in texts):
                self.settle()
                if all(text in self.screen.text for text in texts):
                    return self.screen.text
            if not self.read() and self.process.poll() is not None:
                break
        missing = [text for text in texts if text not in self.screen.text]
        raise AssertionError(f"{missing} did not come up within {seconds} s; the screen shows:\n{self.screen.text}")

    def wait_until_gone(self, text: str, seconds: float = 60) -> None:
        """Wait until a text is no longer on the screen."""
        deadline = time.monotonic() + seconds
        while text in self.screen.text:
            if time.monotonic() > deadline:
                raise AssertionError(f"{text!r} is still there after {seconds} s:\n{self.screen.text}")
            self.read()
        self.settle()

    def settle(self, quiet: float = 0.15, longest: float = 3) -> None:
        """Wait until nothing more is drawn."""
        deadline = time.monotonic() + longest
        while time.monotonic() < deadline and self.read(quiet):
            pass

    def press(self, *keys: str) -> None:
        """Press keys: names of `KEYS`, else the text itself. Waits until the screen is still after each."""
        for key in keys:
            os.write(self._master, KEYS.get(key, key).encode())
            self.settle()

    def wait(self, seconds: float = 20) -> int:
        """Wait for the process to end; its exit code."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read()
        return self.process.wait(timeout=max(0.1, deadline - time.monotonic()))
