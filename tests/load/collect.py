"""Collects a large account in a process of its own, with faults, and says what it took."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from advisor.collect.files import read_files
from advisor.model.snapshot import Snapshot

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import atexit, pathlib, sys
from advisor.cli.main import main
status = pathlib.Path("/proc/self/status")
if status.exists():
    atexit.register(lambda: print(next(line for line in status.open() if line.startswith("VmHWM"))))
sys.argv = ["advisor", *sys.argv[1:]]
main()
"""
"""The command, which says last how much memory it held: what the system tells of a child counts its parent's too."""


class Collected(msgspec.Struct):
    """What a collection brought and cost. `megabytes` is the most memory that its process held."""

    snapshot: Snapshot
    faults: dict[str, int]
    seconds: float
    cpu_seconds: float
    megabytes: float


@contextmanager
def serving(principals: int, seed: int = 1, faults: int = 0) -> Iterator[int]:
    """The port of a server process with an account of that size. `faults`: of a thousand answers."""
    command = [sys.executable, "-m", "tests.load.server", str(principals), str(seed), str(faults)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(timeout=30)
        process.stdout.close()


def collect(port: int, output: Path, timeout: float = 1200) -> Collected:
    """Run `advisor collect` on the server.

    Raises:
        AssertionError: it did not end well.
    """
    options = ["--endpoint-url", f"http://127.0.0.1:{port}", "--region", "eu-west-1", "-o", str(output), "--json"]
    keys = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-west-1"}
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "collect", *options],
        cwd=ROOT,
        env={**os.environ, **keys, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None
    told = process.stdout.read().decode("utf-8", "replace")
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, told[-2000:]
    assert time.monotonic() - began < timeout
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/counts") as answer:
        faults = json.load(answer)
    return Collected(
        snapshot=read_files([output])[0],
        faults=faults,
        seconds=time.monotonic() - began,
        cpu_seconds=used.ru_utime + used.ru_stime,
        megabytes=_megabytes(told, used.ru_maxrss),
    )


def _megabytes(told: str, most: int) -> float:
    found = re.search(r"^VmHWM:\s+(\d+) kB", told, re.MULTILINE)
    if found:
        return int(found[1]) / 1024
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)
