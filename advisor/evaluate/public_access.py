"""S3 Block Public Access: whether a bucket policy is public, and what "restrict public buckets" then refuses.

Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage", "The meaning of 'public'"; rules
53–54.
"""

from __future__ import annotations

from advisor.evaluate.pattern import has_wildcard
from advisor.evaluate.policies import PolicySet
from advisor.evaluate.statement import Asked
from advisor.model.document import Condition, Document, Statement
from advisor.model.verdict import Reason

_FIXED_VALUE_KEYS = frozenset(
    (
        "aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths",
        "aws:principalservicename", "aws:principalservicenameslist", "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce",
        "aws:sourceowner", "aws:sourceaccount", "aws:userid", "s3:x-amz-server-side-encryption-aws-kms-key-id",
        "s3:dataaccesspointarn", "s3:dataaccesspointaccount",
    )
)  # fmt: skip
"""Keys that a fixed value of which limits a statement to somebody."""

_POSITIVE = frozenset(("stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"))


def public_statements(document: Document) -> tuple[int, ...]:
    """The indices (from 0) of the Allow statements that make a bucket policy public."""
    return tuple(item.index for item in document.statements if item.allows and _is_public(item))


def _is_public(statement: Statement) -> bool:
    principals = statement.principals
    if principals is None:
        return False
    if not principals.everyone and not principals.negated:
        return False
    return not any(_limits(condition) for condition in statement.conditions)


def _limits(condition: Condition) -> bool:
    """Whether a condition lets only somebody definite in. `ForAllValues` and `IfExists` let others in."""
    operator = condition.operator.lower()
    if operator.startswith("forallvalues:") or operator.endswith("ifexists"):
        return False
    operator = operator.removeprefix("foranyvalue:")
    key = condition.key.lower()
    if key == "aws:sourceip" and operator == "ipaddress":
        return bool(condition.values) and all(_is_narrow(value) for value in condition.values)
    if key not in _FIXED_VALUE_KEYS or operator not in _POSITIVE:
        return False
    return bool(condition.values) and all(_is_fixed(value, key) for value in condition.values)


def _is_fixed(value: str, key: str) -> bool:
    if "${" in value:
        return False
    if key == "s3:dataaccesspointarn":
        # any access point of a fixed account is nobody in public
        value = ":".join(value.split(":", 5)[:5])
    return not has_wildcard(value)


def _is_narrow(value: str) -> bool:
    """A range of addresses that AWS does not call public: not broader than /8 (v4) or /32 (v6)."""
    import ipaddress

    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= (8 if network.version == 4 else 32)


def blocking_statement(asked: Asked, policies: PolicySet) -> Reason | None:
    """The public statement because of which S3 refuses a caller from outside the owner's account, or `None`.

    Service principals and the identities of the owner's account stay let in. Once a policy is public this holds also
    for callers whom another, non-public statement names.
    """
    if not policies.restrict_public_buckets or asked.service != "s3" or policies.resource is None:
        return None
    caller = asked.caller
    if caller.kind == "service" or (caller.account and caller.account == asked.account):
        return None
    behind = policies.behind.layer.policies if policies.behind is not None else ()
    own = () if policies.point_in_vpc else policies.resource.policies
    for policy in (*own, *behind):
        for index in public_statements(policy.document.document):
            statement = policy.document.document.statements[index]
            return policy.origin.reason(index, statement.sid, allow=False)
    return None
