"""Goals beside administrators: on the way to a principal or to data one may be granted rights, by oneself or by others.

Who ends up an administrator needs no more hops; here what comes next is the question. Each principal has a second node,
itself with everything granted that its boundary, the organization and denies leave, and two more for the user and the
role that it may create.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from advisor.evaluate.residual import FALSE, TRUE, Dnf, all_of
from advisor.graph.search import Search
from advisor.graph.universe import Bits, members
from advisor.model.document import Document, parse_document

if TYPE_CHECKING:
    from advisor.graph.holders import Holder
    from advisor.graph.interpret import Interpreter
    from advisor.graph.moves import Move

EVERYTHING: Document = parse_document(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)
CREATED = ("user", "role")
"""The kinds of principals that are created on the way, in the order of their nodes."""


class GrantedSearch(Search):
    """A search in which rights that are granted on the way count for what comes after."""

    def __init__(self, interpreter: Interpreter, like: Search) -> None:
        super().__init__(interpreter, like)
        self.base = len(self.account.nodes)
        for _ in range(1 + len(CREATED)):
            self.holder_of.extend(self.account.holder_of)
        self.lifted: Bits = 0
        """Who can be granted rights, as nodes of the account."""
        self.creating: dict[str, Bits] = dict.fromkeys(CREATED, 0)
        """Who can create a principal, by its kind."""
        self._holders: dict[tuple[object, ...], Holder] = {}
        self._administer()
        self._grant()
        self._go_on()

    def node_of(self, node: int) -> int:
        """The node of a principal with everything granted."""
        return self.base + node

    def creation_of(self, node: int, kind: str) -> int:
        """The node of the user or role that a principal creates."""
        return self.base * (2 + CREATED.index(kind)) + node

    def is_created(self, node: int) -> bool:
        """Whether it is the node of a principal that is not there yet."""
        return self.base * 2 <= node < self.base * (2 + len(CREATED))

    def _administer(self) -> None:
        """Administrators act too, on the way to somewhere else."""
        for holder in self.account.holders:
            nodes = [node for node in holder.members if self.admins.get(node) == 0]
            for move in _plainest(self.interpreter.moves(holder, nodes) if nodes else ()):
                self.add(move)

    def _grant(self) -> None:
        """Who grants rights to whom, or creates somebody that has them."""
        for holder in self.account.holders:
            for move in self.interpreter.grants(holder):
                if move.technique.gives == "new-principal":
                    self._create(move)
                else:
                    self.lifted |= move.targets
                    self.add(replace(move, targets=move.targets << self.base))
        for node in members(self.lifted):
            self.joined[self.node_of(node)] = (node, "")

    def _create(self, move: Move) -> None:
        kind = "user" if ":user/" in move.named else "role"
        self.creating[kind] |= move.actors
        for node in members(move.actors):
            there = self.creation_of(node, kind)
            self.joined[there] = (node, "")
            self.add(replace(move, actors=1 << node, targets=1 << there))

    def _go_on(self) -> None:
        """What the ones with everything granted do next."""
        found: dict[tuple[Holder, Dnf], Bits] = {}
        for could, node in self._each(self.lifted):
            key = (self._with_everything(node), could)
            found[key] = found.get(key, 0) | 1 << node
        for (holder, could), nodes in found.items():
            self._act(holder, nodes, could, self.base)
        for at, kind in enumerate(CREATED):
            if nodes := self.creating[kind]:
                holder = self._holder(kind, (EVERYTHING,))
                could = self.interpreter.admins.could_be_one(holder, next(members(nodes)))
                self._act(holder, nodes, could, self.base * (2 + at))

    def _each(self, nodes: Bits) -> Iterator[tuple[Dnf, int]]:
        for bits, could in self.interpreter.admins.potentials:
            yield from ((could, node) for node in members(bits & nodes))

    def _act(self, holder: Holder, nodes: Bits, could: Dnf, shift: int) -> None:
        """The moves of nodes that hold the same. Who is an administrator by then is one as well as another."""
        actors = tuple(members(nodes))
        for move in _plainest(self.interpreter.moves(holder, actors[:1] if could else actors)):
            formula = all_of((move.formula, could)) if could not in (TRUE, FALSE) else move.formula
            if formula:
                bits = nodes if could else move.actors
                self.add(replace(move, actors=bits << shift, formula=formula, arrivals=0))
        self.interpreter.needs.powers.forget()

    def is_freed(self, node: int) -> bool:
        """Whether the principal could take off its own denies, once it was granted everything."""
        return self.interpreter.admins.could_free_itself(self.account.holder_of[node], node)

    def _with_everything(self, node: int) -> Holder:
        """The rights of a principal that was granted everything."""
        own = self.account.holder_of[node]
        return self._holder(own.kind, (*(() if self.is_freed(node) else denying(own.documents)), EVERYTHING), own)

    def _holder(self, kind: str, documents: tuple[Document, ...], like: Holder | None = None) -> Holder:
        key = (kind, documents, like and like.boundary, like and like.boundary_gap, like and like.gaps)
        if key not in self._holders:
            made = self.account.like(like, documents) if like else self.account.holder(kind, documents, (), None)
            self._holders[key] = made
        return self._holders[key]


def _plainest(moves: Iterable[Move]) -> Iterator[Move]:
    """One way to each target, as sure and as simple as there is: who may do nearly everything needs no second one."""
    done: dict[Bits, Bits] = {}
    for move in sorted(moves, key=lambda move: (move.level, move.technique.hops, len(move.technique.needs))):
        bits = move.targets & ~done.get(move.actors, 0)
        if bits:
            done[move.actors] = done.get(move.actors, 0) | bits
            yield replace(move, targets=bits)


def denying(documents: Iterable[Document]) -> tuple[Document, ...]:
    """The documents that deny something."""
    return tuple(one for one in documents if not all(statement.allows for statement in one.statements))
