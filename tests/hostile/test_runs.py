"""What is applied, taken back and remembered, where names, titles and AWS's own answers mean harm.

AWS is a server of the test that refuses every call in hostile words.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import pytest

from advisor.account import Advisor
from advisor.change.journal import begin, journal_folder, read_run
from advisor.change.plan import new_plan, write_plan
from advisor.change.steps import steps_for
from advisor.cli.main import run
from advisor.model.change import Change
from advisor.model.effects import with_undo
from tests.hostile.account import ACCOUNT
from tests.hostile.corpus import MARK, TEXTS
from tests.hostile.test_commands import ELSEWHERE, NAMES, NEVER, SHELL, UNSEEN, operations, shaped

SHOWABLE = "".join(text for text in " ".join(TEXTS.values()) if text.isprintable() or text in "\n\t")
"""What XML can carry of all texts at once."""
HERE = {"apply", "apply --resume", "undo", "keep", "journal", "doctor"}


class Refusing(BaseHTTPRequestHandler):
    """IAM and STS: who the caller is, and that nothing is allowed, told in the words of the corpus."""

    def do_POST(self) -> None:
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if asked["Action"] == ["GetCallerIdentity"]:
            inside = (
                f"<Arn>arn:aws:iam::{ACCOUNT}:user/{escape(SHELL)}</Arn><UserId>A</UserId><Account>{ACCOUNT}</Account>"
            )
            result = f"<GetCallerIdentityResult>{inside}</GetCallerIdentityResult>"
            self._answer(200, f"<GetCallerIdentityResponse>{result}</GetCallerIdentityResponse>")
        else:
            told = f"<Error><Code>AccessDenied</Code><Message>{escape(SHOWABLE)}</Message></Error>"
            self._answer(403, f"<ErrorResponse>{told}</ErrorResponse>")

    def _answer(self, status: int, text: str) -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def live(aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The options that name the live account; what is read of it is the account that the calls are about."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("advisor.account.open_account", lambda *_, **__: Advisor((shaped(),)))
    return ["--account", ACCOUNT, "--yes", "--endpoint-url", aws]


CHANGES = tuple(
    with_undo(Change(f"c{at}", text, (operation,), note=text), shaped())
    for at, (operation, text) in enumerate(
        zip([one for one in operations() if one.service == "iam"], NAMES * 4, strict=False)
    )
)


@pytest.fixture
def kept(live: list[str]) -> str:
    """A run in the journal: calls that were done and one that AWS refused, with hostile titles, subjects and errors."""
    steps = steps_for(CHANGES, shaped())
    name, journal = begin(
        journal_folder(),
        ACCOUNT,
        steps,
        snapshot=SHELL,
        endpoint_url=live[-1],
        undo_after=3600,
        overrides=dict.fromkeys(NAMES, SHELL),
    )
    for step in steps[:-1]:
        journal.write("calling", step=step.number)
        journal.write("done", step=step.number, result={})
    journal.write("calling", step=steps[-1].number)
    journal.write("failed", step=steps[-1].number, error=" ".join(NAMES))
    journal.close()
    state = read_run(name)
    assert (state.done, state.steps[-1].status) == (len(steps) - 1, "failed")
    return name


def told(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What a command says, in both formats: text and nothing else."""
    found = ""
    for format in ("table", "json"):
        capsys.readouterr()
        code = run([*words, "--format", format])
        out = capsys.readouterr()
        assert code != 70 and "Traceback" not in out.err, out.err
        for text in out:
            assert not NEVER.search(text), (words, NEVER.search(text))
            assert "\r" not in text
        assert not UNSEEN.search(out.err)
        if format == "json" and out.out.strip():
            json.loads(out.out)
        else:
            assert not UNSEEN.search(out.out) and "\t" not in out.out
        found += out.out + out.err
    return found


def test_every_command_that_changes_or_remembers_is_here() -> None:
    """What stands elsewhere speaks of no account, or is `setup apply`, which shows and applies as these do."""
    assert {name.split(" --")[0] for name in HERE} < set(ELSEWHERE)
    speaks = {name for name, why in ELSEWHERE.items() if "speaks of no account" not in why}
    assert speaks - {"setup apply", "serve"} == {name.split(" --")[0] for name in HERE}


@pytest.mark.parametrize("command", sorted(HERE))
def test_what_is_applied_and_remembered_is_told_as_text(
    command: str, live: list[str], kept: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = tmp_path / "plan.yaml"
    write_plan(new_plan(Advisor((shaped(),)), CHANGES), plan)
    overrides = [word for guard in ("permission", "quota", "break-glass", "administrator", "caller", "recent-use")
                 for word in ("--override", f"{guard}={SHELL}")]  # fmt: skip
    words = {
        "apply": ["apply", str(plan), *live, *overrides],
        "apply --resume": ["apply", "--resume", *live],
        "undo": ["undo", kept, *live],
        "keep": ["keep", kept],
        "journal": ["journal", kept],
        "doctor": ["doctor", "--endpoint-url", live[-1]],
    }[command]
    assert MARK in told(words, capsys), "the names are shown at all"
    told(["journal"], capsys)
    told(["journal", kept], capsys)
