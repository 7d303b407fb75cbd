"""The switches as widgets, grouped by part. Each widget owns some switches, and puts those that it says in their place."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from complex_lstm.config import ModelConfig
from complex_lstm.model.boxes import ATTENTION_AFTER, ENSEMBLE_HEADS
from complex_lstm.model.interventions import (
    DropPositions,
    ForceGate,
    ForceGateChannels,
    SilenceAttention,
    SilenceHead,
    SilenceMember,
    SilencePooled,
    SilenceScale,
    SkipBlock,
    UniformAttention,
    UniformHead,
)
from complex_lstm.ui.bench.patch_panel import draw_patches
from complex_lstm.ui.bench.setting import Setting
from complex_lstm.ui.bench.switches import MemberAtAverage, PooledAtAverage, Switch, as_text
from complex_lstm.ui.bench.words import POOLS, box_words
from complex_lstm.ui.cache import Scene
from complex_lstm.ui.messages import plain
from complex_lstm.ui.state import choose

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
    _any_of("Silence convolution scales", "bench_scales", tuple((box_words(one.box, config), one) for one in scales), setting)


def _draw_blocks(config: ModelConfig, setting: Setting) -> None:
    blocks = tuple((f"BiLSTM block {block + 1}", SkipBlock(block)) for block in range(config.num_lstm_layers))
    _any_of("Skip", "bench_blocks", blocks, setting)


def _draw_attention(config: ModelConfig, setting: Setting) -> None:
    layers = sum(block < config.num_lstm_layers for block in ATTENTION_AFTER)
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
        options: Options = ((AS_IS, None), ("zero", SilenceMember(member)), ("its average", MemberAtAverage(member)))
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
