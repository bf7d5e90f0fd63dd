"""`permissions`: the exact IAM policy that the advisor needs for a purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from advisor.cli.options import command
from advisor.errors import UsageError
from advisor.reference.data import data_folder

if TYPE_CHECKING:
    from advisor.cli.session import Session


def purposes() -> list[str]:
    """What there is a list of permissions for."""
    return sorted(path.stem for path in (data_folder("knowledge") / "permissions").glob("*.yaml"))


@command("permissions", source=False)
@click.argument("purpose", required=False, default="collect")
def permissions(session: Session, purpose: str) -> None:
    """Print the exact IAM policy that the advisor needs for PURPOSE (collect by default).

    The policy goes to standard output as it can be given to AWS.
    """
    from advisor.collect.permissions import policy_for

    if purpose not in purposes():
        raise UsageError(f"there is no purpose `{purpose}`", advice=f"one of: {', '.join(purposes())}")
    policy = policy_for(purpose)
    if session.is_json:
        session.emit_bare({"purpose": purpose, "policy": policy})
    else:
        session.write(msgspec.json.format(msgspec.json.encode(policy), indent=2).decode())
