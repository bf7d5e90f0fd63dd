"""The guided set-up: which steps a profile gets, where each stands in this account, and what is left to do.

Nothing of the progress is stored: what is done is seen in the account itself, so that it does not matter when or by
whom it was done. Kept is only what the user chose (the profile, the steps left out, the values given) and what the
user confirmed, with its date, where nothing in the account can show it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from advisor.advice.claims import Judgement, judge, judge_all
from advisor.advice.facts.registry import ask
from advisor.advice.templates import fill
from advisor.collect.saved import write_private
from advisor.errors import InputError, UsageError
from advisor.model.change import Change
from advisor.model.finding import Evidence
from advisor.model.gap import Gap
from advisor.reference.knowledge import load
from advisor.reference.places import make_private, set_aside, state_folder
from advisor.reference.schema.setup import PROFILES, Profile, Step
from advisor.reference.shape import nearest
from advisor.reference.versions import refuse_newer

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount

Status = Literal["done", "yours", "decide", "ready", "waits", "unknown", "left-out"]
"""`yours`: done by hand. `decide`: a topic comes first. `ready`: its calls can be applied. `unknown`: was not read."""


class Choices(msgspec.Struct, frozen=True):
    """What the user chose, kept between runs. `values` by template and name; `decided` names recorded topics."""

    profile: Profile | None = None
    left_out: tuple[str, ...] = ()
    values: dict[str, dict[str, Any]] = {}
    decided: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    """Offered steps that the user took."""
    said: dict[str, str] = {}
    """By step: the day on which the user said that it is done (`2026-11-24`)."""


class StepStatus(msgspec.Struct, frozen=True):
    """One step in this account. `changes` are what would bring it about; `waits_for` the steps that come first."""

    step: Step
    number: int
    status: Status
    is_offered: bool = False
    evidence: tuple[Evidence, ...] = ()
    gaps: tuple[Gap, ...] = ()
    changes: tuple[Change, ...] = ()
    waits_for: tuple[str, ...] = ()
    asks: str = ""
    """What the user is to confirm, as the account does not show it; empty where it shows all, or what is open."""
    said: str = ""
    """The day on which the user confirmed what a step that is done rests on."""

    def is_wanted(self, profile: Profile) -> bool:
        """Whether it is only offered to the profile, and the user took it."""
        return profile in self.step.offered and not self.is_offered

    @property
    def by_hand(self) -> bool:
        """Nothing to call: a person does it, so there is nothing to guard or to apply either."""
        return not any(change.operations for change in self.changes)

    @property
    def needs(self) -> tuple[tuple[str, str, str], ...]:
        """(template, name, what it is) of each value that a person must still give."""
        return tuple((change.template, name, words) for change in self.changes for name, words in change.needs)


class Playbook(msgspec.Struct, frozen=True):
    """The steps of one profile in their order."""

    account: str
    kind: str | None
    profile: Profile
    steps: tuple[StepStatus, ...]

    @property
    def asked(self) -> tuple[StepStatus, ...]:
        """The steps that count: not left out, not merely offered."""
        return tuple(item for item in self.steps if item.status != "left-out" and not item.is_offered)

    @property
    def done(self) -> int:
        return sum(item.status == "done" for item in self.asked)

    @property
    def minutes_left(self) -> int:
        return sum(item.step.minutes for item in self.asked if item.status != "done")

    @property
    def is_finished(self) -> bool:
        return self.done == len(self.asked)


def suggested_profile(account: OpenAccount) -> Profile:
    """The profile that the account itself suggests."""
    if ask(account, "account.kind").value in ("management", "member"):
        return "several"
    people = ask(account, "users.human").value
    return "team" if isinstance(people, tuple) and len(people) > 1 else "one"


def playbook(account: OpenAccount, choices: Choices = Choices()) -> Playbook:  # noqa: B008  (frozen)
    """Every step of the profile with its status, in the profile's order."""
    recorded = recorded_topics(account.snapshot.account)
    choices = msgspec.structs.replace(choices, decided=(*choices.decided, *recorded))
    profile = choices.profile or suggested_profile(account)
    kind = ask(account, "account.kind").value
    kind = kind if isinstance(kind, str) else None
    steps = [step for step in steps_of(account, profile) if kind is None or kind in step.kinds]
    judged = {step.id: judge_all(account, step.done) if step.done else None for step in steps}
    done = {step.id for step in steps if _is_done(account, step, judged[step.id], choices)}
    met = done | {id for id, judgement in judged.items() if judgement is not None and judgement.holds}
    here = {step.id for step in steps} - set(choices.left_out)
    found = [
        _status(account, step, number, judged[step.id], (done, met), here, choices, profile)
        for number, step in enumerate(steps, 1)
    ]
    return Playbook(account.snapshot.account, kind, profile, tuple(_with_end(found)))


