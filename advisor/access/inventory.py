"""Resources of the accounts by ARN: which account owns one, and which policy stands on it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from advisor.evaluate.pattern import glob
from advisor.model.arn import account_of, parse_arn
from advisor.model.gap import Gap
from advisor.model.principal import Role, Tags
from advisor.model.resource import Resource
from advisor.model.snapshot import Snapshot


class Place:
    """Where a resource stands. `position` is its account's among the snapshots, `None` where it is not among them."""

    __slots__ = ("account", "position", "resource", "role", "tags", "tags_gap")

    def __init__(
        self,
        account: str,
        position: int | None,
        resource: Resource | None,
        role: Role | None,
        tags_gap: Gap | None = None,
        tags: Tags | None = None,
    ) -> None:
        self.account = account
        """The owner's account id; empty where nothing says it."""
        self.position = position
        self.resource = resource
        self.role = role
        self.tags = tags
        """The tags of something that carries no policy; `None` where they are not known."""
        self.tags_gap = tags_gap
        """The call that would have told the resource's tags, or whether they count, and could not be made."""


def carrier_of(arn: str) -> str:
    """The ARN of the resource that carries the policy: the bucket of an object, the function of a version.

    Source: Service Authorization Reference; a bucket's ARN has no region and no account, the object follows the slash.
    """
    parts = arn.split(":", 5)
    if len(parts) == 6 and parts[2] == "s3":
        head, _, rest = parts[5].partition("/")
        if head == "accesspoint":
            head = f"accesspoint/{rest.split('/', 1)[0]}"
        return ":".join((*parts[:5], head))
    return arn


class Inventory:
    """All resources of several snapshots, found by ARN or by the beginning of one."""

    def __init__(self, snapshots: Sequence[Snapshot], home: str = "") -> None:
        self._snapshots = snapshots
        self._home = home or (snapshots[0].account if len(snapshots) == 1 else "")
        self._position = {snapshot.account: at for at, snapshot in enumerate(snapshots)}
        self._resources: dict[str, tuple[int, Resource]] = {}
        for at, snapshot in enumerate(snapshots):
            for resource in snapshot.resources:
                self._resources[resource.arn] = (self._position.get(resource.account, at), resource)
        self._sorted: dict[str, SortedArns] = {}

    def position_of(self, account: str) -> int | None:
        return self._position.get(account)

    def place(self, arn: str) -> Place:
        """Where the resource of a request stands.

        One that nothing places belongs to the only account, or to the one that was named as home; of several accounts
        it is in each caller's own.
        """
        carrier = carrier_of(arn)
        found = self._resources.get(carrier)
        if found is not None:
            return Place(found[1].account, found[0], found[1], None, self._tags_gap(*found))
        account = account_of(arn)
        if "*" in account or "?" in account:
            account = ""
        account = account or self._home
        position = self._position.get(account)
        if position is None:
            return Place(account, None, None, None)
        snapshot = self._snapshots[position]
        role = snapshot.role_by_arn.get(arn)
        return Place(account, position, None, role, tags=None if role is not None else self._tags_of(snapshot, arn))

    def _tags_of(self, snapshot: Snapshot, arn: str) -> Tags | None:
        user = snapshot.user_by_arn.get(arn)
        return user.tags if user is not None else snapshot.tags_by_arn.get(arn)

    def _tags_gap(self, position: int, resource: Resource) -> Gap | None:
        """The gap that hides a resource's tags: its own, or for what has none that of the list of all tags."""
        gaps = self._snapshots[position].gaps_by_resource
        if not gaps or (resource.kind == "s3:bucket" and not (resource.tags or gaps.get(resource.arn))):
            return None
        own = [gap for gap in gaps.get(resource.arn, ()) if _tells_tags(gap.call, has_tags=bool(resource.tags))]
        if own or resource.tags or resource.kind == "s3:bucket":
            return own[0] if own else None
        return next((gap for found in gaps.values() for gap in found if gap.call in TAG_LISTS), None)

    def matching(self, kinds: str, pattern: str) -> Iterator[Resource]:
        """Resources of a service (`s3`) whose ARN fits the pattern, in order."""
        yield from (self._resources[arn][1] for arn in self._arns(kinds).fitting(pattern))

    def _arns(self, service: str) -> SortedArns:
        found = self._sorted.get(service)
        if found is None:
            found = self._sorted[service] = SortedArns(arn for arn in self._resources if _service(arn) == service)
        return found

    @cached_property
    def roles(self) -> SortedArns:
        """Every role of the accounts."""
        return SortedArns(role.arn for snapshot in self._snapshots for role in snapshot.roles)


TAG_LISTS = ("tag:GetResources", "resourcegroupstaggingapi:GetResources")
"""The call that tells the tags of everything but buckets."""


def _tells_tags(call: str, *, has_tags: bool) -> bool:
    """Whether a call tells the tags of a resource, or, where it has some, whether they count (rule 55)."""
    return call == "s3:GetBucketAbac" if has_tags else call != "s3:GetBucketAbac" and "Tag" in call


def _service(arn: str) -> str:
    parsed = parse_arn(arn)
    return parsed.service if parsed else ""


class SortedArns:
    """ARNs in order, to find those that fit a pattern: only those with its literal beginning or end are looked at."""

    def __init__(self, arns: Iterable[str]) -> None:
        self._arns = sorted(arns)

    @cached_property
    def _backwards(self) -> list[str]:
        return sorted([arn[::-1] for arn in self._arns])

    def fitting(self, pattern: str) -> list[str]:
        """Those that fit, in order."""
        compiled = glob(pattern)
        near = _beginning_with(self._arns, _literal(pattern))
        if len(near) > _FEW:
            ends = _beginning_with(self._backwards, _literal(pattern[::-1]))
            if len(ends) < len(near):
                near = sorted([text[::-1] for text in ends])
        return [arn for arn in near if compiled.matches(arn)]


_FEW = 8


def _literal(pattern: str) -> str:
    """What stands before the first wildcard."""
    ends = [at for at in (pattern.find("*"), pattern.find("?")) if at >= 0]
    return pattern[: min(ends)] if ends else pattern


def _beginning_with(texts: list[str], beginning: str) -> list[str]:
    """The part of a sorted list that begins so."""
    first = bisect_left(texts, beginning)
    last = bisect_left(texts, f"{beginning}\U0010ffff", first) if beginning else len(texts)
    return texts[first:last]
