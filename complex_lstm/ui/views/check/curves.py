"""How well a class's probability tells it from the rest: ROC, precision-recall, and for two classes what a threshold does."""

from __future__ import annotations

import numpy as np
import streamlit as st
from jaxtyping import Float

from complex_lstm.evaluation.answered import answered_windows
from complex_lstm.evaluation.blocks import Blocks, Interval
from complex_lstm.evaluation.curves import DRAWS, ClassCurves, at_threshold, class_curves, worst_first
from complex_lstm.figures.calibration import Marked, class_areas, precision_recall_lines, roc_lines
from complex_lstm.figures.predictions import confusion_heatmap
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.part_scores import PartScore, windows_of
from complex_lstm.ui.session.features import MOST_SHOWN
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import caption, plain, reading
from complex_lstm.ui.session.mirrored import mirrored
from complex_lstm.ui.session.state import choose, current, in_link
from complex_lstm.ui.views.check.awaiting import await_part, await_result
from complex_lstm.ui.views.check.part import choose_part

HALF = 0.5  # the threshold that predicts the likelier of two classes
Ranked = tuple[list[int], Float[np.ndarray, " class"]]


def show_curves(scene: Scene) -> None:
    """Draw the curves of one class of a part; of many classes also the area under the curve of the worst."""
    with st.container(key="view-curves"):
        part = choose_part(scene)
        reading(
            "Each point is a threshold: the class is predicted where its probability is at least so high. The area under the ROC curve "
            "(AUC) is the chance that a window of the class has a higher probability than another: 0.5 is no better than chance. Average "
            "precision is the area under the other curve; compare it with the share of the class.",
            "Where a class is rare, the ROC curve looks good while most alarms are false: read the precision. The areas say nothing of "
            "whether the probabilities are calibrated, and a temperature hardly changes them.",
        )
        found = await_part(scene, part)
        if found is None:
            return
        ranked: Ranked | None = await_result(("class_order", found.keys, part), lambda job: _rank(found), "Ranking the classes")
        if ranked is None:
            return
        order, areas = ranked
        if not len(order):
            st.info("None of these windows has both a true answer in the file and a prediction, so there are no curves.", icon="🤷")
            return
        chosen = _choose_class(scene, order, areas)
        made: tuple[ClassCurves, Blocks] | str | None = await_result(
            ("curves", found.keys, part, chosen), lambda job: _curves(job, found, chosen), "Drawing the blocks anew for the intervals"
        )
        if isinstance(made, str):
            st.info(plain(made), icon="🤷")
        elif made is not None:
            _draw(scene, found, chosen, *made)
        if len(scene.outputs) > 2 and np.isfinite(areas).any():
            _draw_areas(scene, order, areas)


def _rank(found: PartScore) -> Ranked:
    own = answered_windows(cache.dataset(*found.keys), found.predictions)
    return worst_first(own.predicted, own.actual) if len(own) else ([], np.zeros(0))


def _curves(job: Job[object], found: PartScore, chosen: int) -> tuple[ClassCurves, Blocks] | str:
    dataset = cache.dataset(*found.keys)
    own = answered_windows(dataset, found.predictions)
    name, is_class = dataset.schema.outputs[chosen], own.actual == chosen
    made = class_curves(own.predicted[:, chosen], is_class, own.blocks, stop=job.must_stop)
    if made is None:
        return (
            f"{'All' if is_class.all() else 'None'} of these {len(own):,} windows are of the class {name}: there is nothing to tell apart."
        )
    return made, own.blocks


def _choose_class(scene: Scene, order: list[int], areas: Float[np.ndarray, " class"]) -> int:
    """Draw the choice of a class, that with the smallest area first; of two classes the second is meant where the link names none."""
    wanted = current().check.of
    first = 1 if len(order) == 2 else order[0]
    shown = wanted if wanted is not None and wanted < len(order) else first
    chosen = st.selectbox(
        "Class, against the rest: the hardest to tell apart first",
        order,
        format_func=lambda one: (
            f"{scene.outputs[one]} · AUC {areas[one]:.3f}" if np.isfinite(areas[one]) else f"{scene.outputs[one]} · no AUC"
        ),
        **in_link("check_class", shown, "of"),
    )
    return int(chosen)


