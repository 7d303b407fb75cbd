"""What the architecture document claims in numbers, and nothing that it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from complex_lstm.profiling.counting import Kind

Axis = Literal["time", "hidden", "batch"]

PARAMETERS = 2_800_000
BILSTM_PARAMETERS = 1_500_000
MEMORY = 2_000_000  # bytes


@dataclass(frozen=True)
class Order:
    """A claim on growth: the time of all parts of a kind grows with this power of a size."""

    kind: Kind
    axis: Axis
    power: int


ORDERS = (
    Order("Convolutions", "time", 1),
    Order("Convolutions", "hidden", 2),
    Order("Convolutions", "batch", 1),
    Order("BiLSTM blocks", "time", 1),
    Order("BiLSTM blocks", "hidden", 2),
    Order("BiLSTM blocks", "batch", 1),
    Order("Attention layers", "time", 2),
    Order("Attention layers", "hidden", 1),
    Order("Attention layers", "batch", 1),
)


def stated_power(kind: str, axis: Axis) -> int | None:
    """Return the power that the document gives a kind of part, None where it gives none."""
    return next((order.power for order in ORDERS if (order.kind, order.axis) == (kind, axis)), None)
