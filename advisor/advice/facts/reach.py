"""Facts that need the evaluator: who is an administrator, who may write tags, who may make unbounded principals."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from advisor.advice.facts.lists import words
from advisor.advice.facts.registry import Question, fact
from advisor.model.document import Condition
from advisor.model.finding import Evidence, FactValue
from advisor.model.verdict import Answer, Decision

if TYPE_CHECKING:
    from advisor.graph.paths import Path

_DETAILS = "iam:GetAccountAuthorizationDetails"
_GLASS = "/break-glass/"
_EDITABLE = ("managed", "inline")
_LEVELS: tuple[Decision, ...] = ("allowed", "conditional", "unknown")


def _administrators(q: Question) -> dict[str, Decision]:
    """Administrators by the graph's reckoning (`knowledge/lists/administrator-probes.yaml`), with how sure that is."""
    from advisor.graph.paths import finder_of

    finder = finder_of(q.account)
    arns = finder.account.nodes.arns
    known = {arns[node]: _LEVELS[level] for node, level in finder.search.admins.items() if node < len(arns)}
    return dict(sorted(known.items()))


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


def _paths(q: Question) -> tuple[Path, ...]:
    from advisor.graph.paths import find_paths

    inside = q.snapshot.user_by_arn.keys() | q.snapshot.role_by_arn.keys()
    return tuple(path for path in find_paths(q.account).paths if path.source in inside)


def _way(path: Path) -> str:
    hops = len(path.hops)
    steps = ", then ".join(hop.title or hop.technique for hop in path.hops)
    return f"in {hops} hop{'' if hops == 1 else 's'}: {steps}"


@fact("paths.to_admin", "principals who can make themselves administrator", _DETAILS)
def paths_to_admin(q: Question) -> FactValue:
    """Those of whom it is certain; paths that hang on a gap leave the list open."""
    paths = _paths(q)
    seen = {path.source: q.seen(path.source, _way(path)) for path in reversed(paths) if path.status == "open"}
    sure = {path.source for path in paths if path.status != "unknown"}
    open_ = {path.source: q.seen(path.source, _way(path)) for path in paths if path.source not in sure}
    return q.listed(sorted(seen.items()), [q.gap(_DETAILS, arn) for arn in open_], open_.values())


@fact("paths.to_admin_if", "principals who can make themselves administrator under conditions", _DETAILS)
def paths_to_admin_if(q: Question) -> FactValue:
    paths = _paths(q)
    certain = {path.source for path in paths if path.status == "open"}
    found = {
        path.source: path for path in reversed(paths) if path.status == "conditional" and path.source not in certain
    }
    return q.listed((arn, q.seen(arn, _way(path))) for arn, path in sorted(found.items()))


@fact("paths.statements", "statements behind the first hop of one principal's paths to administrator", _DETAILS, ("",))
def paths_statements(q: Question, principal: str) -> FactValue:
    """`kind|policy|owner|index`, as change templates name a statement, the one that opens most paths first."""
    counts: Counter[str] = Counter()
    for path in _paths(q):
        if path.source == principal:
            needed = [reason for one in path.hops[0].requires for reason in one.because if reason.kind in _EDITABLE]
            counts.update({f"{one.kind}|{one.policy}|{one.owner}|{one.statement}" for one in needed})
    listed = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return q.listed((text, q.seen(principal, f"behind {count} of its paths")) for text, count in listed)
