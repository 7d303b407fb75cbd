"""The ensemble heads: what each gives for a window, how the combiner weighs them, and where they disagree most."""

from __future__ import annotations

import numpy as np
import streamlit as st

from complex_lstm.figures.predictions import disagreement_scatter, ensemble_head_bars, sensitivity_heatmaps
from complex_lstm.inference import window_frame
from complex_lstm.interpretation import combiner_sensitivity, disagreement
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.features import of_features
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import caption, plain, reading
from complex_lstm.ui.session.outputs import choose_outputs
from complex_lstm.ui.session.scene import describe_window
from complex_lstm.ui.session.state import choose, clicked_points, follow

MOST_SPREADS = 6  # numbers beside each other below the bars, which show the others


def show_heads(scene: Scene) -> None:
    """Draw the outputs of the ensemble heads, what the combiner makes of them, and the windows with the largest spread."""
    with st.container(key="view-heads"):
        st.header(f"Window {scene.number}: {describe_window(scene)}")
        shown = choose_outputs(scene, "ensemble_outputs", note="the spread below is over all")
        _draw_outputs(scene, shown)
    st.header("How the combiner weighs them here")
    _draw_combiner(scene, shown)
    st.header("Where they disagree most")
    _draw_disagreement(scene)


def _draw_outputs(scene: Scene, shown: list[int]) -> None:
    """Draw what each ensemble head gives for these outputs, and how far the heads are apart."""
    trace, names = cache.window_trace(scene.keys, scene.number), of_features(scene.outputs, shown)
    outputs, combined = trace.ensemble_head_outputs[0].numpy(), trace.prediction[0].numpy()
    show_figure(
        ensemble_head_bars(outputs[:, shown], combined[shown], outputs=names, title="The output of each ensemble head"),
        key="ensemble_members",
        alt="The output of each ensemble head and the combined output",
    )
    if len(shown) <= MOST_SPREADS:
        for column, name, spread in zip(st.columns(len(shown)), names, outputs[:, shown].std(axis=0), strict=True):
            column.metric(f"spread, {plain(name)}", f"{spread:.3g}")
    caption(
        method="three output heads of one forward pass, and the combiner's output",
        spread="standard deviation over the three heads",
        mean_spread=f"{outputs.std(axis=0).mean():.3g} over {len(scene.outputs)} outputs" if len(shown) > MOST_SPREADS else "",
        unit="logits" if scene.is_classes else "the model's scaled output",
        device=scene.device_name,
    )
    reading(
        "Bars of one group are the heads' outputs for the same class or value; the last bar is the combiner's output.",
        "Only the combined output is trained: one head alone is no prediction, and heads may have different uses.",
    )


def _draw_combiner(scene: Scene, shown: list[int]) -> None:
    """Draw how each of these combined outputs moves with what each ensemble head gives for them."""
    outputs = cache.window_trace(scene.keys, scene.number).ensemble_head_outputs[0].numpy()
    sensitivity = combiner_sensitivity(scene.model, outputs)
    show_figure(
        sensitivity_heatmaps(sensitivity[shown][:, :, shown], outputs=of_features(scene.outputs, shown), title=""),
        key="ensemble_sensitivity",
        alt="How each combined output changes with each output of each ensemble head",
    )
    caption(method="derivative of the combined outputs by the heads' outputs, at this window", device=scene.device_name)
    reading(
        "Red: the combined output rises with that head's output; blue: it falls; white: it does not depend on it.",
        "It holds for small changes around this window; the combiner contains a ReLU and can weigh the heads differently elsewhere.",
    )


def _draw_disagreement(scene: Scene) -> None:
    """Draw the spread of the ensemble heads at every window, and a button for each of the eight where it is largest."""
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
