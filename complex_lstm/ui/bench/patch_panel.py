"""Activation patching: any box's value taken from another window, whole or at some steps."""

from __future__ import annotations

import streamlit as st

from complex_lstm.model.boxes import walk_order
from complex_lstm.ui import cache
from complex_lstm.ui.bench.setting import Setting
from complex_lstm.ui.bench.switches import PatchedFrom, StepsPatchedFrom, Switch, as_text
from complex_lstm.ui.bench.words import box_words, switch_words
from complex_lstm.ui.cache import Scene
from complex_lstm.ui.messages import plain
from complex_lstm.ui.state import choose


def draw_patches(scene: Scene, setting: Setting) -> None:
    """Draw the choice of a box and a window, and what is patched by now."""
    config, windows = scene.model.config, scene.dataset.windows
    first, second, third, fourth = st.columns([3, 2, 4, 2], vertical_alignment="bottom")
    boxes = walk_order(config.num_lstm_layers)
    box = first.selectbox("Box", boxes, format_func=lambda one: box_words(one, config), key="bench_patch_box")
    last = len(windows) - 1
    donor = int(second.number_input(f"From window (0 to {last})", 0, last, min(scene.number + 1, last), key="bench_patch_window"))
    time = int(windows.length[scene.number])
    steps = (0, time - 1)
    if box.has_time and time > 1:
        steps = third.slider("Steps (of attention: queries)", 0, time - 1, steps, key=f"bench_patch_steps_{time}")
    made = StepsPatchedFrom(box.name, box.number, donor, *steps) if steps != (0, time - 1) else PatchedFrom(box.name, box.number, donor)
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
