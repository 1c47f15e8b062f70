"""The model that learns and its optimiser, over however many processes there are: a step's gradient, and the update."""

from __future__ import annotations

import atexit
import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list, gather_object
from torch import Tensor

from gen.models import ModelFolder
from store.errors import RemainsError, UsageError
from train.checkpoint import Checkpoint, load_state
from train.config import TrainConfig
from train.draws import DrawTable
from train.logprobs import SequenceLogProbs, check_head, packs_rows, row_limit, shares_prompts
from train.model import Trained, checkpoint_gradients, load, skeleton
from train.objectives import Objective, Samples
from train.parallel import OptimizerState, allocate, fill, optimizer_state, restore_optimizer, shard, whole_weights
from train.precision import DTYPES, LossScale, computing_in
from train.rows import Group, RowLimit, collate, plan_batches

SamplesOf = Callable[[Tensor], Samples]
"""From log π_θ of every completion token of a step to what objectives are given."""
PartLoss = Callable[[list[int], Tensor], Tensor]
"""From some completions and log π_θ of their tokens to their part of the step's loss."""

MAX_STRETCH = 1.2
"""Rows of a batch are padded by at most a fifth, unless the batch is tiny."""

MASKED_ROW = 512
"""Tokens of a packed row where attention goes by a mask, whose cost grows with the row's length."""

T = TypeVar("T")


def open_group(device: str, config: TrainConfig) -> Accelerator:
    """Return accelerate's view of this process and the others, if there are others."""
    # Mixed precision is ours (train/precision.py), so that it is the same with and without FSDP2, on CPU and GPU.
    accelerator = Accelerator(
        cpu=device == "cpu", log_with=list(config.trackers) or None, project_dir=str(config.out / "tensorboard")
    )
    if accelerator.num_processes > 1:
        atexit.register(_leave_group)
    return accelerator


def _leave_group() -> None:
    """Close the process group before the interpreter takes it apart: threads of it that still wait would abort."""
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def by_the_first(accelerator: Accelerator, work: Callable[[], T]) -> T:
    """Return what `work` returns in the first process, to all of them; an error of the user's is raised in all."""
    if accelerator.num_processes == 1:
        return work()
    box: list[Any] = [None, None]
    if accelerator.is_main_process:
        try:
            box[0] = work()
        except RemainsError as error:
            box[1] = error
    broadcast_object_list(box)
    if box[1] is not None:
        raise box[1]
    return box[0]


