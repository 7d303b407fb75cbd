"""Two sides and their difference in three columns: A and B on one scale, B - A centred on zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int

from complex_lstm.figures.plot import subplots
from complex_lstm.figures.theme import PALETTE, PREDICTED, ROW_OF_MANY, SIGNED, SMALL, largest, lay_out, rows_height, shortened, text

MOST_CELLS = 256  # along one axis of a map; longer ones are drawn as means of blocks
MOST_SIGNS = 38  # of a side's name above its column
BAR = 22
GAP = 0.06  # between columns
GROUPS = (PALETTE[0], PALETTE[2], PALETTE[3], PREDICTED)  # as the ensemble heads and their combination have them elsewhere


@dataclass(frozen=True)
class ColourScale:
    """The colours of both sides' cells: from `low` to `high`, and the name of what they show."""

    low: float
    high: float
    colours: str | list[list[object]]
    name: str


@dataclass(frozen=True)
class SideLabels:
    """The names of the two sides."""

    first: str
    second: str

    @property
    def columns(self) -> tuple[str, str, str]:
        """The titles of the three columns."""
        return text(shortened(self.first, MOST_SIGNS)), text(shortened(self.second, MOST_SIGNS)), "difference (right minus left)"


def block_size(cells: int) -> int:
    """Return how many cells of an axis are drawn as one, their mean."""
    return -(-cells // MOST_CELLS)


def side_by_side_maps(
    first: Float[np.ndarray, "row column"],
    second: Float[np.ndarray, "_row _column"],
    difference: Float[np.ndarray, "_row _column"],
    *,
    labels: SideLabels,
    scale: ColourScale,
    x: str,
    y: str,
    title: str,
    from_top: bool = False,
    square: bool = False,
    names: tuple[str, ...] = (),
) -> go.Figure:
    """Return three maps whose cells count from 0 on both axes, or have `names` as rows. `from_top`: row 0 is the uppermost.

    The difference may be of fewer cells than the sides, those that both have.
    """
    figure = subplots(rows=1, cols=3, subplot_titles=labels.columns, horizontal_spacing=GAP, shared_yaxes=first.shape == second.shape)
    top = largest(difference)
    for column, values in enumerate((first, second, difference), 1):
        is_difference = column == 3
        low, high, colours = (-top, top, SIGNED) if is_difference else (scale.low, scale.high, scale.colours)
        heat = _heat(values, names).update(zmin=low, zmax=high, colorscale=colours, showscale=column > 1)
        figure.add_trace(
            heat.update(colorbar=_bar_below("" if is_difference else scale.name, 5 / 6 if is_difference else 1 / 3)), row=1, col=column
        )
        if square:
            figure.update_yaxes(scaleanchor=f"x{column if column > 1 else ''}", constrain="domain", row=1, col=column)
    figure.update_xaxes(constrain="domain", title_text=text(x))
    figure.update_yaxes(title_text=text(y), row=1, col=1)
    if from_top:
        figure.update_yaxes(autorange="reversed")
    note_no_difference(figure, difference)
    figure.update_annotations(font_size=12)
    return lay_out(figure, title=title, height=400, legend=False)


def side_by_side_lines(
    first: Float[np.ndarray, "row time"],
    second: Float[np.ndarray, "row time2"],
    difference: Float[np.ndarray, "row time3"],
    *,
    steps: tuple[Int[np.ndarray, " time"], Int[np.ndarray, " time2"], Int[np.ndarray, " time3"]],
    names: tuple[str, ...],
    labels: SideLabels,
    title: str,
    units: tuple[str, ...] = (),
) -> go.Figure:
    """Return a row of three lines for each name. A row's sides share a range; its difference has its own, centred on zero."""
    rows = len(names)
    figure = subplots(
        rows=rows, cols=3, shared_xaxes=True, horizontal_spacing=GAP, vertical_spacing=min(0.03, 0.3 / rows), column_titles=labels.columns
    )
    for row, name in enumerate(names, 1):
        ends = _ends(np.concatenate([first[row - 1], second[row - 1]]))
        apart = 1.05 * largest(difference[row - 1])
        for column, (values, at) in enumerate(zip((first, second, difference), steps, strict=True), 1):
            line = go.Scatter(
                x=at,
                y=values[row - 1].astype(np.float32),
                mode="lines" if len(at) > 1 else "markers",
                line={"width": 1.5, "color": PALETTE[1 if column == 3 else 0]},
                hovertemplate=f"{text(name)}, step %{{x}}: %{{y:.4g}}<extra></extra>",
            )
            figure.add_trace(line, row=row, col=column)
            figure.update_yaxes(range=[-apart, apart] if column == 3 else ends, nticks=5, row=row, col=column)
        figure.add_hline(y=0, line={"dash": "dash", "width": 1, "color": PALETTE[6]}, row=row, col=3)
        unit = f"<br>{text(shortened(units[row - 1], 14))}" if units and units[row - 1] else ""
        figure.update_yaxes(title={"text": text(shortened(name, 14)) + unit, "font": {"size": SMALL}}, row=row, col=1)
    figure.update_xaxes(title_text="step", row=rows)
    figure.update_xaxes(range=[min(float(at[0]) for at in steps), max(float(at[-1]) for at in steps)])
    figure.update_annotations(font_size=12)
    return lay_out(figure, title=title, height=max(250, 110 + rows_height(rows, ROW_OF_MANY)), legend=False)


def side_by_side_bars(
    first: Float[np.ndarray, "group row"],
    second: Float[np.ndarray, "group row"],
    *,
    names: tuple[str, ...],
    groups: tuple[str, ...],
    labels: SideLabels,
    axis: str,
    title: str,
) -> go.Figure:
    """Return three charts of bars, one row a name, with one bar a group. The sides share a range; the difference has its own."""
    figure = subplots(rows=1, cols=3, shared_yaxes=True, horizontal_spacing=GAP, subplot_titles=labels.columns)
    difference = second - first
    ends, apart = _ends(np.append(np.concatenate([first.ravel(), second.ravel()]), 0.0)), 1.1 * largest(difference)
    for column, values in enumerate((first, second, difference), 1):
        for number, group in enumerate(groups):
            bars = go.Bar(
                x=values[number].astype(np.float32),
                y=[text(name) for name in names],
                orientation="h",
                name=text(group),
                legendgroup=group,
                showlegend=column == 1 and len(groups) > 1,
                marker={"color": GROUPS[number % len(GROUPS)]},
                hovertemplate=f"%{{y}}{', ' + text(group) if len(groups) > 1 else ''}: %{{x:.4g}}<extra></extra>",
            )
            figure.add_trace(bars, row=1, col=column)
        figure.update_xaxes(range=[-apart, apart] if column == 3 else ends, title_text=text(axis), nticks=5, row=1, col=column)
    figure.update_xaxes(exponentformat="power")  # a difference of 2e-7 is not called 200n
    figure.update_yaxes(type="category", autorange="reversed")
    note_no_difference(figure, difference)
    figure.update_annotations(font_size=12)
    figure = lay_out(
        figure, title=title, height=max(220, 130 + rows_height(len(names), BAR * max(1, len(groups) // 2 + 1))), legend=len(groups) > 1
    )
    return figure.update_layout(legend={"y": -0.22, "yanchor": "top", "x": 0, "xanchor": "left"})


def note_no_difference(figure: go.Figure, difference: Float[np.ndarray, "row column"]) -> None:
    """Write "no difference" into a figure's third column where it would be empty."""
    if not difference.any():
        middle = {"xref": "x3 domain", "yref": "y3 domain", "x": 0.5, "y": 0.5}
        look = {"bgcolor": "#E8EAED", "font": {"color": "#191919"}}  # read on white cells and on a dark page alike
        figure.add_annotation(**middle, **look, text="no difference", showarrow=False, borderpad=6)


def _bar_below(name: str, middle: float) -> dict[str, object]:
    """Return a colour bar that lies below the columns that it is for."""
    ends = {"orientation": "h", "x": middle, "xanchor": "center", "y": -0.24, "yanchor": "top", "len": 0.28, "thickness": 9}
    return ends | {"title": {"text": text(name), "side": "right"}, "tickfont": {"size": SMALL}, "nticks": 5}


def _heat(values: Float[np.ndarray, "row column"], names: tuple[str, ...]) -> go.Heatmap:
    """Return a map of cells, or of the means of blocks where it is long. Means are linear: those of a difference are its own."""
    tall, wide = (block_size(count) for count in values.shape)
    rows, columns = (np.arange(0, count, size) for count, size in zip(values.shape, (tall, wide), strict=True))
    mean = np.add.reduceat(np.add.reduceat(values.astype(float), rows, axis=0), columns, axis=1)
    counts = np.outer(np.diff(rows, append=values.shape[0]), np.diff(columns, append=values.shape[1]))
    return go.Heatmap(
        z=(mean / counts).astype(np.float32),
        x=columns,
        y=[text(name) for name in names] if names else rows,
        hovertemplate="column %{x}, row %{y}: %{z:.4g}<extra></extra>",
    )


def _ends(values: Float[np.ndarray, " value"]) -> Sequence[float]:
    """Return the range that holds all values, with a little room."""
    low, high = (float(one) for one in (np.nanmin(values), np.nanmax(values))) if np.isfinite(values).any() else (0.0, 1.0)
    room = 0.06 * (high - low) or 0.5
    return [low - room if low else 0.0, high + room if high else 0.0]
