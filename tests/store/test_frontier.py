"""Policies over several seeds, against numbers worked by hand."""

from __future__ import annotations

import pytest

from store.frontier import Drawn, as_markdown, looks, plane, plane_of_gains, pooled
from store.metrics import resample


def drawn(verified: list[int], distinct: list[int]) -> Drawn:
    return Drawn([4] * len(verified), verified, distinct)


def test_trainings_are_averaged_and_the_problems_of_the_seeds_stand_side_by_side() -> None:
    """Two seeds of two and one problems, two trainings each: pass@1 = c/4, pass@4 = [c > 0]."""
    counts = [
        [drawn([4, 0], [2, 0]), drawn([2, 0], [1, 0])],
        [drawn([1], [1]), drawn([0], [0])],
    ]
    point = pooled("a", counts, 4)
    assert point.curves[:, 0].tolist() == [0.75, 0.0, 0.125]
    assert point.curves[:, 3].tolist() == [1.0, 0.0, 0.5]
    share = resample(3, 0)
    assert point.at(1, share).estimate == pytest.approx(0.875 / 3)
    diversity = point.diversity(share)
    assert diversity is not None
    assert diversity.estimate == pytest.approx((1.5 + 0.5) / 1.5)  # distinct proofs by share solved
    assert [curve[3] for curve in point.each] == [0.5, 0.5, 1.0, 0.0]


def test_differences_are_taken_problem_by_problem() -> None:
    """Every problem gains a quarter, so the interval has no width, however much the problems differ."""
    first, second = (pooled("a", [[drawn(c, [0, 0, 0])]], 4) for c in ([1, 3, 4], [0, 2, 3]))
    gain = first.gain(second, 1, resample(3, 0))
    assert (gain.low, gain.estimate, gain.high) == pytest.approx((0.25, 0.25, 0.25))


def test_the_table_and_the_plane_name_every_policy() -> None:
    counts = [[drawn([1, 2], [1, 1])]]
    points = [pooled("base", counts, 4), pooled("α = 0.5", counts, 4, alpha=0.5), pooled("GRPO", counts, 4)]
    share = resample(2, 0)
    table = as_markdown(points, (1, 4), share).splitlines()
    assert table[0] == "| policy | pass@1 | pass@4 | distinct proofs per solved problem |"
    assert [line.split("|")[1].strip() for line in table[2:]] == ["base", "α = 0.5", "GRPO"]
    assert "0.375 [0.250, 0.500]" in table[2]
    picture = plane(points, 4, share)
    assert all(f">{point.label}<" in picture for point in points)
    gains = plane_of_gains(points, 4, share)
    assert all((f">{point.label}<" in gains) == (point is not points[0]) for point in points)


def test_policies_are_told_apart_by_shape_as_well_as_by_colour() -> None:
    counts = [[drawn([1], [1])]]
    names = [f"other {number}" for number in range(9)]
    points = [
        pooled("base", counts, 4),
        pooled("α", counts, 4, alpha=0.5),
        *(pooled(name, counts, 4) for name in names),
    ]
    found = [(look.marker, look.color) for look in looks(points)]
    assert [marker for marker, _ in found[:2]] == ["D", "o"]
    assert len(set(found)) == 11
    assert not {"D", "o"} & {marker for marker, _ in found[2:]}
