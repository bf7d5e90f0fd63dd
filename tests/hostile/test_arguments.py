"""Every argument and option of every command that takes a text is given each text that means harm: told as text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from advisor.account import Advisor
from advisor.change.export import FORMATS
from advisor.change.plan import new_plan, read_plan, write_plan
from advisor.cli.main import COMMANDS, build, run
from advisor.collect.saved import save
from tests.change.small_account import small_account
from tests.hostile.corpus import MARK
from tests.hostile.test_commands import NAMES, NEVER, UNSEEN, leaves, shaped
from tests.hostile.test_runs import CHANGES
from tests.policies import ACCOUNT, iam

TOGETHER = " ".join(NAMES)
LEAD_AWAY = {"endpoint_url", "profile", "regions"}
"""Options that name a live account: tests ask none."""
SOUND = {
    "action": "s3:GetObject",
    "principal": iam("user/ana"),
    "account": ACCOUNT,
    "old": "small",
    "new": "small",
    "message": f"User: {iam('user/ana')} is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::x/y",
}
"""What is given for the other texts that a command needs."""


def cases() -> Iterator[tuple[str, str]]:
    """(command, its parameter that takes a text)."""
    group = build()
    context = click.Context(group)
    for name in COMMANDS:
        command = group.get_command(context, name)
        assert command is not None
        for own, item in leaves(command, name):
            if own != "serve":  # it would serve: the file is opened by the app
                yield from ((own, str(one.name)) for one in item.params if takes_text(one))


def takes_text(parameter: click.Parameter) -> bool:
    is_flag = isinstance(parameter, click.Option) and parameter.is_flag
    return isinstance(parameter.type, click.types.StringParamType) and not is_flag and parameter.name not in LEAD_AWAY


def command_of(name: str) -> click.Command:
    group: click.Command = build()
    for word in name.split():
        assert isinstance(group, click.Group)
        found = group.get_command(click.Context(group), word)
        assert found is not None
        group = found
    return group


def line_of(name: str, parameter: str, text: str, source: str) -> list[str]:
    """The command with the text in one place, and something sound wherever else something is needed."""
    options, arguments = [], []
    for one in command_of(name).params:
        is_needed = one.required or one.name == "message"
        value = text if one.name == parameter else SOUND.get(str(one.name), "x") if is_needed else None
        if one.name == "files" and parameter != "files":
            value = source
        if value is not None and isinstance(one, click.Argument):
            arguments.append(value)
        elif value is not None:
            options.append(f"{one.opts[0]}={value}" if one.opts[0].startswith("--") else f"{one.opts[0]}{value}")
    return [*name.split(), *options, "--", *arguments]


@pytest.mark.parametrize(("name", "parameter"), cases())
def test_what_is_given_is_told_as_text(
    name: str, parameter: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    save(small_account(), tmp_path / "small")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path))
    is_first = parameter == next(one for own, one in cases() if own == name)
    for text in (TOGETHER, *(NAMES if is_first else ())):
        code = run(line_of(name, parameter, text, "small"))
        told = capsys.readouterr()
        assert code != 70 and "Traceback" not in told.err, (text, told.err)
        for shown in told:
            assert not NEVER.search(shown), (text, NEVER.search(shown))
        assert not UNSEEN.search(told.err), text


def test_an_argument_reaches_the_command_at_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above means something only if what is given is spoken of."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path))
    save(small_account(), tmp_path / "small")
    spoken = 0
    for name, parameter in cases():
        run(line_of(name, parameter, "qzq-qzq", str(tmp_path / "small")))
        told = capsys.readouterr()
        spoken += "qzq-qzq" in told.out + told.err
    assert spoken > len(list(cases())) / 2


@pytest.mark.parametrize("format", FORMATS)
def test_a_plan_is_exported_as_text(format: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(shaped(), tmp_path / "account")
    write_plan(new_plan(Advisor((shaped(),)), CHANGES), tmp_path / "plan.yaml")
    assert (
        run(["plan", "show", str(tmp_path / "plan.yaml"), "--export", format, "--from", str(tmp_path / "account")]) == 0
    )
    told = capsys.readouterr()
    assert MARK in told.out
    assert not NEVER.search((tmp_path / "plan.yaml").read_text()), "the plan is for people to read, too"
    assert [one.operations for one in read_plan(tmp_path / "plan.yaml").changes] == [one.operations for one in CHANGES]
    assert not NEVER.search(told.out) and not NEVER.search(told.err)
