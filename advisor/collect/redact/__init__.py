"""Snapshots that can be shared: every name is replaced, the same one everywhere by the same one, and answers stay."""

from __future__ import annotations

from advisor.collect.redact.account import Redaction, redact

__all__ = ["Redaction", "redact"]
