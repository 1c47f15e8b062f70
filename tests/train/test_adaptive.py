"""The alternation of sampling and checking: a real small policy, the real Lean, and the same samples after a kill."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import cli
import filter.run
import train.adaptive
from filter.embedded import embedded_toolchain
from filter.run import UnjudgedError
from gen.run import GenConfig, generate
from store.corpus import Corpus
from store.errors import UsageError
from store.ids import problem_id
from tests.commands import run, start
from tests.train.proving import IDS, RIGHT, STATEMENTS, add_problems, ask, judge_by_rule, make_policy
from train.adaptive import AdaptiveConfig, AdaptiveSummary, Status, Tally, sample_until
from train.stopping import Plan, Precision


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_policy(tmp_path_factory.mktemp("models") / "base")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return add_problems(tmp_path / "corpus", STATEMENTS)


def config(corpus: Path, policy: Path, precision: Precision | None = None, **changes: Any) -> AdaptiveConfig:
    gen = GenConfig(corpus=corpus, model=policy, n=changes.pop("n", 8), max_new_tokens=12)
    settings = {"max_n": 64, "workers": 1, **changes}
    return AdaptiveConfig(gen, precision or Precision(z_rel_error=0.5), **settings)


SAMPLES = "SELECT sample_id, sample_index, completion, verdict FROM corpus ORDER BY ALL"
STOPS = "SELECT problem_id, status, n, n_verified, z_unbiased, plan_id FROM z_adaptive ORDER BY ALL"


def by_rule(config: AdaptiveConfig, judged: str = "true") -> None:
    judge_by_rule(Path(config.gen.corpus), judged)


@pytest.fixture
def rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train.adaptive, "_judge", by_rule)


def expected_end(plan: Plan, verdicts: list[bool]) -> tuple[int, int]:
    """Follow the plan by hand over the verdicts in order of sample_index."""
    return next((n, k) for n, stops in plan.rule if stops[k := sum(verdicts[:n])])


@pytest.mark.usefixtures("rule")
def test_every_problem_stops_where_its_first_verdicts_say(corpus: Path, policy: Path, tmp_path: Path) -> None:
    asked = config(corpus, policy)
    summary = sample_until(asked)
    flat = add_problems(tmp_path / "flat", STATEMENTS)
    generate(replace(asked.gen, corpus=flat, n=64))
    for name, tally in summary.tallies.items():
        query = f"SELECT completion = '{RIGHT}' FROM corpus WHERE problem_id = '{name}' ORDER BY sample_index"
        verdicts = [right for (right,) in ask(flat, query)]
        assert (tally.n, tally.num_verified) == expected_end(summary.plan, verdicts)
    ends = {IDS[name]: tally for name, tally in summary.tallies.items()}
    assert ends["always"].n == 8
    assert ends["never"].n == 64
    assert ends["never"].status is Status.SPENT
    assert ask(corpus, "SELECT count(*) FROM samples") == [(summary.num_samples,)]
    assert summary.num_samples < summary.flat_n * 4


@pytest.mark.usefixtures("rule")
def test_the_estimates_stand_in_sql_and_the_plan_in_the_record(corpus: Path, policy: Path) -> None:
    summary = sample_until(config(corpus, policy))
    estimates = summary.plan.ends.estimate
    found = ask(corpus, STOPS)
    assert len(found) == 4
    for problem, status, n, k, unbiased, plan_id in found:
        assert (n, k, status) == (summary.tallies[problem].n, summary.tallies[problem].num_verified, status)
        assert unbiased == estimates[n, k]
        assert plan_id == summary.plan.plan_id
    (record,) = (corpus / "runs").glob("*adaptive*.json")
    written = json.loads(record.read_text())
    assert written["plan"]["looks"] == [8, 16, 32, 64]
    assert (written["plan"]["z_rel_error"], written["plan"]["max_n"]) == (0.5, 64)
    assert written["behaviour"]["worst_bias_of_pass_rate"] > 0.01
    intervals = (
        "SELECT a.z = p.z, a.z_low = p.z_low, a.z_high = p.z_high FROM z_adaptive a JOIN partition p USING (problem_id)"
    )
    assert ask(corpus, intervals) == [(True, True, True)] * 4


@pytest.mark.usefixtures("rule")
def test_the_same_command_twice_adds_nothing(corpus: Path, policy: Path) -> None:
    asked = config(corpus, policy)
    first = sample_until(asked)
    files = sorted(corpus.rglob("*"))
    again = sample_until(asked)
    assert (again.num_new, again.new_stops) == (0, 0)
    assert again.tallies == first.tallies
    assert sorted(corpus.rglob("*")) == files


@pytest.mark.usefixtures("rule")
def test_samples_that_happen_to_be_there_decide_nothing(corpus: Path, policy: Path, tmp_path: Path) -> None:
    asked = config(corpus, policy)
    alone = sample_until(asked)
    rich = add_problems(tmp_path / "rich", STATEMENTS)
    richer = replace(asked, gen=replace(asked.gen, corpus=rich))
    generate(replace(richer.gen, n=64))
    generate(replace(richer.gen, n=20, seed=1))
    generate(replace(richer.gen, n=20, temperature=0.5))
    found = sample_until(richer)
    assert found.tallies == alone.tallies
    assert found.num_new == 0


@pytest.mark.usefixtures("rule")
def test_a_larger_budget_takes_up_what_was_spent(corpus: Path, policy: Path) -> None:
    first = sample_until(config(corpus, policy))
    more = sample_until(config(corpus, policy, max_n=128))
    assert more.num_samples == first.num_samples + more.num_new
    assert {IDS[name] for name, tally in more.tallies.items() if tally.n > 64} >= {"never"}
    assert {row[5] for row in ask(corpus, STOPS)} == {more.plan.plan_id}


@pytest.mark.usefixtures("rule")
def test_a_problem_that_does_not_fit_is_named_and_has_no_estimate(corpus: Path, policy: Path) -> None:
    long = "theorem long " + "(p : Prop) " * 20 + ": p := by"
    add_problems(corpus, {"long": long})
    summary = sample_until(config(corpus, policy, n=8, max_n=8))
    assert summary.tallies[problem_id("", long)].status is Status.REFUSED
    (reason,) = summary.left_open
    assert reason.startswith("long (")
    assert "context" in reason
    assert summary.as_text().count("long (") == 1
    assert not summary.failed
    assert len(ask(corpus, STOPS)) == 4


@pytest.mark.usefixtures("rule")
def test_a_statement_that_does_not_elaborate_is_nobodys_pass_rate(corpus: Path, policy: Path) -> None:
    add_problems(corpus, {"bad": "theorem bad (p : Prop) (h : p) : q := by"})
    summary = sample_until(config(corpus, policy, n=8, max_n=16))
    (reason,) = summary.left_open
    assert reason.startswith("bad (")
    assert "does not elaborate" in reason
    assert not summary.failed
    assert len(ask(corpus, STOPS)) == 4


def test_a_sample_lean_failed_on_is_not_wrong_and_leaves_its_problem_open(
    corpus: Path, policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = 0

    def failing(_: object) -> None:
        nonlocal calls
        calls += 1
        by_rule(asked, "NOT (name = 'always' AND sample_index = 3)")
        raise UnjudgedError("1 samples have no verdict")

    asked = config(corpus, policy)
    monkeypatch.setattr(train.adaptive, "check", failing)
    summary = sample_until(asked)
    assert calls == 2 * len(summary.plan.looks)
    ends = {IDS[name]: tally for name, tally in summary.tallies.items()}
    assert (ends["always"].status, ends["always"].n) == (Status.UNJUDGED, 0)
    assert summary.failed
    assert summary.left_open[0].startswith("always (")
    assert "no verdict" in summary.as_text()
    assert len(ask(corpus, STOPS)) == 3
    monkeypatch.setattr(train.adaptive, "_judge", by_rule)
    later = sample_until(asked)
    assert (later.num_new, later.new_stops, later.failed) == (0, 1, False)


def test_settings_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--max-n 4"):
        config(tmp_path, tmp_path, n=8, max_n=4)
    gen = GenConfig(corpus=tmp_path, model=tmp_path, n=8, temperature=0.5)
    with pytest.raises(UsageError, match="--temperature 1"):
        AdaptiveConfig(gen, Precision(z_error=0.1))


# The command, with the real Lean


def test_a_problem_left_open_by_our_failure_is_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tallies = {"id": Tally("t", status=Status.UNJUDGED)}
    monkeypatch.setattr(train.adaptive, "sample_until", lambda asked: AdaptiveSummary(asked.plan, tallies))
    monkeypatch.setattr(sys, "argv", ["cli", "gen", "--model", "m", "--until-z-error", "0.1"])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 1
    assert "left open: t (id)" in capsys.readouterr().out


def command(corpus: Path, policy: Path, *more: str) -> list[str]:
    return ["gen", "--model", str(policy), "--corpus", str(corpus), "--n", "8", "--max-new-tokens", "12", *more]


UNTIL = ("--until-z-rel-error", "0.5", "--max-n", "64", "--workers", "1")


@pytest.mark.slow
def test_killed_again_and_again_it_ends_with_the_same_samples_and_estimates(
    corpus: Path, policy: Path, tmp_path: Path
) -> None:
    whole = Path(shutil.copytree(corpus, tmp_path / "whole"))
    done = run(*command(whole, policy, *UNTIL))
    assert "problems settled (--until-z-rel-error 0.5)" in done.stdout
    seen = 0
    for kind in ("samples", "verdicts", "samples", "verdicts", "samples"):
        # Killed as soon as the next file of this kind stands, so in every phase of the alternation.
        before = len(Corpus.open(corpus).files(kind))
        process = start(*command(corpus, policy, *UNTIL))
        while len(Corpus.open(corpus).files(kind)) == before and process.is_alive():
            time.sleep(0.02)
        seen += process.is_alive()
        process.kill()
        process.join()
    assert seen >= 4
    last = run(*command(corpus, policy, *UNTIL))
    assert last.returncode == 0
    assert ask(corpus, SAMPLES) == ask(whole, SAMPLES)
    assert ask(corpus, STOPS) == ask(whole, STOPS)
    assert last.stdout.splitlines()[0] == done.stdout.splitlines()[0]
    assert Counter(verdict for *_, verdict in ask(whole, SAMPLES)).keys() <= {"verified", "error", "cut", "policy"}


@pytest.mark.slow
def test_a_lean_that_always_fails_leaves_every_problem_open_and_fails_the_run(
    corpus: Path, policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = embedded_toolchain()
    broken = replace(real, command=(sys.executable, "-c", "raise SystemExit(1)"), library=None)
    monkeypatch.setattr(filter.run, "embedded_toolchain", lambda: broken)
    summary = sample_until(config(corpus, policy))
    assert summary.failed
    assert {tally.status for tally in summary.tallies.values()} == {Status.UNJUDGED}
    assert summary.plan.looks[0] * 4 == summary.num_new
    monkeypatch.setattr(filter.run, "embedded_toolchain", lambda: real)
    assert not sample_until(config(corpus, policy)).failed


@pytest.mark.parametrize("extra", [("--max-n", "64"), ("--workers", "1"), (*UNTIL, "--temperature", "0.5")])
def test_flags_without_effect_are_wrong_use(extra: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*command(tmp_path, tmp_path, *extra))
    assert done.returncode == 2
    assert "--until-z-error" in done.stderr
