"""Every component switched off in turn, and the first site at which two traces differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from complex_lstm.config import ModelConfig, kernel_names
from complex_lstm.errors import ShapeError
from complex_lstm.model.hooks import Intervention
from complex_lstm.model.interventions.attention import SilenceAttention, SilenceHead, UniformAttention, UniformHead
from complex_lstm.model.interventions.blocks import DropPositions, ForceGate, SilenceScale, SkipBlock
from complex_lstm.model.interventions.outputs import SilenceEnsembleHead, SilencePooled
from complex_lstm.model.network import ComplexLSTMModel
from complex_lstm.model.sites import ENSEMBLE_HEADS, Site, forward_order
from complex_lstm.model.trace import Trace

Named = tuple[str, Intervention]


def component_interventions(model: ComplexLSTMModel, *, uniform: bool = False) -> tuple[Named, ...]:
    """Return each component's name and what switches it off, in the order of the forward pass. In names all count from 1.

    With `uniform` each attention layer and head comes a second time, made uniform: it still passes values on, and only
    where it attends is lost. Switching off one component at a time shows what the others cannot stand in for: of two
    redundant components each looks needless.
    """
    return tuple(_components(model.config, uniform))


def _components(config: ModelConfig, uniform: bool) -> Iterator[Named]:
    yield "positional encoding", DropPositions()
    for stage, kernels in enumerate(config.kernels, 1):
        for scale, kernel in enumerate(kernel_names(kernels)):
            yield f"convolution stage {stage}, {kernel}", SilenceScale(stage, scale)
    yield "fusion gate at 0 (stage 2 alone)", ForceGate(0.0)
    yield "fusion gate at 1 (stage 1 alone)", ForceGate(1.0)
    yield "fusion gate at 0.5 (both alike)", ForceGate(0.5)
    for site in forward_order(config.num_lstm_layers):
        if site.name == "lstm":
            yield f"BiLSTM block {site.number + 1}", SkipBlock(site.number)
        elif site.name == "attended":
            yield from _attention_components(site.number, config.num_heads, uniform)
    yield "pooled mean", SilencePooled("mean")
    yield "pooled maximum", SilencePooled("max")
    yield "pooled last step", SilencePooled("last")
    for ensemble_head in range(ENSEMBLE_HEADS):
        yield f"ensemble head {ensemble_head + 1}", SilenceEnsembleHead(ensemble_head)


def _attention_components(layer: int, heads: int, uniform: bool) -> Iterator[Named]:
    name = f"attention layer {layer + 1}"
    yield name, SilenceAttention(layer)
    if uniform:
        yield f"{name}, uniform", UniformAttention(layer)
    for head in range(heads):
        yield f"{name}, attention head {head + 1}", SilenceHead(layer, head)
        if uniform:
            yield f"{name}, attention head {head + 1}, uniform", UniformHead(layer, head)


@dataclass(frozen=True)
class Change:
    """How far the value at one site moved: mean |after - before| over the unpadded steps, as a multiple of mean |before|.

    0 is not at all; infinite where all was zero before.
    """

    site: Site
    relative: float


def first_change(before: Trace, after: Trace) -> tuple[Change, ...]:
    """Return how far each site moved, in the order of the forward pass: the first above 0 is where the change shows first.

    It is a mean over steps, channels and windows: a large change at one step of a long window is a small number here. A
    small change is not a needless one, since later blocks may depend on it.

    Raises:
        ShapeError: the traces are of models of other sizes, or of other windows' lengths.
    """
    if before.sites != after.sites or before.lengths.tolist() != after.lengths.tolist():
        raise ShapeError(
            f"The traces are of {before.lengths.tolist()} and {after.lengths.tolist()} time steps through {len(before.sites)} and "
            f"{len(after.sites)} sites. Compare traces of one model and of windows of the same lengths."
        )
    return tuple(Change(site, _relative(site, before, after)) for site in before.sites)


def _relative(site: Site, before: Trace, after: Trace) -> float:
    old, new = before.at(site), after.at(site)
    if old.shape != new.shape:
        raise ShapeError(f"{site} has shape {tuple(old.shape)} before and {tuple(new.shape)} after. Compare traces of one model.")
    if site.has_time:
        old, new = _unpadded(old, before), _unpadded(new, before)
    moved, size = float((new - old).abs().mean()), float(old.abs().mean())
    return moved / size if size else float("inf") if moved else 0.0


def _unpadded(values: Float[Tensor, " batch *shape"], trace: Trace) -> Float[Tensor, " unpadded *rest"]:
    """Return the values at the unpadded steps (of attention: of the unpadded queries), of all windows in one row."""
    steps = values.movedim(-2, 1)  # (batch, time, ...)
    return steps[torch.arange(steps.shape[1], device=values.device) < trace.lengths.to(values.device)[:, None]]
