"""Positions, convolution scales and BiLSTM blocks left out, and the fusion gate held at a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from complex_lstm.config import ModelConfig
from complex_lstm.errors import InterventionError
from complex_lstm.model.hooks import SiteContext, check_number, check_site
from complex_lstm.model.sites import Site


@dataclass(frozen=True)
class DropPositions:
    """No positions are added to the projected features.

    Assumes that the projected features alone are a readable signal. Fails in that the convolutions were trained on sums
    with positions in them; nor does the model lose the order of the steps, which convolutions and BiLSTM blocks see anyway.
    """

    site: ClassVar[Site] = Site("encoded")

    def check(self, config: ModelConfig) -> None:
        """Every model has positions."""

    def replace(self, value: Float[Tensor, "batch time channel"], context: SiteContext) -> Float[Tensor, "batch time channel"]:
        return context.block_input


@dataclass(frozen=True)
class SilenceScale:
    """One convolution of stage 1 or 2 responds with zero at every step; `scale` counts its kernels from 0.

    Assumes that zero is no response, which holds after a ReLU. Fails where a channel responds nearly always: its mean is
    then missing too, with which the projection after it was trained. Stage 2 reads stage 1, so silencing a scale of
    stage 1 changes the responses of stage 2 as well.
    """

    stage: int
    scale: int

    @property
    def site(self) -> Site:
        return Site(f"conv{self.stage}_scales", self.scale)

    def check(self, config: ModelConfig) -> None:
        if self.stage not in (1, 2):
            raise InterventionError(f"There is no convolution stage {self.stage} in this model: it has 1 and 2.")
        check_site("convolution scale", self.site, config)

    def replace(
        self, value: Float[Tensor, "batch time channel_of_scale"], context: SiteContext
    ) -> Float[Tensor, "batch time channel_of_scale"]:
        return value.new_zeros(value.shape)


@dataclass(frozen=True)
class SkipBlock:
    """The signal passes by one BiLSTM block unchanged; an attention layer after it stays, and attends to that signal.

    Assumes that the channels of a block's input and output mean the same, which its residual sum makes likely. Fails in
    that the block's LayerNorm is skipped too: the blocks after it may get values of another size.
    """

    block: int

    @property
    def site(self) -> Site:
        return Site("lstm", self.block)

    def check(self, config: ModelConfig) -> None:
        check_site("BiLSTM block", self.site, config)

    def replace(self, value: Float[Tensor, "batch time channel"], context: SiteContext) -> Float[Tensor, "batch time channel"]:
        return context.block_input


@dataclass(frozen=True)
class _OfGate:
    """What is done to the fusion gate."""

    value: float
    site: ClassVar[Site] = Site("gate")

    def check(self, config: ModelConfig) -> None:
        if not 0 <= self.value <= 1:
            raise InterventionError(f"The gate cannot be {self.value}: it is a share from 0 (stage 2 alone) to 1 (stage 1 alone).")


@dataclass(frozen=True)
class ForceGate(_OfGate):
    """The gate is `value` in every channel at every step: 1 takes convolution stage 1 alone, 0 stage 2 alone, 0.5 both alike.

    Assumes that the blocks after it can read such a mixture. Fails where they were trained with a gate that varies: the
    output may then change because the mixture is unlike any in training, and not because this window needs its gate.
    """

    def replace(self, value: Float[Tensor, "batch time channel"], context: SiteContext) -> Float[Tensor, "batch time channel"]:
        return value.new_full(value.shape, self.value)


@dataclass(frozen=True)
class ForceGateChannels(_OfGate):
    """The gate is `value` in these channels at every step, and as it was in the others.

    Assumes that a channel can be studied alone. Fails where channels are redundant: the others stand in, and each alone
    looks needless.
    """

    channels: tuple[int, ...]

    def check(self, config: ModelConfig) -> None:
        super().check(config)
        for channel in self.channels:
            check_number("channel", channel, config.hidden_dim)

    def replace(self, value: Float[Tensor, "batch time channel"], context: SiteContext) -> Float[Tensor, "batch time channel"]:
        forced = value.clone()
        forced[..., list(self.channels)] = self.value
        return forced
