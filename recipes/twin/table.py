"""What a twin says: a table of what is done, the paper's claims one by one, what is not in the paper, pictures."""

from __future__ import annotations

from recipes.twin.claims import CLAIMS, OURS, answers, on_the_front
from recipes.twin.plan import Job, Plan
from recipes.twin.rows import Row, rows_of
from recipes.twin.spread import by_seed, spread
from recipes.twin.work import Result, load_result
from recipes.twin.z_error import z_error
from store.frontier import Point, as_markdown, plane_of_gains, pooled
from store.metrics import resample
from store.shards import write_text

Done = list[tuple[Job, Result]]
"""Jobs that are done, and with what result."""
KS = (1, 4, 16, 64, 256)
BASE = "base"


def show(plan: Plan) -> str:
    """Return everything that the finished jobs say, as Markdown, and draw `plane.svg` and `ablations.svg`.

    The seeds are those whose base policy is measured; a row is shown where it is done in all of them. A seed that is
    only begun is therefore left out until as many rows are done as in the others.
    """
    jobs = plan.jobs()
    found = [(job, result) for job in jobs if (result := load_result(job))]
    head = f"{len(found)} of {len(jobs)} policies are trained and measured."
    seeds = _seeds(plan, found)
    if not seeds:
        return head
    rows = {name_of(row): _of_row(row, seeds, found) for row in (None, *sorted(rows_of(plan.size), key=_order))}
    return "\n\n".join([head, *_sections(plan, seeds, {name: row for name, row in rows.items() if row[0]})])


def name_of(row: Row | None) -> str:
    """Return the name of a row, of the base policy for None."""
    return row.name if row else BASE


def _order(row: Row) -> tuple[int, float]:
    return ("alpha", "baseline", "ablation").index(row.kind), row.alpha or 0.0


def _seeds(plan: Plan, found: Done) -> list[int]:
    """Return the seeds with every row done once; the first one begun where there is none."""
    rows = {
        seed: {name_of(job.row) for job, _ in found if job.seed == seed and not job.training}
        for seed in range(plan.num_seeds)
    }
    begun = [seed for seed, names in rows.items() if BASE in names]
    whole = [seed for seed in begun if len(rows[seed]) == len(rows_of(plan.size)) + 1]
    return whole or begun[:1]


def _of_row(row: Row | None, seeds: list[int], found: Done) -> list[Done]:
    """Return the jobs of a row that are done in all of the seeds: one list a seed, as many trainings in each."""
    mine = {(job.seed, job.training): (job, result) for job, result in found if job.row == row}
    trainings = [
        number for number in sorted({number for _, number in mine}) if all((seed, number) in mine for seed in seeds)
    ]
    return [[mine[seed, number] for number in trainings] for seed in seeds]


def _sections(plan: Plan, seeds: list[int], done: dict[str, list[Done]]) -> list[str]:
    points = {name: _point(plan, row) for name, row in done.items()}
    share = resample(len(points[BASE].curves), 0)
    n = plan.size.n_eval
    between = spread(points.values(), len(seeds))
    ks = [k for k in KS if k < n] + [n]
    paper = {name: point for name, point in points.items() if point.kind != "ablation"}
    ours = {name: point for name, point in points.items() if point.kind == "ablation" or name in (BASE, "alpha-0.25")}
    for file, drawn in (("plane.svg", paper), ("ablations.svg", ours)):
        write_text(plane_of_gains(list(drawn.values()), n, share), plan.out / file)
    return [
        f"Seeds {', '.join(map(str, seeds))}: {len(points[BASE].curves)} held-out problems, {n} samples each; brackets "
        "are 95 % bootstrap intervals over the problems. Those of differences are in pairs and hold the spread of "
        "trainings once it is known.",
        as_markdown(list(points.values()), ks, share),
        _each(points, len(seeds)),
        *([between.as_text(n)] if between else []),
        answers(points, CLAIMS, share, between),
        on_the_front(paper, share),
        answers(points, OURS, share, between),
        *_errors_of_z(done),
    ]


def _each(points: dict[str, Point], num_seeds: int) -> str:
    """Return pass@1 and pass@n of every training."""
    lines = ["| policy | pass@1 of each training, seed by seed | pass@n |", "| --- | --- | --- |"]
    for point in points.values():
        numbers = by_seed(point, num_seeds)
        first, last = (
            " / ".join(" ".join(f"{value:.3f}" for value in seed) for seed in numbers[..., place].tolist())
            for place in (0, -1)
        )
        lines.append(f"| {point.label} | {first} | {last} |")
    return "\n".join(lines)


def _errors_of_z(done: dict[str, list[Done]]) -> list[str]:
    lines = []
    for name in ("alpha-0.25", "z-corpus"):
        if name in done:
            seeds = [
                (base, [job for job, _ in trainings])
                for [(base, _)], trainings in zip(done[BASE], done[name], strict=True)
            ]
            lines.append(f"- {seeds[0][1][0].label}: {z_error(seeds).as_text()}.")
    return ["\n".join(lines)] if lines else []


def _point(plan: Plan, row: list[Done]) -> Point:
    job = row[0][0][0]
    counts = [[result for _, result in seed] for seed in row]
    if job.row is None:
        return pooled(BASE, counts, plan.size.n_eval)
    return pooled(job.label, counts, plan.size.n_eval, alpha=job.row.alpha, kind=job.row.kind)
