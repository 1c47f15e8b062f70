"""A real policy and real samples, and a rule in place of Lean: ` a b` and ` b a` both prove `copy a b`."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from gen.run import GenConfig, generate
from store.corpus import Corpus
from store.ids import problem_id
from store.schema import PROBLEMS, VERDICTS
from train.pretrain import PretrainConfig, pretrain

LETTERS = "abcdefgh"
NAMES = ["".join(pair) for pair in itertools.permutations(LETTERS, 2)]


def statement(name: str) -> str:
    return f"copy {name[0]} {name[1]} :="


def proofs(name: str) -> tuple[str, str]:
    return f" {name[0]} {name[1]}", f" {name[1]} {name[0]}"


def make_corpus(root: Path, *, n: int = 24, seed: int = 0) -> Path:
    """Make `root`/corpus and `root`/base: a policy that copies badly, sampled and judged."""
    # Half of the texts are right, one in four of them the other way round: both kinds can be sampled.
    pairs = [
        {"prompt": statement(name), "completion": completion}
        for index, name in enumerate(NAMES)
        for completion in (*proofs(name)[: 1 + index % 2], f" {name[0]} {LETTERS[index % 8]}", f" {LETTERS[index % 8]}")
    ]
    pretrain(
        PretrainConfig(
            pairs=pairs, out=root / "base", steps=600, batch_tokens=600, learning_rate=1e-2, width=32, layers=2,
            heads=2, context=32, seed=seed,
        )
    )  # fmt: skip
    corpus = Corpus.open(root / "corpus", create=True)
    rows = [
        {
            "problem_id": problem_id("", statement(name)), "name": name, "header": "", "statement": statement(name),
            "informal": None, "source": None, "split": "test" if index % 4 == 0 else "train",
        }
        for index, name in enumerate(NAMES)
    ]  # fmt: skip
    corpus.append_problems(pa.Table.from_pylist(rows, PROBLEMS))
    generate(GenConfig(corpus=corpus.root, model=root / "base", n=n, max_new_tokens=8, seed=seed))
    judge(corpus)
    return corpus.root


def judge(corpus: Corpus) -> None:
    """Give every sample its verdict."""
    with corpus.connect() as connection:
        samples = connection.sql("SELECT sample_id, problem_id, name, completion, finish_reason FROM corpus").fetchall()
    rows = [
        {
            "sample_id": sample, "problem_id": problem, "elapsed_ms": 0.0, "checker_id": "rule",
            "verdict": "verified" if completion in proofs(name) and finish == "stop" else "rejected",
            "detail": None, "proof_hash": None, "axioms": None, "checked_at": datetime.now(UTC),
        }
        for sample, problem, name, completion, finish in samples
    ]  # fmt: skip
    corpus.append_verdicts(pa.Table.from_pylist(rows, VERDICTS), checker_id="rule")
