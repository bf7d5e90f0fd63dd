"""Facts about ways to administrator: who has one, which statements open it, and what could be taken out of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from advisor.advice.facts.reach import is_glass
from advisor.advice.facts.registry import Question, fact
from advisor.advice.place_names import name_of, parts_of
from advisor.errors import UsageError
from advisor.model.finding import Evidence, FactValue
from advisor.model.rewrite import find_place
from advisor.model.verdict import Reason

if TYPE_CHECKING:
    from advisor.graph.explain import Required
    from advisor.graph.paths import Path

_DETAILS = "iam:GetAccountAuthorizationDetails"
_EDITABLE = ("managed", "inline")
_OF_AWS = ":aws:policy/"


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


def _named(reason: Reason) -> str:
    """A statement as change templates name it; a managed policy's is one, whoever carries the policy."""
    owner = reason.policy if reason.kind == "managed" else reason.owner
    return name_of(reason.kind, reason.policy, owner, reason.statement)


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
        if {"conditional"} <= {path.status for path in paths} <= {"conditional", "unknown"} and not is_glass(q, source)
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
        counts.update({_named(one) for one in needed})
    listed = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return q.listed((text, q.seen(principal, f"behind {count} of its paths")) for text, count in listed)


@fact("paths.removable", "statements that name an action without which one principal's paths end", _DETAILS, ("",))
def paths_removable(q: Question, principal: str) -> FactValue:
    """As few statements as end all of the principal's paths that can be ended so, whichever hop they stand behind.

    Of each, one action goes (`paths.needed_action`) and what else it allows stays.
    """
    left = [cuts for cuts in _cuts(q).get(principal, ()) if cuts]
    chosen: dict[str, int] = {}
    while left:
        counts = Counter(place for cuts in left for place in cuts)
        best = min(counts, key=lambda place: (-counts[place], -_weights(q)[place], place))
        chosen[best] = counts[best]
        left = [cuts for cuts in left if best not in cuts]
    named = _named_first(q, principal)
    ordered = sorted(chosen.items(), key=lambda item: item[0] not in named)
    return q.listed((text, q.seen(principal, f"ends {count} of its paths")) for text, count in ordered)


def _named_first(q: Question, principal: str) -> tuple[str, ...]:
    """The statements that end the path which the finding names: they come first beside it."""
    paths = _paths(q).get(principal, ())
    shown = next((path for status in ("open", "conditional") for path in paths if path.status == status), None)
    return _cuts_of(q, shown) if shown else ()


@fact("paths.sole_holders", "who carries policies that say nothing but what opens a principal's paths", _DETAILS, ("",))
def paths_sole_holders(q: Question, principal: str) -> FactValue:
    """Where nothing would be left of a managed policy it is taken off instead of emptied."""
    known, named = _soles(q), _named_first(q, principal)
    reasons = [reason for path in _paths(q).get(principal, ()) for reason in _deciding(path)]
    reasons.sort(key=lambda reason: _named(reason) not in named)
    holders = dict.fromkeys(reason.owner for reason in reasons if reason.policy in known.get(reason.owner, ()))
    return q.listed((arn, q.seen(arn, "carries a policy that says nothing else")) for arn in holders)


@fact("paths.sole_policies", "policies of one holder that say nothing but what opens a path", _DETAILS, ("",))
def paths_sole_policies(q: Question, holder: str) -> FactValue:
    found = _soles(q).get(holder, {})
    return q.listed((policy, q.seen(holder, "nothing else stands in it")) for policy in found)


def _soles(q: Question) -> dict[str, dict[str, None]]:
    """For each holder the customer managed policies that are one statement with the one action that a path needs."""
    return q.once("paths.soles", lambda: _find_soles(q))


def _find_soles(q: Question) -> dict[str, dict[str, None]]:
    known = _removable(q)
    found: dict[str, dict[str, None]] = {}
    for reason in (one for paths in _paths(q).values() for path in paths for one in _deciding(path)):
        policy = q.snapshot.policy_by_arn.get(reason.policy)
        statements = policy.document.statements if reason.kind == "managed" and policy and policy.document else ()
        if len(statements) == 1 and statements[0].actions == (known.get(_named(reason), ""),):
            found.setdefault(reason.owner, {})[reason.policy] = None
    return found


@fact("paths.needed_action", "the action in one statement that most paths need", _DETAILS, ("",))
def paths_needed_action(q: Question, statement: str) -> FactValue:
    action = _removable(q).get(statement)
    return q.listed(((action, q.seen(statement, "most paths through it need it")),) if action else ())


def _cuts(q: Question) -> dict[str, tuple[tuple[str, ...], ...]]:
    """For each principal's paths, the statements of which each would end it with its one action taken out."""
    return q.once("paths.cuts", lambda: {arn: tuple(_cuts_of(q, path) for path in _paths(q)[arn]) for arn in _paths(q)})


def _cuts_of(q: Question, path: Path) -> tuple[str, ...]:
    known = _removable(q)
    return tuple(dict.fromkeys(place for place, action in _needs(path) if known.get(place, "").lower() == action))


def _weights(q: Question) -> Counter[str]:
    """How many paths of the whole account each statement would end."""
    return q.once("paths.weights", lambda: Counter(at for paths in _cuts(q).values() for cuts in paths for at in cuts))


def _needs(path: Path) -> Iterator[tuple[str, str]]:
    """(statement, action) of what a path cannot do without: nothing else gives it the action."""
    for need in (need for hop in path.hops for need in hop.requires):
        for one in _only(need):
            yield _named(one), need.action.lower()


def _deciding(path: Path) -> tuple[Reason, ...]:
    """The statements without which a path ends."""
    return tuple(one for hop in path.hops for need in hop.requires for one in _only(need))


def _only(need: Required) -> tuple[Reason, ...]:
    """The one statement that gives what is needed, where there is one only and it can be edited."""
    return need.because if len(need.because) == 1 and _is_editable(need.because[0]) else ()


def _removable(q: Question) -> dict[str, str]:
    """For each statement: the action, as it stands there without a wildcard, that most paths cannot do without.

    Where several are needed as often, one of IAM's goes: `iam:PassRole` is what turns a job's action into a way up.
    """
    return q.once("paths.removable", lambda: _find_removable(q))


def _find_removable(q: Question) -> dict[str, str]:
    counts: dict[str, Counter[str]] = {}
    for place, action in (need for paths in _paths(q).values() for path in paths for need in set(_needs(path))):
        counts.setdefault(place, Counter())[action] += 1
    found = {}
    for place, needed in counts.items():
        written = _written(q, place)
        ranked = sorted(needed, key=lambda action: (-needed[action], not action.startswith("iam:"), action))
        best = next((written[action] for action in ranked if action in written), "")
        if best:
            found[place] = best
    return found


def _written(q: Question, place: str) -> dict[str, str]:
    """The statement's actions as they are written, by their small letters."""
    parts = parts_of(place)
    if parts is None:
        return {}
    try:
        document = find_place(q.snapshot, *parts[:3]).document
    except UsageError:
        return {}
    statement = next((one for one in document.statements if one.index == parts[3]), None)
    return {action.lower(): action for action in (statement.actions if statement else None) or ()}
