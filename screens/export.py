"""Writing changes for other tools: an AWS CLI script, Terraform or CloudFormation, as a file of the user's choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens.write import WriteScreen

if TYPE_CHECKING:
    from advisor.model.change import Change
    from screens.base import AdvisorScreen

FORMATS = {
    "cli": ("AWS CLI script", "sh"),
    "terraform": ("Terraform", "tf"),
    "cloudformation": ("CloudFormation", "yaml"),
}


def export_changes(screen: AdvisorScreen, changes: tuple[Change, ...]) -> None:
    """Ask for the format and the file, then write it."""
    snapshot = screen.session.snapshot
    if snapshot is None:
        return
    if any(change.needs for change in changes):
        screen.say("A value is still needed: f in the preview gives it.")
        return

    def write(format: str) -> str:
        from advisor.change.export import export

        return export(changes, snapshot, format)

    menu = WriteScreen("changes", FORMATS, f"iam-changes-{snapshot.account}", write, title="Write the changes as")
    screen.app.push_screen(menu, lambda told: screen.say(told) if told else None)
