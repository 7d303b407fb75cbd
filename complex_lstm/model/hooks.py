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
from complex_lstm.model.sites import Site, forward_order

Hook = Callable[[Site, Tensor, Tensor], Tensor]  # is given a box, its value and what came into it; returns what goes on
RecordValue = Callable[[str, Tensor], None]  # is told the name of a box and its value; of boxes of one name in their order


def record_nothing(name: str, value: Tensor) -> None:
    """The note of a plain forward pass: nothing is kept."""


def identity_hook(site: Site, value: Tensor, block_input: Tensor) -> Tensor:
    """The step of a plain forward pass: the value goes on as it is."""
    return value


@runtime_checkable
class Intervention(Protocol):
    """One change at one box of a walk: a small frozen value that is given to the walk, never a change to the model."""

    @property
    def site(self) -> Site:
        """Where it acts."""

    def check(self, config: ModelConfig) -> None:
        """Raise an InterventionError if a model of this config has no such place."""

    def replace(
        self, value: Float[Tensor, "batch *shape"], block_input: Float[Tensor, "batch *entering"], real: Bool[Tensor, "batch time"]
    ) -> Float[Tensor, "batch *shape"]:
        """Return what goes on in place of the box's value. `real` is True at the steps that are no padding."""


def apply_interventions(interventions: Sequence[Intervention], real: Bool[Tensor, "batch time"]) -> Hook:
    """Return the step that lets interventions act, each at its box. Several at one box act in the order given."""

    def hook(site: Site, value: Tensor, block_input: Tensor) -> Tensor:
        for one in interventions:
            if one.site == site:
                value = one.replace(value, block_input, real)
        return value

    return hook


def record(note: RecordValue, hook: Hook = identity_hook) -> Hook:
    """Return the step that does as `step` does, and tells `note` the name and the value that goes on."""

    def tell(site: Site, value: Tensor, block_input: Tensor) -> Tensor:
        value = hook(site, value, block_input)
        note(site.name, value)
        return value

    return tell


def check_box(what: str, site: Site, config: ModelConfig) -> None:
    """Raise an InterventionError if a walk through a model of this config does not come to the box."""
    count = sum(one.name == site.name for one in forward_order(config.num_lstm_layers))
    check_number(what, site.number, count)


def check_number(what: str, number: int, count: int) -> None:
    """Raise an InterventionError if a number does not count one of so many things, from 0."""
    if number not in range(count):
        there = f"it has {count}, numbered from 0 to {count - 1}" if count else "it has none"
        raise InterventionError(f"There is no {what} {number} in this model: {there}.")
