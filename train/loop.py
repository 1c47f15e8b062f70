"""`cli loop`: rounds of gen → filter → score → train, where every sample of every round stays in the corpus.

Version 0 is the base policy; round r trains version r+1 from version r. Round r is sampled from version max(0, r − K)
for a staleness K: with 0 everything waits for everything, with K ≥ 1 sampling and checking run beside the training.
A round learns from the draws of all versions in its replay window, each against the mixture that they came from.

Every stage does only what is not done yet and a round's problems are written down before its first sample, so a loop
that was killed goes on in the stage it died in, and ends with the corpus of one that was not.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import duckdb

from filter.run import FilterConfig, check, pool_of
from gen.models import open_folder
from gen.run import generate
from store.corpus import Corpus
from store.database import read_sql
from store.errors import RemainsError, UsageError
from store.shards import write_text
from train.handover import KeptEngine
from train.keeping import forget, refuse_halves
from train.loop_config import QUERIES, LoopConfig
from train.replay import Window, choose_window
from train.score import ScoreConfig, score
from train.selection import Drawn, Mixture, Selection
from train.stages import Line, Stage, busy_share, timed
from train.trainer import SUMMARY, train

RECORD = "loop.json"


@dataclass
class Round:
    """One round, as its record has it."""

    round: int
    sampler: int
    """The version that it is sampled from."""
    policy_id: str
    """Of the sampler."""
    problems: list[str]
    """problem_ids."""
    num_samples: int = 0
    num_verified: int = 0
    num_solved: int = 0
    """Problems with a proof in this round."""
    learnt_from: list[int] = field(default_factory=list)
    """Rounds, itself among them."""
    ess: float | None = None
    """Of the ratios to the policy that the training started from, as a share of the proofs."""
    gap: float | None = None
    """Mean difference of a token's log-probability at the hand-over to the engine, in nats; None: no hand-over."""
    last: dict[str, float] | None = None
    """The metrics of the last step; None: nothing to learn from."""
    trained: str | None = None
    """policy_id of what came out; None: the round is not finished."""
    stages: list[Stage] = field(default_factory=list)


@dataclass(frozen=True)
class LoopSummary:
    """What came out."""

    rounds: tuple[Round, ...]
    policy: Path
    corpus: str

    def as_text(self) -> str:
        """Return what `cli loop` prints."""
        head = "round  sampler  problems  samples  verified  solved   ESS   gen s  filter s  score s  train s"
        lines = [head, *(_line(one) for one in self.rounds)]
        share = busy_share([stage for one in self.rounds for stage in one.stages])
        return "\n".join(
            [*lines, f"busy {share:.0%} of the time", f"policy: {self.policy}", f"{self.corpus} has every sample"]
        )


def _line(one: Round) -> str:
    seconds = {name: 0.0 for name in ("gen", "filter", "score", "train")}
    for stage in one.stages:
        seconds[stage.stage] += stage.end - stage.start
    ess = "-" if one.ess is None else f"{one.ess:.0%}"
    share = one.num_verified / one.num_samples if one.num_samples else 0.0
    return (
        f"{one.round:>5}  {one.sampler:>7}  {len(one.problems):>8,}  {one.num_samples:>7,}  {share:>8.1%}  "
        f"{one.num_solved:>6,}  {ess:>4}  {seconds['gen']:>6,.1f}  {seconds['filter']:>8,.1f}  "
        f"{seconds['score']:>7,.1f}  {seconds['train']:>7,.1f}"
    )


def run_loop(config: LoopConfig) -> LoopSummary:
    """Run the rounds that are not done yet.

    Raises UsageError for what cannot be used or a folder that holds another loop, UnjudgedError when Lean left samples
    without a verdict, RemainsError when new weights did not reach the engine.
    """
    if config.carry_optimizer:
        refuse_halves(config.gen.model)
    loop = _Loop(config)
    loop.claim()
    with ExitStack() as stack:
        loop.open(stack)
        return loop.run()


