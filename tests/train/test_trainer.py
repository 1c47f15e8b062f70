"""Offline training on a real corpus with a real policy: what is learnt, repeated, resumed and refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from gen.models import open_folder
from store.corpus import Corpus
from store.errors import RemainsError, UsageError
from store.ids import policy_id
from tests.train.copying import NAMES, make_corpus, proofs, statement
from train import trainer
from train.data import Selection, load_problems
from train.draws import DrawTable
from train.learner import Learner, open_group
from train.logprobs import SequenceLogProbs
from train.order import problem_batches
from train.rows import Tokens, collate
from train.trainer import TrainConfig, train


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("copying")
    make_corpus(root)
    return root


@pytest.fixture
def config(place: Path, tmp_path: Path) -> TrainConfig:
    return TrainConfig(
        corpus=place / "corpus", model=place / "base", out=tmp_path / "policy", alpha=0.5, steps=10,
        problems_per_step=8, learning_rate=2e-3, checkpoint_every=3,
    )  # fmt: skip


def partition_of(folder: Path) -> float:
    """The policy's mean chance of a right answer, summed over both, exactly."""
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    sequences = [
        Tokens(tuple(tokenizer(statement(name))["input_ids"]), (*tokenizer(proof)["input_ids"], tokenizer.eos_token_id))
        for name in NAMES
        for proof in proofs(name)
    ]
    with torch.no_grad():
        return float(
            SequenceLogProbs(model)(collate([[sequence] for sequence in sequences], 0)).exp().sum() / len(NAMES)
        )


def metrics(config: TrainConfig) -> list[dict[str, float]]:
    lines = (config.out / "metrics.jsonl").read_text().splitlines()
    return [{key: value for key, value in json.loads(line).items() if key != "tokens_per_second"} for line in lines]


def weights(folder: Path) -> bytes:
    return (folder / "model.safetensors").read_bytes()


@pytest.mark.parametrize("alpha", [0.0, 0.5, 0.999, 1.0])
def test_training_makes_right_answers_likelier_at_every_alpha(config: TrainConfig, alpha: float) -> None:
    config = replace(config, alpha=alpha, steps=40)
    train(config)
    before, after = partition_of(config.model), partition_of(config.out)
    assert after > before + 0.1


def test_the_divergence_to_the_target_falls(config: TrainConfig) -> None:
    train(replace(config, alpha=0.0, steps=40, problems_per_step=1000))
    steps = metrics(config)
    assert steps[-1]["forward_kl"] < 0.8 * steps[0]["forward_kl"]


def test_before_the_first_step_policy_and_sampler_agree(config: TrainConfig) -> None:
    """The samples came from the model that is trained: q = π_θ, so the ratio is 1 and KL(p ‖ π_θ) = −log Z."""
    train(replace(config, steps=1, problems_per_step=1000))
    (first,) = metrics(config)
    assert first["log_ratio_max"] < 1e-4
    problems = load_problems(Corpus.open(config.corpus), open_folder(config.model), config.selection)
    expected = -sum(problem.log_partition for problem in problems) / len(problems)
    assert first["forward_kl"] == pytest.approx(expected, abs=1e-4)
    total = sum(problem.num_samples for problem in problems)
    assert first["verified"] == pytest.approx(sum(problem.num_verified for problem in problems) / total)


def test_the_gradient_of_a_step_is_that_of_the_formula_draw_by_draw(config: TrainConfig) -> None:
    """Every draw by itself, in plain Python numbers, without sharing equal completions."""
    folder = open_folder(config.model)
    problems = load_problems(Corpus.open(config.corpus), folder, config.selection)[:5]
    small = replace(config, batch_tokens=60)
    run = Learner(small, folder, open_group("cpu", small), None)
    with torch.no_grad():
        for parameter in run.log_probs.parameters():
            parameter.mul_(1.1)  # away from q
    table = DrawTable.of(problems)
    loss, _ = run.gradients(table, config.chosen(), partial(table.samples, tokens=False, progress=0.0, state={}))
    found = [parameter.grad.clone() for parameter in run.log_probs.parameters()]
    run.optimizer.zero_grad()
    total = torch.zeros(())
    for problem in problems:
        for completion in problem.completions:
            for log_base, log_sampler in zip(completion.log_base, completion.log_sampler, strict=True):
                log_policy = run.log_probs(collate([[completion.tokens]], 0))[0]
                log_target = log_base - problem.log_partition
                log_ratio = min(log_policy.item() - log_sampler, 3.0)
                weight = torch.tensor(0.5 * (log_target - log_sampler) + 0.5 * log_ratio).exp()
                total = total - weight * log_policy / (len(problems) * problem.num_samples)
    total.backward()
    assert loss == pytest.approx(total.item(), rel=1e-5)
    for mine, plain in zip(found, run.log_probs.parameters(), strict=True):
        torch.testing.assert_close(mine, plain.grad, rtol=1e-4, atol=1e-5)


