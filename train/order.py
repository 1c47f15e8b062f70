"""Which problems a step sees, as a function of the seed and the step."""

from __future__ import annotations

import random
from collections.abc import Iterator


def problem_batches(num_problems: int, size: int, seed: int, first: int = 0) -> Iterator[list[int]]:
    """Yield batches of problems from batch number `first` on: a new random order every epoch, batches cross its end.

    A batch holds a problem once, so it is smaller where there are fewer than `size` problems.
    """
    size = min(size, num_problems)
    rng, batch_number = random.Random(seed), 0
    queue: list[int] = []
    while True:
        if len(queue) < size:
            # A problem left over from the last epoch comes first; its second turn waits until after this batch.
            fresh = rng.sample(range(num_problems), num_problems)
            late = [index for index in fresh if index in queue]
            queue += [index for index in fresh if index not in late] + late
        batch, queue = queue[:size], queue[size:]
        if batch_number >= first:
            yield batch
        batch_number += 1
