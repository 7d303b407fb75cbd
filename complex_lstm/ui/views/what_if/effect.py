"""The effect of the edits: the prediction, the distance to the training windows, the change of attention.

Also the explanation before and after the edits, drawn on one scale.
"""

from __future__ import annotations

import numpy as np
import streamlit as st

from complex_lstm.figures.changes import before_after_heatmaps, probability_change_bars
from complex_lstm.interpretation import METHODS, Explanation
from complex_lstm.interpretation.attention_rows import attention_moved
from complex_lstm.interpretation.what_if import predicted_after
from complex_lstm.ui.compute.attention import AT_ONCE
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.edits.session import EditedView, edited_frame
from complex_lstm.ui.explaining.further_measures import known_windows
from complex_lstm.ui.explaining.headline import draw_headline, side_headline_job
from complex_lstm.ui.explaining.other_baselines import offer_usual
from complex_lstm.ui.explaining.request import ExplanationSettings, choose_method, chosen
from complex_lstm.ui.explaining.two_sides import Explained, explain_both
from complex_lstm.ui.interventions.resolve import read_setting
from complex_lstm.ui.session.features import choose_features, of_features
from complex_lstm.ui.session.figures import offer_csv, show_figure
from complex_lstm.ui.session.messages import caption, plain, reading, shown
from complex_lstm.ui.session.outputs import choose_outputs, listed_outputs
from complex_lstm.ui.session.page_jobs import request_jobs
from complex_lstm.ui.session.progress import pressed
from complex_lstm.ui.session.scene import page, target_of
from complex_lstm.ui.session.state import choose, in_link

MOST_COLUMNS = 4  # of predictions beside each other


def show_effect(view: EditedView) -> None:
    """Draw the prediction before and after, and the distance of the window to those that the model was trained on."""
    scene = view.scene
    if scene.is_classes:
        _draw_classes(view)
    else:
        _draw_values(view)
    for column, sentence in zip(st.columns(2), (distance_sentence(scene, view.window.x), _attention_sentence(view)), strict=True):
        column.markdown(sentence)
    caption(
        method="one forward pass each of the original and the edited window",
        edits=str(len(view.edits)),
        switches=setting_words(view),
        changed=f"{int(view.window.changed.sum())} of {view.window.changed.size} cells",
        device=scene.device_name,
    )
    reading(
        "Grey is the original window, orange the edited one: the difference is the effect of the edits on the prediction."
        if scene.is_classes
        else "The number is the forecast for the edited window, below it the difference to the forecast for the original window.",
        "An edited window may be unlike anything that the model was trained on, and then its prediction says little about real data: "
        "see the distance above.",
    )
    _offer_comparison(view)


def _offer_comparison(view: EditedView) -> None:
    with st.container(horizontal=True):
        if pressed("See every view side by side", key="what_if_compare", icon="🪞", disabled=not view.edits):
            choose(focus="compare", versus="edits", other="", view="")
            st.switch_page(page("experiment"))
        offer_csv(
            lambda: edited_frame(view),
            f"what_if_window_{view.scene.number}.csv",
            key="what_if_download",
            label="Download the edited window (CSV)",
        )


def setting_words(view: EditedView) -> str:
    """Return the switches under which the window is looked at, in words; "" for none."""
    return read_setting(view.scene).words(view.scene) if view.switches else ""


def predictions_of(view: EditedView) -> tuple[np.ndarray, np.ndarray]:
    """Return the predictions before and after the edits, as probabilities or in the targets' units."""
    dataset, number = view.scene.dataset, view.scene.number
    before = predicted_after(view.before.prediction[0].double().numpy(), view.window.unedited, dataset, number)
    return before, predicted_after(view.after.prediction[0].double().numpy(), view.window, dataset, number)


def _draw_classes(view: EditedView) -> None:
    before, after = predictions_of(view)
    was, now = (view.scene.outputs[int(one.argmax())] for one in (before, after))
    title = f"Predicted: {now}, as before" if was == now else f"Predicted: {now}, before the edits {was}"
    rows = choose_outputs(view.scene, "what_if_outputs", always=[int(before.argmax()), int(after.argmax())])
    show_figure(
        probability_change_bars(before[rows], after[rows], classes=of_features(view.scene.outputs, rows), title=title),
        key="what_if_probabilities",
        alt="The probability of each class before and after the edits",
    )


def _draw_values(view: EditedView) -> None:
    before, after = predictions_of(view)
    schema = view.scene.dataset.schema
    order = np.argsort(-np.abs(view.after.prediction[0].numpy() - view.before.prediction[0].numpy()), kind="stable").tolist()
    rows = choose_outputs(
        view.scene, "what_if_outputs", order, first="explained one and those that change most", always=[target_of(view.scene)]
    )
    columns = st.columns(min(len(rows), MOST_COLUMNS))
    for at, place in enumerate(rows):
        name = schema.outputs[place]
        columns[at % len(columns)].metric(
            plain(name),
            plain(f"{shown(view.scene, place, after[place])} {schema.unit(name)}"),
            plain(_difference(view, place, before[place], after[place])),
            delta_color="off",
            delta_arrow="off",
        )


