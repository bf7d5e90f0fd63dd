"""Cases about a whole data set: `can`, `who-can`, `who-can-batch` and `principal-can`, asked of the index."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import filterfalse, product
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from advisor.access.granted import is_about_roles
from advisor.access.index import AccessIndex, build_index
from advisor.collect.files import read_files
from advisor.evaluate.layers import Layer, PolicySet, decide
from advisor.evaluate.patterns_asked import decide_pattern
from advisor.evaluate.policies import policy
from advisor.evaluate.resources import arns_overlap
from advisor.model.document import Document, Statement
from advisor.model.snapshot import Snapshot
from advisor.model.verdict import Verdict
from advisor.reference.catalogue import (
    action_names,
    arn_pattern,
    canonical,
    expand,
    resource_types,
    takes_resources,
)
from tests.conformance.cases import Case, Unsupported, document_of
from tests.conformance.decisions import NAMES
from tests.conformance.stores import Store


class DataSet:
    """The accounts of one data set with their index, and the endpoints that no snapshot holds."""

    def __init__(self, snapshots: tuple[Snapshot, ...], store: Store | None) -> None:
        self.index: AccessIndex = build_index(snapshots)
        self.store = store
        self._homes: dict[str, AccessIndex] = {}

    def arn_of(self, principal: str) -> str:
        """A principal as its account writes it: the store's own paths ignore case, as IAM's names do."""
        known = self.index.principals
        if principal in known:
            return principal
        return next((arn for arn in known if arn.lower() == principal.lower()), principal)

    def starting_at(self, account: str) -> AccessIndex:
        """The index with an account first, which a question without a place is about."""
        found = self._homes.get(account)
        if found is None:
            snapshots = self.index.snapshots
            ordered = tuple(sorted(snapshots, key=lambda snapshot: snapshot.account != account))
            found = self._homes[account] = build_index(ordered, home=ordered[0].account)
        return found


def account(case: Case, folder: Path) -> tuple[Any, Any]:
    """What a case expects, cut down to what is compared, and what we say."""
    question = case["question"]
    asker = _ASKERS.get(question.get("ask"))
    if asker is None:
        raise Unsupported(f"no such question: {question.get('ask')}")
    load = json.dumps(case.get("load"), sort_keys=True)
    return asker(case, _data_set(folder, case["dataset"], load, question.get("s3AbacOverride")))


@lru_cache(maxsize=64)
def _data_set(folder: Path, name: str, load: str, abac: str | None) -> DataSet:
    path = folder / "datasets" / f"{name}.json"
    if not path.is_file():
        raise Unsupported(f"there is no data set {name}")
    files = json.loads(path.read_text("utf-8"))
    chosen = json.loads(load)
    if chosen is None:
        store = Store(files)
        return DataSet(tuple(_with_abac(snapshot, abac) for snapshot in store.snapshots()), store)
    return DataSet(_from_exports(files, chosen), None)


def _with_abac(snapshot: Snapshot, abac: str | None) -> Snapshot:
    """The account with tags of its buckets counting or not, whatever was collected."""
    if abac is None:
        return snapshot
    buckets = tuple(
        replace(resource, abac=abac == "enabled") if resource.kind == "s3:bucket" else resource
        for resource in snapshot.resources
    )
    return replace(snapshot, resources=buckets)


# --- Data sets of account exports -------------------------------------------------------------------------------------


def _from_exports(files: Mapping[str, Any], chosen: Mapping[str, list[str]]) -> tuple[Snapshot, ...]:
    """Account exports, resource policies and an organization's tree, through our own readers."""
    unknown = set(chosen) - {"gaads", "resources", "scps"}
    if unknown:
        raise Unsupported(f"no such files to load: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as written:
        paths = [_write(written, name, files[name]) for name in chosen.get("gaads", ())]
        paths += [
            _write(written, name, [_as_resource(entry) for entry in files[name]])
            for name in chosen.get("resources", ())
        ]
        trees = [files[name] for name in chosen.get("scps", ())]
        org = _write(written, "org.json", _as_organization(trees)) if trees else None
        return read_files(paths, org=org)


def _write(folder: str, name: str, content: Any) -> Path:
    path = Path(folder) / name
    path.write_text(json.dumps(content), "utf-8")
    return path


def _as_resource(entry: Mapping[str, Any]) -> dict[str, Any]:
    found = {"Arn": entry["Resource"], "Policy": document_of(entry["Policy"]).as_json()}
    return {**found, "Account": entry["Account"]} if entry.get("Account") else found


def _as_organization(trees: list[Any]) -> dict[str, Any]:
    accounts: dict[str, Any] = {}
    for tree in trees:
        for name, levels in _leaves(tree, []):
            accounts[name] = {"scps": levels}
    parts = trees[0]["Arn"].split(":")
    return {
        "organization": {"Id": parts[5].split("/")[1], "MasterAccountId": parts[4]},
        "accounts": accounts,
    }


def _leaves(node: Mapping[str, Any], above: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    policies = [{"name": item["Name"], "policy": item["Content"]} for item in node.get("Policies") or ()]
    levels = [*above, {"target": node["Id"], "policies": policies}]
    if node.get("Type") == "Account":
        yield node["Id"], levels
    for child in node.get("Children") or ():
        yield from _leaves(child, levels)


# --- The questions ----------------------------------------------------------------------------------------------------


def _can(case: Case, data: DataSet) -> tuple[Any, Any]:
    question = case["question"]
    principal = data.arn_of(question["principal"])
    verdict = _verdict(data, question, principal, question["action"], question.get("resource"))
    got: dict[str, Any] = {"allowed": _is_yes(verdict, question)}
    if "decision" in case["expect"]:
        got["decision"] = NAMES[verdict.decision]
    return {name: case["expect"][name] for name in got}, got


def _is_yes(verdict: Verdict, question: Mapping[str, Any]) -> bool:
    return verdict.decision == "allowed" or (not _is_strict(question) and verdict.decision == "conditional")


def _is_strict(question: Mapping[str, Any]) -> bool:
    return question.get("mode") == "strict"


def _verdict(data: DataSet, question: Mapping[str, Any], principal: str, action: str, resource: str | None) -> Verdict:
    """One request; in strict mode what neither follows nor is given is absent."""
    index = data.starting_at(str(question.get("resourceAccount") or _account(principal)))
    context = _context(question)
    caller = index.caller(principal)
    if _is_strict(question):
        caller = caller._replace(has_session_tags=False)  # a complete context names the tags that a session brings
    asking = index.question(action, resource, context)
    session = question.get("sessionPolicy")
    layer = Layer((policy(document_of(session), "session", "session", principal),)) if session else None
    behind = index.principals.get(caller.principal)
    policies = index.surroundings.around(caller, behind, asking.resource, asking.place, layer)
    policies = policies._replace(unread=policies.unread - {"endpoint"})
    if data.store is not None:
        policies = policies._replace(endpoint=data.store.endpoints(asking.service, context))
    asked = asking.asked(caller)
    if _is_strict(question):
        asked = asked._replace(context=asked.context.closed())
    return decide_pattern(asked, policies).overall if asked.target.is_pattern else decide(asked, policies)


def _account(principal: str) -> str:
    parts = principal.split(":")
    return parts[4] if len(parts) > 5 else ""


def _context(question: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    given = question.get("context") or {}
    return {
        key.lower(): tuple(map(str, value)) if isinstance(value, list) else (str(value),)
        for key, value in given.items()
    }


def _who(case: Case, data: DataSet) -> tuple[Any, Any]:
    question = case["question"]
    expected = [_expected_pair(entry, question) for entry in case["expect"]["who"]]
    got: set[tuple[str, str]] = set()
    for action in _actions(question):
        got |= {(name, _short(action)) for name in _who_can(data, question, action, question.get("resource"))}
    got = {pair for pair in got if _in_scope(pair[0], question, data)}
    return sorted(map(list, expected)), sorted(map(list, got))


def _expected_pair(entry: Any, question: Mapping[str, Any]) -> tuple[str, str]:
    if isinstance(entry, str):
        return entry, _short(_actions(question)[0])
    return entry["principal"], entry["action"].lower()


def _actions(question: Mapping[str, Any]) -> list[str]:
    found = question.get("actions") or ([question["action"]] if question.get("action") else [])
    resource = question.get("resource") or ""
    if not found:
        return _every_action(resource)
    return [name for action in found for name in _named(action, resource)]


def _named(action: str, resource: str) -> list[str]:
    """An action, or those that a pattern names and that can be about the resource."""
    if "*" not in action and "?" not in action:
        return [canonical(action)]
    return [name for name in expand(action) if not resource or _can_be_about(name, resource)]


def _can_be_about(action: str, resource: str) -> bool:
    return any(arns_overlap(resource, arn_pattern(kind)) for kind in resource_types(action))


def _every_action(resource: str) -> list[str]:
    """The actions that can be about a resource, by the types that they list."""
    service = resource.split(":")[2] if resource.count(":") > 4 else ""
    names = [f"{service}:{name}" for name in action_names(service)] if service else []
    found = [name for name in names if _can_be_about(name, resource)]
    if not found:
        raise Unsupported("a question about no action")
    return found


def _short(action: str) -> str:
    return action.partition(":")[2].lower()


def _who_can(data: DataSet, question: Mapping[str, Any], action: str, resource: str | None) -> set[str]:
    """The principals that can: by the index, or one by one where the context is complete."""
    index = data.starting_at(str(question.get("resourceAccount") or ""))
    if _is_strict(question):
        return {
            name for name in index.principals if _is_yes(_verdict(data, question, name, action, resource), question)
        }
    if not takes_resources(action):
        resource = None
    answers = index.who_can(action, resource, _context(question)).answers
    return {
        answer.principal
        for answer in answers
        if answer.decision in ("allowed", "conditional") and answer.kind in ("user", "role", "service")
    }


def _in_scope(principal: str, question: Mapping[str, Any], data: DataSet) -> bool:
    """Whether the question asks about this principal: by account, organizational unit or name."""
    scope = question.get("principalScope")
    if not scope:
        return True
    unknown = set(scope) - {"accounts", "principals", "ous", "organizations"}
    if unknown:
        raise Unsupported(f"no such scope: {', '.join(sorted(unknown))}")
    account_id = _account(principal)
    if principal in scope.get("principals", ()) or account_id in scope.get("accounts", ()):
        return True
    paths = [
        path for found in data.index.surroundings.organizations() for name, path in found.paths if name == account_id
    ]
    return any(
        path.startswith(unit.rstrip("/") + "/")
        for path in paths
        for unit in (*scope.get("ous", ()), *scope.get("organizations", ()))
    )


def _batch(case: Case, data: DataSet) -> tuple[Any, Any]:
    question = case["question"]
    got = [
        [name, resource]
        for resource in question["resources"]
        for action in _actions(question)
        for name in _who_can(data, question, action, resource)
    ]
    return sorted(case["expect"]["who"]), sorted(got)


def _principal_can(case: Case, data: DataSet) -> tuple[Any, Any]:
    """A principal's permissions as one policy: compared by what the policy says, not by how the source cuts it up.

    Held by nobody else and with nothing around it, the policy must say the same as we do to each action that it names,
    on an example of each resource that it names; and the actions that we find are the ones that it allows somewhere.
    """
    principal = data.arn_of(case["question"]["principal"])
    index = data.starting_at(_account(principal))
    written = document_of(case["expect"]["policy"])
    alone = _alone(written, principal)
    resources = list(dict.fromkeys(text for item in written.statements for text in item.resources or ("*",)))
    actions = list(dict.fromkeys(name for item in written.statements for name in _actions_of(item)))
    allowed = {
        action for action in actions if any(_says_yes(index, principal, action, text, alone) for text in resources)
    }
    found = {item.action for item in index.what_can(principal) if item.decision in ("allowed", "conditional")}
    told: dict[str, bool] = {}
    holds: dict[str, bool] = {}
    for statement in written.statements:
        for action, resource in product(_some(_actions_of(statement)), statement.resources or ("*",)):
            for example in _examples(resource, action, _account(principal)):
                claim = f"{action} {example}"
                told[claim] = _says_yes(index, principal, action, example, alone)
                holds[claim] = _is_yes(_verdict(data, case["question"], principal, action, example), case["question"])
    # what a trust policy decides hangs on the role, which `*` does not name
    return {"actions": sorted(filterfalse(is_about_roles, allowed)), **told}, {
        "actions": sorted(filterfalse(is_about_roles, found)),
        **holds,
    }


def _alone(written: Document, principal: str) -> PolicySet:
    """The policy with nothing around it that limits, and resources that leave everything to their account."""
    account = _account(principal)
    through = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "*", "Resource": "*"}
    leaving = document_of({"Version": "2012-10-17", "Statement": [through]})
    return PolicySet(
        identity=Layer((policy(written, "stated", "inline", principal),)),
        resource=Layer((policy(leaving, "leaving", "resource", account),)),
    )


def _says_yes(index: AccessIndex, principal: str, action: str, resource: str, alone: PolicySet) -> bool:
    asked = index.question(action, resource, {}).asked(index.caller(principal))
    asked = asked._replace(account=_account(principal))
    verdict = decide_pattern(asked, alone).overall if asked.target.is_pattern else decide(asked, alone)
    return verdict.decision in ("allowed", "conditional")


def _actions_of(statement: Statement) -> list[str]:
    if statement.actions is not None:
        return list(dict.fromkeys(name for pattern in statement.actions for name in expand(pattern)))
    left_out = {name for pattern in statement.not_actions or () for name in expand(pattern)}
    return [name for name in expand("*") if name not in left_out] if statement.allows else []


def _some(actions: list[str]) -> list[str]:
    """All of a few actions; of thousands a part that is the same each time."""
    return actions if len(actions) <= MOST_ACTIONS else random.Random(0).sample(actions, MOST_ACTIONS)


MOST_ACTIONS = 200


def _examples(pattern: str, action: str, account: str) -> list[str]:
    """One resource that a pattern names; for `*` one of the principal's own account for each resource type."""
    if pattern != "*":
        return [pattern.replace("*", "example")]
    kinds = [arn_pattern(kind, partition="aws", account=account) for kind in resource_types(action)]
    own = [text for text in kinds if ":accesspoint" not in text and _account(text) in ("", account)]
    return [text.replace("*", "example") for text in own] or ["*"]


_ASKERS = {"can": _can, "who-can": _who, "who-can-batch": _batch, "principal-can": _principal_can}
