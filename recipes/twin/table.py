"""What a twin says: a table of what is done, the paper's claims one by one, what is not in the paper, pictures."""

from __future__ import annotations

from recipes.twin.claims import CLAIMS, OURS, answers, on_the_front
from recipes.twin.plan import Job, Plan
from recipes.twin.rows import Row, rows_of
from recipes.twin.work import Result, load_result
from recipes.twin.z_error import z_error
from store.frontier import Point, as_markdown, plane, pooled
from store.metrics import resample
from store.shards import write_text

KS = (1, 4, 16, 64, 256)
BASE = "base"


def show(plan: Plan) -> str:
    """Return everything that the finished jobs say, as Markdown, and draw `plane.svg` and `ablations.svg`.

    The seeds are those whose base policy is measured; a row is shown where it is done in all of them. A seed that is
    only begun is therefore left out until as many rows are done as in the others.
    """
    found = {(job.seed, name_of(job.row)): load_result(job) for job in plan.jobs()}
    num_done = sum(one is not None for one in found.values())
    head = f"{num_done} of {len(found)} policies are trained and measured."
    seeds = _seeds(plan, found)
    if not seeds:
        return head
    rows: list[Row | None] = [None, *rows_of(plan.size)]
    done = [row for row in rows if all(found[seed, name_of(row)] for seed in seeds)]
    points = {name_of(row): _point(plan, row, [found[seed, name_of(row)] for seed in seeds]) for row in done}
    return "\n\n".join([head, *_sections(plan, seeds, points)])


def name_of(row: Row | None) -> str:
    """Return the name of a row, of the base policy for None."""
    return row.name if row else BASE


def _seeds(plan: Plan, found: dict[tuple[int, str], Result | None]) -> list[int]:
    """Return the seeds with most rows done; a later one counts from the time that its last row of the table is."""
    num_done = {
        seed: sum(one is not None for (at, _), one in found.items() if at == seed) for seed in range(plan.num_seeds)
    }
    begun = [seed for seed, num in num_done.items() if num and found[seed, BASE]]
    whole = [seed for seed in begun if num_done[seed] == len(rows_of(plan.size)) + 1]
    return whole or begun[:1]


def _sections(plan: Plan, seeds: list[int], points: dict[str, Point]) -> list[str]:
    share = resample(len(points[BASE].curves), 0)
    n = plan.size.n_eval
    ks = [k for k in KS if k < n] + [n]
    paper = {name: point for name, point in points.items() if point.kind != "ablation"}
    ours = {name: point for name, point in points.items() if point.kind == "ablation" or name in (BASE, "alpha-0.25")}
    write_text(plane(list(paper.values()), n, share), plan.out / "plane.svg")
    write_text(plane(list(ours.values()), n, share), plan.out / "ablations.svg")
    return [
        f"Seeds {', '.join(map(str, seeds))}: {len(points[BASE].curves)} held-out problems, {n} samples each; brackets "
        "are 95 % bootstrap intervals over the problems, of differences in pairs.",
        as_markdown(list(points.values()), ks, share),
        _each(points),
        answers(points, CLAIMS, share),
        on_the_front(paper, share),
        answers(points, OURS, share),
        *_errors_of_z(plan, seeds, points),
    ]


def _each(points: dict[str, Point]) -> str:
    """Return pass@1 and pass@n of every training, one a seed."""
    lines = ["| policy | pass@1 of each seed | pass@n of each seed |", "| --- | --- | --- |"]
    for point in points.values():
        first, last = (" ".join(f"{curve[place]:.3f}" for curve in point.each) for place in (0, -1))
        lines.append(f"| {point.label} | {first} | {last} |")
    return "\n".join(lines)


def _errors_of_z(plan: Plan, seeds: list[int], points: dict[str, Point]) -> list[str]:
    jobs = {(job.seed, name_of(job.row)): job for job in plan.jobs()}
    lines = []
    for name in ("alpha-0.25", "z-corpus"):
        if name in points:
            mine: list[Job] = [jobs[seed, name] for seed in seeds]
            error = z_error(mine, [jobs[seed, BASE] for seed in seeds])
            lines.append(f"- {points[name].label}: {error.as_text()}.")
    return ["\n".join(lines)] if lines else []


def _point(plan: Plan, row: Row | None, results: list[Result | None]) -> Point:
    counts = [[result] for result in results if result]
    if row is None:
        return pooled(BASE, counts, plan.size.n_eval)
    return pooled(row.label, counts, plan.size.n_eval, alpha=row.alpha, kind=row.kind)
