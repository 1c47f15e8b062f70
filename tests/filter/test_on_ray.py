"""Verdicts from Ray actors: those of one machine, whatever dies on the way."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from filter.embedded import embedded_toolchain
from filter.pool import LeanPool, PoolConfig
from filter.run import FilterConfig, check
from filter.verdict import Candidate, Judgement
from store.errors import RemainsError, UsageError
from tests.filter.conftest import candidate
from tests.filter.test_run import SWAP, _corpus, _many, _verdicts

ONE = PoolConfig(workers=1, audit_share=0.0)


def open_pool(config: PoolConfig) -> LeanPool:
    return LeanPool(embedded_toolchain(), config)


@pytest.fixture(scope="module")
def local_ray() -> Iterator[None]:
    ray = pytest.importorskip("ray")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield
    ray.shutdown()


def candidates(num: int) -> list[Candidate]:
    return [candidate(SWAP, text, f"s{index}") for index, (_, text, _) in enumerate(_many(num))]


def verdicts(found: list[tuple[Candidate, Judgement | None]]) -> dict[str, str]:
    assert len({each.key for each, _ in found}) == len(found)
    return {each.key: str(judgement and judgement.verdict) for each, judgement in found}


@pytest.mark.slow
def test_an_actor_killed_midway_costs_no_sample_and_no_verdict(local_ray: None) -> None:
    import ray

    from filter.on_ray import RayPool

    asked = candidates(1600)
    with RayPool(partial(open_pool, ONE), 2) as pool:
        found = []
        for each in pool.judge(asked):
            found.append(each)
            if len(found) == 600:
                ray.kill(pool._actors[0])
    said = verdicts(found)
    assert said == {each.key: "verified" if "⟨" in each.completion else "error" for each in asked}
    assert pool.counts.num_documents > 1600 / 256


@pytest.mark.slow
def test_the_command_writes_what_it_writes_on_one_machine(tmp_path: Path, local_ray: None) -> None:
    texts = [*_many(200), (SWAP, "\n  sorry", "stop"), (SWAP, "\n  exact h", "length")]
    corpus = _corpus(tmp_path / "corpus", texts)
    summary = check(FilterConfig(corpus.root, workers=2, distributed="ray"))
    assert summary.verdicts == Counter(verified=100, error=100, policy=1, cut=1)
    here = _corpus(tmp_path / "here", texts)
    assert check(FilterConfig(here.root, workers=1)).checker_id == summary.checker_id
    assert _verdicts(corpus) == _verdicts(here)
    assert check(FilterConfig(corpus.root, workers=2, distributed="ray")).num_judged == 0


@pytest.mark.slow
def test_a_batch_that_kills_every_actor_is_left_without_a_verdict(local_ray: None) -> None:
    from filter.on_ray import RayPool

    with RayPool(partial(open_pool, ONE), 1) as pool:
        found, stream = [], pool.judge(candidates(4))
        pool._actor_class = pool._ray.remote(Doomed).options(num_cpus=1)
        pool._ray.kill(pool._actors[0])
        found = list(stream)
    assert verdicts(found) == {f"s{index}": "None" for index in range(4)}


class Doomed:
    """An actor on a machine where work kills processes."""

    def __init__(self, *arguments: object) -> None:
        pass

    def remember(self, known: object) -> None:
        pass

    def judge(self, candidates: object) -> None:
        import os

        time.sleep(0.1)
        os._exit(1)


@pytest.mark.slow
def test_a_machine_with_another_lean_is_an_error(local_ray: None) -> None:
    from filter.on_ray import RayPool

    with RayPool(partial(open_pool, ONE), 1) as pool:
        pool._open_pool = pool._ray.put(partial(open_pool, PoolConfig(workers=1, heartbeats=777)))
        pool._actors = [pool._start()]
        with pytest.raises(RemainsError, match="not the one of the machine that asks"):
            list(pool.judge(candidates(2)))


def test_other_ways_of_distributing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--distributed slurm: unknown; there is ray"):
        FilterConfig(tmp_path, distributed="slurm")
