"""Which engine to load, with what: a record that can be sent to another process or machine and be loaded there."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from gen.batch import BatchConfig
from gen.engine import Engine
from gen.models import open_folder
from gen.sampling import SamplingConfig
from store.errors import UsageError

ENGINES = ("transformers", "vllm")


@dataclass(frozen=True)
class EngineSpec:
    """An engine that is not loaded yet."""

    model: Path
    sampling: SamplingConfig
    engine: str = "transformers"
    batch: BatchConfig = field(default_factory=BatchConfig)
    """Of the transformers engine."""
    engine_args: tuple[str, ...] = ()
    """Of vLLM, `key=value` each."""
    tensor_parallel: int = 1
    """GPUs that share one model."""
    stop: tuple[str, ...] = ()
    """A completion ends where it contains one of these, too; the stop string stays in it."""

    def __post_init__(self) -> None:
        """Refuse what the engine cannot do, by the name of its flag."""
        if self.engine not in ENGINES:
            raise UsageError(f"--engine {self.engine}: unknown; there are {', '.join(ENGINES)}.")
        if self.engine != "vllm" and self.engine_args:
            raise UsageError(f"--engine-arg {self.engine_args[0]}: only --engine vllm has engine arguments.")
        if self.engine == "vllm" and self.batch.token_stats:
            raise UsageError(
                "--token-stats: vLLM does not report them; use `cli score --own --token-stats` afterwards, or "
                "--engine transformers."
            )
        if self.engine != "vllm" and self.tensor_parallel != 1:
            raise UsageError(f"--tensor-parallel {self.tensor_parallel}: only --engine vllm can split a model.")

    @property
    def gpus_per_engine(self) -> int:
        """GPUs that one engine takes, where there are any."""
        return self.tensor_parallel

    def load(self) -> Engine:
        """Load the model; raises UsageError when it cannot be loaded."""
        folder = open_folder(self.model)
        if self.engine == "vllm":
            from gen.vllm_engine import VllmEngine, parse_engine_args

            arguments = parse_engine_args(self.engine_args)
            arguments = {"tensor_parallel_size": self.tensor_parallel} | arguments
            return VllmEngine(folder, self.sampling, arguments, self.stop)
        from gen.transformers_engine import TransformersEngine

        return TransformersEngine(folder, self.sampling, self.batch, self.stop)
