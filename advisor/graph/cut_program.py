"""The cut as an integer program: an edit is made or not, a tolerated node has a potential, a need is ended or not."""

from __future__ import annotations

from advisor.graph.cut_problem import Demand, Problem, Way
from advisor.graph.solver import Program

SCALE = 50.0
"""Costs are multiples of a fiftieth: as whole numbers they let the solver round its bounds up."""


def program_of(problem: Problem) -> Program:
    """The program whose first columns are the edits of the problem, in their order."""
    return _Writer(problem).write()


class _Writer:
    """Columns and rows as they come up; what two demands share has one column."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.costs = [round(cost * SCALE, 6) for cost in problem.costs]
        self.needs: dict[tuple[Way, ...], int] = {}
        self.potentials: dict[int, int] = {}
        self.rows: dict[tuple[int, ...], float] = {}
        """Its columns, those with a minus as their complement, and the least that a row may be."""

    def write(self) -> Program:
        for demand in self.problem.demands:
            self._demand(demand)
        starts, columns, factors = [0], list[int](), list[float]()
        for row in self.rows:
            columns += [column if column >= 0 else ~column for column in row]
            factors += [1.0 if column >= 0 else -1.0 for column in row]
            starts.append(len(columns))
        return Program(
            tuple(self.costs),
            len(self.problem.edits),
            tuple(self.rows.values()),
            tuple(starts),
            tuple(columns),
            tuple(factors),
        )

    def _demand(self, demand: Demand) -> None:
        """The hop is closed by one of its needs, or its actor reaches the goal no more than its target does."""
        if demand.source == demand.target >= 0:
            return  # nobody gets nearer by it
        row: set[int] = set()
        for ways in demand.needs:
            row.update(ways[0] if len(ways) == 1 else (self._need(ways),))
        if demand.source >= 0:
            row.add(self._potential(demand.source))
        if demand.target >= 0:
            row.add(~self._potential(demand.target))
        self.rows[tuple(sorted(row))] = 1.0 if demand.target < 0 else 0.0

    def _need(self, ways: tuple[Way, ...]) -> int:
        """The column that says whether every way in which a need is met is ended."""
        if ways not in self.needs:
            column = self.needs[ways] = self._column()
            for way in ways:
                self.rows[(~column, *way)] = 0.0
        return self.needs[ways]

    def _potential(self, node: int) -> int:
        if node not in self.potentials:
            self.potentials[node] = self._column()
        return self.potentials[node]

    def _column(self) -> int:
        self.costs.append(0.0)
        return len(self.costs) - 1
