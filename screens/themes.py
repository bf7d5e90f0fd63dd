"""Our three themes, and the tokens that every theme gets: what a colour means, never which colour it is."""

from __future__ import annotations

from collections.abc import Container

from textual.color import Color
from textual.theme import Theme

from screens.kept import recall

_PARTS = (
    "primary",
    "secondary",
    "accent",
    "warning",
    "error",
    "success",
    "foreground",
    "background",
    "surface",
    "panel",
)


def _theme(name: str, colours: str, violet: str, *, dark: bool, cursor: str = "none") -> Theme:
    """A theme from the colours of its parts, in their order."""
    return Theme(
        name=name,
        dark=dark,
        text_alpha=1.0 if cursor == "bold" else 0.95,
        variables={"block-cursor-text-style": cursor, "violet": violet},
        **dict(zip(_PARTS, colours.split(), strict=True)),  # type: ignore[arg-type]
    )


THEMES = (
    _theme(
        "advisor-dark",
        "#5aa9e6 #8fb8a8 #d3a4e8 #e0b050 #ef6f6c #6fc28b #d8dee4 #12161b #171c22 #1f262e",
        "#b79cff",
        dark=True,
    ),
    _theme(
        "advisor-light",
        "#0b5cad #2f6f5e #8a3fa8 #8a5a00 #b3261e #1c7a3f #1d2329 #fbfbf9 #f4f4f1 #e7e8e4",
        "#5b3fd0",
        dark=False,
    ),
    _theme(
        "advisor-contrast",
        "#7cc7ff #b8ffe0 #ffb3ff #ffd84d #ff8a80 #8dff9f #ffffff #000000 #000000 #202020",
        "#d0b8ff",
        dark=True,
        cursor="bold",
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
