"""Outputs with one feature at a time replaced, in batches. `interpretation` says what they mean."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from complex_lstm.model.batching import fastest_batch


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
    variants = list(range(-1, x.shape[2]))  # -1 is the intact one
    size = max(1, fastest_batch(model) // len(x))
    groups = [variants[first : first + size] for first in range(0, len(variants), size)]
    results = [outputs for group in groups for outputs in _group_outputs(model, x, filled, steps, group)]
    return results[0], torch.stack(results[1:])


def _group_outputs(model: nn.Module, x: Tensor, filled: Tensor, steps: Tensor | None, group: list[int]) -> list[Tensor]:
    stacked = x.repeat(len(group), 1, 1)  # (variant*batch, time, feature)
    for place, feature in enumerate(group):
        if feature >= 0:
            stacked[place * len(x) : (place + 1) * len(x), :, feature] = filled[:, :, feature]
    outputs = model(stacked, None if steps is None else steps.repeat(len(group)))
    return list(outputs.reshape(len(group), len(x), -1).unbind())
