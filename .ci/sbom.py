"""Print every installed package that the advisor needs, with version and licence, as CycloneDX 1.6 JSON.

python .ci/sbom.py            what a user installs (runtime dependencies and extras)
python .ci/sbom.py --dev      the test environment too
python .ci/sbom.py --check    only say which licences are not on the list of accepted ones; exit 1 if any
"""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = "iam-advisor"
ACCEPTED = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|Python-2\.0|MPL-2\.0|Mozilla Public License 2\.0|Unlicense",
    re.IGNORECASE,
)
REFUSED = re.compile(r"\b(?:A?GPL|SSPL|BUSL|Commons Clause|Proprietary)\b", re.IGNORECASE)


def needed(root: str) -> dict[str, Distribution]:
    """The installed distributions that `root` needs with all of its extras, by name."""
    found: dict[str, Distribution] = {}
    waiting = [(root, "all")]
    seen = set(waiting)
    while waiting:
        name, extra = waiting.pop()
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue  # for another platform
        following = {
            (canonicalize_name(item.name), wanted)
            for item in map(Requirement, found[name].requires or [])
            if item.marker is None or item.marker.evaluate({"extra": extra})
            for wanted in ("", *item.extras)
        }
        waiting += following - seen
        seen |= following
    return found


def installed() -> dict[str, Distribution]:
    return {canonicalize_name(item.metadata["Name"]): item for item in distributions()}


def licence_of(item: Distribution) -> str:
    """The SPDX expression, else what the classifiers or the old field say."""
    data = item.metadata
    if data.get("License-Expression"):
        return str(data["License-Expression"])
    classified = [
        value.rsplit("::", 1)[-1].strip()
        for value in data.get_all("Classifier") or []
        if value.startswith("License ::")
    ]
    written = (data.get("License") or "").strip()
    return " OR ".join(classified) or (written.splitlines()[0] if written else "unknown")


def licences(item: Distribution) -> list[dict[str, Any]]:
    """An SPDX expression where the package writes one, else the name under which it gives its licence."""
    if item.metadata.get("License-Expression"):
        return [{"expression": licence_of(item)}]
    return [{"license": {"name": licence_of(item)}}]


def reference(name: str, item: Distribution) -> str:
    return f"pkg:pypi/{name}@{item.version}"


def component(name: str, item: Distribution) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": reference(name, item),
        "name": name,
        "version": item.version,
        "licenses": licences(item),
        "purl": reference(name, item),
    }


def requires(item: Distribution, items: dict[str, Distribution]) -> list[str]:
    """The references of what a package needs, of that which is in the list."""
    named = {canonicalize_name(Requirement(text).name) for text in item.requires or []}
    return sorted(reference(name, items[name]) for name in named & set(items))


def bill(items: dict[str, Distribution]) -> dict[str, Any]:
    own = items[ROOT]
    about = component(ROOT, own) | {"type": "application", "licenses": [{"expression": "Apache-2.0"}]}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": about},
        "components": [component(name, item) for name, item in sorted(items.items()) if name != ROOT],
        "dependencies": [
            {"ref": reference(name, item), "dependsOn": requires(item, items)} for name, item in sorted(items.items())
        ],
    }


def main(arguments: list[str]) -> int:
    items = {**needed(ROOT), **(installed() if "--dev" in arguments else {})}
    if "--check" in arguments:
        licences = {name: licence_of(item) for name, item in items.items()}
        wrong = {k: v for k, v in licences.items() if REFUSED.search(v) or not ACCEPTED.search(v)}
        for name, licence in sorted(wrong.items()):
            print(f"{name}: {licence}")
        print(f"{len(items)} packages, {len(wrong)} with a licence that is not accepted")
        return 1 if wrong else 0
    print(json.dumps(bill(items), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
