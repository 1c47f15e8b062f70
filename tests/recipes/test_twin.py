"""The twin's answers against points made by hand, its claims on jobs, and the settings of its rows."""

from __future__ import annotations

import fcntl
import json
import math
import os
from pathlib import Path

import numpy as np
import pytest

from recipes.twin import work as work_module
from recipes.twin.claims import CLAIMS, OURS, answers, on_the_front
from recipes.twin.plan import EPOCHS, Job, Plan, claim
from recipes.twin.rows import ALPHAS, FULL, rows_of
from recipes.twin.spread import Spread, spread
from recipes.twin.table import BASE, name_of, show
from recipes.twin.work import Result, work
from store.errors import UsageError
from store.frontier import Point, pooled
from store.metrics import Interval, resample
from store.shards import write_text
from tests.store.building import fill, problem
from train.loop import LoopConfig


def point(label: str, verified: list[int], kind: str = "alpha") -> Point:
    result = Result(label, "p", [], [4] * len(verified), verified, [0] * len(verified), 0, 0.0)
    return pooled(label, [[result]], 4, kind=kind)


def test_the_claims_are_answered_by_intervals_in_pairs() -> None:
    """α = 0.999 proves each of its problems always, 0.25 all of them sometimes, GRPO as 0.999 does."""
    points = {
        "base": point("base", [1] * 20),
        "alpha-0.25": point("α = 0.25", [2] * 20),
        "alpha-0.999": point("α = 0.999", [4] * 15 + [0] * 5),
        "grpo": point("GRPO", [4] * 15 + [0] * 5),
    }
    lines = [line.split("|")[3].strip() for line in answers(points, CLAIMS, resample(20, 0), None).splitlines()[2:]]
    assert lines[0] == "yes"
    assert lines[1] == "yes"
    assert lines[2:] == ["not contradicted: the interval holds 0"] * 3
    worse = points | {"alpha-0.25": point("α = 0.25", [0] * 20)}
    assert "| no |" in answers(worse, CLAIMS, resample(20, 0), None).splitlines()[4]


def test_a_question_whose_rows_are_not_done_is_not_answered() -> None:
    points = {"base": point("base", [1, 2]), "alpha-0.25": point("α = 0.25", [2, 2])}
    assert len(answers(points, CLAIMS, resample(2, 0), None).splitlines()) == 3
    assert len(answers(points, OURS, resample(2, 0), None).splitlines()) == 2


def test_the_slope_is_that_of_a_line_through_all_alphas() -> None:
    """pass@1 = 0.2 + 0.4 α on each of three problems."""
    points = {
        f"alpha-{alpha:g}": pooled(
            "", [[Result("", "p", [], [10_000] * 3, [round(2_000 + 4_000 * alpha)] * 3, [], 0, 0)]], 4
        )
        for alpha in ALPHAS
    }
    line = answers(points, CLAIMS, resample(3, 0), None).splitlines()[3]
    assert "slope" in line
    assert "| +0.400 [+0.400, +0.400] | yes |" in line


def test_the_spread_of_trainings_is_that_within_rows_and_seeds_and_widens_intervals() -> None:
    """Two seeds, two trainings each; pass@1 .25 and .75, then .5 and .5: variances 1/8 and 0, in the mean 1/16."""
    counts = [[Result("a", "p", [], [4], [c], [0], 0, 0.0) for c in seed] for seed in ([1, 3], [2, 2])]
    twice, once = pooled("a", counts, 4), pooled("b", [[seed[0]] for seed in counts], 4)
    between = spread([twice, once], 2)
    assert between == Spread(0.25, 0.0, 1, 4)
    wide = between.widened(Interval(0.5, 0.2, 0.9), 1 / 4 + 1 / 4, first_k=True)
    arm = 2 * 0.25 * math.sqrt(1 / 4 + 1 / 4)
    assert (wide.estimate - wide.low, wide.high - wide.estimate) == pytest.approx(
        (math.hypot(0.3, arm), math.hypot(0.4, arm))
    )
    assert spread([once], 2) is None


def test_the_front_is_counted_over_the_resamples() -> None:
    """One point is best in both in every resample; another equals it; the third is beaten in both."""
    points = {name: point(name, verified) for name, verified in (("a", [4, 3]), ("b", [4, 3]), ("c", [1, 0]))}
    lines = on_the_front(points, resample(2, 0)).splitlines()[2:]
    assert [line.split("|")[2].strip() for line in lines] == ["yes", "yes", "no"]
    assert [line.split("|")[3].strip() for line in lines] == ["100%", "100%", "0%"]


