from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import matplotlib.image
import numpy as np
import pyarrow as pa
import pytest

from store.comparison import LEVELS
from store.corpus import Corpus
from store.drawing import SERIES, Series, files_in
from store.figures import alpha_sweep, pareto_front
from store.metrics import Interval
from store.report import config_from_corpus, write_report
from store.round_figures import busy_share, difficulty_flows, time_line
from store.schema import SAMPLES, VERDICTS
from tests.store.building import fill, problem, sample, verdict


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_the_pareto_front_holds_the_points_that_no_other_beats() -> None:
    assert pareto_front([(0.1, 0.6), (0.2, 0.5), (0.2, 0.4), (0.15, 0.45), (0.3, 0.1)]) == [0, 1, 4]
    assert pareto_front([(0.2, 0.5), (0.2, 0.5)]) == [0, 1]  # equals beat nobody
    assert pareto_front([]) == []


def test_the_flows_tell_how_many_problems_each_level_has() -> None:
    levels = np.array([[0, 0], [2, 0], [2, 1], [2, 3], [3, 3], [3, 2]])
    shown = texts(difficulty_flows("flows", ["before", "after"], levels))
    assert shown[:2] == ["before", "after"]
    counts = [text for text in shown if text.isdigit()]
    assert sorted(counts) == sorted(["1", "3", "2", "2", "1", "1", "2"])
    assert "6 problems" in shown


def test_the_busy_share_is_the_union_of_the_stages() -> None:
    spans = [("gen", 0, 0.0, 4.0), ("filter", 0, 2.0, 5.0), ("train", 0, 6.0, 10.0), ("gen", 1, 7.0, 8.0)]
    assert busy_share(spans) == pytest.approx(0.9)
    shown = texts(time_line(spans))
    assert [name for name in shown if name in ("gen", "filter", "score", "train")] == ["train", "filter", "gen"]
    assert "time since the start, seconds" in shown


def test_figures_are_written_as_svg_with_its_colours_and_png_with_the_light_ones(tmp_path: Path) -> None:
    points = [(Series(f"{a}", SERIES[i], False, a), Interval(0.5, 0.4, 0.6)) for i, a in enumerate((0.0, 0.5, 1.0))]
    with files_in(tmp_path / "figures"):
        alpha_sweep("precision", "pass@1", points, Interval(0.2, 0.1, 0.3))
    alpha_sweep("other", "pass@1", points, None)
    assert sorted(file.name for file in (tmp_path / "figures").iterdir()) == [
        "alpha-precision.png",
        "alpha-precision.svg",
    ]
    svg = (tmp_path / "figures" / "alpha-precision.svg").read_text()
    ET.fromstring(svg)
    assert set(re.findall(r"var\((--[\w-]+)\)", svg)) <= set(re.findall(r"(--[\w-]+):", svg))
    assert "prefers-color-scheme: dark" in svg
    image = (matplotlib.image.imread(tmp_path / "figures" / "alpha-precision.png")[..., :3] * 255).round().astype(int)
    colors = {tuple(color) for color in image.reshape(-1, 3)}
    assert tuple(image[0, 0]) == (0xFD, 0xFD, 0xFC)  # the page
    assert {(0x44, 0x01, 0x54), (0x46, 0x32, 0x7E), (0x36, 0x5C, 0x8D)} <= colors  # the first three policies
    assert not colors & {(10, 0, 0), (10, 0, 1), (10, 0, 2), (1, 1, 1)}  # no name of a colour is left


def rounds(root: Path) -> Corpus:
    """Three rounds over four problems; round r proves the first r + 1 of them in every draw. One held-out problem."""
    problems = [problem(f"t{index}") for index in range(4)] + [problem("held", split="test")]
    corpus = fill(root, problems=problems)
    for number in range(3):
        policy = f"p{number}"
        draws = [
            sample(row["problem_id"], policy, index, round=number)
            for row in problems
            for index in range(4)
            if row["split"] == "train" or number == 0
        ]
        solved = {row["problem_id"] for row in problems[: number + 1]}
        corpus.append_samples(pa.Table.from_pylist(draws, SAMPLES), round=number, policy_id=policy, shard="s")
        judged = [verdict(draw, "verified" if draw["problem_id"] in solved else "error") for draw in draws]
        corpus.append_verdicts(pa.Table.from_pylist(judged, VERDICTS), checker_id="lean")
        stages = [{"stage": "gen", "round": number, "start": 100.0 * number, "end": 100.0 * number + 50}]
        corpus.write_run("loop", {"config": {"out": "out"}, "round": number, "stages": stages})
    return corpus


def test_a_corpus_with_rounds_has_their_verdicts_their_flows_and_the_time_line(tmp_path: Path) -> None:
    rounds(tmp_path / "corpus")
    config = config_from_corpus(tmp_path / "corpus", out=tmp_path / "r.html", figures=tmp_path / "figures")
    html = write_report(config).read_text(encoding="utf-8")
    flows = texts((tmp_path / "figures" / "flows-rounds.svg").read_text())
    assert [text for text in flows if text.startswith("round")] == ["round 0", "round 1", "round 2"]
    assert sorted(text for text in flows if text.isdigit()) == sorted(["1", "3", "2", "2", "3", "1"])
    assert "Verdicts from round to round" in html
    assert "At least one worked for\n  60.0 % of the time" in html  # 150 of 250 seconds
    assert all(name in html for name in LEVELS)


def test_a_collapsed_policy_is_flagged(tmp_path: Path) -> None:
    problems = [problem(f"t{index}", split="test") for index in range(3)]
    draws = [sample(row["problem_id"], "base", i, completion="\n  exact x") for row in problems for i in range(4)]
    fill(tmp_path / "corpus", problems=problems, samples=draws, verdicts=[verdict(draw) for draw in draws])
    html = write_report(config_from_corpus(tmp_path / "corpus", out=tmp_path / "r.html")).read_text(encoding="utf-8")
    assert "Collapsed." in html
    assert "on 3 of the 3 problems" in html


def test_a_loop_without_stages_has_no_time_line(tmp_path: Path) -> None:
    row = problem("a", split="test")
    draw = sample(row["problem_id"], "base")
    corpus = fill(tmp_path / "corpus", problems=[row], samples=[draw], verdicts=[verdict(draw)])
    file = corpus.write_run("loop", {"config": {"out": "out"}})
    assert json.loads(file.read_text()) == {"config": {"out": "out"}}
    html = write_report(config_from_corpus(tmp_path / "corpus", out=tmp_path / "r.html")).read_text(encoding="utf-8")
    assert "loop's time" not in html
