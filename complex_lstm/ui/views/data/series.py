"""A series of a file over time: all of it, or a stretch as closely as it was measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from complex_lstm.data import Dataset
from complex_lstm.figures.series import MOST_POINTS, Band, series_lines
from complex_lstm.figures.theme import PART_COLOURS, text
from complex_lstm.ui.compute import cache
from complex_lstm.ui.session.features import choose_features, of_features
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import caption, reading

MOST_DRAWN = 200_000  # points of all rows together, with their times about 7 MB for the browser
MOST_STRIPES = 200  # of gaps: a browser slows down with more
OTHER, FIRST, GAP = "rgba(128,128,128,.10)", "rgba(128,128,128,.35)", "rgba(213,94,0,.35)"


def show_series(made: Dataset, key: tuple[str, ...]) -> None:
    """Show one of the series, with its parts, gaps and empty cells. `key` says which data set it is of."""
    with st.container(key="view-series"):
        st.header("The series")
        names, windows = [one.name for one in made.series], made.windows
        number = st.selectbox("Series", range(len(names)), format_func=names.__getitem__, key="data_series_shown")
        series = made.series[number]
        bands = [Band(one.start, one.stop, one.part, PART_COLOURS.get(one.part, OTHER)) for one in made.spans if one.series == number]
        own = np.nonzero((windows.series == number) & (windows.length < len(series)))[0][:1]
        bands += [Band(int(windows.start[one]), int(windows.start[one] + windows.length[one]), "", FIRST) for one in own]
        shown = choose_features(made.schema.roles.features, "data_series")
        start, stop = _stretch(len(series), number)
        all_points = _all_points(stop - start, len(shown))
        gaps = [int(step) for step in np.nonzero(series.gaps)[0] if start <= step < stop]
        stripes = [Band(step, step + 2, "", GAP) for step in gaps[:MOST_STRIPES]]
        values = series.values[start:stop, shown]
        figure = cache.remember(
            "data_series",
            (*key, number, tuple(shown), start, stop, all_points),
            lambda: series_lines(
                series.times[start:stop],
                values,
                names=of_features(made.schema.roles.features, shown),
                units=of_features(made.schema.feature_units, shown),
                empty=np.isnan(values),
                bands=_within((*bands, *stripes), start, stop),
                title=text(series.name),
                most=max(MOST_POINTS, stop - start) if all_points else MOST_POINTS,
            ),
            most=16,
        )
        show_figure(
            figure, key="data_series_figure", alt=f"{len(shown)} features of the series over time, with {len(gaps)} gaps and empty cells"
        )
        _say_what_is_drawn(len(series), stop - start, len(gaps), all_points)
        reading(
            "One row a feature; orange ticks are empty cells, orange stripes gaps in time; shades are the parts, grey the first window.",
            "Lines break at empty cells, but the model sees them filled; across a gap in time it takes distant rows for neighbours.",
        )


def _stretch(steps: int, number: int) -> tuple[int, int]:
    """Ask for the stretch of a long series that is shown, and return its first step and the one after its last."""
    if steps <= MOST_POINTS:
        return 0, steps
    start, last = st.slider(
        "Steps shown", 0, steps - 1, (0, steps - 1), key=f"data_series_steps_{number}",
        help=f"A stretch of up to {MOST_POINTS:,} steps is drawn with every point.",
    )  # fmt: skip
    return start, max(last, start + 1) + 1 if start + 1 < steps else steps


def _all_points(steps: int, rows: int) -> bool:
    """Offer to draw every point where the browser can take them, and return whether that is wanted."""
    if steps <= MOST_POINTS or steps * rows > MOST_DRAWN:
        return False
    return st.toggle("All points", key="data_series_points", help=f"{steps * rows:,} points: slower to draw and to move.")


def _within(bands: tuple[Band, ...], start: int, stop: int) -> tuple[Band, ...]:
    """Return the bands that lie in a stretch, counted from its first step."""
    inside = [one for one in bands if one.start < stop and one.stop > start]
    return tuple(replace(one, start=max(one.start, start) - start, stop=min(one.stop, stop) - start) for one in inside)


def _say_what_is_drawn(steps: int, shown: int, gaps: int, all_points: bool) -> None:
    """Say how many of the steps, and of the gaps, are drawn, where these are not all."""
    if steps <= MOST_POINTS:
        return
    drawn = "every point" if all_points or shown <= MOST_POINTS else f"at most {MOST_POINTS:,} points a row, by MinMaxLTTB: peaks stay"
    caption(
        steps=f"{shown:,} of {steps:,}",
        drawn=drawn,
        empty_cells="" if shown <= MOST_POINTS or all_points else f"at most {MOST_POINTS:,} ticks a row",
        gaps=f"the first {MOST_STRIPES} of {gaps:,} are striped" if gaps > MOST_STRIPES else "",
    )
