"""The legend: one sign, one word and one colour token for each kind of thing, answer and risk, on every screen."""

from __future__ import annotations

from typing import NamedTuple

from textual.content import Content


class Sign(NamedTuple):
    """One cell of text, what stands for it in ASCII, its word and its style (theme tokens)."""

    char: str
    ascii: str
    word: str
    style: str


KINDS = {
    "user": Sign("●", "U", "user", "$kind-principal"),
    "role": Sign("◆", "R", "role", "$kind-principal"),
    "group": Sign("≡", "G", "group", "$kind-principal"),
    "policy": Sign("§", "P", "policy", "$kind-policy"),
    "resource": Sign("■", "D", "resource", "$kind-resource"),
    "service": Sign("☼", "S", "service", "$kind-service"),
    "outside-user": Sign("○", "u", "outside", "$kind-outside"),
    "outside-role": Sign("◇", "r", "outside role", "$kind-outside"),
    "outside-resource": Sign("□", "d", "outside resource", "$kind-outside"),
}
_OUTSIDE = {"account", "federated", "person", "everyone", "outside"}

DECISIONS = {
    "allowed": Sign("✓", "+", "allowed", "$is-allowed"),
    "conditional": Sign("±", "~", "allowed if", "$is-conditional"),
    "explicit-deny": Sign("×", "x", "denied", "$is-denied"),
    "implicit-deny": Sign("–", "-", "not granted", "$is-not-granted"),
    "unknown": Sign("?", "?", "unknown", "$is-unknown"),
}
OUTCOMES = {
    "allows": Sign("✓", "+", "allows", "$is-allowed"),
    "conditional": Sign("±", "~", "allows if", "$is-conditional"),
    "denies": Sign("×", "x", "denies", "$is-denied"),
    "silent": Sign("–", "-", "says nothing", "$is-not-granted"),
    "unknown": Sign("?", "?", "not read", "$is-unknown"),
    "none": Sign("✓", "+", "none, so it does not limit", "$is-allowed"),
}
PRACTICES = {
    "holds": Sign("✓", "+", "holds", "$holds"),
    "fails": Sign("×", "x", "does not", "$fails"),
    "unknown": Sign("?", "?", "unknown", "$is-unknown"),
}
SEVERITIES = {
    "critical": Sign("!!!", "!!!", "critical", "$risk-high"),
    "high": Sign("!!", "!!", "high", "$risk-high"),
    "medium": Sign("!", "!", "medium", "$risk-some"),
    "low": Sign("·", ".", "low", "$quiet"),
}
DIFFERENCE = {
    "added": Sign("+", "+", "adds", "$holds"),
    "removed": Sign("-", "-", "takes away", "$fails"),
}
WALKS = {
    "decided": Sign("✓", "+", "decided", "$holds"),
    "begun": Sign("◦", "o", "begun, your answers are kept", "bold"),
    "not-begun": Sign("·", ".", "not begun", "$quiet"),
}
RECORDS = {
    "holds": Sign("✓", "+", "holds", "$holds"),
    "waits": Sign("◦", "o", "waits for its change", "$is-conditional"),
    "broken": Sign("×", "x", "holds no more", "$fails"),
    "unknown": Sign("?", "?", "unknown", "$is-unknown bold"),
    "not-in-force": Sign("·", ".", "not in force", "$quiet"),
}
RUNS = {
    "finished": Sign("✓", "+", "finished", "$holds"),
    "stopped": Sign("×", "x", "stopped", "$fails"),
    "undone": Sign("◦", "o", "undone", "$quiet"),
    "open": Sign("…", ".", "not ended", "bold"),
}
LINES = {
    "open": Sign("──", "--", "now", "$quiet"),
    "conditional": Sign("╌╌", "~~", "only if", "$quiet"),
    "unknown": Sign("┄?", ".?", "unknown", "$is-unknown"),
}
CERTAINTY = {"open": 0, "conditional": 1, "unknown": 2}
"""Which ways stand first: the surest."""
ADMINISTRATOR = Sign("▲", "^", "administrator", "$risk-high")
BECOMES = Sign("↑n", ">n", "in n hops", "$risk-high")
ONLY_IF = Sign("↑n±", ">n~", "conditional", "$is-conditional")
PERHAPS = Sign("↑n?", ">n?", "perhaps", "$is-unknown")
NOT_READ = Sign("?", "?", "not read", "$is-unknown")

# One character for one: the whole screen is translated, lines and scroll bars too.
_ASCII = {
    "▸": ">", "▾": "v", "◂": "<", "↑": ">", "↓": "v", "←": "<", "→": ">", "▏": "|", "▌": "|", "│": "|",
    "┃": "|", "║": "|", "━": "=", "─": "-", "╌": "~", "┄": ".", "└": "`", "├": "|", "┌": ".", "┐": ".",
    "┘": "'", "┤": "|", "▼": "v", "◦": "o", "█": "#", "▇": "#", "▆": "#", "▅": "#", "▄": "#", "▃": "_",
    "▂": "_", "▁": "_", "▔": "-", "▎": "|", "▊": "|", "▐": "|", "░": ".", "▒": ":", "▓": "#", "…": ".",
    "·": ".", "⋮": ":", "•": "*", "“": '"', "”": '"', "’": "'", "›": ">", "�": "?", "↵": "E", "⇧": "^",
    "╭": ".", "╮": ".", "╰": "`", "╯": "'", "≥": ">", "≤": "<", "≠": "!",
}  # fmt: skip
ASCII_OF = {
    **{
        ord(sign.char): sign.ascii
        for table in (KINDS, DECISIONS, OUTCOMES, PRACTICES)
        for sign in table.values()
        if len(sign.char) == 1
    },
    ord(ADMINISTRATOR.char): ADMINISTRATOR.ascii,
    **{ord(char): other for char, other in _ASCII.items()},
}


def mark(sign: Sign, *, word: bool = False) -> Content:
    """The sign in its colour, with its word where there is room for it."""
    return Content.styled(f"{sign.char} {sign.word}" if word else sign.char, sign.style)


def kind_of(kind: str) -> Sign:
    """The sign of a kind of principal (`user`, `role`, `account`, `federated`, …), group, policy or resource."""
    return KINDS.get(kind) or (KINDS["outside-user"] if kind in _OUTSIDE else KINDS["resource"])


def legend() -> list[Sign]:
    """Every sign once, in the order of the help screen."""
    tables = (KINDS, DECISIONS, SEVERITIES, PRACTICES)
    return [ADMINISTRATOR, BECOMES, ONLY_IF, PERHAPS, *(sign for table in tables for sign in table.values())]
