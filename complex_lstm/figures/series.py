"""Series over time, one row a feature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float, Int
from tsdownsample import MinMaxLTTBDownsampler

from complex_lstm.data import Times
from complex_lstm.figures.plot import subplots
from complex_lstm.figures.theme import (
    CAPTION,
    MISSING,
    PALETTE,
    ROW,
    ROW_OF_MANY,
    SMALL,
    Mark,
    axis_times,
    draw_marks,
    lay_out,
    rows_height,
    shortened,
    text,
)

MOST_POINTS = 1500
FEW = 6
LONGEST_NAME = 12


@dataclass(frozen=True)
class Band:
    """A stretch of steps start..stop (stop not included) with a colour behind the lines and a name."""

    start: int
    stop: int
    label: str
    colour: str


def series_lines(
    times: Times,
    values: Float[np.ndarray, "time feature"],
    *,
    names: tuple[str, ...],
    units: tuple[str, ...] = (),
    empty: Bool[np.ndarray, "time feature"] | None = None,
    bands: tuple[Band, ...] = (),
    marks: tuple[Mark, ...] = (),
    title: str = "",
    most: int = MOST_POINTS,
) -> go.Figure:
    """Return one row a feature over a shared time axis. Empty cells are ticks at the bottom of their row.

    Lines break where a cell is NaN. Of more than `most` steps each row has those that show its shape (`drawn_steps`), and as many
    ticks.
    """
    figure = subplots(rows=len(names), cols=1, shared_xaxes=True, vertical_spacing=min(0.02, 0.3 / len(names)))
    units = units or ("",) * len(names)
    for row, (name, unit) in enumerate(zip(names, units, strict=True), 1):
        column = values[:, row - 1]
        kept = drawn_steps(column, most)
        hover = f"{text(name)}: %{{y:.4g}} {text(unit)}<br>%{{x}}<extra></extra>"
        line = go.Scatter(x=axis_times(times[kept]), y=column[kept].astype(np.float32), mode="lines", hovertemplate=hover, name=text(name))
        figure.add_trace(line.update(line={"width": 1.4, "color": PALETTE[(row - 1) % len(PALETTE)]}), row=row, col=1)
        if empty is not None and empty[:, row - 1].any():
            _tick_empty(figure, row, times, np.nonzero(empty[:, row - 1])[0], column, text(name), most)
        upright = text(shortened(name, LONGEST_NAME)) + (f"<br>({text(unit)})" if unit and f"({unit})" not in name else "")
        figure.update_yaxes(title={"text": upright, "font": {"size": SMALL}}, nticks=3, row=row, col=1)
    _shade(figure, times, bands)
    lay_out(figure, title=title, height=max(180, 70 + rows_height(len(names), ROW if len(names) <= FEW else ROW_OF_MANY)), legend=False)
    return draw_marks(figure, times, marks)


def _tick_empty(figure: go.Figure, row: int, times: Times, steps: np.ndarray, column: np.ndarray, name: str, most: int) -> None:
    bottom = float(np.nanmin(column)) if np.isfinite(column).any() else 0.0
    shown = steps[:: -(-len(steps) // most)]
    ticks = go.Scatter(
        x=axis_times(times[shown]),
        y=np.full(len(shown), bottom, dtype=np.float32),
        mode="markers",
        name="empty",
        marker={"symbol": "line-ns-open", "color": MISSING, "size": 7},
        hovertemplate=f"{name}: the cell is empty<br>%{{x}}<extra></extra>",
    )
    figure.add_trace(ticks, row=row, col=1)


def _shade(figure: go.Figure, times: Times, bands: tuple[Band, ...]) -> None:
    """Draw all bands at once: Plotly's add_vrect takes 50 ms for each."""
    at = axis_times(times)
    ends = [(at[band.start], at[min(band.stop, len(times)) - 1]) for band in bands]
    shapes = [
        {
            "type": "rect",
            "xref": "x",
            "yref": "paper",
            "x0": start,
            "x1": stop,
            "y0": 0,
            "y1": 1,
            "fillcolor": band.colour,
            "line": {"width": 0},
            "layer": "below",
        }
        for band, (start, stop) in zip(bands, ends, strict=True)
    ]
    names = [
        {
            "x": start,
            "xref": "x",
            "xanchor": "left",
            "y": 1,
            "yref": "paper",
            "yanchor": "bottom",
            "text": band.label,
            "yshift": 12 * (number % 2),
            "showarrow": False,
            "font": {"size": CAPTION},
        }
        for number, (band, (start, _)) in enumerate(zip(bands, ends, strict=True))
        if band.label
    ]
    figure.update_layout(shapes=shapes, annotations=names)


def drawn_steps(column: Float[np.ndarray, " time"], most: int = MOST_POINTS) -> Int[np.ndarray, " drawn"]:
    """Return the steps that show a line's shape: all, or by MinMaxLTTB (Van Der Donckt et al. 2023, arXiv 2305.00332).

    It takes the lowest and the highest of many stretches, and of these the points that span the largest triangles. Where half of the
    cells between two of them or more are empty, one of these is among the steps, so that the line breaks.
    """
    if len(column) <= most:
        return np.arange(len(column))
    empty = np.isnan(column)
    if empty.all():
        return np.array([0, len(column) - 1])
    kept = MinMaxLTTBDownsampler().downsample(np.ascontiguousarray(column), n_out=most // 2).astype(int)
    kept = np.union1d(kept[~empty[kept]], [0, len(column) - 1])
    before = np.concatenate([[0], np.cumsum(empty)])  # empty cells before each step
    lost, between = before[kept[1:]] - before[kept[:-1] + 1], kept[1:] - kept[:-1] - 1
    opened = kept[:-1][(lost > 0) & (2 * lost >= between)]
    first_empty = np.searchsorted(before, before[opened + 1] + 1) - 1
    return np.union1d(kept, first_empty)
