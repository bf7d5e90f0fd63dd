"""The user's answers to the set-up, and ours: another profile, "I did it", "it is so", and what comes of each."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from advisor.change.setup import Choices, Playbook, StepStatus, playbook, step_of
from advisor.errors import UsageError
from advisor.reference.schema.setup import PROFILES, Profile

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount


class ProfileChange(msgspec.Struct, frozen=True):
    """What another profile would mean, to show before it is kept. Steps by their ids, in order."""

    before: Profile
    after: Profile
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    done: int
    asked: int
    choices: Choices
    """What to keep (`save_choices`) when the user agrees."""

    @property
    def words(self) -> str:
        if self.before == self.after:
            return f"{PROFILES[self.after]}: as it is, {self.done} of {self.asked} steps done"
        parts = [f"{self.done} of {self.asked} steps done"]
        parts += [f"adds {', '.join(self.added)}"] if self.added else []
        parts += [f"leaves out {', '.join(self.dropped)}"] if self.dropped else []
        return f"{PROFILES[self.after]}: {'; '.join(parts)}"


def profile_changes(account: OpenAccount, choices: Choices) -> tuple[ProfileChange, ...]:
    """What each profile would mean for the account; the one in force is among them. Nothing is kept."""
    now = playbook(account, choices)
    return tuple(_change(account, choices, now, profile) for profile in PROFILES)


def _change(account: OpenAccount, choices: Choices, now: Playbook, profile: Profile) -> ProfileChange:
    wanted = msgspec.structs.replace(choices, profile=profile)
    then = playbook(account, wanted)
    old, new = ([item.step.id for item in book.asked] for book in (now, then))
    return ProfileChange(
        now.profile,
        profile,
        tuple(id for id in new if id not in old),
        tuple(id for id in old if id not in new),
        then.done,
        len(then.asked),
        wanted,
    )


def confirm(book: Playbook, choices: Choices, step: str, day: str) -> Choices:
    """The user says that a step is done which the account cannot show; kept with its day.

    Raises:
        UsageError: there is no such step, or the account shows that it is open.
    """
    item = step_of(book, step)
    if item.said:
        return choices
    if not item.asks and item.status != "waits":
        why = "is seen to be done" if item.status == "done" else "is seen to be open, so saying so does not do it"
        raise UsageError(f"step {item.step.id} {why}", advice="`advisor setup` shows what was seen")
    return msgspec.structs.replace(choices, said={**choices.said, item.step.id: day})


def take_back(choices: Choices, step: str) -> Choices:
    """The user's word for a step is taken back."""
    return msgspec.structs.replace(choices, said={id: day for id, day in choices.said.items() if id != step.upper()})


def told(before: StepStatus, after: StepStatus, taken_at: str) -> str:
    """`111122223333 root: an access key is there (read 10:04). Not done yet.`"""
    seen = "; ".join(f"{one.subject}: {one.detail}" for one in after.evidence[:2]) or after.step.title
    return f"{seen} (read {_clock(taken_at)}). {_verdict(before, after)}"


def _verdict(before: StepStatus, after: StepStatus) -> str:
    if after.status == "done":
        return "Done." if before.status != "done" else "Done, as before."
    if after.status == "unknown":
        gap = after.gaps[0] if after.gaps else None
        return (
            f"Whether it is done was not read: {gap.call}, {gap.reason}." if gap else "Whether it is done is unknown."
        )
    if after.asks:
        return f"The account cannot show the rest; confirm it: {after.asks}"
    if after.status == "waits":
        return f"It waits for {', '.join(after.waits_for)}."
    return "Not done yet."


def _clock(taken_at: str) -> str:
    try:
        return datetime.fromisoformat(taken_at.replace("Z", "+00:00")).strftime("%H:%M")
    except ValueError:
        return taken_at
