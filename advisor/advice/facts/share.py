"""Facts about what is shared across the account's border: by a resource's policy, an ACL, a grant, RAM, or to everyone.

Whether a statement that names everyone really opens the resource is asked of the evaluator: a Deny beside it, an RCP
and S3's blocks count. Source of "public" for S3: Amazon S3 User Guide, "Blocking public access to your Amazon S3
storage". What Access Analyzer found is believed for what was not read here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, product
from typing import Any

from advisor.advice.facts.account import inside
from advisor.advice.facts.registry import Question, fact
from advisor.advice.facts.trust import is_fenced, is_vanished, unnamed_services
from advisor.evaluate.public_access import public_statements
from advisor.model.arn import account_of
from advisor.model.document import Statement
from advisor.model.finding import Evidence, FactValue
from advisor.model.gap import Gap
from advisor.model.resource import Grant, Resource
from advisor.model.verdict import Decision

_POLICY, _ACL = "s3:GetBucketPolicy", "s3:GetBucketAcl"
_ACCOUNTS = "organizations:ListAccounts"
_FINDINGS = "accessanalyzer:ListFindings"
_RAM = ("ram:GetResourceShares", "ram:ListPrincipals", "ram:ListResources")
_EVERYONE = "everyone"
_TO_ALL = {"*": "everyone", "authenticated": "everyone with an AWS account"}
MOST_QUESTIONS = 12
"""So many pairs of action and resource of one statement are asked about."""


def _was_read(q: Question) -> bool:
    return "resource" in q.snapshot.source.read_layers or bool(q.snapshot.resources)


def _unread(q: Question) -> list[Gap]:
    """What of single resources was not read, and whether Access Analyzer's findings were refused."""
    known = q.snapshot.resource_by_arn
    return [gap for gap in q.snapshot.gaps if gap.resource in known] + list(q.gaps_of(_FINDINGS))


def _policies(q: Question) -> Iterator[tuple[Resource, Statement]]:
    for item in q.snapshot.resources:
        for statement in item.policy.statements if item.policy else ():
            yield item, statement


def _outsiders(q: Question, statement: Statement) -> tuple[list[str], bool]:
    """The outsiders that a statement lets in, and whether some party may be a sibling that was not read."""
    if not statement.allows or statement.principals is None or statement.principals.negated:
        return [], False
    who, open_ = [], False
    if statement.principals.everyone and not is_fenced(statement):
        who.append(_EVERYONE)
    for principal in statement.principals.aws:
        if principal == "*" or is_vanished(principal):
            continue
        where = inside(q, principal)
        open_ = open_ or where is None
        if where is False:
            who.append(principal)
    return who, open_


# What Access Analyzer found


def _found(q: Question) -> Iterator[dict[str, Any]]:
    """Its active findings about this account's resources; roles are told by their trust."""
    noted = q.snapshot.settings.extra.get("analyzer.findings")
    for findings in noted.values() if isinstance(noted, dict) else ():
        yield from (one for one in findings if one.get("type") != "AWS::IAM::Role")


def _by_analyzer(q: Question, one: dict[str, Any], who: str) -> Evidence:
    return q.seen(str(one["resource"]), f"Access Analyzer found it open to {who}", _FINDINGS)


@fact("analyzer.open", "resources that Access Analyzer finds open to outsiders", _FINDINGS)
def analyzer_open(q: Question) -> FactValue:
    noted = q.snapshot.settings.extra.get("analyzer.findings")
    if not isinstance(noted, dict):
        on = q.ask("analyzer.on")
        if on.value is None or q.gaps_of(_FINDINGS):
            return q.because(on) if on.value is None else q.unknown()
        reason = "no analyzer of outside access is active in any Region that was read"
        return FactValue(q.fact, None, (), (Gap(_FINDINGS, "absent", reason, q.definition.says),))
    seen = {str(one["resource"]): _by_analyzer(q, one, _who(one)) for one in _found(q)}
    return q.listed(seen.items(), q.gaps_of(_FINDINGS))


def _who(one: dict[str, Any]) -> str:
    return "everyone" if one.get("public") else ", ".join(one.get("principals", ())[:3]) or "outsiders"


# Shared with some


