"""Changes as text for other tools: an AWS CLI script, Terraform, CloudFormation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from advisor.errors import UsageError
from advisor.model.change import Change
from advisor.model.snapshot import Snapshot

Format = Literal["cli", "terraform", "cloudformation"]
FORMATS: tuple[str, ...] = get_args(Format)


def export(changes: Iterable[Change], snapshot: Snapshot, format: str) -> str:
    """The changes in one of `FORMATS`, for the account as it was read.

    Raises:
        UsageError: no such format, or a value that a change needs is missing.
        EffectError: AWS would refuse an operation.
    """
    changes = tuple(changes)
    for change in changes:
        if change.needs:
            name, words = change.needs[0]
            raise UsageError(f"`{change.title}` still needs a value: {name} ({words})")
    if format == "cli":
        from advisor.change.export_cli import as_script

        return as_script(changes, snapshot)
    if format == "terraform":
        from advisor.change.export_terraform import as_terraform

        return as_terraform(changes, snapshot)
    if format == "cloudformation":
        from advisor.change.export_cloudformation import as_cloudformation

        return as_cloudformation(changes, snapshot)
    raise UsageError(f"there is no format `{format}`", advice=f"one of {', '.join(FORMATS)}")
