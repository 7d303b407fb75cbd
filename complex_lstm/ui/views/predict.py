"""The prediction of a window beside its series, and what each part of the model does with it, in a sentence."""

from __future__ import annotations

import numpy as np
import streamlit as st

from complex_lstm.data.units import digits
from complex_lstm.figures.predictions import probability_bars
from complex_lstm.figures.series import series_lines
from complex_lstm.interpretation import disagreement
from complex_lstm.interpretation.head_maps import largest_cell
from complex_lstm.model import Trace
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.attention import head_maps
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.headline import show_headline
from complex_lstm.ui.explaining.known_interval import interval_words
from complex_lstm.ui.explaining.request import chosen
from complex_lstm.ui.session.features import choose_features_of_window, of_features
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import caption, plain, reading
from complex_lstm.ui.session.outputs import choose_outputs
from complex_lstm.ui.session.scene import (
    describe_window,
    predicted_values,
    scaling_note,
    size_sentence,
)
from complex_lstm.ui.session.state import choose

MOST_BELOW_EACH_OTHER = 4  # forecasts


def show_prediction(scene: Scene) -> None:
    """Draw the window and its prediction beside what is known, and a sentence on each part of the model."""
    with st.container(key="view-prediction"):
        st.header(f"Window {scene.number}: {describe_window(scene)}")
        left, right = st.columns([3, 2])
        with left:
            rows = choose_features_of_window(scene, "predict_window")
            values = scene.values[:, rows]
            names, units = of_features(scene.features, rows), of_features(scene.dataset.schema.feature_units, rows)
            figure = series_lines(scene.times, values, names=names, units=units, empty=np.isnan(values))
            show_figure(figure, key="predict_window", alt="The window: every feature over its time steps")
        with right:
            shown = choose_outputs(scene, "predict_outputs")
            _draw_classes(scene, shown) if scene.is_classes else _draw_values(scene, shown)
        brief_window(scene)
        caption(model=size_sentence(scene.model.config), device=scene.device_name, note=scaling_note(scene))
        reading(
            "Left the window, in the file's units; right the prediction; below what each part of the model does, in one sentence each.",
            "A probability is the model's own confidence, not how often it is right: see the scores below."
            if scene.is_classes
            else "A forecast near the last value is easy to make: see below whether the model beats repeating it.",
        )


def _draw_classes(scene: Scene, shown: list[int]) -> None:
    """Draw the probabilities of these classes."""
    predicted = predicted_values(scene)
    show_figure(
        probability_bars(
            predicted[shown],
            classes=of_features(scene.outputs, shown),
            actual=str(scene.dataset.windows.label[scene.number]),
            title=f"Predicted: {scene.outputs[int(predicted.argmax())]}",
        ),
        key="predict_probabilities",
        alt="The probability of each class for this window",
    )


def _draw_values(scene: Scene, shown: list[int]) -> None:
    """Draw the forecasts of these targets, each beside what came and what was last, two in a row where they are many."""
    windows, horizon, predicted = scene.dataset.windows, scene.dataset.window.horizon, predicted_values(scene)
    ahead = f"{horizon} time step{'s' if horizon > 1 else ''} ahead"
    places = [st.container()]
    if are_many := len(shown) > MOST_BELOW_EACH_OTHER:
        st.caption(f"Predicted {ahead}:")
        places = list(st.columns(2))
    for at, output in enumerate(shown):
        name = scene.outputs[output]
        known, last = windows.actual[scene.number, output], windows.last[scene.number, output]
        places[at % len(places)].metric(
            plain(name) if are_many else f"{plain(name)}, {ahead}",
            plain(f"{digits(predicted[output])} {scene.dataset.schema.unit(name)}"),
            f"actual {'unknown' if np.isnan(known) else digits(known)}, last {digits(last)}",
            delta_color="off",
            delta_arrow="off",
        )
        if interval := interval_words(scene, output):
            places[at % len(places)].caption(plain(f"{interval}, from Check"))


def brief_window(scene: Scene) -> None:
    """Describe what each part of the model does with the window, in numbers of this pass, and what the prediction rests on."""
    trace = cache.window_trace(scene.keys, scene.number)
    gate, apart = trace.gate[0].numpy(), disagreement(trace.ensemble_head_outputs.numpy())[0]
    gates = (
        f"The gate takes **{gate.mean():.1%}** from convolution stage 1 and the rest from stage 2, on average; "
        f"stage 1 has the larger share in {(gate > 0.5).mean():.0%} of all steps and channels."
    )
    heads = f"The three ensemble heads are **{apart:.3g}** apart (standard deviation, in the model's own scale)."
    for sentence, pane, label in (
        (_attention_sentence(scene, trace), "attention", "Attention"),
        (gates, "gate", "Fusion gate"),
        (heads, "heads", "Ensemble heads"),
        ("", "importance", "Feature importance"),
    ):
        left, right = st.columns([5, 1], vertical_alignment="center")
        with left:
            st.markdown(sentence) if sentence else show_headline("predict", scene, chosen(scene))
        right.button(label, key=f"predict_to_{pane}", on_click=choose, kwargs={"focus": pane, "view": ""})


def _attention_sentence(scene: Scene, trace: Trace) -> str:
    if not trace.attention_layers:
        return "This model has fewer than two BiLSTM blocks, so no attention layer is used."
    maps = head_maps(trace)
    if maps is None:
        return f"The attention of {trace.encoded.shape[1]:,} steps is made on request: open Attention."
    layer, head, query, key, weight = largest_cell(trace, maps)
    labels = scene.time_labels
    return (
        f"The largest attention weight: in layer {layer + 1}, attention head {head + 1}, the step {plain(labels[query])} takes "
        f"**{weight:.1%}** of its weight from {plain(labels[key])} (uniform: {1 / len(labels):.1%})."
    )
