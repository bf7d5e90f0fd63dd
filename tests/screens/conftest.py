from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from screens.app import AdvisorApp
from screens.base import AdvisorScreen
from screens.defects import Defect
from tests.screens.account import write_files


@pytest.fixture(scope="session")
def account_files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The files of the account that most of these tests look at."""
    folder: Path = tmp_path_factory.mktemp("account")
    return write_files(folder)


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in which nothing was kept before."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who decides is known: no record asks for it."""
    monkeypatch.setenv("IAM_ADVISOR_DECIDED_BY", "M. Reyes")


@pytest.fixture(autouse=True)
def no_defects(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Defect]]:
    """A defect in a thread is told and the app goes on: here it fails the test, unless the test takes it out."""
    met: list[Defect] = []
    for place in (AdvisorApp, AdvisorScreen):
        told = place.tell_defect

        def tell(self: Any, defect: Defect, told: Callable[[Any, Defect], None] = told) -> None:
            met.append(defect)
            told(self, defect)

        monkeypatch.setattr(place, "tell_defect", tell)
    yield met
    assert not met, [defect.message for defect in met]
