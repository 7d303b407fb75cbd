"""What follows from the edits: the prediction, how unlike the training windows it is, and how far attention has moved.

The explanation before and after the edits, drawn on one scale.
"""

from __future__ import annotations

import numpy as np
import streamlit as st

from complex_lstm.figures.changes import before_after_heatmaps, probability_change_bars
from complex_lstm.interpretation import METHODS, Explanation
from complex_lstm.interpretation.nearest_neighbours import Neighbourhood, neighbourhood
from complex_lstm.interpretation.what_if import attention_moved, predicted_after
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.edits.session import EditedView, edited_frame
from complex_lstm.ui.explaining.pairwise import Explained, explain_both
from complex_lstm.ui.explaining.request import ExplanationSettings, choose_method, chosen
from complex_lstm.ui.session.messages import caption, plain, reading, shown
from complex_lstm.ui.session.progress import pressed
from complex_lstm.ui.session.scene import page
from complex_lstm.ui.session.state import choose


def show_effect(bench: EditedView) -> None:
    """Draw the prediction before and after, and how far the window is from what the model was trained on."""
    scene = bench.scene
    if scene.is_classes:
        _draw_classes(bench)
    else:
        _draw_values(bench)
    for column, sentence in zip(st.columns(2), (distance_sentence(scene, bench.window.x), _attention_sentence(bench)), strict=True):
        column.markdown(sentence)
    caption(
        method="one forward pass each of the window as it was and as it is now",
        edits=str(len(bench.edits)),
        changed=f"{int(bench.window.changed.sum())} of {bench.window.changed.size} cells",
        device=scene.device_name,
    )
    reading(
        "Grey is the window as it was, orange as it is now: the difference is what the edits did to the prediction."
        if scene.is_classes
        else "The number is the forecast for the edited window, below it how far that is from the forecast for the window as it was.",
        "An edited window may be unlike anything that the model was trained on, and then the answer says little about the world: "
        "see the distance above.",
    )
    _offer_onward(bench)


def _offer_onward(bench: EditedView) -> None:
    with st.container(horizontal=True):
        if pressed("See every view side by side", key="what_if_compare", icon="🪞", disabled=not bench.edits):
            choose(versus="edits", other="", view="")
            st.switch_page(page("compare"))
        st.download_button(
            "Download the edited window (CSV)",
            lambda: edited_frame(bench).to_csv(index=False).encode(),
            f"what_if_window_{bench.scene.number}.csv",
            "text/csv",
            key="what_if_download",
            on_click="ignore",
        )


def predictions_of(bench: EditedView) -> tuple[np.ndarray, np.ndarray]:
    """Return the predictions before and after the edits, as probabilities or in the targets' units."""
    dataset, number = bench.scene.dataset, bench.scene.number
    before = predicted_after(bench.before.prediction[0].double().numpy(), bench.window.unedited, dataset, number)
    return before, predicted_after(bench.after.prediction[0].double().numpy(), bench.window, dataset, number)


def _draw_classes(bench: EditedView) -> None:
    before, after = predictions_of(bench)
    was, now = (bench.scene.outputs[int(one.argmax())] for one in (before, after))
    title = f"Predicted: {now}, as before" if was == now else f"Predicted: {now}, before the edits {was}"
    st.plotly_chart(
        probability_change_bars(before, after, classes=bench.scene.outputs, title=title),
        key="what_if_probabilities",
        alt="The probability of each class before and after the edits",
    )


def _draw_values(bench: EditedView) -> None:
    before, after = predictions_of(bench)
    schema = bench.scene.dataset.schema
    for place, (column, name) in enumerate(zip(st.columns(len(after)), schema.outputs, strict=True)):
        column.metric(
            plain(name),
            plain(f"{shown(bench.scene, place, after[place])} {schema.unit(name)}"),
            plain(_moved(bench, place, before[place], after[place])),
            delta_color="off",
            delta_arrow="off",
        )


def _moved(bench: EditedView, place: int, before: float, after: float) -> str:
    if not bench.edits:
        return "as it was: no edits yet"
    scene = bench.scene
    unit = scene.dataset.schema.unit(scene.outputs[place])
    return f"{shown(scene, place, after - before, sign=True)} {unit} from {shown(scene, place, before)}"


def distance_sentence(scene: Scene, x: np.ndarray) -> str:
    """Return how far a window is from the nearest that the model knows, beside how far that usually is."""
    hood = known_windows(scene.keys, scene.number)
    if not len(hood.usual):
        return "There are too few other windows to say how unusual this one is."
    distances = hood.distances(x)
    nearest = int(distances.argmin())
    return (
        f"**Distance** from the nearest of {len(hood.numbers):,} {hood.name}: **{distances[nearest]:.2f}** standard deviations a cell "
        f"(window {hood.numbers[nearest]}). Between them it is {np.median(hood.usual):.2f} at the median; "
        f"{hood.unusual(distances[nearest]):.0%} of them are nearer to their own nearest."
    )


def known_windows(keys: tuple[str, str, str, int], number: int) -> Neighbourhood:
    """Return the windows that a window is compared with."""
    return cache.remember("known_windows", (keys, number), lambda: neighbourhood(cache.dataset(*keys), number), most=8)


def _attention_sentence(bench: EditedView) -> str:
    before, after = (trace.attention[0].numpy() for trace in (bench.before, bench.after))
    if not before.size:
        return "**Attention**: this model has fewer than two BiLSTM blocks, so no attention layer is used."
    moved = attention_moved(before, after)
    layers = ", ".join(f"{share:.1%} in layer {place}" for place, share in enumerate(moved, 1))
    return (
        f"**Attention**: **{moved.mean():.1%}** of it now goes to other steps than before ({layers}), the mean over heads and steps. "
        "0% is the same attention, 100% is all of it elsewhere."
    )


def show_explanations(bench: EditedView) -> None:
    """Draw one method's answer for the window as it was and as it is now, and the difference."""
    choice, method = _choose(bench)
    sides = Explained(bench.scene, bench.window.x_before), Explained(bench.scene, bench.window.x, done=bench.edits)
    if both := explain_both("what_if", sides, choice, method):
        _draw(bench, choice, *both)


def _choose(bench: EditedView) -> tuple[ExplanationSettings, str]:
    choice = chosen(bench.scene)
    left, right = st.columns(2)
    st.session_state["what_if_target"] = choice.output
    left.selectbox(
        "Explain the output",
        range(len(bench.scene.outputs)),
        format_func=bench.scene.outputs.__getitem__,
        key="what_if_target",
        on_change=lambda: choose(target=st.session_state["what_if_target"]),
    )
    with right:
        return choice, choose_method("what_if")


def _draw(bench: EditedView, choice: ExplanationSettings, before: Explanation, after: Explanation) -> None:
    scene, unit = bench.scene, choice.unit(bench.scene) if METHODS[before.method].signed else ""
    st.plotly_chart(
        before_after_heatmaps(
            scene.times, before.cells, after.cells, changed=bench.window.changed, features=scene.features, unit=unit, title=""
        ),
        key="what_if_explanations",
        alt=f"Importance of every cell by {METHODS[before.method].label} before the edits, after them, and the difference",
    )
    caption(
        method=METHODS[before.method].label,
        baseline=before.baseline,
        target=f"{choice.target(scene)}, {unit or 'no unit'}",
        steps=f"{after.attribution.effort}; {after.evaluations} evaluations each",
        device=after.device,
    )
    reading(
        "All three maps share one colour range; red raises the output against the baseline, blue lowers it, and dots are edited cells.",
        "A cell's importance can change although the cell did not: the model reads it beside the edited ones.",
    )
