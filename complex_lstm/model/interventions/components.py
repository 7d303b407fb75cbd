"""Every component switched off in turn."""

from __future__ import annotations

from collections.abc import Iterator

from complex_lstm.config import ModelConfig, kernel_names
from complex_lstm.model.boxes import ENSEMBLE_HEADS, walk_order
from complex_lstm.model.interventions.attention import SilenceAttention, SilenceHead, UniformAttention, UniformHead
from complex_lstm.model.interventions.blocks import DropPositions, SilenceScale, SkipBlock
from complex_lstm.model.interventions.gate import ForceGate
from complex_lstm.model.interventions.outputs import SilenceMember, SilencePooled
from complex_lstm.model.network import ComplexLSTMModel
from complex_lstm.model.steps import Intervention

Named = tuple[str, Intervention]


def component_interventions(model: ComplexLSTMModel, *, uniform: bool = False) -> tuple[Named, ...]:
    """Return each component's name and what switches it off, in the order of the walk. In names all count from 1.

    With `uniform` each attention layer and head stands there a second time, made uniform: it still passes values on, and
    only where it looks is lost. One at a time shows what the others cannot stand in for. Two components that do the same
    both look needless.
    """
    return (("positional encoding", DropPositions()), *_fusion(model.config), *_middle(model.config, uniform), *_outputs())


def _fusion(config: ModelConfig) -> Iterator[Named]:
    for stage, kernels in enumerate(config.kernels, 1):
        for scale, kernel in enumerate(kernel_names(kernels)):
            yield f"convolution stage {stage}, {kernel}", SilenceScale(stage, scale)
    yield "fusion gate at 0 (stage 2 alone)", ForceGate(0.0)
    yield "fusion gate at 1 (stage 1 alone)", ForceGate(1.0)
    yield "fusion gate at 0.5 (both alike)", ForceGate(0.5)


def _middle(config: ModelConfig, uniform: bool) -> Iterator[Named]:
    for box in walk_order(config.num_lstm_layers):
        if box.name == "lstm":
            yield f"BiLSTM block {box.number + 1}", SkipBlock(box.number)
        elif box.name == "attended":
            yield from _attention(box.number, config.num_heads, uniform)


def _attention(layer: int, heads: int, uniform: bool) -> Iterator[Named]:
    name = f"attention layer {layer + 1}"
    yield name, SilenceAttention(layer)
    if uniform:
        yield f"{name}, uniform", UniformAttention(layer)
    for head in range(heads):
        yield f"{name}, attention head {head + 1}", SilenceHead(layer, head)
        if uniform:
            yield f"{name}, attention head {head + 1}, uniform", UniformHead(layer, head)


def _outputs() -> Iterator[Named]:
    yield "pooled mean", SilencePooled("mean")
    yield "pooled maximum", SilencePooled("max")
    yield "pooled last step", SilencePooled("last")
    for member in range(ENSEMBLE_HEADS):
        yield f"ensemble head {member + 1}", SilenceMember(member)
