"""An opened account as the rooms below the front door see it: `advisor.Advisor` fits, and nothing here imports it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex
    from advisor.model.difference import Difference
    from advisor.model.snapshot import Snapshot
    from advisor.model.verdict import Answers, Verdict

Context = Mapping[str, Sequence[str] | str]


class OpenAccount(Protocol):
    """One account (or several, the first being the one asked about), read at one time, with the index over it.

    It can be the key of a weak mapping: what is worked out for an account is kept as long as it is open.
    """

    snapshots: tuple[Snapshot, ...]
    strict: bool
    knowledge: tuple[Path, ...]

    @property
    def snapshot(self) -> Snapshot: ...

    @property
    def index(self) -> AccessIndex: ...

    def who_can(
        self, action: str, resource: str | None = None, context: Context | None = None, *, via: bool = False
    ) -> Answers: ...

    def can(
        self,
        principal: str,
        action: str,
        resource: str | None = None,
        context: Context | None = None,
        *,
        session_policy: str | None = None,
    ) -> Verdict: ...

    def difference(self, other: Self) -> Difference: ...

    def with_snapshots(self, snapshots: tuple[Snapshot, ...]) -> Self:
        """All accounts as the snapshots say they are, on an index of their own."""
        ...

    def with_snapshot(self, snapshot: Snapshot) -> Self:
        """The account as `snapshot` says it is (or would be), on an index of its own; the others stay."""
        ...
