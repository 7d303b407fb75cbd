"""The switches as widgets, grouped by part. Each widget owns some switches, and puts those that it says in their place.

Activation patching: any box's value taken from another window, whole or at some steps.

Where in the network the change first shows.
"""

from __future__ import annotations

from collections.abc import Iterable

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
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.interventions.labels import POOLS, box_words, switch_words
from complex_lstm.ui.interventions.link import EnsembleHeadAtAverage, PatchedFrom, PooledAtAverage, StepsPatchedFrom, Switch, as_text
from complex_lstm.ui.interventions.resolve import Setting
from complex_lstm.ui.session.messages import caption, plain, reading
from complex_lstm.ui.session.state import choose
from complex_lstm.ui.side_by_side.pair import Pair


def draw_patches(scene: Scene, setting: Setting) -> None:
    """Draw the choice of a box and a window, and what is patched by now."""
    config, windows = scene.model.config, scene.dataset.windows
    first, second, third, fourth = st.columns([3, 2, 4, 2], vertical_alignment="bottom")
    sites = forward_order(config.num_lstm_layers)
    site = first.selectbox("Box", sites, format_func=lambda one: box_words(one, config), key="bench_patch_box")
    last = len(windows) - 1
    donor = int(second.number_input(f"From window (0 to {last})", 0, last, min(scene.number + 1, last), key="bench_patch_window"))
    time = int(windows.length[scene.number])
    steps = (0, time - 1)
    if site.has_time and time > 1:
        steps = third.slider("Steps (of attention: queries)", 0, time - 1, steps, key=f"bench_patch_steps_{time}")
    made = StepsPatchedFrom(site.name, site.number, donor, *steps) if steps != (0, time - 1) else PatchedFrom(site.name, site.number, donor)
    fourth.button("Patch", key="bench_patch_add", on_click=_set, args=((*setting.switches, made),), width="stretch")
    st.caption(_beside(scene, donor))
    for number, one in enumerate(one for one in setting.switches if isinstance(one, PatchedFrom)):
        left, right = st.columns([5, 1], vertical_alignment="center")
        left.markdown(plain(switch_words(one, config)))
        kept = tuple(other for other in setting.switches if other != one)
        right.button("Take it back", key=f"bench_patch_remove_{number}", on_click=_set, args=(kept,), width="stretch")


def _set(switches: tuple[Switch, ...]) -> None:
    choose(off=as_text(switches))


def _beside(scene: Scene, donor: int) -> str:
    """Say what the model makes of the window to patch from: what the output may move towards."""
    windows = scene.dataset.windows
    lengths = [int(windows.length[number]) for number in (scene.number, donor)]
    unequal = (
        f" It has {lengths[1]} steps, this one {lengths[0]}: only vectors after pooling can be patched." if len(set(lengths)) > 1 else ""
    )
    if not scene.is_classes:
        return f"Window {donor} is in the {windows.part[donor]} part.{unequal}"
    said = scene.outputs[int(cache.window_trace(scene.keys, donor).prediction[0].argmax())]
    return f"Window {donor} is predicted as {plain(said)}.{unequal}"


Options = tuple[tuple[str, Switch | None], ...]  # in words, and as a switch: None is as it is

AS_IS = "as it is"
GATE_WORDS = {0.0: "0: stage 2", 0.5: "0.5: both", 1.0: "1: stage 1"}


def draw_panel(scene: Scene, setting: Setting) -> None:
    """Draw every switch as it stands, what is switched in words, and the way back."""
    config = scene.model.config
    draws = {
        "Fusion gate": _draw_gate,
        "Positions, convolutions": _draw_entrance,
        "BiLSTM blocks": _draw_blocks,
        "Attention": _draw_attention,
        "Pooling": _draw_pooling,
        "Ensemble heads": _draw_members,
    }
    *tabs, last = st.tabs([*draws, "Patch from another window"])
    for tab, draw in zip(tabs, draws.values(), strict=True):
        with tab:
            draw(config, setting)
    with last:
        draw_patches(scene, setting)
    left, right = st.columns([5, 1], vertical_alignment="center")
    words = setting.words(scene) if setting.switches else ""
    left.markdown(f"**Switched:** {plain(words)}." if words else "**Nothing is switched:** before and after are the same.")
    right.button("All as it is", key="bench_clear", on_click=choose, kwargs={"off": ""}, disabled=not words)
    for trouble in setting.troubles:
        st.warning(plain(trouble), icon="⚠️")


def _draw_gate(config: ModelConfig, setting: Setting) -> None:
    found = next((one for one in setting.switches if isinstance(one, ForceGate | ForceGateChannels)), None)
    channels = found.channels if isinstance(found, ForceGateChannels) else ()
    values = sorted({*GATE_WORDS, *([found.value] if found else [])})
    made = tuple((GATE_WORDS.get(value, f"{value:g}"), _gate(value, channels)) for value in values)
    left, right = st.columns([3, 4])
    with left:
        _one_of("Hold the gate at", "bench_gate", ((AS_IS, None), *made), setting)
    st.session_state["bench_channels"] = list(channels)
    right.multiselect(
        "Only in these channels, which count from 0 (none chosen: in all)",
        range(config.hidden_dim),
        key="bench_channels",
        on_change=_take_channels,
        args=(setting, found),
        disabled=found is None,
    )


