"""Boxes and switches in words. In words all count from 1, but channels, steps and windows from 0, as in the figures."""

from __future__ import annotations

from complex_lstm.config import ModelConfig, kernel_names
from complex_lstm.model.interventions import (
    DropPositions,
    ForceGate,
    ForceGateChannels,
    SilenceAttention,
    SilenceEnsembleHead,
    SilenceHead,
    SilencePooled,
    SilenceScale,
    SkipBlock,
    UniformAttention,
    UniformHead,
)
from complex_lstm.model.interventions.outputs import Pool
from complex_lstm.model.sites import Site
from complex_lstm.ui.interventions.link import EnsembleHeadAtAverage, PatchedFrom, PooledAtAverage, StepsPatchedFrom, Switch

POOLS: dict[Pool, str] = {"mean": "mean", "max": "maximum", "last": "last step"}
_BOXES = {
    "projected": "input projection",
    "encoded": "+ positions",
    "conv1": "convolution stage 1",
    "conv2": "convolution stage 2",
    "gate": "fusion gate",
    "fused": "fused",
    "lstm": "BiLSTM block {}",
    "attention": "attention weights {}",
    "attended": "attention layer {}",
    "pooled_mean": "pooled mean",
    "pooled_max": "pooled maximum",
    "pooled_last": "pooled last step",
    "ensemble_head_outputs": "ensemble heads",
    "prediction": "prediction",
}


def box_words(site: Site, config: ModelConfig) -> str:
    """Return a box's name as people say it."""
    if site.name in ("conv1_scales", "conv2_scales"):
        stage = int(site.name[4])
        return f"stage {stage}, {kernel_names(config.kernels[stage - 1])[site.number]}"
    return _BOXES[site.name].format(site.number + 1)


def switch_words(switch: Switch, config: ModelConfig) -> str:
    """Return what a switch of this model does, as people say it."""
    match switch:
        case DropPositions():
            return "no positions"
        case SilenceScale():
            return f"{box_words(switch.site, config)} silent"
        case ForceGate(value):
            return f"gate at {value:g}"
        case ForceGateChannels(value, channels):
            return f"gate at {value:g} in channel{'s' if len(channels) > 1 else ''} {', '.join(map(str, channels))}"
        case SkipBlock(block):
            return f"BiLSTM block {block + 1} skipped"
        case SilenceAttention(layer):
            return f"attention layer {layer + 1} silent"
        case UniformAttention(layer):
            return f"attention layer {layer + 1} uniform"
        case SilenceHead(layer, head):
            return f"attention layer {layer + 1}, head {head + 1} silent"
        case UniformHead(layer, head):
            return f"attention layer {layer + 1}, head {head + 1} uniform"
    return _ending_words(switch, config)


def _ending_words(switch: Switch, config: ModelConfig) -> str:
    match switch:
        case SilencePooled(pool):
            return f"pooled {POOLS[pool]} zero"
        case PooledAtAverage(pool):
            return f"pooled {POOLS[pool]} at its average"
        case SilenceEnsembleHead(ensemble_head):
            return f"ensemble head {ensemble_head + 1} zero"
        case EnsembleHeadAtAverage(ensemble_head):
            return f"ensemble head {ensemble_head + 1} at its average"
        case StepsPatchedFrom():
            return f"{box_words(switch.site, config)} of window {switch.window}, steps {switch.first} to {switch.last}"
        case PatchedFrom():
            return f"{box_words(switch.site, config)} of window {switch.window}"
    raise AssertionError(switch)
