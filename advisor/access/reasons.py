"""The deciding statements of a group's verdict, with the sources from which each member holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.access.principals import Principal
from advisor.model.verdict import Reason, Verdict, deciding, limiting

if TYPE_CHECKING:
    from advisor.access.sweep import Unit


class Reasons:
    """Writes the reasons of one verdict: what all members share is put together once."""

    __slots__ = ("_after", "_before", "_between", "_effect")

    def __init__(self, verdict: Verdict) -> None:
        self._effect = "Deny" if verdict.decision == "explicit-deny" else "Allow"
        parts: dict[str, list[Reason]] = {"": [], "identity": [], "boundary": []}
        at = ""
        for layer in verdict.trace:
            if layer.layer in ("identity", "boundary") and layer.outcome != "none":
                at = layer.layer
            else:
                parts[at] += deciding(layer, verdict.decision)
        limits = [reason for layer in verdict.trace for reason in limiting(layer, verdict.decision)]
        self._before, self._between = tuple(parts[""]), tuple(parts["identity"])
        self._after = (*parts["boundary"], *limits)

    def of(self, unit: Unit, member: Principal) -> tuple[Reason, ...]:
        """The reasons of one member, in the order of the trace."""
        effect, arn = self._effect, member.arn
        allow = effect == "Allow"
        found = [
            Reason(policy, kind, owner or arn, statement.index, statement.sid, effect)
            for rest in unit.rests
            for document, statement, _, _ in rest.applying
            if statement.allow is allow
            for policy, kind, owner in unit.found.sources[id(document)]
        ]
        edge: list[Reason] = []
        if unit.boundary is not None:
            edge = [
                Reason(unit.found.boundary_arn or "", "boundary", arn, statement.index, statement.sid, effect)
                for _, statement, _, _ in unit.boundary.applying
                if statement.allow is allow
            ]
        return (*self._before, *found, *self._between, *edge, *self._after)