def test_every_row_is_a_loop_of_as_many_samples(tmp_path: Path) -> None:
    online = {row.name: row.shape(FULL) for row in rows_of(FULL) if not row.refresh}
    assert {shape.rounds * (shape.problems or 0) * shape.n for shape in online.values()} == {15_360}
    refreshes = [row.shape(FULL) for row in rows_of(FULL) if row.refresh]
    assert {shape.rounds * 300 * shape.n for shape in refreshes} == {15_000}
    assert [shape.rounds * shape.steps for shape in refreshes] == [160, 160, 30]
    plan = Plan(tmp_path, (tmp_path / "base",), num_seeds=1, num_trainings=3)
    names = [name_of(job.row) for job in plan.jobs()]
    assert len(set(names)) == 18
    assert names[18:] == ["alpha-0.25", "alpha-0.999", "grpo", "z-corpus", "replay-off"] * 2
    assert len({job.folder for job in plan.jobs()}) == 28
    for job in plan.jobs():
        if job.row:
            assert isinstance(job.loop(job.row), LoopConfig)


def test_trainings_of_a_row_differ_in_the_seed_of_their_draws_alone(tmp_path: Path) -> None:
    plan = Plan(tmp_path, (tmp_path / "base",), num_seeds=1)
    first, second = (job for job in plan.jobs() if name_of(job.row) == "grpo")
    assert first.row is not None
    loops = [job.loop(first.row) for job in (first, second)]
    assert (loops[0].gen.seed, loops[1].gen.seed) == (loops[0].train.seed, loops[1].train.seed) == (0, 10_000)
    assert first.evaluation(tmp_path).seed == second.evaluation(tmp_path).seed
    assert first.base == second.base


def test_a_round_s_problems_are_drawn_anew_from_the_training_problems(tmp_path: Path) -> None:
    rows = [problem(f"p{number}", split="train" if number < 40 else "test") for number in range(50)]
    corpus = fill(tmp_path / "corpus", problems=rows)
    orders = []
    for number in (0, 1, 0):
        with corpus.connect() as connection:
            connection.execute(f"SET VARIABLE round = {number}")
            orders.append([row[0] for row in connection.execute(EPOCHS.read_text()).fetchall()])
    assert orders[0] == orders[2] != orders[1]
    assert set(orders[0]) == set(orders[1]) == {row["problem_id"] for row in rows[:40]}


def test_a_job_that_another_process_is_at_is_left_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def do(job: Job) -> None:
        if job.label == "GRPO":
            raise ValueError("broken")
        done.append(job.label)
        write_text("{}", job.result)

    monkeypatch.setattr(work_module, "_do", do)
    plan = Plan(tmp_path, (tmp_path / "base",), num_seeds=1, num_trainings=1)
    taken = plan.jobs()[2]
    taken.folder.mkdir(parents=True)
    with (taken.folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert not work(plan, os.getppid())
    assert len(done) == 16
    assert taken.label not in done
    assert not work(plan, os.getppid() + 1)  # whoever started it is gone: nothing more is begun
    assert len(done) == 16
    assert not work(plan, os.getppid())
    assert done[16:] == [taken.label]


def test_another_twin_s_folder_and_other_bases_are_refused(tmp_path: Path) -> None:
    base = tmp_path / "q"
    write_text(json.dumps({"fast": True, "seed": 0}), base / "quickstart.json")
    plan = Plan(tmp_path / "out", (base,), num_seeds=1, fast=True)
    claim(plan)
    claim(plan)
    with pytest.raises(UsageError, match="holds a twin"):
        claim(Plan(tmp_path / "out", (), num_seeds=1, fast=True))
    with pytest.raises(UsageError, match=r"holds .* not a quickstart with"):
        claim(Plan(tmp_path / "other", (base,), num_seeds=1))
    with pytest.raises(UsageError, match="1 quickstarts for --seeds 3"):
        claim(Plan(tmp_path / "other", (base,)))


def test_the_table_shows_what_is_done(tmp_path: Path) -> None:
    plan = Plan(tmp_path, (tmp_path / "base",), num_seeds=2, fast=True)
    assert show(plan) == "0 of 46 policies are trained and measured."
    for job in plan.jobs():
        if job.seed == 0 and name_of(job.row) in (BASE, "alpha-0.999", "grpo"):
            verified = (
                [8] * 12 + [4 * job.training] * 12
                if job.label == "GRPO"
                else np.random.default_rng(0).integers(0, 9, 24).tolist()
            )
            ids = [f"{number:02}" for number in range(24)]
            found = Result(job.label, "p", ids, [8] * 24, verified, [min(1, one) for one in verified], 96, 1.0)
            write_text(json.dumps(vars(found)), job.result)
    text = show(plan)
    assert text.startswith("5 of 46")
    assert "| α = 0.999 |" in text
    assert "α = 0.999 matches GRPO's pass@1" in text
    assert "α = 0.25" not in text
    assert "| GRPO | 0.500 0.750 | 0.500 1.000 |" in text  # the seed's two trainings
    assert "0.125 in pass@1 and 0.250 in pass@8 (4 trainings of 2 rows)" in text  # the other row's are the same
    assert (tmp_path / "plane.svg").read_text().startswith("<svg")
