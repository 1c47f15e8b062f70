"""What is minimised, by name: a step's samples in, a loss for each of them out.

`samples` is the contract with the trainer, `registry` the names; `correction` reweighs samples of another policy, for
all objectives alike. `divergences` holds the α-divergence and its relatives, to the target of `target`; `advantages`
the baselines, which a `surrogate` makes a loss of; `balance` trajectory balance.
"""

from train.objectives import advantages, balance, divergences
from train.objectives.registry import REGISTRY, Objective, choose, parse_arguments, takes
from train.objectives.samples import Needs, Samples, State, Terms, TokenLogProbs

__all__ = [
    "REGISTRY", "Needs", "Objective", "Samples", "State", "Terms", "TokenLogProbs", "advantages", "balance", "choose",
    "divergences", "parse_arguments", "takes",
]  # fmt: skip
