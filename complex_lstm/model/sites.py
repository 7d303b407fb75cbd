"""The sites of a forward pass, in the order of the architecture diagram, and which blocks a pass goes through."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from complex_lstm.config import SCALES

ATTENTION_LAYER_AFTER = {1: 0, 3: 1}  # BiLSTM block -> the attention layer that follows it
ENSEMBLE_HEADS = 3

SEVERAL = ("conv1_scales", "conv2_scales", "lstm", "attention", "attended")
TIMELESS = ("pooled_mean", "pooled_max", "pooled_last", "ensemble_head_outputs", "prediction")
FORMER_NAMES = {"head_outputs": "ensemble_head_outputs"}  # as links and files of earlier versions have them -> today's


@dataclass(frozen=True)
class Site:
    """One value of a forward pass: the name of a field of `Trace`, and a number from 0 (scale, block or layer) if it holds several."""

    name: str
    number: int = 0

    def __str__(self) -> str:
        return f"{self.name}[{self.number}]" if self.name in SEVERAL else self.name

    @property
    def has_time(self) -> bool:
        """Whether its value has a time axis. That is the last axis but one; for attention weights the one of the queries."""
        return self.name not in TIMELESS


def site_named(name: str, number: int = 0) -> Site:
    """Return the site of a name that was stored, also by a version that called it otherwise. Whether it exists is not checked."""
    return Site(FORMER_NAMES.get(name, name), number)


def forward_order(lstm_blocks: int) -> tuple[Site, ...]:
    """Return the sites of a model with this many BiLSTM blocks, in the order in which a forward pass comes to them."""
    sites = [Site("projected"), Site("encoded")]
    for stage in ("conv1", "conv2"):
        sites += [*(Site(f"{stage}_scales", scale) for scale in range(SCALES)), Site(stage)]
    sites += [Site("gate"), Site("fused")]
    for block in range(lstm_blocks):
        sites.append(Site("lstm", block))
        if block in ATTENTION_LAYER_AFTER:
            layer = ATTENTION_LAYER_AFTER[block]
            sites += [Site("attention", layer), Site("attended", layer)]
    return (*sites, *(Site(name) for name in TIMELESS))


def site_before_block(block: int) -> Site:
    """Return the site whose value a BiLSTM block reads; for the number after the last block, the one that the pools read."""
    if block == 0:
        return Site("fused")
    layer = ATTENTION_LAYER_AFTER.get(block - 1)
    return Site("lstm", block - 1) if layer is None else Site("attended", layer)


@dataclass(frozen=True)
class ActiveBlocks:
    """The blocks that a forward pass goes through; the signal passes by the others unchanged.

    Input projection, positions, pooling and ensemble are always active, so any choice is a working model. Convolutions
    and gate are active together. `lstm_blocks` counts from the first; more than the model has means all of them. An
    attention layer is active when the BiLSTM block before it is.

    It is for training a model block by block. A trained model without a block that it was trained with is not a smaller
    model: the blocks after it were never fitted to such a signal.
    """

    convolutions: bool = True
    lstm_blocks: int = sys.maxsize
    attention: bool = True


ALL_BLOCKS = ActiveBlocks()
