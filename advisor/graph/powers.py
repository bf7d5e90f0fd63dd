"""What a holder may do to which targets, for all at once: sets of targets, each with the condition for it.

A question splits the targets by the statements that cover them; each part is decided once. The formulas are those of
`advisor/evaluate/layers.py` for identity policies in the same account; trust policies come in through `trust.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from advisor.evaluate.context import Context, Values
from advisor.evaluate.context_keys import not_before, request_context, resource_context
from advisor.evaluate.residual import FALSE, TRUE, Dnf, all_of, any_of, gap_literal, negation, of_literal
from advisor.graph.holders import Account, Holder
from advisor.graph.lines import BOUNDARY_KEY, Line
from advisor.graph.universe import Bits, Universe

MOST_CONTEXTS = 4_096
Parts = tuple[tuple[Bits, Dnf], ...]
Fixed = tuple[tuple[str, Values], ...]
"""Condition keys that the request fixes, in lower case, sorted."""


class Pieces(msgspec.Struct, frozen=True, gc=False):
    """What the layers of the one who acts say of a request, each as the condition under which it holds."""

    identity: Dnf
    boundary: Dnf
    organization: Dnf
    denied: Dnf

    @property
    def allowed(self) -> Dnf:
        if not self.identity or not self.boundary or not self.organization:
            return FALSE
        return all_of((self.identity, self.boundary, self.organization, negation(self.denied)))


class _Asked(msgspec.Struct, frozen=True, gc=False):
    """The statements that can matter to one question, by layer."""

    allows: tuple[Line, ...]
    denies: tuple[Line, ...]
    boundary: tuple[Line, ...] | None
    levels: tuple[tuple[Line, ...], ...]

    every: tuple[Line, ...]
    key: tuple[object, ...]
    """What the answer hangs on beside the organization: statements by layer, and whether there is a boundary at all."""
    personal: bool
    """Whether the answer hangs on who acts."""
    keys: frozenset[str]
    """The condition keys and variables that the statements read."""

    def relevant(self, fixed: Fixed) -> Fixed:
        """The keys that the request fixes, as far as a statement reads them: the others make no question of its own."""
        return tuple(item for item in fixed if item[0] in self.keys) if fixed else fixed


class _Organization(msgspec.Struct, frozen=True, gc=False):
    """The statements of the organization's policies that can matter: the allowing ones by level, the denying ones."""

    levels: tuple[tuple[Line, ...], ...]
    denies: tuple[Line, ...]
    every: tuple[Line, ...]
    keys: frozenset[str]
    personal: bool = False


_NO_KEYS: frozenset[str] = frozenset()
_NO_ORGANIZATION = _Organization((), (), (), _NO_KEYS)


