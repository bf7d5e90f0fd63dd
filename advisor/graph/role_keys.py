"""Condition keys of a call that say which role it passes: they decide target by target.

`cloudformation:RoleArn` holds the ARN of the role, `ec2:InstanceProfile` that of a profile that the role is in. A
statement that limits them lets the actor pass some roles and not others, whatever iam:PassRole allows.
"""

from __future__ import annotations

from collections.abc import Iterator

from advisor.evaluate.conditions import compile_conditions, remaining
from advisor.evaluate.context import Context
from advisor.evaluate.residual import TRUE, Dnf, Literal, simplify
from advisor.graph.holders import Account
from advisor.graph.universe import Bits, members
from advisor.reference.schema.escalations import Technique


def by_role(
    account: Account, technique: Technique, actor: int, formula: Dnf, targets: Bits
) -> Iterator[tuple[Bits, Dnf]]:
    """The targets in parts, each with what remains of the formula once it is known which role is passed."""
    keys = {key.lower(): held for key, held in technique.role_keys.items()}
    asked = {literal for term in formula for literal in term if literal.atom[3:4] and literal.atom[3] in keys}
    if not asked:
        yield targets, formula
        return
    context = account.context(actor)
    together: dict[Dnf, Bits] = {}
    for node in members(targets):
        holds = {
            literal for literal in asked if _holds(literal, _values(account, node, keys[literal.atom[3]]), context)
        }
        known = simplify(frozenset(term - holds) for term in formula if not term & (asked - holds))
        if known:
            together[known] = together.get(known, 0) | account.bit(node)
    yield from ((bits, known) for known, bits in together.items())


def _values(account: Account, node: int, held: str) -> tuple[str, ...]:
    role = account.snapshot.roles[node - account.users]
    return (role.arn,) if held == "role" else role.instance_profiles


def _holds(literal: Literal, values: tuple[str, ...], context: Context) -> bool:
    """Whether the condition holds for the role, or for one of its profiles; the key is absent where it is in none."""
    if literal.shown is None:
        return True
    compiled = compile_conditions((literal.shown,))
    ways: list[tuple[str, ...]] = [(value,) for value in values] or [()]
    return any(remaining(compiled, context.fixed({literal.atom[3]: way})) == TRUE for way in ways)
