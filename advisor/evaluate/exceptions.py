"""What single services do differently: KMS keys, role trust, calls that nothing refuses, resources that AWS locks.

Sources: AWS KMS Developer Guide, "Key policies in AWS KMS", "Grants in AWS KMS", "Allowing users in other accounts to
use a KMS key"; STS API reference; AWS Organizations User Guide, "Resource control policies"; rules 3, 12, 16–18, 48–52,
58–60.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from advisor.evaluate.context import Context, Unknown
from advisor.evaluate.pattern import action_matches, glob_match
from advisor.evaluate.policies import PolicySet
from advisor.evaluate.residual import FALSE, TRUE, Dnf, all_of, gap_literal, of_literal
from advisor.evaluate.residual import Literal as Remaining
from advisor.evaluate.statement import Asked
from advisor.model.document import Condition
from advisor.model.gap import Gap
from advisor.model.resource import Grant
from advisor.model.verdict import Reason
from advisor.reference.catalogue import canonical, takes_resources
from advisor.reference.services import listed


def is_kms_key(asked: Asked) -> bool:
    """A KMS operation on a key: its key policy must allow, even in the same account."""
    fields = asked.target.fields
    return asked.service == "kms" and fields is not None and fields[2] == "kms" and fields[5].startswith("key/")


def is_role_trust(asked: Asked) -> bool:
    """An STS operation on a role: its trust policy must allow, even in the same account."""
    fields = asked.target.fields
    return asked.service == "sts" and fields is not None and fields[2] == "iam" and fields[5].startswith("role/")


def is_of_another_service(asked: Asked) -> bool:
    """A call of another service than the one that reads the resource's policy: that policy has no say in it.

    `iam:PassRole` and the trust policy of the role, which knows STS only; `ssm:SendCommand` and a bucket policy.
    """
    fields = asked.target.fields
    if fields is None:
        return False
    readers = listed("policy-readers").table.get(fields[2])
    return readers is not None and asked.service not in readers


def needs_resource_policy(asked: Asked) -> bool:
    return is_kms_key(asked) or is_role_trust(asked)


def never_refused(asked: Asked) -> bool:
    """A call that works for every identity, even against an explicit Deny."""
    if not asked.caller.is_identity or asked.service != "sts":
        return False
    return canonical(asked.action) in listed("never-refused").entries and not lacks_credentials(asked)


def lacks_credentials(asked: Asked) -> bool:
    """A call that the credentials of an assumed role, or of root, cannot make, whatever the policies say.

    Root of another account stands for that account and is left to the policies.
    """
    return bool(_missing_credentials(asked))


def _missing_credentials(asked: Asked) -> str:
    caller = asked.caller
    is_own_root = caller.kind == "root" and caller.account == asked.account
    if asked.service != "sts" or not (caller.is_session or is_own_root):
        return ""
    name = "not-with-root-credentials" if is_own_root else "not-with-role-credentials"
    return name if canonical(asked.action) in listed(name).entries else ""


def calls_as_somebody_else(asked: Asked) -> bool:
    """A way to assume a role that is not the caller's: providers come with their token, all others with their name."""
    if asked.service != "sts":
        return False
    if asked.caller.kind == "provider":
        return asked.name == "assumerole"
    return asked.caller.is_identity and asked.name in ("assumerolewithsaml", "assumerolewithwebidentity")


def refused_by_aws(asked: Asked, policies: PolicySet) -> str:
    """The id of the reason why AWS refuses a call that policies might allow; empty when it does not."""
    if missing := _missing_credentials(asked):
        return missing
    if calls_as_somebody_else(asked):
        return "not-for-this-kind-of-caller"
    if stays_in_its_account(asked):
        return "not-across-accounts"
    if asked.service not in ("iam", "kms"):
        return ""
    table = listed("protected-resources").table
    for resource, actions in table.items():
        mine = policies.aws_managed_key if resource == "aws-managed-key" else glob_match(resource, asked.target.arn)
        if mine and any(action_matches(action, asked.action) for action in actions):
            return "protected-by-aws"
    return ""


def works_across_accounts(asked: Asked) -> bool:
    """Whether a caller of another account can ever be allowed: KMS lets only some operations cross (rule 50)."""
    if asked.caller.partition != asked.partition:
        return False
    return not is_kms_key(asked) or canonical(asked.action) in listed("kms-cross-account").entries


def stays_in_its_account(asked: Asked) -> bool:
    """An operation of S3 or SQS that only the owner's account can make, asked for somebody from outside."""
    if asked.service not in ("s3", "sqs") or asked.caller.account == asked.account or asked.caller.kind == "service":
        return False
    return bool(asked.account) and canonical(asked.action) in listed("not-across-accounts").entries


def cannot_be_locked_out(asked: Asked) -> bool:
    """Root of a bucket's owner, who can read and replace the bucket's policy whatever it denies.

    Endpoint policies and the organization's still count. Source: Amazon S3 API Reference, PutBucketPolicy.
    """
    if asked.caller.kind != "root" or asked.service != "s3" or asked.caller.account != asked.account:
        return False
    return canonical(asked.action) in listed("owner-root-keeps").entries


# --- Resource control policies ----------------------------------------------------------------------------------------

