"""The boxes of the architecture diagram: what a walk through the model makes on its way, by name.

Which parts of the model a forward pass goes through.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from complex_lstm.config import SCALES

ATTENTION_AFTER = (1, 3)  # the BiLSTM blocks that an attention layer follows
ENSEMBLE_HEADS = 3

SEVERAL = ("conv1_scales", "conv2_scales", "lstm", "attention", "attended")
TIMELESS = ("pooled_mean", "pooled_max", "pooled_last", "ensemble_head_outputs", "prediction")


@dataclass(frozen=True)
class Site:
    """One value of a walk: a field of `Trace`, and which one of several (scale, block or layer, from 0) where it holds several."""

    name: str
    number: int = 0

    def __str__(self) -> str:
        return f"{self.name}[{self.number}]" if self.name in SEVERAL else self.name

    @property
    def has_time(self) -> bool:
        """Whether its value has a time axis: the last but one, for attention that of the queries."""
        return self.name not in TIMELESS


def forward_order(lstm_blocks: int) -> tuple[Site, ...]:
    """Return the boxes of a model with this many BiLSTM blocks, in the order in which a walk comes to them."""
    return (Site("projected"), Site("encoded"), *_convolutions(), *_blocks(lstm_blocks), *(Site(name) for name in TIMELESS))


def _convolutions() -> Iterator[Site]:
    for stage in ("conv1", "conv2"):
        yield from (Site(f"{stage}_scales", scale) for scale in range(SCALES))
        yield Site(stage)
    yield from (Site("gate"), Site("fused"))


def _blocks(lstm_blocks: int) -> Iterator[Site]:
    for block in range(lstm_blocks):
        yield Site("lstm", block)
        if block in ATTENTION_AFTER:
            layer = ATTENTION_AFTER.index(block)
            yield from (Site("attention", layer), Site("attended", layer))


@dataclass(frozen=True)
class Parts:
    """The parts that are in; the signal passes by the others unchanged.

    Input projection, positions, pooling and ensemble are always in, so any choice is a working model. Convolutions and
    gate are in or out together. `lstm_blocks` counts from the first; more than the model has means all of them. An
    attention layer follows each second block, and is in when that block is.

    It is for training a model piece by piece. A trained model without a part that it was trained with is not a
    smaller model: what comes after was never fitted to such a signal.
    """

    convolutions: bool = True
    lstm_blocks: int = sys.maxsize
    attention: bool = True


ALL_PARTS = Parts()
