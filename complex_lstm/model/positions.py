"""Sinusoidal positional encoding."""

from __future__ import annotations

import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn


class PositionalEncoding(nn.Module):
    """Adds sines and cosines of the step number, so that later blocks can distinguish the steps.

    PE(t, 2i) = sin(t / 10000^(2i/H)), PE(t, 2i+1) = cos of the same (Vaswani et al. 2017, section 3.5). The table is
    computed for the length of the batch, so no window is too long. A table stored in a checkpoint as `pe` holds the
    same numbers; it is accepted and ignored.
    """

    def __init__(self, hidden_dim: int) -> None:
        super().__init__()
        self.hidden_dim = hidden_dim
        self.register_load_state_dict_pre_hook(_drop_stored_table)

    def forward(self, h: Float[Tensor, "batch time channel"]) -> Float[Tensor, "batch time channel"]:
        return h + self.table(h.shape[1], h.device).to(h)

    def table(self, time: int, device: torch.device | None = None) -> Float[Tensor, "time channel"]:
        """Return what is added at the first `time` steps, computed on the device: copying it there would wait for it."""
        angle = angles(time, self.hidden_dim, device)
        table = torch.zeros(time, self.hidden_dim, device=device)
        table[:, 0::2] = torch.sin(angle)
        table[:, 1::2] = torch.cos(angle[:, : self.hidden_dim // 2])
        return table


def angles(time: int, hidden_dim: int, device: torch.device | None = None) -> Float[Tensor, "time pair"]:
    """Return t / 10000^(2i/H) for the first `time` steps and every pair of channels, in single precision.

    The angle of a late step is large and keeps few digits behind its point: at step 1000 its error is about 1e-4.
    """
    step = torch.arange(time, dtype=torch.float32, device=device)[:, None]
    return step * torch.exp(torch.arange(0, hidden_dim, 2, device=device) * (-math.log(10000.0) / hidden_dim))


def _drop_stored_table(module: nn.Module, state: dict[str, Any], prefix: str, *_: Any) -> None:
    state.pop(prefix + "pe", None)