def test_the_size_of_the_batches_changes_nothing(config: TrainConfig, tmp_path: Path) -> None:
    small = replace(config, out=tmp_path / "small", batch_tokens=40)
    train(config)
    train(small)
    for one, other in zip(metrics(config), metrics(small), strict=True):
        assert other == pytest.approx(one, rel=1e-4, abs=1e-6)


def test_an_interrupted_training_goes_on_bit_for_bit(config: TrainConfig, tmp_path: Path, monkeypatch) -> None:
    whole = replace(config, out=tmp_path / "whole")
    train(whole)

    step = trainer._Run._step

    def dies_in_step_eight(self: trainer._Run, number: int, problems: list) -> dict[str, float]:
        if number == 8:
            raise KeyboardInterrupt
        return step(self, number, problems)

    with monkeypatch.context() as patch:
        patch.setattr(trainer._Run, "_step", dies_in_step_eight)
        with pytest.raises(KeyboardInterrupt):
            train(config)
    assert (config.out / "checkpoints" / "step-000006" / "config.json").exists()
    summary = train(config)
    assert weights(config.out) == weights(whole.out)
    assert metrics(config) == metrics(whole)
    assert summary.policy_id == policy_id(whole.out)
    assert not (config.out / "checkpoints").exists()


IN_TWO_PROCESSES = """
import sys
from pathlib import Path
import torch
torch.set_num_threads(1)
from train.trainer import TrainConfig, train
corpus, model, out = map(Path, sys.argv[1:])
train(TrainConfig(corpus, model, out, 0.5, steps=5, problems_per_step=9, learning_rate=2e-3, batch_tokens=40,
    parallel="ddp"))
"""


