"""The smallest change that is found to turn the prediction: what is asked for, the search, and what it found."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from complex_lstm.interpretation.counterfactual import (
    WAYS,
    Counterfactual,
    Goal,
    Nothing,
    Search,
    WayName,
    find_counterfactual,
    to_class,
    to_value,
)
from complex_lstm.model.device import pick_device
from complex_lstm.ui.cache import Scene
from complex_lstm.ui.messages import plain
from complex_lstm.ui.on_demand import offer
from complex_lstm.ui.scene import target_of
from complex_lstm.ui.what_if.edits import Bench, brushed_segment, own_key
from complex_lstm.ui.what_if.effect import known_windows
from complex_lstm.ui.what_if.found import show_found, show_nothing
from complex_lstm.ui.work import Work

EVERYWHERE, BRUSHED = "the whole window", "the brushed steps"


@dataclass(frozen=True)
class Wish:
    """What is asked for: a goal, in which cells, by which way, and the goal in words."""

    search: Search
    way: WayName
    words: str

    @property
    def key(self) -> Hashable:
        return self.search.goal, self.search.allowed.tobytes(), self.way


def show_search(bench: Bench) -> None:
    """Draw the choices, the button that starts the search, and what was found."""
    wish = _draw_wish(bench)

    def run(work: Work[Any]) -> Counterfactual | Nothing:
        hood = known_windows(bench.scene.keys, bench.scene.number)
        return find_counterfactual(
            bench.scene.model, wish.search, wish.way, hood, device=pick_device(), stop=work.must_stop, progress=work.tell
        )

    work = offer("what_if_search", (bench.key, wish.key), run, label=f"Find a small change {plain(wish.words)}")
    st.caption(f"{WAYS[wish.way].label} {WAYS[wish.way].sentence}; {WAYS[wish.way].misleads}. Source: {WAYS[wish.way].source}.")
    if work is None or work.trouble or work.state != "done":
        return
    if isinstance(work.result, Nothing):
        show_nothing(work.result, wish.words)
    else:
        show_found(bench, work.result, wish.words)


def _draw_wish(bench: Bench) -> Wish:
    scene = bench.scene
    left, right = st.columns(2)
    with left:
        goal, words = _to_class(bench) if scene.is_classes else _to_value(bench)
        way = st.segmented_control(
            "By", list(WAYS), default="native_guide", format_func=lambda name: WAYS[name].label, key="what_if_way", required=True
        )
    with right:
        allowed = _draw_allowed(scene)
    return Wish(Search(bench.window.x, goal, allowed), way, words)


def _to_class(bench: Bench) -> tuple[Goal, str]:
    scene, outputs = bench.scene, bench.after.prediction[0].numpy()
    predicted, *others = np.argsort(-outputs, kind="stable").tolist()
    target = st.selectbox(
        f"To be predicted instead of {plain(scene.outputs[predicted])}",
        others,
        format_func=scene.outputs.__getitem__,
        key=own_key(scene, f"class_{predicted}"),
    )
    return to_class(target, outputs), f"to {scene.outputs[target]}"


def _to_value(bench: Bench) -> tuple[Goal, str]:
    scene = bench.scene
    output = target_of(scene)
    name, spread = scene.outputs[output], scene.dataset.scaling.target_std[output]
    unit = scene.dataset.schema.unit(name)
    direction = st.segmented_control(
        f"The forecast of {plain(name)} is to", ("rise", "fall"), default="rise", key="what_if_direction", required=True
    )
    amount = st.number_input(
        f"By{f' ({plain(unit)})' if unit else ''}",
        min_value=float(f"{spread / 100:.1g}"),
        value=float(f"{spread / 2:.2g}"),
        key=own_key(scene, f"by_{output}"),
        format="%.4g",
    )
    goal = to_value(scene.dataset, bench.window.x, bench.after.prediction[0].numpy(), output, amount if direction == "rise" else -amount)
    return goal, f"to make {name} {direction} by {f'{amount:g} {unit}'.strip()}"


def _draw_allowed(scene: Scene) -> np.ndarray:
    """Return which cells may change."""
    every = range(len(scene.features))
    features = st.multiselect("Features that may change", every, every, format_func=scene.features.__getitem__, key=own_key(scene, "free"))
    where = st.segmented_control("At the steps of", (EVERYWHERE, BRUSHED), default=EVERYWHERE, key="what_if_where", required=True)
    segment = brushed_segment(scene)
    allowed = np.zeros(scene.inputs.shape, dtype=bool)
    steps = slice(segment.first, segment.last + 1) if where == BRUSHED else slice(None)
    allowed[steps, features] = True
    return allowed & ~_held(scene)


def _held(scene: Scene) -> np.ndarray:
    """Return the cell that the visitor wants held: the last value, to which a forecast change is added."""
    held = np.zeros(scene.inputs.shape, dtype=bool)
    name = "" if scene.is_classes else scene.outputs[target_of(scene)]
    if name not in scene.features or not scene.dataset.window.as_change:
        return held
    held[-1, scene.features.index(name)] = st.checkbox(
        f"Hold the last value of {plain(name)}",
        value=True,
        key="what_if_hold",
        help="The forecast is that value plus the change that the model says, so to move it is the easy answer.",
    )
    return held
