"""The ensemble heads: what each gives for a window, how the combiner weighs them, and where they disagree most."""

from __future__ import annotations

import numpy as np
import streamlit as st

from complex_lstm.figures.predictions import disagreement_scatter, ensemble_head_bars, sensitivity_heatmaps
from complex_lstm.inference import window_frame
from complex_lstm.interpretation import combiner_sensitivity, disagreement
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import caption, plain, reading
from complex_lstm.ui.session.scene import describe_window
from complex_lstm.ui.session.state import choose, clicked_points, follow


def show_heads(scene: Scene) -> None:
    """Draw the outputs of the ensemble heads, what the combiner makes of them, and the windows with the largest spread."""
    trace = cache.window_trace(scene.keys, scene.number)
    outputs, combined = trace.ensemble_head_outputs[0].numpy(), trace.prediction[0].numpy()

    with st.container(key="view-heads"):
        st.header(f"Window {scene.number}: {describe_window(scene)}")
        show_figure(
            ensemble_head_bars(outputs, combined, outputs=scene.outputs, title="The output of each ensemble head"),
            key="ensemble_members",
            alt="The output of each ensemble head and the combined output",
        )
        for column, name, spread in zip(st.columns(len(scene.outputs)), scene.outputs, outputs.std(axis=0), strict=True):
            column.metric(f"spread, {plain(name)}", f"{spread:.3g}")
        caption(
            method="three output heads of one forward pass, and the combiner's output",
            spread="standard deviation over the three heads",
            unit="logits" if scene.is_classes else "the model's scaled output",
            device=scene.device_name,
        )
        reading(
            "Bars of one group are the heads' outputs for the same class or value; the last bar is the combiner's output.",
            "Only the combined output is trained: one head alone is no prediction, and heads may have different uses.",
        )

    st.header("How the combiner weighs them here")
    sensitivity = combiner_sensitivity(scene.model, outputs)
    show_figure(
        sensitivity_heatmaps(sensitivity, outputs=scene.outputs, title=""),
        key="ensemble_sensitivity",
        alt="How each combined output changes with each output of each ensemble head",
    )
    caption(method="derivative of the combined outputs by the heads' outputs, at this window", device=scene.device_name)
    reading(
        "Red: the combined output rises with that head's output; blue: it falls; white: it does not depend on it.",
        "It holds for small changes around this window; the combiner contains a ReLU and can weigh the heads differently elsewhere.",
    )

    st.header("Where they disagree most")
    predictions = cache.predictions(scene.keys)
    finite = np.isfinite(predictions.ensemble_head_outputs).all(axis=(1, 2))
    apart = np.full(len(finite), np.nan)
    apart[finite] = disagreement(predictions.ensemble_head_outputs[finite])
    worst = np.argsort(-apart, kind="stable")[: min(8, int(finite.sum()))]  # NaN comes last
    places = window_frame(scene.dataset, predictions.chosen)
    labels = [f"{row.series}, {row.first_time}" for row in places.itertuples()]
    event = show_figure(
        disagreement_scatter(predictions.chosen, apart, labels=labels, chosen=scene.number, title="Click a point to go to its window"),
        key="ensemble_disagreement",
        on_select="rerun",
        selection_mode="points",
        alt="The spread of the ensemble heads at every window",
    )
    follow("ensemble_disagreement", clicked_points(event))
    with st.container(horizontal=True):
        for window in worst.tolist():
            st.button(f"Window {window}: {apart[window]:.3g}", key=f"ensemble_worst_{window}", on_click=choose, kwargs={"window": window})
    caption(
        method="standard deviation over the heads, averaged over the outputs",
        windows=f"{int(finite.sum()):,}",
        without_a_finite_output=len(finite) - int(finite.sum()) or "",
        device=predictions.device,
    )
    reading(
        "The buttons are the eight windows with the largest spread.",
        "A large spread is not an error: the prediction beside the actual value shows whether the window is predicted wrongly.",
    )
