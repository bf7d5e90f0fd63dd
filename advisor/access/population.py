"""Users and roles by number: a set of them is an integer with a bit for each, so one operation works on all of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import compress, count

from advisor.access.personal import TAG, own_value
from advisor.access.principals import Class, Principal, lets_tag_sessions
from advisor.evaluate.context import OPEN, Knowledge
from advisor.model.principal import Role, Tags

Profile = tuple[int, str, bool]
"""Position of the account, kind, and whether there is a boundary."""
Values = tuple[Knowledge | None, ...]
"""What a principal has of some condition keys of its own; `None` for a key that it has not."""
_FEW = 48
"""Up to this many bits are found one by one."""
_AS_FLAGS = bytes.maketrans(b"01", b"\0\1")


def places_of(mask: int) -> list[int]:
    """The numbers in a set, in order."""
    if mask.bit_count() > _FEW:
        return list(compress(count(), f"{mask:b}"[::-1].encode().translate(_AS_FLAGS)))
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


def mask_of(places: Sequence[int]) -> int:
    """The set of some numbers."""
    if len(places) < 4:
        found = 0
        for at in places:
            found |= 1 << at
        return found
    marks = bytearray((max(places) >> 3) + 1)
    for at in places:
        marks[at >> 3] |= 1 << (at & 7)
    return int.from_bytes(marks, "little")


class Population:
    """All users and roles of the accounts in the order of their ARNs."""

    def __init__(self, classes: Sequence[Class]) -> None:
        rows = sorted([(member.arn, member, found) for found in classes for member in found.members])
        self.members: tuple[Principal, ...] = tuple([member for _, member, _ in rows])
        self.class_at: tuple[Class, ...] = tuple([found for _, _, found in rows])
        self.arns = tuple([arn for arn, _, _ in rows])
        self.kind_at = tuple(["user" if found.kind == "user" else "role" for found in self.class_at])
        """As answers name it."""
        self.number = {arn: at for at, arn in enumerate(self.arns)}
        self.everybody = (1 << len(rows)) - 1
        places: dict[int, list[int]] = {}
        for at, found in enumerate(self.class_at):
            places.setdefault(found.id, []).append(at)
        self._holders: dict[int, list[int]] = {}
        self._bounded: dict[int, list[int]] = {}
        stamps: dict[int, tuple[Class, list[int]]] = {}
        profiles: dict[Profile, list[int]] = {}
        for found in classes:
            own = places[found.id]
            for document in found.documents:
                self._holders.setdefault(id(document), []).extend(own)
            if found.boundary is not None:
                self._bounded.setdefault(id(found.boundary), []).extend(own)
            stamps.setdefault(found.stamp, (found, []))[1].extend(own)
            profiles.setdefault(found.profile, []).extend(own)
        self.stamps = [(found, mask_of(own)) for found, own in stamps.values()]
        """Principals of one account and kind with the same gaps, with the class of one of them."""
        self.veiled = 0
        """Those some of whose identity policies could not be read: they may hold any pattern."""
        for found, mask in self.stamps:
            self.veiled |= mask if found.gaps else 0
        self.profiles = {profile: mask_of(own) for profile, own in profiles.items()}
        self.kinds: dict[tuple[int, str], int] = {}
        """By account and kind."""
        for (account, kind, _), mask in self.profiles.items():
            self.kinds[account, kind] = self.kinds.get((account, kind), 0) | mask
        self._looked_at = 0
        self._by_tags: dict[str, dict[Knowledge | None, int]] = {}

    def holding(self, document: int) -> Sequence[int]:
        """The numbers of those who hold a document of identity policies, by the document's identity."""
        return self._holders.get(document, ())

    def bounded(self, document: int) -> Sequence[int]:
        """The numbers of those whose boundary a document is."""
        return self._bounded.get(document, ())

    def all_holding(self, documents: Iterable[int]) -> int:
        """Who holds one of some documents."""
        return mask_of([at for document in documents for at in self.holding(document)])

    def all_bounded(self, documents: Iterable[int]) -> int:
        """Whose boundary one of some documents is."""
        return mask_of([at for document in documents for at in self.bounded(document)])

    def of_account(self, position: int, without: str = "") -> int:
        """The principals of an account, but for those of one kind."""
        found = 0
        for (account, kind), mask in self.kinds.items():
            if account == position and kind != without:
                found |= mask
        return found

    def beginning_with(self, texts: Iterable[str]) -> int:
        """Those whose ARN begins with one of some texts."""
        found = 0
        for text in texts:
            first, last = bisect_left(self.arns, text), bisect_left(self.arns, f"{text}\U0010ffff")
            found |= (1 << last) - (1 << first)
        return found

    def named(self, names: Iterable[str]) -> int:
        """Those of the principals that some ARNs name."""
        return mask_of([self.number[name] for name in names if name in self.number])

    def by_values(self, keys: Sequence[str], mask: int) -> Iterator[tuple[Values, int]]:
        """Some principals, those together that have the same of the given keys (see `own_value`)."""
        if len(keys) == 1 and keys[0].startswith(TAG) and self._pays_a_table(mask.bit_count()):
            yield from (((value,), both) for value, all in self._by_tag(keys[0]).items() if (both := all & mask))
            return
        found: dict[Values, list[int]] = {}
        for at in places_of(mask):
            member = self.members[at]
            found.setdefault(tuple([own_value(member, key) for key in keys]), []).append(at)
        for values, places in found.items():
            yield values, mask_of(places)

    def _pays_a_table(self, size: int) -> bool:
        """Whether to look tags up in a table of all: from when about as many principals were looked at one by one."""
        if size <= _FEW:
            return False
        self._looked_at += size
        return self._looked_at > len(self.members)

    def _by_tag(self, key: str) -> dict[Knowledge | None, int]:
        known = self._by_tags.get(key)
        if known is None:
            tables, free = self._tagged
            parts: list[tuple[Knowledge, int]] = [
                ((value,), mask_of(own)) for value, own in tables.get(key, {}).items()
            ]
            parts += [(OPEN, free)] if free else []
            rest = self.everybody
            for _, mask in parts:
                rest ^= mask
            known = self._by_tags[key] = {**dict(parts), None: rest}
        return known

    @cached_property
    def _tagged(self) -> tuple[dict[str, dict[str, list[int]]], int]:
        """Who carries which tags, by key and value, and those whose sessions may bring any along (see `own_value`)."""
        alike: dict[Tags, list[int]] = {}
        free: list[int] = []
        trusts: dict[int, bool] = {}
        for at, member in enumerate(self.members):
            if isinstance(member, Role):
                brings = trusts.get(id(member.trust))
                if brings is None:
                    brings = trusts[id(member.trust)] = lets_tag_sessions(member)
                if brings:
                    free.append(at)
                    continue
            alike.setdefault(member.tags, []).append(at)
        tables: dict[str, dict[str, list[int]]] = {}
        for tags, own in alike.items():
            for key, value in {TAG + name.lower(): value for name, value in tags}.items():
                tables.setdefault(key, {}).setdefault(value, []).extend(own)
        return tables, mask_of(free)
