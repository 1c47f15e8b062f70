"""The objectives' names and what each is, in a line; torch is not needed to read them."""

from __future__ import annotations

OBJECTIVES = {
    "alpha-dpg": "α-divergence to the target; needs alpha: 0 covers every proof, 1 concentrates",
    "rs-ft": "fine-tuning on the verified samples, all alike",
    "kl-dpg": "forward KL to the target",
    "reverse-kl": "reverse KL to the soft target",
    "js": "Jensen-Shannon divergence to the target",
    "tv": "total variation to the target",
    "tb": "trajectory balance, log Z stored, learned or cancelled",
    "reinforce": "the reward itself",
    "grpo": "reward less the group's mean, by its standard deviation; PPO clip, KL penalty",
    "dr-grpo": "grpo without the standard deviation and the division by length",
    "rloo": "reward less the mean of the others",
    "remax": "reward less that of the greedy sample",
    "gpg": "reward less the group's mean, scaled by the share of useful groups",
    "pass-k": "the group's pass@k, shared out exactly",
    "grpo-pass-k": "only the best sample, by how much it beats the second best",
    "unlikely": "grpo on rewards discounted by the rank of their likelihood",
    "unlikely-by-reward": "the same with ranks by reward, as the code of arXiv 2512.05962 has it",
}
