"""Ways to data: who reads what a resource holds, and the last hop of a way, from the one who reads to what is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from advisor.graph.explain import Hop, Required
from advisor.reference.knowledge import load

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount
    from advisor.graph.paths import Path, Paths
    from advisor.model.verdict import Answer, Answers

READS = "reads"
"""What stands for a technique in the hop from who reads to what is read: nothing is gained there but the data."""


def readers(account: OpenAccount, resource: str) -> Answers:
    """Who reads what a resource holds, by the action that reads such things."""
    service = resource.split(":")[2]
    entries = (entry.partition(" ") for entry in load("lists")["sensitive-reads"].items)
    action, _, rest = next(
        (entry for entry in entries if entry[0].startswith(f"{service}:")), (f"{service}:Get*", "", "")
    )
    return account.who_can(action, resource if "/" in resource.split(":")[-1] else resource + rest)


def last_hops(found: Paths, resource: str, answers: Answers) -> Paths:
    """The ways with the hop to the resource itself, which the statements cause that let the last principal read it."""
    by_name = {answer.principal: answer for answer in answers}
    paths = (_to_resource(path, resource, by_name[path.target], answers) for path in found.paths)
    return replace(found, paths=tuple(paths))


def _to_resource(path: Path, resource: str, answer: Answer, answers: Answers) -> Path:
    hop = Hop(
        technique=READS,
        actor=path.target,
        target=resource,
        requires=(Required(answers.action, answers.resource, answer.because),),
        conditions=answer.conditions,
        gaps=answer.gaps,
        title="reads what it holds",
    )
    return replace(path, target=resource, hops=(*path.hops, hop))
