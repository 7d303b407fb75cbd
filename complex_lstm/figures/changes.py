"""Before and after a change: of the window's cells, with prediction and explanation, or of the model's components."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float

from complex_lstm.data import Times
from complex_lstm.figures.plot import Plot, subplots
from complex_lstm.figures.side_by_side import note_no_difference
from complex_lstm.figures.theme import (
    ACTUAL,
    CAPTION,
    CHANCE,
    PALETTE,
    PREDICTED,
    ROW,
    SIGNED,
    SMALL,
    axis_times,
    largest,
    lay_out,
    legend_below,
    rows_height,
    text,
    with_unit,
)

PANELS = ("before", "after", "difference (after minus before)")
BAR_ROW = 21


def probability_change_bars(
    before: Float[np.ndarray, " output"], after: Float[np.ndarray, " output"], *, classes: tuple[str, ...], title: str
) -> go.Figure:
    """Return the probability of each class before and after, side by side."""
    figure = Plot()
    for values, label, colour in ((before, "before", ACTUAL), (after, "after", PREDICTED)):
        bars = go.Bar(
            y=[text(name) for name in classes],
            x=values.astype(np.float32),
            orientation="h",
            name=label,
            marker={"color": colour},
            text=[f"{value:.3f}" for value in values],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"%{{y}} {label}: %{{x:.4f}}<extra></extra>",
        )
        figure.add_trace(bars)
    figure.update_xaxes(range=[0, 1.12])
    figure.update_yaxes(type="category", autorange="reversed")
    return lay_out(figure, title=title, height=max(220, 110 + 44 * len(classes)), x="probability")


def before_after_heatmaps(
    times: Times,
    before: Float[np.ndarray, "time feature"],
    after: Float[np.ndarray, "time feature"],
    *,
    changed: Bool[np.ndarray, "time feature"],
    features: tuple[str, ...],
    unit: str,
    title: str,
) -> go.Figure:
    """Return an explanation before and after, and the difference, on one colour range. Dots are the changed cells."""
    figure = subplots(rows=1, cols=3, subplot_titles=PANELS, shared_yaxes=True, horizontal_spacing=0.02)
    top = largest(np.concatenate([before, after, after - before]))
    names, (steps, rows) = [text(feature) for feature in features], np.nonzero(changed)
    for column, (panel, cells) in enumerate(zip(PANELS, (before, after, after - before), strict=True), 1):
        heat = go.Heatmap(
            z=cells.T.astype(np.float32),
            x=axis_times(times),
            y=names,
            zmin=-top,
            zmax=top,
            colorscale=SIGNED,
            showscale=column == 3,
            colorbar={"title": {"text": with_unit("importance", unit), "side": "right"}, "thickness": 12},
            hovertemplate=f"%{{y}}, {panel.split(' (')[0]}<br>%{{x}}<br>%{{z:.4g}} {text(unit)}<extra></extra>",
        )
        figure.add_trace(heat, row=1, col=column)
        if column > 1:
            dots = go.Scatter(x=axis_times(times[steps]), y=[names[row] for row in rows], mode="markers", hoverinfo="skip")
            marker = {"size": 4, "color": "#111111", "line": {"width": 0.5, "color": "#ffffff"}}
            figure.add_trace(dots.update(marker=marker), row=1, col=column)
    figure.update_yaxes(type="category", autorange="reversed")
    figure.update_xaxes(nticks=3, tickangle=0, showgrid=False)
    note_no_difference(figure, after - before)
    figure.update_annotations(font_size=CAPTION)
    return lay_out(figure, title=title, height=max(260, 110 + rows_height(len(features), 24)), legend=False)


def change_lines(
    times: Times,
    before: Float[np.ndarray, "time feature"],
    after: Float[np.ndarray, "time feature"],
    *,
    names: tuple[str, ...],
    units: tuple[str, ...],
    title: str,
) -> go.Figure:
    """Return one row a feature: the series as it was and as it is now. Markers are the changed cells."""
    figure = subplots(rows=len(names), cols=1, shared_xaxes=True, vertical_spacing=min(0.03, 0.3 / len(names)))
    at = axis_times(times)
    for row, (name, unit) in enumerate(zip(names, units, strict=True)):
        was, now = before[:, row].astype(np.float32), after[:, row].astype(np.float32)
        hover = f"{text(name)} %{{fullData.name}}: %{{y:.4g}} {text(unit)}<br>%{{x}}<extra></extra>"
        shared = {"hovertemplate": hover, "showlegend": row == 0}
        first = go.Scatter(x=at, y=was, mode="lines", name="before", line={"color": ACTUAL, "width": 2}, legendgroup="before", **shared)
        second = go.Scatter(x=at, y=now, mode="lines+markers", name="after", legendgroup="after", **shared)
        sizes = np.where(before[:, row] != after[:, row], 6, 0)
        second.update(line={"color": PREDICTED, "width": 1.4}, marker={"size": sizes, "line": {"width": 0}})
        figure.add_traces([first, second], rows=row + 1, cols=1)
        figure.update_yaxes(title={"text": with_unit(name, unit), "font": {"size": SMALL}}, nticks=3, row=row + 1, col=1)
    return lay_out(figure, title=title, height=max(200, 90 + rows_height(len(names), ROW)))


def change_bars(changes: Float[np.ndarray, " site"], *, sites: tuple[str, ...], title: str) -> go.Figure:
    """Return how far each site moved, the first of the forward pass at the top; the first that moved has another colour.

    A site that was zero before has no share: its bar ends at the largest finite one, with a note.
    """
    finite = changes[np.isfinite(changes)]
    top = float(finite.max(initial=0.0)) or 1.0
    moved = np.flatnonzero(changes > 0)
    first = int(moved[0]) if len(moved) else None
    words = ["was zero" if np.isinf(change) else "first" if place == first else "" for place, change in enumerate(changes)]
    bars = go.Bar(
        x=np.where(np.isfinite(changes), changes, top).astype(np.float32),
        y=[text(site) for site in sites],
        orientation="h",
        marker={"color": [PREDICTED if place == first else PALETTE[0] for place in range(len(sites))]},
        text=words,
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: moved by %{x:.4g} of its mean size<extra></extra>",
    )
    figure = Plot(bars)
    figure.update_yaxes(type="category", autorange="reversed", dtick=1, tickfont={"size": 11})
    figure.update_xaxes(range=[0, 1.12 * top])
    return lay_out(figure, title=title, height=80 + BAR_ROW * len(sites), x="mean |change| / mean |before|", legend=False)


def contribution_bars(
    values: Float[np.ndarray, " component"],
    errors: Float[np.ndarray, " component"],
    *,
    components: tuple[str, ...],
    parts: tuple[str, ...],
    axis: str,
    by_size: bool,
    title: str,
) -> go.Figure:
    """Return a bar with its standard error for each component, coloured by its part; in the order given, or the largest first."""
    order = np.argsort(-np.abs(values), kind="stable") if by_size else np.arange(len(values))
    kinds = tuple(dict.fromkeys(parts))
    figure = Plot()
    for kind in kinds:
        own = [number for number in order if parts[number] == kind]
        bars = go.Bar(
            x=values[own].astype(np.float32),
            y=[text(components[number]) for number in own],
            orientation="h",
            name=text(kind),
            marker={"color": PALETTE[kinds.index(kind) % len(PALETTE)]},
            error_x={"array": np.nan_to_num(errors[own]).astype(np.float32), "color": CHANCE, "thickness": 1.2, "width": 2},
            hovertemplate="%{y}: %{x:.4g}, standard error %{error_x.array:.2g}<extra></extra>",
        )
        figure.add_trace(bars)
    names = [text(components[number]) for number in order]
    figure.update_yaxes(type="category", categoryorder="array", categoryarray=names[::-1], dtick=1, tickfont={"size": 11})
    figure.update_layout(barmode="overlay")
    return legend_below(lay_out(figure, title=title, height=150 + BAR_ROW * len(values), x=axis))
