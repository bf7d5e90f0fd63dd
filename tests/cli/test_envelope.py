"""What every command keeps: where output goes, how errors read, which exit code ends it."""

from __future__ import annotations

import gzip
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from advisor.cli.main import COMMANDS
from tests.cli.conftest import ACCOUNT, EXPORT, Advise

ADVISOR = str(Path(sys.executable).with_name("advisor"))


def test_help_lists_every_command_once(advise: Advise) -> None:
    listing = advise("--help")
    assert listing.code == 0
    for name in COMMANDS:
        assert sum(line.split()[:1] == [name] for line in listing.out.splitlines()) == 1, name


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(advise: Advise, name: str) -> None:
    helped = advise(name, "--help")
    assert helped.code == 0
    assert helped.out.startswith(f"Usage: advisor {name}")
    assert len(helped.out.splitlines()) > 4


def test_help_documents_the_exit_codes(advise: Advise) -> None:
    text = advise("--help").out
    for code in (0, 1, 2, 3, 4, 5, 6, 130):
        assert any(line.split()[:1] == [str(code)] for line in text.splitlines()), code


def test_without_a_terminal_the_bare_command_helps(advise: Advise) -> None:
    assert advise().out.startswith("Usage: advisor")


def test_without_a_terminal_the_app_says_what_to_do(advise: Advise) -> None:
    refused = advise("--demo")
    assert refused.code == 2
    assert "terminal" in refused.err


def test_the_version_is_the_package_s(advise: Advise) -> None:
    import advisor

    words = advise("--version").out.split()
    assert words[:2] == ["advisor", advisor.__version__]
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", words[-1])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("whocan",), "did you mean `who-can`?"),
        (("who-can",), "`ACTION`"),
        (("who-can", "s3:GetObject", "--nonsense"), "`--nonsense`"),
        (("who-can", "s3:GetObject", "--from", "x", "--demo"), "`--from`"),
        (("who-can", "s3:GetObject", "--json", "--format", "table"), "contradict"),
        (("can", "a", "s3:GetObject", "--expect", "maybe"), "maybe"),
        (("can", "ana", "", "--expect", "denied"), "is no action"),
        (("can", "ana", "s3:GetObject", "a bucket", "--expect", "denied"), "is no resource"),
        (("can", f"arn:aws:iam::{ACCOUNT}:user/anna", "s3:GetObject", "--expect", "denied"), "did you mean"),
        (("who-can", "xyzzy"), "is no action"),
    ],
)
def test_wrong_usage_ends_with_two_lines_and_code_2(
    advise: Advise, export: Path, arguments: tuple[str, ...], said: str
) -> None:
    source = () if "--from" in arguments else ("--from", export)
    failed = advise(*arguments, *source)
    assert failed.code == 2
    assert failed.out == ""
    assert said in failed.err
    assert failed.err.startswith("advisor: ")
    assert len(failed.err.splitlines()) <= 2


