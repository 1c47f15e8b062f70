"""Objectives on a real corpus with a real policy: what each learns, in parts and as a whole, and what is refused."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from gen.models import open_folder
from gen.run import GenConfig, generate
from store.corpus import Corpus
from store.errors import RemainsError, UsageError
from tests.train.copying import judge, make_corpus
from train import trainer
from train.config import TrainConfig
from train.data import load_problems
from train.draws import DrawTable
from train.learner import Learner, open_group
from train.names import OBJECTIVES
from train.objectives import Needs
from train.rows import collate
from train.selection import Selection
from train.trainer import train

FAST = ("alpha-dpg", "js", "grpo", "tb")
"""Of each kind one; the others take the same way through the trainer."""
RELATIVES = [name for name in OBJECTIVES if name not in (*FAST, "reverse-kl", "grpo-pass-k")]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus with the greedy samples of its base policy."""
    root = tmp_path_factory.mktemp("objectives")
    make_corpus(root)
    generate(GenConfig(root / "corpus", root / "base", n=1, temperature=0.0, max_new_tokens=8))
    judge(Corpus.open(root / "corpus"))
    return root


@pytest.fixture
def config(place: Path, tmp_path: Path) -> TrainConfig:
    return TrainConfig(
        corpus=place / "corpus", model=place / "base", out=tmp_path / "policy", alpha=0.5, steps=30, problems_per_step=12,
        learning_rate=2e-3, checkpoint_every=2,
    )  # fmt: skip


def told(config: TrainConfig, name: str, **options: object) -> TrainConfig:
    return replace(config, objective=name, alpha=0.5 if name == "alpha-dpg" else None, objective_args=options)


def metrics(config: TrainConfig) -> list[dict[str, float]]:
    lines = (config.out / "metrics.jsonl").read_text().splitlines()
    return [{key: value for key, value in json.loads(line).items() if key != "tokens_per_second"} for line in lines]


def mass(config: TrainConfig) -> tuple[float, float]:
    """Return the estimated chance of a right answer in the first and the last three steps."""
    found = [step["mass"] for step in metrics(config)]
    return sum(found[:3]) / 3, sum(found[-3:]) / 3


@pytest.mark.parametrize("name", [*FAST, *(pytest.param(name, marks=pytest.mark.slow) for name in RELATIVES)])
def test_every_objective_makes_right_answers_likelier_offline(config: TrainConfig, name: str) -> None:
    config = told(config, name)
    summary = train(config)
    before, after = mass(config)
    assert after > before + 0.02
    assert summary.objective.startswith(name)


def test_reverse_kl_comes_nearer_to_the_soft_target(config: TrainConfig) -> None:
    config = replace(told(config, "reverse-kl", beta=0.5), learning_rate=3e-4, problems_per_step=1000)
    train(config)
    steps = metrics(config)
    assert steps[-1]["reverse_kl"] < steps[0]["reverse_kl"]
    assert steps[0]["kl_base"] == pytest.approx(0, abs=1e-3)
    assert steps[-1]["kl_base"] > 0.01