class Learner:
    """π_θ, and how it is moved. With FSDP2 every process holds a share of it, otherwise all of it."""

    def __init__(
        self, config: TrainConfig, folder: ModelFolder, accelerator: Accelerator, checkpoint: Checkpoint | None
    ) -> None:
        self.config, self.folder, self.accelerator = config, folder, accelerator
        self.pad = folder.tokenizer.pad_token_id or 0
        self.sharded = accelerator.num_processes > 1 and config.parallel == "fsdp"
        torch.manual_seed(config.seed)  # adapters start at random
        self.trained, self.log_probs = self._build(checkpoint)
        self.parameters = [parameter for parameter in self.log_probs.parameters() if parameter.requires_grad]
        self.optimizer = torch.optim.AdamW(
            self.parameters, lr=config.learning_rate, weight_decay=config.weight_decay, fused=True
        )
        self.scale = LossScale(config.mixed_precision)
        before = checkpoint.state if checkpoint else config.optimizer_from and load_state(config.optimizer_from)
        if before:
            restore_optimizer(self.optimizer, self._plain(), before.optimizer)
            self.scale = LossScale(config.mixed_precision, *before.loss_scale)

    def _build(self, checkpoint: Checkpoint | None) -> tuple[Trained, Any]:
        """Return the model and log π as a function of batches, placed; `layout` is found out on the way."""
        config, device, whole = self.config, self.accelerator.device, None
        source = checkpoint.folder if checkpoint else None

        def look() -> tuple[str, RowLimit | None]:
            nonlocal whole
            whole = load(self.folder, config.lora, source)
            if not self.sharded and not (config.lora and config.lora.quantized):
                whole.model.to(device)
            check_head(whole.model)
            layout = choose_layout(whole.model, config.layout)
            return layout, row_limit(whole.model) if layout == "shared" else None

        # Only the first process reads a model that is to be sharded; otherwise each has its own.
        self.layout, self.shared = by_the_first(self.accelerator, look) if self.sharded else look()
        trained = skeleton(self.folder, config.lora) if self.sharded else whole
        assert trained is not None
        if self.sharded:
            allocate(trained.model)
        if config.gradient_checkpointing:
            checkpoint_gradients(trained)
        log_probs = SequenceLogProbs(trained.model)
        if self.sharded:
            shard(log_probs, trained.layers, device, DTYPES[config.mixed_precision])
            fill(log_probs, SequenceLogProbs(whole.model) if whole else None)
            return trained, log_probs
        return trained, self.accelerator.prepare(log_probs) if self.accelerator.num_processes > 1 else log_probs

    # The gradient of a step

    def gradients(self, table: DrawTable, objective: Objective, samples_of: SamplesOf) -> tuple[float, Tensor]:
        """Accumulate the gradient over this process's share of the batches.

        Returns the loss and log π_θ of every completion token of the table, (C,), over all processes.
        """
        share = table.share.to(self.accelerator.device)
        batches = self._plan(table)

        def own_loss(rows: list[int], log_policy: Tensor) -> Tensor:
            """Return the part of the step's loss that `rows` make by themselves."""
            places, draws = table.places(rows).to(share.device), table.draws_of(rows).to(share.device)
            known = table.placeholder().to(share.device).index_copy(0, places, log_policy)
            return (share * objective(samples_of(known)).loss)[draws].sum()

        if not objective.needs.whole_step:
            return self._pass(table, batches, own_loss)
        with torch.no_grad():
            _, log_policy = self._pass(table, batches, None)
        leaf = log_policy.to(share.device).requires_grad_()
        loss = (share * objective(samples_of(leaf)).loss).sum()
        (slope,) = torch.autograd.grad(loss, leaf)
        self._pass(table, batches, lambda rows, found: (slope[table.places(rows).to(share.device)] * found).sum())
        return loss.item(), log_policy

    def _plan(self, table: DrawTable) -> list[list[Group]]:
        sequences, most = [row.tokens for row in table.rows], self.config.batch_tokens
        if self.layout != "packed":
            return plan_batches(sequences, most, shared=self.shared, max_stretch=MAX_STRETCH)
        if by_boundaries(self.trained.model):  # such kernels take one row at a time
            batches = plan_batches(sequences, most, packed=True, max_row=most)
            return [[group] for batch in batches for group in batch]
        return plan_batches(sequences, most, packed=True, max_row=min(most, MASKED_ROW))

    def _pass(self, table: DrawTable, batches: list[list[Group]], part: PartLoss | None) -> tuple[float, Tensor]:
        """Run every batch through the model, and back where `part` says what its loss is; return as `gradients`."""
        accelerator, world = self.accelerator, self.accelerator.num_processes
        mine = batches[accelerator.process_index :: world]
        # Every process takes equally many batches; one that has too few repeats a batch with weight 0.
        rounds = -(-len(batches) // world)
        found: list[tuple[float, list[int], Tensor]] = []
        for turn in range(rounds):
            groups, real = (mine[turn], 1.0) if turn < len(mine) else (batches[0], 0.0)
            rows = [row for group in groups for row in group]
            with self._synchronised(part is None or turn == rounds - 1):
                log_policy = self._forward(table, groups)
                loss = torch.zeros(()) if part is None else part(rows, log_policy)
                if part is not None:
                    # Processes' gradients are averaged, and their losses are to be added.
                    (loss * (real * world * self.scale.factor)).backward()
            if real:
                found.append((loss.item(), rows, log_policy.detach().cpu()))
        everyone = gather_object(found)
        log_policy = torch.zeros(int(table.length.sum()))
        for _, rows, values in everyone:
            log_policy[table.places(rows)] = values
        return sum(loss for loss, _, _ in everyone), log_policy

    def _forward(self, table: DrawTable, groups: list[Group]) -> Tensor:
        sequences = [[table.rows[row].tokens for row in group] for group in groups]
        batch = collate(sequences, self.pad, packed=self.layout == "packed")
        device = self.accelerator.device
        with computing_in(self.config.mixed_precision, device):
            return self.log_probs(batch.to(device), per_token=True)

    def _synchronised(self, last: bool) -> AbstractContextManager[None]:
        """Exchange gradients between processes in the last batch of a step only; shards hold no others' gradients."""
        return nullcontext() if last or self.sharded else self.accelerator.no_sync(self.log_probs)

    # The update

    def update(self, rate: float) -> float | None:
        """Move the weights; return the gradient's norm before clipping, None where the step is to be taken again.

        Raises RemainsError when the gradient is no number.
        """
        for parameter in self.parameters:
            if parameter.grad is not None and self.scale.factor != 1:
                parameter.grad.div_(self.scale.factor)
        norm: Any = torch.nn.utils.clip_grad_norm_(self.parameters, self.config.max_grad_norm)
        length = float(norm.full_tensor() if hasattr(norm, "full_tensor") else norm)
        again = self.scale.overflowed(length)
        if not again and not math.isfinite(length):
            raise RemainsError(f"the gradient's norm is {length}. Lower --learning-rate, or use --precision no.")
        if not again:
            for group in self.optimizer.param_groups:
                group["lr"] = rate
            self.optimizer.step()
        self.optimizer.zero_grad()
        return None if again else length

    def forget(self) -> None:
        """Drop the gradient of a step that is not taken."""
        self.optimizer.zero_grad()

    # What is saved

    def weights(self) -> dict[str, Tensor] | None:
        """Return the weights whole where they are sharded (in the first process; all must call it), else None."""
        if not self.sharded:
            return None
        found = whole_weights(self.log_probs, trained_only=self.trained.adapters is not None)
        return {name.removeprefix("model."): value for name, value in found.items()}

    def optimizer_state(self) -> OptimizerState:
        """Return the optimiser's state whole; all processes must call it."""
        return optimizer_state(self.optimizer, self._plain())

    def _plain(self) -> Any:
        """Return the module whose parameters have plain names."""
        return self.log_probs.module if hasattr(self.log_probs, "module") else self.log_probs


def choose_layout(model: Any, layout: str) -> str:
    """Return how rows are laid out for this model: `layout`, or for `auto` the fastest that the model supports.

    Packed rows are faster than padded ones of about one length where attention is told their boundaries (flash), and
    slower where it goes by a mask. Raises UsageError for a layout that changes the model's log-probabilities.
    """
    supported = {"shared": shares_prompts, "packed": packs_rows}
    if layout == "auto":
        candidates = ("shared", "packed") if by_boundaries(model) else ("shared",)
        return next((name for name in candidates if supported[name](model)), "padded")
    if layout in supported and not supported[layout](model):
        raise UsageError(f"--layout {layout}: {type(model).__name__} does not keep the sequences of a row apart.")
    return layout


def by_boundaries(model: Any) -> bool:
    """Return whether attention is told where sequences end, so that a row of any length costs what they do."""
    return "flash" in str(getattr(model.config, "_attn_implementation", ""))
