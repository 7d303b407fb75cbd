"""Importance over many windows: which features, when, in which direction, and which windows are unlike the rest."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int

from complex_lstm.figures.plot import Plot
from complex_lstm.figures.theme import CHANCE, LOW_TO_HIGH, PALETTE, SEQUENTIAL, lay_out, legend_below, rows_height, text, with_unit

ROW = 32
SWARM_ROW = 44
SWARM_BINS = 120
HALF_ROW = 0.42
MOST_DRAWN_BY_SVG = 5000  # points; 1,500 windows of 12 features take 4 s in SVG and 1 s in WebGL, where there is no graphics card
APART = 0.09  # rows between two points of one place, where there is room


def mean_importance(
    features_by_window: Float[np.ndarray, "window feature"], *, features: tuple[str, ...], unit: str, title: str
) -> go.Figure:
    """Return each feature's mean size of importance with its 10th to 90th percentile, the most important first.

    The diamond is the mean with its sign: near zero where a feature raises the output in some windows and lowers it in others.
    """
    sizes = np.abs(features_by_window)
    order = np.argsort(-sizes.mean(axis=0), kind="stable")
    names = [text(features[number]) for number in order]
    means, signed = (values[order].astype(np.float32) for values in (sizes.mean(axis=0), features_by_window.mean(axis=0)))
    bars = go.Bar(
        x=means,
        y=names,
        orientation="h",
        name="mean size",
        marker={"color": PALETTE[0]},
        hovertemplate=f"%{{y}}: %{{x:.4g}} {text(unit)}<extra></extra>",
    )
    diamonds = go.Scatter(
        x=signed,
        y=names,
        mode="markers",
        name="mean with its sign",
        marker={"symbol": "diamond", "size": 11, "color": PALETTE[4], "line": {"width": 1, "color": "white"}},
        hovertemplate=f"%{{y}}, mean with its sign: %{{x:.4g}} {text(unit)}<extra></extra>",
    )
    figure = Plot([bars, _whiskers(sizes[:, order], names, unit), diamonds])
    figure.update_yaxes(type="category", autorange="reversed")
    return legend_below(lay_out(figure, title=title, height=140 + rows_height(len(features), ROW), x=with_unit("importance", unit)))


def _whiskers(sizes: Float[np.ndarray, "window feature"], names: list[str], unit: str) -> go.Scatter:
    low, high = np.percentile(sizes, [10, 90], axis=0).astype(np.float32)
    return go.Scatter(
        x=np.stack([low, high, np.full_like(low, np.nan)], axis=1).ravel(),
        y=np.repeat(names, 3),
        mode="lines+markers",
        name="10th to 90th percentile of the size",
        line={"color": CHANCE, "width": 3},
        marker={"symbol": "line-ns-open", "size": 12, "line": {"width": 3}},
        hovertemplate=f"%{{y}}, percentile: %{{x:.4g}} {text(unit)}<extra></extra>",
    )


def importance_over_time(over_time: Float[np.ndarray, "bin feature"], *, features: tuple[str, ...], unit: str, title: str) -> go.Figure:
    """Return the mean size of importance in each stretch of the window, from its first step to its last, largest features first."""
    order = np.argsort(-over_time.sum(axis=0), kind="stable")
    edges = np.linspace(0, 100, len(over_time) + 1)
    heat = go.Heatmap(
        z=over_time.T[order].astype(np.float32),
        x=((edges[:-1] + edges[1:]) / 2).astype(np.float32),
        y=[text(features[number]) for number in order],
        customdata=np.tile(np.stack([edges[:-1], edges[1:]], axis=1).astype(np.float32), (len(features), 1, 1)),
        zmin=0,
        zmax=float(over_time.max(initial=0)) or 1.0,
        colorscale=SEQUENTIAL,
        colorbar={"title": with_unit("mean size", unit), "thickness": 12},
        hovertemplate=f"%{{y}}, %{{customdata[0]:.0f}} to %{{customdata[1]:.0f}}% of the window: %{{z:.4g}} {text(unit)}<extra></extra>",
    )
    figure = Plot(heat)
    figure.update_yaxes(type="category", autorange="reversed")
    figure.update_xaxes(range=[0, 100], ticksuffix="%")
    height = max(260, 130 + rows_height(len(features), 24))
    return lay_out(figure, title=title, height=height, x="time, from the window's first step to its last", legend=False)


def beeswarm(
    features_by_window: Float[np.ndarray, "window feature"],
    values: Float[np.ndarray, "window feature"],
    windows: Int[np.ndarray, " window"],
    *,
    features: tuple[str, ...],
    unit: str,
    title: str,
) -> go.Figure:
    """Return a point for each window and feature: its importance, coloured by the feature's mean in that window.

    Points of one place are spread over their row. A point's customdata is its window. Colours end at the 98th
    percentile, so that one odd window does not bleach the rest.
    """
    order = np.argsort(-np.abs(features_by_window).mean(axis=0), kind="stable")
    figure = Plot()
    kind = go.Scattergl if features_by_window.size > MOST_DRAWN_BY_SVG else go.Scatter
    for row, number in enumerate(order):
        name = text(features[number])
        points = kind(
            x=features_by_window[:, number].astype(np.float32),
            y=(row + _spread(features_by_window[:, number])).astype(np.float32),
            mode="markers",
            name=name,
            customdata=windows,
            marker={"size": 5, "opacity": 0.8, "color": values[:, number].astype(np.float32), "coloraxis": "coloraxis"},
            hovertemplate=f"{name}, window %{{customdata}}: %{{x:.4g}} {text(unit)}"
            "<br>mean in the window %{marker.color:.2f} standard deviations<extra></extra>",
        )
        figure.add_trace(points)
    top = float(np.percentile(np.abs(values), 98)) or 1.0
    bar = {"title": {"text": "feature's mean in the window,<br>standard deviations", "side": "right"}, "thickness": 12}
    figure.update_layout(coloraxis={"colorscale": LOW_TO_HIGH, "cmin": -top, "cmax": top, "colorbar": bar})
    names = [text(features[number]) for number in order]
    figure.update_yaxes(tickvals=np.arange(len(names)), ticktext=names, range=[len(names) - 0.5, -0.5], zeroline=False)
    height = max(300, 100 + rows_height(len(features), SWARM_ROW))
    return lay_out(figure, title=title, height=height, x=with_unit("importance", unit), legend=False)


def _spread(values: Float[np.ndarray, " window"]) -> Float[np.ndarray, " window"]:
    """Return how far from the middle of the row each point stands: the points of one bin in turn above and below."""
    width = np.ptp(values) / SWARM_BINS or 1.0
    bins = np.round((values - values.min()) / width).astype(int)
    counts = np.bincount(bins)
    by_bin = np.argsort(bins, kind="stable")
    place = np.empty(len(values), dtype=int)  # of each point within its bin
    place[by_bin] = np.arange(len(values)) - (np.cumsum(counts) - counts)[bins[by_bin]]
    side = np.where(place % 2, -1, 1) * ((place + 1) // 2)
    return side * min(APART, HALF_ROW / max(1, counts.max() // 2))


def unusual_windows(distances: Float[np.ndarray, " window"], windows: Int[np.ndarray, " window"], *, title: str) -> go.Figure:
    """Return how far each given window's importance is from the mean over windows, the furthest first.

    A bar's customdata is its window.
    """
    order = np.argsort(-distances, kind="stable")
    bars = go.Bar(
        x=[str(number) for number in windows[order]],
        y=distances[order].astype(np.float32),
        customdata=windows[order],
        marker={"color": PALETTE[0]},
        hovertemplate="window %{customdata}: %{y:.3g} standard deviations from the mean<extra></extra>",
    )
    figure = Plot(bars)
    figure.update_xaxes(type="category")
    return lay_out(figure, title=title, height=300, x="window", y="distance from the mean<br>(standard deviations)", legend=False)
