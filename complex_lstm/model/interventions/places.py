"""Whether the place that an intervention names is there."""

from __future__ import annotations

from complex_lstm.config import ModelConfig
from complex_lstm.errors import InterventionError
from complex_lstm.model.boxes import Box, walk_order


def check_box(what: str, box: Box, config: ModelConfig) -> None:
    """Raise an InterventionError if a walk through a model of this config does not come to the box."""
    count = sum(one.name == box.name for one in walk_order(config.num_lstm_layers))
    check_number(what, box.number, count)


def check_number(what: str, number: int, count: int) -> None:
    """Raise an InterventionError if a number does not count one of so many things, from 0."""
    if number not in range(count):
        there = f"it has {count}, numbered from 0 to {count - 1}" if count else "it has none"
        raise InterventionError(f"There is no {what} {number} in this model: {there}.")
