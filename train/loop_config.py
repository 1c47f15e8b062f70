"""What `cli loop` is asked to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from filter.run import FilterConfig
from gen.models import open_folder
from gen.run import GenConfig
from gen.sampling import SamplingConfig
from store.errors import UsageError
from store.ids import config_hash
from train.config import TrainConfig

QUERIES = Path(__file__).parent / "queries"


@dataclass(frozen=True)
class LoopConfig:
    """What to sample, how to train, how often."""

    gen: GenConfig
    """Of every round; `model` is the base policy, `n` the draws of a problem in a round."""
    train: TrainConfig
    """Of every round; `steps` are those of a round. `model`, `out` and `selection` are set by the loop."""
    out: Path
    """The folder of the policies and of the rounds' records."""
    rounds: int = 2
    problems_per_round: int | None = None
    """None: all that are not settled."""
    problems_sql: Path | None = None
    """A query with a column problem_id in place of `queries/curriculum.sql`; getvariable('round') is this round."""
    replay: int | None = None
    """Earlier rounds that a round learns from beside its own; None: all."""
    min_ess: float = 0.1
    """Oldest rounds are left out while the effective sample size of the ratios to the current policy is below."""
    z: str = "corpus"
    """corpus: Z from the draws of the base and of all rounds that are learnt from; round: from the round's own, as the
    paper does."""
    carry_optimizer: bool = False
    """A round goes on with the optimiser of the one before: for rounds of one or a few steps."""
    staleness: int = 0
    keep_policies: int | None = None
    """The newest policies whose weights stay on the disk; None: all."""
    on_empty: str = "go-on"
    """Where no proof is found to learn from: go-on with the same policy, or stop."""
    filter: FilterConfig | None = None
    """Which Lean judges, with what limits; None: as `cli filter` does unasked."""

    def __post_init__(self) -> None:
        """Refuse values out of range, by the name of their flag."""
        for flag, value, least in (("--rounds", self.rounds, 1), ("--staleness", self.staleness, 0)):
            if value < least:
                raise UsageError(f"{flag} {value}: must be at least {least}.")
        if self.replay is not None and self.replay < 0:
            raise UsageError(f"--replay {self.replay}: must be at least 0.")
        if self.problems_per_round is not None and self.problems_per_round < 1:
            raise UsageError(f"--problems-per-round {self.problems_per_round}: must be at least 1.")
        self._check_keeping()
        if not 0 <= self.min_ess <= 1:
            raise UsageError(f"--min-ess {self.min_ess}: must be in [0, 1].")
        if self.z not in ("corpus", "round"):
            raise UsageError(f"--z {self.z}: unknown; there are corpus, round.")
        if self.on_empty not in ("go-on", "stop"):
            raise UsageError(f"--on-empty {self.on_empty}: unknown; there are go-on, stop.")
        if self.gen.sampling != SamplingConfig(max_new_tokens=self.gen.max_new_tokens):
            raise UsageError(
                "cli loop weighs every draw by π_θ/q, which is known of other policies' draws only for plain samplers: "
                "use temperature 1 and no truncation."
            )

    def _check_keeping(self) -> None:
        """Refuse to forget policies that later rounds need: those of the window score each other's proofs."""
        if self.keep_policies is None:
            return
        if self.replay is None:
            raise UsageError("--keep-policies: all rounds are replayed, so all policies are needed. Add --replay N.")
        needed = self.replay + self.staleness + 1
        if self.keep_policies < needed:
            raise UsageError(
                f"--keep-policies {self.keep_policies}: --replay {self.replay} and --staleness {self.staleness} need "
                f"{needed} of them."
            )

    @property
    def identity(self) -> str:
        """A hash of everything that decides what comes out; how many rounds is left open, so that more can be added."""
        settings = asdict(self)
        for part in ("out", "rounds", "filter", "keep_policies"):
            del settings[part]
        for stage in ("gen", "train"):
            for part in ("corpus", "model", "out"):
                settings[stage].pop(part, None)
        settings["problems_sql"] = self.problems_sql and _text(self.problems_sql)
        return config_hash(settings | {"base": open_folder(self.gen.model).policy_id})

    def query(self) -> str:
        """Return the SQL that chooses a round's problems. Raises UsageError for a file that cannot be read."""
        return _text(self.problems_sql or QUERIES / "curriculum.sql")


def _text(query: Path) -> str:
    try:
        return query.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--problems-sql {query}: {error.strerror}.") from error
