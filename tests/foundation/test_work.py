"""Long work: called off, and spared by the collector."""

from __future__ import annotations

import gc

import pytest

from advisor.access.index import build_index
from advisor.collect.files import read_files
from advisor.model.work import CalledOff, go_on, paused_collector, while_wanted
from tests.generate.account import generate


def test_work_goes_on_while_it_is_wanted_and_ends_soon_after(tmp_path) -> None:  # type: ignore[no-untyped-def]
    export, resources, _ = generate(60, 1).write(tmp_path)
    index = build_index(read_files([export, resources]))
    whole = index.who_can("s3:GetObject")
    asked = 0

    def is_wanted() -> bool:
        nonlocal asked
        asked += 1
        return asked < 5

    with while_wanted(is_wanted), pytest.raises(CalledOff):
        index.who_can("s3:GetObject")
    assert asked == 5, "it is looked at between the steps, and once it is false nothing more is done"
    assert index.who_can("s3:GetObject") == whole, "a question that was called off leaves nothing half done behind"
    go_on()


def test_the_collector_runs_again_after_work_that_fails() -> None:
    assert gc.isenabled()
    with pytest.raises(ValueError), paused_collector():
        assert not gc.isenabled()
        raise ValueError
    assert gc.isenabled()
