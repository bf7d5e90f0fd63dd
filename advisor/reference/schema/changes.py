"""`knowledge/changes/<id>.yaml`: a change as a template, to be filled in for one account and one subject.

A text of the form `$name` or `$name.part` stands for a value of the subject or a value that the user gives
(`$values.…`); the closed set of names for each kind of subject is `VALUES` below. `${aws:username}` is IAM's own policy
variable and stays. A step is an operation, or a rewrite of policy documents that stand in the account.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from advisor.reference.problem import Problem
from advisor.reference.schema import Source
from advisor.reference.shape import nearest

PLACEHOLDER = re.compile(r"\$([a-z][a-z_]*(?:\.[a-z_0-9]+)*)")

Subject = Literal[
    "account", "user", "group", "role", "principal", "access-key", "policy", "bucket", "resource", "compute", "trail",
    "statement",
]  # fmt: skip

_ACCOUNT = frozenset((
    "account.id", "account.alias", "account.partition", "account.region", "account.regions",
    "account.regions_without_analyzer", "account.console_groups", "account.console_groupless",
    "account.management", "account.inline_same", "account.organization_id", "account.password_max_age",
))  # fmt: skip
_HOLDER = ("name", "arn", "path", "attached", "inline", "places")
_PRINCIPAL = frozenset((*(f"principal.{name}" for name in _HOLDER), "principal.kind", "principal.aws_admin"))

VALUES: Mapping[str, frozenset[str]] = {
    "account": _ACCOUNT,
    "user": _ACCOUNT | _PRINCIPAL | {
        *(f"user.{name}" for name in _HOLDER), "user.groups", "user.keys", "user.console", "user.mfa",
        "user.virtual_mfa", "user.special_service", "user.special_ssh", "user.special_certificate", "user.boundary",
    },
    "group": _ACCOUNT | _PRINCIPAL | {*(f"group.{name}" for name in _HOLDER), "group.members"},
    "role": _ACCOUNT | _PRINCIPAL | {
        *(f"role.{name}" for name in _HOLDER), "role.trust", "role.profiles", "role.boundary", "role.max_session",
    },
    "principal": _ACCOUNT | _PRINCIPAL,
    "access-key": _ACCOUNT | {"key.id", "key.user", "key.active"},
    "policy": _ACCOUNT | {
        "policy.arn", "policy.name", "policy.place", "policy.old_versions", "policy.oldest_version",
    },
    "bucket": _ACCOUNT | {"resource.arn", "resource.name", "resource.region", "resource.place"},
    "resource": _ACCOUNT | {"resource.arn", "resource.name", "resource.region", "resource.place"},
    "compute": _ACCOUNT | {
        "compute.arn", "compute.name", "compute.region", "compute.role", "compute.role_name", "compute.id",
        "compute.role_attached", "compute.role_inline", "compute.role_trust",
    },
    "trail": _ACCOUNT | {"trail.name", "trail.arn", "trail.region", "trail.multi_region"},
    "statement": _ACCOUNT | {"statement.label", "statement.place", "statement.policy"},
}  # fmt: skip
"""What a template may say of its subject; `$values.…` and, in a repeated step, `$item` come on top."""


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value that a person gives. Without a default it must be given before the change can be applied."""

    help: str
    default: Any = None
    example: str = ""


