"""Where the data files are: beside the packages in a checkout, inside `advisor` in a wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def data_folder(name: str) -> Path:
    """The folder `knowledge` or `assets`, in a checkout as in a wheel."""
    package = Path(__file__).resolve().parent.parent
    inside, beside = package / name, package.parent / name
    return inside if inside.is_dir() else beside