def test_the_best_sample_alone_teaches_nothing_where_several_are_right(config: TrainConfig) -> None:
    config = told(config, "grpo-pass-k")
    train(replace(config, steps=1, problems_per_step=1000))
    problems = load_problems(Corpus.open(config.corpus), open_folder(config.model), Selection())
    assert all(problem.num_verified > 1 for problem in problems)
    assert (metrics(config)[0]["ess_samples"], metrics(config)[0]["grad_norm"]) == (0, 0)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("alpha-dpg", {"baseline": "leave-one-out", "clip": 10}),
        ("tb", {"log_z": "cancelled"}),
        ("js", {"beta": 0.5, "ratio": "token"}),
        ("grpo", {"kl": 0.1}),
    ],
)
def test_the_gradient_of_a_step_is_that_of_all_its_draws_at_once(
    config: TrainConfig, name: str, options: dict[str, object]
) -> None:
    """Parts of a step, or two passes where the samples need one another, against one plain backward pass."""
    config = replace(told(config, name, **options), batch_tokens=60)
    folder, objective = open_folder(config.model), config.chosen()
    selection = replace(config.selection, needs=objective.needs)
    problems = load_problems(Corpus.open(config.corpus), folder, selection)[:4]
    run = Learner(config, folder, open_group("cpu", config), None)
    with torch.no_grad():
        for parameter in run.log_probs.parameters():
            parameter.mul_(1.02)  # away from q
    table = DrawTable.of(problems)
    samples_of = partial(table.samples, tokens=objective.needs.tokens, progress=0.0, state={})
    loss, _ = run.gradients(table, objective, samples_of)
    found = [parameter.grad.clone() for parameter in run.log_probs.parameters()]
    run.optimizer.zero_grad()
    whole = run.log_probs(collate([[row.tokens] for row in table.rows], 0), per_token=True)
    plain = (table.share * objective(samples_of(whole)).loss).sum()
    plain.backward()
    assert loss == pytest.approx(plain.item(), rel=1e-4, abs=1e-6)
    largest = max(float(mine.abs().max()) for mine in found)
    for mine, parameter in zip(found, run.log_probs.parameters(), strict=True):
        torch.testing.assert_close(mine, parameter.grad, rtol=1e-3, atol=1e-4 * largest)


def test_a_learned_log_z_outlives_an_interruption(config: TrainConfig, tmp_path: Path, monkeypatch) -> None:
    config = replace(told(config, "tb", log_z="learned"), steps=6)
    whole = replace(config, out=tmp_path / "whole")
    train(whole)
    step = trainer._Run._step

    def dies_in_step_five(self: trainer._Run, number: int, problems: list) -> dict[str, float]:
        if number == 5:
            raise KeyboardInterrupt
        return step(self, number, problems)

    with monkeypatch.context() as patch:
        patch.setattr(trainer._Run, "_step", dies_in_step_five)
        with pytest.raises(KeyboardInterrupt):
            train(config)
    train(config)
    assert metrics(config) == metrics(whole)
    assert (config.out / "model.safetensors").read_bytes() == (whole.out / "model.safetensors").read_bytes()


def test_greedy_samples_are_no_draws(config: TrainConfig, place: Path) -> None:
    """They count in no estimate: n, Z and the pool that is learnt from are those without them."""
    with Corpus.open(config.corpus).connect() as connection:
        ((total,),) = connection.sql("SELECT count(*) FROM samples").fetchall()
        ((drawn, plain),) = connection.sql("SELECT sum(n), bool_and(z IS NOT NULL) FROM partition").fetchall()
    assert (total - drawn, plain) == (56, True)
    problems = load_problems(Corpus.open(config.corpus), open_folder(config.model), Selection())
    assert {problem.num_samples for problem in problems} == {24}


def test_remax_compares_with_the_greedy_sample_of_the_policy_that_drew(config: TrainConfig) -> None:
    corpus = Corpus.open(config.corpus)
    selection = Selection(needs=Needs(greedy=True))
    query = "SELECT problem_id, verified FROM corpus WHERE logprob_sampler = 0 AND logprob_policy < 0"
    greedy = dict(corpus.connect().sql(query).fetchall())
    problems = load_problems(corpus, open_folder(config.model), selection)
    assert len(set(greedy.values())) == 2
    for problem in problems:
        assert {value for row in problem.completions for value in row.greedy_reward} == {
            float(greedy[problem.problem_id])
        }


