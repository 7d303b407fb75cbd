"""The parts of a model, and how large a model of any config is: parameters counted on the meta device, bytes and products computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import torch

from complex_lstm.config import SCALES, ModelConfig
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.sites import ATTENTION_LAYER_AFTER, ENSEMBLE_HEADS, TIMELESS, Site

Kind = Literal["Input projection", "Convolutions", "Fusion gate", "BiLSTM blocks", "Attention layers", "Ensemble"]

KINDS: tuple[Kind, ...] = ("Input projection", "Convolutions", "Fusion gate", "BiLSTM blocks", "Attention layers", "Ensemble")


@dataclass(frozen=True)
class Part:
    """One part of the model, of one kind.

    prefixes  of the names of its parameters, as the architecture document has them
    sites     the sites of a forward pass whose values it computes; none where a shallow model never reaches it
    """

    label: str
    kind: Kind
    prefixes: tuple[str, ...]
    sites: tuple[Site, ...]


def parts_of(config: ModelConfig) -> tuple[Part, ...]:
    """Return the parts of a model, from the input to the output. Every parameter and every site belongs to exactly one."""
    parts = [Part("Input projection and positions", "Input projection", ("input_proj",), (Site("projected"), Site("encoded")))]
    for stage in (1, 2):
        sites = (*(Site(f"conv{stage}_scales", scale) for scale in range(SCALES)), Site(f"conv{stage}"))
        parts.append(Part(f"Convolution stage {stage}", "Convolutions", (f"temp_conv{stage}",), sites))
    parts.append(Part("Fusion gate", "Fusion gate", ("fusion_gate",), (Site("gate"), Site("fused"))))
    ensemble = ("output_heads", "ensemble_combiner", "gradient_scale")
    after_pooling = tuple(Site(name) for name in TIMELESS)
    return (*parts, *_blocks(config.num_lstm_layers), Part("Pooling, ensemble heads and combiner", "Ensemble", ensemble, after_pooling))


def _blocks(count: int) -> Iterator[Part]:
    """Yield the BiLSTM blocks with the attention layers between them, and at the end the attention layers that are never reached."""
    for block in range(count):
        yield Part(f"BiLSTM block {block + 1}", "BiLSTM blocks", (f"lstm_blocks.{block}.",), (Site("lstm", block),))
        if block in ATTENTION_LAYER_AFTER:
            layer = ATTENTION_LAYER_AFTER[block]
            yield _attention(layer, (Site("attention", layer), Site("attended", layer)))
    for after, layer in ATTENTION_LAYER_AFTER.items():
        if after >= count:
            yield _attention(layer, ())


def _attention(layer: int, sites: tuple[Site, ...]) -> Part:
    return Part(f"Attention layer {layer + 1}", "Attention layers", (f"attention_layers.{layer}.",), sites)


BYTES = 4  # of a number in single precision

# What the architecture document states of its own model.
STATED_PARAMETERS = 2_800_000
STATED_BILSTM_PARAMETERS = 1_500_000
STATED_ELEMENTS = 500_000  # values of a forward pass of so many windows of so many steps, all together
STATED_MEMORY = 2_000_000  # bytes that those take
STATED_BATCH, STATED_STEPS = 8, 50


@dataclass(frozen=True)
class PartSize:
    """A part and how many parameters it has."""

    part: Part
    parameters: int


@dataclass(frozen=True)
class ModelSize:
    """A model's size, counted without a weight in memory. `buffers` are bytes: BatchNorm's running statistics."""

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
        """Bytes in training with AdamW beside the activations: weights, and a gradient and two moments for each parameter."""
        return self.weights + 3 * BYTES * self.parameters

    def of_kind(self, kind: Kind) -> int:
        """Return how many parameters all parts of a kind have."""
        return sum(one.parameters for one in self.parts if one.part.kind == kind)


@lru_cache(maxsize=64)
def count_size(config: ModelConfig) -> ModelSize:
    """Return how large a model of this config is. Kept: without a weight in memory a model still takes 4 ms to build."""
    with torch.device("meta"):  # all shapes, and no memory
        model = ComplexLSTMModel(**vars(config))
    named = {name: value.numel() for name, value in model.named_parameters()}
    parts = tuple(
        PartSize(part, sum(count for name, count in named.items() if name.startswith(part.prefixes))) for part in parts_of(config)
    )
    return ModelSize(parts, sum(value.numel() * value.element_size() for value in model.buffers()))


def activation_bytes(config: ModelConfig, *, batch: int, time: int) -> int:
    """Return the bytes of all values of a trace of so many windows of so many steps, attention weights among them.

    Values inside a block, such as the LSTM's gates, are not counted. Training keeps those too; a plain forward pass
    frees most of all this on its way.
    """
    layers = sum(after < config.num_lstm_layers for after in ATTENTION_LAYER_AFTER)
    of_all_channels = 6 + 2 + config.num_lstm_layers + layers  # six single sites, the scales of two stages, blocks, layers
    streams = time * config.hidden_dim * of_all_channels
    attention = layers * config.num_heads * time * time
    ending = 3 * config.hidden_dim + (ENSEMBLE_HEADS + 1) * config.output_dim  # poolings, ensemble heads, prediction
    return BYTES * batch * (streams + attention + ending)


def multiply_adds(config: ModelConfig, part: Part, *, batch: int, time: int) -> int:
    """Return the multiply-adds of a part in a forward pass: those of its matrices and of the attention weights.

    They predict growth. Sums without products, such as pooling, and functions such as tanh are
    left out.
    """
    if not part.sites:
        return 0
    hidden, outputs = config.hidden_dim, config.output_dim
    if part.kind == "Ensemble":
        ensemble_heads = ENSEMBLE_HEADS * (3 * hidden * hidden + hidden * (hidden // 2) + hidden // 2 * outputs)
        return batch * (ensemble_heads + ENSEMBLE_HEADS * outputs * hidden + hidden * outputs)
    between_steps = 2 * time * hidden if part.kind == "Attention layers" else 0  # scores, and the values that they weigh
    return batch * time * (_of_each_step(config, part) + between_steps)


def _of_each_step(config: ModelConfig, part: Part) -> int:
    """Return the multiply-adds of one step: one for each weight of a matrix or of a convolution."""
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
