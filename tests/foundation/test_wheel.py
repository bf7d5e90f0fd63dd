"""Installed as a wheel and started elsewhere, the advisor works: packages, knowledge and assets are inside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXPORT = {
    "UserDetailList": [
        {
            "UserName": "ana",
            "Arn": "arn:aws:iam::111122223333:user/ana",
            "Path": "/",
            "UserPolicyList": [
                {
                    "PolicyName": "read",
                    "PolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
                    },
                }
            ],
        }
    ]
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a place that has the wheel and the dependencies, but not this checkout."""
    site = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    dependencies = tmp_path_factory.mktemp("dependencies")
    packages = Path(next(path for path in sys.path if path.endswith("site-packages")))
    for entry in packages.iterdir():
        if "iam_advisor" not in entry.name and entry.suffix != ".pth":
            (dependencies / entry.name).symlink_to(entry)
    return {**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{dependencies}", "SITE": str(site)}


def run(environment: dict[str, str], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = "import sys; from advisor.cli.main import main; sys.argv[0] = 'advisor'; main()"
    command = [sys.executable, "-S", "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, timeout=60)


def test_the_wheel_brings_packages_knowledge_and_assets(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for folder in ("advisor/cli/", "screens/", "advisor/knowledge/", "advisor/assets/"):
        assert any(name.startswith(folder) for name in names), folder
    assert not [name for name in names if name.startswith(("tests/", "knowledge/", "assets/")) or "__pycache__" in name]


def test_the_wheel_brings_every_knowledge_file(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = [path.relative_to(ROOT) for path in (ROOT / "knowledge").rglob("*") if path.is_file()]
    assert [str(path) for path in shipped if f"advisor/{path}" not in names] == []


def test_the_installed_code_is_not_the_checkout(installed: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-c", "import advisor; print(advisor.__file__)"],
        capture_output=True, text=True, cwd=tmp_path, env=installed, check=True,
    )  # fmt: skip
    assert done.stdout.startswith(installed["SITE"])


def test_the_installed_advisor_helps_and_finds_its_knowledge(installed: dict[str, str], tmp_path: Path) -> None:
    helped = run(installed, tmp_path, "--help")
    assert helped.returncode == 0 and "who-can" in helped.stdout
    checked = run(installed, tmp_path, "knowledge", "check")
    assert checked.returncode == 0, checked.stderr


def test_the_installed_advisor_answers(installed: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "account.json").write_text(json.dumps(EXPORT))
    asked = run(installed, tmp_path, "who-can", "s3:GetObject", "--from", "account.json", "--json")
    assert asked.returncode == 0, asked.stderr
    assert [answer["principal"] for answer in json.loads(asked.stdout)["answers"]] == [
        "arn:aws:iam::111122223333:user/ana"
    ]
