"""Every view says what it is, and the views of diversity and difficulty say what independent Python says."""

from __future__ import annotations

import collections
import itertools
import math
import random
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, binom

import store
from store.compact import CompactConfig, compact
from store.corpus import Corpus
from store.database import ORDER, VIEWS, describe_views
from store.errors import CorpusError, UsageError
from store.schema import PROBLEMS, PROOF_FACTS, SAMPLES, SCORES, VERDICTS
from tests.store.building import fill, problem, sample, verdict
from tests.store.building import policy as policy_row
from tests.store.test_partition import PROOFS_OF_THREE_TOKENS, ask, policies_of_three_tokens


def test_every_view_has_a_header_that_says_its_grain() -> None:
    described = dict(describe_views())
    assert list(described) == list(ORDER)
    assert {path.stem for path in VIEWS.glob("*.sql")} == set(described)
    for name, header in described.items():
        assert header.startswith(name)
        assert "grain: " in header or "formula: " in header


outcome = st.sampled_from(["verified", "error", "timeout", "bad_problem", None])
drawn = st.tuples(st.sampled_from("ab"), st.integers(0, 2), outcome, st.sampled_from(["x", "y", "z"]))


@settings(max_examples=8, deadline=None)
@given(st.lists(drawn, max_size=30), st.booleans())
def test_the_views_are_what_python_counts_in_random_corpora(table: list[tuple[Any, ...]], compacted: bool) -> None:
    rows = [problem(f"t{index}") for index in range(3)]
    draws, verdicts = [], []
    for index, (policy, which, said, text) in enumerate(table):
        draws.append(sample(rows[which]["problem_id"], policy, index, completion=text))
        if said:
            verdicts.append(verdict(draws[-1], said))
    with tempfile.TemporaryDirectory() as folder:
        corpus = fill(folder, problems=rows, samples=draws, verdicts=verdicts)
        if compacted:
            compact(CompactConfig(folder, keep_minutes=0))
        _check_difficulty(corpus, rows, table)
        _check_duplicates(corpus, rows, table)
        _check_mix(corpus, table)


def _check_difficulty(corpus: Corpus, rows: list[dict[str, Any]], table: list[tuple[Any, ...]]) -> None:
    expected = {}
    for policy, which in itertools.product("ab", range(3)):
        said = [s for p, w, s, _ in table if (p, w) == (policy, which) and s not in (None, "bad_problem")]
        if said:
            rate = said.count("verified") / len(said)
            name = "easy" if rate >= 0.9 else "medium" if rate >= 0.3 else "hard" if rate > 0 else "unsolved"
            expected[policy, rows[which]["problem_id"]] = (len(said), rate, name)
    found = {
        (row["policy_id"], row["problem_id"]): (row["n"], row["pass_rate"], row["difficulty"])
        for row in ask(corpus, "FROM difficulty")
    }
    assert found == expected
    moves = collections.Counter(
        (expected["a", row["problem_id"]][2], expected["b", row["problem_id"]][2])
        for row in rows
        if ("a", row["problem_id"]) in expected and ("b", row["problem_id"]) in expected
    )
    matrix = ask(corpus, "FROM difficulty_moves('a', 'b')")
    assert {(row["before"], row["after"]): row["n_problems"] for row in matrix} == moves
    solved = {rows[which]["problem_id"] for _, which, said, _ in table if said == "verified"}
    named = {row["problem_id"] for row in ask(corpus, "FROM unsolved")}
    assert named == {row["problem_id"] for row in rows} - solved


def _check_duplicates(corpus: Corpus, rows: list[dict[str, Any]], table: list[tuple[Any, ...]]) -> None:
    counted = collections.Counter((policy, rows[which]["problem_id"], text) for policy, which, _, text in table)
    found = {(r["policy_id"], r["problem_id"], r["completion"]): r["n"] for r in ask(corpus, "FROM duplicates")}
    assert found == {key: n for key, n in counted.items() if n > 1}


def _check_mix(corpus: Corpus, table: list[tuple[Any, ...]]) -> None:
    counted = collections.Counter((policy, said or "waiting") for policy, _, said, _ in table)
    of_policy = collections.Counter(policy for policy, *_ in table)
    found = {(r["policy_id"], r["verdict"]): (r["n"], r["share"]) for r in ask(corpus, "FROM verdict_mix")}
    assert found == {key: (n, pytest.approx(n / of_policy[key[0]])) for key, n in counted.items()}


