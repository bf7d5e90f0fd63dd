"""Resources whose own policy (or trust) changed: everybody's answers on them, before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from advisor.access.action_sets import NOTHING, ActionSet, set_of, set_of_patterns
from advisor.access.escapes import escapes
from advisor.access.granted import ABOUT_ROLES
from advisor.access.instances import instance
from advisor.access.patterns import common
from advisor.access.touched import changed_actions, changed_by_rcps, rcps
from advisor.access.treatment import cells
from advisor.access.who_can import ask, ask_outside
from advisor.evaluate.context import Context
from advisor.model.arn import account_of, parse_arn, partition_of
from advisor.model.document import Document
from advisor.model.principal import Role, User
from advisor.model.resource import Resource
from advisor.model.verdict import Answer, Conditions, Decision
from advisor.reference.catalogue import takes_resources

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex

_ABOUT_ROLES = tuple(f"sts:{name}" for name in ABOUT_ROLES)


class Answered(NamedTuple):
    """An answer about a resource that turned. `actions` are alike in it."""

    principal: str
    actions: tuple[str, ...]
    pattern: str
    target: str
    """What was asked about: an example of the pattern."""
    before: Decision
    after: Decision
    gains: bool
    context: dict[str, tuple[str, ...]] | None
    conditions: Conditions
    doubt: str = ""


class _Changed(NamedTuple):
    arn: str
    service: str
    actions: ActionSet
    documents: tuple[Document, ...]


def resource_turns(old: AccessIndex, new: AccessIndex) -> Iterator[Answered]:
    """Everything that turned on resources and roles whose own policy, trust, grants, tags or settings changed, and what
    turned for outsiders where RCPs did.
    """
    for changed in _changed(old, new):
        yield from _turns(old, new, changed, _ask_everybody)
    for changed in _controlled(old, new):
        yield from _turns(old, new, changed, ask_outside)


Ask = Callable[["AccessIndex", str, str], dict[str, Answer]]


def _ask_everybody(index: AccessIndex, action: str, resource: str) -> dict[str, Answer]:
    return ask(index, action, resource, {}).answers


def _turns(old: AccessIndex, new: AccessIndex, changed: _Changed, answers: Ask) -> Iterator[Answered]:
    sets = [found for index in (old, new) for found in index.vocabulary.sets_of(changed.service)]
    for cell in cells(changed.actions & ActionSet({changed.service: -1}), sets):
        if not takes_resources(cell.example):
            continue  # asked about no resource, so none of them answers for it
        for target, pattern in _targets(changed).items():
            actions = tuple(cell.actions())
            before, after = (answers(index, cell.example, target) for index in (old, new))
            for principal in dict.fromkeys((*before, *after)):
                yield from _turned(actions, (pattern, target), before.get(principal), after.get(principal))


def _turned(
    actions: tuple[str, ...], about: tuple[str, str], before: Answer | None, after: Answer | None
) -> Iterator[Answered]:
    one, other = _decision(before), _decision(after)
    if (one, before and before.conditions) == (other, after and after.conditions):
        return
    some = before or after
    assert some is not None
    conditions = after.conditions if after is not None else ()
    if "unknown" in (one, other):
        doubt = "what could not be read decides"
        gains = other == "allowed" or other == "conditional" or one == "implicit-deny"
        yield Answered(some.principal, actions, *about, one, other, gains, None, conditions, doubt)
        return
    for gains, wide, narrow in ((True, after, before), (False, before, after)):
        found, complete = escapes(_terms(wide), _terms(narrow), Context())
        if found or not complete:
            context = next((escape.context for escape in found if escape.context is not None), None)
            doubt = "" if context is not None else "no context was found that shows it"
            shown = wide.conditions if wide is not None else ()
            yield Answered(some.principal, actions, *about, one, other, gains, context, shown, doubt)


def _decision(answer: Answer | None) -> Decision:
    return "implicit-deny" if answer is None else answer.decision


def _terms(answer: Answer | None) -> Conditions:
    if answer is None:
        return ()
    return answer.conditions if answer.decision == "conditional" else ((),)


def _changed(old: AccessIndex, new: AccessIndex) -> Iterator[_Changed]:
    for before, after in _pairs(
        {r.arn: r for s in old.snapshots for r in s.resources}, {r.arn: r for s in new.snapshots for r in s.resources}
    ):
        yield _of_resource(before, after)
    yield from _blocked_or_behind(old, new)
    for one, other in _pairs(
        {r.arn: r for s in old.snapshots for r in s.roles}, {r.arn: r for s in new.snapshots for r in s.roles}
    ):
        if (trust := _of_role(one, other)) is not None:
            yield trust
        yield from _of_tags(one, other)
    for earlier, later in _pairs(
        {u.arn: u for s in old.snapshots for u in s.users}, {u.arn: u for s in new.snapshots for u in s.users}
    ):
        yield from _of_tags(earlier, later)
    yield from _retagged(old, new)


def _blocked_or_behind(old: AccessIndex, new: AccessIndex) -> Iterator[_Changed]:
    """Access points whose bucket changed, and all of S3 in accounts whose block of public access did."""
    earlier, later = ({one.arn: one for found in index.snapshots for one in found.resources} for index in (old, new))
    blocks = {snapshot.account: snapshot.settings.public_access_block for snapshot in old.snapshots}
    for snapshot in new.snapshots:
        is_blocked_alike = blocks.get(snapshot.account) == snapshot.settings.public_access_block
        for resource in snapshot.resources:
            if not resource.kind.startswith("s3:"):
                continue
            bucket = f"arn:{partition_of(resource.arn)}:s3:::{resource.bucket}" if resource.bucket else ""
            before, after = earlier.get(bucket), later.get(bucket)
            if before != after or not is_blocked_alike:
                policies = [found.policy for found in (resource, before, after) if found is not None and found.policy]
                yield _Changed(resource.arn, "s3", ActionSet({"s3": -1}), tuple(policies))


def _controlled(old: AccessIndex, new: AccessIndex) -> Iterator[_Changed]:
    """What has a policy of its own in accounts whose RCPs changed: these bind outsiders too."""
    for snapshot in new.snapshots:
        actions = changed_by_rcps(old, new, snapshot.account)
        if not actions:
            continue
        levels = [level for index in (old, new) for level in rcps(index, snapshot.account) or ()]
        documents = tuple(document for level in levels for document in level)
        for resource in snapshot.resources:
            if resource.policy is not None or resource.grants:
                yield _Changed(resource.arn, resource.arn.split(":", 3)[2], actions, documents)
        for role in snapshot.roles:
            yield _Changed(role.arn, "sts", actions & set_of_patterns(_ABOUT_ROLES), documents)


def _retagged(old: AccessIndex, new: AccessIndex) -> Iterator[_Changed]:
    """What is done to instances, functions and the like, where their tags are not what they were."""
    earlier, later = ({a: t for s in index.snapshots for a, t in s.tags_by_arn.items()} for index in (old, new))
    for arn in dict.fromkeys((*earlier, *later)):
        if earlier.get(arn) != later.get(arn) and old.inventory.place(arn).resource is None:
            service = arn.split(":", 3)[2]
            yield _Changed(arn, service, ActionSet({service: -1}), ())


def _pairs(old: dict, new: dict) -> Iterator[tuple]:  # type: ignore[type-arg]
    for arn in dict.fromkeys((*old, *new)):
        before, after = old.get(arn), new.get(arn)
        if before is not after and before != after:
            yield before, after


def _of_resource(before: Resource | None, after: Resource | None) -> _Changed:
    some = after or before
    assert some is not None
    parsed = parse_arn(some.arn)
    service = parsed.service if parsed else ""
    documents = tuple(found.policy for found in (before, after) if found is not None and found.policy is not None)
    if before is not None and after is not None and _same_but_policy(before, after) and before.policy and after.policy:
        return _Changed(some.arn, service, changed_actions((before.policy,), (after.policy,)), documents)
    if before is None or after is None or not _same_but_policy(before, after) or service == "kms":
        return _Changed(some.arn, service, ActionSet({service: -1}), documents)
    found = NOTHING
    for document in documents:
        for statement in document.statements:
            found |= set_of(statement)
    return _Changed(some.arn, service, found, documents)


def _same_but_policy(one: Resource, other: Resource) -> bool:
    from msgspec.structs import replace

    return replace(one, policy=None) == replace(other, policy=None)


def _of_role(before: Role | None, after: Role | None) -> _Changed | None:
    if before is not None and after is not None and before.trust == after.trust and before.tags == after.tags:
        return None
    some = after or before
    assert some is not None
    documents = tuple(found.trust for found in (before, after) if found is not None)
    actions = ActionSet({"sts": -1})
    if before is not None and after is not None and before.tags == after.tags:
        actions = changed_actions((before.trust,), (after.trust,))
    return _Changed(some.arn, "sts", actions & set_of_patterns(_ABOUT_ROLES), documents)


def _of_tags(before: Role | User | None, after: Role | User | None) -> Iterator[_Changed]:
    """What is done to a user or role, where its tags are not what they were."""
    if before is not None and after is not None and before.tags != after.tags:
        yield _Changed(after.arn, "iam", ActionSet({"iam": -1}), ())


def _targets(changed: _Changed) -> dict[str, str]:
    """The resource, and an example of each pattern in it that a statement names; with the pattern."""
    account = account_of(changed.arn)
    within = f"{changed.arn}/object/*" if ":accesspoint/" in changed.arn else f"{changed.arn}/*"
    patterns = [changed.arn]
    if changed.service == "s3":
        patterns.append(within)
    for document in changed.documents:
        for statement in document.statements:
            for text in (*(statement.resources or ()), *(statement.not_resources or ())):
                if "${" in text:
                    continue
                patterns += [text] if text.startswith(changed.arn) else [p for p in common(within, text) if p != within]
    found: dict[str, str] = {}
    for pattern in patterns:
        found.setdefault(pattern if pattern == changed.arn else instance(pattern, account), pattern)
    return found
