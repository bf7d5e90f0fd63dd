"""Every screen there is, on an account that means harm: what it shows and what its picture holds is text."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from textual.screen import Screen

import screens
from advisor.change.journal import RunState, Step, StepState
from advisor.collect.saved import save
from advisor.decide.walk import Walk
from advisor.errors import SignInError
from advisor.model.change import Change, Operation
from screens.app import AdvisorApp
from screens.base import AdvisorScreen
from tests.hostile.account import IAM, snapshot
from tests.hostile.corpus import MARK, TEXTS
from tests.hostile.test_commands import record
from tests.screens.stage import screen_text, settle, staged

for module in pkgutil.walk_packages(screens.__path__, "screens."):
    importlib.import_module(module.name)

TALL = (150, 70)
NEVER = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
OSC, SHELL, MARKUP = TEXTS["osc"], TEXTS["shell"], TEXTS["rich markup"]
WHO = f"{IAM}:user/{TEXTS['rich markup']}"
OPERATION = Operation(
    "iam", "TagUser", {"UserName": OSC, "Tags": [{"Key": MARKUP, "Value": SHELL}]}, account="111122223333"
)
CHANGES = tuple(
    Change(f"c{at}", text, (OPERATION,), note=text, by_hand=(text,)) for at, text in enumerate(TEXTS.values())
)


def every_screen() -> set[str]:
    """Names of all screens that the app can show."""

    def below(kind: type) -> Iterator[type]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    return {kind.__name__ for kind in below(Screen) if kind.__module__.startswith("screens.")} - {
        "AdvisorScreen",
        "FileDialog",
        "JudgedScreen",
    }


def made_by(app: AdvisorApp, folder: Path) -> dict[str, Callable[[], Screen[Any]]]:
    """How to make each screen out of hostile things."""
    from advisor.change.setup import Choices
    from advisor.change.setup_answers import profile_changes
    from advisor.decide.record.shelf import listing
    from screens import (
        accept,
        arming,
        ask,
        code,
        confirm,
        copy_menu,
        coverage,
        cut,
        decide,
        doctor,
        drawing,
        explore,
        findings,
        fix,
        help,
        home,
        makers,
        messages,
        needs,
        node,
        path_why,
        paths,
        plan,
        policy,
        preview,
        printing,
        reading,
        records,
        run,
        setup,
        setup_words,
        tolerate,
        verdict,
        walk,
        welcome,
        write,
    )  # fmt: skip

    session, opening = app.session, app.opening
    advisor = session.advisor
    assert advisor is not None
    here = advisor.snapshot
    document = here.policies[1].versions[0].document
    case = verdict.Case(WHO, "s3:GetObject", f"arn:aws:s3:::{SHELL}/x", {f"aws:PrincipalTag/{OSC}": (OSC,)}, OSC)
    failed = SignInError(f"the profile {OSC} {MARKUP} is not known", advice=SHELL)
    return {
        "AcceptScreen": lambda: accept.AcceptScreen(advisor.findings().findings[0]),
        "ArmScreen": lambda: arming.ArmScreen(here.account, is_demo=False),
        "AskScreen": lambda: ask.AskScreen(session, "who", f"read {MARK}"),
        "CodeScreen": lambda: code.CodeScreen(f"MFA code of {OSC} {MARKUP}"),
        "ConfirmScreen": lambda: confirm.ConfirmScreen([OSC, MARKUP, SHELL], MARKUP, OSC, other=SHELL, ask_reason=True),
        "CopyScreen": lambda: copy_menu.CopyScreen([("the ARN", OSC), ("the policy", MARKUP)]),
        "CoverageScreen": lambda: coverage.CoverageScreen(session),
        "CutScreen": lambda: cut.CutScreen(session),
        "DecideScreen": lambda: decide.DecideScreen(session),
        "DoctorScreen": lambda: doctor.DoctorScreen(session, (OSC,)),
        "DrawingScreen": lambda: drawing.DrawingScreen(session, here.users[4].arn, (OSC,)),
        "ExploreScreen": lambda: explore.ExploreScreen(session),
        "FindingsScreen": lambda: findings.FindingsScreen(session),
        "FixScreen": lambda: fix.FixScreen({OSC: (SHELL,)}, MARKUP),
        "HelpScreen": lambda: help.HelpScreen(app.screen),
        "HomeScreen": lambda: home.HomeScreen(session),
        "MakersScreen": makers.MakersScreen,
        "MessagesScreen": lambda: messages.MessagesScreen(session, (OSC,)),
        "NeedsScreen": lambda: needs.NeedsScreen({MARKUP: OSC, SHELL: MARKUP}),
        "NodeScreen": lambda: node.NodeScreen(session, "user", here.users[4].arn, (MARKUP,)),
        "PathWhyScreen": lambda: path_why.PathWhyScreen(session, advisor.paths().paths[0]),
        "PathsScreen": lambda: paths.PathsScreen(session),
        "PlanScreen": lambda: plan.PlanScreen(session),
        "PolicyScreen": lambda: policy.PolicyScreen(session, MARKUP, document, (OSC,), (0,)),
        "PreviewScreen": lambda: preview.PreviewScreen(session, CHANGES[:3], MARKUP, (OSC,)),
        "PrintScreen": lambda: printing.PrintScreen(listing(folder)[0]),
        "ProfileScreen": lambda: setup_words.ProfileScreen(profile_changes(advisor, Choices(profile="one"))),
        "ReadingScreen": lambda: reading.ReadingScreen(session, opening),
        "RecordScreen": lambda: records.RecordScreen(session, listing(folder)[0]),
        "RecordsScreen": lambda: records.RecordsScreen(session),
        "RunScreen": lambda: run.RunScreen(session, state=halted()),
        "SetupScreen": lambda: setup.SetupScreen(session),
        "SwitcherScreen": lambda: welcome.SwitcherScreen(session, opening, failed=failed),
        "TolerateScreen": lambda: tolerate.TolerateScreen(session, [user.arn for user in here.users], (WHO,)),
        "VerdictScreen": lambda: verdict.VerdictScreen(session, case, (MARKUP,)),
        "WalkScreen": lambda: walk.WalkScreen(session, Walk.start("people")),
        "WelcomeScreen": lambda: welcome.WelcomeScreen(session, opening, failed=failed),
        "WriteScreen": lambda: write.WriteScreen(MARKUP, {"a": ("Markdown", "md")}, SHELL, str),
    }


def halted() -> RunState:
    """A run that stopped at an answer of AWS's, which tells hostile names."""
    steps = tuple(
        StepState(
            Step(at, at, change.title, OPERATION, subject=change.title), "failed" if at else "done", error=change.title
        )
        for at, change in enumerate(CHANGES)
    )
    return RunState(
        "20261124-090000-abcd", "111122223333", "2026-11-24T09:00:00+00:00", "stopped", steps, overrides={OSC: SHELL}
    )