class _Loop:
    """The rounds of one loop; `done[r]` is round r where it is finished."""

    def __init__(self, config: LoopConfig) -> None:
        self.config = config
        self.corpus = Corpus.open(config.gen.corpus)
        self.done: list[Round] = []

    def claim(self) -> None:
        """Take the folder, or find out where its loop stands."""
        out, record = self.config.out, self.config.out / RECORD
        if record.is_file():
            if json.loads(record.read_text())["identity"] != self.config.identity:
                raise UsageError(f"--out {out}: holds a loop with other settings. Name another folder, or remove it.")
        elif out.is_file() or (out.is_dir() and any(out.iterdir())):
            raise UsageError(f"--out {out}: something else stands there already. Name another folder.")
        else:
            write_text(json.dumps({"identity": self.config.identity}) + "\n", record)
        while len(self.done) < self.config.rounds and (found := self._stored(len(self.done))) and found.trained:
            self.done.append(found)

    def open(self, stack: ExitStack) -> None:
        """Make the engine, the Leans and the lines of work ready; nothing is loaded before it is needed."""
        beside = self.config.staleness > 0
        self.engine = stack.enter_context(closing(KeptEngine(self.config.gen, beside=beside)))
        self.pool = pool_of(self.judges)
        stack.enter_context(self.pool)
        self.sampling, self.checking = (stack.enter_context(closing(Line(beside=beside))) for _ in range(2))

    def run(self) -> LoopSummary:
        """Run the rounds from the first that is not finished; sampling is ahead by the staleness."""
        config, first = self.config, len(self.done)
        ahead = range(first, min(first + config.staleness + 1, config.rounds))
        judged = [self._begin(number) for number in ahead]
        while judged:
            one = judged.pop(0)()
            self._learn(one)
            self.done.append(one)
            forget(self._own_folders(), self._kept())
            following = len(self.done) + config.staleness
            if following < config.rounds:
                judged.append(self._begin(following))
        return LoopSummary(tuple(self.done), self._policy(len(self.done)), str(self.corpus.root))

    # One round

    def _begin(self, number: int) -> Callable[[], Round]:
        """Plan a round and let it be sampled and judged; return what waits until that is done."""
        one = self._stored(number) or self._plan(number)
        sampled = self.sampling.submit(lambda: self._sample(one))

        def judge() -> None:
            sampled.result()
            with timed(one.stages, "filter", number):
                check(self.judges, self.pool)

        judged = self.checking.submit(judge)

        def wait() -> Round:
            judged.result()
            return one

        return wait

    def _plan(self, number: int) -> Round:
        """Choose the problems of a round and write them down, before anything is sampled."""
        sampler = max(0, number - self.config.staleness)
        problems = self._problems(number)
        if not problems:
            raise UsageError(f"{self.corpus.root}: round {number} has no problems: all are settled, or none are there.")
        one = Round(number, sampler, self._policy_id(sampler), problems)
        self._write(one)
        return one

    def _problems(self, number: int) -> list[str]:
        """Return the problem_ids of a round, by what the finished rounds say: others may be half judged."""
        config = self.config
        own = {
            "split": config.gen.split,
            "policies": [one.policy_id for one in self.done],
            "round": len(self.done),
            "limit": config.problems_per_round,
            "seed": config.gen.seed,
        }
        try:
            query = config.query()
            with self.corpus.connect_for(query) as connection:
                connection.execute(f"SET VARIABLE round = {number}")
                rows = connection.execute(query, None if config.problems_sql else own).fetchall()
        except duckdb.Error as error:
            raise UsageError(f"--problems-sql {config.problems_sql}: {str(error).splitlines()[0]}") from error
        return [str(row[0]) for row in rows][: config.problems_per_round]

    def _sample(self, one: Round) -> None:
        model = self._policy(one.sampler)
        config = replace(
            self.config.gen,
            model=model,
            round=one.round,
            seed=self.config.gen.seed + one.round,  # two rounds of one policy must not draw the same
            problem_ids=tuple(one.problems),
        )
        with timed(one.stages, "gen", one.round):
            generate(config, lambda: self.engine.at(model))
            one.gap = self.engine.gap

    def _learn(self, one: Round) -> None:
        """Train the next version and finish the round."""
        self.engine.rest()
        self._count(one)
        with timed(one.stages, "score", one.round):
            window = self._window(one)
        one.learnt_from, one.ess = [number for number, _ in window.drawn], window.ess
        if window.num_proofs:
            with timed(one.stages, "train", one.round):
                self._train(one, window)
        elif self.config.on_empty == "stop":
            raise RemainsError(f"round {one.round}: Lean verified nothing to learn from. See `cli stats`.")
        else:
            one.trained = self._policy_id(one.round)
        self.corpus.write_run("loop", {"config": asdict(self.config), **asdict(one)})
        self._write(one)

    def _count(self, one: Round) -> None:
        query = read_sql(QUERIES, "round")
        with self.corpus.connect(["corpus"]) as connection:
            found = connection.execute(query, {"round": one.round, "policy_id": one.policy_id}).fetchall()
        one.num_samples, one.num_verified, one.num_solved = found[0]

    def _window(self, one: Round) -> Window:
        """Let the policies score each other's proofs, and choose the rounds to learn from."""
        config, rounds = self.config, [*self.done, one]
        first = 0 if config.replay is None else max(0, one.round - config.replay)
        drawn = _drawn(rounds[first:])
        only_proofs = {policy: not config.train.chosen().needs.wrong for _, policy in drawn}
        if config.z == "corpus":
            only_proofs.setdefault(self._base, True)  # learns nothing from them, but takes Z from their proofs
        scorers = {self._policy_id(rounds[number].sampler): self._policy(rounds[number].sampler) for number, _ in drawn}
        scorers |= {self._base: config.gen.model, self._policy_id(one.round): self._policy(one.round)}
        for policy, model in scorers.items():
            for verified in (True, False):
                others = tuple(name for name, proofs in only_proofs.items() if proofs == verified and name != policy)
                if others:
                    self._score(model, others, verified)
        return choose_window(self.corpus, config.gen.split, drawn, self._policy_id(one.round), config.min_ess)

    def _score(self, model: Path, sampled_by: tuple[str, ...], verified: bool) -> None:
        gen = self.config.gen
        score(
            ScoreConfig(
                corpus=gen.corpus,
                model=model,
                split=gen.split,
                sampled_by=sampled_by,
                verified=verified,
                template=gen.template if gen.template.endswith(".j2") else None,
            )
        )

    def _train(self, one: Round, window: Window) -> None:
        config = self.config
        first = _drawn([*self.done, one][:1])  # the base's own draws
        z = _drawn([one]) if config.z == "round" else tuple(dict.fromkeys([*first, *window.drawn]))
        mixture = Mixture(window.drawn, z)
        selection = Selection(
            split=config.gen.split, base=self._base, template=config.gen.template, mixture=mixture
        )  # fmt: skip
        done = train(
            replace(
                config.train,
                corpus=config.gen.corpus,
                model=self._policy(one.round),
                out=self._own(one.round),
                selection=selection,
                seed=config.train.seed + one.round,
                keep_optimizer=config.carry_optimizer,
                optimizer_from=self._last_training(one.round) if config.carry_optimizer else None,
            )
        )
        one.last, one.trained = done.last, done.policy_id

    # Where things stand

    @property
    def judges(self) -> FilterConfig:
        """Return which Lean judges, as `cli filter` does unasked unless it was said."""
        return self.config.filter or FilterConfig(corpus=self.config.gen.corpus)

    @property
    def _base(self) -> str:
        return self._policy_id(0)

    def _own(self, number: int) -> Path:
        """Return the folder of what round `number` trains."""
        return self.config.out / "policies" / f"round-{number:03d}"

    def _own_folders(self) -> list[Path]:
        return [self._own(one.round) for one in self.done]

    def _kept(self) -> list[Path]:
        """Return the folders of the policies that are kept, the newest last."""
        newest, number = len(self.done), self.config.keep_policies
        return [self._policy(version) for version in range(0 if number is None else newest + 1 - number, newest + 1)]

    def _policy(self, version: int) -> Path:
        """Return the folder of a version; a round that learnt nothing has left the one before."""
        while version and not (self._own(version - 1) / SUMMARY).is_file():
            version -= 1
        return self._own(version - 1) if version else self.config.gen.model

    def _last_training(self, number: int) -> Path | None:
        """Return the folder of the last training before round `number`, if there was one."""
        policy = self._policy(number)
        return None if policy == self.config.gen.model else policy

    def _policy_id(self, version: int) -> str:
        return open_folder(self._policy(version)).policy_id

    def _record(self, number: int) -> Path:
        return self.config.out / "rounds" / f"round-{number:03d}.json"

    def _stored(self, number: int) -> Round | None:
        if not self._record(number).is_file():
            return None
        found = json.loads(self._record(number).read_text(encoding="utf-8"))
        return Round(**found | {"stages": [Stage(**stage) for stage in found["stages"]]})

    def _write(self, one: Round) -> None:
        write_text(json.dumps(asdict(one), indent=2) + "\n", self._record(one.round))


def _drawn(rounds: list[Round]) -> Drawn:
    return tuple((one.round, one.policy_id) for one in rounds)
