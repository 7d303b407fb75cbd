"""One window of a trace, from which every derivation is made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from torch import Tensor

from complex_lstm.arithmetic.derivation import ValueIndex
from complex_lstm.arithmetic.linear import doubles
from complex_lstm.errors import ExplanationError, ShapeError
from complex_lstm.model import ComplexLSTMModel, Trace
from complex_lstm.model.sites import ATTENTION_LAYER_AFTER, site_before_block


@dataclass(frozen=True)
class TracedWindow:
    """Window `number` of the batch `x`, and its trace.

    A padded window is cut to its own steps: no block reads the padding, so the arithmetic of the shorter window is the
    same. `features` and `outputs` are names; where there are none, they are numbered from 0.

    Raises:
        ExplanationError: the model is in training mode, there is no such window, or not one name a feature or output.
        ShapeError: the trace is of another x.
    """

    model: ComplexLSTMModel
    trace: Trace
    x: Float[Tensor, "batch time feature"]
    number: int
    features: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        config = self.model.config
        if self.model.training:
            raise ExplanationError("The model is in training mode, where dropout changes every value. Call model.eval() and trace again.")
        wanted = (*self.trace.projected.shape[:2], config.input_dim)
        if tuple(self.x.shape) != wanted:
            raise ShapeError(f"x has shape {tuple(self.x.shape)}, the trace is of {wanted}. Give the x that was traced.")
        if not 0 <= self.number < len(self.x):
            raise ExplanationError(f"There is no window {self.number}; the trace has windows 0 to {len(self.x) - 1}.")
        for what, names, count in (("feature", self.features, config.input_dim), ("output", self.outputs, config.output_dim)):
            if names and len(names) != count:
                raise ExplanationError(f"There are {len(names)} names of {what}s, the model has {count}. Give one for each, or none.")

    @property
    def steps(self) -> int:
        return int(self.trace.lengths[self.number])

    @property
    def feature_names(self) -> list[str]:
        return list(self.features) or [f"feature {number}" for number in range(self.model.config.input_dim)]

    @property
    def output_names(self) -> list[str]:
        return list(self.outputs) or [f"output {number}" for number in range(self.model.config.output_dim)]

    def of(self, values: Float[Tensor, " batch *shape"]) -> Float[np.ndarray, "*shape"]:
        """Return this window's part of a traced value."""
        return doubles(values[self.number])

    def over_time(self, values: Float[Tensor, "batch time channel"]) -> Float[np.ndarray, "step channel"]:
        """Return this window's part of a value over time, without its padded steps."""
        return self.of(values)[: self.steps]

    def before_block(self, block: int) -> Float[Tensor, "batch time channel"]:
        """Return the input of a BiLSTM block; for the number after the last block, the input of the pools."""
        return self.trace.at(site_before_block(block))

    def place(self, site: str, *at: int) -> ValueIndex:
        """Return the place of one value of this window."""
        return ValueIndex(site, at, self.number)

    def place_before_block(self, block: int, step: int, channel: int) -> ValueIndex:
        """Return the place of a value that a BiLSTM block reads; for the number after the last block, of one that the pools read."""
        site = site_before_block(block)
        if site.name == "fused":
            return self.place("Fused", step, channel)
        return self.place("Attended" if site.name == "attended" else "BiLSTM block", site.number, step, channel)

    def place_before_attention(self, layer: int, step: int, channel: int) -> ValueIndex:
        """Return the place of a value that an attention layer reads."""
        block = next(block for block, after in ATTENTION_LAYER_AFTER.items() if after == layer)
        return self.place("BiLSTM block", block, step, channel)

    def before_attention(self, layer: int) -> Float[Tensor, "batch time channel"]:
        """Return the input of an attention layer: the output of the BiLSTM block before it."""
        return next(self.trace.lstm[block] for block, after in ATTENTION_LAYER_AFTER.items() if after == layer)
