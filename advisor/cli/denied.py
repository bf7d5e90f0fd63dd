"""`denied`: an access-denied message explained: who, what, which layer refused, and the smallest safe fix."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click
import msgspec

from advisor.cli.ask import verdict_table
from advisor.cli.options import command, context_option, parse_context
from advisor.cli.text import clean, count
from advisor.cli.words import condition_words
from advisor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.advice.denied import Denial
    from advisor.change.fixes import Fix
    from advisor.cli.session import Session
    from advisor.collect.second_opinion import Evaluation
    from advisor.model.gap import Gap
    from advisor.model.verdict import Verdict

_NAMES = {
    "scp": "service control policy",
    "rcp": "resource control policy",
    "endpoint": "VPC endpoint policy",
    "resource": "resource-based policy",
    "identity": "identity-based policy",
    "boundary": "permissions boundary",
    "session": "session policy",
}


@command("denied")
@click.argument("message", required=False)
@context_option
def denied(session: Session, message: str | None, context: tuple[str, ...]) -> int:
    """Explain the access-denied MESSAGE (or standard input): which layer refused, and the smallest safe fix.

    AWS's own word stands first; beside it what the policies that were read say.
    """
    from advisor.advice.denied import parse_denial
    from advisor.change.fixes import safe_fixes
    from advisor.cli.shapes import gap_shapes, layer_shape

    if message in (None, "-") and "-" in session.files:
        raise UsageError("standard input can be read once only", advice="give the message as an argument")
    text = sys.stdin.read() if message in (None, "-") else str(message)
    denial = parse_denial(text)
    fixed = parse_context(context)
    account = session.account
    verdict = account.can(denial.principal, denial.action, denial.resource, fixed)
    fixes = safe_fixes(account, denial, fixed)
    aws = _asked_aws(session, denial)
    session.answer(
        lambda: {
            "principal": denial.principal,
            "action": denial.action,
            "resource": denial.resource,
            "said": {
                "layer": denial.layer,
                "effect": denial.effect,
                "policy": denial.policy,
                **({"reason": denial.reason} if denial.reason else {}),
            },
            **({"authorization_id": denial.authorization_id} if denial.authorization_id else {}),
            **({"aws": _aws_shape(aws)} if aws is not None else {}),
            "decision": verdict.decision,
            "assuming": list(verdict.assuming),
            "gaps": gap_shapes(verdict.gaps),
            "trace": [layer_shape(layer) for layer in verdict.trace],
            "fixes": [_fix_shape(fix) for fix in fixes],
        },
        lambda: _table(denial, verdict, fixes, aws),
    )
    return session.done(is_unknown=verdict.decision == "unknown", gaps=verdict.gaps)


def _asked_aws(session: Session, denial: Denial) -> tuple[Evaluation, ...] | Gap | None:
    """How AWS itself evaluated the request; `None` where there is no authorization id or nobody to ask."""
    from advisor.collect.second_opinion import request_details

    if not denial.authorization_id or session.files:
        return None
    aws, endpoint = session.aws()
    return request_details(denial.authorization_id, aws, endpoint)


def _aws_shape(aws: tuple[Evaluation, ...] | Gap) -> dict[str, Any]:
    from advisor.cli.shapes import gap_shapes
    from advisor.model.gap import Gap

    if isinstance(aws, Gap):
        return {"evaluations": [], "gaps": gap_shapes((aws,))}
    return {"evaluations": [msgspec.to_builtins(one) for one in aws], "gaps": []}


def _aws_lines(aws: tuple[Evaluation, ...] | Gap | None) -> list[str]:
    """What AWS evaluated, or why it does not tell, so that our own evaluation stands alone."""
    from advisor.model.gap import Gap

    if aws is None:
        return []
    if isinstance(aws, Gap):
        return [f"  ? AWS's details of the request were not read: {clean(aws.reason)}"]
    lines = []
    for one in aws:
        lines.append(f"  AWS evaluated {clean(one.action)} on {clean(one.resource)}: {clean(one.effect.lower())}")
        for check in one.deciding:
            by = f": {', '.join(clean(policy) for policy in check.policies)}" if check.policies else ""
            lines.append(f"    {_NAMES[check.layer]}: {clean(check.effect.lower().replace('_', ' '))}{by}")
    return lines


def _table(
    denial: Denial, verdict: Verdict, fixes: Sequence[Fix], aws: tuple[Evaluation, ...] | Gap | None = None
) -> str:
    lines = [click.style("AWS says", bold=True), f"  {_said(denial)}"]
    if denial.policy:
        lines.append(f"  the policy is {clean(denial.policy)}")
    lines += _aws_lines(aws)
    lines += ["", verdict_table(denial.principal, denial.action, denial.resource, verdict)]
    if verdict.decision == "allowed":
        lines += ["", f"  what was read would allow it, so {_elsewhere(denial, verdict)}"]
    safe, unsafe = [fix for fix in fixes if fix.is_safe], [fix for fix in fixes if not fix.is_safe]
    lines += ["", click.style("the smallest safe changes that would allow it", bold=True)]
    lines += [line for fix in safe for line in _fix_lines(fix)] or [f"  {_no_fix(denial, unsafe)}"]
    if unsafe:
        lines += ["", click.style("not safe: these would allow it too, and open a way to administrator", bold=True)]
        lines += [line for fix in unsafe for line in _fix_lines(fix)]
    return "\n".join(lines)


def _fix_lines(fix: Fix) -> list[str]:
    flip = fix.flip
    yet = f"  ± {condition_words(flip.conditions)}" if flip.conditions else ""
    return [f"  {clean(flip.change.title)}{yet}", *(f"      {clean(line)}" for line in _besides(fix))]


def _besides(fix: Fix) -> tuple[str, ...]:
    """What the change does besides allowing the request, in lines: what it gives and to whom, a way that it opens."""
    lines = []
    if fix.more or fix.others:
        whom = f", {count(len(fix.others), 'other principal')} among them" if fix.others else ""
        lines.append(f"gives {count(fix.more, 'more action')}{whom}")
    if fix.opens:
        lines.append(f"opens {count(len(fix.opens), 'way')} to administrator, such as: {fix.opens[0]}")
    return tuple(lines) or ("gives nothing else",)


def _fix_shape(fix: Fix) -> dict[str, Any]:
    from advisor.cli.shapes import flip_shape

    return {
        **flip_shape(fix.flip),
        "safe": fix.is_safe,
        "more": fix.more,
        "others": list(fix.others),
        "opens": list(fix.opens),
    }


def _said(denial: Denial) -> str:
    if not denial.layer:
        if denial.reason:
            return f"it was denied because {clean(denial.reason)}"
        deny = "a statement denies it" if denial.effect == "explicit" else "it was denied"
        return f"{deny}; the message does not say by which layer"
    name = _NAMES[denial.layer]
    if not denial.effect:
        return f"no {name} allows it, or one denies it, or there is no such resource"
    return f"a statement of some {name} denies it" if denial.effect == "explicit" else f"no {name} allows it"


def _elsewhere(denial: Denial, verdict: Verdict) -> str:
    if denial.layer and denial.layer in verdict.assuming:
        return f"the {_NAMES[denial.layer]}, which was not read, refused"
    return "a condition, a layer that was not read, or a change since then decides"


def _no_fix(denial: Denial, unsafe: Sequence[Fix]) -> str:
    if unsafe:
        return "none: each one opens a way to administrator"
    if denial.layer in ("scp", "rcp"):
        return "none within this account: the organization's policy has to change, or must not"
    if denial.resource is None:
        return "the message names no resource: ask again with `advisor can PRINCIPAL ACTION RESOURCE --explain`"
    return "none within this account"
