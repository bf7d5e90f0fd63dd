"""Every command in every format, on an account that means harm: what comes out is text and nothing else.

The same account with plain names is written too: the hostile one may hold no element, tag or key that that has not.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import click
import msgspec
import pytest
import yaml

from advisor.change.export import FORMATS, export
from advisor.cli.main import COMMANDS, build, run
from advisor.collect.saved import save
from advisor.decide.trees import trees
from advisor.errors import UsageError
from advisor.model.change import Change, Operation
from advisor.model.principal import Group, Role, User
from advisor.model.resource import Resource
from advisor.model.snapshot import Snapshot
from tests.hostile.account import ACCOUNT, IAM, harmless, snapshot, statement
from tests.hostile.corpus import MARK, TEXTS
from tests.policies import written

NEVER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Characters that a terminal or a reader may obey, in any output."""
UNSEEN = re.compile("[\xad\u200b-\u200d\u2060-\u2064\ufeff\U000e0001-\U000e007f]")
SHELL = TEXTS["shell"]
WHO = f"{IAM}:user/{SHELL}"
ASKED: dict[str, list[list[str]]] = {
    "who-can": [["s3:GetObject", "*", "--via"], [f"s3:{MARK}", f"arn:aws:s3:::{SHELL}/*"]],
    "can": [[WHO, "s3:GetObject", "--explain"], [f"{IAM}:user/{MARK}", "s3:GetObject"]],
    "what-can": [[WHO]],
    "denied": [[f"User: {WHO} is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::{SHELL}/x"]],
    "paths": [["--all"], ["--source", WHO]],
    "cut": [["--tolerate", WHO]],
    "findings": [[]],
    "findings accept": [["no-such", "--owner", SHELL, "--reason", TEXTS["osc"], "--until", "2027-01-01"]],
    "findings reopen": [[TEXTS["osc"]]],
    "graph": [[], ["--around", WHO, "--hops", "1"]],
    "setup": [["--for", "one"]],
    "setup status": [["--for", "one"]],
    "setup record": [["--for", "one", "-o", "PRINTED"]],
    "decide": [[], ["people", "--suggested"]],
    "plan new": [["--findings", "-o", "PLAN"]],
    "setup plan": [["--for", "one", "-o", "SETUP"]],
    "plan show": [["PLAN"]],
    "record list": [["--dir", "RECORDS"]],
    "record show": [["1", "--dir", "RECORDS"]],
    "record verify": [["--dir", "RECORDS"]],
    "record print": [["1", "--dir", "RECORDS", "-o", "PRINTED"]],
    "compare": [["HOSTILE", "PLAIN"]],
    "collect": [["-o", "COLLECTED"]],
}
ELSEWHERE = {
    "setup apply": "writes to AWS; its table is that of `setup plan`",
    "apply": "in `test_runs.py`",
    "undo": "in `test_runs.py`",
    "keep": "in `test_runs.py`",
    "journal": "in `test_runs.py`",
    "doctor": "in `test_runs.py`",
    "serve": "opens the app, whose screens are tested",
    "permissions": "speaks of no account",
    "knowledge check": "speaks of no account",
    "completion": "speaks of no account",
}


class Out(NamedTuple):
    text: str
    aside: str


