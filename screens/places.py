"""Where the user was in each account: mode, row, filter, order and questions asked, kept over restarts."""

from __future__ import annotations

from typing import Any

from screens.kept import keep, recall

MOST_QUESTIONS = 20


class Places:
    """What is kept for one account. Nothing is read or written where the app runs without a terminal."""

    def __init__(self, account: str = "", *, remembers: bool = True) -> None:
        self._name = f"places-{account}" if account.isdecimal() and remembers else ""
        self._kept: dict[str, Any] = recall(self._name) if self._name else {}

    @property
    def mode(self) -> str:
        return str(self._kept.get("mode", ""))

    def of(self, mode: str) -> dict[str, Any]:
        """Row, filter and order of a mode's first screen."""
        modes = self._kept.get("modes")
        found = modes.get(mode) if isinstance(modes, dict) else None
        return found if isinstance(found, dict) else {}

    def leave(self, mode: str, modes: dict[str, dict[str, Any]]) -> None:
        """Keep where the user is; modes that were not looked at stay as they were kept."""
        before = self._kept.get("modes")
        self._kept.update(mode=mode, modes={**(before if isinstance(before, dict) else {}), **modes})
        self._write()

    @property
    def questions(self) -> list[tuple[str, str]]:
        """(tab, text) of the questions that were asked, the latest first."""
        kept = self._kept.get("questions")
        pairs = kept if isinstance(kept, list) else []
        return [(str(one[0]), str(one[1])) for one in pairs if isinstance(one, list) and len(one) == 2]

    def asked(self, tab: str, text: str) -> None:
        """Keep a question; pasted messages are not kept."""
        if tab == "denied" or not text.strip():
            return
        others = [list(one) for one in self.questions if one != (tab, text)]
        self._kept["questions"] = [[tab, text], *others][:MOST_QUESTIONS]
        self._write()

    def _write(self) -> None:
        if self._name:
            keep(self._name, self._kept)
