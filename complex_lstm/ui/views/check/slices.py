"""Where the model is worst: its windows cut by what is known of them, each slice against the others, and a slice's windows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from complex_lstm.data.units import digits
from complex_lstm.evaluation.answered import AnsweredWindows, answered_windows
from complex_lstm.evaluation.blocks import LEVEL
from complex_lstm.evaluation.cutting import Cut, find_cut
from complex_lstm.evaluation.slices import (
    FALSE_SHARE,
    FEWEST_BLOCKS,
    FEWEST_WINDOWS,
    PairedSlices,
    Slice,
    describe_pairs,
    describe_slices,
    score_pairs,
    score_slices,
    target_errors,
    window_errors,
    worst_slices,
)
from complex_lstm.figures.slices import slice_dots
from complex_lstm.inference import Predictions, prediction_frame
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.part_scores import window_errors as confidence_errors
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import caption, plain, reading
from complex_lstm.ui.session.mirrored import mirrored
from complex_lstm.ui.session.outputs import listed_outputs
from complex_lstm.ui.session.state import choose, current, follow, in_link
from complex_lstm.ui.views.check.awaiting import await_result
from complex_lstm.ui.views.check.part import choose_part
from complex_lstm.ui.views.check.window_table import draw_windows

PAGE = "slices"
WORST = ""  # the name, in the link, of no single property
PAIRS = "×"  # and of every two
OF_ALL = {WORST: "the worst of all properties", PAIRS: "the worst of all pairs of two properties"}
EVERY = -1  # in the place of a target: the mean over all
WORST_DRAWN, MOST_DRAWN = 12, 31  # slices in the figure: of all properties, and of one
MOST_LISTED = 500  # windows of a slice
MOST_IN_UNITS = 4  # targets whose errors have columns of their own


@dataclass(frozen=True)
class PartSlices:
    """The slices of a part's windows, and the predictions that they are scored by."""

    predictions: Predictions
    slices: tuple[Slice, ...]


def show_slices(scene: Scene) -> None:
    """Draw the error in the slices of a part's windows, the worst first or those of one property, and the windows of one."""
    with st.container(key="view-slices"):
        part = choose_part(scene)
        has_targets = not scene.is_classes and len(scene.outputs) > 1
        left, right = st.columns(2) if has_targets else (st.container(), st.container())
        target = _choose_target(scene, left) if has_targets else None
        keys = cache.all_windows(scene.keys)

        def run(job: Job[PartSlices]) -> PartSlices:
            found = cache.part_predictions(keys, part, job.report_progress, job.must_stop)
            answered = answered_windows(cache.dataset(*keys), found)
            return PartSlices(found, score_slices(answered, target, progress=job.report_progress, stop=job.must_stop))

        found: PartSlices | None = await_result(("slices", keys, part, target), run, f"Scoring the slices of {plain(part)}", PAGE)
        if found is None:
            return
        answered = answered_windows(cache.dataset(*keys), found.predictions)
        if not len(answered):
            st.info("None of these windows has both a true value in the file and a prediction, so they cannot be scored.", icon="🤷")
            return
        cut = _choose_cut(found.slices, right) if found.slices else WORST
        if cut == PAIRS:
            pairs = _pair(keys, part, target, answered)
            if pairs is None:
                return
            st.markdown(plain(describe_pairs(pairs, is_classes=answered.is_classes)))
            found = PartSlices(found.predictions, pairs.slices)
        else:
            st.markdown(plain(describe_slices(found.slices, answered.blocks, is_classes=answered.is_classes)))
        if found.slices:
            _draw(scene, part, target, cut, answered, found)


def _pair(keys: tuple[str, str, str, int], part: str, target: int | None, answered: AnsweredWindows) -> PairedSlices | None:
    """Return the pairs of two properties' values, None while they are worked out."""

    def run(job: Job[PairedSlices]) -> PairedSlices:
        return score_pairs(answered, target, progress=job.report_progress, stop=job.must_stop)

    found: PairedSlices | None = await_result(("slice_pairs", keys, part, target), run, f"Pairing the slices of {plain(part)}", PAGE)
    return found


def _choose_target(scene: Scene, place: DeltaGenerator) -> int | None:
    """Draw the choice of the target whose error counts, and return its number; None for the mean over all."""
    wanted = current().check.error_of
    shown = scene.outputs.index(wanted) if wanted in scene.outputs else EVERY

    def take() -> None:
        chosen = st.session_state["slices_target"]
        choose(error_of="" if chosen == EVERY else scene.outputs[chosen])

    target: int = place.selectbox(
        "Error of",
        [EVERY, *listed_outputs(scene)],
        format_func=lambda one: f"all {len(scene.outputs)} targets, their mean" if one == EVERY else scene.outputs[one],
        **mirrored("slices_target", shown, take),
    )
    return None if target == EVERY else target


