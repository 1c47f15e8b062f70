"""Weights and optimiser over several processes: FSDP2, each holding a share of every tensor.

accelerate starts the processes' group, chooses the device and does plain data parallelism; it knows FSDP2 on GPUs
alone, so the sharding is torch's own `fully_shard`, which does the same on a CPU with gloo. Only the first process ever
holds the whole model. Optimiser states are read and written whole, by the parameters' names, so a training goes on with
any number of processes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict, set_model_state_dict
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor

Optimizer = torch.optim.Optimizer
OptimizerState = dict[str, dict[str, Any]]
"""Parameter's name to its state: exp_avg, exp_avg_sq, step."""


def shard(skeleton: nn.Module, layers: list[nn.Module], device: torch.device, dtype: torch.dtype | None) -> None:
    """Cut every parameter of `skeleton` over all processes, layer by layer; the values are not filled in yet.

    `dtype`: what layers compute in (None: as stored); gradients are added up in float32.
    """
    mesh = init_device_mesh(device.type, (torch.distributed.get_world_size(),))
    policy = MixedPrecisionPolicy(param_dtype=dtype, reduce_dtype=torch.float32 if dtype else None)
    for layer in layers:
        fully_shard(layer, mesh=mesh, mp_policy=policy)
    fully_shard(skeleton, mesh=mesh, mp_policy=policy)
    skeleton.to(device)  # buffers too


def allocate(model: nn.Module) -> None:
    """Give parameters on the meta device memory, without touching it; ties between them stay."""
    fresh: dict[int, nn.Parameter] = {}
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False, remove_duplicate=False):
            if parameter.is_meta and id(parameter) not in fresh:
                values = torch.empty_like(parameter, device="cpu")
                fresh[id(parameter)] = nn.Parameter(values, requires_grad=parameter.requires_grad)
            if parameter.is_meta:
                setattr(module, name, fresh[id(parameter)])


def fill(sharded: nn.Module, whole: nn.Module | None) -> None:
    """Send the first process's `whole` module into the shards of all; `whole` is None in the others."""
    options = StateDictOptions(full_state_dict=True, broadcast_from_rank0=True)
    set_model_state_dict(sharded, whole.state_dict() if whole else {}, options=options)


def whole_weights(module: nn.Module, *, trained_only: bool) -> dict[str, Tensor]:
    """Return the parameters whole, on the CPU; empty except in the first process. All processes must call it."""
    options = StateDictOptions(full_state_dict=True, cpu_offload=True, ignore_frozen_params=trained_only)
    found: dict[str, Any] = get_model_state_dict(module, options=options)
    return found


def optimizer_state(optimizer: Optimizer, module: nn.Module) -> OptimizerState:
    """Return the states of the parameters that are trained, whole, on the CPU. All processes must call it."""
    return {
        name: {key: _whole(value) for key, value in optimizer.state[parameter].items()}
        for name, parameter in module.named_parameters()
        if parameter in optimizer.state
    }


def restore_optimizer(optimizer: Optimizer, module: nn.Module, state: Mapping[str, Mapping[str, Any]]) -> None:
    """Put back what `optimizer_state` returned, into shards or whole."""
    for name, parameter in module.named_parameters():
        if name in state:
            optimizer.state[parameter] = {key: _like(value, parameter) for key, value in state[name].items()}


def _whole(value: Any) -> Any:
    if not isinstance(value, Tensor):
        return value
    return (value.full_tensor() if isinstance(value, DTensor) else value).detach().cpu().clone()


def _like(value: Any, parameter: nn.Parameter) -> Any:
    """Return a state's tensor placed as the parameter is; the count of steps stands by itself."""
    if not isinstance(value, Tensor) or value.shape != parameter.shape:
        return value
    if isinstance(parameter, DTensor):
        return distribute_tensor(value.to(parameter.device), parameter.device_mesh, parameter.placements)
    return value.to(parameter.device)
