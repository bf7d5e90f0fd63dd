"""Decisions: the trees, a walk through one, what it comes to, and the record that is kept and checked again."""

from __future__ import annotations

from advisor.decide.headless import open_question, read_answers, walk_by_answers
from advisor.decide.outcome import Outcome, outcome
from advisor.decide.state import forget_walk, load_walk, save_walk
from advisor.decide.suggest import Seen, Suggestion, suggest
from advisor.decide.trees import check_knowledge, tree, trees
from advisor.decide.walk import Answer, Walk

__all__ = [
    "Answer", "Outcome", "Seen", "Suggestion", "Walk", "check_knowledge", "forget_walk", "load_walk", "open_question",
    "outcome", "read_answers", "save_walk", "suggest", "tree", "trees", "walk_by_answers",
]  # fmt: skip