@pytest.mark.slow
def test_two_processes_under_torchrun_take_the_same_steps_as_one(config: TrainConfig, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    train(TrainConfig(config.corpus, config.model, one, 0.5, steps=5, problems_per_step=9, learning_rate=2e-3))
    script = tmp_path / "train_it.py"
    script.write_text(IN_TWO_PROCESSES)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2", str(script)]
    command += [str(config.corpus), str(config.model), str(two)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(command, env=environment, timeout=240, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    for alone, together in zip(metrics(replace(config, out=one)), metrics(replace(config, out=two)), strict=True):
        assert together == pytest.approx(alone, rel=1e-4, abs=1e-6)


def test_a_training_killed_while_it_saved_the_policy_is_finished_by_the_next(
    config: TrainConfig, tmp_path: Path, monkeypatch
) -> None:
    whole = train(replace(config, out=tmp_path / "whole"))

    def dies(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(trainer, "register_policy", dies)
        with pytest.raises(KeyboardInterrupt):
            train(config)
    assert (config.out / "config.json").exists()
    assert train(config).policy_id == whole.policy_id
    assert metrics(config) == metrics(replace(config, out=tmp_path / "whole"))


def test_the_same_training_twice_is_done_once(config: TrainConfig) -> None:
    first = train(config)
    before = (config.out / "model.safetensors").stat().st_mtime_ns
    assert train(config) == first
    assert (config.out / "model.safetensors").stat().st_mtime_ns == before


def test_the_policy_is_registered_under_its_parent(config: TrainConfig) -> None:
    summary = train(replace(config, seed=7))  # weights that no other test makes
    rows = [row for file in Corpus.open(config.corpus).files("policies") for row in pq.read_table(file).to_pylist()]
    (row,) = [row for row in rows if row["policy_id"] == summary.policy_id]
    assert (row["parent_policy_id"], row["step"], row["path"]) == (policy_id(config.model), 10, str(config.out))
    assert json.loads(row["config"])["alpha"] == 0.5


def test_only_the_chosen_split_is_learnt_from(config: TrainConfig) -> None:
    folder, corpus = open_folder(config.model), Corpus.open(config.corpus)
    splits = {problem.problem_id: problem.split for problem in corpus.problems()}
    chosen = load_problems(corpus, folder, Selection(split="train"))
    assert {splits[problem.problem_id] for problem in chosen} == {"train"}
    everything = load_problems(corpus, folder, Selection(split=None))
    assert {splits[problem.problem_id] for problem in everything} == {"train", "test"}


def test_draws_are_counted_verified_or_not(config: TrainConfig) -> None:
    corpus = Corpus.open(config.corpus)
    problems = load_problems(corpus, open_folder(config.model), Selection())
    query = "SELECT problem_id, count(*), count(*) FILTER (verified) FROM corpus GROUP BY ALL"
    counts = {row[0]: row[1:] for row in corpus.connect().sql(query).fetchall()}
    for problem in problems:
        assert (problem.num_samples, problem.num_verified) == counts[problem.problem_id]
        texts = [completion.tokens for completion in problem.completions]
        assert len(set(texts)) == len(texts)


def test_every_epoch_shows_every_problem_once() -> None:
    stream = problem_batches(7, 3, seed=0)
    shown = [next(stream) for _ in range(28)]
    assert all(len(set(batch)) == 3 for batch in shown)
    flat = [index for batch in shown for index in batch]
    counts = [flat.count(index) for index in range(7)]
    assert max(counts) - min(counts) <= 1


def test_the_order_of_the_problems_can_be_entered_anywhere() -> None:
    whole, late = problem_batches(7, 3, seed=4), problem_batches(7, 3, seed=4, first=5)
    for _ in range(5):
        next(whole)
    assert [next(whole) for _ in range(9)] == [next(late) for _ in range(9)]


# What is refused


def test_another_training_in_the_same_folder_is_refused(config: TrainConfig) -> None:
    train(replace(config, steps=1))
    with pytest.raises(UsageError, match="other settings"):
        train(replace(config, steps=2))


def test_a_folder_that_holds_a_model_is_not_overwritten(config: TrainConfig) -> None:
    with pytest.raises(UsageError, match="stands there already"):
        train(replace(config, out=config.model))


@pytest.mark.parametrize("alpha", [-0.1, 1.1, float("nan")])
def test_an_alpha_outside_the_unit_interval_is_refused(config: TrainConfig, alpha: float) -> None:
    with pytest.raises(UsageError, match=r"alpha = .*\[0, 1\]"):
        replace(config, alpha=alpha)


def test_a_split_without_verified_samples_is_refused(config: TrainConfig) -> None:
    with pytest.raises(UsageError, match=r"no verified sample of policy \w+ in split nowhere"):
        train(replace(config, selection=Selection(split="nowhere")))


def test_a_model_with_another_tokenizer_is_refused(config: TrainConfig, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(config.model, other)
    tokenizer = json.loads((other / "tokenizer.json").read_text())
    vocabulary = tokenizer["model"]["vocab"]
    vocabulary[" a"], vocabulary[" b"] = vocabulary[" b"], vocabulary[" a"]
    (other / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(UsageError, match="its tokens are not those of"):
        train(replace(config, model=other, selection=Selection(base=policy_id(config.model))))


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("logprob_policy", None, "under the base policy is not known"),
        ("logprob_sampler", None, "drawn from is not known"),
        ("logprob_policy", float("nan"), "is nan, which none can be"),
        ("logprob_policy", 0.5, "is 0.5, which none can be"),
        ("prompt_tokens", 99, "its prompt had 99 tokens"),
    ],
)
def test_bad_samples_are_named_before_the_first_step(
    config: TrainConfig, tmp_path: Path, column: str, value: float | None, message: str
) -> None:
    corpus = tmp_path / "corpus"
    shutil.copytree(config.corpus, corpus)
    for file in Corpus.open(corpus).files("samples"):
        table = pq.read_table(file)
        values = [value] * len(table)
        place = table.schema.get_field_index(column)
        field = table.schema.field(column)
        pq.write_table(table.set_column(place, field, [type_array(values, field)]), file)
    with pytest.raises(RemainsError, match=message):
        train(replace(config, corpus=corpus))
    assert not config.out.exists()


def type_array(values: list, field):
    import pyarrow as pa

    return pa.array(values, field.type)
