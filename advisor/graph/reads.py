"""Ways to data: who reads what a resource holds, now and with what is granted on the way, and the last hop to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from advisor.access.index import build_index
from advisor.evaluate.pattern import action_matches
from advisor.graph.explain import Hop, Required
from advisor.graph.granted import CREATED, EVERYTHING, GrantedSearch
from advisor.graph.moves import DECISIONS, Level
from advisor.graph.universe import members
from advisor.model.document import Document, parse_document
from advisor.model.principal import InlinePolicy, Role, User
from advisor.reference.knowledge import load

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount
    from advisor.access.index import AccessIndex
    from advisor.graph.holders import Account
    from advisor.model.resource import Resource
    from advisor.model.snapshot import Snapshot
    from advisor.model.verdict import Answer
    from advisor.reference.schema.escalations import Technique

READS = "reads"
"""What stands for a technique in the hop from who reads to what is read: nothing is gained there but the data."""
_GRANTED = "granted on the way"
"""The name of a policy that nobody holds yet."""
_CREATED = "created-on-the-way"


class Ending(msgspec.Struct, frozen=True, gc=False):
    """How somebody comes to the data in the end: by reading it, or by opening the resource to itself first."""

    level: Level
    technique: str
    title: str
    action: str
    answer: Answer

    @property
    def is_reading(self) -> bool:
        """Whether nothing has to be opened first."""
        return self.technique == READS

    def hop(self, actor: str, resource: str, asked: str) -> Hop:
        """The last hop, which these statements cause. Policies that nobody holds yet are no reason."""
        because = tuple(reason for reason in self.answer.because if reason.policy != _GRANTED)
        required = Required(self.action, asked if self.is_reading else resource, because)
        return Hop(
            self.technique,
            actor,
            resource,
            (required,),
            self.answer.conditions,
            gaps=self.answer.gaps,
            title=self.title,
        )


class Reading:
    """A resource as a goal: who comes to what it holds, as things stand and with what is granted on the way there."""

    def __init__(self, account: OpenAccount, resource: str) -> None:
        self.account = account
        self.resource = resource
        self.action, self.asked = _question(resource)
        self.owned = next((one for item in account.snapshots for one in item.resources if one.arn == resource), None)
        self.openings = tuple(_openings(account, self.owned, self.action)) if self.owned else ()
        self.endings = self._endings(account.index, account.snapshots)

    def hop(self, actor: str, ending: Ending) -> Hop:
        """The last hop of a way."""
        return ending.hop(actor, self.resource, self.asked)

    def by_node(self, search: GrantedSearch) -> dict[int, Ending]:
        """Who comes to it, by nodes of the search: principals, those with everything granted, members by then."""
        account = search.account
        found = _placed(account, self.endings)
        if search.lifted or any(search.creating.values()):
            endings = self._by_then(_lifted(search))
            for node in members(search.lifted):
                if (ending := endings.get(account.nodes.arns[node])) is not None:
                    found[search.node_of(node)] = ending
            for kind in CREATED:
                if (ending := endings.get(_created_arn(account, kind))) is not None:
                    found |= {search.creation_of(node, kind): ending for node in members(search.creating[kind])}
        return found | self._in_groups(search)

    def _in_groups(self, search: GrantedSearch) -> dict[int, Ending]:
        """Users in groups that they can join, where the group's rights are about such reading."""
        found: dict[int, Ending] = {}
        snapshot = search.account.snapshot
        for at, group in enumerate(snapshot.groups):
            joining = [node for node in search.joins.of if any(move.groups >> at & 1 for move in search.joins.of[node])]
            if not joining or not self._speaks(search, at):
                continue
            joined = tuple(
                replace(one, groups=(*one.groups, group.name)) for one in map(snapshot.users.__getitem__, joining)
            )
            endings = _placed(search.account, self._by_then(replace(snapshot, users=joined, roles=())))
            for node in joining:
                if node in endings and search.joins.open(node, at, as_administrator=True):
                    found[search.joins.nodes[node, at]] = endings[node]
        return found

    def _speaks(self, search: GrantedSearch, group: int) -> bool:
        """Whether a group could bring the right to read such things, or to open them."""
        wanted = (self.action, *(technique.needs[0].action for technique in self.openings))
        return any(
            statement.allows
            and (
                statement.actions is None
                or any(action_matches(pattern, action) for pattern in statement.actions for action in wanted)
            )
            for document in search.joins.documents_of(group)
            for statement in document.statements
        )

    def _by_then(self, snapshot: Snapshot) -> dict[str, Ending]:
        """Who comes to it, if one account were as the snapshot says, which may hold just those who are asked about."""
        snapshots = tuple(snapshot if one.account == snapshot.account else one for one in self.account.snapshots)
        return self._endings(build_index(snapshots, strict=self.account.strict), snapshots)

    def _endings(self, index: AccessIndex, snapshots: Iterable[Snapshot]) -> dict[str, Ending]:
        """The surest ending of each principal; of reading and opening, reading."""
        found = {
            one.principal: Ending(DECISIONS[one.decision], READS, "reads what it holds", self.action, one)
            for one in index.who_can(self.action, self.asked)
            if one.decision in DECISIONS
        }
        openers = [
            Ending(DECISIONS[one.decision], technique.id, technique.title, technique.needs[0].action, one)
            for technique in self.openings
            for one in index.who_can(technique.needs[0].action, self.resource)
            if one.decision in DECISIONS and DECISIONS[one.decision] < _level(found.get(one.principal))
        ]
        if openers:
            policy = _granting((one.answer.principal for one in openers), self.resource)
            opened = build_index(
                [_with_policy(one, self.resource, policy) for one in snapshots], strict=self.account.strict
            )
            reading = {one.principal: one for one in opened.who_can(self.action, self.asked)}
            for opener in openers:
                then = reading.get(opener.answer.principal)
                level = max(opener.level, DECISIONS[then.decision]) if then and then.decision in DECISIONS else 3
                if then and level < _level(found.get(opener.answer.principal)):
                    found[opener.answer.principal] = replace(opener, level=level, answer=_both(opener.answer, then))
        return found


