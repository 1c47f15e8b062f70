"""Rounds of gen, filter, score and train: a real small policy, the real Lean, and the same corpus after a kill."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import time
from dataclasses import replace
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest

import train.handover
import train.loop
import train.trainer
from gen.models import open_folder
from gen.run import GenConfig, generate
from gen.transformers_engine import TransformersEngine
from store.errors import RemainsError, UsageError
from tests.commands import kill, start
from tests.train.proving import IDS, STATEMENTS, add_problems, ask, judge_by_rule, make_policy
from train.handover import KeptEngine
from train.loop import LoopConfig, run_loop
from train.stages import Line, Stage, busy_share
from train.trainer import TrainConfig

SAMPLES = "SELECT sample_id, round, policy_id, completion, verdict FROM corpus ORDER BY ALL"


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_policy(tmp_path_factory.mktemp("models") / "base")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return add_problems(tmp_path / "corpus", STATEMENTS)


@pytest.fixture
def rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train.loop, "check", lambda config, pool: judge_by_rule(config.corpus))


def config(corpus: Path, policy: Path, **changes: Any) -> LoopConfig:
    out = corpus.parent / "loop"
    return LoopConfig(
        gen=GenConfig(corpus=corpus, model=policy, n=8, split="train", max_new_tokens=12),
        train=TrainConfig(corpus=corpus, model=policy, out=out, alpha=0.25, steps=3, problems_per_step=4),
        out=out,
        **changes,
    )


@pytest.mark.usefixtures("rule")
def test_every_sample_of_every_round_is_kept_and_more_rounds_go_on(corpus: Path, policy: Path) -> None:
    first = run_loop(config(corpus, policy, rounds=2))
    assert ask(corpus, "SELECT round, count(*) FROM samples GROUP BY ALL ORDER BY ALL") == [
        (0, 32),
        (1, 8 * len(first.rounds[1].problems)),
    ]
    base = open_folder(policy).policy_id
    assert [one.policy_id for one in first.rounds] == [base, first.rounds[0].trained]
    assert first.rounds[1].learnt_from == [0, 1]
    lineage = dict(ask(corpus, "SELECT policy_id, parent_policy_id FROM policies"))
    assert lineage[first.rounds[1].trained] == first.rounds[0].trained
    assert lineage[first.rounds[0].trained] == base
    files = sorted(corpus.rglob("*"))
    assert run_loop(config(corpus, policy, rounds=2)).rounds == first.rounds
    assert sorted(corpus.rglob("*")) == files
    more = run_loop(config(corpus, policy, rounds=3))
    assert more.rounds[:2] == first.rounds
    assert ask(corpus, "SELECT count(*) FROM samples WHERE round = 2")[0][0] > 0


@pytest.mark.usefixtures("rule")
def test_its_rounds_and_steps_can_be_asked_in_sql(corpus: Path, policy: Path) -> None:
    done = run_loop(config(corpus, policy, rounds=2))
    found = ask(corpus, "SELECT round, trained, n_samples, n_verified FROM rounds ORDER BY round")
    assert found == [(one.round, one.trained, one.num_samples, one.num_verified) for one in done.rounds]
    steps = ask(
        corpus, "SELECT r.round, s.step, s.loss FROM steps s JOIN rounds r ON r.trained = s.policy_id ORDER BY ALL"
    )
    assert [row[:2] for row in steps] == [(0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3)]
    for one, (*_, loss) in zip(done.rounds, steps[2::3], strict=True):
        assert one.last is not None
        assert loss == one.last["loss"]


@pytest.mark.usefixtures("rule")
def test_an_on_policy_objective_gets_wrong_samples_and_their_tokens(corpus: Path, policy: Path) -> None:
    """GRPO with KL needs log π_base of the wrong samples too, token by token."""
    asked = config(corpus, policy, rounds=2, replay=0, z="round", carry_optimizer=True)
    grpo = replace(asked.train, alpha=None, objective="dr-grpo", objective_args={"kl": 0.1}, steps=1)
    done = run_loop(replace(asked, train=grpo))
    base, first = done.rounds[0].policy_id, done.rounds[1].policy_id
    scored = (
        f"SELECT verified, count(s.token_logprobs) FROM corpus LEFT JOIN (FROM scores WHERE policy_id = '{base}') s"
    )
    found = ask(corpus, f"{scored} USING (sample_id) WHERE corpus.policy_id = '{first}' GROUP BY ALL ORDER BY 1")
    drawn = ask(corpus, f"SELECT verified, count(*) FROM corpus WHERE policy_id = '{first}' GROUP BY ALL ORDER BY 1")
    assert found == drawn
    assert len(drawn) == 2
    last = done.rounds[1].last
    assert last is not None
    assert last["advantage_verified"] > 0 > last["advantage_wrong"]
    assert last["surrogate_clipped"] == 0.0  # on policy


@pytest.mark.usefixtures("rule")
def test_of_draws_that_only_z_rests_on_the_proofs_are_scored(corpus: Path, policy: Path) -> None:
    """A leave-one-out baseline needs the round's own wrong samples under the base, but not the base's under the round's."""
    asked = config(corpus, policy, rounds=2, replay=0, z="corpus")
    done = run_loop(replace(asked, train=replace(asked.train, objective_args={"baseline": "leave-one-out"})))
    base, first = done.rounds[0].policy_id, done.rounds[1].policy_id
    scored = (
        "SELECT verified, count(s.sample_id), count(*) FROM corpus LEFT JOIN (FROM scores WHERE policy_id = '{}') s "
    )
    counts = scored + "USING (sample_id) WHERE corpus.policy_id = '{}' GROUP BY ALL ORDER BY 1"
    (_, wrong, of_wrong), (_, proofs, of_proofs) = ask(corpus, counts.format(first, base))
    assert (wrong, proofs) == (0, of_proofs)
    assert of_wrong > 0
    assert all(found == drawn for _, found, drawn in ask(corpus, counts.format(base, first)))


