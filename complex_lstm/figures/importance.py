"""Several methods' explanations of one window: importance, agreement, difference, and the influence of the baseline."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from complex_lstm.data import Times
from complex_lstm.figures.plot import Plot, subplots
from complex_lstm.figures.theme import (
    CHANCE_BAND,
    FROM_ZERO,
    PALETTE,
    SIGNED,
    axis_times,
    largest,
    lay_out,
    legend_below,
    method_styles,
    rows_height,
    shares,
    text,
    with_unit,
)

CELL, LARGE_CELL = 34, 64  # pixels of a square, of many methods and of few
BASELINE_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross")


def importance_bars(
    importance: Float[np.ndarray, "method feature"], *, methods: tuple[str, ...], features: tuple[str, ...], unit: str, title: str
) -> go.Figure:
    """Return each feature's signed importance by each method, on one axis, the features in the order of the first method."""
    order = np.argsort(-np.abs(importance[0]), kind="stable")
    names = [text(features[number]) for number in order]
    figure = Plot()
    for method, style, values in zip(methods, method_styles(methods), importance, strict=True):
        bars = go.Bar(
            x=names,
            y=values[order].astype(np.float32),
            name=text(method),
            marker={"color": style.colour, "pattern": {"shape": style.hatch, "fillmode": "overlay"}},
            hovertemplate=f"{text(method)}, %{{x}}: %{{y:.4g}} {text(unit)}<extra></extra>",
        )
        figure.add_trace(bars)
    figure.update_xaxes(type="category")
    return legend_below(lay_out(figure, title=title, height=380, y=with_unit("importance", unit)))


def agreement_heatmap(
    by_feature: Float[np.ndarray, "method method"],
    by_cell: Float[np.ndarray, "method method"],
    *,
    methods: tuple[str, ...],
    measure: str,
    lowest: float,
    title: str,
) -> go.Figure:
    """Return how far each two methods agree, over features and over cells, both from `lowest` to 1.

    Methods that cannot be compared (NaN) have a dash for a number.
    """
    figure = subplots(rows=1, cols=2, subplot_titles=("over features", "over cells"), horizontal_spacing=0.04)
    names = [text(method) for method in methods]
    for column, matrix in enumerate((by_feature, by_cell), 1):
        figure.add_trace(_agreement(matrix, names, measure, lowest).update(showscale=column == 2), row=1, col=column)
        figure.add_trace(_incomparable(matrix, names), row=1, col=column)
        figure.update_yaxes(scaleanchor="x" if column == 1 else "x2", visible=column == 1, row=1, col=column)
    ends = [-0.5, len(methods) - 0.5]
    figure.update_xaxes(type="category", range=ends, tickangle=-40, constrain="domain", showgrid=False)
    figure.update_yaxes(type="category", range=ends[::-1], constrain="domain", constraintoward="top", showgrid=False)
    figure.update_annotations(font_size=12)
    cell = max(CELL, LARGE_CELL - 5 * max(0, len(methods) - 3))
    return lay_out(figure, title=title, height=190 + cell * len(methods), legend=False)


def _agreement(matrix: Float[np.ndarray, "method method"], names: list[str], measure: str, lowest: float) -> go.Heatmap:
    return go.Heatmap(
        z=matrix.astype(np.float32),
        x=names,
        y=names,
        zmin=lowest,
        zmax=1,
        colorscale=SIGNED if lowest < 0 else FROM_ZERO,
        texttemplate="%{z:.2f}",
        colorbar={"title": text(measure), "thickness": 12},
        xgap=2,
        ygap=2,
        hoverongaps=False,
        hovertemplate="%{y} and %{x}: %{z:.3f}<extra></extra>",
    )


def _incomparable(matrix: Float[np.ndarray, "method method"], names: list[str]) -> go.Scatter:
    rows, columns = np.nonzero(np.isnan(matrix))
    return go.Scatter(
        x=[names[column] for column in columns],
        y=[names[row] for row in rows],
        mode="text",
        text="–",
        hovertemplate="%{y} and %{x} cannot be compared<extra></extra>",
    )


