"""What the transformers engine may use."""

from __future__ import annotations

from dataclasses import dataclass

from store.errors import UsageError


@dataclass(frozen=True)
class BatchConfig:
    """What the engine may use."""

    max_sequences: int = 1024
    kv_gib: float | None = None
    """Memory for keys and values; None: 2 GiB on a CPU, 60 % of what is free on a GPU."""
    device: str | None = None
    """None: a GPU if there is one."""
    dtype: str = "auto"
    """auto (float32 on a CPU, as stored elsewhere), float32, float16, bfloat16 or float64."""
    token_stats: bool = False
    """Also entropy, logsumexp and mean logit of the distribution at each token."""

    def __post_init__(self) -> None:
        """Refuse values out of range, by the name of their flag."""
        if self.max_sequences < 1:
            raise UsageError(f"--max-sequences {self.max_sequences}: must be at least 1.")
        if self.kv_gib is not None and not self.kv_gib > 0:
            raise UsageError(f"--kv-gib {self.kv_gib}: must be positive.")
        if self.dtype not in ("auto", "float32", "float16", "bfloat16", "float64"):
            raise UsageError(f"--dtype {self.dtype}: must be auto, float32, float16, bfloat16 or float64.")
