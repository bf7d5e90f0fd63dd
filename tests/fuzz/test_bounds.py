"""Files that are huge or stand for something huge are read or refused within bounds of time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_SECONDS, MOST_MEGABYTES = 15.0, 600
READ = """
import resource, sys, time
from pathlib import Path
from advisor.errors import AdvisorError
kind, path = sys.argv[1], Path(sys.argv[2])
if kind == "account":
    from advisor.collect.files import read_files
    read = lambda: read_files([path])
elif kind == "plan":
    from advisor.change.plan import read_plan
    read = lambda: read_plan(path)
elif kind == "answers":
    from advisor.decide.headless import read_answers
    read = lambda: read_answers(path)
elif kind == "record":
    from advisor.decide.record.shelf import read as read_record
    read = lambda: read_record(path)
elif kind == "knowledge":
    from advisor.reference.knowledge import load
    read = lambda: load("lists", [path.parent])
else:
    from advisor.advice.denied import parse_denial
    read = lambda: parse_denial(path.read_text("utf-8"))
began = time.process_time()
try:
    read()
    told = "read"
except AdvisorError as error:
    told = str(error)[:200]
status = Path("/proc/self/status")
if status.exists():  # what the system tells of a child elsewhere may count its parent's memory too
    used = int(status.read_text().split("VmHWM:")[1].split()[0]) / (1 << 10)
else:
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
print(time.process_time() - began, used, told.replace(chr(10), " "), sep="\\t")
"""
USER = '{"UserDetailList": [{"UserName": "a", "Arn": "arn:aws:iam::111122223333:user/a", "Path": "/", "Tags": %s}]}'
DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
YAML_BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{at}: &a{at} [*a{at - 1}, *a{at - 1}]\n" for at in range(1, 40))


def bomb() -> bytes:
    """A gzip file of 4 MB that unpacks to 4 GB."""
    packer = zlib.compressobj(9, wbits=31)
    part = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return part + again * 4000


def policy_of(**more: object) -> str:
    role = {
        "RoleName": "r",
        "Arn": "arn:aws:iam::111122223333:role/r",
        "Path": "/",
        "AssumeRolePolicyDocument": DOCUMENT,
    }
    return json.dumps({"RoleDetailList": [{**role, **more}]})


def wide(key: str, value: object) -> dict[str, object]:
    return {**DOCUMENT, "Statement": [{**DOCUMENT["Statement"][0], key: value}]}  # type: ignore[dict-item]


INPUTS: dict[str, tuple[str, str | bytes]] = {
    "a gzip bomb": ("account", bomb()),
    "a string of 10 MB": ("account", USER % json.dumps([{"Key": "k", "Value": "x" * 10_000_000}])),
    "a million tags": ("account", USER % json.dumps([{"Key": "k", "Value": "v"}] * 300_000)),
    "30 MB of brackets": ("account", "[" * 30_000_000),
    "a number of a million digits": ("account", '{"UserDetailList": ' + "9" * 1_000_000 + "}"),
    "a resource of 5 MB of stars": ("account", policy_of(AssumeRolePolicyDocument=wide("Resource", "*a" * 2_500_000))),
    "a million values": (
        "account",
        policy_of(AssumeRolePolicyDocument=wide("Condition", {"StringLike": {"aws:username": ["*a*b"] * 500_000}})),
    ),
    "a YAML bomb in a plan": ("plan", YAML_BOMB),
    "brackets in a plan": ("plan", "[" * 2_000_000),
    "a plan of 9 MB": ("plan", "schema: advisor/plan/1\naccount: " + "x" * 9_000_000),
    "a YAML bomb in answers": ("answers", YAML_BOMB),
    "10 MB of answers": ("answers", "a: b\n" * 2_000_000),
    "a YAML bomb in a record": ("record", f"---\n{YAML_BOMB}---\n# x\n"),
    "a record of 10 MB": ("record", "---\ntitle: x\n---\n" + "x" * 10_000_000),
    "a YAML bomb in knowledge": ("knowledge", YAML_BOMB),
    "brackets in knowledge": ("knowledge", "[" * 900_000),
    "a message of 10 MB": ("denial", "User: a is not authorized to perform: " * 250_000),
    "a message of one word": ("denial", "x" * 19_000),
}


@pytest.mark.skipif(sys.platform == "win32", reason="memory is measured as POSIX does")
@pytest.mark.parametrize("name", INPUTS)
def test_it_is_read_or_refused_within_bounds(name: str, tmp_path: Path) -> None:
    kind, content = INPUTS[name]
    path = tmp_path / "lists" / "x.yaml" if kind == "knowledge" else tmp_path / "input"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    given = path.parent / "x" if kind == "knowledge" else path
    done = subprocess.run(
        [sys.executable, "-c", READ, kind, str(given)], capture_output=True, text=True, cwd=ROOT, timeout=120
    )
    assert done.returncode == 0, done.stderr[-1500:]
    seconds, megabytes, told = done.stdout.strip().split("\t")
    assert float(seconds) < MOST_SECONDS, done.stdout
    assert float(megabytes) < MOST_MEGABYTES, done.stdout
    assert told
    assert [item.name for item in tmp_path.iterdir()] == [path.relative_to(tmp_path).parts[0]], "nothing else was made"