@fact("share.resource", "resources whose policy or grant lets known outsiders in", _POLICY)
def share_resource(q: Question) -> FactValue:
    if not _was_read(q):
        return q.unknown()
    seen: dict[str, Evidence] = {}
    gaps = [*_unread(q), *_unread_shares(q)]
    for item, statement in _policies(q):
        who, open_ = _outsiders(q, statement)
        gaps += [q.gap(_ACCOUNTS)] if open_ else []
        known = [one for one in who if one != _EVERYONE]
        if known:
            seen.setdefault(item.arn, q.seen(item.arn, f"statement {statement.index} lets in {', '.join(known[:3])}"))
    for item in q.snapshot.resources:
        for grant in _granted_outside(q, item):
            seen.setdefault(item.arn, q.seen(item.arn, f"{_KINDS.get(grant.kind, grant.kind)} for {grant.grantee}"))
    for one in _found(q):
        outside = [who for who in one.get("principals", ()) if inside(q, who) is False]
        if outside and not one.get("public"):
            seen.setdefault(str(one["resource"]), _by_analyzer(q, one, ", ".join(outside[:3])))
    return q.listed(seen.items(), gaps)


_KINDS = {"acl": "its ACL has an entry", "kms-grant": "a KMS grant", "ram-share": "a RAM share"}


def _granted_outside(q: Question, item: Resource) -> Iterator[Grant]:
    """Grants to somebody outside. An entry of an ACL that does not count, or for AWS's log delivery, is none."""
    for grant in item.grants:
        is_service = grant.grantee.endswith((".amazonaws.com", "/s3/LogDelivery"))
        counts = grant.kind != "acl" or (
            grant.grantee not in _TO_ALL and item.object_ownership != "BucketOwnerEnforced"
        )
        if grant.grantee and counts and not is_service and inside(q, grant.grantee) is False:
            yield grant


@fact("share.principals", "outsiders that one resource's policy names", _POLICY, ("",))
def share_principals(q: Question, arn: str) -> FactValue:
    item = q.snapshot.resource_by_arn.get(arn)
    found: dict[str, Evidence] = {}
    for statement in item.policy.statements if item and item.policy else ():
        for who in _outsiders(q, statement)[0]:
            named = "*" if who == _EVERYONE else who
            found.setdefault(named, q.seen(arn, f"statement {statement.index} names {named}"))
    return q.listed(found.items())


@fact("share.accounts", "outside accounts that resource policies let in", _POLICY)
def share_accounts(q: Question) -> FactValue:
    if not _was_read(q):
        return q.unknown()
    seen: dict[str, Evidence] = {}
    gaps = _unread(q)
    for item, statement in _policies(q):
        if not statement.allows or statement.principals is None or statement.principals.negated:
            continue
        for principal in statement.principals.aws:
            account = _account(principal)
            where = inside(q, principal) if account else True
            if where is None:
                gaps.append(q.gap(_ACCOUNTS))
            elif not where:
                seen.setdefault(account, q.seen(item.arn, f"statement {statement.index} lets in {principal}"))
    for one in _found(q):
        for principal in one.get("principals", ()):
            if _account(principal) and inside(q, principal) is False:
                seen.setdefault(_account(principal), _by_analyzer(q, one, principal))
    return q.listed(seen.items(), gaps)


def _account(principal: str) -> str:
    return principal if principal.isdigit() else account_of(principal)


@fact("share.service_open", "resources that let an AWS service in on anybody's behalf", _POLICY)
def share_service_open(q: Question) -> FactValue:
    """A confused deputy: whoever makes the service call, from any account, is let in. Some services send no source."""
    if not _was_read(q):
        return q.unknown()
    seen = {
        item.arn: q.seen(
            item.arn, f"statement {statement.index} lets in {', '.join(services)} without naming the source"
        )
        for item, statement in _policies(q)
        if (services := unnamed_services(statement))
    }
    return q.listed(seen.items(), _unread(q))


@fact("share.open_services", "services that one resource's policy lets in on anybody's behalf", _POLICY, ("",))
def share_open_services(q: Question, arn: str) -> FactValue:
    item = q.snapshot.resource_by_arn.get(arn)
    found = {
        service: q.seen(arn, f"statement {statement.index} names {service}")
        for statement in (item.policy.statements if item and item.policy else ())
        for service in unnamed_services(statement)
    }
    return q.listed(found.items())


