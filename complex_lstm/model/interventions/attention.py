"""Attention heads and layers silenced, or made to look everywhere alike."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Bool, Float
from torch import Tensor

from complex_lstm.config import ModelConfig
from complex_lstm.model.hooks import check_box, check_number
from complex_lstm.model.sites import Site


@dataclass(frozen=True)
class _OfHead:
    """What is done to the weights of one attention head."""

    layer: int
    head: int

    @property
    def site(self) -> Site:
        return Site("attention", self.layer)

    def check(self, config: ModelConfig) -> None:
        check_box("attention layer", self.site, config)
        check_number("attention head", self.head, config.num_heads)


@dataclass(frozen=True)
class SilenceHead(_OfHead):
    """One attention head takes from no step: its weights are zero, and so is its contribution before w_o.

    The other heads and the bias of w_o remain. Assumes that zero is no contribution. Fails where a head gives nearly
    the same to every window: what comes after counts on that, and misses it as if it were information. Heads that do
    the same stand in for each other, so that each alone looks needless (Michel et al. 2019).
    """

    def replace(
        self, value: Float[Tensor, "batch head query key"], block_input: Tensor, real: Bool[Tensor, "batch time"]
    ) -> Float[Tensor, "batch head query key"]:
        silent = value.clone()
        silent[:, self.head] = 0
        return silent


@dataclass(frozen=True)
class SilenceAttention:
    """One attention layer adds nothing: neither its heads' contributions nor the bias of w_o. Its weights are still told.

    Assumes that the sum is the same signal without it, as in every residual sum. Fails where the layer shifts every
    step alike: what comes after was fitted to the shifted signal.
    """

    layer: int

    @property
    def site(self) -> Site:
        return Site("attended", self.layer)

    def check(self, config: ModelConfig) -> None:
        check_box("attention layer", self.site, config)

    def replace(
        self, value: Float[Tensor, "batch time channel"], block_input: Float[Tensor, "batch time channel"], real: Bool[Tensor, "batch time"]
    ) -> Float[Tensor, "batch time channel"]:
        return block_input


@dataclass(frozen=True)
class UniformHead(_OfHead):
    """One attention head takes from every real step alike: it gives each query the mean of the values.

    Assumes that the question is where the head looks, not what it takes from there. Fails in that the mean of all
    values may be unlike anything that the head has given in training; if the output moves, the weights are not thereby
    an explanation (Jain and Wallace 2019; Wiegreffe and Pinter 2019).
    """

    def replace(
        self, value: Float[Tensor, "batch head query key"], block_input: Tensor, real: Bool[Tensor, "batch time"]
    ) -> Float[Tensor, "batch head query key"]:
        level = value.clone()
        level[:, self.head] = _equal_shares(value, real)
        return level


@dataclass(frozen=True)
class UniformAttention:
    """Every head of one attention layer takes from every real step alike. Assumes and fails as UniformHead does."""

    layer: int

    @property
    def site(self) -> Site:
        return Site("attention", self.layer)

    def check(self, config: ModelConfig) -> None:
        check_box("attention layer", self.site, config)

    def replace(
        self, value: Float[Tensor, "batch head query key"], block_input: Tensor, real: Bool[Tensor, "batch time"]
    ) -> Float[Tensor, "batch head query key"]:
        return _equal_shares(value, real)[:, None].expand_as(value)


def _equal_shares(weights: Float[Tensor, "batch head query key"], real: Bool[Tensor, "batch time"]) -> Float[Tensor, "batch query key"]:
    """Return 1 / real steps from each real query to each real key, in the number format of the weights."""
    steps = real.to(weights)
    return steps[:, :, None] * (steps / steps.sum(dim=1, keepdim=True))[:, None, :]
