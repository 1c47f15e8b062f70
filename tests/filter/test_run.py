"""Verdicts in the corpus: one for each sample, whatever interrupts the run."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import filter.run
from filter.embedded import embedded_toolchain
from filter.run import FilterConfig, check
from store.corpus import Corpus
from store.errors import CorpusError, RemainsError, UsageError
from store.ids import problem_id
from store.schema import PROBLEMS, SAMPLES

SWAP = "theorem t (p q : Prop) (h : p ∧ q) : q ∧ p := by"
BAD = "theorem t (p : Prop) : r := by"


def _corpus(root: Path, texts: list[tuple[str, str, str]], header: str = "") -> Corpus:
    """A corpus with one sample for every (statement, completion, finish_reason)."""
    corpus = Corpus.open(root, create=True)
    statements = sorted({statement for statement, _, _ in texts})
    corpus.append_problems(
        pa.Table.from_pylist(
            [
                {"problem_id": problem_id(header, s), "name": "t", "header": header, "statement": s, "split": "train"}
                for s in statements
            ],
            PROBLEMS,
        )
    )
    rows = [
        {
            "sample_id": f"s{index:05d}",
            "problem_id": problem_id(header, statement),
            "policy_id": "p",
            "round": 0,
            "sample_index": index,
            "completion": completion,
            "finish_reason": reason,
            "seed": 0,
            "created_at": datetime.now(UTC),
        }
        for index, (statement, completion, reason) in enumerate(texts)
    ]
    corpus.append_samples(pa.Table.from_pylist(rows, SAMPLES), round=0, policy_id="p", shard="s0")
    return corpus


def _verdicts(corpus: Corpus) -> dict[str, str]:
    with corpus.connect() as connection:
        rows = connection.execute("SELECT sample_id, verdict FROM verdicts").fetchall()
    assert len(rows) == len({sample for sample, _ in rows})
    return dict(rows)


def test_every_sample_gets_one_verdict_and_the_next_run_has_nothing_to_do(tmp_path: Path) -> None:
    corpus = _corpus(
        tmp_path / "corpus",
        [
            (SWAP, "\n  exact ⟨h.2, h.1⟩", "stop"),
            (SWAP, "\n  exact ⟨h.2, h.1⟩  ", "stop"),
            (SWAP, "\n  exact ⟨h.1, h.2⟩", "stop"),
            (SWAP, "\n  exact ⟨h.2, h.1⟩", "length"),
            (SWAP, "\n  sorry", "stop"),
            (BAD, "\n  exact h", "stop"),
        ],
    )
    summary = check(FilterConfig(corpus.root, workers=1))
    expected = ["verified", "verified", "error", "cut", "policy", "bad_problem"]
    assert _verdicts(corpus) == {f"s{index:05d}": verdict for index, verdict in enumerate(expected)}
    assert summary.verdicts == Counter(expected)
    assert summary.counts.num_reused == 1
    assert "judged in" in summary.as_text()
    assert check(FilterConfig(corpus.root, workers=1)).num_judged == 0
    assert len(list((corpus.root / "runs").glob("*.json"))) == 1


def _redraw(corpus: Corpus, templates: dict[str, str | None]) -> None:
    """Write the samples again as if drawn with these templates, by sample_id; those left out go into an older file."""
    [file] = corpus.files("samples")
    rows = pq.read_table(file).to_pylist()
    file.unlink()
    told = [row | {"template": templates[row["sample_id"]]} for row in rows if row["sample_id"] in templates]
    corpus.append_samples(pa.Table.from_pylist(told, SAMPLES), round=0, policy_id="p", shard="s1")
    older = [row for row in rows if row["sample_id"] not in templates]
    if older:
        columns = pa.schema([column for column in SAMPLES if column.name != "template"], SAMPLES.metadata)
        pq.write_table(pa.Table.from_pylist(older, columns), file)


def test_a_proof_is_read_out_as_the_sample_was_drawn(tmp_path: Path) -> None:
    answer = "First ```tactics\nexact h\n``` no.\n```lean4\n{}\n  exact ⟨h.2, h.1⟩\n```\nDone."
    other = answer.format("theorem t (p q : Prop) (h : p ∧ q) : p ∧ q := by").replace("⟨h.2, h.1⟩", "h")
    expected = {
        "older file": ("\n  exact ⟨h.2, h.1⟩\n```", None, "verified"),
        "plain": ("\n  exact ⟨h.2, h.1⟩", "plain", "verified"),
        "unknown": ("\n  exact ⟨h.2, h.1⟩", None, "verified"),
        "completion": ("  have k := h\n  exact ⟨k.2, k.1⟩\n```\n", "deepseek-prover-v1.5", "verified"),
        "wrong rule": ("  have k := h\n  exact ⟨k.2, k.1⟩\n```\n", "plain", "error"),
        "chat": (answer.format(SWAP), "kimina-prover", "verified"),
        "own file": (answer.format(SWAP), "fenced@0123456789abcdef", "verified"),
        "no proof in it": (answer.format(SWAP), "plain", "error"),
        "another theorem": (other, "kimina-prover", "mismatch"),
        "cheat": (answer.format("axiom c : False\n" + SWAP).replace("⟨h.2, h.1⟩", "c.elim"), "chat", "error"),
        "no block": ("It is clear.", "chat", "empty"),
    }
    corpus = _corpus(tmp_path / "corpus", [(SWAP, completion, "stop") for completion, _, _ in expected.values()])
    templates = {f"s{index:05d}": template for index, (_, template, _) in enumerate(expected.values()) if index}
    _redraw(corpus, templates)
    check(FilterConfig(corpus.root, workers=1))
    assert list(dict(sorted(_verdicts(corpus).items())).values()) == [verdict for _, _, verdict in expected.values()]


def test_samples_of_a_template_that_is_not_known_are_refused_before_work_starts(tmp_path: Path) -> None:
    corpus = _corpus(tmp_path / "corpus", [(SWAP, "\n  exact ⟨h.2, h.1⟩", "stop")] * 2)
    _redraw(corpus, {"s00000": "of-tomorrow", "s00001": "plain"})
    with pytest.raises(CorpusError, match="of-tomorrow"):
        check(FilterConfig(corpus.root, workers=1))
    assert _verdicts(corpus) == {}


def test_a_proof_judged_in_an_earlier_run_is_not_judged_again(tmp_path: Path) -> None:
    corpus = _corpus(tmp_path / "corpus", [(SWAP, "\n  exact ⟨h.2, h.1⟩", "stop")])
    check(FilterConfig(corpus.root, workers=1))
    [row] = pq.read_table(corpus.files("samples")[0]).to_pylist()
    again = [row | {"sample_id": "later", "sample_index": 9}]
    corpus.append_samples(pa.Table.from_pylist(again, SAMPLES), round=0, policy_id="p", shard="s1")
    summary = check(FilterConfig(corpus.root, workers=1))
    assert (summary.num_judged, summary.counts.num_reused) == (1, 1)
    assert _verdicts(corpus)["later"] == "verified"


def test_our_own_failure_is_no_verdict_and_fails_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = _corpus(tmp_path / "corpus", [(SWAP, "\n  exact ⟨h.2, h.1⟩", "stop"), (SWAP, "\n  sorry", "stop")])
    real = embedded_toolchain()
    broken = replace(real, command=(sys.executable, "-c", "raise SystemExit(1)"), library=None)
    monkeypatch.setattr(filter.run, "embedded_toolchain", lambda: broken)
    with pytest.raises(RemainsError, match="1 samples have no verdict"):
        check(FilterConfig(corpus.root, workers=1))
    assert _verdicts(corpus) == {"s00001": "policy"}
    monkeypatch.setattr(filter.run, "embedded_toolchain", lambda: real)
    check(FilterConfig(corpus.root, workers=1))
    assert _verdicts(corpus) == {"s00000": "verified", "s00001": "policy"}


@pytest.mark.parametrize("wrong", [{"workers": 0}, {"seconds": 0.0}, {"memory_mib": 10}])
def test_values_out_of_range_are_refused_before_work_starts(tmp_path: Path, wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        FilterConfig(tmp_path, **wrong)


def _many(num: int) -> list[tuple[str, str, str]]:
    names = [f"h{index}" for index in range(num)]
    right = [(SWAP, f"\n  have {name} := h\n  exact ⟨{name}.2, {name}.1⟩", "stop") for name in names[::2]]
    return right + [(SWAP, f"\n  have {name} := h\n  exact {name}", "stop") for name in names[1::2]]


def _start(corpus: Corpus) -> subprocess.Popen[bytes]:
    code = f"from pathlib import Path; from filter.run import *; check(FilterConfig(Path({str(corpus.root)!r}), workers=2))"
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.mark.slow
def test_killed_ten_times_at_random_moments_every_sample_has_one_verdict(tmp_path: Path) -> None:
    corpus = _corpus(tmp_path / "corpus", _many(3000))
    rng = random.Random(11)
    for _ in range(10):
        process = _start(corpus)
        time.sleep(rng.uniform(0.3, 4.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        _verdicts(corpus)
    check(FilterConfig(corpus.root, workers=2))
    found = _verdicts(corpus)
    assert len(found) == 3000
    assert Counter(found.values()) == {"verified": 1500, "error": 1500}


@pytest.mark.slow
def test_an_interrupt_finishes_what_has_begun_and_keeps_it(tmp_path: Path) -> None:
    corpus = _corpus(tmp_path / "corpus", _many(4000))
    process = _start(corpus)
    while not corpus.files("verdicts") and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) != 0
    found = _verdicts(corpus)
    assert 0 < len(found) < 4000
    check(FilterConfig(corpus.root, workers=2))
    assert len(_verdicts(corpus)) == 4000
