from __future__ import annotations

import subprocess
import sys
from random import Random
from statistics import mean

import pytest

from recipes.quickstart.noise import tokens
from recipes.quickstart.pretraining import PretrainingMix, pretraining_pairs
from recipes.quickstart.problems import FAMILIES, Mix, ToyProblem, generate, problem_stream, problem_table
from recipes.quickstart.statement import canonical
from recipes.quickstart.teacher import proofs
from store.errors import RemainsError
from store.ids import problem_id
from store.schema import PROBLEMS


@pytest.fixture(scope="module")
def drawn() -> list[ToyProblem]:
    return generate(600, seed=0)


def test_no_problem_comes_twice_even_renamed(drawn: list[ToyProblem]) -> None:
    assert len({problem.statement for problem in drawn}) == 600
    assert len({canonical(problem.plan.statement) for problem in drawn}) == 600
    assert len({problem.problem_id for problem in drawn}) == 600


def test_every_family_and_difficulty_comes_up(drawn: list[ToyProblem]) -> None:
    assert {problem.family for problem in drawn} == set(FAMILIES)
    assert {problem.difficulty for problem in drawn} == {1, 2, 3, 4, 5}


def test_a_statement_has_the_form_that_a_model_completes(drawn: list[ToyProblem]) -> None:
    for problem in drawn:
        assert problem.statement.startswith("theorem t ")
        assert problem.statement.endswith(" := by")
        assert "\n" not in problem.statement


def test_the_same_seed_gives_the_same_problems_whatever_the_hash_order() -> None:
    program = (
        "from recipes.quickstart.pretraining import pretraining_pairs\n"
        "from recipes.quickstart.problems import generate\n"
        "from store.ids import content_hash\n"
        "texts = [p.statement for p in generate(60, 4)] + [str(pair) for pair in pretraining_pairs(200, 4)]\n"
        "print(content_hash(*texts))"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2", "77")
    }
    assert len(answers) == 1


def test_another_seed_gives_other_problems(drawn: list[ToyProblem]) -> None:
    other = {problem.canonical for problem in generate(100, seed=1)}
    assert len(other - {problem.canonical for problem in drawn}) > 50


def test_pretraining_never_shows_a_problem_that_is_kept_for_later(drawn: list[ToyProblem]) -> None:
    kept = {problem.canonical for problem in drawn}
    others = generate(300, seed=0, exclude=kept)
    assert not kept & {problem.canonical for problem in others}
    repeating = problem_stream(Random(0), Mix(), kept, repeats=True)
    seen = [next(repeating).canonical for _ in range(800)]
    assert len(set(seen)) < 800
    assert not kept & set(seen)
    pairs = pretraining_pairs(1200, 0, exclude=kept)
    assert not {problem.statement for problem in drawn} & {pair["prompt"] for pair in pairs}


def test_held_out_statements_use_only_tokens_of_the_pretraining_texts() -> None:
    held_out = generate(100, seed=0)
    pairs = pretraining_pairs(3000, 0, PretrainingMix(noise=0.0), exclude={problem.canonical for problem in held_out})
    known = {token for pair in pairs for token in tokens(pair["prompt"] + pair["completion"])}
    assert {token for problem in held_out for token in tokens(problem.statement)} <= known
    assert len(known) < 500


def test_harder_problems_have_longer_proofs() -> None:
    def mean_length(difficulty: int) -> float:
        shares = tuple(float(level == difficulty) for level in range(1, 6))
        drawn = generate(150, seed=2, mix=Mix(difficulties=shares))  # type: ignore[arg-type]
        return mean(len(tokens(proof)) for problem in drawn for proof in proofs(problem, Random(0), 3))

    lengths = [mean_length(difficulty) for difficulty in (1, 2, 3, 4, 5)]
    assert lengths == sorted(lengths)
    assert lengths[4] > 2 * lengths[0]


def test_most_problems_have_several_different_proofs(drawn: list[ToyProblem]) -> None:
    counts = [len(set(proofs(problem, Random(0), 4))) for problem in drawn]
    assert min(counts) >= 1
    assert mean(count > 1 for count in counts) > 0.9
    assert mean(count > 2 for count in counts) > 0.7


def test_rows_fit_the_table_of_problems(drawn: list[ToyProblem]) -> None:
    table = problem_table(drawn[:5], "train")
    assert table.schema.equals(PROBLEMS)
    row = table.to_pylist()[0]
    assert row["problem_id"] == problem_id("", row["statement"])
    assert row["source"] == f"recipes.quickstart:{drawn[0].family}"
    assert (row["name"], row["header"], row["split"]) == ("t", "", "train")


def test_a_mix_that_is_used_up_says_so() -> None:
    narrow = Mix(families=(("equality", 1.0),), difficulties=(1.0, 0.0, 0.0, 0.0, 0.0))
    with pytest.raises(RemainsError, match="ask for fewer"):
        generate(5000, seed=0, mix=narrow)
