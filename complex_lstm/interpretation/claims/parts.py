"""The model's parts as the document counts and times them: whose parameters they are, and which boxes of a walk they make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from complex_lstm.config import SCALES, ModelConfig
from complex_lstm.model.boxes import ATTENTION_AFTER, TIMELESS, Box

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
    boxes: tuple[Box, ...]


def parts_of(config: ModelConfig) -> tuple[Part, ...]:
    """Return the parts of a model, from the input to the output. Every parameter and every box belongs to exactly one."""
    return (
        Part("Input projection and positions", "Input projection", ("input_proj",), (Box("projected"), Box("encoded"))),
        Part("Convolution stage 1", "Convolutions", ("temp_conv1",), _stage("conv1")),
        Part("Convolution stage 2", "Convolutions", ("temp_conv2",), _stage("conv2")),
        Part("Fusion gate", "Fusion gate", ("fusion_gate",), (Box("gate"), Box("fused"))),
        *_blocks(config.num_lstm_layers),
        Part(
            "Pooling, ensemble heads and combiner",
            "Ensemble",
            ("output_heads", "ensemble_combiner", "gradient_scale"),
            tuple(Box(name) for name in TIMELESS),
        ),
    )


def _stage(name: str) -> tuple[Box, ...]:
    return (*(Box(f"{name}_scales", scale) for scale in range(SCALES)), Box(name))


def _blocks(count: int) -> Iterator[Part]:
    """Yield the BiLSTM blocks with the attention layers between them, and at the end those that come too late to be used."""
    for block in range(count):
        yield Part(f"BiLSTM block {block + 1}", "BiLSTM blocks", (f"lstm_blocks.{block}.",), (Box("lstm", block),))
        if block in ATTENTION_AFTER:
            layer = ATTENTION_AFTER.index(block)
            yield _attention(layer, (Box("attention", layer), Box("attended", layer)))
    for layer, after in enumerate(ATTENTION_AFTER):
        if after >= count:
            yield _attention(layer, ())


def _attention(layer: int, boxes: tuple[Box, ...]) -> Part:
    return Part(f"Attention layer {layer + 1}", "Attention layers", (f"attention_layers.{layer}.",), boxes)