@pytest.mark.usefixtures("rule")
def test_new_weights_reach_the_engine(corpus: Path, policy: Path, tmp_path: Path) -> None:
    done = run_loop(config(corpus, policy, rounds=2))
    fresh = add_problems(tmp_path / "fresh", STATEMENTS)
    names = tuple(done.rounds[1].problems)
    trained = corpus.parent / "loop" / "policies" / "round-000"
    generate(GenConfig(corpus=fresh, model=trained, n=8, seed=1, max_new_tokens=12, problem_ids=names))
    found = "SELECT sample_id, token_ids, logprob_policy FROM samples WHERE round = {} ORDER BY ALL"
    for drawn, expected in zip(ask(corpus, found.format(1)), ask(fresh, found.format(0)), strict=True):
        assert drawn[:2] == expected[:2]
        assert drawn[2] == pytest.approx(expected[2], abs=1e-5)
    assert done.rounds[1].gap is not None
    assert done.rounds[1].gap < 1e-4


@pytest.mark.usefixtures("rule")
def test_weights_that_do_not_reach_the_engine_stop_the_loop(
    corpus: Path, policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TransformersEngine, "update_weights", lambda self, model: None)
    asked = config(corpus, policy)
    with pytest.raises(RemainsError, match="did not reach the engine"):
        run_loop(replace(asked, train=replace(asked.train, steps=20, learning_rate=1e-2)))
    assert ask(corpus, "SELECT count(*) FROM samples WHERE round = 1") == [(0,)]


