"""The front door: one account (or several) opened, and every question that can be asked of it.

Screens and commands talk to this class only. Each method hands on to the room that knows; nothing is worked out here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threading import Event

    import networkx as nx

    from advisor.access.index import AccessIndex
    from advisor.access.phrase import Named, Question
    from advisor.change.preview import Preview
    from advisor.graph.cut import Cut
    from advisor.graph.paths import Paths
    from advisor.model.change import Change, Flip
    from advisor.model.difference import Difference
    from advisor.model.finding import Findings
    from advisor.model.gap import Gap
    from advisor.model.snapshot import Snapshot
    from advisor.model.verdict import Answers, Permission, Verdict

Context = Mapping[str, Sequence[str] | str]
Progress = Callable[[str, int, int | None], None]
"""(what, how many are done, of how many): called from any thread."""


def open_account(
    files: Sequence[str | Path] = (),
    *,
    org: str | Path | None = None,
    profile: str | None = None,
    regions: Sequence[str] = (),
    endpoint_url: str | None = None,
    demo: bool = False,
    strict: bool = False,
    knowledge: Sequence[str | Path] = (),
    progress: Progress | None = None,
    cancel: Event | None = None,
    on_partial: Callable[[Snapshot], None] | None = None,
    mfa_prompt: Callable[[str], str] | None = None,
    last_accessed: bool = False,
) -> Advisor:
    """Open an account from files, from the demo, or live with the credentials in force.

    A live account is read in threads: `progress` and `on_partial` (a snapshot of what is there so far) are called from
    them, `cancel` stops them and keeps what was read. `mfa_prompt` is asked for the code of a device. `last_accessed`
    asks AWS for the last use of services and actions too, principal by principal.

    Raises:
        InputError: a file is not what it should be.
        SignInError: AWS does not accept the credentials.
    """
    if files:
        from advisor.collect.files import read_files

        snapshots = read_files(files, org=org)
    else:
        from advisor.collect.live import collect_account

        snapshots = collect_account(
            profile=profile,
            regions=regions,
            endpoint_url=endpoint_url,
            demo=demo,
            org=org,
            progress=progress,
            cancel=cancel,
            on_partial=on_partial,
            mfa_prompt=mfa_prompt,
            last_accessed=last_accessed,
        )
    return Advisor(snapshots, strict=strict, knowledge=knowledge)


class Advisor:
    """One or several accounts, read at one time. The first is the one that the questions are about."""

    def __init__(
        self, snapshots: Iterable[Snapshot], *, strict: bool = False, knowledge: Sequence[str | Path] = ()
    ) -> None:
        self.snapshots = tuple(snapshots)
        self.strict = strict
        self.knowledge = tuple(Path(folder) for folder in knowledge)
        """Folders of the user's own knowledge, read after the shipped one."""

    @property
    def snapshot(self) -> Snapshot:
        return self.snapshots[0]

    def with_snapshot(self, snapshot: Snapshot) -> Advisor:
        """The account as `snapshot` says that it is, or would be; the other accounts stay as they were read."""
        return self.with_snapshots((snapshot, *self.snapshots[1:]))

    def with_snapshots(self, snapshots: tuple[Snapshot, ...]) -> Advisor:
        """The accounts as the snapshots say that they are, or would be."""
        return Advisor(snapshots, strict=self.strict, knowledge=self.knowledge)

    @cached_property
    def index(self) -> AccessIndex:
        from advisor.access.index import build_index

        return build_index(self.snapshots, strict=self.strict)

    def who_can(
        self, action: str, resource: str | None = None, context: Context | None = None, *, via: bool = False
    ) -> Answers:
        """Every principal that can do the action, or may be able to. Globs in both; `None` asks for any resource.

        Raises:
            UsageError: the action or the resource is none.
        """
        _check(action, resource)
        return self.index.who_can(action, resource, _context(context), via=via)

    def can(
        self,
        principal: str,
        action: str,
        resource: str | None = None,
        context: Context | None = None,
        *,
        session_policy: str | None = None,
    ) -> Verdict:
        """One verdict with its trace. `session_policy` is the text of a policy passed to the session.

        Raises:
            UsageError: the action or the resource is none.
        """
        _check(action, resource)
        return self.index.can(principal, action, resource, _context(context), session_policy=session_policy)

    def flips(
        self, principal: str, action: str, resource: str | None = None, context: Context | None = None
    ) -> tuple[Flip, ...]:
        """The smallest single changes to this account that would turn the answer of `can`."""
        _check(action, resource)
        return self.index.flips(principal, action, resource, _context(context))

    def what_can(
        self, principal: str, resource: str | None = None, context: Context | None = None
    ) -> tuple[Permission, ...]:
        """The effective permissions of a principal, action by action."""
        _check("*", resource)
        return self.index.what_can(principal, resource, _context(context))

    def hidden_from(self, principal: str) -> tuple[Gap, ...]:
        """What hides policies of a principal: whether it can do what `what_can` does not list is unknown then."""
        return self.index.hidden_from(principal)

    @cached_property
    def graph(self) -> nx.MultiDiGraph:
        """Principals, groups, policies, resources and outsiders with the edges between them."""
        from advisor.graph.build import build_graph

        return build_graph(self)

    def paths(
        self, to: str = "admin", source: str | None = None, assume: Iterable[str] = (), *, all: bool = False
    ) -> Paths:
        """Every way to an administrator (or to a principal or resource), with the statements behind each hop."""
        from advisor.graph.paths import find_paths

        return find_paths(self, to, source, assume, all)

    def cut(
        self,
        tolerate: Iterable[str] = (),
        assume: Iterable[str] = (),
        *,
        progress: Progress | None = None,
        cancel: Event | None = None,
    ) -> Cut:
        """The cheapest set of changes after which nobody who is not tolerated reaches an administrator."""
        from advisor.graph.cut import find_cut

        return find_cut(self, tolerate, assume, progress=progress, cancel=cancel)

    @cached_property
    def tolerated(self) -> tuple[str, ...]:
        """ARNs of those who may become administrator unless somebody else is named: the ones kept for emergencies."""
        from advisor.change.case import break_glass

        return tuple(arn for snapshot in self.snapshots for arn in break_glass(snapshot))

    def difference(self, other: Advisor) -> Difference:
        """Access gained and lost from this account's state to the other's."""
        from advisor.access.difference import compare

        return compare(self.index, other.index)

    def questions(self, text: str) -> tuple[Question, ...]:
        """What a question as people type it (`read payroll`) may ask, the likeliest first."""
        from advisor.access.phrase import suggest

        return suggest(text, self._names, self.knowledge)

    @cached_property
    def _names(self) -> tuple[Named, ...]:
        from advisor.access.phrase import names_of

        return names_of(self.snapshot)

    def preview(self, change: Change | Iterable[Change]) -> Preview:
        """What a change (or several together) would do: diff, calls, access, paths, practices, quotas, guards."""
        from advisor.change.preview import preview

        return preview(self, change, paths=True)

    def findings(self) -> Findings:
        """Practices and findings with recommended changes."""
        from advisor.advice.findings import find

        return find(self)


def _check(action: str, resource: str | None) -> None:
    from advisor.access.asking import check_action, check_resource

    check_action(action)
    check_resource(resource)


def _context(context: Context | None) -> dict[str, tuple[str, ...]]:
    """Context keys ignore case; a lone value is a list of one."""
    return {
        key.lower(): (values,) if isinstance(values, str) else tuple(values) for key, values in (context or {}).items()
    }
