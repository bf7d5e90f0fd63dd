"""The policies behind a finding: what it was seen in, at the statements that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content

from screens.documents import lines_of, statement_lines
from screens.reasons import document_of
from screens.wording import short_name

if TYPE_CHECKING:
    from advisor.graph.paths import Path
    from advisor.model.document import Document
    from advisor.model.finding import Finding
    from advisor.model.snapshot import Snapshot
    from screens.session import Session

_STATEMENT = re.compile(r"\bstatement (\d+)")
_BECOMES = "becomes-administrator"
MOST_LINES = 8


class Behind(NamedTuple):
    """A policy with the statements that matter."""

    title: str
    document: Document
    marked: tuple[int, ...]


def policies_behind(session: Session, finding: Finding) -> list[Behind]:
    """Each policy once: of a way to administrator those of its hops, else those that the evidence names."""
    found: dict[tuple[str, str], Behind] = {}
    for one in (*_of_path(session, finding), *_of_evidence(session.snapshot, finding)):
        key = (one.title, one.document.digest)
        before = found[key].marked if key in found else ()
        found[key] = Behind(one.title, one.document, tuple(sorted({*before, *one.marked})))
    return list(found.values())


def path_of(session: Session, finding: Finding) -> Path | None:
    """The way to administrator that the finding is about, once the paths are searched."""
    if finding.detail.get("check") != _BECOMES or not finding.resources:
        return None
    return session.nearest_path(finding.resources[0])


def _of_path(session: Session, finding: Finding) -> Iterator[Behind]:
    path = path_of(session, finding)
    if path is None or session.advisor is None:
        return
    for need in (need for hop in path.hops for need in hop.requires):
        for reason in need.because[:1]:
            document = document_of(session.advisor, reason)
            if document is not None:
                trust = " trust policy" if reason.kind == "trust" else ""
                title = short_name(reason.owner if trust else reason.policy)
                yield Behind(f"{title}{trust}", document, (reason.statement,))


def _of_evidence(snapshot: Snapshot | None, finding: Finding) -> Iterator[Behind]:
    for one in finding.evidence:
        told = _STATEMENT.search(one.detail)
        found = _document(snapshot, one.subject) if told is not None and snapshot is not None else None
        if told is not None and found is not None:
            yield Behind(found[0], found[1], (int(told[1]),))


def _document(snapshot: Snapshot, arn: str) -> tuple[str, Document] | None:
    """The text of a policy, of a resource's own one, of a role's trust policy."""
    name = short_name(arn)
    if policy := snapshot.policy_by_arn.get(arn):
        return (name, policy.document) if policy.document else None
    if resource := snapshot.resource_by_arn.get(arn):
        return (f"policy of {name}", resource.policy) if resource.policy else None
    role = snapshot.role_by_arn.get(arn)
    return (f"{name} trust policy", role.trust) if role else None


def statements_drawn(behind: Behind, width: int) -> list[Content]:
    """The policy's name, then the lines of the statements that matter, as many as a glance takes in."""
    lines = lines_of(behind.document, max(width - 10, 40))
    own = [line for at in sorted(behind.marked) for line in statement_lines(lines, at)]
    drawn = [Content.assemble(("   Policy    ", "$quiet"), ("§ ", "$kind-policy"), behind.title)]
    drawn += [line.shifted(6).content(marked=True).truncate(width, ellipsis=True) for line in own[:MOST_LINES]]
    if len(own) > MOST_LINES:
        drawn.append(Content.styled(f"             and {len(own) - MOST_LINES} more lines", "$quiet"))
    return drawn
