"""Questions as people type them (`read payroll`, `delete users`) as suggestions, the likeliest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from advisor.evaluate.pattern import glob_match
from advisor.reference import catalogue, knowledge
from advisor.reference.schema.phrases import LEVELS, Phrase

if TYPE_CHECKING:
    from advisor.model.snapshot import Snapshot
    from advisor.reference.schema.lists import WordList

MOST = 8
"""Suggestions in one answer."""


class Question(msgspec.Struct, frozen=True):
    """An action and what it is done on, as `who_can` takes them; `words` says it shortly."""

    action: str
    resource: str | None
    words: str


class Named(msgspec.Struct, frozen=True):
    """Something of the account that a question can be about."""

    arn: str
    kind: str
    name: str


@cache
def _words(folders: tuple[Path, ...]) -> dict[str, str]:
    """From a word to its level."""
    lists: Mapping[str, WordList] = knowledge.load("lists", folders)
    return {word: level for level in LEVELS if f"ask-{level}" in lists for word in lists[f"ask-{level}"].items}


def names_of(snapshot: Snapshot) -> tuple[Named, ...]:
    """Everything with a name that a question can be about: resources first, then principals and policies."""
    resources = [Named(item.arn, item.kind, _name(item.arn)) for item in snapshot.resources]
    compute = [Named(item.arn, item.kind, item.name or _name(item.arn)) for item in snapshot.compute]
    roles = [Named(item.arn, "iam:role", item.name) for item in snapshot.roles]
    users = [Named(item.arn, "iam:user", item.name) for item in snapshot.users]
    groups = [Named(item.arn, "iam:group", item.name) for item in snapshot.groups]
    policies = [Named(item.arn, "iam:policy", item.name) for item in snapshot.policies if not item.is_aws_managed]
    found = {item.arn: item for item in (*policies, *groups, *users, *roles, *compute, *resources)}
    return tuple(reversed(found.values()))


def _name(arn: str) -> str:
    resource = arn.split(":", 5)[-1]
    return resource.rsplit("/", 1)[-1] if "/" in resource else resource.rsplit(":", 1)[-1]


def suggest(text: str, names: Sequence[Named], folders: tuple[Path, ...] = ()) -> tuple[Question, ...]:
    """What the text may ask, the likeliest first; empty where it says nothing yet."""
    words = text.split()
    if not words:
        return ()
    found: dict[tuple[str, str | None], Question] = {}
    for question in _questions(words, names, folders):
        found.setdefault((question.action, question.resource), question)
        if len(found) >= MOST:
            break
    return tuple(found.values())


def _questions(words: list[str], names: Sequence[Named], folders: tuple[Path, ...]) -> Iterator[Question]:
    first, rest = words[0], words[1:]
    if ":" in first and not first.startswith("arn:"):
        for action in _actions(first):
            yield from _about(action, rest, names, folders)
        return
    phrases = tuple(knowledge.load("phrases", folders).values())
    level = _words(folders).get(first.lower())
    if level is not None:
        yield from _at_level(level, rest, names, phrases)
        return
    for name in _matching(words, names)[:3]:
        for level in LEVELS:
            yield from _ask(level, name, phrases)
    for word, level in _words(folders).items():
        if len(first) > 1 and word.startswith(first.lower()):
            yield from _at_level(level, rest, names, phrases)
    if len(first) > 3:
        for action in _containing(first):
            yield from _about(action, rest, names, folders)


def _at_level(level: str, rest: list[str], names: Sequence[Named], phrases: Sequence[Phrase]) -> Iterator[Question]:
    """`read payroll`, `delete users`, and `read` alone."""
    wanted = rest[0].lower() if len(rest) == 1 else ""
    exact = [phrase for phrase in phrases if wanted and wanted in phrase.words]
    for phrase in exact:
        yield from _of_all(level, phrase)
    if rest:
        for name in _matching(rest, names):
            yield from _ask(level, name, phrases)
        if rest[0].startswith("arn:"):
            yield from _ask(level, Named(rest[0], _kind(rest[0]), _name(rest[0])), phrases)
    for phrase in phrases:
        if phrase not in exact and (not rest or (wanted and any(word.startswith(wanted) for word in phrase.words))):
            yield from _of_all(level, phrase)


def _of_all(level: str, phrase: Phrase) -> Iterator[Question]:
    for ask in phrase.asks:
        if ask.level == level:
            yield Question(ask.action, None, f"{level} {phrase.words[-1]}")


def _ask(level: str, name: Named, phrases: Sequence[Phrase]) -> Iterator[Question]:
    for phrase in phrases:
        if phrase.kind.lower() != name.kind.lower():
            continue
        for ask in phrase.asks:
            if ask.level == level:
                yield Question(ask.action, name.arn + ask.suffix, f"{level} {name.name}")


def _actions(text: str) -> list[str]:
    """An action (or a pattern with globs) as it is meant, then those that begin so."""
    service, _, short = text.lower().partition(":")
    if "*" in short or "?" in short or "*" in service:
        return [text]
    exact = catalogue.action(text)
    known = [f"{service}:{name}" for name in catalogue.action_names(service)] if service in catalogue.services() else []
    usual = {ask.action for phrase in knowledge.load("phrases").values() for ask in phrase.asks}
    starting = sorted(
        (name for name in known if name.lower().startswith(text.lower())), key=lambda name: name not in usual
    )
    inside = [name for name in known if short and short in name.lower().partition(":")[2]]
    first = [catalogue.canonical(text)] if exact else []
    return list(dict.fromkeys([*first, *starting, *inside]))[: MOST * 2] or [text]


def _containing(part: str) -> list[str]:
    """Actions of any service whose name begins with the word, then those that hold it."""
    low = part.lower()
    hits = [name for name in catalogue.all_actions() if low in name.lower()]
    return sorted(hits, key=lambda name: (not name.lower().partition(":")[2].startswith(low), len(name)))[:MOST]


def _about(action: str, rest: list[str], names: Sequence[Named], folders: tuple[Path, ...]) -> Iterator[Question]:
    """The action on what the other words name; on anything where there are none."""
    if not rest:
        yield Question(action, None, action)
        return
    if rest[0].startswith("arn:") or "*" in rest[0]:
        yield Question(action, rest[0], f"{action} {rest[0]}")
        return
    for name in _matching(rest, names):
        resource = _target(action, name, folders)
        if resource is not None:
            yield Question(action, resource, f"{action} {name.name}")


def _target(action: str, name: Named, folders: tuple[Path, ...]) -> str | None:
    """What of a thing an action is done on: itself, what is in it, or nothing of it."""
    phrases: Mapping[str, Phrase] = knowledge.load("phrases", folders)
    for phrase in phrases.values():
        for ask in phrase.asks:
            if phrase.kind.lower() == name.kind.lower() and ask.action.lower() == action.lower():
                return name.arn + ask.suffix
    if "*" in action or "?" in action:
        same_service = glob_match(action.lower().partition(":")[0], name.arn.split(":")[2])
        return _with_contents(name) if same_service else None
    patterns = [catalogue.arn_pattern(kind) for kind in catalogue.resource_types(action)]
    if any(glob_match(pattern, name.arn) and not _too_wide(pattern, name) for pattern in patterns):
        return name.arn
    inside = name.arn + "/*"
    return inside if any(glob_match(pattern, inside) for pattern in patterns) else None


def _with_contents(name: Named) -> str:
    return name.arn + "*" if name.kind == "s3:bucket" else name.arn


def _too_wide(pattern: str, name: Named) -> bool:
    """A `*` may not stand for a path: `arn:*:s3:::*/*` is an object, and no bucket."""
    return pattern.split(":", 5)[-1].count("/") != name.arn.split(":", 5)[-1].count("/")


def _kind(arn: str) -> str:
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return ""
    service, resource = parts[2], parts[5]
    lone = {"s3": "bucket", "sqs": "queue", "sns": "topic"}
    return f"{service}:{lone.get(service) or resource.replace(':', '/').split('/')[0]}"


def _matching(words: Sequence[str], names: Sequence[Named]) -> list[Named]:
    """Things whose name (or ARN) holds all the words; equal names first, what holds data before other things."""
    low = [word.lower() for word in words]
    hits = [name for name in names if all(word in name.arn.lower() or word in name.name.lower() for word in low)]
    weights = {phrase.kind.lower(): phrase.weight for phrase in knowledge.load("phrases").values()}
    return sorted(hits, key=lambda name: _distance(low[0], name, weights))[: MOST * 2]


def _distance(word: str, name: Named, weights: Mapping[str, int]) -> tuple[bool, int, bool, int]:
    text = name.name.lower()
    begins = text.startswith(word) or any(mark + word in text for mark in "-_./")
    return text != word, weights.get(name.kind.lower(), 5), not begins, len(text)
