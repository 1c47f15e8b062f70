"""`cli eval` with two real small policies and the real Lean, against the same numbers worked out in plain Python."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from transformers import AutoModelForCausalLM

from gen.models import open_folder
from gen.prompts import encode_prompt
from store.corpus import Corpus
from store.errors import UsageError
from store.ids import problem_id
from store.schema import PROBLEMS
from train.evaluate import EvalConfig, Evaluation, evaluate_policy
from train.policy import register_policy
from train.pretrain import PretrainConfig, pretrain

N = 12
PROOFS = ("\n  exact h", "\n  assumption", "\n  exact p")
"""Two that hold and one that does not."""
STATEMENTS = {
    "first": "theorem first (p : Prop) (h : p) : p := by",
    "second": "theorem second (p q : Prop) (h : p) : p := by",
    "third": "theorem third (p q r : Prop) (h : p) : p := by",
}


def learnt(out: Path, rates: dict[str, tuple[int, int, int]], seed: int) -> Path:
    """Train a policy that gives each proof of a problem this often."""
    pairs = [
        {"prompt": STATEMENTS[name], "completion": text}
        for name, counts in rates.items()
        for text, count in zip(PROOFS, counts, strict=True)
        for _ in range(count)
    ]
    pretrain(
        PretrainConfig(
            pairs=pairs, out=out, steps=150, batch_tokens=600, learning_rate=1e-2, width=32, layers=2, heads=2,
            context=48, held_out=0, seed=seed,
        )
    )  # fmt: skip
    return out


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[EvalConfig, Evaluation]:
    root = tmp_path_factory.mktemp("study")
    base = learnt(root / "base", {"first": (6, 6, 8), "second": (4, 0, 16), "third": (0, 0, 20)}, seed=0)
    tuned = learnt(root / "tuned", {"first": (20, 0, 0), "second": (16, 0, 4), "third": (0, 0, 20)}, seed=1)
    rows = [
        {
            "problem_id": problem_id("", text), "name": name, "header": "", "statement": text, "split": "test",
            "source": "tests" if name == "third" else None,
        }
        for name, text in STATEMENTS.items()
    ]  # fmt: skip
    corpus = Corpus.open(root / "corpus", create=True)
    corpus.append_problems(pa.Table.from_pylist(rows, PROBLEMS))
    parent = register_policy(corpus, base, parent=None, step=0, config={})
    register_policy(corpus, tuned, parent=parent, step=1, config={"alpha": 0.5})
    config = EvalConfig(root / "corpus", tuned, n=N, max_new_tokens=12, workers=1, against=(base,), seed=3)
    return config, evaluate_policy(config)


def rows(config: EvalConfig, policy: str) -> list[dict[str, Any]]:
    query = """
        SELECT name, statement, verified, completion, token_ids
        FROM corpus JOIN samples USING (sample_id, policy_id, completion) WHERE policy_id = $policy
    """
    with Corpus.open(config.corpus).connect() as connection:
        return connection.sql(query, params={"policy": policy}).to_arrow_table().to_pylist()


def test_the_numbers_are_those_of_the_samples(study: tuple[EvalConfig, Evaluation]) -> None:
    config, found = study
    for result in found.results:
        mine = rows(config, result.policy_id)
        assert len(mine) == 3 * N
        proofs = {
            name: Counter(r["completion"] for r in mine if r["name"] == name and r["verified"]) for name in STATEMENTS
        }
        right = {name: count.total() for name, count in proofs.items()}
        assert right["third"] == 0
        solved = [count for count in proofs.values() if count]
        assert result.n_solved == len(solved)
        for k in (1, 2, N):
            expected = np.mean([1 - math.comb(N - c, k) / math.comb(N, k) for c in right.values()])
            assert result.at(k).estimate == pytest.approx(expected)
        shares = [[n / count.total() for n in count.values()] for count in solved]
        assert result.entropy is not None
        assert result.entropy.estimate == pytest.approx(np.mean([sum(-p * math.log2(p) for p in s) for s in shares]))
        assert result.gini_simpson is not None
        assert result.gini_simpson.estimate == pytest.approx(np.mean([1 - sum(p * p for p in s) for s in shares]))


def test_perplexity_is_that_of_the_verified_proofs_under_the_base(study: tuple[EvalConfig, Evaluation]) -> None:
    config, found = study
    folder = open_folder(config.against[0])
    model = AutoModelForCausalLM.from_pretrained(config.against[0], dtype=torch.float64)
    for result in found.results:
        nats, tokens = 0.0, 0
        for row in rows(config, result.policy_id):
            if row["verified"]:
                prompt = encode_prompt(folder.tokenizer, row["statement"], folder.end_tokens)
                ids = torch.tensor([prompt + row["token_ids"]])
                with torch.inference_mode():
                    log_probs = model(ids).logits[0, len(prompt) - 1 : -1].log_softmax(-1)
                nats -= float(log_probs[range(len(row["token_ids"])), row["token_ids"]].sum())
                tokens += len(row["token_ids"])
        assert result.perplexity is not None
        assert result.perplexity.estimate == pytest.approx(math.exp(nats / tokens), rel=1e-4)
        assert result.perplexity.low <= result.perplexity.estimate <= result.perplexity.high


def test_the_comparison_is_problem_by_problem(study: tuple[EvalConfig, Evaluation]) -> None:
    _, found = study
    (pair,) = found.comparisons
    tuned, base = found.results
    assert (pair.policy_id, pair.against) == (tuned.policy_id, base.policy_id)
    assert list(pair.gains) == [1, 4, 12]
    for k, gain in pair.gains.items():
        assert gain.estimate == pytest.approx(tuned.at(k).estimate - base.at(k).estimate)
    assert sum(map(sum, pair.transition)) == 3
    assert pair.transition[3][3] == 1  # nobody proves the third
    assert sum(row[0] for row in pair.transition) >= 1  # the first has become easy


def test_a_policy_with_one_proof_over_and_over_is_called_collapsed(study: tuple[EvalConfig, Evaluation]) -> None:
    tuned, base = study[1].results
    assert tuned.collapsed
    assert not base.collapsed
    assert "COLLAPSED" in tuned.as_text()


def test_the_same_evaluation_again_draws_nothing_and_says_the_same(study: tuple[EvalConfig, Evaluation]) -> None:
    config, found = study
    before = Corpus.open(config.corpus).all_files()
    assert evaluate_policy(config) == found
    assert Corpus.open(config.corpus).all_files() == before


def test_other_samples_of_the_policy_are_not_counted(study: tuple[EvalConfig, Evaluation]) -> None:
    config, found = study
    warm = replace(config, n=6, temperature=0.5, against=(), where="source IS NULL")
    result = evaluate_policy(warm).results[0]
    assert (result.n, result.n_problems) == (6, 2)
    assert evaluate_policy(config) == found


def test_problems_are_chosen_by_a_condition_and_by_a_query(
    study: tuple[EvalConfig, Evaluation], tmp_path: Path
) -> None:
    config, _ = study
    query = tmp_path / "hard.sql"
    query.write_text("SELECT problem_id FROM partition WHERE n_verified = 0")
    result = evaluate_policy(replace(config, problems_sql=query, ks=(2,))).results[0]
    assert (result.n_problems, result.n_solved, result.distinct) == (1, 0, None)
    with pytest.raises(UsageError, match="--where: "):
        evaluate_policy(replace(config, where="nonsense = 1"))
    with pytest.raises(UsageError, match="no problem is left"):
        evaluate_policy(replace(config, where="false"))
    query.write_text("SELECT 1 AS one")
    with pytest.raises(UsageError, match="column problem_id"):
        evaluate_policy(replace(config, problems_sql=query))
    with pytest.raises(UsageError, match="cannot be read"):
        evaluate_policy(replace(config, problems_sql=tmp_path / "none.sql"))


def test_the_result_is_text_json_and_markdown(study: tuple[EvalConfig, Evaluation]) -> None:
    _, found = study
    read = json.loads(found.show("json"))
    assert len(read["results"][0]["pass_at"]) == N
    assert read["comparisons"][0]["gains"]["12"]["estimate"] == found.comparisons[0].gains[12].estimate
    lines = found.show("markdown").splitlines()
    tables = [line for line in lines if line.startswith("|")]
    assert len({line.count("|") for line in tables[:4]}) == 1
    assert len(tables) == 2 + 2 + 2 + 1
    assert "difficulty" in found.show("text")


def test_results_stand_in_the_corpus(study: tuple[EvalConfig, Evaluation]) -> None:
    config, found = study
    runs = Path(config.corpus) / "runs"
    stored = json.loads(next(iter(sorted(runs.glob("*-comparison-*.json")))).read_text())
    assert stored["config"]["n"] == N
    assert stored["comparisons"][0]["n_problems"] == found.comparisons[0].n_problems
    assert list(runs.glob("*-eval-*.json"))


def test_a_k_beyond_n_is_refused_before_any_work(study: tuple[EvalConfig, Evaluation]) -> None:
    with pytest.raises(UsageError, match="--k 13: must be between 1 and --n 12"):
        replace(study[0], ks=(13,))
    with pytest.raises(UsageError, match="--temperature 0: greedy"):
        replace(study[0], temperature=0.0)
