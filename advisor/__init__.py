"""Decide, see and change who can do what in an AWS account.

    import advisor
    account = advisor.open_account(files=["account.json"])
    account.who_can("s3:GetObject", "arn:aws:s3:::payroll/*")

The front door: everything in `__all__`, loaded when first used. Importing this package imports nothing heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Advisor", "AdvisorError", "Exit", "__version__", "open_account"]

if TYPE_CHECKING:
    from advisor.account import Advisor, open_account
    from advisor.errors import AdvisorError, Exit

_HOMES = {
    "Advisor": "advisor.account",
    "open_account": "advisor.account",
    "AdvisorError": "advisor.errors",
    "Exit": "advisor.errors",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module `advisor` has no attribute `{name}`")
    from importlib import import_module

    return getattr(import_module(home), name)
