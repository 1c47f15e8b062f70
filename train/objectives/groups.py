"""Sums, means and ranks within groups; `group` is (M,) with whole numbers 0 … P−1, results are (M,) again."""

from __future__ import annotations

import torch
from torch import Tensor


def group_sum(values: Tensor, group: Tensor) -> Tensor:
    """Return the sum over a sample's group."""
    return _total(values, group)[group]


def group_mean(values: Tensor, group: Tensor) -> Tensor:
    """Return the mean over a sample's group."""
    return group_sum(values, group) / group_sum(torch.ones_like(values), group)


def group_std(values: Tensor, group: Tensor) -> Tensor:
    """Return the standard deviation over a sample's group, with n − 1; 0 for a group of one."""
    count = group_sum(torch.ones_like(values), group)
    square = group_sum((values - group_mean(values, group)) ** 2, group)
    return (square / (count - 1).clamp(min=1)).sqrt()


def mean_of_others(values: Tensor, group: Tensor) -> Tensor:
    """Return the mean over the *other* samples of the group; 0 for a group of one."""
    count = group_sum(torch.ones_like(values), group)
    return (group_sum(values, group) - values) / (count - 1).clamp(min=1)


def group_logsumexp(values: Tensor, group: Tensor) -> Tensor:
    """Return log Σ exp over a sample's group."""
    largest = group_max(values, group)
    return largest + group_sum((values - largest).exp(), group).log()


def group_max(values: Tensor, group: Tensor) -> Tensor:
    """Return the largest value of a sample's group."""
    start = torch.full((_size(group),), -torch.inf, dtype=values.dtype, device=values.device)
    return start.scatter_reduce(0, group, values, reduce="amax")[group]


def rank_in_group(values: Tensor, group: Tensor) -> Tensor:
    """Return how many samples of its group come before a sample in ascending order: 0 … n−1, float64.

    Equal values stand in the order they came in.
    """
    order = torch.argsort(values, stable=True)
    order = order[torch.argsort(group[order], stable=True)]
    ones = torch.ones(len(group), dtype=torch.long, device=group.device)
    count = torch.zeros(_size(group), dtype=torch.long, device=group.device).index_add(0, group, ones)
    first = (count.cumsum(0) - count)[group[order]]
    place = torch.empty_like(order)
    place[order] = torch.arange(len(order), device=group.device) - first
    return place.double()


def _total(values: Tensor, group: Tensor) -> Tensor:
    return torch.zeros(_size(group), dtype=values.dtype, device=values.device).index_add(0, group, values)


def _size(group: Tensor) -> int:
    return int(group.max()) + 1
