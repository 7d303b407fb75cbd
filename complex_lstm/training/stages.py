"""Gradual complexity: which parts of the model are in, and which of them learn, in the course of a run."""

from __future__ import annotations

import math
from dataclasses import dataclass

from complex_lstm.model.parts import ALL_PARTS, Parts
from complex_lstm.training.components import COMPONENTS

# Where each stage begins, as a share of the epochs. The stage with the BiLSTM blocks is shared out evenly among them.
# The last stage begins where the one cycle of the learning rate is under 4% of its highest: that is its low rate.
CONVOLUTIONS, LSTM_BLOCKS, ATTENTION, ENSEMBLE = 0.1, 0.25, 0.6, 0.9


@dataclass(frozen=True)
class Stage:
    """The parts that are in, and the components that learn. A component that is not in never learns."""

    number: int
    name: str
    parts: Parts
    learning: tuple[str, ...] = COMPONENTS

    @property
    def whole(self) -> bool:
        """Whether the model is all in: only then is it the model that will be kept."""
        return self.parts == ALL_PARTS


def stage_at(share: float, *, blocks: int) -> Stage:
    """Return the stage after this share of the epochs, of a model with this many BiLSTM blocks."""
    if share < CONVOLUTIONS:
        return Stage(1, "input projection", Parts(convolutions=False, lstm_blocks=0, attention=False))
    if share < LSTM_BLOCKS:
        return Stage(2, "convolutions and gate", Parts(lstm_blocks=0, attention=False))
    if share < ATTENTION:
        passed = (share - LSTM_BLOCKS) / (ATTENTION - LSTM_BLOCKS)
        return Stage(3, "BiLSTM blocks", Parts(lstm_blocks=1 + math.floor(passed * blocks), attention=False))
    if share < ENSEMBLE:
        return Stage(4, "attention", ALL_PARTS)
    return Stage(5, "ensemble", ALL_PARTS, learning=("output_heads", "ensemble_combiner"))
