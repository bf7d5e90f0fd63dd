"""Technique files that nothing could ever match are refused, each with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.decide.trees import check_knowledge

SOUND = {
    "id": "x-own", "title": "makes a key for the user", "category": "principal-access", "confidence": "high",
    "gives": "become", "needs": [("iam:CreateAccessKey", "target-user")],
}  # fmt: skip


def problems(folder: Path, **changes: object) -> list[str]:
    parts = {**SOUND, **changes}
    lines = [f"{key}: {value}" for key, value in parts.items() if key != "needs"]
    lines += ["needs:"]
    for action, resource in parts["needs"]:  # type: ignore[attr-defined]
        lines += [f"  - action: {action}", f"    resource: {resource}"]
    lines += ["sources:", "  - url: https://example.com", '    checked: "2026-11-24"']
    (folder / "escalations").mkdir(exist_ok=True)
    (folder / "escalations" / "x-own.yaml").write_text("\n".join(lines))
    return [str(problem) for problem in check_knowledge(folder)]


def test_a_sound_file_is_taken(tmp_path: Path) -> None:
    assert problems(tmp_path) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"needs": [("iam:CreateAccesKey", "target-user")]}, "no action that AWS lists"),
        ({"needs": [("iam:CreateAccessKey", "target-role")]}, "never on role"),
        ({"needs": [("iam:PutRolePolicy", "self")], "gives": "own-rights", "actors": "[user]"}, "never on user"),
        ({"needs": [("iam:CreateAccessKey", "any")]}, "needs an action on one of"),
        (
            {"needs": [("iam:CreateAccessKey", "target-user"), ("iam:PutRolePolicy", "target-role")]},
            "a user and a role",
        ),
        ({"state": "[login-profile, no-login-profile]"}, "has a password and has none"),
        ({"state": "[in-instance-profile]"}, "a state of roles"),
        ({"state": "[no-mfa]", "actors": "[role]"}, "a state of a user"),
        ({"actors": "[]"}, "nobody could do it"),
        ({"needs": [("iam:PassRole", "passed-role")], "gives": "run-as"}, "must name the service"),
        ({"needs": [("lambda:InvokeFunction", "existing")], "gives": "data"}, "name its kind"),
        ({"needs": [("lambda:CreateFunction", "passed-role")]}, "passes no role"),
        ({"same_as": "x-nothing"}, "no technique `x-nothing`"),
        ({"state": "[bound]"}, "bound"),
    ],
)
def test_what_nothing_could_match_is_refused(changes: dict[str, object], reason: str, tmp_path: Path) -> None:
    assert any(reason in problem for problem in problems(tmp_path, **changes))
