"""Attention heads and layers silenced, or made to attend to every step alike."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Bool, Float
from torch import Tensor

from complex_lstm.config import ModelConfig
from complex_lstm.model.hooks import SiteContext, check_number, check_site
from complex_lstm.model.sites import Site

Taken = Float[Tensor, "batch head time channel_of_head"]  # what the heads take from the values of an attention layer


@dataclass(frozen=True)
class _OfLayer:
    """What is done to the weights of one attention layer."""

    layer: int

    @property
    def site(self) -> Site:
        return Site("attention", self.layer)

    def check(self, config: ModelConfig) -> None:
        check_site("attention layer", self.site, config)


@dataclass(frozen=True)
class _OfHead(_OfLayer):
    """What is done to the weights of one attention head."""

    head: int

    def check(self, config: ModelConfig) -> None:
        super().check(config)
        check_number("attention head", self.head, config.num_heads)


@dataclass(frozen=True)
class SilenceHead(_OfHead):
    """One attention head takes from no step: its weights are zero, and so is its contribution before w_o.

    The other heads and the bias of w_o remain. Assumes that zero is no contribution. Fails where a head contributes
    nearly the same for every window: the blocks after it were trained with that constant, and its loss looks like a loss
    of information. Redundant heads stand in for each other, so that each alone looks needless (Michel et al. 2019).
    """

    def replace(self, value: Float[Tensor, "batch head query key"], context: SiteContext) -> Float[Tensor, "batch head query key"]:
        silent = value.clone()
        silent[:, self.head] = 0
        return silent

    def replace_taken(self, taken: Taken, values: Taken, padding_mask: Bool[Tensor, "batch time"]) -> Taken:
        silent = taken.clone()
        silent[:, self.head] = 0
        return silent


@dataclass(frozen=True)
class SilenceAttention(_OfLayer):
    """One attention layer adds nothing: neither its heads' contributions nor the bias of w_o. Its weights are still traced.

    Assumes that the residual stream is a readable signal without it. Fails where the layer shifts every step alike: the
    blocks after it were trained on the shifted signal.
    """

    @property
    def site(self) -> Site:
        return Site("attended", self.layer)

    def replace(self, value: Float[Tensor, "batch time channel"], context: SiteContext) -> Float[Tensor, "batch time channel"]:
        return context.block_input


@dataclass(frozen=True)
class UniformHead(_OfHead):
    """One attention head attends to every unpadded step alike: each query gets the mean of the values.

    Assumes that what matters is where the head attends, not what it takes from there. Fails in that the mean of all
    values may be unlike anything that the head has computed in training; nor does a change of the output make the
    attention weights an explanation (Jain and Wallace 2019; Wiegreffe and Pinter 2019).
    """

    def replace(self, value: Float[Tensor, "batch head query key"], context: SiteContext) -> Float[Tensor, "batch head query key"]:
        level = value.clone()
        level[:, self.head] = _equal_shares(value, context.padding_mask)
        return level

    def replace_taken(self, taken: Taken, values: Taken, padding_mask: Bool[Tensor, "batch time"]) -> Taken:
        level = taken.clone()
        level[:, self.head] = _mean_of_steps(values, padding_mask)[:, self.head]
        return level


@dataclass(frozen=True)
class UniformAttention(_OfLayer):
    """Every head of one attention layer attends to every unpadded step alike. Assumes and fails as UniformHead does."""

    def replace(self, value: Float[Tensor, "batch head query key"], context: SiteContext) -> Float[Tensor, "batch head query key"]:
        return _equal_shares(value, context.padding_mask)[:, None].expand_as(value)

    def replace_taken(self, taken: Taken, values: Taken, padding_mask: Bool[Tensor, "batch time"]) -> Taken:
        return _mean_of_steps(values, padding_mask)


def _equal_shares(weights: Float[Tensor, "batch head query key"], mask: Bool[Tensor, "batch time"]) -> Float[Tensor, "batch query key"]:
    """Return 1 / unpadded steps from each unpadded query to each unpadded key, in the number format of the weights.

    Of a window without padding the weights may be some rows only: all queries are alike there.
    """
    steps = mask.to(weights)
    return steps[:, : weights.shape[-2], None] * (steps / steps.sum(dim=1, keepdim=True))[:, None, :]


def _mean_of_steps(values: Taken, mask: Bool[Tensor, "batch time"]) -> Taken:
    """Return at every unpadded step the mean of the values over the unpadded steps: what equal shares take from them."""
    steps = mask.to(values)[:, None, :, None]
    mean = (values * steps).sum(dim=2, keepdim=True) / steps.sum(dim=2, keepdim=True)
    return mean * steps