# Open to everyone


@fact("share.public", "resources that everyone can reach", _POLICY)
def share_public(q: Question) -> FactValue:
    if not _was_read(q):
        return q.unknown()
    seen: dict[str, Evidence] = {}
    gaps = _unread(q)
    for item in q.snapshot.resources:
        for evidence, decision, missing in (*_by_policy(q, item), *_by_acl(q, item)):
            if decision == "unknown":
                gaps += missing
            elif decision in ("allowed", "conditional"):
                seen.setdefault(item.arn, evidence)
    for one in _found(q):
        if one.get("public"):
            seen.setdefault(str(one["resource"]), _by_analyzer(q, one, "everyone"))
    return q.listed(seen.items(), gaps)


Opening = tuple[Evidence, Decision, tuple[Gap, ...]]


def _by_policy(q: Question, item: Resource) -> Iterator[Opening]:
    """Each statement that names everyone without saying who that is, with what becomes of it."""
    if item.vpc_origin:  # an access point that is reached from a VPC only is never public
        return
    public = set(public_statements(item.policy)) if item.policy and item.kind.startswith("s3:") else None
    for statement in item.policy.statements if item.policy else ():
        principals = statement.principals
        if not statement.allows or principals is None or not (principals.everyone or principals.negated):
            continue
        if statement.index in public if public is not None else not is_fenced(statement):
            decision, gaps = _asked(q, item, statement)
            yield q.seen(item.arn, f"statement {statement.index} lets everyone in"), decision, gaps


def _asked(q: Question, item: Resource, statement: Statement) -> tuple[Decision, tuple[Gap, ...]]:
    """What the evaluator says of everyone; only a Deny (an RCP's, a block's, the policy's own) closes the statement.

    An anonymous caller lacks keys that any account's identity has, so "not granted" to it is no wall; `NotPrincipal`
    names nobody to ask about. Both are believed to be open.
    """
    if statement.principals is not None and statement.principals.negated:
        return "allowed", ()
    actions = statement.actions or (f"{item.kind.split(':')[0]}:*",)
    resources = [item.arn if one == "*" else one for one in statement.resources or (item.arn,)]
    worst: tuple[Decision, tuple[Gap, ...]] = ("explicit-deny", ())
    for action, resource in islice(product(actions, resources), MOST_QUESTIONS):
        verdict = q.account.can("*", action, resource)
        if verdict.decision in ("allowed", "conditional"):
            return verdict.decision, ()
        if verdict.decision == "unknown":
            worst = ("unknown", verdict.gaps)
        elif verdict.decision == "implicit-deny" and worst[0] == "explicit-deny":
            worst = ("conditional", ())
    return worst


def _by_acl(q: Question, item: Resource) -> Iterable[Opening]:
    """Entries of a bucket's ACL for everyone, where ACLs count: not for owner-enforced buckets, nor under a block."""
    entries = [grant for grant in item.grants if grant.kind == "acl" and grant.grantee in _TO_ALL]
    blocks = (q.snapshot.settings.public_access_block, item.public_access_block)
    if not entries or item.object_ownership == "BucketOwnerEnforced" or any(one and one.ignore_acls for one in blocks):
        return ()
    known = item.object_ownership is not None
    gaps = () if known else (q.gap("s3:GetBucketOwnershipControls", item.arn),)
    told = ((_TO_ALL[one.grantee], " ".join(one.operations)) for one in entries)
    return [
        (q.seen(item.arn, f"its ACL gives {who} {what}", _ACL), "allowed" if known else "unknown", gaps)
        for who, what in told
    ]


def _unread_shares(q: Question) -> list[Gap]:
    return [gap for call in _RAM for gap in q.gaps_of(call)]


@fact("share.ram", "RAM shares of this account", "ram:GetResourceShares")
def share_ram(q: Question) -> FactValue:
    grants = [(item.arn, grant) for item in q.snapshot.resources for grant in item.grants if grant.kind == "ram-share"]
    gaps = _unread_shares(q)
    if not grants and not gaps and q.snapshot.settings.regions is None:
        return q.unknown()
    seen: dict[str, Evidence] = {}
    for arn, grant in grants:
        seen.setdefault(grant.id or arn, q.seen(arn, f"shared with {grant.grantee}"))
    return q.listed(seen.items(), gaps)
