"""Training rows: SQL and torch agree, repeated draws share a row, and other policies take part once they are scored."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from gen.models import open_folder
from gen.run import GenConfig, generate
from store.corpus import Corpus
from store.errors import UsageError
from store.schema import PROBLEMS, SCORES
from tests.train.copying import judge, make_corpus
from train.data import Selection, SolvedProblem, ancestor, load_problems
from train.logprobs import SequenceLogProbs
from train.objective import static_log_weight
from train.problem_file import ProblemFile, remove_problems, write_problems
from train.rows import Tokens, collate
from train.trainer import TrainConfig, train


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("rows")
    make_corpus(root)
    return root


@pytest.fixture
def second_round(place: Path, tmp_path: Path) -> Path:
    """The same corpus with samples of a policy that descends from the base."""
    shutil.copytree(place, tmp_path / "copy")
    root = tmp_path / "copy"
    train(TrainConfig(root / "corpus", root / "base", root / "second", 0.0, steps=5, learning_rate=1e-3))
    generate(GenConfig(root / "corpus", root / "second", n=4, split="train", max_new_tokens=8, round=1))
    judge(Corpus.open(root / "corpus"))
    return root


def score_under_base(root: Path) -> None:
    corpus, folder = Corpus.open(root / "corpus"), open_folder(root / "base")
    log_probs = SequenceLogProbs(folder.load("cpu", "float32"))
    query = "SELECT s.sample_id, statement, token_ids FROM samples s JOIN problems USING (problem_id) WHERE round = 1"
    rows = []
    for sample, statement, ids in corpus.connect().sql(query).fetchall():
        tokens = Tokens(tuple(folder.tokenizer(statement)["input_ids"]), tuple(ids))
        with torch.no_grad():
            score = log_probs(collate([[tokens]], 0)).item()
        rows.append({"sample_id": sample, "policy_id": folder.policy_id, "logprob": score})
    corpus.append_scores(pa.Table.from_pylist(rows, SCORES), policy_id=folder.policy_id)


def accept_all(corpus: Corpus) -> None:
    query = (
        "SELECT sample_id, problem_id, 'verified' AS verdict, NULL AS detail, NULL AS proof_hash, NULL AS axioms, "
        "0.0 AS elapsed_ms, 'all' AS checker_id, now() AS checked_at FROM samples"
    )
    with corpus.connect() as connection:
        corpus.append_verdicts(connection.sql(query).to_arrow_table(), checker_id="all")


def problems(root: Path, model: str, **selection: object) -> list[SolvedProblem]:
    return load_problems(Corpus.open(root / "corpus"), open_folder(root / model), Selection(**selection))


def num_draws(root: Path, where: str) -> dict[str, int]:
    query = f"SELECT problem_id, count(*) FROM corpus WHERE {where} GROUP BY ALL"
    return dict(Corpus.open(root / "corpus").connect().sql(query).fetchall())


@pytest.mark.parametrize("alpha", [0.0, 0.25, 0.5, 0.75, 0.999, 1.0])
def test_weights_in_sql_are_those_in_torch(place: Path, alpha: float) -> None:
    query = "SELECT log_base, log_partition, log_sampler, verified, weight FROM importance_weight($alpha) ORDER BY ALL"
    rows = Corpus.open(place / "corpus").connect().sql(query, params={"alpha": alpha}).fetchall()
    assert len(rows) > 1000
    log_base, log_partition, log_sampler, verified, weight = map(torch.tensor, zip(*rows, strict=True))
    found = static_log_weight(log_base, log_partition, log_sampler, alpha=alpha).exp()
    torch.testing.assert_close(torch.where(verified, found, 0.0), weight.double(), rtol=1e-6, atol=0)


def test_a_policy_that_was_never_scored_takes_no_part(second_round: Path) -> None:
    counts = num_draws(second_round, "round = 0")
    for problem in problems(second_round, "base"):
        assert problem.num_samples == counts[problem.problem_id]


def test_a_scored_policy_takes_part_with_all_its_draws(second_round: Path) -> None:
    before = sum(problem.num_verified for problem in problems(second_round, "base"))
    score_under_base(second_round)
    counts = num_draws(second_round, "true")
    found = problems(second_round, "base")
    assert all(problem.num_samples == counts[problem.problem_id] for problem in found)
    assert sum(problem.num_verified for problem in found) > before


def test_scores_are_what_the_base_itself_would_have_stored(second_round: Path) -> None:
    """A completion drawn by both policies has one log π_base, whichever way it became known."""
    score_under_base(second_round)
    spans = [
        max(completion.log_base) - min(completion.log_base)
        for problem in problems(second_round, "base")
        for completion in problem.completions
    ]
    assert max(spans) < 1e-4
    samplers = [
        max(completion.log_sampler) - min(completion.log_sampler)
        for problem in problems(second_round, "base")
        for completion in problem.completions
    ]
    assert max(samplers) > 0.01


def test_the_base_is_the_ancestor_of_the_trained_policy(second_round: Path) -> None:
    corpus = Corpus.open(second_round / "corpus")
    base, second = open_folder(second_round / "base").policy_id, open_folder(second_round / "second").policy_id
    assert (ancestor(corpus, second), ancestor(corpus, base)) == (base, base)
    assert problems(second_round, "second") == problems(second_round, "base")


def test_asking_for_a_policy_that_was_never_scored_is_refused(second_round: Path) -> None:
    second = open_folder(second_round / "second").policy_id
    with pytest.raises(UsageError, match="under the base policy is not known"):
        problems(second_round, "base", sampled_by=(second,))


def test_a_policy_can_be_its_own_base(second_round: Path) -> None:
    second = open_folder(second_round / "second").policy_id
    found = problems(second_round, "second", base=second)
    counts = num_draws(second_round, "round = 1")
    assert all(problem.num_samples == counts[problem.problem_id] for problem in found)


# Chosen by SQL


def chosen(root: Path, tmp_path: Path, query: str) -> list[SolvedProblem]:
    file = tmp_path / "query.sql"
    file.write_text(query)
    return problems(root, "base", sql=file)


def test_a_condition_keeps_the_samples_it_says(place: Path) -> None:
    easy = problems(place, "base", where="z > 0.3 AND sample_index < 12")
    rows = (
        Corpus.open(place / "corpus")
        .connect()
        .sql(
            "SELECT c.problem_id, count(*), count(*) FILTER (c.verified) AS right FROM corpus c JOIN partition p "
            "USING (policy_id, problem_id) WHERE split = 'train' AND p.z > 0.3 AND sample_index < 12 GROUP BY ALL "
            "HAVING count(*) FILTER (c.verified) > 0"
        )
    )
    expected = {problem: (n, right) for problem, n, right in rows.fetchall()}
    assert {problem.problem_id: (problem.num_samples, problem.num_verified) for problem in easy} == expected
    assert 0 < len(easy) < len(problems(place, "base"))


def test_a_cap_per_problem_is_one_line_of_sql(place: Path, tmp_path: Path) -> None:
    query = (
        "SELECT sample_id FROM training QUALIFY row_number() OVER (PARTITION BY problem_id ORDER BY sample_id) <= 6;"
    )
    assert {problem.num_samples for problem in chosen(place, tmp_path, query)} == {6}


def test_equal_completions_can_be_learnt_from_once(place: Path, tmp_path: Path) -> None:
    query = (
        "SELECT sample_id FROM training QUALIFY "
        "NOT verified OR row_number() OVER (PARTITION BY problem_id, completion ORDER BY sample_id) = 1"
    )
    found = chosen(place, tmp_path, query)
    assert all(len(completion.log_base) == 1 for problem in found for completion in problem.completions)


def test_older_rounds_are_replayed_by_their_number(second_round: Path) -> None:
    score_under_base(second_round)
    counts = {round_: num_draws(second_round, f"round = {round_}") for round_ in (0, 1)}
    for round_, count in counts.items():
        for problem in problems(second_round, "base", where=f"round = {round_}"):
            assert problem.num_samples == count[problem.problem_id]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT sample_id FROM training WHERE false", "keeps no verified sample in split train"),
        ("SELECT problem_id FROM training", "returns problem_id; it must return sample_id"),
        ("SELECT sample_id FROM training WHERE colour = 1", '"colour" not found'),
        ("DROP VIEW training", "must be one SELECT"),
        ("SELECT 1; SELECT 2", "must be one SELECT"),
        ("SELECT sample_id FROM samples", "cannot be learnt from: samples are to be of split train, judged"),
        ("SELECT sample_id FROM training WHERE verified", "a problem's loss is a mean over all its samples"),
    ],
)
def test_a_query_that_cannot_be_learnt_from_is_refused(place: Path, tmp_path: Path, query: str, message: str) -> None:
    with pytest.raises(UsageError, match=f"--sql .*{message}"):
        chosen(place, tmp_path, query)


def test_a_file_that_is_not_there_and_two_queries_at_once_are_refused(place: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--sql .*none\.sql: cannot be read"):
        problems(place, "base", sql=tmp_path / "none.sql")
    with pytest.raises(UsageError, match="--where and --sql: one of them"):
        Selection(where="true", sql=tmp_path / "none.sql")


def test_problems_come_back_from_the_disk_as_they_were_written(place: Path, tmp_path: Path) -> None:
    whole, path = problems(place, "base"), tmp_path / "some" / "problems"
    write_problems(path, iter(whole))
    stored = ProblemFile(path)
    assert list(stored) == whole
    assert stored[7] == whole[7]
    assert stored[3:5] == whole[3:5]
    assert stored.log_partition.tolist() == [problem.log_partition for problem in whole]
    assert stored.num_verified == sum(problem.num_verified for problem in whole)
    stored.close()
    write_problems(path, whole[:-1])
    other = ProblemFile(path)
    assert other.fingerprint != stored.fingerprint
    other.close()
    remove_problems(path)
    assert not list(path.parent.iterdir())


def test_samples_are_learnt_from_with_the_prompt_that_they_were_drawn_with(place: Path, tmp_path: Path) -> None:
    file = tmp_path / "words.j2"
    file.write_text("{{ informal }} {{ statement }}\n")
    corpus = Corpus.open(tmp_path / "corpus", create=True)
    rows = pq.read_table(Corpus.open(place / "corpus").files("problems")[0]).to_pylist()
    corpus.append_problems(pa.Table.from_pylist([row | {"informal": "h :="} for row in rows], PROBLEMS))
    generate(GenConfig(corpus.root, place / "base", n=16, split="train", max_new_tokens=8, template=str(file)))
    accept_all(corpus)
    folder = open_folder(place / "base")
    found = load_problems(corpus, folder, Selection(template=str(file)))
    prompts = {completion.tokens.prompt for problem in found for completion in problem.completions}
    assert prompts
    assert all(folder.tokenizer.decode(prompt).startswith("h := copy") for prompt in prompts)
    with pytest.raises(UsageError, match=r"template plain it has 4\. Name the model and template"):
        load_problems(corpus, folder, Selection())
