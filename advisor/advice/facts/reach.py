"""Facts that need the evaluator: who is an administrator, who may write tags, who may make unbounded principals."""

from __future__ import annotations

from advisor.advice.facts.lists import words
from advisor.advice.facts.registry import Question, fact
from advisor.model.document import Condition
from advisor.model.finding import Evidence, FactValue
from advisor.model.verdict import Answer, Decision

_DETAILS = "iam:GetAccountAuthorizationDetails"
_GLASS = "/break-glass/"


def _administrators(q: Question) -> dict[str, Decision]:
    from advisor.access.administrators import administrators

    return administrators(q.account.index)


def _known(q: Question, found: dict[str, Decision], detail: str) -> FactValue:
    """Principals of whom it is certain; those that hang on a gap leave the list open."""
    gaps = [q.gap(_DETAILS, arn) for arn, decision in found.items() if decision == "unknown"]
    certain = [arn for arn, decision in found.items() if decision != "unknown"]
    return q.listed(((arn, q.seen(arn, detail)) for arn in certain), gaps)


@fact("admins", "administrators by effective permissions", _DETAILS)
def admins(q: Question) -> FactValue:
    return _known(q, _administrators(q), "administrator by effective permissions")


@fact("admins.users", "IAM users who are administrators", _DETAILS)
def admin_users(q: Question) -> FactValue:
    found = {arn: how for arn, how in _administrators(q).items() if arn in q.snapshot.user_by_arn}
    return _known(q, found, "a user with an administrator's permissions")


@fact("admins.daily_users", "IAM users who are administrators, emergency users left out", _DETAILS)
def admin_daily_users(q: Question) -> FactValue:
    found = {arn: how for arn, how in _administrators(q).items() if arn in q.snapshot.user_by_arn and _GLASS not in arn}
    return _known(q, found, "a user with an administrator's permissions")


@fact("admins.no_condition", "administrators without a condition, break-glass left out", _DETAILS)
def admins_no_condition(q: Question) -> FactValue:
    found: dict[str, Decision] = {
        arn: how
        for arn, how in _administrators(q).items()
        if how != "conditional" and _GLASS not in arn and _is_own(q, arn)
    }
    return _known(q, found, "an administrator whenever it signs in: no MFA, network or organization condition")


def _is_own(q: Question, arn: str) -> bool:
    """Whether the account can put a condition there: not on roles that AWS or Identity Center keeps."""
    role = q.snapshot.role_by_arn.get(arn)
    return role is None or not (role.is_service_linked or role.is_identity_center or role.path.startswith("/managed/"))


@fact("admins.no_mfa", "administrators who are users without an MFA device", "iam:GetCredentialReport")
def admins_no_mfa(q: Question) -> FactValue:
    seen: list[tuple[str, Evidence]] = []
    gaps = []
    for arn in _administrators(q):
        user = q.snapshot.user_by_arn.get(arn)
        if user is None:
            continue
        if user.sign_in.mfa is None:
            gaps.append(q.gap(q.definition.call))
        elif not user.sign_in.mfa:
            seen.append((arn, q.seen(arn, "an administrator without an MFA device")))
    return q.listed(seen, gaps)


@fact("tags.writable_by", "principals other than administrators who may write tags", _DETAILS)
def tags_writable_by(q: Question) -> FactValue:
    able = _able(q, words("tagging-actions"))
    found = {arn: how for arn, how in able.items() if arn not in _administrators(q)}
    gaps = [q.gap(_DETAILS, arn) for arn, (how, _) in found.items() if how == "unknown"]
    return q.listed(
        ((arn, q.seen(arn, f"may call {action}")) for arn, (how, action) in found.items() if how != "unknown"), gaps
    )


def _able(q: Question, actions: tuple[str, ...]) -> dict[str, tuple[Decision, str]]:
    """(decision, first action that it holds for) of each user and role that can do one of the actions."""
    found: dict[str, tuple[Decision, str]] = {}
    for action in actions:
        for answer in q.account.who_can(action):
            if answer.kind in ("user", "role") and _is_own(q, answer.principal):
                known = found.get(answer.principal)
                if known is None or known[0] == "unknown":
                    found[answer.principal] = (answer.decision, action)
    return dict(sorted(found.items()))


@fact("deleg.unbounded", "non-administrators who may make principals with any permissions", _DETAILS)
def deleg_unbounded(q: Question) -> FactValue:
    """May make a role or user, and give it policies, without having to set a boundary."""
    makers = _unfenced(q, words("delegation-create-actions"))
    givers = _unfenced(q, words("delegation-grant-actions"))
    people = [arn for arn in makers if arn in givers and arn not in _administrators(q)]
    gaps = [q.gap(_DETAILS, arn) for arn in people if "unknown" in (makers[arn], givers[arn])]
    certain = [arn for arn in people if "unknown" not in (makers[arn], givers[arn])]
    return q.listed(
        ((arn, q.seen(arn, "makes principals and gives them policies without a boundary")) for arn in certain), gaps
    )


def _unfenced(q: Question, actions: tuple[str, ...]) -> dict[str, Decision]:
    found: dict[str, Decision] = {}
    for action in actions:
        for answer in q.account.who_can(action):
            is_candidate = answer.kind in ("user", "role") and _is_own(q, answer.principal)
            if is_candidate and not _must_set_boundary(answer) and found.get(answer.principal) != "allowed":
                found[answer.principal] = answer.decision
    return found


def _must_set_boundary(answer: Answer) -> bool:
    """Whether every way to the permission asks for a boundary."""
    return bool(answer.conditions) and all(any(_asks(one) for one in way) for way in answer.conditions)


def _asks(condition: Condition) -> bool:
    return condition.key.lower() == "iam:permissionsboundary" and not condition.unless


@fact("paths.to_admin", "principals who can make themselves administrator", _DETAILS)
def paths_to_admin(q: Question) -> FactValue:
    """By the graph's escalation paths: open ones are certain, the rest leaves the list open."""
    from advisor.graph.paths import find_paths

    seen: dict[str, Evidence] = {}
    perhaps: dict[str, Evidence] = {}
    for path in find_paths(q.account).paths:
        hops = len(path.hops)
        detail = (
            f"{path.status}, in {hops} hop{'' if hops == 1 else 's'}: {', '.join(hop.technique for hop in path.hops)}"
        )
        found = perhaps if path.status == "unknown" else seen
        found.setdefault(path.source, q.seen(path.source, detail))
    open_ = {arn: one for arn, one in perhaps.items() if arn not in seen}
    return q.listed(seen.items(), [q.gap(_DETAILS, arn) for arn in open_], open_.values())
