"""The fusion gate held at a value."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Bool, Float
from torch import Tensor

from complex_lstm.config import ModelConfig
from complex_lstm.errors import InterventionError
from complex_lstm.model.boxes import Box
from complex_lstm.model.interventions.places import check_number


@dataclass(frozen=True)
class ForceGate:
    """The gate is `value` in every channel at every step: 1 takes convolution stage 1 alone, 0 stage 2 alone, 0.5 both alike.

    Assumes that the blocks after it can read such a mixture. Fails where they were fitted to a gate that moves: the
    output may then change because the mixture is unlike any in training, and not because this window needs its gate.
    """

    value: float

    @property
    def box(self) -> Box:
        return Box("gate")

    def check(self, config: ModelConfig) -> None:
        _check_share(self.value)

    def replace(
        self, value: Float[Tensor, "batch time channel"], came_in: Tensor, real: Bool[Tensor, "batch time"]
    ) -> Float[Tensor, "batch time channel"]:
        return value.new_full(value.shape, self.value)


@dataclass(frozen=True)
class ForceGateChannels:
    """The gate is `value` in these channels at every step, and as it was in the others.

    Assumes that a channel can be looked at alone. Fails where channels do the same work: the others stand in, and each
    alone looks needless.
    """

    value: float
    channels: tuple[int, ...]

    @property
    def box(self) -> Box:
        return Box("gate")

    def check(self, config: ModelConfig) -> None:
        _check_share(self.value)
        for channel in self.channels:
            check_number("channel", channel, config.hidden_dim)

    def replace(
        self, value: Float[Tensor, "batch time channel"], came_in: Tensor, real: Bool[Tensor, "batch time"]
    ) -> Float[Tensor, "batch time channel"]:
        forced = value.clone()
        forced[..., list(self.channels)] = self.value
        return forced


def _check_share(value: float) -> None:
    if not 0 <= value <= 1:
        raise InterventionError(f"The gate cannot be {value}: it is a share from 0 (stage 2 alone) to 1 (stage 1 alone).")
