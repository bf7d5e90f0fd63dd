"""What this machine can do to a reading: a full disk, a home that may not be written, a kill, two at once."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from advisor.collect.files import read_files
from advisor.collect.saved import dump, save
from advisor.errors import InputError
from tests.cli.conftest import EXPORT
from tests.generate.account import generate

ADVISOR = [sys.executable, "-c", "from advisor.cli.main import main; main()"]
SAVE_FOR_EVER = """
import sys
from advisor.collect.files import read_files
from advisor.collect.saved import save
(snapshot,) = read_files([sys.argv[1]])
while True:
    save(snapshot, sys.argv[2])
"""


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.json"
    path.write_text(json.dumps(EXPORT))
    return path


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".saved")]


def test_a_full_disk_leaves_the_old_snapshot(export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (snapshot,) = read_files([export])
    path = tmp_path / "saved.json"
    path.write_bytes(b"as it was")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="no space left"):
        save(snapshot, path)
    assert path.read_bytes() == b"as it was"
    assert leftovers(tmp_path) == []


def test_a_home_that_may_not_be_written_is_no_reason_to_stop(export: Path, tmp_path: Path) -> None:
    """Nothing can be made below a file, not even by root."""
    home = tmp_path / "home"
    home.write_text("a file")
    names = ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")
    environment = {**os.environ, **{name: str(home / "below") for name in names}}
    for command in (["who-can", "s3:GetObject"], ["findings"], ["paths"], ["decide"], ["journal"], ["doctor"]):
        source = ["--from", str(export)] if command[0] not in ("journal", "doctor") else []
        done = subprocess.run(
            [*ADVISOR, *command, *source], env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode in (0, 1, 4), (command, done.stderr)
        assert "Traceback" not in done.stderr and "defect" not in done.stderr, (command, done.stderr)


def test_a_kill_while_a_snapshot_is_saved_leaves_a_whole_file(tmp_path: Path) -> None:
    export, path = tmp_path / "export.json", tmp_path / "saved.json"
    export.write_text(json.dumps(generate(300).export))
    (wanted,) = read_files([export])
    for pause in (0.0, 0.003, 0.007, 0.02):
        process = subprocess.Popen([sys.executable, "-c", SAVE_FOR_EVER, str(export), str(path)])
        while not path.exists() and process.poll() is None:
            time.sleep(0.01)
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert dump(read_files([path])[0]) == dump(wanted)


def test_two_that_save_the_same_file_at_once_leave_one_whole_file(export: Path, tmp_path: Path) -> None:
    command = [*ADVISOR, "collect", "--from", str(export), "-o", str(tmp_path / "saved.json"), "-q"]
    both: list[Any] = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(timeout=60) for process in both] == [0, 0]
    assert dump(read_files([tmp_path / "saved.json"])[0])
    assert leftovers(tmp_path) == []
