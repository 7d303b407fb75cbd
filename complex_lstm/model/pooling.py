"""Three ways from a series of hidden states to one vector."""

from __future__ import annotations

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from complex_lstm.model.padding import step_counts, zero_padding


class MeanPool(nn.Module):
    """The mean over the real steps: what the whole window is like."""

    def forward(
        self, h: Float[Tensor, "batch time channel"], mask: Bool[Tensor, "batch time"] | None = None
    ) -> Float[Tensor, "batch channel"]:
        if mask is None:
            return h.mean(dim=1)
        return zero_padding(h, mask).sum(dim=1) / step_counts(mask)[:, None]


class MaxPool(nn.Module):
    """The largest value over the real steps: whether something happened anywhere."""

    def forward(
        self, h: Float[Tensor, "batch time channel"], mask: Bool[Tensor, "batch time"] | None = None
    ) -> Float[Tensor, "batch channel"]:
        return (h if mask is None else h.masked_fill(~mask[..., None], -math.inf)).amax(dim=1)


def last_step(h: Float[Tensor, "batch time channel"], mask: Bool[Tensor, "batch time"] | None = None) -> Float[Tensor, "batch channel"]:
    """Return the hidden state at each series' last real step."""
    if mask is None:
        return h[:, -1]
    return h[torch.arange(len(h), device=h.device), step_counts(mask) - 1]
