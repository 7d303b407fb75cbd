"""Labels of sites and switches. Labels count from 1, except channels, steps and windows, which count from 0 as in the figures."""

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
_SITE_LABELS = {
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


def site_label(site: Site, config: ModelConfig) -> str:
    """Return the label of a site in a model of this configuration."""
    if site.name in ("conv1_scales", "conv2_scales"):
        stage = int(site.name[4])
        return f"stage {stage}, {kernel_names(config.kernels[stage - 1])[site.number]}"
    return _SITE_LABELS[site.name].format(site.number + 1)


def switch_label(switch: Switch, config: ModelConfig) -> str:
    """Return what a switch does in a model of this configuration, in a few words."""
    match switch:
        case DropPositions():
            return "no positions"
        case SilenceScale():
            return f"{site_label(switch.site, config)} silent"
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
    return _label_after_attention(switch, config)


def _label_after_attention(switch: Switch, config: ModelConfig) -> str:
    """Return the label of a switch for the pooled vectors, the ensemble heads or patching."""
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
            return f"{site_label(switch.site, config)} of window {switch.window}, steps {switch.first} to {switch.last}"
        case PatchedFrom():
            return f"{site_label(switch.site, config)} of window {switch.window}"
    raise AssertionError(switch)
