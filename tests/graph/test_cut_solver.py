"""The problem of a cut solved: exactly in a process of its own, or greedily with a floor below the cheapest."""

from __future__ import annotations

import random
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from threading import Event

import pytest

from advisor.graph import solver
from advisor.graph.cut_greedy import floor_of, greedy, unmet
from advisor.graph.cut_problem import Demand, Problem
from advisor.graph.cut_solve import solve
from advisor.graph.edits import Edit
from advisor.graph.solver import Stopped

ROOT = Path(__file__).resolve().parents[2]


def _random_problem(seed: int) -> Problem:
    source = random.Random(seed)
    edits = tuple(Edit("deny", "managed", f"p{at}", "", -1, "iam:PassRole") for at in range(9))
    ways = [tuple(sorted(source.sample(range(9), source.randint(1, 2)))) for _ in range(14)]
    demands = tuple(
        Demand(
            source.choice([-1, -1, 1, 2]),
            source.choice([-1, -1, 1, 2]),
            tuple(tuple(sorted(set(source.sample(ways, source.randint(1, 2))))) for _ in range(source.randint(1, 2))),
        )
        for _ in range(8)
    )
    return Problem(edits, tuple(source.randint(1, 5) + 0.0 for _ in edits), demands)


def _holds(problem: Problem, chosen: set[int]) -> bool:
    return not unmet(problem, chosen)


def _cheapest(problem: Problem) -> float:
    """By trying every set of edits."""
    size = len(problem.edits)
    sets = (set(some) for count in range(size + 1) for some in combinations(range(size), count))
    return min(sum(problem.costs[at] for at in some) for some in sets if _holds(problem, some))


@pytest.mark.parametrize("seed", range(12))
def test_the_exact_cut_is_the_cheapest_there_is(seed: int) -> None:
    pytest.importorskip("highspy")
    problem = _random_problem(seed)
    solution = solve(problem)
    chosen = {problem.edits.index(edit) for edit in solution.edits}
    assert solution.optimal and _holds(problem, chosen)
    assert sum(problem.costs[at] for at in chosen) == pytest.approx(_cheapest(problem))


@pytest.mark.parametrize("seed", range(12))
def test_the_greedy_cut_holds_and_the_cheapest_lies_between_it_and_its_floor(seed: int) -> None:
    problem = _random_problem(seed)
    chosen = greedy(problem)
    assert _holds(problem, chosen)
    cost, cheapest = sum(problem.costs[at] for at in chosen), _cheapest(problem)
    assert floor_of(problem) <= cheapest <= cost


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "signal 11"),
        ("raise SystemExit(3)", "exit code 3"),
        ("print('Running HiGHS')", "without an answer"),
        ('print(\'{"values": [1.0], "gap": 0}\')', "something else"),
        ("import time; time.sleep(60)", "did not answer"),
    ],
)
def test_a_solver_that_dies_hangs_or_babbles_leaves_an_unproven_cut_that_says_why(
    script: str, told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("highspy")
    problem = _random_problem(3)
    (tmp_path / "highs.py").write_text(script)
    monkeypatch.setattr(solver, "__file__", str(tmp_path / "solver.py"))
    monkeypatch.setattr(solver, "_STARTING", -19.0)
    solution = solve(problem)
    assert not solution.optimal and told in solution.note
    assert _holds(problem, {problem.edits.index(edit) for edit in solution.edits})
    cost = sum(problem.costs[problem.edits.index(edit)] for edit in solution.edits)
    assert cost * (1 - solution.gap) <= _cheapest(problem)


def test_the_solver_is_killed_when_nobody_waits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("highspy")
    (tmp_path / "highs.py").write_text("import time; time.sleep(60)")
    monkeypatch.setattr(solver, "__file__", str(tmp_path / "solver.py"))
    cancel = Event()
    cancel.set()
    with pytest.raises(Stopped):
        solve(_random_problem(3), cancel)


def test_a_solver_that_is_slow_to_read_is_told_everything(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """More than fits into a pipe, and nothing of it read for a while: the length that came in is the answer."""
    pytest.importorskip("highspy")
    script = (
        "import json, sys, time; time.sleep(0.3); p = json.load(sys.stdin); print(json.dumps({'values': p['costs']}))"
    )
    (tmp_path / "highs.py").write_text(script)
    monkeypatch.setattr(solver, "__file__", str(tmp_path / "solver.py"))
    program = solver.Program((0.5,) * 200_000, 0, (), (0,), (), ())
    assert solver.solved(program, Event()).values == program.costs


def test_without_highspy_the_cut_still_holds_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "find_spec", lambda name: None)
    problem = _random_problem(4)
    solution = solve(problem)
    assert not solution.optimal and "highspy is not installed" in solution.note
    assert _holds(problem, {problem.edits.index(edit) for edit in solution.edits})


def test_the_solver_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("highspy")
    assert solve(_random_problem(5)).optimal
    assert capfd.readouterr() == ("", "")


def test_native_code_of_the_solver_never_enters_our_process() -> None:
    """A fault in it must not end the app."""
    script = (
        "import sys; from tests.graph.test_cut_solver import _random_problem, solve\n"
        "found = solve(_random_problem(1))\n"
        "print(found.optimal, any(name.split('.')[0] in ('highspy', 'numpy') for name in sys.modules))"
    )
    pytest.importorskip("highspy")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.split() == ["True", "False"]
