"""Corpora made by hand: rows with every column filled, and a small study with plausible numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from store.corpus import Corpus
from store.ids import content_hash, problem_id
from store.schema import POLICIES, PROBLEMS, SAMPLES, SCORES, VERDICTS

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def problem(name: str, *, split: str = "train", **columns: Any) -> dict[str, Any]:
    statement = f"theorem {name} (p q : Prop) (h : p ∧ q) : q ∧ p := by"
    row = {"problem_id": problem_id("", statement), "name": name, "header": "", "statement": statement}
    return {**row, "informal": None, "source": None, "split": split, **columns}


def sample(
    problem: str, policy: str, index: int = 0, *, log_policy: float | None = -1.0, **columns: Any
) -> dict[str, Any]:
    row = {
        "sample_id": content_hash(problem, policy, str(index)), "problem_id": problem, "policy_id": policy, "round": 0,
        "sample_index": index, "completion": f"\n  exact {index}", "token_ids": [1, 2], "token_logprobs": [-0.5, -0.5],
        "logprob_policy": log_policy, "logprob_sampler": log_policy, "finish_reason": "stop", "prompt_tokens": 3,
        "seed": 0, "created_at": NOON,
    }  # fmt: skip
    return {**row, **columns}


def verdict(sample: dict[str, Any], value: str = "verified", **columns: Any) -> dict[str, Any]:
    row = {
        "sample_id": sample["sample_id"], "problem_id": sample["problem_id"], "verdict": value, "detail": None,
        "proof_hash": content_hash(sample["problem_id"], sample["completion"]), "axioms": [], "elapsed_ms": 1.0,
        "checker_id": "lean", "checked_at": NOON,
    }  # fmt: skip
    return {**row, **columns}


def policy(identity: str, *, parent: str | None = None, path: str = "policies/p", **columns: Any) -> dict[str, Any]:
    row = {"policy_id": identity, "path": path, "parent_policy_id": parent, "step": 0, "config": "{}"}
    return {**row, "created_at": NOON, **columns}


def fill(
    root: str | Path,
    *,
    problems: Sequence[dict[str, Any]] = (),
    samples: Sequence[dict[str, Any]] = (),
    verdicts: Sequence[dict[str, Any]] = (),
    scores: Sequence[tuple[str, str, float]] = (),
    policies: Sequence[dict[str, Any]] = (),
) -> Corpus:
    """Write the rows into the corpus at `root`; scores are (sample_id, policy_id, logprob)."""
    corpus = Corpus.open(root, create=True)
    if problems:
        corpus.append_problems(pa.Table.from_pylist(list(problems), PROBLEMS))
    for name in sorted({row["policy_id"] for row in samples}):
        mine = [row for row in samples if row["policy_id"] == name]
        shard = content_hash(*(row["sample_id"] for row in mine))
        corpus.append_samples(pa.Table.from_pylist(mine, SAMPLES), round=0, policy_id=name, shard=shard)
    if verdicts:
        corpus.append_verdicts(pa.Table.from_pylist(list(verdicts), VERDICTS), checker_id="lean")
    for name in sorted({score[1] for score in scores}):
        rows = [{"sample_id": s, "policy_id": p, "logprob": value} for s, p, value in scores if p == name]
        corpus.append_scores(pa.Table.from_pylist(rows, SCORES), policy_id=name)
    for row in policies:
        corpus.append_policies(pa.Table.from_pylist([row], POLICIES))
    return corpus


PROOFS = (
    "\n  exact And.intro h.2 h.1",
    "\n  exact ⟨h.2, h.1⟩",
    "\n  constructor\n  · exact h.2\n  · exact h.1",
    "\n  cases h with\n  | intro hp hq =>\n    exact ⟨hq, hp⟩",
    "\n  have hp := h.1\n  have hq := h.2\n  apply And.intro\n  · assumption\n  · assumption",
)
ALPHAS = (0.0, 0.25, 0.5, 0.75, 0.999)
MISTAKES = ("error", "cut", "policy", "empty", "timeout", "sorry")


def study(root: Path, *, num_problems: int = 60, n: int = 64, seed: int = 0) -> tuple[Corpus, list[Path]]:
    """Make a corpus with a base policy and five trained ones that trade coverage for precision; return metrics too."""
    random = np.random.default_rng(seed)
    problems = [problem(f"t{index}", split="test" if index % 3 == 0 else "train") for index in range(3 * num_problems)]
    held_out = [row for row in problems if row["split"] == "test"]
    skill = np.exp(random.normal(-3.4, 1.7, size=len(held_out)))
    samples: list[dict[str, Any]] = []
    verdicts: list[dict[str, Any]] = []
    policies = [policy("base", path=str(root.parent / "policies" / "base"), config='{"steps": 700}')]
    train = [row for row in problems if row["split"] == "train"]
    train_skill = np.exp(random.normal(-3.4, 1.7, size=len(train)))
    for row, chance in zip([*train, *held_out], [*train_skill, *skill], strict=True):
        _draw(random, row, "base", min(chance, 0.97), 1.0, n, samples, verdicts)
    metrics = []
    for place, alpha in enumerate(ALPHAS):
        name = content_hash(str(alpha))
        folder = root.parent / "policies" / f"alpha-{alpha:g}"
        at = NOON + timedelta(minutes=place)
        policies.append(
            policy(name, parent="base", path=str(folder), config=json.dumps({"alpha": alpha}), created_at=at)
        )
        for row, chance in zip(held_out, skill, strict=True):
            lost = random.random() < 0.12 + 0.35 * alpha and chance < 0.15
            _draw(random, row, name, 0.0 if lost else min(3.2 * chance, 0.97), 1 - 0.5 * alpha, n, samples, verdicts)
        metrics.append(_metrics(random, folder, alpha))
    return fill(root, problems=problems, samples=samples, verdicts=verdicts, policies=policies), metrics


def _draw(
    random: np.random.Generator, row: dict[str, Any], name: str, chance: float, spread: float, n: int,
    samples: list[dict[str, Any]], verdicts: list[dict[str, Any]],
) -> None:  # fmt: skip
    shares = np.exp(-np.arange(len(PROOFS)) / (1.2 * spread))
    for index in range(n):
        right = random.random() < chance
        completion = PROOFS[random.choice(len(PROOFS), p=shares / shares.sum())] if right else f"\n  exact {index}"
        value = "verified" if right else MISTAKES[random.choice(6, p=(0.83, 0.08, 0.05, 0.02, 0.01, 0.01))]
        finish = "length" if value == "cut" else "stop"
        log_policy = math.log(max(chance, 1e-3)) - 3 * random.random() - 2
        drawn = sample(
            row["problem_id"], name, index, log_policy=log_policy, completion=completion, finish_reason=finish
        )
        samples.append(drawn)
        verdicts.append(verdict(drawn, value))


def _metrics(random: np.random.Generator, folder: Path, alpha: float) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        {
            "step": step, "loss": 20 * 0.98**step, "grad_norm": 1 + random.random() + 2 * 0.97**step,
            "forward_kl": (1 + alpha) * 0.985**step + 0.15 * random.random(),
            "ess": (1 - 0.6 * alpha) * (0.9 + 0.1 * random.random()), "log_ratio_mean": 0.02 * step * random.random(),
        }
        for step in range(1, 81)
    ]  # fmt: skip
    file = folder / "metrics.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return file