def cell_heatmap(
    times: Times, cells: Float[np.ndarray, "time feature"], *, features: tuple[str, ...], unit: str, signed: bool, title: str
) -> go.Figure:
    """Return one method's importance of every cell: centred on zero, or from zero up for a method without a sign."""
    top = largest(cells)
    heat = go.Heatmap(
        z=cells.T.astype(np.float32),
        x=axis_times(times),
        y=[text(feature) for feature in features],
        zmin=-top if signed else 0,
        zmax=top,
        colorscale=SIGNED if signed else FROM_ZERO,
        colorbar={"title": {"text": with_unit("importance", unit) if unit else "importance", "side": "right"}, "thickness": 12},
        hovertemplate=f"%{{y}}<br>%{{x}}<br>%{{z:.4g}} {text(unit)}<extra></extra>",
    )
    figure = Plot(heat)
    figure.update_yaxes(type="category", autorange="reversed")
    return lay_out(figure, title=title, height=max(200, 90 + rows_height(len(features), 22)), legend=False)


def difference_heatmap(
    times: Times,
    first: Float[np.ndarray, "time feature"],
    second: Float[np.ndarray, "time feature"],
    *,
    methods: tuple[str, str],
    features: tuple[str, ...],
    title: str,
    shown: Sequence[int] | None = None,
) -> go.Figure:
    """Return where the first method gives more weight than the second (red) and where less (blue).

    Each map's sizes are divided by their sum, so that methods with other units, or without a sign, can be
    compared. Where both have the same share the cell is blank. `shown` are the features to draw, by number; the sums are over all.
    """
    rows = list(range(len(features)) if shown is None else shown)
    features = tuple(features[row] for row in rows)
    one, two = (100 * shares(cells)[:, rows] for cells in (first, second))
    top = largest(one - two)
    names = [text(method) for method in methods]
    heat = go.Heatmap(
        z=(one - two).T.astype(np.float32),
        x=axis_times(times),
        y=[text(feature) for feature in features],
        customdata=np.stack([one.T, two.T], axis=-1).astype(np.float32),
        zmin=-top,
        zmax=top,
        colorscale=SIGNED,
        colorbar={
            "title": {"text": "difference (percentage points)", "side": "right"},
            "thickness": 12,
            "tickvals": [-top, 0, top],
            "ticktext": [f"−{top:.2g}: more to<br>{names[1]}", "0", f"+{top:.2g}: more to<br>{names[0]}"],
        },
        hovertemplate=f"%{{y}}<br>%{{x}}<br>{names[0]}: %{{customdata[0]:.3f}}% of its sum"
        f"<br>{names[1]}: %{{customdata[1]:.3f}}% of its sum<extra></extra>",
    )
    figure = Plot(heat)
    figure.update_yaxes(type="category", autorange="reversed")
    return lay_out(figure, title=title, height=max(280, 120 + rows_height(len(features), 22)), legend=False)


def baseline_band(
    importance: Float[np.ndarray, "baseline feature"],
    *,
    baselines: tuple[str, ...],
    chosen: int,
    features: tuple[str, ...],
    unit: str,
    title: str,
) -> go.Figure:
    """Return each feature's importance against every baseline, and the band between the lowest and the highest.

    The features are in the order of the chosen baseline, whose markers are the large ones. A band that crosses zero
    belongs to a feature whose direction depends on the baseline.
    """
    order = np.argsort(-np.abs(importance[chosen]), kind="stable")
    ordered, names = importance[:, order].astype(np.float32), [text(features[number]) for number in order]
    low, high = ordered.min(axis=0), ordered.max(axis=0)
    span = {"x": high - low, "base": low, "y": names, "orientation": "h", "width": 0.45}
    figure = Plot(go.Bar(**span, name="lowest to highest", marker={"color": CHANCE_BAND}, hoverinfo="skip"))
    for number in sorted(range(len(baselines)), key=lambda number: number == chosen):  # the chosen one last, on top
        label = text(baselines[number]) + (" (chosen)" if number == chosen else "")
        dots = go.Scatter(
            x=ordered[number],
            y=names,
            mode="markers",
            name=label,
            marker={
                "symbol": BASELINE_SYMBOLS[number % len(BASELINE_SYMBOLS)],
                "color": PALETTE[number % len(PALETTE)],
                "size": 15 if number == chosen else 9,
                "line": {"width": 2 if number == chosen else 0, "color": "white"},
            },
            hovertemplate=f"%{{y}} against {label}: %{{x:.4g}} {text(unit)}<extra></extra>",
        )
        figure.add_trace(dots)
    figure.update_yaxes(type="category", autorange="reversed")
    height = 150 + rows_height(len(features), 30)
    return legend_below(lay_out(figure, title=title, height=height, x=with_unit("importance", unit)))
