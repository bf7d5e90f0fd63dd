"""What the front door hands out encodes to the members that the interface promises, empty ones included."""

from __future__ import annotations

import msgspec

from advisor.model.change import Change
from advisor.model.difference import Difference
from advisor.model.finding import Finding
from advisor.model.verdict import Answer, Permission, Reason, Verdict


def test_values_encode_all_the_members_that_are_promised() -> None:
    promised: dict[object, set[str]] = {
        Verdict("allowed"): {"decision", "conditions", "gaps", "assuming", "trace"},
        Answer("ana", "user", "allowed"): {
            "principal",
            "kind",
            "decision",
            "conditions",
            "because",
            "gaps",
            "assuming",
        },
        Permission("s3:GetObject", "allowed"): {"action", "decision", "resources", "conditions", "because", "gaps"},
        Reason("Read", "managed", "ana", 0): {"policy", "kind", "owner", "statement", "effect"},
        Difference("proved"): {"verdict", "gained", "lost"},
        Change("one", "One"): {"id", "title", "operations", "undo", "reversible"},
    }
    for value, members in promised.items():
        assert members <= set(msgspec.to_builtins(value)), value
    finding = msgspec.to_builtins(Finding("one", "root", "low", "open", "One"))
    assert {"id", "practice", "severity", "status", "title", "resources", "evidence", "changes", "sources"} <= set(
        finding
    )
