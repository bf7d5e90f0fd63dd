"""How each kind of node and edge looks, in every drawing: sign, shape and colour; never colour alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import networkx as nx


class Look(msgspec.Struct, frozen=True):
    """The sign of a kind of node, its word, and its colours as fill and line."""

    sign: str
    word: str
    fill: str
    line: str


LOOKS = {
    "user": Look("●", "user", "#e8f0fe", "#1a56b0"),
    "role": Look("◆", "role", "#e8f0fe", "#1a56b0"),
    "group": Look("≡", "group", "#e8f0fe", "#1a56b0"),
    "policy": Look("§", "policy", "#f3effa", "#6941a5"),
    "resource": Look("■", "resource", "#f2f4f5", "#47535c"),
    "compute": Look("■", "compute", "#f2f4f5", "#47535c"),
    "service": Look("☼", "service", "#f2f4f5", "#47535c"),
    "administrator": Look("▲", "administrator", "#fdecea", "#b3261e"),
    "person": Look("○", "person", "#fff4e0", "#8a5a00"),
    "federated": Look("◇", "identity provider", "#fff4e0", "#8a5a00"),
    "account": Look("□", "account", "#fff4e0", "#8a5a00"),
    "everyone": Look("○", "everyone", "#fdecea", "#b3261e"),
}
_OTHER = Look("□", "other", "#fff4e0", "#8a5a00")
_ORDER = "●◆≡§■☼▲○◇□"
_HOLLOW = {"●": "○", "◆": "◇", "■": "□"}
STATUS = {"open": "now", "conditional": "only if", "unknown": "unknown"}
"""The word for each status of an edge; its line is solid, dashed or dotted."""

# Control characters, and those that turn the direction of text or are no character at all.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")


def look_of(data: dict[str, Any]) -> Look:
    """The look of a node; what is outside of the account is hollow."""
    if data.get("administrator"):
        return LOOKS["administrator"]
    look = LOOKS.get(data.get("kind", ""), _OTHER)
    if data.get("outside") and look.sign in _HOLLOW:
        return msgspec.structs.replace(look, sign=_HOLLOW[look.sign], fill=_OTHER.fill, line=_OTHER.line)
    return look


def looks_of(graph: nx.MultiDiGraph) -> list[Look]:
    """The looks that a drawing uses, each once: its legend of nodes."""
    found = {look.sign + look.word: look for look in (look_of(data) for _, data in sorted(graph.nodes(data=True)))}
    return [found[key] for key in sorted(found, key=lambda key: list(_ORDER).index(key[0]))]


def statuses_of(graph: nx.MultiDiGraph) -> list[tuple[str, str]]:
    """(status, word) of the lines that a drawing uses: its legend of lines."""
    used = {data.get("status", "open") for _, _, data in graph.edges(data=True)}
    return [(status, word) for status, word in STATUS.items() if status in used]


def plain(text: object, longest: int = 0) -> str:
    """The text without characters that cannot be seen, shortened in the middle to `longest` characters."""
    shown = _UNSEEN.sub("\ufffd", str(text))
    if longest and len(shown) > longest:
        half = (longest - 1) // 2
        return f"{shown[: longest - 1 - half]}…{shown[-half:]}"
    return shown


def edge_label(data: dict[str, Any]) -> str:
    """What an edge says: its own label, or its kind in words, and how sure it is."""
    text = data.get("label") or str(data.get("kind", "")).replace("-", " ")
    status = data.get("status", "open")
    if status == "conditional":
        text += " if"
    elif status == "unknown":
        text += " ?"
    return plain(text, 60)