RCP_ON_NO_RESOURCE: Final = Gap(
    call="organizations:ResourceControlPolicy",
    kind="absent",
    reason="AWS does not say whether a resource control policy binds an action without resource types",
    makes_unknown="whether the Deny of the resource control policy applies",
)


def rcp_applies(asked: Asked, policies: PolicySet) -> bool:
    """Whether resource control policies can bind the request (rule 12)."""
    if policies.resource_in_management_account or asked.caller.is_service_linked or policies.aws_managed_key:
        return False
    if asked.service == "kms" and asked.name == "retiregrant":
        return False
    if is_role_trust(asked) and (asked.target.fields or ("",))[-1].startswith("role/aws-service-role/"):
        return False  # the trust policy of a service-linked role
    return asked.service in listed("rcp-services").entries


def rcp_is_doubtful(asked: Asked) -> bool:
    return not takes_resources(asked.action)


# --- Resource policies ------------------------------------------------------------------------------------------------


def can_carry_policy(asked: Asked) -> bool:
    """Whether the resource might have a policy that was not read: not if the action names no resource, nor in IAM."""
    if is_role_trust(asked):
        return False
    return asked.service not in listed("no-resource-policies").entries and takes_resources(asked.action)


# --- Grants that are no policies --------------------------------------------------------------------------------------


def grants_for(asked: Asked, policies: PolicySet) -> Iterator[tuple[Reason, Dnf]]:
    """The KMS grants, shares and bucket ACL entries that give the caller the action, each with its conditions."""
    for grant in policies.grants:
        if grant.kind == "kms-grant":
            kind, when = "grant", _kms_grant(grant, asked)
        elif grant.kind == "ram-share":
            kind, when = "share", _share(grant, asked)
        else:
            kind, when = "acl", _acl(grant, asked, policies)
        if when:
            yield Reason(grant.id or grant.grantee, kind, asked.target.arn, 0), when


def grants_unread(asked: Asked, policies: PolicySet) -> Iterator[Dnf]:
    """What grants and ACLs that could not be read may allow: nothing that they cannot hold."""
    for gap in policies.grant_gaps:
        if gap.call == "kms:ListGrants":
            possible = is_kms_key(asked) and canonical(asked.action) in listed("kms-grant-operations").entries
        else:
            own = bool(asked.caller.account) and asked.caller.account == asked.account
            possible = bool(acl_words(asked.action)) and not (own and policies.ignore_public_acls)
        if possible:
            yield of_literal(gap_literal(gap, "Allow"))


def acl_words(action: str) -> tuple[str, ...]:
    """The permission words of a bucket ACL that grant an action."""
    table = listed("s3-acl-permissions").table
    return tuple(word for word, actions in table.items() if canonical(action) in actions)


def _share(grant: Grant, asked: Asked) -> Dnf:
    """A RAM share: what its managed permission lets the other account do is not read (rule 18)."""
    caller = asked.caller
    is_wide = ":organizations:" in grant.grantee  # the organization, or a unit of it
    if caller.account == asked.account or not caller.is_identity:
        return FALSE
    if not is_wide and grant.grantee not in (caller.account, caller.arn, caller.principal):
        return FALSE
    return of_literal(gap_literal(SHARED, "Allow"))


SHARED: Final = Gap(
    call="ram:GetPermission",
    kind="absent",
    reason="the managed permission of the share was not read",
    makes_unknown="which actions the share grants",
)


def _kms_grant(grant: Grant, asked: Asked) -> Dnf:
    """A KMS grant: allows only, one grantee, the listed operations, with constraints on the encryption context."""
    caller = asked.caller
    if not is_kms_key(asked) or grant.grantee not in (caller.arn, caller.principal):
        return FALSE
    if not any(action_matches(operation, asked.action) for operation in grant.operations):
        return FALSE
    return all_of(_constraint(key, value, asked.context) for key, value in grant.constraints)


def _constraint(key: str, value: str, context: Context) -> Dnf:
    known = context.lookup(key.lower())
    if isinstance(known, Unknown):
        shown = Condition("StringEquals", key, (value,))
        return of_literal(Remaining(("", "StringEquals", "", key.lower(), value), True, shown))
    return TRUE if known == (value,) else FALSE


def _acl(grant: Grant, asked: Asked, policies: PolicySet) -> Dnf:
    """A bucket ACL entry; ignored under "bucket owner enforced", and when public ones are to be ignored."""
    if asked.service != "s3" or not policies.acls_count or grant.kind != "acl":
        return FALSE
    public = grant.grantee in _EVERYONE or grant.grantee in _SIGNED
    if public and policies.ignore_public_acls:
        return FALSE
    mine = grant.grantee in _EVERYONE or (grant.grantee in _SIGNED and asked.caller.kind != "anonymous")
    if not mine and grant.grantee not in (asked.caller.arn, asked.caller.account):
        return FALSE
    return TRUE if set(acl_words(asked.action)) & set(grant.operations) else FALSE


_EVERYONE = ("*", "http://acs.amazonaws.com/groups/global/AllUsers", "AllUsers")
_SIGNED = ("http://acs.amazonaws.com/groups/global/AuthenticatedUsers", "AuthenticatedUsers", "authenticated")
