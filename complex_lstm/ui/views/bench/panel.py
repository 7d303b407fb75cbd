"""The switches as widgets, grouped by part of the model; patching from another window; and where a change first shows.

Each widget stands for some switches: a change replaces these and keeps the others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from complex_lstm.config import ModelConfig
from complex_lstm.figures.changes import change_bars
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
    first_change,
)
from complex_lstm.model.sites import ATTENTION_LAYER_AFTER, ENSEMBLE_HEADS, forward_order
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.interventions.averages import ALL, AVERAGED, averaged, is_over_all
from complex_lstm.ui.interventions.labels import POOLS, site_label, switch_label
from complex_lstm.ui.interventions.link import EnsembleHeadAtAverage, PatchedFrom, PooledAtAverage, StepsPatchedFrom, Switch, as_text
from complex_lstm.ui.interventions.resolve import Setting
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import caption, part_words, plain, reading
from complex_lstm.ui.session.state import choose
from complex_lstm.ui.side_by_side.pair import Pair

Options = tuple[tuple[str, Switch | None], ...]  # the label and the switch of each option; None leaves the part as it is

AS_IS = "as it is"
GATE_LABELS = {0.0: "0: stage 2", 0.5: "0.5: both", 1.0: "1: stage 1"}


def draw_panel(scene: Scene, setting: Setting) -> None:
    """Draw a summary of what is switched, a button that clears all, and all switches in their present state, part by part."""
    config = scene.model.config
    _draw_summary(scene, setting)
    with st.expander("Fusion gate", expanded=True):
        _draw_gate(config, setting)
    with st.expander("Positions, convolutions"):
        _one_of("Positions", "bench_positions", ((AS_IS, None), ("dropped", DropPositions())), setting)
        scales = [SilenceScale(stage, scale) for stage in (1, 2) for scale in range(len(config.kernels[stage - 1]))]
        _any_of("Silence convolution scales", "bench_scales", tuple((site_label(one.site, config), one) for one in scales), setting)
    with st.expander("BiLSTM blocks"):
        skips = tuple((f"BiLSTM block {block + 1}", SkipBlock(block)) for block in range(config.num_lstm_layers))
        _any_of("Skip", "bench_blocks", skips, setting)
    with st.expander("Attention"):
        _draw_attention(config, setting)
    with st.expander("Pooling"):
        for pool, name in POOLS.items():
            options: Options = ((AS_IS, None), ("zero", SilencePooled(pool)), ("its average", PooledAtAverage(pool)))
            _one_of(f"Pooled {name}", f"bench_pooled_{pool}", options, setting)
    with st.expander("Ensemble heads"):
        for ensemble_head in range(ENSEMBLE_HEADS):
            options = ((AS_IS, None), ("zero", SilenceEnsembleHead(ensemble_head)), ("its average", EnsembleHeadAtAverage(ensemble_head)))
            _one_of(f"Ensemble head {ensemble_head + 1}", f"bench_member_{ensemble_head}", options, setting)
    _choose_averages(scene)
    with st.expander("Patch from another window"):
        _draw_patches(scene, setting)


def _choose_averages(scene: Scene) -> None:
    """Draw over which windows averages are taken: a sample of which the interval is said, or where there are more, all."""
    found, key = averaged(scene.keys), "bench_averages"
    with st.expander("What an average is over"):
        if found.total > AVERAGED:
            words = {"": f"{AVERAGED} windows", ALL: f"all {found.total:,}"}
            st.session_state[key] = ALL if is_over_all() else ""
            st.segmented_control(
                "Averages, of pools and ensemble heads, over", list(words), key=key, required=True, format_func=words.__getitem__,
                on_change=lambda: choose(averages=st.session_state[key]),
            )  # fmt: skip
        interval = f"Evenly spread; {found.interval}." if found.interval else ""
        st.caption(f"An average is over {found.words}. {interval}")


def _draw_summary(scene: Scene, setting: Setting) -> None:
    left, right = st.columns([3, 1], vertical_alignment="center")
    words = setting.words(scene) if setting.switches else ""
    left.markdown(f"**Switched:** {plain(words)}." if words else "**Nothing is switched.**")
    right.button("Clear", key="bench_clear", help="Clear all switches", on_click=choose, kwargs={"off": ""}, disabled=not setting.chosen)
    for warning in setting.warnings:
        st.warning(plain(warning), icon="⚠️")


def _draw_gate(config: ModelConfig, setting: Setting) -> None:
    found = next((one for one in setting.switches if isinstance(one, ForceGate | ForceGateChannels)), None)
    channels = found.channels if isinstance(found, ForceGateChannels) else ()
    values = sorted({*GATE_LABELS, *([found.value] if found else [])})
    options = tuple((GATE_LABELS.get(value, f"{value:g}"), _force_gate(value, channels)) for value in values)
    _one_of("Hold the gate at", "bench_gate", ((AS_IS, None), *options), setting)

    def set_channels() -> None:
        if found:
            _replace(setting, [found], [_force_gate(found.value, tuple(sorted(st.session_state["bench_channels"])))])

    st.session_state["bench_channels"] = list(channels)
    st.multiselect(
        "Only in these channels, from 0 (none: in all)",
        range(config.hidden_dim),
        key="bench_channels",
        on_change=set_channels,
        disabled=found is None,
    )


def _force_gate(value: float, channels: tuple[int, ...]) -> Switch:
    return ForceGateChannels(value, channels) if channels else ForceGate(value)


def _draw_attention(config: ModelConfig, setting: Setting) -> None:
    layers = sum(block < config.num_lstm_layers for block in ATTENTION_LAYER_AFTER)
    if not layers:
        st.caption("This model has fewer than two BiLSTM blocks and uses no attention layer.")
        return
    heads = range(config.num_heads)
    for layer in range(layers):
        whole: Options = ((AS_IS, None), ("uniform", UniformAttention(layer)), ("silent", SilenceAttention(layer)))
        _one_of(f"Attention layer {layer + 1}", f"bench_layer_{layer}", whole, setting)
        silent = tuple((str(head + 1), SilenceHead(layer, head)) for head in heads)
        _any_of(f"Silent heads of layer {layer + 1}", f"bench_silent_{layer}", silent, setting)
        uniform = tuple((str(head + 1), UniformHead(layer, head)) for head in heads)
        _any_of(f"Uniform heads of layer {layer + 1}", f"bench_uniform_{layer}", uniform, setting)


def _draw_patches(scene: Scene, setting: Setting) -> None:
    """Draw the widgets that replace the value at a site by that of another window, at all steps or some, and the present patches."""
    config, windows = scene.model.config, scene.dataset.windows
    sites = forward_order(config.num_lstm_layers)
    site = st.selectbox("Site", sites, format_func=lambda one: site_label(one, config), key="bench_patch_box")
    last = len(windows) - 1
    donor = int(st.number_input(f"From window (0 to {last})", 0, last, min(scene.number + 1, last), key="bench_patch_window"))
    time = int(windows.length[scene.number])
    steps = (0, time - 1)
    if site.has_time and time > 1:
        steps = st.slider("Steps (of attention: queries)", 0, time - 1, steps, key=f"bench_patch_steps_{time}")
    patch = PatchedFrom(site.name, site.number, donor)
    if steps != (0, time - 1):
        patch = StepsPatchedFrom(site.name, site.number, donor, *steps)
    st.button("Patch", key="bench_patch_add", on_click=_replace, args=(setting, [], [patch]), width="stretch")
    st.caption(_describe_donor(scene, donor))
    for number, one in enumerate(one for one in setting.switches if isinstance(one, PatchedFrom)):
        left, right = st.columns([2, 1], vertical_alignment="center")
        left.markdown(plain(switch_label(one, config)))
        right.button("Remove", key=f"bench_patch_remove_{number}", on_click=_replace, args=(setting, [one], []), width="stretch")


def _describe_donor(scene: Scene, donor: int) -> str:
    """Return what the model predicts for the window to patch from, towards which a patch may move the output."""
    windows = scene.dataset.windows
    own, other = (int(windows.length[number]) for number in (scene.number, donor))
    unequal = f" It has {other} steps, this one {own}: only vectors after pooling can be patched." if other != own else ""
    if not scene.is_classes:
        return f"Window {donor} is in {part_words(windows.part[donor])}.{unequal}"
    prediction = cache.window_trace(scene.keys, donor).prediction[0]
    if not prediction.isfinite().all():
        return f"Window {donor} has no prediction: the model's output is not a finite number there.{unequal}"
    predicted = scene.outputs[int(prediction.argmax())]
    return f"Window {donor} is predicted as {plain(predicted)}.{unequal}"


def _one_of(label: str, key: str, options: Options, setting: Setting) -> None:
    """Draw a choice of one option. It stands for the switches of its options, and changes no others."""
    switches = [one for _, one in options]
    st.session_state[key] = next((number for number, one in enumerate(switches) if one in setting.chosen), 0)
    st.segmented_control(
        label,
        range(len(options)),
        format_func=lambda number: options[number][0],
        key=key,
        required=True,
        on_change=lambda: _replace(setting, switches, [switches[st.session_state[key]]]),
    )


def _any_of(label: str, key: str, options: Options, setting: Setting) -> None:
    """Draw a choice of any number of options. It stands for the switches of its options, and changes no others."""
    switches = [one for _, one in options]
    st.session_state[key] = [number for number, one in enumerate(switches) if one in setting.chosen]
    st.pills(
        label,
        range(len(options)),
        format_func=lambda number: options[number][0],
        selection_mode="multi",
        key=key,
        on_change=lambda: _replace(setting, switches, [switches[number] for number in st.session_state[key]]),
    )


def _replace(setting: Setting, old: Sequence[Switch | None], new: Sequence[Switch | None]) -> None:
    """Put new switches in place of old ones in the selection: a callback."""
    kept = (one for one in setting.chosen if one not in old)
    choose(off=as_text((*kept, *(one for one in new if one is not None))))


def show_change(page: str, pair: Pair) -> None:
    """Draw how far the value at each site moved, in the order of the forward pass, or that none did."""
    config = pair.first.scene.model.config
    changes = first_change(pair.first.trace, pair.second.trace)
    names = tuple(site_label(change.site, config) for change in changes)
    sizes = np.array([change.relative for change in changes])
    moved = np.flatnonzero(sizes > 0)
    st.header("Where the change first shows")
    if not len(moved):
        st.markdown("Nothing changes: both sides are the same at every site.")
        return
    st.markdown(
        f"The change first shows at **{plain(names[moved[0]])}**; at the prediction it is {sizes[-1]:.3g} of the prediction's mean size."
    )
    show_figure(
        change_bars(sizes, sites=names, title=""), key=f"{page}_change", alt="How far each site moved, from the input to the prediction"
    )
    caption(method="mean |after - before| at the site, as a multiple of mean |before|", **pair.facts)
    reading(
        "From top to bottom in the order of the forward pass: sites before the switched one are at 0, and residual connections carry a "
        "change past other blocks.",
        "Each bar is a mean over all cells: a large change of one cell is small here, and a small one can decide the prediction.",
    )
