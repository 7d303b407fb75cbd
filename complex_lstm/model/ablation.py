"""Outputs with one feature at a time replaced, in batches. `interpretation` says what they mean."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Tensor, nn

# Windows in one forward pass of 256 channels. On two CPU cores the time per window falls up to about this many and then
# rises again, because the LSTM's working set leaves the cache; smaller models take up to three times as many.
BATCH = 64


def ablated_outputs(
    model: nn.Module,
    x: Float[Tensor, "batch time feature"],
    baseline: Float[Tensor, "*#shape"],
    lengths: Tensor | list[int] | None = None,
) -> tuple[Float[Tensor, "batch output"], Float[Tensor, "feature batch output"]]:
    """Return the outputs for x as it is, and for each feature with its column replaced by the baseline's.

    `baseline` is anything that broadcasts against x: one number, one for each feature, or a whole window. Intact and
    ablated windows share forward passes, of the number of windows that is fastest for the model's size.
    """
    filled = baseline.to(x).expand_as(x)
    steps = None if lengths is None else torch.as_tensor(lengths)
    groups = _groups(x.shape[2], most=fastest_batch(model) // len(x))
    results = [outputs for group in groups for outputs in _group_outputs(model, x, filled, steps, group)]
    return results[0], torch.stack(results[1:])


def fastest_batch(model: nn.Module) -> int:
    """Return how many windows to give to a model at once."""
    config = getattr(model, "config", None)
    return BATCH * min(3, max(1, 256 // config.hidden_dim)) if config else BATCH


def _groups(features: int, *, most: int) -> Iterator[list[int]]:
    """Yield the variants (-1 is the intact one) in groups of at most this many, and at least one."""
    variants = list(range(-1, features))
    size = max(1, most)
    for start in range(0, len(variants), size):
        yield variants[start : start + size]


def _group_outputs(model: nn.Module, x: Tensor, filled: Tensor, steps: Tensor | None, group: list[int]) -> list[Tensor]:
    stacked = x.repeat(len(group), 1, 1)  # (variant*batch, time, feature)
    for place, feature in enumerate(group):
        if feature >= 0:
            stacked[place * len(x) : (place + 1) * len(x), :, feature] = filled[:, :, feature]
    outputs = model(stacked, None if steps is None else steps.repeat(len(group)))
    return list(outputs.reshape(len(group), len(x), -1).unbind())
