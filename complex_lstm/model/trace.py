"""What one forward pass computed on its way, kept because the caller asked for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jaxtyping import Float, Int
from torch import Tensor

Note = Callable[[str, Any], None]  # is told the name and the value of a step of the walk


def ignore(name: str, value: Any) -> None:
    """The note of a plain forward pass: nothing is kept."""


@dataclass(frozen=True)
class Trace:
    """Every intermediate value of one forward pass. At padded steps the values mean nothing; attention is zero there."""

    lengths: Int[Tensor, " batch"]
    projected: Float[Tensor, "batch time channel"]
    encoded: Float[Tensor, "batch time channel"]
    conv1_scales: tuple[Float[Tensor, "batch time _channel_of_scale"], ...]
    conv1: Float[Tensor, "batch time channel"]
    conv2_scales: tuple[Float[Tensor, "batch time _channel_of_scale"], ...]
    conv2: Float[Tensor, "batch time channel"]
    gate: Float[Tensor, "batch time channel"]
    fused: Float[Tensor, "batch time channel"]
    lstm: tuple[Float[Tensor, "batch time channel"], ...]
    attention: Float[Tensor, "batch layer head query key"]
    attended: tuple[Float[Tensor, "batch time channel"], ...]
    pooled_mean: Float[Tensor, "batch channel"]
    pooled_max: Float[Tensor, "batch channel"]
    pooled_last: Float[Tensor, "batch channel"]
    head_outputs: Float[Tensor, "batch member output"]
    prediction: Float[Tensor, "batch output"]
