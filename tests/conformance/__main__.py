"""`python -m tests.conformance DIR [--json]`: the counts of a folder of cases, as a table or as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.conformance.run import run


def main(arguments: list[str]) -> int:
    folders = [item for item in arguments if not item.startswith("-")]
    if len(folders) != 1 or not Path(folders[0]).is_dir():
        print("usage: python -m tests.conformance DIR [--json]", file=sys.stderr)
        return 2
    found = run(Path(folders[0]))
    if "--json" in arguments:
        print(json.dumps(found, indent=1, ensure_ascii=False, default=str))
    else:
        print(f"{'kind':16} {'source':14} passed failed contested unsupported")
        for row in found["counts"]:
            print(
                f"{row['kind']:16} {row['source']:14} {row['passed']:6} {row['failed']:6} "
                f"{row['contested']:9} {row['unsupported']:11}"
            )
        for failure in found["failures"]:
            print(f"failed {failure['id']}: expected {failure['expected']}, got {failure['got']}")
        for skip in found["skipped"]:
            print(f"unsupported {skip['id']}: {skip['reason']}")
    return 1 if found["failures"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