def _draw(scene: Scene, found: PartScore, chosen: int, made: ClassCurves, blocks: Blocks) -> None:
    name, share = scene.outputs[chosen], made.positives / made.windows
    left, middle, right = st.columns(3)
    left.metric("AUC", f"{made.auc.value:.3f}", _ends(made.auc), delta_color="off", delta_arrow="off")
    middle.metric(
        "average precision", f"{made.average_precision.value:.3f}", _ends(made.average_precision), delta_color="off", delta_arrow="off"
    )
    right.metric(
        f"share of {plain(name)}", f"{share:.3f}", f"{made.positives:,} of {made.windows:,} windows", delta_color="off", delta_arrow="off"
    )
    on_roc = on_precision = None
    if len(scene.outputs) == 2:
        on_roc, on_precision = _draw_threshold(scene, found, chosen)
    left, right = st.columns(2)
    show_figure(
        place=left,
        figure=roc_lines(made.roc, name=name, title="ROC", marked=on_roc),
        key="check_roc",
        alt="True positive rate over false positive rate of the class against the rest, with its 95% band",
    )
    show_figure(
        place=right,
        figure=precision_recall_lines(made.precision_recall, name=name, share=share, title="Precision and recall", marked=on_precision),
        key="check_precision_recall",
        alt="Precision over recall of the class against the rest, with its 95% band",
    )
    caption(
        method="one class against the rest, areas as in scikit-learn",
        windows=windows_of(scene, found.part, made.windows),
        band=f"95%, of {DRAWS} draws of {blocks.count:,} {blocks.kind}" if blocks.is_enough else "none: fewer than 6 blocks",
        probabilities="" if scene.temperature == 1 else f"calibrated, temperature {scene.temperature:.3g}",
    )


def _ends(one: Interval) -> str:
    return "too few blocks for an interval" if np.isnan(one.low) else f"95% interval {one.low:.3f} to {one.high:.3f}"


def _draw_threshold(scene: Scene, found: PartScore, chosen: int) -> tuple[Marked, Marked | None]:
    """Draw the slider of a threshold and what it does to the windows; return its points on the two curves."""
    given = current().check.threshold
    shown = HALF if given is None or given > 1000 else round(given / 10) / 100
    name, other = scene.outputs[chosen], scene.outputs[1 - chosen]
    threshold = st.slider(
        f"Predict {plain(name)} where its probability is at least",
        0.0,
        1.0,
        step=0.01,
        **mirrored("check_threshold", shown, _keep_threshold),
    )
    own = answered_windows(cache.dataset(*found.keys), found.predictions)
    here = at_threshold(own.predicted[:, chosen], own.actual == chosen, threshold)
    left, right = st.columns([2, 3])
    show_figure(
        place=left,
        figure=confusion_heatmap(
            np.array([[here.true_positives, here.false_negatives], [here.false_positives, here.true_negatives]]),
            classes=(name, other if (own.actual < 2).all() else "other"),
            title=f"Confusion at {threshold:.2f}",
        ),
        key="check_threshold_confusion",
        alt="Counts of windows by actual and predicted class at the threshold",
    )
    with right:
        for label, value in (("precision", here.precision), ("recall", here.recall), ("accuracy", here.accuracy)):
            st.markdown(f"**{label}** {'undefined: it is never predicted' if np.isnan(value) else f'{value:.3f}'}")
        st.caption("The threshold changes this view alone. Everywhere else the likelier class is predicted, which is a threshold of 0.5.")
    on_precision = None if np.isnan(here.precision) else Marked(here.recall, here.precision, threshold)
    return Marked(here.false_positive_rate, here.recall, threshold), on_precision


def _keep_threshold() -> None:
    choose(threshold=round(1000 * st.session_state["check_threshold"]))


def _draw_areas(scene: Scene, order: list[int], areas: Float[np.ndarray, " class"]) -> None:
    shown = [one for one in order if np.isfinite(areas[one])][:MOST_SHOWN]
    title = (
        "Each class against the rest" if len(shown) == len(scene.outputs) else f"The {len(shown)} classes that are hardest to tell apart"
    )
    show_figure(
        class_areas(areas[shown], names=tuple(scene.outputs[one] for one in shown), title=title),
        key="check_areas",
        alt="The area under the ROC curve of each class against the rest",
    )
    known = int(np.isfinite(areas).sum())
    absent = f"; {len(areas) - known} have none, since all of these windows are of the class or none is" if known < len(areas) else ""
    st.caption(f"{known} of {len(areas)} classes have an area{absent}. The mean is {areas[np.isfinite(areas)].mean():.3f}.")
