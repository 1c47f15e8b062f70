"""Several engine processes: the samples of one, whatever dies on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from gen.batch import BatchConfig
from gen.engine import Request, Sample
from gen.parallel import MAX_DEATHS, LocalWorkers, ParallelEngine
from gen.run import GenConfig, generate
from gen.sampling import SamplingConfig
from gen.spec import EngineSpec
from store.errors import RemainsError
from tests.gen.conftest import llama, write_model

STATEMENTS = tuple(f"{first} {second} a" for first in "abcdefgh" for second in "abcd")
Drawn = dict[tuple[str, int], list[int]]


def spec(model: Path, rows: int = 8) -> EngineSpec:
    return EngineSpec(model, SamplingConfig(max_new_tokens=12), batch=BatchConfig(max_sequences=rows))


def requests(n: int = 6) -> list[Request]:
    return [Request(f"problem {number}", text, 0, tuple(range(n))) for number, text in enumerate(STATEMENTS)]


def drawn(samples: list[Sample]) -> Drawn:
    found = {(sample.problem_id, sample.index): sample.token_ids for sample in samples}
    assert len(found) == len(samples)
    return found


@pytest.fixture(scope="module")
def alone(word_model: Path) -> Drawn:
    return drawn(list(spec(word_model).load().generate(requests())))


def test_two_engines_draw_what_one_draws_and_can_be_asked_again(word_model: Path, alone: Drawn) -> None:
    engine = ParallelEngine(LocalWorkers(spec(word_model), 2), 2)
    try:
        assert drawn(list(engine.generate(requests()))) == alone
        assert drawn(list(engine.generate(requests(2)))) == {key: alone[key] for key in alone if key[1] < 2}
    finally:
        engine.close()


def test_new_weights_reach_every_engine_and_those_that_replace_it(word_model: Path, tmp_path: Path) -> None:
    other = write_model(tmp_path / "other", llama(initializer_range=0.9))
    expected = drawn(list(spec(other).load().generate(requests())))
    engine = ParallelEngine(LocalWorkers(spec(word_model), 2), 2)
    try:
        list(engine.generate(requests(1)))
        engine.update_weights(other)
        assert drawn(list(engine.generate(requests()))) == expected
        os.kill(engine.desks[0].worker.process.pid, signal.SIGKILL)
        assert drawn(list(engine.generate(requests()))) == expected
    finally:
        engine.close()


def test_engines_that_slept_draw_the_same_and_one_that_died_asleep_is_replaced(word_model: Path, alone: Drawn) -> None:
    engine = ParallelEngine(LocalWorkers(spec(word_model), 2), 2)
    try:
        for dies in (False, True):
            engine.sleep()
            if dies:
                os.kill(engine.desks[0].worker.process.pid, signal.SIGKILL)
            engine.wake()
            assert drawn(list(engine.generate(requests()))) == alone
    finally:
        engine.close()


@pytest.mark.slow
def test_engines_killed_at_random_moments_lose_and_double_nothing(word_model: Path, alone: Drawn) -> None:
    engine = ParallelEngine(LocalWorkers(spec(word_model, rows=2), 2), 2)
    assert drawn(list(killing(engine, 6, lambda worker: worker.process.pid))) == alone


def test_a_model_that_no_engine_can_load_is_an_error_and_not_a_loop(word_model: Path, tmp_path: Path) -> None:
    with pytest.raises(RemainsError, match="no such folder"):
        ParallelEngine(LocalWorkers(spec(tmp_path / "nothing"), 1), 1)


def test_an_engine_that_always_dies_ends_the_run(word_model: Path) -> None:
    class Doomed(LocalWorkers):
        def start(self, number: int):
            worker = super().start(number)
            worker.process.kill()
            starts.append(number)
            return worker

    starts: list[int] = []
    with pytest.raises(RemainsError, match="died"):
        ParallelEngine(Doomed(spec(word_model), 1), 1)
    assert len(starts) == MAX_DEATHS + 1


@pytest.mark.slow
def test_engines_die_with_the_process_that_started_them(word_model: Path, make_corpus: Callable) -> None:
    corpus = make_corpus(*STATEMENTS)
    command = [sys.executable, "-c", "import cli; cli.main()", "gen", "--model", str(word_model), "--corpus"]
    driver = subprocess.Popen(
        [*command, str(corpus.root), "--n", "2000", "--data-parallel", "2"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    children = wait_for(lambda: child_processes(driver.pid) if corpus.files("samples") else [])
    driver.kill()
    driver.wait()
    wait_for(lambda: not any(alive(child) for child in children))
    config = GenConfig(corpus.root, word_model, n=2000)
    left = generate(config)
    assert 0 < left.num_existing < 2000 * len(STATEMENTS)
    assert left.num_existing + left.num_samples == 2000 * len(STATEMENTS)


@pytest.mark.slow
def test_ray_actors_killed_at_random_moments_lose_and_double_nothing(
    word_model: Path, alone: Drawn, local_ray: None
) -> None:
    from gen.on_ray import RayWorkers

    engine = ParallelEngine(RayWorkers(spec(word_model, rows=2)), 2)
    assert drawn(list(killing(engine, 4, process_of))) == alone


def killing(engine: ParallelEngine, times: int, pid_of: Callable[[Any], int | None]) -> Iterator[Sample]:
    """Yield the engine's samples; on the way kill the process of one of its workers, `times` times."""
    rng, killed = Random(0), 0
    try:
        for sample in engine.generate(requests()):
            yield sample
            at_work = [desk.worker for desk in engine.desks if not desk.deaths]  # the others are being replaced
            if killed < times and rng.random() < 0.2 and at_work and (pid := pid_of(rng.choice(at_work))):
                os.kill(pid, signal.SIGKILL)
                killed += 1
    finally:
        engine.close()
    assert killed == times


def process_of(worker: Any) -> int | None:
    """Return its process; None when it is dead, and nobody has noticed yet."""
    import ray

    try:
        return ray.get(worker.actor.__ray_call__.remote(lambda actor: os.getpid()), timeout=60)
    except ray.exceptions.RayActorError:
        return None


@pytest.fixture
def local_ray() -> Iterator[None]:
    ray = pytest.importorskip("ray")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield
    ray.shutdown()


def child_processes(pid: int) -> list[int]:
    """Its children that have an engine: multiprocessing's own tracker is one too, but ends by itself."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children]


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_for(found: Callable[[], object], seconds: float = 60.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.05)
    raise AssertionError(f"not in {seconds} s")
