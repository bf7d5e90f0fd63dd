"""Each row of the table of faults in the docs is a test that is there."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
TABLE = TESTS.parent / "assets" / "docs" / "faults.md"


def test_each_row_names_a_test_that_is_there() -> None:
    rows = [line for line in TABLE.read_text("utf-8").splitlines() if line.startswith("| ") and "::" in line]
    assert len(rows) >= 15
    for row in rows:
        file, _, name = re.findall(r"`([^`]+)`", row)[-1].partition("::")
        assert f"def {name}(" in (TESTS / file).read_text("utf-8"), row
