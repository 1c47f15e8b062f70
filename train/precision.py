"""Half precision: what runs in it, and the scale that keeps fp16's gradients from vanishing.

Weights, optimiser and gradients between processes stay in float32; log-softmax and sums never leave it.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch

from store.errors import RemainsError

DTYPES = {"no": None, "bf16": torch.bfloat16, "fp16": torch.float16}


def computing_in(precision: str, device: torch.device) -> AbstractContextManager[object]:
    """Return the context in which matrix products are taken in half precision."""
    dtype = DTYPES[precision]
    return nullcontext() if dtype is None else torch.autocast(device.type, dtype=dtype)


class LossScale:
    """The factor of the loss before its gradient is taken: halved when one overflows, doubled after a long calm.

    It goes by the gradient's norm, which all processes share, so they agree without another word. A step that overflows
    is to be taken again: no batch is lost, and 0 steps are skipped.
    """

    LARGEST = 2.0**16
    CALM = 200
    """Steps without an overflow before the factor is doubled."""

    def __init__(self, precision: str, factor: float | None = None, calm: int = 0) -> None:
        self.active = precision == "fp16"
        self.factor = factor if factor is not None else (self.LARGEST if self.active else 1.0)
        self.calm = calm

    def overflowed(self, norm: float) -> bool:
        """Say whether the step must be taken again, and remember."""
        if not self.active:
            return False
        if norm == norm and norm != float("inf"):
            self.calm += 1
            if self.calm == self.CALM:
                self.factor, self.calm = min(2 * self.factor, self.LARGEST), 0
            return False
        if self.factor < 2.0**-16:
            raise RemainsError("fp16: gradients overflow whatever the scale of the loss. Use --precision bf16.")
        self.factor, self.calm = self.factor / 2, 0
        return True