def _is_done(account: OpenAccount, step: Step, judgement: Judgement | None, choices: Choices) -> bool:
    """Seen whole; or seen as far as it can be, and confirmed. What is seen to be open is not done by saying so."""
    holds, said = judgement.holds if judgement else None, step.id in choices.said
    if holds is False:
        return said and step.settles
    if holds is None:
        return said and (judgement is not None or bool(step.confirm))
    return said or not _needs_word(account, step)


def _needs_word(account: OpenAccount, step: Step) -> bool:
    return bool(step.confirm) and not (step.unless and judge(account, step.unless).holds)


def steps_of(account: OpenAccount, profile: Profile) -> tuple[Step, ...]:
    """The profile's steps in its order."""
    known: Mapping[str, Step] = load("setup", tuple(account.knowledge))
    placed = [(getattr(step.places, profile), step) for step in known.values()]
    return tuple(step for place, step in sorted(((p, s) for p, s in placed if p is not None), key=lambda item: item[0]))


def _status(
    account: OpenAccount,
    step: Step,
    number: int,
    judgement: Judgement | None,
    so_far: tuple[set[str], set[str]],
    here: set[str],
    choices: Choices,
    profile: Profile,
) -> StepStatus:
    """`so_far`: the steps that are done, and those whose facts hold: what follows need not wait for a word on them."""
    done, met = so_far
    offered = profile in step.offered and step.id not in choices.wanted
    evidence, gaps = (judgement.evidence, judgement.gaps) if judgement else ((), ())
    base = StepStatus(step, number, "left-out", offered, evidence, gaps)
    if step.id in choices.left_out:
        return base
    if step.id in done:
        return msgspec.structs.replace(base, status="done", said=_said(account, step, judgement, choices))
    waits = tuple(name for name in step.needs if name in here and name not in met)
    if waits:
        return msgspec.structs.replace(base, status="waits", waits_for=waits)
    base = msgspec.structs.replace(base, asks=_asks(step, judgement))
    if judgement is not None and judgement.holds is None:
        return msgspec.structs.replace(base, status="unknown", changes=_changes(account, step, choices))
    if judgement is not None and judgement.holds:
        by_hand = tuple(change for change in _changes(account, step, choices) if not change.operations)
        return msgspec.structs.replace(base, status="yours", changes=by_hand)
    return _to_do(account, step, base, choices)


def _said(account: OpenAccount, step: Step, judgement: Judgement | None, choices: Choices) -> str:
    """The day of the user's word where the step rests on it; empty where the account shows it all."""
    shown = judgement is not None and judgement.holds and not _needs_word(account, step)
    return "" if shown else choices.said.get(step.id, "")


def _asks(step: Step, judgement: Judgement | None) -> str:
    """What to confirm now: not while the account itself says that it is open."""
    if judgement is not None and judgement.holds is False and not step.settles:
        return ""
    if judgement is not None and judgement.holds is None:
        return step.confirm or f"{step.title}."
    return step.confirm


def _to_do(account: OpenAccount, step: Step, base: StepStatus, choices: Choices) -> StepStatus:
    """A step that lacks a value is the user's, whatever it could call then."""
    changes = _changes(account, step, choices)
    found = msgspec.structs.replace(base, status="yours", changes=changes)
    if step.decide and step.decide not in choices.decided:
        return msgspec.structs.replace(found, status="decide")
    return found if found.by_hand or found.needs else msgspec.structs.replace(found, status="ready")


