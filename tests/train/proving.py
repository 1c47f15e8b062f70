"""A real small policy and four problems that the real Lean can judge, which it has learnt to solve this often."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from store.corpus import Corpus
from store.ids import problem_id
from store.schema import PROBLEMS, VERDICTS
from train.pretrain import PretrainConfig, pretrain

RIGHT, WRONG = "\n  exact h", "\n  exact p"
RATES = {"always": 1.0, "often": 0.5, "seldom": 0.1, "never": 0.0}
"""Problem to the share of right proofs that its policy has learnt."""
STATEMENTS = {
    "always": "theorem always (p : Prop) (h : p) : p := by",
    "often": "theorem often (p q : Prop) (h : p) : p := by",
    "seldom": "theorem seldom (p q r : Prop) (h : p) : p := by",
    "never": "theorem never (p q r s : Prop) (h : p) : p := by",
}
IDS = {problem_id("", statement): name for name, statement in STATEMENTS.items()}


def make_policy(out: Path) -> Path:
    """Train the policy from scratch."""
    pairs = [
        {"prompt": STATEMENTS[name], "completion": RIGHT if index < 20 * rate else WRONG}
        for name, rate in RATES.items()
        for index in range(20)
    ]
    pretrain(
        PretrainConfig(
            pairs=pairs, out=out, steps=150, batch_tokens=600, learning_rate=1e-2, width=32, layers=2, heads=2,
            context=48, held_out=0,
        )
    )  # fmt: skip
    return out


def add_problems(root: Path, statements: dict[str, str]) -> Path:
    """Put problems into the corpus at `root`."""
    rows = [
        {"problem_id": problem_id("", text), "name": name, "header": "", "statement": text, "split": "train"}
        for name, text in statements.items()
    ]
    Corpus.open(root, create=True).append_problems(pa.Table.from_pylist(rows, PROBLEMS))
    return root


def ask(corpus: Path, query: str) -> list[tuple[Any, ...]]:
    """Ask the corpus in SQL."""
    with Corpus.open(corpus).connect() as connection:
        return connection.execute(query).fetchall()


def judge_by_rule(root: Path, judged: str = "true", right: str = RIGHT) -> None:
    """In place of Lean, where its verdicts are not what is tested; of samples for which `judged` holds in SQL."""
    corpus = Corpus.open(root)
    query = f"SELECT sample_id, problem_id, name, completion FROM corpus WHERE verdict IS NULL AND {judged}"
    rows = [
        {
            "sample_id": sample, "problem_id": problem, "detail": None, "proof_hash": None, "axioms": None,
            "verdict": "bad_problem" if name == "bad" else "verified" if text == right else "error",
            "elapsed_ms": 0.0, "checker_id": "rule", "checked_at": datetime.now(UTC),
        }
        for sample, problem, name, text in ask(root, query)
    ]  # fmt: skip
    if rows:
        corpus.append_verdicts(pa.Table.from_pylist(rows, VERDICTS), checker_id="rule")
