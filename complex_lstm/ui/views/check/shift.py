"""Training against the shown part or file: which features have moved, and whether the error moved with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.evaluation.answered import answered_windows
from complex_lstm.evaluation.blocks import Interval, mean_interval
from complex_lstm.evaluation.drift import LEVEL, Drift, Shift, describe_drift, measure_drift
from complex_lstm.evaluation.drift_and_error import ShiftAndError, describe_error, error_with_shift
from complex_lstm.evaluation.row_blocks import compared_rows, has_part
from complex_lstm.evaluation.slices import window_errors
from complex_lstm.figures.slices import share_curves
from complex_lstm.ui.compute import cache, trained_on
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import caption, part_words, plain, reading
from complex_lstm.ui.session.mirrored import mirrored
from complex_lstm.ui.session.state import choose, current, follow
from complex_lstm.ui.views.check.awaiting import await_result
from complex_lstm.ui.views.check.part import choose_part

PAGE = "shift"
WITH_INTERVAL = 12  # features, those that moved farthest, whose correlation with the error is worked out


@dataclass(frozen=True)
class PartShift:
    """How far a part is from training, and the model's mean error on both, in training deviations; None where it is not known.

    `learned` is how many windows of the training part have an answer and a prediction.
    """

    drift: Drift
    together: ShiftAndError | None
    error: Interval | None
    training_error: Interval | None
    learned: int = 0


def show_shift(scene: Scene) -> None:
    """Draw how far each feature of a part has moved from training, and its values in both."""
    with st.container(key="view-shift"):
        part = choose_part(scene)
        if reason := _why_not(scene, part):
            st.info(reason, icon="🤷")
            return
        keys, facts = cache.all_windows(scene.keys), trained_on.facts_of(scene.keys[1])

        def run(job: Job[PartShift]) -> PartShift:
            dataset = cache.dataset(*keys)
            rows = compared_rows(dataset, part)
            drift = measure_drift(dataset, part, facts, rows=rows, progress=job.report_progress, stop=job.must_stop)
            assert drift is not None  # `_why_not` has seen to it
            predictions = cache.part_predictions(keys, part, job.report_progress, job.must_stop)
            answered = answered_windows(dataset, predictions)
            if not len(answered):
                return PartShift(drift, None, None, None)
            names = tuple(one.name for one in drift.shifts[:WITH_INTERVAL])
            together = error_with_shift(answered, part, names, facts, rows)
            known = answered_windows(dataset, cache.part_predictions(keys, "training", job.report_progress, job.must_stop))
            training_error = mean_interval(window_errors(known), known.blocks) if len(known) else None
            own_error = mean_interval(window_errors(answered), answered.blocks)
            return PartShift(drift, together, own_error, training_error, len(known))

        found: PartShift | None = await_result(("shift", keys, part, facts is None), run, f"Comparing {plain(part)} with training", PAGE)
        if found is not None:
            _draw(scene, part, found)


def _why_not(scene: Scene, part: str) -> str:
    """Return why a part cannot be compared with training, "" where it can."""
    if part == "training":
        others = any(span.part != "training" for span in scene.dataset.spans)
        return f"The training part is what others are compared with. {'Choose another part.' if others else 'This file has no other.'}"
    if part == "this file":
        return "The checkpoint holds weights alone: what it was trained on is not known, so nothing can be compared with it."
    if not has_part(scene.dataset, "training") and trained_on.facts_of(scene.keys[1]) is None:
        return (
            "The checkpoint keeps only means and deviations of its training data, which say too little of how its values were spread. "
            "Open the file that it was trained on once, on Data: it is then known in this workspace."
        )
    return ""


def _draw(scene: Scene, part: str, found: PartShift) -> None:
    drift, words = found.drift, part_words(part)
    st.markdown(plain(describe_drift(drift, words)))
    st.markdown(plain(describe_error(found.together, found.error, found.training_error, words, drift.kind, is_classes=scene.is_classes)))
    shift = _choose_feature(drift)
    is_file = drift.against == "training"
    if len(shift.levels):
        show_figure(
            share_curves(
                shift.levels,
                shift.before,
                shift.after,
                name=shift.name,
                unit=shift.unit,
                new=part,
                are_quantiles=not is_file,
                title=f"Values in training and in {words}",
            ),
            key="shift_curves",
            alt=f"Shares of the values of one feature in training and in {words}",
        )
    else:
        st.info(f"{plain(shift.name)} has no value in training or in {plain(words)}, so there is nothing to draw.", icon="🤷")
    usual = f"{LEVEL:.0%} of draws of whole {drift.kind} of {drift.judged_by}"
    caption(
        method="Kolmogorov-Smirnov distance" + ("" if is_file else ", the least that fits the quantiles in the checkpoint"),
        judged_by=f"{usual}, and of as many neighbouring ones" if drift.kind not in ("series", "groups") else usual,
        blocks=f"{drift.blocks[0]:,} of training, {drift.blocks[1]:,} here" if is_file else f"{drift.blocks[1]:,} here",
        error_on_training=f"of all {found.learned:,} windows with an answer" if found.training_error else "",
    )
    reading(
        "A line rises where values are common. The distance is the largest gap between the two lines, straight up or down. A feature has "
        f"moved if its distance is larger than usual within {drift.judged_by}: that of as many {drift.kind} from all others, whether "
        f"drawn at random or in a row.",
        "Two features may each look as in training and still occur in new combinations, and one that has moved may not matter to the "
        f"model. Whole {drift.kind} are compared because neighbouring rows are alike: a test row by row would call nearly every feature "
        f"moved.",
    )
    _draw_table(scene, part, found)


def _choose_feature(drift: Drift) -> Shift:
    """Draw the choice of a feature, the farthest moved first, and return its shift."""
    names = [one.name for one in drift.shifts]
    wanted = current().check.feature
    shown = names.index(wanted) if wanted in names else 0
    place: int = st.selectbox(
        f"Feature, the farthest moved of {len(names):,} first",
        range(len(names)),
        format_func=names.__getitem__,  # without the verdict, which changes with the part: Streamlit knows an option by its words
        **mirrored("shift_feature", shown, lambda: choose(feature=names[st.session_state["shift_feature"]])),
    )
    return drift.shifts[place]


def _draw_table(scene: Scene, part: str, found: PartShift) -> None:
    """Draw a row for each feature. A row draws its values."""
    drift, of_feature = found.drift, found.together.of_feature if found.together else {}
    rows = [
        {
            "feature": f"{one.name} ({one.unit})" if one.unit else one.name,
            "verdict": one.verdict,
            "distance": one.distance,
            "usual by chance": one.by_chance,
            "usual in a stretch": one.by_time,
            "stability index": one.stability,
            "median in training": one.medians[0],
            "median here": one.medians[1],
            "empty in training": one.missing[0],
            "empty here": one.missing[1],
            "with the error": _written(of_feature.get(one.name)),
        }
        for one in drift.shifts
    ]
    frame = pd.DataFrame(rows)
    if frame["usual in a stretch"].isna().all():
        frame = frame.drop(columns="usual in a stretch")
    if found.together is None:
        frame = frame.drop(columns="with the error")
    key = "_".join(["shift_table", part, *scene.keys[:3]])
    shares = {name: st.column_config.NumberColumn(format="percent") for name in ("empty in training", "empty here")}
    with_three = ("distance", "usual by chance", "usual in a stretch", "stability index")
    numbers = {name: st.column_config.NumberColumn(format="%.3f") for name in with_three}
    medians = {name: st.column_config.NumberColumn(format="%.4g") for name in ("median in training", "median here")}
    picked = st.dataframe(
        frame,
        key=key,
        hide_index=True,
        height="auto",
        on_select="rerun",
        selection_mode="single-row",
        alt="One row for each feature, the farthest moved first",
        column_config=shares | numbers | medians,
    )
    follow(key, [drift.shifts[row].name for row in picked["selection"]["rows"] if row < len(drift.shifts)], "feature")
    caption(
        stability_index="over the tenths of training's values; by convention 0.1 is small and 0.25 large, as if rows were independent",
        with_the_error=f"rank correlation over the {drift.kind}, of the {len(of_feature)} features that moved farthest"
        if of_feature
        else "",
        click="a row shows its values",
    )


def _written(one: Interval | None) -> str:
    if one is None or not np.isfinite(one.value):
        return ""
    return f"{one.value:+.2f} ({one.low:+.2f} to {one.high:+.2f})" if np.isfinite(one.low) else f"{one.value:+.2f}"
