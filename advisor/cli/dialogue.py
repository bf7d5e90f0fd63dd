"""A decision tree in the terminal: question, evidence, options, one answer at a time. Leaving loses nothing.

The dialogue stands on standard error; standard output gets the outcome alone.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from advisor.cli.text import clean, mark
from advisor.decide.suggest import Suggestion, suggest
from advisor.decide.walk import Walk
from advisor.reference.schema.decisions import UNSURE, Ask

if TYPE_CHECKING:
    from advisor.account import Advisor

_WIDTH = 78
_SIGNS = {"yes": "allowed", "no": "implicit-deny", "unknown": "unknown"}
_HELP = "  a number takes an option, Enter what is suggested; b back, w why, q leave (answers are kept)"


def ask_through(walk: Walk, account: Advisor, keep: Callable[[Walk], object]) -> Walk:
    """Ask until the walk is done, parked, or left. `keep` is called after each answer."""
    walk = walk.resume()
    _say(_HELP)
    while (question := walk.question) is not None and not walk.is_parked:
        suggestion = suggest(walk, account)
        _show(walk, question, suggestion)
        choice = _choice(question, suggestion)
        if choice == "leave":
            break
        if choice == "why":
            _why(question, suggestion)
            continue
        walk = walk.back() if choice == "back" else walk.answer(choice)
        keep(walk)
    if walk.is_parked and walk.how_to_find_out:
        _say("", "  to find out: " + walk.how_to_find_out)
    return walk


def _show(walk: Walk, question: Ask, suggestion: Suggestion) -> None:
    fewest, most = walk.left
    left = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    _say("", f"{question.text}   ({left} to go)", bold=True)
    for seen in suggestion.evidence:
        sign = click.unstyle(mark(_SIGNS[seen.sign], with_word=False))
        _say(f"    {sign} {seen.text}")
    for number, option in enumerate((*question.options, None), start=1):
        label = option.label if option else "I do not know yet"
        note = option.note if option else "comes back here later"
        is_suggested = bool(option and option.id == suggestion.option)
        is_new = bool(option and suggestion.now and option.id == suggestion.now)
        hint = f"  ← {_because(suggestion)}" if is_suggested else f"  {note}" if note else ""
        hint = f"  ← suggested now: {suggestion.because}" if is_new else hint
        _say(f"  {'▸' if is_suggested else ' '} {number}  {label}{hint}")


def _because(suggestion: Suggestion) -> str:
    if suggestion.is_earlier:
        return "answered so before"
    return f"suggested: {suggestion.because}" if suggestion.because else "suggested"


def _choice(question: Ask, suggestion: Suggestion) -> str:
    """An option's id, or `back`, `why`, `leave`."""
    options = [*(option.id for option in question.options), UNSURE]
    words = {"b": "back", "back": "back", "w": "why", "?": "why", "q": "leave", "quit": "leave"}
    while True:
        text = str(
            click.prompt("  >", default=suggestion.option, show_default=False, err=True, prompt_suffix=" ")
        ).strip()
        if text in options:
            return text
        if text.lower() in words:
            return words[text.lower()]
        if text.isdigit() and 1 <= int(text) <= len(options):
            return options[int(text) - 1]
        _say(_HELP)


def _why(question: Ask, suggestion: Suggestion) -> None:
    _say("", *textwrap.wrap(question.why, _WIDTH, initial_indent="  ", subsequent_indent="  "))
    for seen in suggestion.evidence:
        for item in seen.fact.evidence[:10]:
            _say(f"    {item.subject}: {item.detail}{f' ({item.call})' if item.call else ''}")
    for gap in suggestion.gaps:
        _say(f"    ? {gap.call}: {gap.reason}; unknown: {gap.makes_unknown}")


def _say(*lines: str, bold: bool = False) -> None:
    for line in lines:
        click.echo(click.style(clean(line), bold=bold) if bold else clean(line), err=True)
