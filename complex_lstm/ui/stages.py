"""The boxes of the architecture, in order, each with its parameters and this window's own tensor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from complex_lstm.model import ComplexLSTMModel, Trace


@dataclass(frozen=True)
class Stage:
    """One box: its name, what it does in a sentence, its parameters, and what comes out of it for the window."""

    name: str
    sentence: str
    parameters: int
    values: np.ndarray

    @property
    def shape(self) -> str:
        return " x ".join(map(str, self.values.shape))


def list_stages(model: ComplexLSTMModel, trace: Trace, x: np.ndarray, outputs: int) -> tuple[Stage, ...]:
    """Return the boxes from the window to the prediction. Their parameters sum to all that the model has in use."""
    blocks = model.lstm_blocks
    middle: list[Stage] = []
    for number, block in enumerate(blocks):
        middle.append(
            Stage(
                f"BiLSTM block {number + 1}",
                "Two LSTM layers read the series from both ends; residual and LayerNorm.",
                _count(block),
                _first(trace.lstm[number]),
            )
        )
        layer = number // 2
        if number % 2 and layer < len(trace.attended):
            sentence = "Every step takes from every other by its attention weights, added to what came in."
            middle.append(
                Stage(f"Attention layer {layer + 1}", sentence, _count(model.attention_layers[layer]), _first(trace.attended[layer]))
            )
    first, second = (", ".join(map(str, kernels)) for kernels in model.config.kernels)
    pooled = np.stack([_first(trace.pooled_mean), _first(trace.pooled_max), _first(trace.pooled_last)])
    return (
        Stage("Window", "The features over time, filled and scaled.", 0, x),
        Stage("Input projection", "Linear, LayerNorm, ReLU: features become channels.", _count(model.input_proj), _first(trace.projected)),
        Stage("+ positions", "Sines and cosines of the step number are added.", 0, _first(trace.encoded)),
        Stage("Convolution stage 1", f"Kernels {first} side by side, projected, residual.", _count(model.temp_conv1), _first(trace.conv1)),
        Stage("Convolution stage 2", f"Kernels {second} on stage 1's output.", _count(model.temp_conv2), _first(trace.conv2)),
        Stage("Fusion gate", "A sigmoid of both stages: 1 takes stage 1, 0 takes stage 2.", _count(model.fusion_gate), _first(trace.gate)),
        Stage("Fused", "gate * stage 1 + (1 - gate) * stage 2.", 0, _first(trace.fused)),
        *middle,
        Stage("Pooling", "Mean, max and last step over time, side by side.", 0, pooled),
        Stage("Ensemble heads", "Three small networks, each with its own output.", _count(model.output_heads), _first(trace.head_outputs)),
        Stage(
            "Combiner",
            "One network weighs the three outputs; a learnable scale multiplies the result.",
            _count(model.ensemble_combiner) + model.gradient_scale.numel(),
            _first(trace.prediction)[:outputs],
        ),
    )


def _count(module: object) -> int:
    return sum(value.numel() for value in module.parameters())  # type: ignore[attr-defined]  # an nn.Module


def _first(values: Tensor) -> np.ndarray:
    return values[0].numpy()
