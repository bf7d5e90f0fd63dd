"""Facts that need the evaluator: who is an administrator, who may write tags, who may make unbounded principals."""

from __future__ import annotations

from advisor.advice.emergency import is_emergency
from advisor.advice.facts.lists import words
from advisor.advice.facts.registry import Question, fact
from advisor.model.document import Condition
from advisor.model.finding import Evidence, FactValue
from advisor.model.principal import Group, Role, User
from advisor.model.verdict import Answer, Decision

_DETAILS = "iam:GetAccountAuthorizationDetails"
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
        arn: how for arn, how in _administrators(q).items() if arn in q.snapshot.user_by_arn and not is_glass(q, arn)
    }
    return _known(q, found, "a user with an administrator's permissions")


@fact("admins.no_condition", "administrators without a condition, break-glass left out", _DETAILS)
def admins_no_condition(q: Question) -> FactValue:
    found: dict[str, Decision] = {
        arn: how
        for arn, how in _administrators(q).items()
        if how != "conditional" and not is_glass(q, arn) and _is_own(q, arn) and not _is_entered_by_condition(q, arn)
    }
    return _known(q, found, "an administrator whenever it signs in: no MFA, network or organization condition")


def is_glass(q: Question, arn: str) -> bool:
    principal = q.snapshot.user_by_arn.get(arn) or q.snapshot.role_by_arn.get(arn)
    return principal is not None and is_emergency(principal)


def _is_entered_by_condition(q: Question, arn: str) -> bool:
    """Whether nobody but a service can assume the role without meeting a condition of its trust."""
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
    gaps = [gap for answer, _ in found.values() if answer.decision == "unknown" for gap in answer.gaps]
    certain = {arn: action for arn, (answer, action) in found.items() if answer.decision != "unknown"}
    return q.listed(((arn, q.seen(arn, f"may call {action}")) for arn, action in certain.items()), gaps)


def _able(q: Question, actions: tuple[str, ...]) -> dict[str, tuple[Answer, str]]:
    """(answer, first action that it is about) of each user and role that can do one of the actions."""
    found: dict[str, tuple[Answer, str]] = {}
    for action in actions:
        for answer in q.account.who_can(action):
            if answer.kind in ("user", "role") and _is_own(q, answer.principal):
                known = found.get(answer.principal)
                if known is None or known[0].decision == "unknown":
                    found[answer.principal] = (answer, action)
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
