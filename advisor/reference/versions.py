"""Schema names of our files (`advisor/plan/1`): which of them this version reads."""

from __future__ import annotations

import re

from advisor.errors import InputError


def refuse_newer(found: object, ours: str, file: str = "") -> None:
    """Stop where a file was written by a newer version than this one.

    Raises:
        InputError: the schema is of our kind and its number is higher; other names are the reader's to judge.
    """
    kind, _, number = ours.rpartition("/")
    match = re.fullmatch(rf"{re.escape(kind)}/(\d{{1,9}})", found) if isinstance(found, str) else None
    if match and int(match[1]) > int(number):
        raise InputError(
            f"was written by a newer version of the advisor (`{found}`, this one reads `{ours}`)",
            file=file,
            advice="update iam-advisor",
        )