def test_a_context_that_is_no_pair_says_how_to_write_it(advise: Advise, export: Path) -> None:
    failed = advise("who-can", "s3:GetObject", "--from", export, "--context", "aws:SourceIp")
    assert failed.code == 2
    assert "next: " in failed.err


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"UserDetailList": 3}',
        b'{"UserDetailList": [{"UserName": 3}]}',
        b"\x1f\x8b broken",
        b"\xff\xfe",
    ],
)
def test_a_broken_file_ends_with_its_name_and_code_3(advise: Advise, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(content)
    failed = advise("who-can", "s3:GetObject", "--from", path)
    if content == b"[]":  # a list of no resources is sound, but no account
        assert failed.code in (0, 3)
        return
    assert failed.code == 3
    assert failed.out == ""
    assert "broken.json" in failed.err
    assert "Traceback" not in failed.err


def test_a_file_that_is_not_there_ends_with_code_3(advise: Advise, tmp_path: Path) -> None:
    assert advise("who-can", "s3:GetObject", "--from", tmp_path / "none.json").code == 3


def test_debug_shows_the_traceback(advise: Advise, tmp_path: Path) -> None:
    failed = advise("who-can", "s3:GetObject", "--from", tmp_path / "none.json", "--debug")
    assert "Traceback" in failed.err


def test_json_begins_with_schema_account_snapshot_and_coverage(advise: Advise, export: Path) -> None:
    document = advise("who-can", "s3:GetObject", "--from", export, "--json").json
    assert list(document)[:4] == ["schema", "account", "snapshot", "coverage"]
    assert document["schema"] == "advisor/who-can/1"
    assert document["account"] == {"id": ACCOUNT}
    assert set(document["snapshot"]) >= {"digest", "taken_at", "source"}
    assert document["snapshot"]["digest"].startswith("sha256:")
    assert document["snapshot"]["source"] == "export"
    for gap in document["coverage"]["gaps"]:
        assert set(gap) - {"resource"} == {"call", "kind", "reason", "makes_unknown"}


def test_format_json_is_json(advise: Advise, export: Path) -> None:
    options = ("who-can", "s3:GetObject", "--from", export)
    assert advise(*options, "--json").out == advise(*options, "--format", "json").out


def test_several_accounts_are_listed(advise: Advise, export: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps(EXPORT).replace(ACCOUNT, "444455556666"))
    document = advise("who-can", "s3:GetObject", "--from", export, "--from", other, "--json").json
    assert document["account"] == {"id": ACCOUNT}
    assert document["accounts"] == [{"id": ACCOUNT}, {"id": "444455556666"}]


def test_the_source_may_stand_before_the_command(advise: Advise, export: Path) -> None:
    before = advise("--from", export, "--json", "who-can", "s3:GetObject")
    assert before.out == advise("who-can", "s3:GetObject", "--from", export, "--json").out


def test_standard_input_and_gzip_are_read(advise: Advise, export: Path, tmp_path: Path) -> None:
    plain = advise("who-can", "s3:GetObject", "--from", export, "--json").json["answers"]
    piped = advise("who-can", "s3:GetObject", "--from", "-", "--json", stdin=export.read_bytes())
    packed = tmp_path / "account.json.gz"
    packed.write_bytes(gzip.compress(export.read_bytes()))
    assert piped.json["answers"] == plain
    assert advise("who-can", "s3:GetObject", "--from", packed, "--json").json["answers"] == plain


def test_names_from_the_account_cannot_steer_the_terminal(advise: Advise, tmp_path: Path) -> None:
    hostile = {
        "UserDetailList": [
            {
                "UserName": "a\x1b[31m\u202eb\x9b",
                "Arn": f"arn:aws:iam::{ACCOUNT}:user/a\x1b[31m\u202eb\x9b",
                "Path": "/",
                "UserPolicyList": [
                    {
                        "PolicyName": "x\x07\r",
                        "PolicyDocument": {
                            "Version": "2012-10-17",
                            "Statement": [
                                {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Sid": "S\x1b]0;t\x07"}
                            ],
                        },
                    }
                ],
            }
        ]
    }
    path = tmp_path / "hostile.json"
    path.write_text(json.dumps(hostile))
    for form in ("table", "json"):
        shown = advise("who-can", "s3:GetObject", "--from", path, "--format", form)
        assert shown.code == 0
        assert not {"\x1b", "\x07", "\x9b", "\u202e", "\r"} & set(shown.out + shown.err)


def test_color_is_only_where_it_is_wanted(advise: Advise, export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = ("who-can", "s3:GetObject", "--from", export)
    assert "\x1b[" not in advise(*options).out
    assert "\x1b[" in advise(*options, "--color", "always").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in advise(*options).out
    assert "\x1b[" not in advise(*options, "--color", "never").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in advise(*options).out


def test_quiet_leaves_standard_error_empty(advise: Advise, export: Path) -> None:
    done = advise("who-can", "nonsense:Nothing", "--from", export, "--quiet")
    assert done.err == ""


def test_a_closed_pipe_is_no_error(export: Path) -> None:
    with subprocess.Popen(
        [ADVISOR, "what-can", "ben", "--from", str(export), "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.wait(timeout=60) in (0, -signal.SIGPIPE)
        assert process.stderr.read() == b""


def test_ctrl_c_ends_with_130_and_one_line() -> None:
    with subprocess.Popen(
        [ADVISOR, "who-can", "s3:GetObject", "--from", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == b""
    assert err.decode().split("\n") == ["", "advisor: interrupted", ""]


def test_progress_is_shown_on_a_terminal_only(export: Path) -> None:
    """Standard error on a terminal may hold a progress line; the result never does."""
    master, slave = pty.openpty()
    done = subprocess.run(
        [ADVISOR, "who-can", "s3:GetObject", "--from", str(export), "--json"],
        stdout=subprocess.PIPE,
        stderr=slave,
        timeout=60,
    )
    os.close(slave)
    os.close(master)
    assert json.loads(done.stdout)["schema"] == "advisor/who-can/1"


def test_an_endpoint_that_does_not_answer_ends_with_code_4(
    advise: Advise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
    failed = advise("collect", "--endpoint-url", "http://127.0.0.1:9", "-o", tmp_path / "x.json")
    assert failed.code == 4
    assert "next: " in failed.err
    assert not list(tmp_path.glob("*.json"))


def test_no_credentials_end_with_code_4(advise: Advise, tmp_path: Path) -> None:
    failed = advise("collect", "-o", tmp_path / "x.json")
    assert failed.code == 4
    assert len(failed.err.splitlines()) == 2


def test_a_snapshot_answers_as_its_export_does(advise: Advise, export: Path, tmp_path: Path) -> None:
    saved = tmp_path / "saved.json.gz"
    done = advise("collect", "-o", saved, "--from", export, "--json")
    assert done.code == 0
    assert done.json["files"] == [str(saved)]
    assert saved.stat().st_mode & 0o077 == 0
    question = ("who-can", "s3:GetObject", "--json")
    assert advise(*question, "--from", saved).json["answers"] == advise(*question, "--from", export).json["answers"]
