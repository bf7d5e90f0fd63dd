"""Each row of the table of faults in the docs is a test that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
TABLE = TESTS.parent / "assets" / "docs" / "faults.md"


def test_each_row_names_a_test_that_is_there() -> None:
    rows = [line for line in TABLE.read_text("utf-8").splitlines() if line.startswith("| ") and "::" in line]
    assert len(rows) >= 15
    for row in rows:
        file, _, name = re.findall(r"`([^`]+)`", row)[-1].partition("::")
        assert f"def {name}(" in (TESTS / file).read_text("utf-8"), row


@pytest.mark.parametrize("file", ["collect/test_machine_faults.py", "change/test_faults.py"])
def test_each_test_of_a_fault_has_its_row(file: str) -> None:
    table = TABLE.read_text("utf-8")
    names = re.findall(r"^(?:async )?def (test_\w+)", (TESTS / file).read_text("utf-8"), re.M)
    assert [name for name in names if f"`{file}::{name}`" not in table] == []