def _error_of(scene: Scene, target: int | None) -> str:
    """Return whose error counts, in words."""
    return scene.outputs[target or 0] if target is not None or len(scene.outputs) == 1 else "mean over the targets"


def _draw(scene: Scene, part: str, target: int | None, cut: str, answered: AnsweredWindows, found: PartSlices) -> None:
    """Draw the slices of a cut, or the worst of all, in a figure and a table, and the windows of the one that is open."""
    shown = worst_slices(found.slices, MOST_DRAWN) if cut in OF_ALL else [one for one in found.slices if one.cut == cut]
    if not shown:
        st.caption("Choose a property to see its slices.")
        return
    drawn = shown[:WORST_DRAWN] if cut in OF_ALL else shown
    if len(drawn) > MOST_DRAWN:
        drawn = sorted(shown, key=lambda one: -one.error)[:MOST_DRAWN]
    labels = [one.label if cut in OF_ALL else one.name for one in drawn]
    opened = next((one for one in found.slices if one.label == current().check.slice), None)
    event = show_figure(
        slice_dots(
            labels,
            np.array([[one.difference.value, one.difference.low, one.difference.high] for one in drawn]),
            np.array([one.is_beyond_chance for one in drawn]),
            links=[one.label for one in drawn],
            x="share of wrong windows, slice minus others"
            if answered.is_classes
            else "mean error in training deviations, slice minus others",
            title="How much worse each slice is than the other windows: click a dot to list its windows",
            chosen=drawn.index(opened) if opened in drawn else None,
        ),
        key="slices_dots",
        on_select="rerun",
        selection_mode="points",
        alt="How much worse each slice of the windows is than the others, with intervals",
    )
    follow("slices_dots", [one for one in _clicked(event) if one in {each.label for each in found.slices}], "slice")
    blocks = answered.blocks
    caption(
        method=f"mean error of a slice less that of the others; {LEVEL:.0%} interval by drawing whole {blocks.kind}, with Student's t",
        windows=f"{len(answered):,} of {part}, {blocks.count:,} {blocks.kind}",
        error_of="" if answered.is_classes else _error_of(scene, target),
        clock="of a window's last step" if any("hour of day" in one.cut for one in shown) else "",
        shown=f"{len(drawn)} of {len(shown):,} slices" if len(drawn) < len(shown) else "",
        device=found.predictions.device,
        time=f"{found.predictions.seconds:.2f} s when computed",
    )
    reading(
        f"Right of zero a slice is worse than the other windows. The worst are ranked by the lower end of the interval times their share "
        f"of the windows: at least so much of the mean error is due to them. Slices with fewer than {FEWEST_WINDOWS} windows or "
        f"{FEWEST_BLOCKS} {blocks.kind} are listed, and not ranked.",
        f"Whoever looks at many slices finds some that are worse by chance: only those called beyond chance remain when their number is "
        f"counted (Benjamini and Hochberg, {FALSE_SHARE:.0%}). Slices overlap, and a property that goes with the error need not cause it.",
    )
    if cut == PAIRS:
        st.caption("Of a pair the others are the windows with one of its two values only: of the two comparisons the less certain one.")
    _draw_table(scene, part, cut, answered, shown)
    if opened is not None:
        _draw_windows(scene, part, target, answered, found, opened)


def _choose_cut(slices: tuple[Slice, ...], place: DeltaGenerator) -> str:
    """Draw the choice of a property, and return its name; "" for the worst slices of all."""
    counts: dict[str, int] = {}
    for one in slices:
        counts[one.cut] = counts.get(one.cut, 0) + 1
    wanted = current().check.cut
    shown = wanted if wanted in counts or wanted == PAIRS else WORST
    return str(
        place.selectbox(
            f"Cut the windows by one of {len(counts):,} properties",
            [WORST, *([PAIRS] if len(counts) > 1 else ()), *counts],
            format_func=lambda one: OF_ALL.get(one) or f"{one} ({counts[one]} slices)",
            **in_link("slices_cut", shown, "cut", slice=""),
        )
    )


def _clicked(event: Any) -> list[str]:
    """Return the labels of the slices that are selected in the figure."""
    found = [point.get("customdata") for point in (event["selection"]["points"] if event else [])]
    return [str(one[0] if isinstance(one, list) else one) for one in found if one is not None]


