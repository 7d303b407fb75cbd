"""How far around a forecast the actual value lies: conformal prediction intervals, with the coverage that is measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from jaxtyping import Bool, Float

from complex_lstm.data import times_at
from complex_lstm.data.units import digits
from complex_lstm.evaluation.answered import AnsweredWindows, answered_windows
from complex_lstm.evaluation.blocks import Interval
from complex_lstm.evaluation.intervals import (
    FOLDS,
    CoverageRow,
    PredictionIntervals,
    coverage_by,
    cross_intervals,
    fewest_windows,
    split_intervals,
)
from complex_lstm.evaluation.residuals import hours_of
from complex_lstm.figures.residuals import interval_band
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.known_interval import KnownInterval, keep_interval
from complex_lstm.ui.explaining.part_scores import PartScore, windows_of
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.listing import drawn_around, most_drawn, nearest_listed, place_of
from complex_lstm.ui.session.messages import caption, plain, reading
from complex_lstm.ui.session.outputs import listed_outputs
from complex_lstm.ui.session.state import choose_switch, clicked_points, current, follow, in_link
from complex_lstm.ui.views.check.awaiting import await_part_and_source, await_result
from complex_lstm.ui.views.check.part import choose_part
from complex_lstm.ui.views.check.scores import MOST_DRAWN

LEVELS = {80: "80%", 90: "90%", 95: "95%"}
USUAL = 90
SAME, BY_CHANGE, BY_HEADS = "", "change", "heads"
WIDTHS = {SAME: "the same for all", BY_CHANGE: "by the predicted change", BY_HEADS: "by the ensemble heads' disagreement"}
FEW_ROWS = 30  # series in the table, those least covered first


@dataclass(frozen=True)
class Covered:
    """The intervals of a part's windows, and the coverage that is measured: of each target, and of one by hour and by series.

    `is_crossed` says that the part itself was the calibration part, fold by fold.
    """

    own: AnsweredWindows
    intervals: PredictionIntervals
    coverage: tuple[Interval, ...]
    by_hour: tuple[CoverageRow, ...]
    by_series: tuple[CoverageRow, ...]
    is_crossed: bool


def show_intervals(scene: Scene) -> None:
    """Draw the intervals of a part's forecasts over time, their measured coverage and width, and where the coverage has holes."""
    with st.container(key="view-intervals"):
        part = choose_part(scene)
        reading(
            "The band is as wide as the model's errors were on other windows: of 100 forecasts about as many as the level says should lie "
            "in it. Measured coverage says how many did. A good model has narrow bands with the wished coverage.",
            "Coverage is a mean: at some hours, or in one series, it may be far lower, see the tables. It is promised for windows that "
            "could be exchanged with those that set the width; when weather, machine or season change, it is not kept.",
        )
        both = await_part_and_source(scene, part)
        if both is None:
            return
        found, source = both
        first, second = st.columns(2)
        wanted = current().check
        target = choose_target(scene, second)
        level: int = choose_switch(
            "Level", LEVELS, wanted.level if wanted.level in LEVELS else USUAL, key="check_level", name="level", place=first
        )
        width: str = choose_switch("Width", WIDTHS, wanted.width if wanted.width in WIDTHS else SAME, key="check_width", name="width")
        made: Covered | str | None = await_result(
            ("intervals", found.keys, part, target, level, width),
            lambda job: cover(found, source, target, level / 100, width),
            "Measuring the coverage",
        )
        if isinstance(made, str):
            st.info(made, icon="🤷")
        elif made is not None:
            keep_interval(KnownInterval(found.keys, made.intervals.level, made.own.windows, made.intervals.half))
            _draw(scene, found, made, target, width)