@pytest.fixture(scope="module")
def hostile_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("hostile") / "account.json"
    save(snapshot(), file)
    return file


def checked(app: AdvisorApp, name: str) -> None:
    """The screen as text, and its picture as a file: no control character, no element that is not a picture's."""
    text = screen_text(app)
    assert not NEVER.search(text), (name, NEVER.search(text))
    picture = app.export_screenshot()
    assert not NEVER.search(picture.replace("\t", " ")), name
    elements = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(picture).iter()}
    assert elements <= {"svg", "style", "defs", "clipPath", "rect", "g", "text", "circle"}, (name, elements)
    assert "app.quit" not in str([span.style for span in getattr(app.screen.title, "spans", ())])


async def test_each_screen_shows_names_as_text(
    hostile_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path))
    record(["--from", str(hostile_file), "-q"], tmp_path / "iam-records", tmp_path / "answers.yaml", SHELL)
    async with staged([hostile_file], TALL) as stage:
        app = stage.app
        makers = made_by(app, tmp_path / "iam-records")
        assert set(makers) == every_screen()
        app.session.plan = CHANGES[:2]
        for text in TEXTS.values():
            app.notify(text, markup=False)
        shown = 0
        for name, make in makers.items():
            app.push_screen(make())
            await settle(stage.pilot)
            checked(app, name)
            shown += MARK in screen_text(app)
            if isinstance(app.screen, AdvisorScreen) and name != "RunScreen":
                await stage.press("G")
                checked(app, name)
            while len(app.screen_stack) > 1:
                app.pop_screen()
            await stage.pilot.pause()
            assert app.is_running
        assert shown > 25, "most of the screens show names"


async def test_the_palette_and_the_messages_hold_names_as_text(
    hostile_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    async with staged([hostile_file], TALL) as stage:
        await stage.press("colon")
        await stage.type(MARK)
        checked(stage.app, "palette")
        await stage.press("escape", "M")
        checked(stage.app, "messages")
