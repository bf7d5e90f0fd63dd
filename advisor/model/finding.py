"""Facts, practices and findings as values."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from advisor.model.change import Change
from advisor.model.gap import Gap


class Evidence(msgspec.Struct, frozen=True):
    """One thing that was seen: which object, from which call."""

    subject: str
    """ARN or name."""
    detail: str
    call: str = ""


class FactValue(msgspec.Struct, frozen=True):
    """The answer of a fact: yes or no, a number, a list or a word; `value` is `None` and `gaps` says why when
    unknown.
    """

    fact: str
    value: bool | int | float | str | tuple[str, ...] | None
    evidence: tuple[Evidence, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def is_known(self) -> bool:
        return self.value is not None


class PracticeResult(msgspec.Struct, frozen=True):
    id: str
    title: str
    status: Literal["holds", "fails", "unknown"]
    evidence: tuple[Evidence, ...] = ()
    gaps: tuple[Gap, ...] = ()


class Finding(msgspec.Struct, frozen=True):
    id: str
    practice: str
    severity: Literal["critical", "high", "medium", "low"]
    status: Literal["open", "accepted", "unknown"]
    title: str
    resources: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    changes: tuple[Change, ...] = ()
    sources: tuple[str, ...] = ()
    detail: dict[str, Any] = {}
    gaps: tuple[Gap, ...] = ()


class Findings(msgspec.Struct, frozen=True):
    practices: tuple[PracticeResult, ...]
    findings: tuple[Finding, ...]
