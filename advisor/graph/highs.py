"""HiGHS in a process of its own: an integer program on standard input, its best solution on standard output, as JSON.

It is run as a file (`solver.py`) and imports nothing of ours. Native code that fails ends this process and not the
app; HiGHS keeps one scheduler for all threads of a process, and what it prints would land in the app's terminal.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def main() -> None:
    """Read one program, solve it, write the answer."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    with answer:
        json.dump(solved(json.load(sys.stdin)), answer)


def solved(program: dict[str, Any]) -> dict[str, Any]:
    """`{"values", "gap"}` of the best solution found in `seconds`; without `values` where none was.

    The program: `costs` of columns between 0 and 1, of which the first `binaries` are whole; rows as `starts`,
    `columns` and `factors` (compressed by row), each at least its `least`. `gap` is the share of its costs by which
    the solution may exceed the cheapest.
    """
    import highspy
    import numpy as np

    model: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    model.setOptionValue("time_limit", float(program["seconds"]))
    model.setOptionValue("mip_rel_gap", 0.0)
    model.passModel(_as_lp(program, highspy, np))
    model.run()
    info = model.getInfo()
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return {}
    is_optimal = model.getModelStatus() == highspy.HighsModelStatus.kOptimal
    gap = 0.0 if is_optimal else min(max(float(info.mip_gap), 0.0), 1.0)
    return {"values": list(model.getSolution().col_value), "gap": gap}


def _as_lp(program: dict[str, Any], highspy: Any, np: Any) -> Any:
    lp = highspy.HighsLp()
    count, rows = len(program["costs"]), len(program["least"])
    lp.num_col_, lp.num_row_ = count, rows
    lp.col_cost_ = np.array(program["costs"], dtype=np.float64)
    lp.col_lower_, lp.col_upper_ = np.zeros(count), np.ones(count)
    lp.row_lower_ = np.array(program["least"], dtype=np.float64)
    lp.row_upper_ = np.full(rows, highspy.kHighsInf)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = count, rows
    lp.a_matrix_.start_ = np.array(program["starts"], dtype=np.int32)
    lp.a_matrix_.index_ = np.array(program["columns"], dtype=np.int32)
    lp.a_matrix_.value_ = np.array(program["factors"], dtype=np.float64)
    whole, real = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    lp.integrality_ = [whole if at < program["binaries"] else real for at in range(count)]
    return lp


if __name__ == "__main__":
    main()
