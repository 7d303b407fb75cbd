"""A model without its residuals: each block gives what its own layers make of its input, and no longer adds the input."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.attention import MultiHeadAttention
from complex_lstm.model.convolution import TemporalConvBlock
from complex_lstm.model.recurrence import BiLSTMBlock


def drop_residuals(model: ComplexLSTMModel) -> None:
    """Take the residuals out of a model of one's own, for good. Never do so to a model that others use.

    The convolution stages and the BiLSTM blocks add their input before a LayerNorm, the attention layers after their last layer.
    Hooks subtract the same input there, which leaves the layers' output up to rounding, and its gradient.
    """
    for block in model.modules():
        if isinstance(block, TemporalConvBlock | BiLSTMBlock):
            _subtract_input(block)
        elif isinstance(block, MultiHeadAttention):
            block.register_forward_hook(_less_input)


def _subtract_input(block: TemporalConvBlock | BiLSTMBlock) -> None:
    seen: list[Tensor] = []

    def keep(module: nn.Module, inputs: tuple[Any, ...]) -> None:
        seen[:] = [inputs[0]]

    def subtract(module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor]:
        return (inputs[0] - seen.pop(),)

    block.register_forward_pre_hook(keep)
    block.layer_norm.register_forward_pre_hook(subtract)


def _less_input(module: nn.Module, inputs: tuple[Any, ...], output: Tensor) -> Tensor:
    return torch.sub(output, inputs[0])
