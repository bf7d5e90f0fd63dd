"""One statement against one request: matched, not matched (and why), or matched under conditions.

Documents are compiled once: equal documents share their compiled statements.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from weakref import WeakValueDictionary

from msgspec.structs import replace

from advisor.evaluate.conditions import CompiledCondition, compile_conditions, remaining
from advisor.evaluate.context import Context
from advisor.evaluate.context_keys import is_principal_key, is_resource_key
from advisor.evaluate.pattern import ActionPattern, action_pattern
from advisor.evaluate.principals import GATEWAY_SERVICES, NOBODY, Caller, Named, named, through_gateway
from advisor.evaluate.residual import FALSE, TRUE, Dnf, all_of
from advisor.evaluate.resources import PolicyKind, ResourcePattern, Target, resource_matches
from advisor.evaluate.variables import VERSION_WITH_VARIABLES
from advisor.model.document import Document, Statement

NAMES_PRINCIPALS: frozenset[str] = frozenset(("resource", "trust", "endpoint", "rcp"))
"""Kinds of policies whose statements must have a `Principal`; the others must have none (rules 13 and 19)."""


class Asked(NamedTuple):
    """A request, taken apart once. `service` and `name` are the action in lower case."""

    caller: Caller
    action: str
    service: str
    name: str
    target: Target
    account: str
    """The account that owns the resource; empty where it is not known."""
    partition: str
    context: Context


class CompiledStatement:
    """A statement ready to be matched. `keys` are the condition keys and variables that it reads, in lower case."""

    __slots__ = (
        "actions", "allow", "conditions", "element", "index", "keys", "not_actions", "not_resources",
        "reads_context", "reads_principal", "reads_resource", "resources", "sid",
    )  # fmt: skip

    def __init__(self, statement: Statement, *, variables: bool) -> None:
        self.index = statement.index
        self.sid = statement.sid
        self.allow = statement.allows
        written = statement.actions if statement.actions is not None else statement.not_actions or ()
        self.actions: tuple[ActionPattern, ...] = tuple(action_pattern(text) for text in written)
        self.not_actions = statement.actions is None and statement.not_actions is not None
        entries = statement.resources if statement.resources is not None else statement.not_resources
        self.resources = (
            None if entries is None else tuple(ResourcePattern(text, variables=variables) for text in entries)
        )
        self.not_resources = statement.resources is None and statement.not_resources is not None
        self.element = statement.principals
        self.conditions: tuple[CompiledCondition, ...] = compile_conditions(statement.conditions, variables=variables)
        self.keys = frozenset(key for condition in self.conditions for key in condition.keys) | {
            variable.key for entry in self.resources or () for variable in entry.template.variables
        }
        self.reads_principal, self.reads_resource, self.reads_context = _kinds_of(self.keys)
        """`reads_principal`: principals of one policy set can get different answers from it; classes must look at their
        own context.
        """

    def matches_action(self, service: str, name: str) -> bool:
        """Whether the action (both parts in lower case) is one of the statement's."""
        hit = any(pattern.matches(service, name) for pattern in self.actions)
        return hit != self.not_actions if self.actions or self.not_actions else False

    def matches_resource(self, target: Target, kind: PolicyKind, context: Context) -> Dnf:
        """Whether the resource is one of the statement's. A trust policy is about its role."""
        if self.resources is None:
            return TRUE if kind in ("trust", "resource") else FALSE
        return resource_matches(
            self.resources, target, negated=self.not_resources, allow=self.allow, kind=kind, context=context
        )

    def names(self, caller: Caller, kind: PolicyKind, context: Context) -> Named:
        """How the statement is about the caller. Policies of a principal are about whoever holds them."""
        if kind not in NAMES_PRINCIPALS:
            return _HOLDER  # an element that stands there all the same (AWS would refuse it) means nothing
        if self.element is None:
            return NOBODY
        element = self.element
        if element.federated and kind != "trust":
            element = replace(
                element, federated=()
            )  # identity providers are principals of trust policies only (rule 28)
        return named(element, caller, context, allow=self.allow)

    def holds(self, context: Context) -> Dnf:
        """What remains of the statement's conditions."""
        return remaining(self.conditions, context) if self.conditions else TRUE


@lru_cache(maxsize=16_384)
def _kinds_of(keys: frozenset[str]) -> tuple[bool, bool, bool]:
    """Whether some of the keys follow from the principal, from the resource, and from neither."""
    principal, resource = set(filter(is_principal_key, keys)), set(filter(is_resource_key, keys))
    return bool(principal), bool(resource), len(principal | resource) < len(keys)


_HOLDER = Named(direct=TRUE)


class Match(NamedTuple):
    """When a statement applies to a request, and how it names the caller; `miss` is the id of the first thing that does
    not fit.
    """

    when: Dnf
    named: Named
    miss: str = ""


_MISSES = {
    miss: Match(FALSE, NOBODY, miss) for miss in ("action", "no-principal", "principal", "resource", "condition")
}


def match_statement(statement: CompiledStatement, asked: Asked, kind: PolicyKind) -> Match:
    """One statement against one request. Cheap tests come first; conditions are read last."""
    if not statement.matches_action(asked.service, asked.name):
        return _MISSES["action"]
    return match_rest(statement, asked, kind)


def match_rest(statement: CompiledStatement, asked: Asked, kind: PolicyKind) -> Match:
    """As `match_statement`, for a statement whose action is known to fit (an index has looked it up)."""
    names = statement.names(asked.caller, kind, asked.context)
    if kind == "endpoint" and names.account and asked.service in GATEWAY_SERVICES:
        names = through_gateway(names, asked.caller, allow=statement.allow)
    who = names.at_all
    if not who:
        return _MISSES["no-principal" if statement.element is None and kind in NAMES_PRINCIPALS else "principal"]
    resource = statement.matches_resource(asked.target, kind, asked.context)
    if not resource:
        return _MISSES["resource"]
    conditions = statement.holds(asked.context)
    if not conditions:
        return _MISSES["condition"]
    return Match(all_of((resource, conditions)), names)


class CompiledDocument:
    """A policy document with its compiled statements, shared by all policies of the same text."""

    __slots__ = ("__weakref__", "document", "statements")

    def __init__(self, document: Document) -> None:
        self.document = document
        variables = document.version == VERSION_WITH_VARIABLES
        self.statements = tuple(CompiledStatement(item, variables=variables) for item in document.statements)


_compiled: WeakValueDictionary[str, CompiledDocument] = WeakValueDictionary()


def compile_document(document: Document) -> CompiledDocument:
    """The compiled form of a document, made once for all documents of the same digest that are in use."""
    found = _compiled.get(document.digest)
    if found is None:
        found = _compiled[document.digest] = CompiledDocument(document)
    return found
