"""What may happen at each box of a walk: nothing, somebody is told, or an intervention puts another value in place.

Whether the place that an intervention names is there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from jaxtyping import Bool, Float
from torch import Tensor

from complex_lstm.config import ModelConfig
from complex_lstm.errors import InterventionError
from complex_lstm.model.sites import Box, walk_order

Step = Callable[[Box, Tensor, Tensor], Tensor]  # is given a box, its value and what came into it; returns what goes on
Note = Callable[[str, Tensor], None]  # is told the name of a box and its value; of boxes of one name in their order


def ignore(name: str, value: Tensor) -> None:
    """The note of a plain forward pass: nothing is kept."""


def leave(box: Box, value: Tensor, came_in: Tensor) -> Tensor:
    """The step of a plain forward pass: the value goes on as it is."""
    return value


@runtime_checkable
class Intervention(Protocol):
    """One change at one box of a walk: a small frozen value that is given to the walk, never a change to the model."""

    @property
    def box(self) -> Box:
        """Where it acts."""

    def check(self, config: ModelConfig) -> None:
        """Raise an InterventionError if a model of this config has no such place."""

    def replace(
        self, value: Float[Tensor, "batch *shape"], came_in: Float[Tensor, "batch *entering"], real: Bool[Tensor, "batch time"]
    ) -> Float[Tensor, "batch *shape"]:
        """Return what goes on in place of the box's value. `real` is True at the steps that are no padding."""


def performing(interventions: Sequence[Intervention], real: Bool[Tensor, "batch time"]) -> Step:
    """Return the step that lets interventions act, each at its box. Several at one box act in the order given."""

    def step(box: Box, value: Tensor, came_in: Tensor) -> Tensor:
        for one in interventions:
            if one.box == box:
                value = one.replace(value, came_in, real)
        return value

    return step


def telling(note: Note, step: Step = leave) -> Step:
    """Return the step that does as `step` does, and tells `note` the name and the value that goes on."""

    def tell(box: Box, value: Tensor, came_in: Tensor) -> Tensor:
        value = step(box, value, came_in)
        note(box.name, value)
        return value

    return tell


def check_box(what: str, box: Box, config: ModelConfig) -> None:
    """Raise an InterventionError if a walk through a model of this config does not come to the box."""
    count = sum(one.name == box.name for one in walk_order(config.num_lstm_layers))
    check_number(what, box.number, count)


def check_number(what: str, number: int, count: int) -> None:
    """Raise an InterventionError if a number does not count one of so many things, from 0."""
    if number not in range(count):
        there = f"it has {count}, numbered from 0 to {count - 1}" if count else "it has none"
        raise InterventionError(f"There is no {what} {number} in this model: {there}.")
