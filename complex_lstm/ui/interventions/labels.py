"""Labels of sites and switches. Labels count from 1, except channels, steps and windows, which count from 0 as in the figures."""

from __future__ import annotations

from complex_lstm.config import ModelConfig, kernel_names
from complex_lstm.languages import _, mark
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

POOLS: dict[Pool, str] = {"mean": mark("mean"), "max": mark("maximum"), "last": mark("last step")}
_SITE_LABELS = {
    "projected": mark("input projection"),
    "encoded": mark("+ positions"),
    "conv1": mark("convolution stage 1"),
    "conv2": mark("convolution stage 2"),
    "gate": mark("fusion gate"),
    "fused": mark("fused"),
    "lstm": mark("BiLSTM block {number}"),
    "attention": mark("attention weights {number}"),
    "attended": mark("attention layer {number}"),
    "pooled_mean": mark("pooled mean"),
    "pooled_max": mark("pooled maximum"),
    "pooled_last": mark("pooled last step"),
    "ensemble_head_outputs": mark("ensemble heads"),
    "prediction": mark("prediction"),
}


def site_label(site: Site, config: ModelConfig) -> str:
    """Return the label of a site in a model of this configuration."""
    if site.name in ("conv1_scales", "conv2_scales"):
        stage = int(site.name[4])
        return f"{_('stage {number}', number=stage)}, {kernel_names(config.kernels[stage - 1])[site.number]}"
    return _(_SITE_LABELS[site.name], number=site.number + 1)


def switch_label(switch: Switch, config: ModelConfig) -> str:
    """Return what a switch does in a model of this configuration, in a few words."""
    match switch:
        case DropPositions():
            return _("no positions")
        case SilenceScale():
            return _("{site} silent", site=site_label(switch.site, config))
        case ForceGate(value):
            return _("gate at {value:g}", value=value)
        case ForceGateChannels(value, channels):
            return f"gate at {value:g} in channel{'s' if len(channels) > 1 else ''} {', '.join(map(str, channels))}"
        case SkipBlock(block):
            return _("BiLSTM block {number} skipped", number=block + 1)
        case SilenceAttention(layer):
            return _("attention layer {number} silent", number=layer + 1)
        case UniformAttention(layer):
            return f"attention layer {layer + 1} uniform"
        case SilenceHead(layer, head):
            return _("attention layer {layer}, head {head} silent", layer=layer + 1, head=head + 1)
        case UniformHead(layer, head):
            return f"attention layer {layer + 1}, head {head + 1} uniform"
    return _label_after_attention(switch, config)


def _label_after_attention(switch: Switch, config: ModelConfig) -> str:
    """Return the label of a switch for the pooled vectors, the ensemble heads or patching."""
    match switch:
        case SilencePooled(pool):
            return _("pooled {pool} zero", pool=_(POOLS[pool]))
        case PooledAtAverage(pool):
            return f"pooled {POOLS[pool]} at its average"
        case SilenceEnsembleHead(ensemble_head):
            return _("ensemble head {number} zero", number=ensemble_head + 1)
        case EnsembleHeadAtAverage(ensemble_head):
            return f"ensemble head {ensemble_head + 1} at its average"
        case StepsPatchedFrom():
            return f"{site_label(switch.site, config)} of window {switch.window}, steps {switch.first} to {switch.last}"
        case PatchedFrom():
            return f"{site_label(switch.site, config)} of window {switch.window}"
    raise AssertionError(switch)
