"""The values at all sites of one forward pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from complex_lstm.errors import InterventionError
from complex_lstm.model.attention import weights_of_rows
from complex_lstm.model.hooks import Intervention, SiteContext
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
    def attention_layers(self) -> int:
        """The number of attention layers in use."""
        return self.attention.shape[1]

    @property
    def attention_heads(self) -> int:
        """The number of attention heads of each layer."""
        return self.attention.shape[2]

    def attention_rows(self, layer: int, first: int, last: int) -> Float[Tensor, "batch head query key"]:
        """Return the attention weights of the queries from `first` up to `last`, in one layer."""
        return self.attention[:, layer, :, first:last]

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


@dataclass(frozen=True)
class LongTrace(Trace):
    """The trace of unpadded windows that are too long for all their attention weights to be in memory: `attention` has no layer.

    Its rows are made from the queries and keys when they are asked for (`attention_rows`), changed by the interventions of the
    pass that act on weights. They equal those of a `Trace` up to rounding.
    """

    queries: tuple[Float[Tensor, "batch head time channel_of_head"], ...]
    keys: tuple[Float[Tensor, "batch head time channel_of_head"], ...]
    interventions: tuple[Intervention, ...] = ()

    @property
    def attention_layers(self) -> int:
        return len(self.queries)

    @property
    def sites(self) -> tuple[Site, ...]:
        """The sites in the order of the forward pass, without the attention weights."""
        return tuple(site for site in super().sites if site.name != "attention")

    def at(self, site: Site) -> Float[Tensor, " batch *shape"]:
        """Return the value at one site.

        Raises:
            InterventionError: the forward pass came to no such site, or it is that of the attention weights.
        """
        if site.name == "attention":
            steps = self.encoded.shape[1]
            raise InterventionError(
                f"The attention weights of a window of {steps:,} steps are made row by row and never held: "
                f"take rows by `attention_rows`, or the site {Site('attended', site.number)}, what the layer adds."
            )
        return super().at(site)

    def attention_rows(self, layer: int, first: int, last: int) -> Float[Tensor, "batch head query key"]:
        """Return the weights of the queries from `first` up to `last`, made now."""
        rows = weights_of_rows(self.queries[layer][:, :, first:last], self.keys[layer])
        site, whole = Site("attention", layer), torch.ones_like(self.encoded[..., 0], dtype=torch.bool)
        for one in self.interventions:
            if one.site == site:
                rows = one.replace(rows, SiteContext(site, whole, None))
        return rows


SINGLE = ("projected", "encoded", "conv1", "conv2", "gate", "fused", *TIMELESS)


def assemble_trace(values: Mapping[Site, Tensor], lengths: Int[Tensor, " batch"], num_heads: int) -> Trace:
    """Return the trace of a forward pass from the values recorded at its sites."""
    single: dict[str, Any] = {name: values[Site(name)] for name in SINGLE}
    several: dict[str, Any] = {name: tuple(value for site, value in values.items() if site.name == name) for name in SEVERAL}
    batch, time = single["encoded"].shape[:2]
    weights = several.pop("attention")
    attention = torch.stack(weights, dim=1) if weights else single["encoded"].new_zeros(batch, 0, num_heads, time, time)
    return Trace(lengths=lengths, attention=attention, **single, **several)


def without_weights(
    trace: Trace, queries: tuple[Tensor, ...], keys: tuple[Tensor, ...], interventions: tuple[Intervention, ...]
) -> LongTrace:
    """Return a trace of a fused pass, which has no attention weights, with what they can be made of."""
    return LongTrace(**vars(trace), queries=queries, keys=keys, interventions=interventions)