class Powers:
    """Answers for one account, remembered by the statements that matter: holders that share those share the answer."""

    def __init__(self, account: Account, like: Powers | None = None) -> None:
        """`like`: the answers before a change, which are taken over where they cannot have changed."""
        self.account = account
        self.lines = account.lines
        self._parts: dict[tuple[object, ...], Parts] = {}
        self._holds: dict[tuple[object, ...], Dnf] = {}
        self._asked: dict[tuple[int, int], _Asked] = {}
        self._contexts: dict[tuple[object, ...], Context] = {}
        self._levels: dict[int, _Organization] = {}
        self._groups: dict[tuple[int, frozenset[str]], tuple[tuple[Bits, int], ...]] = {}
        self._requests: dict[str, Context] = {}
        if like is not None and account.looks_like(like.account):
            self._parts, self._holds, self._groups = like._parts, like._holds, like._groups
            self._contexts, self._requests = like._contexts, like._requests

    def parts(
        self, holder: Holder, node: int, action: str, universe: Universe, fixed: Fixed = (), *, within: Bits = -1
    ) -> Parts:
        """The targets that the action is allowed on, in parts of one condition each. `node` is the member that acts."""
        asked = self.asked(holder, action)
        if not asked.allows:
            return ()
        fixed = asked.relevant(fixed)
        if asked.personal:  # nobody else gets this answer: not worth keeping
            return self._work_out(holder, node, action, universe, fixed, asked, within)
        node = self.account.example(node)
        key = (
            action, fixed, universe.id, within, holder.kind, holder.gaps, holder.boundary_gap,
            asked.key,
        )  # fmt: skip
        found = self._parts.get(key)
        if found is None:
            found = self._parts[key] = self._work_out(holder, node, action, universe, fixed, asked, within)
        return found

    def forget(self) -> None:
        """Drop what was kept for the holder at hand."""
        self._asked.clear()

    def pieces(self, holder: Holder, node: int, action: str, universe: Universe, at: int, fixed: Fixed = ()) -> Pieces:
        """What each layer says of the action on one target."""
        asked = self.asked(holder, action)
        if not asked.personal:
            node = self.account.example(node)
        context = self.context(node, action, fixed)
        covering = {line.id for line in asked.every if line.bits(universe, context) >> at & 1}
        return self._pieces(holder, node, action, fixed, asked, covering, (universe, at))

    def covering(self, holder: Holder, node: int, action: str, universe: Universe, at: int, fixed: Fixed) -> list[Line]:
        """The identity statements that allow the action on one target, or perhaps do."""
        context = self.context(node, action, fixed)
        return [
            line
            for line in self.asked(holder, action).allows
            if line.bits(universe, context) >> at & 1 and self.holds(line, node, action, fixed, (universe, at))
        ]

    def asked(self, holder: Holder, action: str) -> _Asked:
        bit = self.lines.actions.bit[action]
        key = (holder.id, bit)
        found = self._asked.get(key)
        if found is None:
            found = self._asked[key] = self._gather(holder, bit)
        return found

    def _gather(self, holder: Holder, bit: int) -> _Asked:
        own = [line for line in holder.lines if line.mask & bit]
        allows = tuple(line for line in own if not line.is_deny)
        denies = [line for line in own if line.is_deny]
        count = len(allows)
        boundary: list[Line] | None = None
        if holder.boundary is not None:
            bound = [line for line in holder.bounds if line.mask & bit]
            boundary = [line for line in bound if not line.is_deny]
            denies += [line for line in bound if line.is_deny]
        mine = (*allows, *denies, *(boundary or ()))
        around = _NO_ORGANIZATION if holder.kind == "service-linked" else self._organization(bit)
        keys = _keys(mine)
        return _Asked(
            allows=allows,
            denies=(*denies, *around.denies),
            boundary=None if boundary is None else tuple(boundary),
            levels=around.levels,
            every=(*mine, *around.every),
            key=(count, boundary is not None, *(line.id for line in mine)),
            personal=around.personal or (bool(keys) and any(line.personal for line in mine)),
            keys=keys | around.keys if around.keys else keys,
        )

    def _organization(self, bit: int) -> _Organization:
        """What the organization's policies say of an action: the same for everyone in the account."""
        found = self._levels.get(bit)
        if found is None:
            lines = [
                [line for document in documents for line in self.lines.speaking_of(document, "scp", bit)]
                for documents in self.account.scp_levels
            ]
            allows = tuple(tuple(line for line in level if not line.is_deny) for level in lines)
            denies = tuple(line for level in lines for line in level if line.is_deny)
            every = tuple(line for level in lines for line in level)
            personal = any(line.personal for line in every)
            found = self._levels[bit] = _Organization(allows, denies, every, _keys(every), personal)
        return found

    def _work_out(
        self, holder: Holder, node: int, action: str, universe: Universe, fixed: Fixed, asked: _Asked, within: Bits
    ) -> Parts:
        context = self.context(node, action, fixed)
        covers = {line.id: line.bits(universe, context) for line in asked.every}
        candidates = _union(covers, asked.allows) & universe.all
        if within >= 0:
            candidates &= within
        if asked.boundary is not None:
            candidates &= _union(covers, asked.boundary)
        for level in asked.levels:
            candidates &= _union(covers, level)
        by_formula: dict[Dnf, Bits] = {}
        of_targets = [line.target_keys for line in asked.every if line.target_keys]
        keys = _NO_KEYS.union(*of_targets) if of_targets else _NO_KEYS
        for part in _split(candidates, covers.values()):
            at = (part & -part).bit_length() - 1
            covering = {name for name, bits in covers.items() if bits >> at & 1}
            alike = self._alike(universe, keys) if keys else ((part, at),)
            for group, one in alike:
                group &= part
                if not group:
                    continue
                formula = self._pieces(holder, node, action, fixed, asked, covering, (universe, one)).allowed
                if formula:
                    by_formula[formula] = by_formula.get(formula, 0) | group
        return tuple((bits, formula) for formula, bits in by_formula.items())

    def _alike(self, universe: Universe, keys: frozenset[str]) -> Iterable[tuple[Bits, int]]:
        """The universe by what conditions on targets can see of it: `(targets, one of them)`."""
        found = self._groups.get((universe.id, keys))
        if found is None:
            groups: dict[object, tuple[Bits, int]] = {}
            for at in range(len(universe)):
                seen = self._seen(keys, (universe, at))
                bits, one = groups.get(seen, (0, at))
                groups[seen] = (bits | 1 << at, one)
            found = self._groups[universe.id, keys] = tuple(groups.values())
        return found

    def _seen(self, keys: Iterable[str], target: tuple[Universe, int]) -> Fixed:
        """What is known of a target under these keys; a tag that was not read is left out."""
        tags, boundary = self.account.seen_of(target[0].arns[target[1]])
        if target[0] is self.account._retagged:
            tags = None
        named = {name.lower(): (value,) for name, value in tags or ()}
        seen = []
        for key in sorted(keys):
            if key == BOUNDARY_KEY:
                seen.append((key, (boundary,) if boundary else ()))
            elif tags is not None:
                seen.append((key, named.get(key.partition("/")[2], ())))
        return tuple(seen)

    def _pieces(
        self, holder: Holder, node: int, action: str, fixed: Fixed, asked: _Asked, covering: set[int],
        target: tuple[Universe, int] | None,
    ) -> Pieces:  # fmt: skip
        def either(lines: Iterable[Line]) -> list[Dnf]:
            return [self.holds(line, node, action, fixed, target) for line in lines if line.id in covering]

        gaps = holder.gaps
        boundary = TRUE if asked.boundary is None else any_of(either(asked.boundary))
        denies = either(asked.denies)
        if holder.boundary_gap is not None:
            boundary = of_literal(gap_literal(holder.boundary_gap, "Allow"))
            denies.append(of_literal(gap_literal(holder.boundary_gap, "Deny")))
        return Pieces(
            identity=any_of(either(asked.allows)),
            boundary=boundary,
            organization=all_of(any_of(either(level)) for level in asked.levels),
            denied=any_of([*denies, *(of_literal(gap_literal(gap, "Deny")) for gap in gaps)]),
        )

    def holds(self, line: Line, node: int, action: str, fixed: Fixed, target: tuple[Universe, int] | None) -> Dnf:
        """What remains of a statement's conditions."""
        if not line.compiled.conditions:
            return TRUE
        seen = self._seen(line.target_keys, target) if line.target_keys and target else ()
        who: object = node if line.personal else self.account.holder_kind(node)
        key = (line.id, action, fixed, who, seen)
        found = self._holds.get(key)
        if found is None:
            context = self.context(node, action, fixed)
            found = self._holds[key] = line.compiled.holds(context.fixed(dict(seen)))
        return found

    def context(self, node: int, action: str, fixed: Fixed = ()) -> Context:
        """The condition keys that follow from who acts, from the call, and from what the request fixes."""
        key = (node, action, fixed)
        found = self._contexts.get(key)
        if found is None:
            if len(self._contexts) >= MOST_CONTEXTS:
                self._contexts.clear()
            request = self._requests.get(action)
            if request is None:
                request = self._requests[action] = (
                    not_before(self.account.since)
                    .over(request_context(action))
                    .over(resource_context(action, self.account.snapshot.account, self.account.facts))
                )
            found = self._contexts[key] = self.account.context(node).over(request).fixed(dict(fixed))
        return found


def _keys(lines: Iterable[Line]) -> frozenset[str]:
    """The condition keys and variables that statements read."""
    found = [line.compiled.keys for line in lines if line.compiled.keys]
    return _NO_KEYS.union(*found) if found else _NO_KEYS


def fix(values: Mapping[str, Iterable[str]]) -> Fixed:
    """Condition keys as part of a question."""
    return tuple(sorted((key.lower(), tuple(value)) for key, value in values.items()))


def _union(covers: Mapping[int, Bits], lines: Iterable[Line]) -> Bits:
    bits = 0
    for line in lines:
        bits |= covers[line.id]
    return bits


def _split(candidates: Bits, covers: Iterable[Bits]) -> list[Bits]:
    """The candidates in parts that each statement covers wholly or not at all."""
    parts = [candidates] if candidates else []
    for bits in set(covers):
        if bits & candidates not in (0, candidates):
            parts = [piece for part in parts for piece in (part & bits, part & ~bits) if piece]
    return parts
