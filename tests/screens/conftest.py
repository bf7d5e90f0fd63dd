from __future__ import annotations

from pathlib import Path

import pytest

from tests.screens.account import write_files


@pytest.fixture(scope="session")
def account_files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The files of the account that most of these tests look at."""
    folder: Path = tmp_path_factory.mktemp("account")
    return write_files(folder)
