"""What a search for a counterfactual has found, drawn over the series."""

from __future__ import annotations

import numpy as np
import streamlit as st

from complex_lstm.figures.what_if import change_lines
from complex_lstm.interpretation.counterfactual import WAYS, Counterfactual, Nothing
from complex_lstm.ui.messages import caption, duration, number, plain, reading
from complex_lstm.ui.scene import target_of
from complex_lstm.ui.what_if.edits import Bench, add, bench_with
from complex_lstm.ui.what_if.effect import distance_sentence, predictions_of


def show_nothing(nothing: Nothing, words: str) -> None:
    """Say that nothing was found, and what that does not mean."""
    st.info(
        f"{WAYS[nothing.way].label} found no change {plain(words)}, in {nothing.evaluations:,} evaluations and "
        f"{duration(nothing.seconds)}. That none exists is not said: let more features or steps change, take the other way, or ask "
        "for less.",
        icon="🔍",
    )


def show_found(bench: Bench, found: Counterfactual, words: str) -> None:
    """Draw the change over the series, what the model then predicts, and how large and how plausible it is."""
    scene, edit = bench.scene, found.as_edit(bench.scene.dataset.scaling)
    tried = bench_with(scene, (*bench.edits, edit))
    st.markdown(f"**Found: {_outcome(bench, tried)}.**")
    _draw_sizes(found)
    st.markdown(distance_sentence(scene, tried.window.x))
    _draw_change(bench, tried)
    st.button("Use as edit", key="what_if_use", on_click=add, args=(scene, edit), type="primary")
    caption(
        method=found.origin,
        target=words,
        steps=f"{found.evaluations:,} evaluations",
        device=found.device,
        time=f"{found.seconds:.1f} s when computed",
        check="predicted anew by a plain forward pass of the changed window",
    )
    reading(
        "Grey is the window before this change, orange after it, and markers are the changed cells: with them the prediction turns.",
        "It is the smallest change that this search found, not the smallest of all, and one way among many: what it leaves alone may "
        "matter as much. A change far from all training windows tells of the model, not of the world.",
    )


def _outcome(bench: Bench, tried: Bench) -> str:
    """Return what the prediction turns into, as a plain forward pass says it."""
    scene, before, after = bench.scene, predictions_of(bench)[1], predictions_of(tried)[1]
    if scene.is_classes:
        was, now = int(before.argmax()), int(after.argmax())
        return f"{plain(scene.outputs[now])} ({after[now]:.1%}) instead of {plain(scene.outputs[was])}, which falls to {after[was]:.1%}"
    place = target_of(scene)
    name, unit = scene.outputs[place], scene.dataset.schema.unit(scene.outputs[place])
    return plain(f"{name} {number(after[place])} {unit} instead of {number(before[place])}, a move of {after[place] - before[place]:+.3g}")


def _draw_sizes(found: Counterfactual) -> None:
    changed = found.changed
    features = int(changed.any(axis=0).sum())
    for column, (label, value) in zip(
        st.columns(4),
        (
            ("Summed change", f"{found.size:.2f} std"),
            ("Cells changed", f"{changed.sum()} of {changed.size}"),
            ("Longest stretch", f"{found.longest} step{'s' if found.longest > 1 else ''}"),
            ("Features changed", f"{features} of {changed.shape[1]}"),
        ),
        strict=True,
    ):
        column.metric(label, value)


def _draw_change(bench: Bench, tried: Bench) -> None:
    scene, before, after = bench.scene, bench.window.after, tried.window.after
    rows = np.flatnonzero((before != after).any(axis=0)).tolist()
    st.plotly_chart(
        change_lines(
            scene.times,
            before[:, rows],
            after[:, rows],
            names=tuple(scene.features[row] for row in rows),
            units=tuple(scene.dataset.schema.unit(scene.features[row]) for row in rows),
            title="",
        ),
        key="what_if_change",
        alt="The changed features over time, before and after the change that was found",
    )
