"""How large a model of any config is: parameters counted on a model without numbers, bytes and products by arithmetic.

The model's parts as the document counts and times them: whose parameters they are, and which boxes of a walk they make.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import torch

from complex_lstm.config import SCALES, ModelConfig
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.sites import ATTENTION_AFTER, ENSEMBLE_HEADS, TIMELESS, Site

Kind = Literal["Input projection", "Convolutions", "Fusion gate", "BiLSTM blocks", "Attention layers", "Ensemble"]

KINDS: tuple[Kind, ...] = ("Input projection", "Convolutions", "Fusion gate", "BiLSTM blocks", "Attention layers", "Ensemble")


@dataclass(frozen=True)
class Part:
    """One part of the model, of one kind.

    prefixes  what the names of its parameters begin with, under the document's names
    boxes     the boxes of a walk that it makes; none where a shallow model never goes through it
    """

    label: str
    kind: Kind
    prefixes: tuple[str, ...]
    sites: tuple[Site, ...]


def parts_of(config: ModelConfig) -> tuple[Part, ...]:
    """Return the parts of a model, from the input to the output. Every parameter and every box belongs to exactly one."""
    return (
        Part("Input projection and positions", "Input projection", ("input_proj",), (Site("projected"), Site("encoded"))),
        Part("Convolution stage 1", "Convolutions", ("temp_conv1",), _stage("conv1")),
        Part("Convolution stage 2", "Convolutions", ("temp_conv2",), _stage("conv2")),
        Part("Fusion gate", "Fusion gate", ("fusion_gate",), (Site("gate"), Site("fused"))),
        *_blocks(config.num_lstm_layers),
        Part(
            "Pooling, ensemble heads and combiner",
            "Ensemble",
            ("output_heads", "ensemble_combiner", "gradient_scale"),
            tuple(Site(name) for name in TIMELESS),
        ),
    )


def _stage(name: str) -> tuple[Site, ...]:
    return (*(Site(f"{name}_scales", scale) for scale in range(SCALES)), Site(name))


def _blocks(count: int) -> Iterator[Part]:
    """Yield the BiLSTM blocks with the attention layers between them, and at the end those that come too late to be used."""
    for block in range(count):
        yield Part(f"BiLSTM block {block + 1}", "BiLSTM blocks", (f"lstm_blocks.{block}.",), (Site("lstm", block),))
        if block in ATTENTION_AFTER:
            layer = ATTENTION_AFTER.index(block)
            yield _attention(layer, (Site("attention", layer), Site("attended", layer)))
    for layer, after in enumerate(ATTENTION_AFTER):
        if after >= count:
            yield _attention(layer, ())


def _attention(layer: int, sites: tuple[Site, ...]) -> Part:
    return Part(f"Attention layer {layer + 1}", "Attention layers", (f"attention_layers.{layer}.",), sites)


BYTES = 4  # of a number in single precision


@dataclass(frozen=True)
class PartSize:
    """A part and how many parameters it has."""

    part: Part
    parameters: int


@dataclass(frozen=True)
class ModelSize:
    """A model's size without a single weight in memory. `buffers` are bytes, of BatchNorm's running statistics."""

    parts: tuple[PartSize, ...]
    buffers: int

    @property
    def parameters(self) -> int:
        return sum(one.parameters for one in self.parts)

    @property
    def weights(self) -> int:
        """Bytes of all parameters and buffers in single precision."""
        return BYTES * self.parameters + self.buffers

    @property
    def training(self) -> int:
        """Bytes that AdamW keeps without any window: weights, a gradient and two moments for each parameter."""
        return self.weights + 3 * BYTES * self.parameters

    def of_kind(self, kind: Kind) -> int:
        """Return how many parameters all parts of a kind have."""
        return sum(one.parameters for one in self.parts if one.part.kind == kind)


def count_size(config: ModelConfig) -> ModelSize:
    """Return how large a model of this config is."""
    model = _without_numbers(config)
    named = {name: value.numel() for name, value in model.named_parameters()}
    parts = tuple(
        PartSize(part, sum(count for name, count in named.items() if name.startswith(part.prefixes))) for part in parts_of(config)
    )
    return ModelSize(parts, sum(value.numel() * value.element_size() for value in model.buffers()))


def activation_bytes(config: ModelConfig, *, batch: int, time: int) -> int:
    """Return the bytes of all values that a trace of so many windows of so many steps keeps, attention weights among them.

    What goes on within a box is not in it, such as the LSTM's gates: training keeps that too, a plain forward pass
    gives back most of all this on its way.
    """
    layers = sum(after < config.num_lstm_layers for after in ATTENTION_AFTER)
    of_all_channels = 6 + 2 + config.num_lstm_layers + layers  # six single boxes, the scales of two stages, blocks, layers
    streams = time * config.hidden_dim * of_all_channels
    attention = layers * config.num_heads * time * time
    ending = 3 * config.hidden_dim + (ENSEMBLE_HEADS + 1) * config.output_dim  # poolings, ensemble heads, prediction
    return BYTES * batch * (streams + attention + ending)


def multiply_adds(config: ModelConfig, part: Part, *, batch: int, time: int) -> int:
    """Return the products that a forward pass sums up in a part: those of its matrices and of attention's own.

    What the arithmetic says of growth. Sums without a product, such as pooling, and functions such as tanh are left out.
    """
    if not part.sites:
        return 0
    hidden, outputs = config.hidden_dim, config.output_dim
    if part.kind == "Ensemble":
        heads = ENSEMBLE_HEADS * (3 * hidden * hidden + hidden * (hidden // 2) + hidden // 2 * outputs)
        return batch * (heads + ENSEMBLE_HEADS * outputs * hidden + hidden * outputs)
    between_steps = 2 * time * hidden if part.kind == "Attention layers" else 0  # scores, and the values that they weigh
    return batch * time * (_of_each_step(config, part) + between_steps)


def _of_each_step(config: ModelConfig, part: Part) -> int:
    """Return the products of one step: each weight of a matrix or of a convolution has one."""
    hidden = config.hidden_dim
    if part.kind == "Input projection":
        return config.input_dim * hidden
    if part.kind == "Convolutions":
        kernels = config.kernels[0 if part.prefixes == ("temp_conv1",) else 1]
        share = hidden // len(kernels)
        widths = [share] * (len(kernels) - 1) + [hidden - share * (len(kernels) - 1)]
        return hidden * sum(kernel * width for kernel, width in zip(kernels, widths, strict=True)) + hidden * hidden
    if part.kind == "BiLSTM blocks":
        first, second = 2 * 4 * hidden * (hidden + hidden), 2 * 4 * hidden * (2 * hidden + hidden)  # two directions, four gates
        return first + second + 2 * hidden * hidden
    return (2 if part.kind == "Fusion gate" else 4) * hidden * hidden


def _without_numbers(config: ModelConfig) -> ComplexLSTMModel:
    """Return a model on torch's meta device: all its shapes, and no memory."""
    with torch.device("meta"):
        return ComplexLSTMModel(**vars(config)).eval()