def _difference(view: EditedView, place: int, before: float, after: float) -> str:
    if not view.changes:
        return "no edits yet"
    scene = view.scene
    unit = scene.dataset.schema.unit(scene.outputs[place])
    return f"{shown(scene, place, after - before, sign=True)} {unit} from {shown(scene, place, before)}"


def distance_sentence(scene: Scene, x: np.ndarray) -> str:
    """Return the distance of a window to the nearest one that the model was trained on, compared with the usual distance."""
    hood = known_windows(scene.keys, scene.number)
    if not len(hood.usual):
        return "There are too few other windows to say how unusual this one is."
    distances = hood.distances(x)
    nearest = int(distances.argmin())
    return (
        f"**Distance** to the nearest of {hood.words}: **{distances[nearest]:.2f}** standard deviations a cell "
        f"(window {hood.numbers[nearest]}). Among these windows the median distance is {np.median(hood.usual):.2f}; "
        f"{hood.unusual(distances[nearest]):.0%} of them are closer to their nearest window than this one is."
    )


def _attention_sentence(view: EditedView) -> str:
    if not view.before.attention_layers:
        return "**Attention**: this model has fewer than two BiLSTM blocks, so no attention layer is used."
    if (steps := view.before.encoded.shape[1]) > AT_ONCE:
        return f"**Attention**: how much of it moved is not computed for {steps:,} steps, which have too many weights to do it in passing."
    moved = attention_moved(view.before, view.after)
    layers = ", ".join(f"{share:.1%} in layer {place}" for place, share in enumerate(moved, 1))
    return (
        f"**Attention**: **{moved.mean():.1%}** of it now goes to other steps than before ({layers}), the mean over heads and steps. "
        "0% is the same attention, 100% is all of it elsewhere."
    )


def show_explanations(view: EditedView) -> None:
    """Draw what both predictions rest on, the explanation by one method of the original and the edited window, and the difference."""
    choice, method = _choose(view)
    sides = Explained(view.scene, view.window.x_before), Explained(view.scene, view.window.x, view.interventions, view.changes)
    _draw_headlines(view, choice, sides)
    if both := explain_both("what_if", sides, choice, method):
        _draw(view, choice, *both)


def _draw_headlines(view: EditedView, choice: ExplanationSettings, sides: tuple[Explained, Explained]) -> None:
    """Draw what the prediction rests on as it was, which Explain says in the same words, and as it is now."""
    values = (float(predicted[choice.output]) for predicted in predictions_of(view))
    runs = dict(side_headline_job(side, choice, value) for side, value in zip(sides, values, strict=True))
    jobs = request_jobs("what_if_headlines", tuple(runs), runs)
    for job, label in zip(jobs.values(), ("As it was", "As it is now"), strict=False):
        draw_headline(job, label)
    offer_usual("what_if", view.scene, choice)


def _choose(view: EditedView) -> tuple[ExplanationSettings, str]:
    choice = chosen(view.scene)
    left, right = st.columns(2)
    left.selectbox(
        "Explain the output",
        listed_outputs(view.scene),
        format_func=view.scene.outputs.__getitem__,
        **in_link("what_if_target", choice.output, "target"),
    )
    with right:
        return choice, choose_method("what_if")


def _draw(view: EditedView, choice: ExplanationSettings, before: Explanation, after: Explanation) -> None:
    scene, unit = view.scene, choice.unit(view.scene) if METHODS[before.method].signed else ""
    sizes = np.maximum(np.abs(before.cells).sum(axis=0), np.abs(after.cells).sum(axis=0))
    order = np.lexsort((-sizes, ~view.window.changed.any(axis=0))).tolist()
    shown = choose_features(
        scene.features, "what_if_explained", order, first=f"edited ones, then the most important by {METHODS[before.method].label}"
    )
    show_figure(
        before_after_heatmaps(
            scene.times,
            before.cells[:, shown],
            after.cells[:, shown],
            changed=view.window.changed[:, shown],
            features=of_features(scene.features, shown),
            unit=unit,
            title="",
        ),
        key="what_if_explanations",
        alt=f"Importance of every cell by {METHODS[before.method].label} before the edits, after them, and the difference",
    )
    caption(
        method=METHODS[before.method].label,
        baseline=before.baseline,
        target=f"{choice.target(scene)}, {unit or 'no unit'}",
        steps=f"{after.attribution.effort}; {after.evaluations} evaluations each",
        switches=setting_words(view),
        device=after.device,
    )
    reading(
        "All three maps share one colour range; red raises the output against the baseline, blue lowers it, and dots are edited cells.",
        "A cell's importance can change although the cell did not: it depends on the edited cells around it.",
    )