def test_wrong_samples_are_loaded_where_they_count(config: TrainConfig) -> None:
    corpus, folder = Corpus.open(config.corpus), open_folder(config.model)
    right, all_of_them = (load_problems(corpus, folder, Selection(needs=Needs(wrong=wrong))) for wrong in (False, True))
    assert [problem.problem_id for problem in right] == [problem.problem_id for problem in all_of_them]
    for few, many in zip(right, all_of_them, strict=True):
        assert few.completions == tuple(row for row in many.completions if row.reward > 0)
        assert sum(len(row.log_base) for row in many.completions) == many.num_samples


def test_token_log_probabilities_add_up_to_those_of_the_samples(config: TrainConfig) -> None:
    problems = load_problems(Corpus.open(config.corpus), open_folder(config.model), Selection(needs=Needs(tokens=True)))
    for problem in problems[:5]:
        for row in problem.completions:
            for (base, sampler), log_base in zip(row.token_logprobs, row.log_base, strict=True):
                assert sum(base) == pytest.approx(log_base, abs=1e-4)
                assert base == sampler


# What is refused


def edited(config: TrainConfig, tmp_path: Path, column: str, value: object) -> TrainConfig:
    """Return a training on a copy of the corpus in which all samples have that value."""
    corpus = tmp_path / "corpus"
    shutil.copytree(config.corpus, corpus)
    for file in Corpus.open(corpus).files("samples"):
        table = pq.read_table(file)
        place = table.schema.get_field_index(column)
        field = table.schema.field(column)
        pq.write_table(table.set_column(place, field, [pa.array([value] * len(table), field.type)]), file)
    return replace(config, corpus=corpus)


def test_remax_without_greedy_samples_says_how_to_get_them(place: Path, config: TrainConfig, tmp_path: Path) -> None:
    shutil.copytree(config.corpus, tmp_path / "corpus")
    corpus = Corpus.open(tmp_path / "corpus")
    for file in corpus.files("samples"):
        table = pq.read_table(file)
        drawn = [value != 0 for value in table["logprob_sampler"].to_pylist()]
        pq.write_table(table.filter(pa.array(drawn)), file)
    with pytest.raises(UsageError, match=r"has none that is judged\. Run `cli gen --temperature 0 --n 1`"):
        train(told(replace(config, corpus=tmp_path / "corpus"), "remax"))
    assert not config.out.exists()


def test_samples_without_token_log_probabilities_are_named(config: TrainConfig, tmp_path: Path) -> None:
    without = edited(config, tmp_path, "token_logprobs", None)
    with pytest.raises(UsageError, match=r"sample \w+: the log-probabilities of its tokens .* or ratio=sequence"):
        train(told(without, "grpo"))
    assert not config.out.exists()
    train(replace(told(without, "grpo", ratio="sequence"), steps=1))


def test_token_log_probabilities_that_none_can_be_are_named(config: TrainConfig, tmp_path: Path) -> None:
    rows = {"a": "nan", "b": "0.5"}
    for number, text in enumerate(rows.values()):
        (tmp_path / str(number)).mkdir()
        wrong = edited(config, tmp_path / str(number), "token_logprobs", None)
        for file in Corpus.open(wrong.corpus).files("samples"):
            table = pq.read_table(file)
            field = table.schema.field("token_logprobs")
            values = [[float(text)] * len(ids) for ids in table["token_ids"].to_pylist()]
            place = table.schema.get_field_index("token_logprobs")
            pq.write_table(table.set_column(place, field, [pa.array(values, field.type)]), file)
        with pytest.raises(RemainsError, match=f"is {text}, which none can be"):
            train(told(wrong, "grpo"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"objective": "gropo"}, r"unknown; did you mean grpo\?"),
        ({"alpha": None}, "needs alpha; give --alpha"),
        ({"alpha": 0.5, "objective": "grpo"}, "grpo has no such option"),
        ({"objective_args": {"alpha_ned": 1}}, r"did you mean alpha_end\?"),
    ],
)
def test_an_objective_that_cannot_be_is_refused_before_anything_is_read(
    config: TrainConfig, arguments: dict, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        replace(config, **{"alpha": 0.5, **arguments})
