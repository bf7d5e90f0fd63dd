"""One thing that is wrong in a knowledge file."""

from __future__ import annotations

import msgspec


class Problem(msgspec.Struct, frozen=True, order=True):
    """`file` is a path (in a schema's own `check` the entry's id), `place` the key path: `options[2].then`."""

    file: str
    place: str
    reason: str
    line: int = 0
    """From 1; 0 where it is not known."""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.place}: {self.reason}" if self.place else f"{where}: {self.reason}"
