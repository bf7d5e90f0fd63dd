"""Facts that need the evaluator: who is an administrator, who may write tags, who may make unbounded principals."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from advisor.advice.emergency import is_emergency
from advisor.advice.facts.lists import words
from advisor.advice.facts.registry import Question, fact
from advisor.model.document import Condition
from advisor.model.finding import Evidence, FactValue
from advisor.model.principal import Group, Role, User
from advisor.model.verdict import Answer, Decision, Reason

if TYPE_CHECKING:
    from advisor.graph.paths import Path

_DETAILS = "iam:GetAccountAuthorizationDetails"
_EDITABLE = ("managed", "inline")
_OF_AWS = ":aws:policy/"
_LEVELS: tuple[Decision, ...] = ("allowed", "conditional", "unknown")


def _administrators(q: Question) -> dict[str, Decision]:
    """Administrators by the graph's reckoning (`knowledge/lists/administrator-probes.yaml`), with how sure that is."""
    return q.once("administrators", lambda: _find_administrators(q))


def _find_administrators(q: Question) -> dict[str, Decision]:
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
    found = {
        arn: how for arn, how in _administrators(q).items() if arn in q.snapshot.user_by_arn and not _is_glass(q, arn)
    }
    return _known(q, found, "a user with an administrator's permissions")


@fact("admins.no_condition", "administrators without a condition, break-glass left out", _DETAILS)
def admins_no_condition(q: Question) -> FactValue:
    found: dict[str, Decision] = {
        arn: how
        for arn, how in _administrators(q).items()
        if how != "conditional" and not _is_glass(q, arn) and _is_own(q, arn) and not _is_entered_by_condition(q, arn)
    }
    return _known(q, found, "an administrator whenever it signs in: no MFA, network or organization condition")


def _is_glass(q: Question, arn: str) -> bool:
    principal = q.snapshot.user_by_arn.get(arn) or q.snapshot.role_by_arn.get(arn)
    return principal is not None and is_emergency(principal)


def _is_entered_by_condition(q: Question, arn: str) -> bool:
    """Whether nobody but a service can wear the role without meeting a condition of its trust."""
    role = q.snapshot.role_by_arn.get(arn)
    if role is None:
        return False
    entries = [one for one in role.trust.statements if one.allows and one.principals]
    return all(
        one.conditions
        or not (one.principals and (one.principals.aws or one.principals.federated or one.principals.everyone))
        for one in entries
    )


@fact("admins.grants", "what makes one principal administrator: itself, or its groups", _DETAILS, ("",))
def admins_grants(q: Question, arn: str) -> FactValue:
    user = q.snapshot.user_by_arn.get(arn)
    places: list[User | Group | Role] = [place for place in (user or q.snapshot.role_by_arn.get(arn),) if place]
    if user:
        places += [q.snapshot.group_by_name[name] for name in user.groups if name in q.snapshot.group_by_name]
    found = [place.arn for place in places if _grants_everything(q, place)]
    return q.listed((place, q.seen(place, "carries an administrator's policy")) for place in found)


def _grants_everything(q: Question, place: User | Group | Role) -> bool:
    documents = [policy.document for policy in place.inline]
    attached = [q.snapshot.policy_by_arn.get(arn) for arn in place.attached]
    documents += [policy.document for policy in attached if policy and policy.document]
    named = any(arn.endswith(":aws:policy/AdministratorAccess") for arn in place.attached)
    return named or any(
        statement.allows and "*" in (statement.actions or ()) and "*" in (statement.resources or ())
        for document in documents
        for statement in document.statements
    )


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


def _paths(q: Question) -> dict[str, tuple[Path, ...]]:
    """The paths of each user and role, surest and shortest first."""
    return q.once("paths", lambda: _by_source(q))


def _by_source(q: Question) -> dict[str, tuple[Path, ...]]:
    from advisor.graph.paths import find_paths

    inside = q.snapshot.user_by_arn.keys() | q.snapshot.role_by_arn.keys()
    found: dict[str, list[Path]] = {}
    for path in find_paths(q.account).paths:
        if path.source in inside:
            found.setdefault(path.source, []).append(path)
    return {source: tuple(paths) for source, paths in sorted(found.items())}


def _is_editable(reason: Reason) -> bool:
    return reason.kind in _EDITABLE and _OF_AWS not in reason.policy


def _way(path: Path) -> str:
    hops = len(path.hops)
    steps = ", then ".join(hop.title or hop.technique for hop in path.hops)
    return f"in {hops} hop{'' if hops == 1 else 's'}: {steps}"


@fact("paths.to_admin", "principals who can make themselves administrator", _DETAILS)
def paths_to_admin(q: Question) -> FactValue:
    """Those of whom it is certain; paths that hang on a gap leave the list open."""
    seen: list[tuple[str, Evidence]] = []
    open_: dict[str, Evidence] = {}
    for source, paths in _paths(q).items():
        statuses = {path.status for path in paths}
        if "open" in statuses:
            seen.append((source, q.seen(source, _way(_first(paths, "open")))))
        elif statuses == {"unknown"}:
            open_[source] = q.seen(source, _way(paths[0]))
    return q.listed(seen, [q.gap(_DETAILS, arn) for arn in open_], open_.values())


def _first(paths: tuple[Path, ...], status: str) -> Path:
    return next(path for path in paths if path.status == status)


@fact(
    "paths.to_admin_if",
    "principals (emergency ones left out) who can make themselves administrator under conditions",
    _DETAILS,
)
def paths_to_admin_if(q: Question) -> FactValue:
    found = {
        source: _first(paths, "conditional")
        for source, paths in _paths(q).items()
        if {"conditional"} <= {path.status for path in paths} <= {"conditional", "unknown"} and not _is_glass(q, source)
    }
    return q.listed((arn, q.seen(arn, _way(path))) for arn, path in found.items())


@fact(
    "paths.wide_holders",
    "one principal, if an AWS managed policy is behind its paths to administrator",
    _DETAILS,
    ("",),
)
def paths_wide_holders(q: Question, principal: str) -> FactValue:
    needed = [one for path in _paths(q).get(principal, ()) for one in path.hops[0].requires]
    owners = dict.fromkeys(one.owner for need in needed for one in need.because if _OF_AWS in one.policy)
    return q.listed((owner, q.seen(owner, "through an AWS managed policy")) for owner in owners)


@fact("paths.statements", "statements behind the first hop of one principal's paths to administrator", _DETAILS, ("",))
def paths_statements(q: Question, principal: str) -> FactValue:
    """`kind|policy|owner|index`, as change templates name a statement, the one that opens most paths first."""
    counts: Counter[str] = Counter()
    for path in _paths(q).get(principal, ()):
        needed = [reason for one in path.hops[0].requires for reason in one.because if _is_editable(reason)]
        counts.update({f"{one.kind}|{one.policy}|{one.owner}|{one.statement}" for one in needed})
    listed = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return q.listed((text, q.seen(principal, f"behind {count} of its paths")) for text, count in listed)
