"""A new, empty account is set up to the end: applied, killed half-way, resumed, confirmed, recorded, checked again."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("moto")

from advisor.demo import Demo, start
from tests.cli.conftest import Advise
from tests.cli.conftest import advise as advise  # the fixture
from tests.end_to_end.terminal import Terminal

ADVISOR = str(Path(sys.executable).with_name("advisor"))
ACCOUNT = "111122223333"
MAIL, PHONE = "team@acme.example", "+49 30 000000"
VALUES = {
    "contact-security.email": MAIL, "contact-security.phone": PHONE, "contact-billing.email": MAIL,
    "contact-billing.phone": PHONE, "contact-operations.email": MAIL, "contact-operations.phone": PHONE,
    "budget-alarm.email": MAIL, "budget-alarm.amount": "50", "one-administrator.name": "zoe",
    "root-use-alarm.email": MAIL,
}  # fmt: skip


EXPORTS = {
    "cli": "aws s3api create-bucket",
    "terraform": "aws_cloudtrail",
    "cloudformation": "AWS::CloudTrail::Trail",
}


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Demo]:
    """The account on its first day, and a home of its own for whoever sets it up."""
    for kind in ("STATE", "CACHE", "CONFIG", "DATA"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    monkeypatch.setenv("HOME", str(tmp_path))
    with start(story=Path(__file__).with_name("new_account.yaml"), faults=True) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


def set_faults(live: Demo, *faults: dict[str, object]) -> None:
    with urllib.request.urlopen(f"{live.endpoint_url}/_demo/faults", data=json.dumps(faults).encode()):
        pass


def hear(terminal: Terminal, text: str, seconds: float = 60) -> None:
    """Wait until a command has written something; its lines scroll away."""
    deadline = time.monotonic() + seconds
    while text.encode() not in terminal.raw:
        assert time.monotonic() < deadline, f"{text!r} was not said:\n{terminal.raw.decode(errors='replace')[-2000:]}"
        terminal.read()


def statuses(advise: Advise, *options: str) -> dict[str, str]:
    done = advise("setup", "status", "--json", *options)
    assert done.code == 0, done.err
    return {step["id"]: step["status"] for step in done.json["steps"] if not step["offered"]}


def test_one_person_s_account_is_set_up_applied_killed_resumed_and_checked_again(
    live: Demo, advise: Advise, tmp_path: Path
) -> None:
    given = [option for name, value in VALUES.items() for option in ("--set", f"{name}={value}")]
    found = statuses(advise, "--for", "one", *given)
    assert found["R2"] == "done", "what is done already is found"
    assert found["L1"] == found["A1"] == found["D1"] == found["R4"] == "ready"

    # by hand: the account's id is typed; the process is killed in the middle
    command = [ADVISOR, "setup", "apply", "--account", ACCOUNT, "--endpoint-url", live.endpoint_url]
    with Terminal(command, columns=200, rows=50) as terminal:
        hear(terminal, f"Type the account id {ACCOUNT}")
        terminal.press("444455556666", "enter")
        hear(terminal, "is not the id of the account")
        assert terminal.wait(30) != 0
    assert advise("journal", "--json").json["runs"] == []
    with Terminal(command, columns=200, rows=50) as terminal:
        hear(terminal, f"Type the account id {ACCOUNT}")
        set_faults(live, {"call": "*", "kind": "slow", "seconds": 0.3})  # so that it is not through before it is killed
        terminal.press(ACCOUNT, "enter")
        hear(terminal, "done      2")
        os.killpg(terminal.process.pid, signal.SIGKILL)
        terminal.process.wait()
    set_faults(live)
    (run,) = advise("journal", "--json").json["runs"]
    assert run["status"] == "interrupted"

    again = [ADVISOR, "apply", "--resume", "--account", ACCOUNT, "--endpoint-url", live.endpoint_url]
    with Terminal(again, columns=200, rows=50) as terminal:
        hear(terminal, "goes on")
        hear(terminal, f"Type the account id {ACCOUNT}")
        terminal.press(ACCOUNT, "enter")
        assert terminal.wait(60) == 0
    (run,) = advise("journal", "--json").json["runs"]
    assert run["status"] == "finished"
    assert {step["status"] for step in run["steps"]} <= {"done", "already"}

    # the rest, step after step, till only the user's word is missing
    armed = ("--account", ACCOUNT, "--yes", "--json")
    assert advise("setup", "apply", "P1", *armed).code == 0
    assert statuses(advise, "--confirm", "P1", "--confirm", "R1", "--confirm", "R3")["P1"] == "done"
    assert advise("setup", "apply", *armed).code == 0
    assert statuses(advise, "--confirm", "L2")["P5"] == "yours", "the policy is there; the person registers a device"
    iam = live.session().client("iam", endpoint_url=live.endpoint_url)
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="zoe")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="zoe", SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="654321"
    )
    assert set(statuses(advise).values()) == {"done"}

    record = advise("setup", "record").out
    assert "## Still open" not in record
    assert advise("setup", "record", "--format", "pdf", "-o", str(tmp_path / "record.pdf")).code == 0
    assert (tmp_path / "record.pdf").read_bytes().startswith(b"%PDF")
    check = next(line for line in record.splitlines() if line.startswith("advisor setup status --strict"))
    (tmp_path / "state" / "iam-advisor" / "setup" / f"{ACCOUNT}.json").unlink()  # another machine
    assert advise(*shlex.split(check)[1:]).code == 0, check


def test_other_profiles_are_asked_only_what_matters_and_the_rest_is_exported(
    live: Demo, advise: Advise, tmp_path: Path
) -> None:
    for profile, waiting in (("team", {"P2"}), ("several", {"O1", "P2"})):
        found = statuses(advise, "--for", profile)
        assert {step for step, status in found.items() if status == "waits"} >= waiting
        assert "decide" not in found.values(), "nothing is to be decided before its turn"
    plan = tmp_path / "plan.yaml"
    made = advise("setup", "plan", "-o", str(plan), "--json")
    assert made.code == 0, made.err
    assert made.json["changes"]
    shown = {form: advise("plan", "show", str(plan), "--export", form) for form in EXPORTS}
    assert {form: done.code for form, done in shown.items()} == dict.fromkeys(EXPORTS, 0)
    assert all(word in shown[form].out for form, word in EXPORTS.items())
    assert "LocationConstraint" in shown["cli"].out, "S3 takes a bucket outside us-east-1 with its Region only"
