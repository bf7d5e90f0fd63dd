"""AWS's own opinion of the policies that a change brings in, beside our linter's, where credentials allow to ask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from advisor.change.guards import changed_account
from advisor.change.preview import Preview
from advisor.collect.second_opinion import PolicyText, validate_policies
from advisor.errors import AdvisorError
from advisor.model.document import Document
from advisor.model.gap import Gap
from advisor.model.snapshot import Snapshot

if TYPE_CHECKING:
    from boto3 import Session

    from advisor.access.account import OpenAccount

_TYPES = {"s3:bucket": "AWS::S3::Bucket", "dynamodb:table": "AWS::DynamoDB::Table"}
_TRUST = "AWS::IAM::AssumeRolePolicyDocument"
MOST = 25
"""Texts that one preview asks about; each is a call."""


def validated(
    found: Preview, account: OpenAccount, session: Session | None = None, endpoint_url: str | None = None
) -> Preview:
    """The preview with AWS's findings among its problems; as it was for an account from files, whom nobody can ask.

    Without a session it asks by the one that the account was read with.
    """
    from advisor.collect.signin import open_source

    texts = tuple(new_texts(account.snapshot, changed_account(account, found.changes).snapshot))[:MOST]
    if not texts:
        return found
    if session is None:
        if account.snapshot.source.kind not in ("live", "demo"):
            return found
        try:
            session, endpoint_url = open_source(account.snapshot.source)
        except AdvisorError as error:
            return msgspec.structs.replace(found, not_asked=f"AWS was not asked: {error.message}")
    answer = validate_policies(texts, session, endpoint_url)
    if isinstance(answer, Gap):
        return msgspec.structs.replace(found, not_asked=f"AWS was not asked ({answer.call}): {answer.reason}")
    return msgspec.structs.replace(found, problems=(*found.problems, *map(str, answer)))


def new_texts(before: Snapshot, after: Snapshot) -> Iterator[PolicyText]:
    """Every policy text that is in `after` and was not in `before`, with its kind."""
    known = {document.digest for _, _, _, document in _texts(before)}
    for name, kind, resource_type, document in _texts(after):
        if document.digest not in known:
            yield PolicyText(name, kind, document.text, resource_type)
            known.add(document.digest)


def _texts(snapshot: Snapshot) -> Iterator[tuple[str, str, str, Document]]:
    for policy in snapshot.policies:
        if policy.document is not None and not policy.is_aws_managed:
            yield policy.name, "IDENTITY_POLICY", "", policy.document
    for holder in (*snapshot.users, *snapshot.groups, *snapshot.roles):
        for inline in holder.inline:  # type: ignore[attr-defined]
            yield f"{holder.name} {inline.name}", "IDENTITY_POLICY", "", inline.document  # type: ignore[attr-defined]
    for role in snapshot.roles:
        yield f"trust policy of {role.name}", "RESOURCE_POLICY", _TRUST, role.trust
    for resource in snapshot.resources:
        if resource.policy is not None:
            name = f"policy of {resource.arn.rsplit(':', 1)[-1]}"
            yield name, "RESOURCE_POLICY", _TYPES.get(resource.kind, ""), resource.policy
    org = snapshot.organization
    for kind, levels in (("SERVICE_CONTROL_POLICY", org.scps), ("RESOURCE_CONTROL_POLICY", org.rcps)) if org else ():
        for _, held in levels or ():
            yield from ((policy.name, kind, "", policy.document) for level in held for policy in level.policies)
