"""What policies and roles are to the search: which make administrators, who holds them, which roles refuse edits."""

from __future__ import annotations

from advisor.graph.holders import Account
from advisor.graph.universe import Bits
from advisor.reference.knowledge import load


def granting_policies(account: Account) -> tuple[str, ...]:
    """Policies that make an administrator: AWS's own, and those of the account that allow everything, or all of IAM."""
    own = [
        policy.arn
        for policy in account.snapshot.policies
        if policy.document
        and any(
            statement.allows
            and not statement.conditions
            and {"*", "*:*", "iam:*"} & {action.lower() for action in statement.actions or ()}
            and "*" in (statement.resources or ())
            for statement in policy.document.statements
        )
    ]
    prefix = f"arn:{account.snapshot.partition}:iam::aws:policy/"
    return tuple(dict.fromkeys([*(prefix + name for name in load("lists")["administrator-policies"].items), *own]))


def attached_to(account: Account) -> dict[int, Bits]:
    """The nodes that hold each customer policy."""
    found = dict.fromkeys(range(len(account.policies)), 0)
    for node in range(len(account.nodes)):
        for arn in account.customer_policies(node):
            found[account.policies.position[arn]] |= 1 << node
    return found


def carried(account: Account, attached: dict[int, Bits]) -> dict[str, Bits]:
    """The nodes that hold each customer policy that somebody holds, by its ARN."""
    return {account.policies.arns[at]: nodes for at, nodes in attached.items() if nodes}


def fixed_roles(account: Account) -> Bits:
    """Roles that refuse edits: service-linked ones and those of Identity Center."""
    return sum(
        1 << (account.users + at)
        for at, role in enumerate(account.snapshot.roles)
        if role.is_service_linked or role.is_identity_center
    )
