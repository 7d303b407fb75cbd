"""Which parts of the model a forward pass goes through."""

from __future__ import annotations

import sys
from dataclasses import dataclass


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
