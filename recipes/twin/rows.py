"""What is compared: one row of the table each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

ALPHAS = (0.0, 0.25, 0.5, 0.75, 0.9, 0.999)
PAPER = {"baseline": "leave-one-out", "clip": 10.0}
"""α-DPG as arXiv 2512.05962 has it: pseudo-rewards of at most M = 10, each against the others of its problem."""
REPEATED = ("alpha-0.25", "alpha-0.999", "grpo", "z-corpus", "replay-off")
"""Names of the rows that most comparisons rest on."""
CENTRED = {"std": False, "normalize": "sum"}
"""What makes the unlikeliness reward differ from the GRPO row by the reward alone."""


@dataclass(frozen=True)
class Shape:
    """How a loop goes about it."""

    rounds: int
    problems: int | None
    """A round; None: all, unless settled."""
    n: int
    """Draws of a problem in a round."""
    steps: int
    """A round."""
    problems_per_step: int
    replay: int | None = 0
    """Earlier rounds that are learnt from; None: all."""
    z: str = "round"
    pool: int = 0
    """Base samples a problem, drawn before the first round: Z rests on them too where z is corpus."""


@dataclass(frozen=True)
class Row:
    """One way to train a policy."""

    name: str
    """Of its folder."""
    label: str
    objective: str
    options: Mapping[str, Any] = field(default_factory=dict)
    alpha: float | None = None
    kind: str = "baseline"
    """alpha, baseline or ablation."""
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Of its shape."""
    refresh: bool = False
    """Two rounds of all problems, with as many samples in all, in place of many small ones."""

    @property
    def repeated(self) -> bool:
        """Return whether it is trained `--trainings` times on each seed's problems, else once."""
        return self.name in REPEATED

    def shape(self, size: Size) -> Shape:
        """Return how its loop goes about it."""
        return replace(size.refresh if self.refresh else size.online, **self.changes)


@dataclass(frozen=True)
class Size:
    """The numbers that decide how long the twin takes."""

    online: Shape
    """Of every row unless it says otherwise."""
    refresh: Shape
    """A pool, many steps, the pool of the new policy beside it, many steps."""
    pool: int
    n_eval: int
    """Samples of a held-out problem."""
    n_reference: int
    """Base samples of a training problem that estimates of Z are compared with."""


FULL = Size(
    online=Shape(rounds=30, problems=128, n=4, steps=1, problems_per_step=128),
    refresh=Shape(rounds=2, problems=None, n=25, steps=80, problems_per_step=24, replay=None, z="corpus"),
    pool=48,
    n_eval=256,
    n_reference=192,
)
"""30 × 128 × 4 = 15,360 samples a row, 2 × 300 × 25 = 15,000 with the refresh."""
FAST = Size(
    online=Shape(rounds=3, problems=24, n=4, steps=1, problems_per_step=24),
    refresh=Shape(rounds=2, problems=None, n=4, steps=5, problems_per_step=12, replay=None, z="corpus"),
    pool=8,
    n_eval=8,
    n_reference=16,
)


def _alpha(alpha: float) -> Row:
    return Row(f"alpha-{alpha:g}", f"α = {alpha:g}", "alpha-dpg", PAPER | {"alpha": alpha}, alpha, "alpha")


def _ablation(name: str, label: str, alpha: float, options: Mapping[str, Any], **changes: Any) -> Row:
    return Row(name, label, "alpha-dpg", {**options, "alpha": alpha}, None, "ablation", changes)


def _refresh(name: str, alpha: float, **changes: Any) -> Row:
    steps = f", {changes['steps']} steps each" if changes else ""
    return replace(_ablation(name, f"α = {alpha:g}, pool, then refresh{steps}", alpha, {}, **changes), refresh=True)


def rows_of(size: Size) -> tuple[Row, ...]:
    """Return every row in the order of its training: those of the claims first, what is not in the paper last."""
    return (
        *map(_alpha, (0.25, 0.999)),
        Row("grpo", "GRPO", "dr-grpo"),
        *map(_alpha, (0.0, 0.5, 0.75, 0.9)),
        Row("grpo-kl", "GRPO, KL 0.1", "dr-grpo", {"kl": 0.1}),
        Row("rloo", "RLOO", "rloo"),
        Row("unlikely", "unlikeliness", "unlikely", CENTRED),
        Row("pass-k", "GRPO-Pass@k", "grpo-pass-k"),
        _ablation("z-corpus", "α = 0.25, Z from the corpus", 0.25, PAPER, z="corpus", pool=size.pool),
        _refresh("refresh-0", 0.0),
        _refresh("refresh-0.25", 0.25),
        _refresh("refresh-short", 0.25, steps=size.online.rounds // 2, problems_per_step=size.online.problems),
        _ablation("replay-off", "α = 0.25, positive, no replay", 0.25, {}, z="corpus"),
        _ablation("replay-on", "α = 0.25, positive, 4 rounds replayed", 0.25, {}, z="corpus", replay=4),
    )
