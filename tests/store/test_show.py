from __future__ import annotations

import math
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from tokenizers.decoders import ByteLevel

from store.corpus import Corpus
from store.errors import UsageError
from store.focus import focus
from store.sample import find_sample, load_sample
from store.show import show, surprise_step
from store.stats import describe
from store.tokens import SPECIAL, token_texts
from tests.store.building import fill, policy, problem, sample, study, verdict

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    one, other = problem("a"), problem("b")
    draws = [
        sample(one["problem_id"], "base", index, log_policy=-1.0 - index, sample_id=f"{index}abc") for index in range(4)
    ]
    elsewhere = [sample(other["problem_id"], "base", 0, sample_id="0xyz", completion="\x1b[2J<script>")]
    verdicts = [verdict(draws[0]), verdict(draws[1]), verdict(draws[2], "error", detail="line 2: no"), verdict(draws[3], "empty")]  # fmt: skip
    return fill(tmp_path / "corpus", problems=[one, other], samples=draws + elsewhere, verdicts=verdicts,
                policies=[policy("base")])  # fmt: skip


def test_a_sample_is_shown_with_problem_proof_verdict_and_tokens(corpus: Corpus) -> None:
    text = show(corpus, "2ab", 0.5)
    assert "theorem a (p q : Prop) (h : p ∧ q) : q ∧ p := by\n  exact 2" in text
    assert "error" in text
    assert "line 2: no" in text
    assert text.count("-0.500") == 2


def test_the_weight_is_the_formula_by_hand(corpus: Corpus) -> None:
    # Two of four draws are verified, all drawn from the base itself: Z = 1/2 and p/q = 1/Z = 2 for any verified one.
    with corpus.connect() as connection:
        (weight,) = load_sample(connection, "0abc", 0.25).weights
    assert weight.log_partition == pytest.approx(math.log(0.5))
    assert weight.log_target == pytest.approx(-1.0 - math.log(0.5))
    assert weight.weight == pytest.approx(2**0.75)


def test_without_a_name_the_least_likely_proof_is_shown(corpus: Corpus) -> None:
    assert show(corpus, None, 0.5).startswith("sample 1abc")


@pytest.mark.parametrize(("prefix", "said"), [("0", "several ids"), ("q", "no sample_id"), ("", "no id"), ("%", "no sample_id")])  # fmt: skip
def test_a_name_must_mean_one_sample(prefix: str, said: str, corpus: Corpus) -> None:
    with corpus.connect() as connection, pytest.raises(UsageError, match=said):
        find_sample(connection, prefix)


@pytest.mark.parametrize("alpha", [-0.1, 1.1, math.nan])
def test_an_alpha_outside_the_unit_interval_is_refused(alpha: float, corpus: Corpus) -> None:
    with pytest.raises(UsageError, match="--alpha"):
        show(corpus, "0abc", alpha)


def test_what_a_model_wrote_cannot_steer_the_terminal(corpus: Corpus) -> None:
    assert "\x1b" not in show(corpus, "0x", 0.5)
    assert "␛[2J<script>" in show(corpus, "0x", 0.5)


def test_the_views_of_one_problem_are_those_of_the_corpus(tmp_path: Path) -> None:
    corpus, _ = study(tmp_path / "corpus", num_problems=4, n=8)
    chosen = corpus.problems("test")[0].problem_id
    with corpus.connect() as connection:
        others = connection.execute(
            "SELECT sample_id, logprob_policy FROM samples WHERE policy_id <> 'base'"
        ).fetchall()
    assert others
    fill(corpus.root, scores=[(name, "base", log_policy - 0.1) for name, log_policy in others])
    queries = (
        "SELECT * FROM partition WHERE problem_id = $id ORDER BY policy_id",
        "SELECT * FROM importance_weight(0.5) WHERE problem_id = $id ORDER BY base_policy_id, sample_id",
        "SELECT * FROM pass_at_k(4) WHERE problem_id = $id ORDER BY policy_id",
    )
    with corpus.connect() as whole, focus(whole, chosen) as small:
        for query in queries:
            rows = small.execute(query, {"id": chosen}).fetchall()
            assert rows == whole.execute(query, {"id": chosen}).fetchall()
            assert rows


def byte_tokenizer(folder: Path) -> None:
    """Write a tokenizer whose tokens are single bytes, and an end token, into a policy's folder."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({letter: index for index, letter in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = ByteLevel()
    tokenizer.post_processor = processors.ByteLevel()
    tokenizer.add_special_tokens(["<end>"])
    folder.mkdir(parents=True)
    tokenizer.save(str(folder / "tokenizer.json"))


def test_token_texts_join_to_the_completion_even_where_a_character_has_several(tmp_path: Path) -> None:
    byte_tokenizer(tmp_path / "policy")
    tokenizer = Tokenizer.from_file(str(tmp_path / "policy" / "tokenizer.json"))
    completion = "\n  exact ⟨α, 𝔸⟩"
    ids = [*tokenizer.encode(completion).ids, tokenizer.token_to_id("<end>")]
    texts = token_texts(ids, str(tmp_path / "policy"), completion)
    assert texts is not None
    assert len(texts) == len(completion.encode()) + 1
    assert "".join(texts[:-1]) == completion
    assert texts[-1] == SPECIAL
    assert texts.count("⟨") == 1
    assert token_texts(ids, str(tmp_path / "gone"), completion) is None


def test_a_more_surprising_token_has_a_darker_colour() -> None:
    steps = [surprise_step(logprob) for logprob in (-0.0, -0.1, -0.5, -1.0, -2.0, -4.0, -9.0)]
    assert steps == [0, 0, 1, 2, 3, 4, 5]


def test_tokens_are_coloured_in_a_terminal(corpus: Corpus) -> None:
    command = [sys.executable, "-c", "import cli; cli.main()", "show", "2abc", "--corpus", str(corpus.root)]
    master, slave = pty.openpty()
    env = {"PATH": "", "TERM": "xterm-256color", "COLORTERM": "truecolor", "COLUMNS": "100"}
    with subprocess.Popen(command, stdout=slave, stderr=slave, cwd=ROOT, env=env) as process:
        assert process.wait(timeout=60) == 0
    os.close(slave)
    seen = os.read(master, 65536).decode()
    os.close(master)
    assert re.search(r"\x1b\[48;5;\d+m#1 ", seen)


def test_stats_count_problems_solved_and_verdicts(corpus: Corpus) -> None:
    lines = [line.split() for line in describe(corpus).splitlines()]
    assert next(line for line in lines if line[:1] == ["train"])[:3] == ["train", "2", "1"]
    assert next(line for line in lines if line[:1] == ["verified"])[:2] == ["verified", "2"]
    assert next(line for line in lines if line[:1] == ["waiting"])[:2] == ["waiting", "1"]
