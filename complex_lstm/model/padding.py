"""The padding mask: which steps of a batch belong to its windows, and which only fill shorter ones up."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from complex_lstm.errors import ShapeError


def padding_mask(lengths: Tensor | list[int] | None, *, batch: int, time: int) -> Bool[Tensor, "batch time"]:
    """Return True where a step belongs to its window and False where it is padding at its end; without lengths all are True.

    Raises:
        ShapeError: not one length for each window, or a length outside 1..time.
    """
    if lengths is None:
        return torch.ones(batch, time, dtype=torch.bool)
    counts = torch.as_tensor(lengths)
    if counts.shape != (batch,):
        raise ShapeError(f"lengths has shape {tuple(counts.shape)}, expected ({batch},): one length for each series in x.")
    if batch and (counts.is_floating_point() or counts.min() < 1 or counts.max() > time):
        raise ShapeError(f"lengths are {counts.tolist()}, expected whole numbers from 1 to {time}, the time steps of x.")
    return torch.arange(time, device=counts.device) < counts[:, None]


def zero_padding(h: Float[Tensor, "batch time channel"], mask: Bool[Tensor, "batch time"] | None) -> Float[Tensor, "batch time channel"]:
    """Return h with zeros at the padded steps, whatever stood there: a convolution reads zeros beyond the end of a window alone."""
    return h if mask is None else h.masked_fill(~mask[..., None], 0)