def _draw_table(scene: Scene, part: str, cut: str, answered: AnsweredWindows, shown: list[Slice]) -> None:
    """Draw a row for each slice; a row lists its windows."""
    rows = []
    targets = [] if answered.is_classes or len(scene.outputs) > MOST_IN_UNITS else list(enumerate(scene.outputs))
    for one in shown:
        row: dict[str, object] = {"slice": one.label if cut in OF_ALL else one.name, "windows": one.windows, "share": one.share}
        if answered.is_classes:
            row |= {"accuracy": 1 - one.error, "others": 1 - one.rest}
        else:
            row |= {"error (deviations)": one.error, "others": one.rest}
        row |= {"worse by": one.difference.value, "from": one.difference.low, "to": one.difference.high}
        row |= {"blocks": one.blocks, "beyond chance": "yes" if one.is_beyond_chance else "no" if one.is_ranked else "not ranked"}
        if targets:
            row |= _in_units(scene, part, answered, one, targets)
        rows.append(row)
    key = "_".join(["slices_table", part, cut, current().check.error_of, *scene.keys[:3]])
    numbers = {
        name: st.column_config.NumberColumn(format="%.3f")
        for name in ("accuracy", "error (deviations)", "others", "worse by", "from", "to")
    }
    picked = st.dataframe(
        pd.DataFrame(rows),
        key=key,
        hide_index=True,
        height="auto",
        on_select="rerun",
        selection_mode="single-row",
        alt="One row for each slice",
        column_config=numbers | {"share": st.column_config.NumberColumn(format="percent")},
    )
    follow(key, [shown[row].label for row in picked["selection"]["rows"] if row < len(shown)], "slice")


def _in_units(scene: Scene, part: str, answered: AnsweredWindows, one: Slice, targets: list[tuple[int, str]]) -> dict[str, str]:
    """Return the mean absolute error of each target in its unit, in a slice and in the other windows, as columns of the table."""
    cut = _cut_of(scene, part, answered, one)
    if cut is None:
        return {}
    inside, others = cache.remember("slice_errors", (scene.keys, part, one.label), lambda: target_errors(answered, cut, one.name), most=512)
    columns = {}
    for at, name in targets:
        unit = scene.dataset.schema.unit(name)
        columns[f"{name} ({unit})" if unit else name] = f"{digits(inside[at])}, others {digits(others[at])}"
    return columns


def _cut_of(scene: Scene, part: str, answered: AnsweredWindows, one: Slice) -> Cut | None:
    """Return the cut that a slice belongs to."""
    return cache.remember("slice_cut", (scene.keys, part, one.cut), lambda: find_cut(answered, one.cut))


def _draw_windows(scene: Scene, part: str, target: int | None, answered: AnsweredWindows, found: PartSlices, opened: Slice) -> None:
    """Draw the windows of a slice, those with the largest error first. A row opens its window."""
    cut = _cut_of(scene, part, answered, opened)
    if cut is None:
        return
    inside = cut.of_window == cut.slices.index(opened.name)
    windows, dataset, predictions = answered.windows[inside], answered.dataset, found.predictions
    if answered.is_classes:
        errors = confidence_errors(dataset, predictions)[np.searchsorted(predictions.chosen, windows)]
    else:
        errors = window_errors(answered, target)[inside]
    order = np.argsort(-errors, kind="stable")[:MOST_LISTED]
    left, right = st.columns([5, 1], vertical_alignment="bottom")
    left.header(plain(opened.label))
    right.button("Close", key="slices_close", on_click=lambda: choose(slice=""))
    chosen = windows[order]
    at = np.searchsorted(predictions.chosen, chosen)
    own = replace(
        predictions,
        chosen=chosen,
        outputs=predictions.outputs[at],
        ensemble_head_outputs=predictions.ensemble_head_outputs[at],
        predicted=predictions.predicted[at],
    )
    frame = prediction_frame(dataset, own)
    frame.insert(0, "error", errors[order])
    draw_windows(
        scene,
        dataset,
        chosen,
        frame[[name for name in frame if _is_shown(scene, str(name))]],
        key="_".join(["slices_windows", part, opened.label, *scene.keys[:3]]),
        alt="One row for each window of the slice",
        column_config={"error": st.column_config.NumberColumn(format="%.3f")},
    )
    caption(
        windows=f"{len(chosen):,} of {len(windows):,}, the largest error first",
        error="1 minus the probability of its class"
        if answered.is_classes
        else f"absolute, in training deviations, {_error_of(scene, target)}",
        click="a row opens its window, or the nearest that is listed",
    )


def _is_shown(scene: Scene, column: str) -> bool:
    """Return whether a column is in the table of a slice's windows: of many targets only that whose error counts is."""
    if scene.is_classes:
        return not column.startswith("probability_")
    outputs = {f"{what}_{name}" for what in ("predicted", "actual") for name in scene.outputs}
    one = current().check.error_of or scene.outputs[0]
    return column not in outputs or len(scene.outputs) <= MOST_IN_UNITS or column in (f"predicted_{one}", f"actual_{one}")