@pytest.mark.usefixtures("rule")
@pytest.mark.parametrize("staleness", [0, 1])
def test_on_a_gpu_the_engine_sleeps_while_others_need_it(
    corpus: Path, policy: Path, staleness: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine is told as on a GPU, though it computes on the CPU; the corpus is that of one that never slept."""
    expected = add_problems(corpus.parent / "other" / "corpus", STATEMENTS)
    run_loop(config(expected, policy, rounds=3, staleness=staleness))
    told: list[str] = []
    for name in ("sleep", "wake", "generate", "update_weights"):
        method = getattr(TransformersEngine, name)
        monkeypatch.setattr(
            TransformersEngine,
            name,
            lambda *given, _name=name, _method=method: (told.append(_name), _method(*given))[1],
        )
    monkeypatch.setattr(train.handover, "default_device", lambda: "cuda")
    monkeypatch.setattr(train.loop, "train", lambda given: (told.append("train"), train.trainer.train(given))[1])
    run_loop(config(corpus, policy, rounds=3, staleness=staleness))
    assert ask(corpus, SAMPLES) == ask(expected, SAMPLES)
    if staleness:
        assert "sleep" not in told
    else:
        one = ["generate", "generate", "sleep", "train"]  # the hand-over's proof, then the round
        assert told == [*one, *["wake", "update_weights", *one] * 2]


def test_vllm_is_loaded_so_that_it_can_sleep(corpus: Path, policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[tuple[str, ...]] = []
    monkeypatch.setattr(GenConfig, "load", lambda self, spec: loaded.append(spec.engine_args))
    monkeypatch.setattr(train.handover, "default_device", lambda: "cuda")
    asked = GenConfig(corpus=corpus, model=policy, engine="vllm", engine_args=("max_num_seqs=4",))
    for given in (asked, replace(asked, distributed="ray", data_parallel=2)):
        with contextlib.suppress(AttributeError):  # nothing was loaded that could prove its weights
            KeptEngine(given).at(policy)
    assert loaded == [("enable_sleep_mode=true", "max_num_seqs=4"), ("max_num_seqs=4",)]


@pytest.mark.usefixtures("rule")
def test_sampling_ahead_of_the_training_takes_the_older_policy(corpus: Path, policy: Path) -> None:
    done = run_loop(config(corpus, policy, rounds=3, staleness=1))
    assert [one.sampler for one in done.rounds] == [0, 0, 1]
    base = done.rounds[0].policy_id
    assert [one.policy_id for one in done.rounds] == [base, base, done.rounds[0].trained]
    drawn = ask(corpus, "SELECT round, policy_id, count(*) FROM samples GROUP BY ALL ORDER BY round")
    assert drawn[:2] == [(0, base, 32), (1, base, 32)]
    assert ask(corpus, "SELECT count(DISTINCT sample_id) FROM samples") == [(sum(n for *_, n in drawn),)]
    assert done.rounds[1].learnt_from == [0, 1]


def test_a_round_without_a_proof_leaves_the_policy_or_stops(
    corpus: Path, policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train.loop, "check", lambda config, pool: judge_by_rule(config.corpus, right="nothing"))
    with pytest.raises(RemainsError, match="round 0: Lean verified nothing"):
        run_loop(config(corpus, policy, on_empty="stop"))
    other = config(corpus, policy, rounds=2)
    done = run_loop(replace(other, out=corpus.parent / "other"))
    base = open_folder(policy).policy_id
    assert [one.trained for one in done.rounds] == [base, base]
    assert done.policy == policy
    assert ask(corpus, "SELECT count(*), count(DISTINCT sample_id) FROM samples") == [(64, 64)]


@pytest.mark.usefixtures("rule")
def test_settled_problems_are_not_sampled_again_and_the_informative_come_first(corpus: Path, policy: Path) -> None:
    done = run_loop(config(corpus, policy, rounds=2))
    verified = dict(ask(corpus, "SELECT problem_id, count(*) FILTER (verified) FROM corpus WHERE round = 0 GROUP BY 1"))
    settled = {name for name, count in verified.items() if count == 8}
    assert "always" in {IDS[name] for name in settled}
    assert set(done.rounds[1].problems) == set(verified) - settled
    information = [(z := (verified[name] + 0.5) / 9) * (1 - z) for name in done.rounds[1].problems]
    assert information == sorted(information, reverse=True)


@pytest.mark.usefixtures("rule")
def test_a_query_of_the_user_chooses_the_problems(corpus: Path, policy: Path, tmp_path: Path) -> None:
    query = tmp_path / "choose.sql"
    query.write_text("SELECT problem_id FROM problems WHERE name = CASE getvariable('round') WHEN 0 THEN 'often' END")
    done = run_loop(config(corpus, policy, rounds=1, problems_sql=query))
    assert [IDS[name] for name in done.rounds[0].problems] == ["often"]
    with pytest.raises(UsageError, match="round 1 has no problems"):
        run_loop(config(corpus, policy, rounds=2, problems_sql=query))
    query.write_text("SELECT nonsense")
    with pytest.raises(UsageError, match=r"--problems-sql .*nonsense"):
        run_loop(replace(config(corpus, policy, problems_sql=query), out=tmp_path / "other"))


def test_bad_settings_and_foreign_folders_are_refused_by_name(corpus: Path, policy: Path, tmp_path: Path) -> None:
    for wrong, flag in (
        ({"rounds": 0}, "--rounds"), ({"staleness": -1}, "--staleness"), ({"replay": -1}, "--replay"),
        ({"min_ess": 2.0}, "--min-ess"), ({"z": "batch"}, "--z"), ({"on_empty": "weep"}, "--on-empty"),
        ({"problems_per_round": 0}, "--problems-per-round"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=flag):
            config(corpus, policy, **wrong)
    good = config(corpus, policy)
    with pytest.raises(UsageError, match="plain samplers"):
        replace(good, gen=replace(good.gen, temperature=0.5))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "precious.txt").touch()
    with pytest.raises(UsageError, match="something else"):
        run_loop(replace(good, out=tmp_path / "full"))


@pytest.mark.usefixtures("rule")
def test_another_loop_in_the_same_folder_is_refused(corpus: Path, policy: Path) -> None:
    asked = config(corpus, policy, rounds=1)
    run_loop(asked)
    with pytest.raises(UsageError, match="other settings"):
        run_loop(replace(asked, train=replace(asked.train, alpha=0.5)))


@pytest.mark.slow
def test_killed_at_random_moments_it_ends_with_the_same_corpus(tmp_path: Path, policy: Path) -> None:
    whole, killed = (add_problems(tmp_path / name / "corpus", STATEMENTS) for name in ("whole", "killed"))
    assert ended(loop_process(whole, policy)) == 0
    rng, kills = random.Random(0), 0
    while kills < 5:
        before = written(tmp_path / "killed") + rng.randint(0, 2)
        process = loop_process(killed, policy)
        wait_until_more_is_written(process, tmp_path / "killed", before)
        time.sleep(rng.uniform(0, 0.3))
        if not process.is_alive():
            break
        kill(process)
        kills += 1
    assert kills > 1
    assert ended(loop_process(killed, policy)) == 0
    assert ask(killed, SAMPLES) == ask(whole, SAMPLES)
    assert ask(killed, "SELECT count(*) FROM policies") == ask(whole, "SELECT count(*) FROM policies")
    for name in ("round-000", "round-001"):
        first, second = (
            json.loads((one.parent / "loop/rounds" / f"{name}.json").read_text()) for one in (whole, killed)
        )
        assert first["trained"] == second["trained"]
        assert {**first["last"], "tokens_per_second": 0} == {**second["last"], "tokens_per_second": 0}


def written(folder: Path) -> int:
    return sum(1 for _ in folder.rglob("*"))


def wait_until_more_is_written(process: ForkServerProcess, folder: Path, than: int) -> None:
    end = time.monotonic() + 60
    while process.is_alive() and written(folder) <= than:
        assert time.monotonic() < end
        time.sleep(0.005)


def ended(process: ForkServerProcess) -> int | None:
    process.join()
    return process.exitcode


def loop_process(corpus: Path, policy: Path) -> ForkServerProcess:
    arguments = ["loop", "--model", policy, "--corpus", corpus, "--out", corpus.parent / "loop", "--alpha", "0.25"]
    small = ["--rounds", "2", "--n", "8", "--steps", "3", "--max-new-tokens", "12", "--workers", "1"]
    return start(*arguments, *small)


def test_the_busy_share_is_the_union_of_the_stages() -> None:
    def stage(start: float, end: float) -> Stage:
        return Stage("gen", 0, start, end)

    assert busy_share([stage(0, 4), stage(1, 2), stage(5, 6), stage(5.5, 10)]) == pytest.approx(0.9)
    assert busy_share([stage(3, 4)]) == 1.0


@pytest.mark.parametrize("beside", [False, True])
def test_a_line_does_its_jobs_in_order_and_hands_on_errors(beside: bool) -> None:
    done: list[int] = []
    line = Line(beside=beside)
    futures = [line.submit(lambda number=number: done.append(number)) for number in range(5)]
    broken = line.submit(lambda: 1 / 0)
    for future in futures:
        future.result(timeout=10)
    assert done == [0, 1, 2, 3, 4]
    with pytest.raises(ZeroDivisionError):
        broken.result(timeout=10)


@pytest.mark.usefixtures("rule")
def test_old_policies_leave_the_disk_and_the_loop_goes_on_as_with_all_of_them(corpus: Path, policy: Path) -> None:
    changes = {"replay": 1, "carry_optimizer": True}
    whole = run_loop(config(corpus, policy, rounds=3, **changes))
    other = add_problems(corpus.parent / "other" / "corpus", STATEMENTS)
    first = run_loop(config(other, policy, rounds=1, keep_policies=2, **changes))
    found = run_loop(config(other, policy, rounds=3, keep_policies=2, **changes))
    assert found.rounds[:1] == first.rounds
    assert [one.trained for one in found.rounds] == [one.trained for one in whole.rounds]
    folders = sorted((other.parent / "loop" / "policies").iterdir())
    assert [(folder / "model.safetensors").is_file() for folder in folders] == [False, True, True]
    assert [(folder / "trainer.pt").is_file() for folder in folders] == [False, False, True]
    assert all((folder / "metrics.jsonl").is_file() for folder in folders)


def test_policies_that_later_rounds_need_are_not_given_up(corpus: Path, policy: Path) -> None:
    with pytest.raises(UsageError, match="--keep-policies: all rounds are replayed"):
        config(corpus, policy, keep_policies=5)
    with pytest.raises(UsageError, match=r"--keep-policies 3: .* need 4"):
        config(corpus, policy, keep_policies=3, replay=2, staleness=1)
    config(corpus, policy, keep_policies=4, replay=2, staleness=1)


def test_steps_that_16_bits_would_lose_between_rounds_are_refused(corpus: Path, policy: Path, tmp_path: Path) -> None:
    halves = shutil.copytree(policy, tmp_path / "halves")
    settings = json.loads((halves / "config.json").read_text())
    (halves / "config.json").write_text(json.dumps(settings | {"dtype": "bfloat16"}))
    asked = config(corpus, policy, carry_optimizer=True)
    with pytest.raises(UsageError, match=r"--carry-optimizer: .* bfloat16"):
        run_loop(replace(asked, gen=replace(asked.gen, model=halves)))
