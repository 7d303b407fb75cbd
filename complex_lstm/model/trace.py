"""The values at all sites of one forward pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from complex_lstm.errors import InterventionError
from complex_lstm.model.sites import SEVERAL, TIMELESS, Site, forward_order


@dataclass(frozen=True)
class Trace:
    """Every intermediate value of one forward pass. At padded steps the values mean nothing; attention is zero there.

    Of a pass with interventions it holds what went on: an intervention shows at its own site and at those after it.
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
        """The sites in the order of the forward pass."""
        return forward_order(len(self.lstm))

    def at(self, site: Site) -> Float[Tensor, " batch *shape"]:
        """Return the value at one site.

        Raises:
            InterventionError: the forward pass came to no such site.
        """
        if site not in self.sites:
            raise InterventionError(f"There is no site {site} in this trace. It has {', '.join(map(str, self.sites))}.")
        if site.name == "attention":
            return self.attention[:, site.number]
        return getattr(self, site.name)[site.number] if site.name in SEVERAL else getattr(self, site.name)


SINGLE = ("projected", "encoded", "conv1", "conv2", "gate", "fused", *TIMELESS)


def assemble_trace(values: Mapping[Site, Tensor], lengths: Int[Tensor, " batch"], num_heads: int) -> Trace:
    """Return the trace of a forward pass from the values recorded at its sites."""
    single: dict[str, Any] = {name: values[Site(name)] for name in SINGLE}
    several: dict[str, Any] = {name: tuple(value for site, value in values.items() if site.name == name) for name in SEVERAL}
    batch, time = single["encoded"].shape[:2]
    weights = several.pop("attention")
    attention = torch.stack(weights, dim=1) if weights else single["encoded"].new_zeros(batch, 0, num_heads, time, time)
    return Trace(lengths=lengths, attention=attention, **single, **several)