def _gate(value: float, channels: Iterable[int]) -> Switch:
    return ForceGateChannels(value, tuple(channels)) if channels else ForceGate(value)


def _take_channels(setting: Setting, held: ForceGate | ForceGateChannels) -> None:
    kept = tuple(one for one in setting.switches if one != held)
    choose(off=as_text((*kept, _gate(held.value, sorted(st.session_state["bench_channels"])))))


def _draw_entrance(config: ModelConfig, setting: Setting) -> None:
    _one_of("Positions", "bench_positions", ((AS_IS, None), ("dropped", DropPositions())), setting)
    scales = [SilenceScale(stage, scale) for stage in (1, 2) for scale in range(len(config.kernels[stage - 1]))]
    _any_of("Silence convolution scales", "bench_scales", tuple((box_words(one.site, config), one) for one in scales), setting)


def _draw_blocks(config: ModelConfig, setting: Setting) -> None:
    blocks = tuple((f"BiLSTM block {block + 1}", SkipBlock(block)) for block in range(config.num_lstm_layers))
    _any_of("Skip", "bench_blocks", blocks, setting)


def _draw_attention(config: ModelConfig, setting: Setting) -> None:
    layers = sum(block < config.num_lstm_layers for block in ATTENTION_LAYER_AFTER)
    if not layers:
        st.caption("This model has fewer than two BiLSTM blocks and uses no attention layer.")
        return
    for layer, place in enumerate(st.columns(layers)):
        with place:
            whole: Options = ((AS_IS, None), ("uniform", UniformAttention(layer)), ("silent", SilenceAttention(layer)))
            _one_of(f"Attention layer {layer + 1}", f"bench_layer_{layer}", whole, setting)
            heads = range(config.num_heads)
            _any_of("Silent heads", f"bench_silent_{layer}", tuple((str(head + 1), SilenceHead(layer, head)) for head in heads), setting)
            _any_of("Uniform heads", f"bench_uniform_{layer}", tuple((str(head + 1), UniformHead(layer, head)) for head in heads), setting)


def _draw_pooling(config: ModelConfig, setting: Setting) -> None:
    for place, (pool, name) in zip(st.columns(len(POOLS)), POOLS.items(), strict=True):
        options: Options = ((AS_IS, None), ("zero", SilencePooled(pool)), ("its average", PooledAtAverage(pool)))
        with place:
            _one_of(f"Pooled {name}", f"bench_pooled_{pool}", options, setting)


def _draw_members(config: ModelConfig, setting: Setting) -> None:
    for member, place in enumerate(st.columns(ENSEMBLE_HEADS)):
        options: Options = ((AS_IS, None), ("zero", SilenceEnsembleHead(member)), ("its average", EnsembleHeadAtAverage(member)))
        with place:
            _one_of(f"Ensemble head {member + 1}", f"bench_member_{member}", options, setting)


def _one_of(label: str, key: str, options: Options, setting: Setting) -> None:
    st.session_state[key] = next((number for number, (_, one) in enumerate(options) if one in setting.switches), 0)
    st.segmented_control(
        label,
        range(len(options)),
        format_func=lambda number: options[number][0],
        key=key,
        required=True,
        on_change=lambda: _take(setting, options, [st.session_state[key]]),
    )


def _any_of(label: str, key: str, options: Options, setting: Setting) -> None:
    st.session_state[key] = [number for number, (_, one) in enumerate(options) if one in setting.switches]
    st.pills(
        label,
        range(len(options)),
        format_func=lambda number: options[number][0],
        selection_mode="multi",
        key=key,
        on_change=lambda: _take(setting, options, st.session_state[key]),
    )


def _take(setting: Setting, options: Options, said: list[int]) -> None:
    """Put what a widget says in place of its switches, and leave the others."""
    owned = [one for _, one in options]
    kept = tuple(one for one in setting.switches if one not in owned)
    choose(off=as_text((*kept, *(one for number in said if (one := owned[number]) is not None))))


def show_change(page: str, pair: Pair) -> None:
    """Draw how far each box moved, in the order of the walk, or say that none did."""
    config = pair.first.scene.model.config
    changes = first_change(pair.first.trace, pair.second.trace)
    names = tuple(box_words(change.site, config) for change in changes)
    sizes = np.array([change.relative for change in changes])
    moved = np.flatnonzero(sizes > 0)
    st.subheader("Where it first shows")
    if not len(moved):
        st.markdown("Nothing moves: both sides are the same in every box.")
        return
    st.markdown(f"It shows first at **{plain(names[moved[0]])}**; at the prediction it is {sizes[-1]:.3g} of the prediction's mean size.")
    st.plotly_chart(
        change_bars(sizes, sites=names, title=""), key=f"{page}_change", alt="How far each box moved, from the input to the prediction"
    )
    caption(method="mean |after - before| over the box, as a multiple of mean |before|", **pair.facts)
    reading(
        "From top to bottom as the window goes: boxes before the switched one stand at 0, and residual sums carry a change past others.",
        "A mean over all cells: a large change of one cell is small here, and a small one can be all that the prediction hangs on.",
    )
