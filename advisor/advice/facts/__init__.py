"""Facts: named questions to an account, `ask(account, "users.console_no_mfa")`, answered with evidence or gaps."""

from __future__ import annotations

from advisor.advice.facts.registry import Definition, ask, definition, definitions

__all__ = ["Definition", "ask", "definition", "definitions"]