def test_tactics_and_premises_of_verified_proofs_have_their_entropy(tmp_path: Path) -> None:
    row = problem("a")
    draws = [sample(row["problem_id"], "base", index, completion=text) for index, text in enumerate("xxyz")]
    said = [verdict(draw, "verified" if draw["completion"] != "z" else "error") for draw in draws]
    corpus = fill(tmp_path, problems=[row], samples=draws, verdicts=said)
    used = [["intro", "exact"], ["intro", "exact"], ["simp", "simp"], ["sorry"]]
    facts = [
        {"sample_id": draw["sample_id"], "tactics": tactics, "premises": ["P"], "num_chars": 1, "num_lines": 1, "num_steps": 2}
        for draw, tactics in zip(draws, used, strict=True)
    ]  # fmt: skip
    corpus.append_proof_facts(pa.Table.from_pylist(facts, PROOF_FACTS))
    found = {row["kind"]: row for row in ask(corpus, "FROM proof_diversity")}
    tactics = found["tactics"]  # of two different proofs: intro ¼, exact ¼, simp ½
    assert (tactics["n_proofs"], tactics["n_uses"], tactics["n_distinct"]) == (2, 4, 3)
    assert tactics["entropy"] == pytest.approx(1.5)
    assert tactics["gini_simpson"] == pytest.approx(1 - 1 / 16 - 1 / 16 - 1 / 4)
    assert (found["premises"]["n_uses"], found["premises"]["entropy"], found["premises"]["gini_simpson"]) == (2, 0, 0)


def counted(root: Path, counts: list[tuple[int, int]]) -> Corpus:
    """Write one problem for each (n, verified), sampled plainly."""
    rows = [problem(f"t{index}") for index in range(len(counts))]
    draws, said = [], []
    for row, (n, verified) in zip(rows, counts, strict=True):
        for index in range(n):
            draws.append(sample(row["problem_id"], "base", index))
            said.append(verdict(draws[-1], "verified" if index < verified else "error"))
    return fill(root, problems=rows, samples=draws, verdicts=said)


@pytest.mark.parametrize("n", [8, 48])
def test_the_interval_of_the_pass_rate_covers_z_as_often_as_it_says(n: int, tmp_path: Path) -> None:
    found = ask(counted(tmp_path, [(n, k) for k in range(n + 1)]), "FROM partition ORDER BY n_verified")
    low, high = (np.array([row[name] for row in found]) for name in ("z_low", "z_high"))
    # The interval assumes Z ~ Beta(½, ½); sin² of evenly spread angles is that distribution.
    z = np.sin(np.linspace(0, np.pi / 2, 4001)[1:-1]) ** 2
    inside = (low <= z[:, None]) & (z[:, None] <= high)
    covered = (binom(n, z[:, None]).pmf(np.arange(n + 1)) * inside).sum(axis=1).mean()
    assert 0.93 <= covered <= 0.97


def test_shrinkage_is_the_posterior_mean_under_the_moments_of_the_others(tmp_path: Path) -> None:
    counts = [(4, 0), (4, 4), (10, 9), (10, 1), (2, 1), (20, 3), (20, 19)]
    found = ask(counted(tmp_path, counts), "FROM z_shrunk ORDER BY n, n_verified")
    z = np.array([k / n for n, k in counts])
    noise = np.mean([k / n * (1 - k / n) / (n - 1) for n, k in counts])
    mean, between = z.mean(), z.var(ddof=1) - noise
    strength = mean * (1 - mean) / between - 1
    assert strength > 0
    for row, (n, k) in zip(found, sorted(counts), strict=True):
        posterior = beta(mean * strength + k, (1 - mean) * strength + n - k)
        assert row["z_shrunk"] == pytest.approx(posterior.mean())
        assert 0 < row["z_shrunk"] < 1
    for folder, same in (("one", [(3, 1)]), ("even", [(4, 2)] * 3)):
        assert all(row["z_shrunk"] == row["z"] for row in ask(counted(tmp_path / folder, same), "FROM z_shrunk"))