def _changes(account: OpenAccount, step: Step, choices: Choices) -> tuple[Change, ...]:
    return tuple(
        change
        for template in step.templates
        for change in fill(template, account, values=choices.values.get(template), folders=account.knowledge)
        if change.operations or change.by_hand or change.note
    )


def _with_end(found: list[StepStatus]) -> Iterable[StepStatus]:
    """The last step, which nothing in the account can show, is done when all the others are."""
    for item in found:
        if item.step.done or item.status == "left-out" or item.step.templates or item.step.confirm:
            yield item
            continue
        others = [one for one in found if one is not item and not one.is_offered and one.status != "left-out"]
        open_ones = tuple(one.step.id for one in others if one.status != "done")
        yield msgspec.structs.replace(item, status="waits" if open_ones else "done", waits_for=open_ones)


def changes_of(book: Playbook, steps: Iterable[str] | None = None) -> tuple[Change, ...]:
    """The changes with calls of the named steps, or of all that are ready and lack no value.

    Raises:
        UsageError: a named step is not in the playbook, or still needs a value.
    """
    if steps is None:
        chosen = [item for item in book.asked if item.status == "ready" and not item.needs]
    else:
        chosen = [step_of(book, id) for id in steps]
        for item in chosen:
            if item.needs:
                template, name, words = item.needs[0]
                raise UsageError(f"step {item.step.id} still needs a value: {template}.{name} ({words})")
    return tuple(change for item in chosen for change in item.changes if change.operations and not change.needs)


def step_of(book: Playbook, id: str) -> StepStatus:
    """A step of the playbook by its id, in any case.

    Raises:
        UsageError: the profile has no such step.
    """
    for item in book.steps:
        if item.step.id.lower() == id.lower():
            return item
    names = [item.step.id for item in book.steps]
    raise UsageError(f"there is no step `{id}` for this profile{nearest(id, names)}")


SCHEMA = "advisor/choices/1"


def choices_file(account: str, folder: Path | None = None) -> Path:
    return (folder or state_folder() / "setup") / f"{account}.json"


def load_choices(account: str, folder: Path | None = None) -> Choices:
    """What was chosen for the account; nothing where nothing was, or where the file is broken.

    Raises:
        InputError: a newer version of the advisor wrote it.
    """
    return _read_choices(choices_file(account, folder)) or Choices()


def _read_choices(file: Path) -> Choices | None:
    try:
        plain = msgspec.json.decode(file.read_bytes())
        refuse_newer(plain.get("schema") if isinstance(plain, dict) else None, SCHEMA, str(file))
        return msgspec.convert(plain, Choices)
    except (OSError, msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _is_ours(file: Path) -> bool:
    try:
        return _read_choices(file) is not None
    except InputError:
        return False


def save_choices(account: str, choices: Choices, folder: Path | None = None) -> None:
    """Keep what was chosen, as a whole or not at all, readable by its owner only.

    Raises:
        InputError: the disk refuses.
    """
    path = choices_file(account, folder)
    make_private(path.parent)
    if path.is_file() and not _is_ours(path):
        set_aside(path)
    write_private(path, msgspec.json.encode({"schema": SCHEMA, **msgspec.to_builtins(choices)}))


def recorded_topics(account: str, folder: str | Path | None = None) -> tuple[str, ...]:
    """The topics with a decision record in force for the account; a folder with a broken record decides nothing."""
    from advisor.decide.record import listing

    try:
        records = listing(folder)
    except InputError:
        return ()
    return tuple(
        dict.fromkeys(
            record.front.topic for record in records if record.is_in_force and record.front.account == account
        )
    )


def profile_of(text: str) -> Profile:
    """A profile by its id or its words.

    Raises:
        UsageError: there is no such profile.
    """
    for id, words in PROFILES.items():
        if text.strip().lower() in (id, words):
            return id
    raise UsageError(f"there is no profile `{text}`", advice=f"one of {', '.join(PROFILES)}")
