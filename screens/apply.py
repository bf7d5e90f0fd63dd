"""Asking before a plan is applied: what it comes to, which guards speak against it, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens.confirm import ConfirmScreen
from screens.plan_effect import in_words
from screens.run import RunScreen
from screens.wording import account_in_fours, count

if TYPE_CHECKING:
    from advisor.change.preview import Preview
    from advisor.model.change import Change
    from screens.base import AdvisorScreen
    from screens.session import Session

SWITCH_MINUTES = 5
"""After so long a run is undone by itself where that was asked for and nobody keeps it."""


def start(screen: AdvisorScreen, changes: tuple[Change, ...], found: Preview | None) -> None:
    """Ask once more, then apply. Says why where it cannot be."""
    session = screen.session
    calls = sum(len(change.operations) for change in changes)
    if not session.is_armed:
        screen.say("Arm the account first: !")
        return
    if any(change.needs for change in changes):
        screen.say("A value is still needed: f gives it.")
        return
    if found is None or found.access is None:
        screen.say("The preview is still being worked out.")
        return
    if not calls:
        screen.say("There is no call in this: what is left is done by hand.")
        return
    unknown = [guard for guard in found.guards if guard.sign == "unknown"]
    question = ConfirmScreen(
        [*what_it_does(session, changes, found), f"Or for {SWITCH_MINUTES} minutes: then undone unless you keep it"],
        f"Apply {count(calls, 'call')}",
        other=f"Apply for {SWITCH_MINUTES} min",
        ask_reason=bool(found.refusals),
        sure=not found.refusals and not unknown,
    )

    def answered(reason: str | None) -> None:
        if reason is not None:
            overrides = {guard.id: reason for guard in found.refusals}
            undo_after = SWITCH_MINUTES * 60 if question.took_other else None
            run = RunScreen(session, changes=changes, overrides=overrides, undo_after=undo_after)
            screen.app.push_screen(run)

    screen.app.push_screen(question, answered)


def what_it_does(session: Session, changes: tuple[Change, ...], found: Preview) -> list[str]:
    """The question before applying: the account in words, what is gained and lost, the guards, the way back."""
    snapshot = session.snapshot
    calls = sum(len(change.operations) for change in changes)
    name = f"{snapshot.alias} " if snapshot and snapshot.alias else ""
    told = [f"Apply {count(calls, 'call')} to {name}{account_in_fours(snapshot.account) if snapshot else ''}?"]
    effect = in_words(found)
    told += [effect[:1].upper() + effect[1:]] if effect else []
    passed = sum(1 for guard in found.guards if guard.sign == "yes")
    told += [f"× {guard.text}" for guard in found.refusals]
    told += [f"? {guard.text}" for guard in found.guards if guard.sign == "unknown"]
    told += [f"✓ {count(passed, 'guard')} {'says' if passed == 1 else 'say'} yes"] if passed else []
    back = f"Undo: {count(len(found.undo), 'call')} ready, u takes it back"
    return [*told, back if found.reversible and found.undo else f"Not all can be taken back. {found.note}".strip()]