def mixtures(root: Path, pairs: list[tuple[list[str], list[str]]]) -> Corpus:
    """Write one problem for each (draws of base, draws of tuned), all scored under the other policy."""
    policies, corpus = policies_of_three_tokens(), Corpus.open(root, create=True)
    names = [f"{index:016x}" for index in range(len(pairs))]
    rows = [{**problem(f"t{index}"), "problem_id": name} for index, name in enumerate(names)]
    corpus.append_problems(pa.Table.from_pylist(rows, PROBLEMS))
    for mine, other, side in (("base", "tuned", 0), ("tuned", "base", 1)):
        drawn = [(name, i, text) for name, pair in zip(names, pairs, strict=True) for i, text in enumerate(pair[side])]
        draws = [
            {**sample(name, mine, i, completion=text), "logprob_policy": math.log(policies[mine][text]),
             "logprob_sampler": math.log(policies[mine][text])}
            for name, i, text in drawn
        ]  # fmt: skip
        said = [verdict(d, "verified" if d["completion"] in PROOFS_OF_THREE_TOKENS else "error") for d in draws]
        scores = [
            {"sample_id": d["sample_id"], "policy_id": other, "logprob": math.log(policies[other][d["completion"]])}
            for d in draws
        ]
        corpus.append_samples(pa.Table.from_pylist(draws, SAMPLES), round=0, policy_id=mine, shard="s")
        corpus.append_verdicts(pa.Table.from_pylist(said, VERDICTS), checker_id="lean")
        corpus.append_scores(pa.Table.from_pylist(scores, SCORES), policy_id=other)
    return corpus


def exact_z() -> float:
    return sum(policies_of_three_tokens()["base"][text] for text in PROOFS_OF_THREE_TOKENS)


def test_the_mixture_estimate_is_unbiased_over_all_that_can_be_drawn(tmp_path: Path) -> None:
    policies = policies_of_three_tokens()
    every = list(itertools.product(policies["base"], policies["tuned"]))
    corpus = mixtures(tmp_path, [([first], [second]) for first, second in every])
    found = ask(corpus, "FROM partition WHERE policy_id = 'base' ORDER BY problem_id")
    chances = [policies["base"][first] * policies["tuned"][second] for first, second in every]
    mean = sum(chance * row["z_importance"] for chance, row in zip(chances, found, strict=True))
    assert sum(chances) == pytest.approx(1)
    assert mean == pytest.approx(exact_z(), rel=1e-12)


@pytest.mark.slow
def test_the_standard_error_covers_z_as_often_as_a_normal_one_should(tmp_path: Path) -> None:
    policies, chance = policies_of_three_tokens(), random.Random(4)
    draw = {name: lambda n, p=p: chance.choices(list(p), list(p.values()), k=n) for name, p in policies.items()}
    corpus = mixtures(tmp_path, [(draw["base"](160), draw["tuned"](80)) for _ in range(500)])
    found = ask(corpus, "FROM partition WHERE policy_id = 'base'")
    inside = [abs(row["z_importance"] - exact_z()) <= 1.96 * row["z_error"] for row in found]
    assert 0.93 <= np.mean(inside) <= 0.97


def test_effective_samples_of_a_problem_and_of_a_policy(tmp_path: Path) -> None:
    policies = policies_of_three_tokens()
    corpus = mixtures(tmp_path, [(["012", "000"], ["200"]), (["111"], ["222", "012"])])
    weights = [1, 1, policies["base"]["200"] / policies["tuned"]["200"]]
    more = [1, *(policies["base"][text] / policies["tuned"][text] for text in ("222", "012"))]
    rows = ask(corpus, "FROM effective_samples WHERE base_policy_id = 'base' ORDER BY problem_id NULLS LAST")
    for row, w in zip(rows, (weights, more, weights + more), strict=True):
        assert (row["n"], row["ess"]) == (len(w), pytest.approx(sum(w) ** 2 / sum(x * x for x in w)))
    assert rows[0]["ess_target"] == pytest.approx((1 + weights[2]) ** 2 / (1 + weights[2] ** 2))


def test_a_bad_file_is_refused_or_named_and_set_aside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus = counted(tmp_path, [(3, 1)])
    (shard,) = corpus.files("samples")
    broken = Path(str(shard)).with_name("broken.parquet")
    broken.write_bytes(Path(str(shard)).read_bytes()[:200])
    with pytest.raises(CorpusError, match=r"broken\.parquet: unreadable shard of samples.*--skip-bad"):
        store.open(tmp_path)
    with store.open(tmp_path, skip_bad=True) as connection:
        assert connection.execute("SELECT count(*) FROM samples").fetchall() == [(3,)]
    assert "set aside:" in (said := capsys.readouterr().err)
    assert "broken.parquet" in said


def test_a_run_that_is_not_there_or_lost_a_shard_is_named(tmp_path: Path) -> None:
    corpus = counted(tmp_path, [(3, 1)])
    with pytest.raises(UsageError, match="--as-of nothing: no such run"):
        store.open(tmp_path, as_of="nothing")
    without = corpus.write_run("gen", {})
    with pytest.raises(UsageError, match="recorded no shards"):
        store.open(tmp_path, as_of=without.name)
    run = corpus.write_run("eval", {"shards": corpus.shards()})
    with store.open(tmp_path, as_of=run.name.removesuffix(".json")) as connection:
        assert connection.execute("SELECT sum(n) FROM partition").fetchall() == [(3,)]
    Path(str(corpus.files("samples")[0])).unlink()
    with pytest.raises(CorpusError, match=r"shard samples/.* is gone"):
        store.open(tmp_path, as_of=run.name)


