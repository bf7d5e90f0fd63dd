"""Questions about a pattern of resources: the answer for each part of it that some policy speaks of.

One Allow on a part is an answer for that part; a Deny on a part does not refuse the rest (rule 35).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from advisor.evaluate.layers import PolicySet, decide
from advisor.evaluate.pattern import glob_covers
from advisor.evaluate.resources import ResourcePattern, Target, arns_overlap, full_pattern
from advisor.evaluate.statement import Asked, CompiledStatement
from advisor.model.verdict import Decision, Verdict
from advisor.reference.catalogue import arn_pattern, resource_types

BEST_FIRST: tuple[Decision, ...] = ("allowed", "conditional", "unknown", "explicit-deny", "implicit-deny")


class PatternVerdict(NamedTuple):
    """The verdict on one part of the question. `written` is the policy's entry, `pattern` what it and the question
    share.
    """

    pattern: str
    written: str
    resource_type: str
    verdict: Verdict


class PatternAnswer(NamedTuple):
    """`overall` is the best verdict of any part."""

    overall: Verdict
    parts: tuple[PatternVerdict, ...] = ()


def decide_pattern(asked: Asked, policies: PolicySet, *, strict: bool = False) -> PatternAnswer:
    """The verdict on a question that may be about many resources, part by part."""
    whole = decide(asked, policies, strict=strict)
    if not asked.target.is_pattern:
        return PatternAnswer(whole)
    parts = tuple(_parts(asked, policies, strict))
    if whole.decision in ("explicit-deny", "implicit-deny") or not parts:
        return PatternAnswer(whole, parts)
    return PatternAnswer(min((part.verdict for part in parts), key=_rank), parts)


def _rank(verdict: Verdict) -> int:
    return BEST_FIRST.index(verdict.decision)


def _parts(asked: Asked, policies: PolicySet, strict: bool) -> Iterator[PatternVerdict]:
    seen: set[tuple[str, str]] = set()
    for entry in _entries(asked, policies):
        narrowed, partial = _narrow(entry, asked)
        if narrowed is None:
            continue
        for kind in _types(asked, narrowed):
            if (kind, entry) not in seen:
                seen.add((kind, entry))
                yield PatternVerdict(narrowed, entry, kind, _verdict(asked, policies, narrowed, partial, strict))


def _verdict(asked: Asked, policies: PolicySet, pattern: str, partial: bool, strict: bool) -> Verdict:
    """Where entry and question share a part that neither names alone, what denies either denies the part."""
    verdict = decide(asked._replace(target=Target(pattern)), policies, strict=strict)
    return max(verdict, decide(asked, policies, strict=strict), key=_rank) if partial else verdict


def _entries(asked: Asked, policies: PolicySet) -> Iterator[str]:
    """The resource patterns of all statements that allow the action, for whomever."""
    for layer in (policies.identity, policies.resource):
        for policy in layer.policies if layer else ():
            for statement in policy.document.statements:
                if statement.allow and statement.matches_action(asked.service, asked.name):
                    yield from _of_statement(statement, asked)


def _of_statement(statement: CompiledStatement, asked: Asked) -> Iterator[str]:
    if statement.resources is None or statement.not_resources:
        yield asked.target.arn
        return
    for entry in statement.resources:
        yield _filled(entry, asked)


def _filled(entry: ResourcePattern, asked: Asked) -> str:
    return entry.shown(asked.context)


def _narrow(entry: str, asked: Asked) -> tuple[str | None, bool]:
    """The part that entry and question share (`None`: none), and whether it is only the best name for it."""
    question = asked.target.arn
    pattern = full_pattern(entry)
    if entry == "*" or pattern is None:
        return (question, False) if entry == "*" else (None, False)
    if question == "*":
        return pattern, False
    if not arns_overlap(pattern, question):
        return None, False
    if glob_covers(question, pattern):
        return pattern, False
    return (question, False) if glob_covers(pattern, question) else (pattern, True)


def _types(asked: Asked, pattern: str) -> tuple[str, ...]:
    """The action's resource types that the pattern can name; one empty name when there is none to tell."""
    if pattern == "*":
        return ("",)
    kinds = tuple(kind.key for kind in resource_types(asked.action) if arns_overlap(pattern, arn_pattern(kind)))
    return kinds or ("",)
