"""Our three themes, and the tokens that every theme gets: what a colour means, never which colour it is."""

from __future__ import annotations

from collections.abc import Container

from textual.color import Color
from textual.theme import Theme

from screens.kept import recall

THEMES = (
    Theme(
        name="advisor-dark",
        primary="#5aa9e6",
        secondary="#8fb8a8",
        accent="#d3a4e8",
        warning="#e0b050",
        error="#ef6f6c",
        success="#6fc28b",
        foreground="#d8dee4",
        background="#12161b",
        surface="#171c22",
        panel="#1f262e",
        dark=True,
        variables={"block-cursor-text-style": "none", "violet": "#b79cff"},
    ),
    Theme(
        name="advisor-light",
        primary="#0b5cad",
        secondary="#2f6f5e",
        accent="#8a3fa8",
        warning="#8a5a00",
        error="#b3261e",
        success="#1c7a3f",
        foreground="#1d2329",
        background="#fbfbf9",
        surface="#f4f4f1",
        panel="#e7e8e4",
        dark=False,
        variables={"block-cursor-text-style": "none", "violet": "#5b3fd0"},
    ),
    Theme(
        name="advisor-contrast",
        primary="#7cc7ff",
        secondary="#b8ffe0",
        accent="#ffb3ff",
        warning="#ffd84d",
        error="#ff8a80",
        success="#8dff9f",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#202020",
        dark=True,
        text_alpha=1.0,
        variables={"block-cursor-text-style": "bold", "violet": "#d0b8ff"},
    ),
)


def tokens(variables: dict[str, str], *, dark: bool, ansi: bool) -> dict[str, str]:
    """What each thing looks like, from the theme in use; `$text-…` shades, which can be read as text on every theme."""
    muted = variables["foreground"] if ansi else _between(variables["background"], variables["foreground"], 0.62)
    violet = "ansi_magenta" if ansi else variables.get("violet", "#b79cff" if dark else "#5b3fd0")
    text = variables["foreground"]
    return {
        "kind-principal": text,
        "kind-policy": variables["secondary"] if ansi else variables["text-secondary"],
        "kind-resource": text,
        "kind-service": text,
        "kind-outside": variables["accent"] if ansi else variables["text-accent"],
        "is-allowed": variables["primary"] if ansi else variables["text-primary"],
        "is-conditional": variables["warning"] if ansi else variables["text-warning"],
        "is-denied": text,
        "is-not-granted": muted,
        "is-unknown": violet,
        "risk-high": variables["error"] if ansi else variables["text-error"],
        "risk-some": variables["warning"] if ansi else variables["text-warning"],
        "holds": variables["success"] if ansi else variables["text-success"],
        "fails": variables["error"] if ansi else variables["text-error"],
        "quiet": muted,
    }


def _between(background: str, foreground: str, share: float) -> str:
    return Color.parse(background).blend(Color.parse(foreground), share).hex


def first_theme(known: Container[str]) -> str:
    """The theme that was chosen last, else ours for dark terminals."""
    theme = recall("looks").get("theme")
    return theme if isinstance(theme, str) and theme in known else "advisor-dark"
