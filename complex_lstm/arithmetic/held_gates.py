"""A gate of an LSTM cell that is held at a value, and which reading of a BiLSTM block it is in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor, nn

from complex_lstm.errors import ExplanationError


class Reading(NamedTuple):
    """One reading of a BiLSTM block: the LSTM layer, from 0, and the direction."""

    layer: int
    backward: bool


READINGS = tuple(Reading(layer, backward) for layer in (0, 1) for backward in (False, True))
SYMBOLS = ("i", "f", "g", "o")  # of the gates, in the order of torch's weights


@dataclass(frozen=True)
class HeldGate:
    """A gate of one reading that has a value of our choice. Without a channel it is held in all of them, without a step at all of them.

    `gate` is its symbol: i, f or o with a value from 0 to 1, or g, the candidate, from -1 to 1. No input of the model
    need exist that opens a gate so: what follows shows what the gate is for, not what the model does with its data.

    Raises:
        ExplanationError: there is no such gate, or it never has such a value.
    """

    reading: Reading
    gate: str
    value: float
    channel: int | None = None
    step: int | None = None

    def __post_init__(self) -> None:
        if self.gate not in SYMBOLS:
            raise ExplanationError(f"There is no gate {self.gate!r} in an LSTM cell. Hold one of {', '.join(SYMBOLS)}.")
        least = -1 if self.gate == "g" else 0
        if not least <= self.value <= 1:  # not a number is refused too
            raise ExplanationError(f"The gate {self.gate} is held at {self.value}, and it goes from {least} to 1. Choose a value between.")

    def check(self, lstm: nn.LSTM, *, steps: int) -> None:
        """Raise an ExplanationError unless an LSTM with a window of so many steps has this gate."""
        for name, number, count in (
            ("layer", self.reading.layer, lstm.num_layers),
            ("channel", self.channel, lstm.hidden_size),
            ("step", self.step, steps),
        ):
            if number is not None and not 0 <= number < count:
                raise ExplanationError(f"There is no {name} {number} in which a gate could be held: they go from 0 to {count - 1}.")

    def hold(self, gates: tuple[Float[Tensor, "batch channel"], ...], step: int) -> None:
        """Set the value among the four gates of a step."""
        if self.step in (None, step):
            gates[SYMBOLS.index(self.gate)][:, slice(None) if self.channel is None else self.channel] = self.value