def _question(resource: str) -> tuple[str, str]:
    """The action that reads such things, and on what."""
    service = resource.split(":")[2]
    entries = (entry.partition(" ") for entry in load("lists")["sensitive-reads"].items)
    action, _, rest = next(
        (entry for entry in entries if entry[0].startswith(f"{service}:")), (f"{service}:Get*", "", "")
    )
    return action, resource if "/" in resource.split(":")[-1] else resource + rest


def _openings(account: OpenAccount, resource: Resource, reading: str) -> Iterator[Technique]:
    """The techniques that open what things of the kind hold to the one who acts."""
    for technique in load("escalations", account.knowledge).values():
        kinds, needs = technique.existing, technique.needs
        if technique.gives == "data" and kinds == (resource.kind,) and len(needs) == 1 and needs[0].action != reading:
            yield technique


def _granting(principals: Iterable[str], resource: str) -> Document:
    """A resource policy that grants everything to some by name."""
    things = [resource, f"{resource}/*"]
    statement = {"Effect": "Allow", "Principal": {"AWS": sorted(set(principals))}, "Action": "*", "Resource": things}
    return parse_document({"Version": "2012-10-17", "Statement": [statement]})


def _with_policy(snapshot: Snapshot, resource: str, policy: Document) -> Snapshot:
    """The account with the policy of a resource written anew."""
    changed = (replace(one, policy=policy) if one.arn == resource else one for one in snapshot.resources)
    return replace(snapshot, resources=tuple(changed))


def _both(opening: Answer, then: Answer) -> Answer:
    """What both hang on: the opening, and the reading after it."""
    if then.decision == "allowed":
        return opening
    conditions = then.conditions if not opening.conditions else opening.conditions
    return replace(opening, conditions=conditions, gaps=tuple(dict.fromkeys((*opening.gaps, *then.gaps))))


def _level(ending: Ending | None) -> int:
    return ending.level if ending else 3


def _placed(account: Account, endings: dict[str, Ending]) -> dict[int, Ending]:
    position = account.nodes.position
    return {position[arn]: ending for arn, ending in endings.items() if arn in position}


def _lifted(search: GrantedSearch) -> Snapshot:
    """Those to whom everything can be granted, with that, and a new user and a new role that hold everything."""
    account = search.account
    granted = InlinePolicy(_GRANTED, EVERYTHING)
    principals = [_granted(search, node, granted) for node in members(search.lifted)]
    user, role = (_created_arn(account, kind) for kind in CREATED)
    users = (*(one for one in principals if isinstance(one, User)), User(user, _CREATED, inline=(granted,)))
    roles = (*(one for one in principals if isinstance(one, Role)), Role(role, _CREATED, EVERYTHING, inline=(granted,)))
    return replace(account.snapshot, users=users, roles=roles)


def _granted(search: GrantedSearch, node: int, granted: InlinePolicy) -> User | Role:
    own = search.account.principals[node]
    if not search.is_freed(node):
        return replace(own, inline=(*own.inline, granted))
    if isinstance(own, User):
        return replace(own, inline=(granted,), attached=(), groups=())
    return replace(own, inline=(granted,), attached=())


def _created_arn(account: Account, kind: str) -> str:
    partition = next((arn.split(":")[1] for arn in account.nodes.arns), "aws")
    return f"arn:{partition}:iam::{account.snapshot.account}:{kind}/{_CREATED}"
