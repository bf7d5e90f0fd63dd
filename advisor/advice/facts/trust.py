"""Facts about trust across the account's border: roles that outsiders may assume, and resources shared with them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from advisor.advice.facts.account import inside
from advisor.advice.facts.lists import words
from advisor.advice.facts.registry import Question, fact
from advisor.model.arn import account_of
from advisor.model.document import Condition, Statement
from advisor.model.finding import Evidence, FactValue
from advisor.model.principal import Role

_DETAILS = "iam:GetAccountAuthorizationDetails"
_ACCOUNTS = "organizations:ListAccounts"
_EVERYONE = "everyone"
_RAM = ("ram:GetResourceShares", "ram:ListPrincipals")


def _trusting(q: Question) -> Iterator[tuple[Role, Statement, str]]:
    """(role, statement, AWS principal) of every trust statement that lets an AWS principal in."""
    for role in q.snapshot.roles:
        yield from _of_role(role)


def _of_role(role: Role) -> Iterator[tuple[Role, Statement, str]]:
    for statement in role.trust.statements:
        if statement.allows and statement.principals and not statement.principals.negated:
            for principal in statement.principals.aws:
                yield role, statement, principal


def _keys(statement: Statement) -> set[str]:
    """Keys that the conditions bind to something: there by force (no `IfExists`), and not by exclusion or to `*`."""
    return {one.key.lower() for one in statement.conditions if _binds(one)}


def _binds(condition: Condition) -> bool:
    base = condition.operator.split(":")[-1]
    excludes = base.startswith(("StringNot", "ArnNot", "NotIp", "NumericNot", "DateNot", "Null"))
    return not base.endswith("IfExists") and not excludes and not {"*", "0.0.0.0/0", "::/0"} & set(condition.values)


def _is_fenced(statement: Statement) -> bool:
    return bool(_keys(statement) & _fences())


@cache
def _fences() -> frozenset[str]:
    return frozenset(word.lower() for word in words("outsider-fences"))


def _is_vanished(principal: str) -> bool:
    """AWS shows the id of a principal that was deleted."""
    return principal.startswith(("AIDA", "AROA")) and principal.isalnum()


@fact("trust.outside", "accounts outside that a role here trusts", _DETAILS)
def trust_outside(q: Question) -> FactValue:
    seen: dict[str, Evidence] = {}
    perhaps: dict[str, Evidence] = {}
    for role, statement, principal in _trusting(q):
        account = principal if principal.isdigit() else account_of(principal)
        where = inside(q, principal) if account else True
        if where is not True:
            kind = "outside" if where is False else "outside, or a sibling: the organization was not read"
            found = seen if where is False else perhaps
            found.setdefault(account, q.seen(role.arn, f"statement {statement.index} trusts {principal}: {kind}"))
    return q.listed(seen.items(), [q.gap(_ACCOUNTS)] if perhaps else [], perhaps.values())


@fact("trust.no_extid", "roles that trust another party's account without an external id", _DETAILS)
def trust_no_extid(q: Question) -> FactValue:
    seen: dict[str, Evidence] = {}
    gaps = []
    for role, statement, principal in _trusting(q):
        if principal == "*" or _is_vanished(principal) or "sts:externalid" in _keys(statement):
            continue
        if _keys(statement) & {"aws:principalorgid", "aws:principalorgpaths"}:
            continue
        where = inside(q, principal)
        if where is None:
            gaps.append(q.gap(_ACCOUNTS))
        elif not where:
            seen.setdefault(role.arn, q.seen(role.arn, f"statement {statement.index} trusts {principal} without it"))
    return q.listed(seen.items(), gaps)


@fact("trust.star", "roles that everyone may assume", _DETAILS)
def trust_star(q: Question) -> FactValue:
    seen = [
        (role.arn, q.seen(role.arn, f"statement {statement.index} trusts `*` and fences nobody out"))
        for role, statement, principal in _trusting(q)
        if principal == "*" and not _is_fenced(statement)
    ]
    seen += [
        (role.arn, q.seen(role.arn, f"statement {statement.index} trusts everyone"))
        for role in q.snapshot.roles
        for statement in role.trust.statements
        if statement.allows and statement.principals and statement.principals.everyone
        and "*" not in statement.principals.aws and not _is_fenced(statement)
    ]  # fmt: skip
    return q.listed(dict(seen).items())


@fact("trust.vanished", "roles that trust a principal which no longer exists", _DETAILS)
def trust_vanished(q: Question) -> FactValue:
    return q.listed(
        {
            role.arn: q.seen(role.arn, f"statement {statement.index} trusts {principal}, the id of something deleted")
            for role, statement, principal in _trusting(q)
            if _is_vanished(principal)
        }.items()
    )


@fact("share.resource", "resources whose policy or grant lets known outsiders in", "s3:GetBucketPolicy")
def share_resource(q: Question) -> FactValue:
    if "resource" not in q.snapshot.source.read_layers and not q.snapshot.resources:
        return q.unknown()
    seen: dict[str, Evidence] = {}
    gaps = [gap for gap in q.snapshot.gaps if gap.resource in q.snapshot.resource_by_arn]
    for item in q.snapshot.resources:
        for statement in item.policy.statements if item.policy else ():
            who, open_ = _outsiders(q, statement)
            if open_:
                gaps.append(q.gap(_ACCOUNTS))
            known = [one for one in who if one != _EVERYONE]
            if known:
                seen.setdefault(
                    item.arn, q.seen(item.arn, f"statement {statement.index} lets in {', '.join(known[:3])}")
                )
        for grant in item.grants:
            if grant.grantee and inside(q, grant.grantee) is False and not grant.grantee.endswith(".amazonaws.com"):
                seen.setdefault(item.arn, q.seen(item.arn, f"{grant.kind} for {grant.grantee}"))
    return q.listed(seen.items(), gaps)


def _outsiders(q: Question, statement: Statement) -> tuple[list[str], bool]:
    """The outsiders that a statement lets in, and whether some party may be a sibling that was not read."""
    if not statement.allows or statement.principals is None or statement.principals.negated:
        return [], False
    fenced = _is_fenced(statement)
    who, open_ = [], False
    if statement.principals.everyone and not fenced:
        who.append(_EVERYONE)
    for principal in statement.principals.aws:
        if principal == "*" or _is_vanished(principal):
            continue
        where = inside(q, principal)
        open_ = open_ or where is None
        if where is False:
            who.append(principal)
    return who, open_


@fact("share.principals", "outsiders that one resource's policy names", "s3:GetBucketPolicy", ("",))
def share_principals(q: Question, arn: str) -> FactValue:
    item = q.snapshot.resource_by_arn.get(arn)
    found: dict[str, Evidence] = {}
    for statement in item.policy.statements if item and item.policy else ():
        for who in _outsiders(q, statement)[0]:
            named = "*" if who == _EVERYONE else who
            found.setdefault(named, q.seen(arn, f"statement {statement.index} names {named}"))
    return q.listed(found.items())


@fact("trust.vanished_principals", "deleted principals that one role's trust still names", _DETAILS, ("",))
def trust_vanished_principals(q: Question, arn: str) -> FactValue:
    role = q.snapshot.role_by_arn.get(arn)
    return q.listed(
        (principal, q.seen(arn, f"statement {statement.index} names {principal}"))
        for _, statement, principal in (_of_role(role) if role else ())
        if _is_vanished(principal)
    )


@fact("share.accounts", "outside accounts that resource policies let in", "s3:GetBucketPolicy")
def share_accounts(q: Question) -> FactValue:
    if "resource" not in q.snapshot.source.read_layers and not q.snapshot.resources:
        return q.unknown()
    seen: dict[str, Evidence] = {}
    gaps = []
    for item in q.snapshot.resources:
        for statement in item.policy.statements if item.policy else ():
            if not statement.allows or statement.principals is None or statement.principals.negated:
                continue
            for principal in statement.principals.aws:
                account = principal if principal.isdigit() else account_of(principal)
                where = inside(q, principal) if account else True
                if where is None:
                    gaps.append(q.gap(_ACCOUNTS))
                elif not where:
                    seen.setdefault(account, q.seen(item.arn, f"statement {statement.index} lets in {principal}"))
    return q.listed(seen.items(), gaps)


@fact("share.public", "resources that everyone can reach by their policy", "s3:GetBucketPolicy")
def share_public(q: Question) -> FactValue:
    if "resource" not in q.snapshot.source.read_layers and not q.snapshot.resources:
        return q.unknown()
    seen: dict[str, Evidence] = {}
    gaps = [gap for gap in q.snapshot.gaps if gap.resource in q.snapshot.resource_by_arn]
    block = q.snapshot.settings.public_access_block
    for item in q.snapshot.resources:
        blocked = item.kind.startswith("s3:") and any(
            switch is not None and switch.restrict_buckets for switch in (block, item.public_access_block)
        )
        for statement in item.policy.statements if item.policy else ():
            open_to_all = statement.allows and statement.principals and statement.principals.everyone
            if open_to_all and not _is_fenced(statement) and not blocked:
                seen.setdefault(item.arn, q.seen(item.arn, f"statement {statement.index} lets everyone in"))
    return q.listed(seen.items(), gaps)


@fact("share.ram", "RAM shares of this account", "ram:GetResourceShares")
def share_ram(q: Question) -> FactValue:
    grants = [(item.arn, grant) for item in q.snapshot.resources for grant in item.grants if grant.kind == "ram-share"]
    gaps = [gap for call in _RAM for gap in q.gaps_of(call)]
    if not grants and not gaps and q.snapshot.settings.regions is None:
        return q.unknown()
    seen: dict[str, Evidence] = {}
    for arn, grant in grants:
        seen.setdefault(grant.id or arn, q.seen(arn, f"shared with {grant.grantee}"))
    return q.listed(seen.items(), gaps)
