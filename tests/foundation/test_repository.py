"""What may not stand in the repository: paths of one machine, addresses of registries, keys, oversized files."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 500
CODE = ("advisor", "screens", "tests")
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.$}/])/(?:work|root)/\w"),
    "the address of a package registry": re.compile(r"files\.pythonhosted|pypi\.org/simple|--index-url|index-url\s*="),
    "an access key": re.compile(r"\b(?:AKIA|ASIA)(?!\w*EXAMPLE)[A-Z0-9]{16}\b"),
    "a private key": re.compile(r"-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----\s*\n[A-Za-z0-9+/]{40}"),
}


def tracked() -> list[Path]:
    try:
        listing = subprocess.run(["git", "ls-files", "-z"], capture_output=True, cwd=ROOT, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listing.decode().split("\0") if name and (ROOT / name).is_file()]


def texts() -> list[tuple[str, str]]:
    found = []
    for path in tracked():
        data = path.read_bytes()
        if b"\0" not in data[:4096] and path.name != Path(__file__).name:
            found.append((str(path.relative_to(ROOT)), data.decode("utf-8", "replace")))
    return found


@pytest.mark.parametrize("what", FORBIDDEN)
def test_nothing_stands_in_a_file_that_may_not(what: str) -> None:
    pattern = FORBIDDEN[what]
    allowed = {".ci/install", ".ci/venv"} if "registry" in what else set()
    found = [
        f"{name}: {match.group()}" for name, text in texts() if name not in allowed and (match := pattern.search(text))
    ]
    assert found == []


def test_no_source_file_is_a_hub() -> None:
    found = {
        name: lines
        for name, text in texts()
        if name.endswith(".py") and name.split("/")[0] in CODE and (lines := text.count("\n")) > LONGEST_FILE
    }
    assert found == {}


def test_modules_are_named_by_what_they_know() -> None:
    nameless = {"utils.py", "util.py", "misc.py", "common.py", "helpers.py"}
    assert [name for name, _ in texts() if Path(name).name in nameless] == []


def locked(name: str = "constraints.txt") -> dict[str, list[str]]:
    """Each requirement (`name==version ; marker`) with its hashes."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / name).read_text().replace("\\\n", " ").splitlines():
        if line.strip() and not line.startswith("#"):
            requirement, *hashes = re.split(r"\s+--hash=", line.strip())
            found[requirement] = hashes
    return found


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    wanted += project["build-system"]["requires"]
    for extra, items in project["project"]["optional-dependencies"].items():
        wanted += items if extra != "all" else []
    pinned = {re.split(r"[=\s;\[]", line)[0].lower().replace("_", "-") for line in locked()}
    names = {re.split(r"[\[<>=!~ ;]", item)[0].lower().replace("_", "-") for item in wanted}
    assert names - pinned == set()


@pytest.mark.parametrize("name", ["constraints.txt", ".ci/uv.txt", ".ci/docs.txt"])
def test_every_pin_is_one_version_with_the_hashes_of_its_files(name: str) -> None:
    for requirement, hashes in locked(name).items():
        assert re.fullmatch(r"[A-Za-z0-9_.\-]+==[^\s;]+( ; .+)?", requirement), requirement
        assert hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), requirement


def test_nothing_is_installed_without_its_hash() -> None:
    """Each `install` of the scripts asks for hashes, or takes nothing but this checkout."""
    for name in (".ci/venv", ".ci/install", ".ci/site"):
        text = (ROOT / name).read_text().replace("\\\n", " ")
        for line in text.splitlines():
            if re.search(r"\binstall\b.*--quiet", line) and not line.lstrip().startswith("#"):
                assert "--require-hashes" in line or "--no-deps --no-build-isolation --editable ." in line, line


def test_the_makefile_has_the_commands_of_the_contract() -> None:
    text = (ROOT / "Makefile").read_text()
    for target in ("setup", "demo", "test", "check"):
        assert re.search(rf"^{target}:", text, re.M), target
    assert "make test" in (ROOT / ".ci" / "run").read_text()