class Where(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which statements a rewrite touches: all of what is given must hold."""

    effect: Literal["Allow", "Deny", "any"] = "Allow"
    actions: tuple[str, ...] = ()
    """The statement covers one of these actions; `*` asks for everything."""
    resources: tuple[str, ...] = ()
    """One of these stands in the statement as written."""
    principal: str = ""
    """`outside` (another account), `everyone`, `federated`, or one principal as written."""
    lacks: str = ""
    """A condition key that the statement does not use."""


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What happens to each statement that `where` finds; `append` adds statements to the document."""

    remove: bool = False
    remove_actions: tuple[str, ...] | str = ()
    set_actions: tuple[str, ...] | str = ()
    set_resources: tuple[str, ...] | str = ()
    add_condition: dict[str, dict[str, Any]] = {}
    remove_principal: str = ""
    set_principal: Any = None
    append: tuple[dict[str, Any], ...] = ()


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One operation (`service`, `operation`, `parameters`) or one rewrite (`rewrite` names the documents)."""

    service: str = ""
    operation: str = ""
    parameters: dict[str, Any] = {}
    id: str | None = None
    region: str = ""
    for_each: str = ""
    """A list: the step is repeated with `$item`."""
    when: str = ""
    """A value that must be there (`!` before it: must not) for the step to be taken."""
    tolerate: tuple[str, ...] = ()
    """Error codes that AWS would answer here and that mean that the step is not needed, as `EntityAlreadyExists`."""
    rewrite: str = ""
    where: Where = Where()
    edit: Edit = Edit()


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One change for one kind of subject. `done` is the fact that shows that it is done."""

    id: str
    title: str
    subject: Subject
    sources: tuple[Source, ...]
    operations: tuple[Step, ...] = ()
    by_hand: tuple[str, ...] = ()
    values: dict[str, Value] = {}
    done: str = ""
    note: str = ""
    gives: str = ""
    """What access it gives, where that is its purpose: such a change is made only when somebody names it."""


SCHEMA = Template


def check(items: Mapping[str, Template]) -> Iterator[Problem]:
    """Placeholders that nobody fills, values that nobody uses, steps that are neither one thing nor the other."""
    for item in items.values():
        for place, reason in _problems(item):
            yield Problem(file=item.id, place=place, reason=reason)


def _problems(item: Template) -> Iterator[tuple[str, str]]:
    if not item.operations and not item.by_hand:
        yield "operations", "there is neither an operation nor a step by hand"
    if not item.sources:
        yield "sources", "must name at least one"
    for position, step in enumerate(item.operations):
        for reason in _step_problems(step, item, position):
            yield f"operations[{position}]", reason
    texts = (item.title, item.note, *item.by_hand)
    for name in sorted({name for text in texts for name in placeholders(text)}):
        if reason := _unknown(name, item, repeated=False):
            yield "title", reason
    used = {name.split(".")[1] for name in placeholders(msgspec.to_builtins(item)) if name.startswith("values.")}
    for name in item.values:
        if name not in used:
            yield f"values.{name}", "is used nowhere"


def _step_problems(step: Step, item: Template, position: int) -> Iterator[str]:
    if bool(step.rewrite) == bool(step.operation):
        yield "must have either `operation` or `rewrite`"
    if step.operation and not step.service:
        yield "`service` is missing"
    if step.rewrite and step.edit == Edit():
        yield "`edit` changes nothing"
    for name in sorted(set(placeholders(msgspec.to_builtins(step)))):
        if reason := _unknown(name, item, repeated=bool(step.for_each)):
            yield reason
    known = {earlier.id for earlier in item.operations[:position] if earlier.id}
    for reference in references(step.parameters):
        if reference not in known:
            yield f"`from: {reference}` names no earlier step"


def _unknown(name: str, item: Template, *, repeated: bool) -> str:
    allowed = VALUES[item.subject] | {f"values.{value}" for value in item.values}
    if name in allowed or (repeated and name.split(".")[0] == "item"):
        return ""
    return f"`${name}` stands for nothing{nearest(name, allowed)}"


def placeholders(value: Any) -> Iterator[str]:
    """Every `$name` in a value, at any depth."""
    if isinstance(value, str):
        yield from PLACEHOLDER.findall(value)
    elif isinstance(value, Mapping):
        for part in (*value, *value.values()):
            yield from placeholders(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from placeholders(part)


def references(value: Any) -> Iterator[str]:
    """The step ids in every `{"from": …, "path": …}`."""
    if isinstance(value, Mapping):
        if set(value) == {"from", "path"}:
            yield value["from"]
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from references(part)
