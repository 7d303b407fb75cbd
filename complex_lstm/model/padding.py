"""Which steps of a padded batch are real: the one mask that every block is blind by."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from complex_lstm.errors import ShapeError


def real_steps(lengths: Tensor | list[int], time: int, batch: int) -> Bool[Tensor, "batch time"]:
    """Return True where a step belongs to its series and False where it is padding at its end.

    Raises:
        ShapeError: not one length a series, or a length outside 1..time.
    """
    counts = torch.as_tensor(lengths)
    if counts.shape != (batch,):
        raise ShapeError(f"lengths has shape {tuple(counts.shape)}, expected ({batch},): one length for each series in x.")
    if counts.is_floating_point() or counts.min() < 1 or counts.max() > time:
        raise ShapeError(f"lengths are {counts.tolist()}, expected whole numbers from 1 to {time}, the time steps of x.")
    return torch.arange(time, device=counts.device) < counts[:, None]


def zero_padding(h: Float[Tensor, "batch time channel"], mask: Bool[Tensor, "batch time"] | None) -> Float[Tensor, "batch time channel"]:
    """Return h with zeros at the padded steps, which is what a convolution sees beyond the end of a series alone."""
    return h if mask is None else h * mask[..., None]


def step_counts(mask: Bool[Tensor, "batch time"]) -> Int[Tensor, " batch"]:
    """Return how many real steps each series has."""
    return mask.sum(dim=1)
