"""Statements compiled for the search: which of the few actions that matter each one speaks of, as a bit mask.

Each distinct document is compiled once. A technique is looked at only by holders whose masks cover all of its actions.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from advisor.evaluate.context import Context
from advisor.evaluate.pattern import ANY, ONE, action_pattern
from advisor.evaluate.resources import PolicyKind
from advisor.evaluate.statement import NAMES_PRINCIPALS, CompiledStatement, compile_document
from advisor.graph.universe import Bits, Universe
from advisor.model.document import Document, Statement

_OF_ONE_PRINCIPAL = ("aws:principalarn", "aws:userid", "aws:username", "aws:principaltag/")

BOUNDARY_KEY = "iam:permissionsboundary"
_TAG = ":resourcetag/"


class Actions:
    """The actions that matter, each with a bit."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(sorted({name.lower() for name in names}))
        self.bit = {name: 1 << at for at, name in enumerate(self.names)}
        self._by_service: dict[str | None, list[tuple[str, str]]] = {"*": []}
        for action in self.names:
            service, _, name = action.partition(":")
            self._by_service["*"].append((service, name))
            self._by_service.setdefault(service, []).append((service, name))
        self.all = (1 << len(self.names)) - 1
        self._known: dict[str, int] = {"*": self.all}

    def mask(self, pattern: str) -> int:
        """The actions that an entry of an `Action` element names."""
        found = self._known.get(pattern)
        if found is None:
            compiled, found = action_pattern(pattern), 0
            for service, name in self._by_service.get(compiled.service, ()):
                if compiled.matches(service, name):
                    found |= self.bit[f"{service}:{name}"]
            self._known[pattern] = found
        return found

    def of(self, statement: Statement) -> int:
        listed = 0
        for pattern in statement.actions if statement.actions is not None else statement.not_actions or ():
            listed |= self.mask(pattern)
        if statement.actions is not None:
            return listed
        return self.all & ~listed if statement.not_actions is not None else 0


class Line:
    """One statement in one kind of policy. Statements that say the same have one `id`; each has a `number` of its own.

    `personal`: what it says hangs on who acts; `target_keys`: the condition keys that hang on tags or the boundary of
    what is acted on; `is_wide`: it speaks of all resources, or of all but some.
    """

    __slots__ = (
        "_bits", "compiled", "document", "has_variables", "id", "is_deny", "is_wide", "kind", "mask", "number",
        "personal", "target_keys",
    )  # fmt: skip

    def __init__(
        self,
        number: int,
        document: Document,
        compiled: CompiledStatement,
        mask: int,
        kind: PolicyKind,
        like: Line | None,
    ) -> None:
        """`like`: the first statement that says the same."""
        self.number = number
        self.id: int = like.id if like else number
        self.document = document
        self.compiled = compiled
        self.is_deny = not compiled.allow
        self.mask = mask
        self.kind = kind
        texts = [entry.text for entry in compiled.resources or ()]
        self.is_wide = "*" not in texts and bool(texts) if compiled.not_resources else "*" in texts
        self.personal = any(key.startswith(_OF_ONE_PRINCIPAL) for key in compiled.keys)
        self.target_keys = frozenset(key for key in compiled.keys if _TAG in key or key == BOUNDARY_KEY)
        self.has_variables = any(entry.template.variables for entry in compiled.resources or ())
        self._bits: dict[int, Bits] = like._bits if like else {}

    def bits(self, universe: Universe, context: Context) -> Bits:
        """All of the universe that the statement's resources cover; an open variable covers nothing for sure."""
        if not self.has_variables and (found := self._bits.get(universe.id)) is not None:
            return found
        if self.compiled.resources is None:
            bits = universe.all if self.kind == "trust" else 0
        else:
            covered = 0
            for entry in self.compiled.resources:
                tokens = entry.template.fill(context)
                if isinstance(tokens, str):
                    covered |= universe.matching(tokens, self.kind)
            bits = universe.all & ~covered if self.compiled.not_resources else covered
        if not self.has_variables:
            self._bits[universe.id] = bits
        return bits

    def patterns(self, context: Context) -> tuple[str, ...]:
        """The resource patterns with variables filled in; open ones and a lone star are left out."""
        found = (entry.template.fill(context) for entry in self.compiled.resources or ())
        return tuple(
            tokens.replace(ANY, "*").replace(ONE, "?") for tokens in found if isinstance(tokens, str) and tokens != ANY
        )


class Lines:
    """The compiled statements of documents, kept by document and by the kind of policy that it stands in."""

    def __init__(self, actions: Actions) -> None:
        self.actions = actions
        self._known: dict[tuple[str, PolicyKind], tuple[Line, ...]] = {}
        self._by_action: dict[tuple[str, PolicyKind, int], tuple[Line, ...]] = {}
        self._count = 0
        self._first: dict[tuple[object, ...], Line] = {}
        self.reads_boundary = False
        """Whether one of them looks at the boundary of what is acted on."""

    def of(self, document: Document, kind: PolicyKind = "identity") -> tuple[Line, ...]:
        """Statements that speak of an action that matters, in the document's order."""
        key = (document.digest, kind)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = tuple(self._compile(document, kind))
        return found

    def speaking_of(self, document: Document, kind: PolicyKind, bit: int) -> tuple[Line, ...]:
        """The statements that speak of one action."""
        key = (document.digest, kind, bit)
        found = self._by_action.get(key)
        if found is None:
            found = self._by_action[key] = tuple(line for line in self.of(document, kind) if line.mask & bit)
        return found

    def _compile(self, document: Document, kind: PolicyKind) -> Iterable[Line]:
        for compiled, statement in zip(compile_document(document).statements, document.statements, strict=True):
            mask = self.actions.of(statement)
            # a policy of a principal names no principal, a policy of a resource must: else the statement never matches
            if mask and (statement.principals is not None) == (kind in NAMES_PRINCIPALS):
                self._count += 1
                same = msgspec.structs.replace(statement, index=0, sid=None, actions=None, not_actions=None)
                says = (kind, mask, same, document.version)
                line = Line(self._count, document, compiled, mask, kind, self._first.get(says))
                self._first.setdefault(says, line)
                self.reads_boundary |= BOUNDARY_KEY in line.target_keys
                yield line