def leaves(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    if any(parameter.name == "format" for parameter in command.params):
        yield name, command
    for own, item in command.commands.items() if isinstance(command, click.Group) else ():
        yield from leaves(item, f"{name} {own}")


def commands() -> dict[str, tuple[tuple[str, ...], bool]]:
    """Each command with its formats, and whether it reads an account."""
    group = build()
    context = click.Context(group)
    found: dict[str, tuple[tuple[str, ...], bool]] = {}
    for name in COMMANDS:
        command = group.get_command(context, name)
        assert command is not None
        for own, item in leaves(command, name):
            choice = next(parameter.type for parameter in item.params if parameter.name == "format")
            assert isinstance(choice, click.Choice)
            found[own] = tuple(choice.choices), any(parameter.name == "files" for parameter in item.params)
    return found


CASES = [
    (name, format, at)
    for name, (formats, _) in commands().items()
    for format in formats
    for at in range(len(ASKED.get(name, ())))
    if (name, format) != ("compare", "json")  # the same differences as the table's, and slow
]
SHAPED = ("html", "svg", "graphml")
"""Formats whose elements are compared with those of the plain account."""


def plainly(word: str) -> str:
    return word.replace(SHELL, f"name{list(TEXTS).index('shell')}")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    save(snapshot(), folder / "hostile.json")
    save(harmless(), folder / "plain.json")
    return folder


def ask(place: Path, which: str, words: list[str], capsys: pytest.CaptureFixture[str]) -> Out:
    """Run a command on one of the two accounts; names in capitals stand for files of that account."""
    files = {
        word: str(place / f"{which}-{word.lower()}") for word in ("PLAN", "SETUP", "PRINTED", "COLLECTED", "RECORDS")
    }
    files |= {
        "PLAN": f"{files['PLAN']}.yaml",
        "SETUP": f"{files['SETUP']}.yaml",
        "COLLECTED": f"{files['COLLECTED']}.json",
    }
    files |= {"HOSTILE": str(place / "hostile.json"), "PLAIN": str(place / "plain.json")}
    given = [files.get(word, word) for word in words]
    name = next(name for name in (" ".join(words[:2]), words[0]) if name in commands())
    source = ["--from", str(place / f"{which}.json")] if commands()[name][1] and name != "compare" else []
    capsys.readouterr()
    code = run([*given, *source])
    told = capsys.readouterr()
    assert code != 70, told.err
    assert "Traceback" not in told.err
    return Out(told.out, told.err)


@pytest.fixture(scope="module")
def prepared(place: Path) -> Path:
    """Plans and records of both accounts, for the commands that read them."""
    for which, by in (("hostile", SHELL), ("plain", "somebody")):
        source = ["--from", str(place / f"{which}.json"), "-q"]
        run(["plan", "new", "--findings", "-o", str(place / f"{which}-plan.yaml"), *source])
        run(["setup", "plan", "--for", "one", "-o", str(place / f"{which}-setup.yaml"), *source])
        record(source, place / f"{which}-records", place / "answers.yaml", by)
    return place


def record(source: list[str], folder: Path, answers: Path, by: str) -> None:
    """Decide by the first option of each question that comes up, and write the record."""
    answers.write_text("{}\n")
    for _ in range(20):
        told = io.TextIOWrapper(io.BytesIO(), "utf-8")
        with contextlib.redirect_stdout(told):
            run(["decide", "people", "--answers", str(answers), "--by", by, "--dir", str(folder), "--json", *source])
        told.seek(0)
        asked = json.load(told).get("open_question")
        if not asked:
            return
        tree, question = asked.split(".")
        option = trees()[tree].questions[question].options[0].id
        answers.write_text(answers.read_text().replace("{}\n", "") + f"{asked}: {option}\n")


def test_every_command_is_asked_or_said_why_not() -> None:
    assert set(commands()) == set(ASKED) | set(ELSEWHERE)
    assert not set(ASKED) & set(ELSEWHERE)


@pytest.mark.parametrize(("name", "format", "at"), CASES, ids=lambda value: str(value))
def test_what_comes_out_is_text(
    name: str, format: str, at: int, prepared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*name.split(), *ASKED[name][at], "--format", format]
    hostile = ask(prepared, "hostile", words, capsys)
    plain = ask(prepared, "plain", [plainly(word) for word in words], capsys) if format in SHAPED else Out("", "")
    for text in hostile:
        assert not NEVER.search(text), NEVER.search(text)
        assert format == "csv" or "\r" not in text
    assert not UNSEEN.search(hostile.aside)
    if format in CHECKS and hostile.text.strip():
        CHECKS[format](hostile.text, plain.text)
    if name in ("record print", "setup record"):
        printed(prepared / "hostile-printed", format)


def is_json(hostile: str, plain: str) -> None:
    json.loads(hostile)


def is_table(hostile: str, plain: str) -> None:
    assert not UNSEEN.search(hostile)
    assert "\t" not in hostile


def is_csv(hostile: str, plain: str) -> None:
    rows = list(csv.reader(io.StringIO(hostile, newline="")))
    assert len({len(row) for row in rows}) == 1
    assert [cell for row in rows for cell in row if cell.lstrip()[:1] in ("=", "+", "-", "@") and len(cell) > 1] == []


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[tuple[str, str]] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen |= {(tag, name) for name, _ in attrs} | {(tag, "")}
        self.links |= {value or "" for name, value in attrs if name in ("href", "src", "action", "xlink:href")}


def tags_of(text: str) -> Tags:
    found = Tags()
    found.feed(text)
    return found


def is_html(hostile: str, plain: str) -> None:
    ours, theirs = tags_of(plain), tags_of(hostile)
    assert theirs.seen <= ours.seen | {("mark", ""), ("b", "")}, theirs.seen - ours.seen
    assert not [link for link in theirs.links if not link.startswith(("https://", "#"))]
    assert "<!--drawing-->" not in hostile


def is_xml(hostile: str, plain: str) -> None:
    def shape(text: str) -> set[tuple[str, ...]]:
        return {(element.tag, *sorted(element.attrib)) for element in ElementTree.fromstring(text).iter()}

    assert shape(hostile) <= shape(plain)


def without_strings(text: str, quote: str = r'"(?:[^"\\]|\\.)*"') -> str:
    return re.sub(quote, '""', text, flags=re.S)


def is_dot(hostile: str, plain: str) -> None:
    assert MARK not in without_strings(hostile)
    assert without_strings(hostile).count('"') % 2 == 0


def is_mermaid(hostile: str, plain: str) -> None:
    drawn = "\n".join(line for line in hostile.splitlines() if not line.lstrip().startswith("%% "))
    assert MARK not in re.sub(r'"[^"\n]*"', '""', drawn)
    assert "%%{" not in hostile and "click " not in re.sub(r'"[^"\n]*"', '""', hostile)


def is_markdown(hostile: str, plain: str) -> None:
    """Nothing that Markdown or HTML reads stands before a hostile text without a backslash, outside of code."""
    body = re.sub(r"(?s)\A---\n.*?\n---\n", "", hostile)
    bare = re.sub(r"(?ms)^(`{3,}|~{3,}).*?^\1\s*$|(`+)(?:(?!\2).)+\2", "", body)
    for line in bare.splitlines():
        assert not re.search(rf"(?<!\\)<[a-zA-Z/!][^>]*{MARK}", line), line
        assert not re.search(rf"(?<!\\)\]\((?!https://)[^)]*{MARK}", line), line
        assert not re.match(rf"\s*(#|=|---)+\s*{MARK}$", line), line


CHECKS = {
    **dict.fromkeys(("json", "sarif", "ocsf"), is_json),
    **dict.fromkeys(("svg", "graphml"), is_xml),
    "table": is_table,
    "csv": is_csv,
    "html": is_html,
    "dot": is_dot,
    "mermaid": is_mermaid,
    "md": is_markdown,
}


def printed(file: Path, format: str) -> None:
    data = file.read_bytes()
    if format == "pdf":
        objects = re.sub(rb"\bstream\b.*?\bendstream\b", b"", data, flags=re.S)  # what is packed can spell anything
        assert data.startswith(b"%PDF")
        assert not re.search(rb"/(JavaScript|JS|Launch|EmbeddedFile|OpenAction)\b", objects)
        return
    text = data.decode()
    assert not NEVER.search(text)
    if format == "html":
        assert not [link for link in tags_of(text).links if not link.startswith(("https://", "#"))]
        assert not {
            tag for tag, name in tags_of(text).seen if name.startswith("on") or tag in ("script", "img", "iframe")
        }
    else:
        is_markdown(text, "")


def test_every_format_has_its_check() -> None:
    formats = {format for name, (found, _) in commands().items() if name in ASKED for format in found}
    assert formats - set(CHECKS) == {"pdf"}


NAMES = [text.replace("\0", "") for text in TEXTS.values()]
"""No command line can hold a NUL: such a text is refused."""


def operations() -> list[Operation]:
    """Each hostile text in each place of a call where the account's own words go."""
    found = []
    for number, text in enumerate(NAMES):
        document = written(statement(text))
        user, role, bucket = f"user{number}", f"role{number}", f"bucket{number}"
        found += [
            Operation("iam", "TagUser", {"UserName": user, "Tags": [{"Key": text, "Value": text}]}),
            Operation("iam", "PutUserPolicy", {"UserName": user, "PolicyName": text, "PolicyDocument": document}),
            Operation("iam", "UpdateRole", {"RoleName": role, "Description": text}),
            Operation("s3", "PutBucketPolicy", {"Bucket": bucket, "Policy": document}),
            Operation("iam", "AddUserToGroup", {"UserName": user, "GroupName": text}),
        ]
    return found


def shaped() -> Snapshot:
    """An account that has the things which the calls are about."""
    numbers = range(len(NAMES))
    plain = harmless()
    return msgspec.structs.replace(
        plain,
        users=tuple(User(f"{IAM}:user/user{number}", f"user{number}") for number in numbers),
        roles=tuple(Role(f"{IAM}:role/role{number}", f"role{number}", plain.roles[0].trust) for number in numbers),
        groups=tuple(Group(f"{IAM}:group/{text}", text) for text in NAMES),
        resources=tuple(
            Resource(f"arn:aws:s3:::bucket{number}", "s3:bucket", ACCOUNT, "eu-west-1") for number in numbers
        ),
    )


@pytest.fixture(scope="module")
def exports() -> dict[str, str]:
    changes = [
        Change(f"c{at}", text, (operation,), note=text, by_hand=(text,))
        for at, (operation, text) in enumerate(zip(operations(), NAMES * 5, strict=False))
    ]
    return {format: export(changes, shaped(), format) for format in FORMATS}


@pytest.mark.parametrize("format", FORMATS)
def test_no_terminal_sequence_is_in_an_export(format: str, exports: dict[str, str]) -> None:
    text = exports[format]
    assert MARK in text
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", text)


def test_the_shell_script_runs_nothing_of_the_account(exports: dict[str, str], tmp_path: Path) -> None:
    log, program = tmp_path / "log", tmp_path / "bin" / "aws"
    program.parent.mkdir()
    program.write_text(
        f"#!/usr/bin/env bash\nprintf '%s\\0' \"$@\" >>{log}\nprintf '\\0' >>{log}\n"
        f'[ "$2" != get-caller-identity ] || echo {ACCOUNT}\n'
    )
    program.chmod(0o755)
    environment = {"PATH": f"{program.parent}:/usr/bin:/bin", "HOME": str(tmp_path)}
    script = tmp_path / "bin" / "script.sh"
    script.write_text(exports["cli"])
    done = subprocess.run(["bash", str(script)], env=environment, capture_output=True, cwd=tmp_path, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    calls = [call.split("\0") for call in log.read_text().split("\0\0") if call]
    assert len(calls) == 1 + len(operations())
    assert all(re.fullmatch(r"[a-z0-9-]+", word) for call in calls for word in call[:2])
    assert sorted(item.name for item in tmp_path.iterdir()) == ["bin", "log"], "nothing was made beside the log"
    for call, operation in zip(calls[1:], operations(), strict=True):
        options = [word.partition("=")[0] for word in call[2:] if word.startswith("--") and MARK not in word[:20]]
        assert len(options) >= len(operation.parameters) - 1, call
    assert [json.loads(call[-1])[0]["Key"] for call in calls if call[1] == "tag-user"] == NAMES


def test_a_text_that_no_command_can_be_handed_is_refused() -> None:
    tag = Operation("iam", "UpdateRole", {"RoleName": "role0", "Description": "a\0b"})
    with pytest.raises(UsageError, match="NUL"):
        export((Change("x", "x", (tag,)),), shaped(), "cli")


def test_what_looks_alike_is_declared_apart(exports: dict[str, str]) -> None:
    names = ("a-b", "a.b", "a b", "a-b-2")
    made = [Operation("iam", "CreateUser", {"UserName": name}) for name in names]
    changes = (Change("x", "x", tuple(made)),)
    assert len(yaml.safe_load(export(changes, harmless(), "cloudformation"))["Resources"]) == len(names)
    terraform = export(changes, harmless(), "terraform")
    assert len(set(re.findall(r'^resource "aws_iam_user" "(\w+)"', terraform, re.M))) == len(names)


def test_terraform_holds_names_in_strings_only(exports: dict[str, str]) -> None:
    lines = "\n".join(line for line in exports["terraform"].splitlines() if not line.lstrip().startswith("#"))
    outside = re.findall(rf"\S*{MARK}\S*", without_strings(lines))
    assert [word for word in outside if not re.fullmatch(r"[a-z][\w.]*", word)] == [], "names of blocks are words"
    for string in re.findall(r'"(?:[^"\\]|\\.)*"', lines):
        loose = string.replace("$${", "").replace("%%{", "")
        assert not re.search(rf"[$%]{{[^}}]*{MARK}", loose), string
    assert "<<" not in without_strings(lines)


def test_cloudformation_holds_names_as_plain_strings(exports: dict[str, str]) -> None:
    template = yaml.safe_load(exports["cloudformation"])

    def look(value: object) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                assert not (str(key) == "Fn::Sub" and MARK in str(item)), item
                look(item)
        elif isinstance(value, list):
            for item in value:
                look(item)
        elif isinstance(value, str):
            assert not re.search(rf"{{{{resolve:[^}}]*{MARK}", value), value

    look(template["Resources"])
    assert len(template["Resources"]) > len(TEXTS)
    assert all(re.fullmatch(r"[A-Za-z0-9]+", name) for name in template["Resources"])


def test_names_of_files_hold_no_path(prepared: Path) -> None:
    """Whatever an account is called, its files stand in the folder that was named."""
    assert not list(prepared.parent.glob(f"*{MARK}*"))
    assert not [item for item in prepared.rglob("*") if MARK in item.name]
