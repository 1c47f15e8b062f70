"""What a twin says: the table of what is done."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recipes.twin.plan import Plan
from recipes.twin.rows import Row, rows_of
from recipes.twin.work import Result, load_result
from store.frontier import Point, as_markdown, plane, pooled
from store.metrics import resample
from store.shards import write_text

KS = (1, 4, 16, 64, 256)


@dataclass(frozen=True)
class Drawn:
    """A result as arrays."""

    n: np.ndarray
    verified: np.ndarray
    distinct: np.ndarray

    @classmethod
    def of(cls, result: Result) -> Drawn:
        """Return the counts of a result."""
        return cls(np.array(result.n), np.array(result.verified), np.array(result.distinct))


def show(plan: Plan) -> str:
    """Return the table of all that is done in every seed that has a base and one policy; draw the pictures."""
    found = {(job.seed, job.row.name if job.row else None): load_result(job) for job in plan.jobs()}
    lines = [_progress(plan, found)]
    seeds = [seed for seed in range(plan.num_seeds) if found[seed, None]]
    if not seeds:
        return lines[0]
    rows: list[Row | None] = [None, *rows_of(plan.size)]
    done = [row for row in rows if all(found[seed, row.name if row else None] for seed in seeds)]
    points = [_point(plan, row, [found[seed, row.name if row else None] for seed in seeds]) for row in done]
    share = resample(len(points[0].curves), 0)
    ks = [k for k in KS if k <= plan.size.n_eval]
    lines += [
        "",
        f"Seeds {', '.join(map(str, seeds))}: {len(points[0].curves)} held-out problems, "
        f"{plan.size.n_eval} samples each.",
        "",
        as_markdown(points, ks, share),
    ]
    main = [point for point in points if point.kind != "ablation"]
    write_text(plane(main, ks[-1], share), plan.out / "plane.svg")
    return "\n".join(lines)


def _progress(plan: Plan, found: dict) -> str:
    return f"{sum(one is not None for one in found.values())} of {len(found)} jobs are done."


def _point(plan: Plan, row: Row | None, results: list[Result | None]) -> Point:
    counts = [[Drawn.of(result)] for result in results if result]
    if row is None:
        return pooled("base", counts, plan.size.n_eval)
    return pooled(row.label, counts, plan.size.n_eval, alpha=row.alpha, kind=row.kind)
