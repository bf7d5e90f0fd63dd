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


FAULTS = {
    "collect/test_each_call.py": {
        "test_every_call_of_the_collector_is_made",
        "test_every_list_is_asked_for_its_second_page",
        "test_a_fact_that_tells_too_much_would_be_seen",
    },
    "collect/test_live_faults.py": {
        "test_pages_are_read_to_the_end",
        "test_whatever_is_not_a_read_is_refused_before_it_is_sent",
        "test_reasons_hold_no_key_ids_and_no_control_characters",
    },
    "collect/test_machine_faults.py": set(),
    "change/test_faults.py": set(),
}
"""Files whose tests are faults, and their tests that are none."""


@pytest.mark.parametrize("file", FAULTS)
def test_each_test_of_a_fault_has_its_row(file: str) -> None:
    table = TABLE.read_text("utf-8")
    names = re.findall(r"^(?:async )?def (test_\w+)", (TESTS / file).read_text("utf-8"), re.M)
    assert {name for name in names if f"`{file}::{name}`" not in table} == FAULTS[file]
