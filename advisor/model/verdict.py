"""Answers: a decision with the statements that made it, the conditions that remain and the gaps that matter."""

from __future__ import annotations

from typing import Literal

import msgspec

from advisor.model.document import Condition
from advisor.model.gap import Gap

Decision = Literal["allowed", "explicit-deny", "implicit-deny", "conditional", "unknown"]
LayerName = Literal["scp", "rcp", "endpoint", "resource", "identity", "boundary", "session"]
Outcome = Literal["allows", "denies", "silent", "conditional", "unknown", "none"]
Conditions = tuple[tuple[Condition, ...], ...]
"""Any of the inner tuples, each with all of its conditions. Empty: no condition."""


class Reason(msgspec.Struct, frozen=True, gc=False):
    """The statement behind an outcome: which policy, of whom, which statement."""

    policy: str
    """ARN of a managed policy, else its name."""
    kind: str
    """`managed`, `inline`, `trust`, `resource`, `boundary`, `scp`, `rcp`, `session`, `endpoint`, `grant`, `share`
    or `acl`.
    """
    owner: str
    """ARN of the principal, group, resource or organization target that carries the policy."""
    statement: int
    sid: str | None = None
    effect: str = "Allow"


class LayerOutcome(msgspec.Struct, frozen=True, gc=False):
    """What one layer of AWS's evaluation says. `none`: there is no such policy, so it does not limit."""

    layer: LayerName
    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    detail: str = ""
    """A short id of why, for the misses: `no-statement-names-the-principal`, `never-read`, …"""


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """The answer to one request. Never a bare yes or no.

    `conditions` is the residual in disjunctive form; `witness` a context that satisfies it and was evaluated to
    allowed. `assuming` names layers that were never read and are taken not to limit.
    """

    decision: Decision
    conditions: Conditions = ()
    witness: dict[str, tuple[str, ...]] | None = None
    gaps: tuple[Gap, ...] = ()
    assuming: tuple[LayerName, ...] = ()
    trace: tuple[LayerOutcome, ...] = ()

    @property
    def because(self) -> tuple[Reason, ...]:
        """The deciding statements: the denies of a denial; else what allows, and last what an organization or endpoint
        still makes it hang on.
        """
        decisive = [reason for layer in self.trace for reason in deciding(layer, self.decision)]
        return (*decisive, *(reason for layer in self.trace for reason in limiting(layer, self.decision)))


_LETS_THROUGH = ("scp", "rcp", "endpoint")
"""Layers that grant nothing: what allows there only does not stand in the way."""


def deciding(step: LayerOutcome, decision: Decision) -> tuple[Reason, ...]:
    """The statements of one layer that decide: its denies for a denial, its allows where they grant."""
    if decision != "explicit-deny" and step.layer in _LETS_THROUGH:
        return ()
    wanted = "Deny" if decision == "explicit-deny" else "Allow"
    return tuple(reason for reason in step.reasons if reason.effect == wanted)


def limiting(step: LayerOutcome, decision: Decision) -> tuple[Reason, ...]:
    """The statements of a layer that grants nothing, where the answer hangs on them: `FullAWSAccess` is none."""
    if decision == "explicit-deny" or step.layer not in _LETS_THROUGH or step.outcome == "allows":
        return ()
    return tuple(reason for reason in step.reasons if reason.effect == "Deny") or step.reasons


class Answer(msgspec.Struct, frozen=True, gc=False):
    """One principal of a who-can answer."""

    principal: str
    kind: str
    """`user`, `role`, `service`, `account`, `federated`, `person` or `everyone`."""
    decision: Decision
    conditions: Conditions = ()
    because: tuple[Reason, ...] = ()
    gaps: tuple[Gap, ...] = ()
    assuming: tuple[LayerName, ...] = ()
    actions: tuple[str, ...] | None = None
    resources: tuple[str, ...] | None = None
    via: tuple[str, ...] | None = None


class Answers(msgspec.Struct, frozen=True, gc=False):
    """Who can: the principals that can, can under conditions, or may be able to, sorted by principal."""

    action: str
    resource: str
    context: dict[str, tuple[str, ...]]
    answers: tuple[Answer, ...]
    denied: int
    """Principals that cannot, explicitly denied ones included."""
    denied_explicitly: int
    root: Decision
    coverage: tuple[Gap, ...] = ()
    warnings: tuple[str, ...] = ()

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self.answers)

    def __len__(self) -> int:
        return len(self.answers)


class Permission(msgspec.Struct, frozen=True, gc=False):
    """One action of a what-can answer with the resource patterns it holds for."""

    action: str
    decision: Decision
    resources: tuple[str, ...] = ()
    conditions: Conditions = ()
    because: tuple[Reason, ...] = ()
    gaps: tuple[Gap, ...] = ()
    assuming: tuple[LayerName, ...] = ()