def cover(found: PartScore, source: PartScore, target: int, level: float, width: str) -> Covered | str:
    """Return the intervals of a part with widths from the windows of `source`, or from the part itself; in words why there are none."""
    dataset = cache.dataset(*found.keys)
    own, given = answered_windows(dataset, found.predictions), answered_windows(dataset, source.predictions)
    if not len(own):
        return "None of these windows has both a true answer in the file and a prediction, so no error is known."
    is_crossed = source is found or len(given) < fewest_windows(level)
    of_own = _difficulty(own, found, width)
    if is_crossed:
        made = cross_intervals(own.errors, own.blocks, level, difficulty=of_own)
    else:
        of_given = _difficulty(given, source, width)
        made = split_intervals(given.errors, len(own), level, calibration_difficulty=of_given, difficulty=of_own)
    if not np.isfinite(made.half).all():
        return (
            f"An interval of {level:.0%} needs errors of {fewest_windows(level)} other windows or more, in two blocks or more. Here are "
            f"{len(own):,} windows in {own.blocks.count:,} {own.blocks.kind}: choose another part or a lower level."
        )
    covered, hours = made.covers(own.errors), hours_of(dataset, own.windows)
    one = (covered[:, target], made.half[:, target], own.blocks)
    of_hours = () if hours is None else coverage_by(hours, tuple(f"{hour:02}:00" for hour in range(24)), *one)
    series = dataset.windows.series[own.windows]
    names = tuple(each.name for each in dataset.series)
    of_series = coverage_by(series, names, *one) if len(np.unique(series)) > 1 else ()
    return Covered(own, made, made.coverage(own.errors, own.blocks), of_hours, of_series, is_crossed)


def _difficulty(windows: AnsweredWindows, found: PartScore, width: str) -> Float[np.ndarray, "window target"] | None:
    """Return what the width of an interval is proportional to, None where all are equally wide.

    A window without a last value has no predicted change: it is taken for one of the middle.
    """
    if width == BY_CHANGE:
        change = np.abs(windows.predicted - windows.dataset.windows.last[windows.windows])
        middle = np.array([np.median(column[np.isfinite(column)]) if np.isfinite(column).any() else 0.0 for column in change.T])
        return np.where(np.isfinite(change), change, middle)
    if width == BY_HEADS:
        places = np.flatnonzero(np.isin(found.predictions.chosen, windows.windows))
        return np.asarray(found.predictions.ensemble_head_outputs[places].std(axis=1), dtype=float)
    return None


def choose_target(scene: Scene, place: st.delta_generator.DeltaGenerator) -> int:
    """Draw the choice of a target, where there are several, and return it: the one in the link, else the first."""
    if len(scene.outputs) == 1:
        return 0
    wanted = current().check.of
    shown = wanted if wanted is not None and wanted < len(scene.outputs) else 0
    chosen = place.selectbox(
        "Target",
        listed_outputs(scene),
        format_func=scene.outputs.__getitem__,
        **in_link("check_target", shown, "of"),
    )
    return int(chosen)


def _draw(scene: Scene, found: PartScore, made: Covered, target: int, width: str) -> None:
    unit, level = scene.dataset.schema.unit(scene.outputs[target]), made.intervals.level
    left, middle, right = st.columns(3)
    within = made.coverage[target]
    left.metric("measured coverage", f"{within.value:.1%}", _ends(within), delta_color="off", delta_arrow="off")
    middle.metric("wished", f"{level:.0%}", _judged(within, level), delta_color="off", delta_arrow="off")
    mean = made.intervals.mean_width[target]
    right.metric("mean width", plain(f"{digits(mean)} {unit}".rstrip()), "from end to end", delta_color="off", delta_arrow="off")
    _draw_band(scene, found, made, target)
    caption(
        method="conformal prediction (Lei et al. 2018)" + ("" if width == SAME else f", width {WIDTHS[width]}"),
        windows=windows_of(scene, found.part, len(made.own)),
        width_from=(
            f"the part itself, in {FOLDS} folds of whole blocks, each measured with widths from the others"
            if made.is_crossed
            else f"the errors of {made.intervals.calibrated_on:,} validation windows"
        ),
        interval=f"95%, of draws of {made.own.blocks.count:,} {made.own.blocks.kind}"
        if made.own.blocks.is_enough
        else "none: too few blocks",
    )
    if len(scene.outputs) > 1:
        _draw_targets(scene, made)
    _draw_groups(made, unit)


def _ends(one: Interval) -> str:
    return "too few blocks for an interval" if np.isnan(one.low) else f"95% interval {one.low:.1%} to {one.high:.1%}"


