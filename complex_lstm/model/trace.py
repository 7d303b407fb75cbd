"""What one forward pass computed on its way, kept because the caller asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from complex_lstm.errors import InterventionError
from complex_lstm.model.sites import SEVERAL, Site, forward_order


@dataclass(frozen=True)
class Trace:
    """Every intermediate value of one forward pass. At padded steps the values mean nothing; attention is zero there.

    Of a pass with interventions it holds what went on: an intervention shows in its own box and in those after it.
    """

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
    ensemble_head_outputs: Float[Tensor, "batch ensemble_head output"]
    prediction: Float[Tensor, "batch output"]

    @property
    def sites(self) -> tuple[Site, ...]:
        """The boxes in the order of the walk."""
        return forward_order(len(self.lstm))

    def at(self, site: Site) -> Float[Tensor, "batch *shape"]:
        """Return the value of one box.

        Raises:
            InterventionError: the walk came to no such box.
        """
        if site not in self.sites:
            raise InterventionError(f"There is no box {site} in this trace. It has {', '.join(map(str, self.sites))}.")
        if site.name == "attention":
            return self.attention[:, site.number]
        return getattr(self, site.name)[site.number] if site.name in SEVERAL else getattr(self, site.name)


def assemble_trace(recorded: Mapping[str, list[Tensor]], lengths: Int[Tensor, " batch"], num_heads: int) -> Trace:
    """Return the trace of a walk that told these values of each name, in its order."""
    several: dict[str, Any] = {name: tuple(recorded.get(name, ())) for name in SEVERAL if name != "attention"}
    single: dict[str, Any] = {name: values[0] for name, values in recorded.items() if name not in SEVERAL}
    weights = torch.stack(recorded["attention"], 1) if "attention" in recorded else _no_attention(recorded["encoded"][0], num_heads)
    return Trace(lengths=lengths, attention=weights, **several, **single)


def _no_attention(h: Float[Tensor, "batch time channel"], heads: int) -> Float[Tensor, "batch layer head query key"]:
    return h.new_zeros(len(h), 0, heads, h.shape[1], h.shape[1])