def test_a_connection_reads_the_corpus_and_nothing_else(tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("a\n1\n")
    corpus = counted(tmp_path / "corpus", [(3, 1)])
    with store.open(corpus.root) as connection:
        for query in (
            f"FROM '{outside}'", f"COPY (SELECT 1) TO '{outside}'", f"COPY (SELECT 1) TO '{tmp_path}/new.csv'",
            "SET enable_external_access = true", f"ATTACH '{tmp_path}/new.db'", "INSTALL httpfs",
        ):  # fmt: skip
            with pytest.raises(Exception, match=r"(?i)permission|disabled|locked|cannot"):
                connection.execute(query)
    assert outside.read_text() == "a\n1\n"
    assert {path.name for path in tmp_path.iterdir()} == {"outside.csv", "corpus"}


def test_a_proof_counts_as_often_as_its_policy_drew_it(tmp_path: Path) -> None:
    name = problem("t")["problem_id"]
    draws = [sample(name, "base", index, log_policy=-float(index + 1)) for index in range(4)]
    said = [verdict(draws[0], proof_hash="a"), verdict(draws[1], proof_hash="a"), verdict(draws[2], proof_hash="b")]
    said.append(verdict(draws[3], "error"))
    corpus = fill(tmp_path, problems=[problem("t")], samples=draws, verdicts=said)
    first = min(draws[:2], key=lambda draw: draw["sample_id"])
    with corpus.connect() as connection:
        found = connection.sql("SELECT proof, n, sample_id, log_policy FROM proofs ORDER BY proof").fetchall()
    assert found == [
        ("a", 2, first["sample_id"], first["logprob_policy"]), ("b", 1, draws[2]["sample_id"], -3.0)
    ]  # fmt: skip


def test_a_policy_is_found_by_the_name_of_its_folder(tmp_path: Path) -> None:
    paths = {"one": "here/alpha-0.25", "two": "here/twice", "three": "there/twice"}
    rows = [policy_row(name, path=path) for name, path in paths.items()]
    corpus = fill(tmp_path, policies=rows)
    with corpus.connect() as connection:
        assert connection.sql("SELECT policy_of('alpha-0.25'), policy_of('none')").fetchall() == [("one", None)]
        with pytest.raises(duckdb.Error, match="More than one row"):
            connection.sql("SELECT policy_of('twice')").fetchall()


def test_a_kept_view_is_read_by_those_that_build_on_it(tmp_path: Path) -> None:
    row = problem("a")
    draws = [sample(row["problem_id"], "base", index) for index in range(3)]
    verdicts = [verdict(draw, "verified" if draw is draws[0] else "error") for draw in draws]
    corpus = fill(tmp_path, problems=[row], samples=draws, verdicts=verdicts)
    query = "SELECT sample_id, log_partition FROM weights ORDER BY ALL"
    with store.open(corpus.root) as plain, store.open(corpus.root, keep=["partition"]) as kept:
        assert kept.sql(query).fetchall() == plain.sql(query).fetchall()
        assert kept.sql("FROM partition").fetchall() == plain.sql("FROM partition").fetchall()
        kept.execute("UPDATE partition SET log_partition = -7")
        assert {log_partition for _, log_partition in kept.sql(query).fetchall()} == {-7.0}
    with pytest.raises(UsageError, match="no such view"):
        store.open(corpus.root, keep=["nothing"])


def test_a_connection_for_a_view_has_all_that_it_builds_on(tmp_path: Path) -> None:
    corpus = fill(tmp_path, problems=[problem("a")])
    with corpus.connect() as whole:
        made = set(whole.sql("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchnumpy()["view_name"])
        for name in ORDER:
            with corpus.connect([name]) as connection:
                if name in made:
                    assert connection.sql(f"FROM {name}").fetchall() == whole.sql(f"FROM {name}").fetchall()
    with corpus.connect_for("FROM Pass_at_K(1)", "SELECT jeffreys_low(.025, 1, 2)") as connection:
        assert connection.sql("FROM pass_at_k(1)").fetchall() == []
        assert 0 < connection.sql("SELECT jeffreys_low(.025, 1, 2)").fetchall()[0][0] < 0.5
        with pytest.raises(duckdb.Error, match="duplicates"):
            connection.sql("FROM duplicates")