def _judged(one: Interval, level: float) -> str:
    if np.isnan(one.low):
        return "too few blocks to judge"
    if one.high < level:
        return "fewer than promised"
    return "more than promised: wider than needed" if one.low > level else "kept, as far as can be told"


def _draw_band(scene: Scene, found: PartScore, made: Covered, target: int) -> None:
    """Draw the band for the window's series, or for the part's first series. A click on a point opens its window."""
    dataset, listed, name = cache.dataset(*found.keys), scene.dataset.windows, scene.outputs[target]
    windows, chosen = dataset.windows, made.own.windows
    series = windows.series[chosen]
    drawn_series = listed.series[scene.number] if (series == listed.series[scene.number]).any() else series[0]
    of_series = np.flatnonzero(series == drawn_series)
    of_series = of_series[np.argsort(windows.start[chosen[of_series]], kind="stable")]
    here = place_of(windows, chosen[of_series], listed, scene.number)
    most = most_drawn(len(of_series), MOST_DRAWN, "check_intervals", points=4)
    drawn = of_series[drawn_around(here, len(of_series), most)]
    own = chosen[drawn]
    nearest, _ = nearest_listed(windows, own, listed)
    steps = windows.last_step(own) + dataset.window.horizon
    inside: Bool[np.ndarray, " window"] = made.intervals.covers(made.own.errors)[drawn, target]
    figure = interval_band(
        times_at(dataset.series[int(drawn_series)].times, steps),
        made.own.actual[drawn, target],
        made.own.predicted[drawn, target],
        made.intervals.half[drawn, target],
        inside,
        windows=nearest,
        level=made.intervals.level,
        name=name,
        unit=dataset.schema.unit(name),
        title=f"{made.intervals.level:.0%} intervals: click a point to open its window",
    )
    event = show_figure(
        figure,
        key="check_intervals",
        on_select="rerun",
        selection_mode="points",
        alt="Predicted values with their interval, and actual values",
    )
    name_of_series = plain(dataset.series[int(drawn_series)].name)
    more = f"{len(drawn):,} of {len(of_series):,} windows" if len(drawn) < len(of_series) else f"{len(of_series):,} windows"
    if len(dataset.series) > 1 or len(drawn) < len(of_series):
        st.caption(f"Drawn is the series {name_of_series}, {more}; coverage and width are of all windows of the part.")
    follow("check_intervals", clicked_points(event))


def _draw_targets(scene: Scene, made: Covered) -> None:
    rows = [
        {"target": name, "coverage": f"{one.value:.1%}", "95% interval": _ends(one).removeprefix("95% interval "),
         "mean width": f"{digits(wide)} {scene.dataset.schema.unit(name)}".rstrip()}
        for name, one, wide in zip(scene.outputs, made.coverage, made.intervals.mean_width, strict=True)
    ]  # fmt: skip
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="check_interval_targets", alt="Coverage and mean width of each target")


def _draw_groups(made: Covered, unit: str) -> None:
    """Draw the coverage by hour and by series, the least covered first."""
    shown = [(name, rows) for name, rows in (("hour", made.by_hour), ("series", made.by_series)) if rows]
    if not shown:
        return
    st.subheader("Where it covers less")
    for place, (name, rows) in zip(st.columns(len(shown)), shown, strict=True):
        ordered = sorted(rows, key=lambda row: row.coverage.value)[:FEW_ROWS]
        table = pd.DataFrame(
            {
                name: [row.name for row in ordered],
                "coverage": [f"{row.coverage.value:.1%}" for row in ordered],
                "95% interval": [_ends(row.coverage).removeprefix("95% interval ") for row in ordered],
                "windows": [row.windows for row in ordered],
                f"mean width{f' ({unit})' if unit else ''}": [digits(row.mean_width) for row in ordered],
            }
        )
        place.dataframe(table, hide_index=True, height=260, key=f"check_coverage_{name}", alt=f"Coverage of each {name}, the least first")
        if len(ordered) < len(rows):
            place.caption(f"The {len(ordered)} of {len(rows):,} that are covered least.")
