"""Calls that AWS authorizes on several resources at once: every one of them must be allowed.

A question names one resource. Where nothing of another type that each such call has could be allowed, the call is
refused whatever the answer on the asked one. Conditions on the others are theirs: they are not put into the answer.
Source: IAM User Guide, "Condition operators" (`IfExists`, RunInstances); Amazon EC2 User Guide, "Example policies";
rule 36.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from advisor.access.inventory import Place
from advisor.access.population import places_of
from advisor.access.question import Question
from advisor.evaluate.policies import Layer
from advisor.evaluate.principals import Caller
from advisor.evaluate.resources import arns_overlap
from advisor.model.verdict import Answer, LayerOutcome, Permission, Verdict
from advisor.reference.catalogue import arn_pattern, canonical, resource_types
from advisor.reference.services import listed

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex


def others(index: AccessIndex, question: Question) -> Iterator[tuple[str, Question]]:
    """What must be allowed beside what is asked, each with its question: the other types of resources that such a call
    has, and what passing session tags or a source identity to a role takes.
    """
    if question.service == "sts":
        yield from _passed(question)
    names = listed("several-resources").table.get(canonical(question.action), ())
    account = question.place.account
    if not names or (account and question.place.position is None):
        return
    arns = {
        kind.key: arn_pattern(kind, partition=question.partition, account=account or "*")
        for kind in resource_types(question.action)
        if kind.key in names
    }
    asked = [name for name, arn in arns.items() if arns_overlap(question.resource, arn)]
    place = Place(account, question.place.position, None, None)  # an image's ARN does not say whose it is
    for name, arn in arns.items():
        if [name] != asked:
            yield name, Question(question.action, arn, place, question.fixed, index.places)


def _passed(question: Question) -> Iterator[tuple[str, Question]]:
    """What the asker says is passed to the role: without the permission for it the whole call fails (rule 61).

    Source: IAM User Guide, "Pass session tags in AWS STS", "Monitor and control actions taken with assumed roles".
    """
    if not question.name.startswith("assumerole") or question.target.is_pattern:
        return
    passed = {key.partition("/")[0] for key, values in question.fixed.items() if values}
    table = listed("passed-to-a-role").table
    for action, keys in table.items():
        if passed.intersection(keys):
            yield action, question.asking(action)


def with_others(
    index: AccessIndex, caller: Caller, question: Question, verdict: Verdict, session: Layer | None = None
) -> Verdict:
    """The verdict on one resource, refused where the call can have none of another type."""
    if verdict.decision.endswith("-deny"):
        return verdict
    for name, other in others(index, question):
        found = index.verdict(caller, other, session)
        if found.decision.endswith("-deny"):
            trace = tuple(_needing(step, name, question.service) for step in found.trace)
            return msgspec.structs.replace(found, trace=trace)
    return verdict


def _needing(step: LayerOutcome, name: str, service: str) -> LayerOutcome:
    is_idle = step.layer == "resource" and service not in ("sts", "kms")  # a policy there would only add to the grant
    if step.outcome not in ("silent", "denies") or is_idle:
        return step
    return msgspec.structs.replace(step, detail=f"the-call-needs-{name}-too")


def without_impossible(
    index: AccessIndex, principal: str, permissions: tuple[Permission, ...], context: Mapping[str, tuple[str, ...]]
) -> tuple[Permission, ...]:
    """A principal's permissions without the calls of which it can have only some of the resources."""
    table = listed("several-resources").table
    found = {permission.action for permission in permissions if permission.action in table}
    caller, allowed = index.caller(principal), Verdict("allowed")
    refused = {
        action
        for action in found
        if with_others(index, caller, index.question(action, "*", context), allowed).decision != "allowed"
    }
    return tuple(item for item in permissions if item.action not in refused) if refused else permissions


def without_refused(index: AccessIndex, question: Question, answers: dict[str, Answer]) -> dict[str, Answer]:
    """The answers on one resource without those who can have none of another type that the call has."""
    kept = answers
    for _, other in others(index, question):
        mask = index.population.named(kept)
        sweep = index.sweep(other, mask, index.memo(other.action, other.fixed))
        for group in sweep.groups():
            if not group.verdict.decision.endswith("-deny"):
                mask &= ~group.mask
        refused = {index.population.members[at].arn for at in places_of(mask)}
        refused |= {
            name
            for name in kept
            if name not in index.principals and index.verdict(index.caller(name), other).decision.endswith("-deny")
        }
        kept = {name: answer for name, answer in kept.items() if name not in refused}
    return kept
