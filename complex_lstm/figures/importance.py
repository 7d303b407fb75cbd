"""Explanations side by side."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float
from plotly.subplots import make_subplots

from complex_lstm.data import Times
from complex_lstm.figures.theme import PALETTE, SIGNED, largest, lay_out, moments, text


def importance_bars(
    importance: Float[np.ndarray, "method feature"], *, methods: tuple[str, ...], features: tuple[str, ...], unit: str, title: str
) -> go.Figure:
    """Return each feature's signed importance by each method, on one axis, the features in the order of the first method."""
    order = np.argsort(-np.abs(importance[0]), kind="stable")
    names = [text(features[number]) for number in order]
    figure = go.Figure()
    for number, method in enumerate(methods):
        bars = go.Bar(
            x=names,
            y=importance[number][order].astype(np.float32),
            name=text(method),
            marker={"color": PALETTE[number % len(PALETTE)]},
            hovertemplate=f"{text(method)}, %{{x}}: %{{y:.4g}} {text(unit)}<extra></extra>",
        )
        figure.add_trace(bars)
    figure.update_xaxes(type="category")
    return lay_out(figure, title=title, height=360, y=f"importance ({text(unit)})")


def importance_heatmaps(
    times: Times,
    cells: Float[np.ndarray, "method time feature"],
    values: Float[np.ndarray, "time feature"],
    *,
    methods: tuple[str, ...],
    features: tuple[str, ...],
    unit: str,
    own_range: bool,
    title: str,
) -> go.Figure:
    """Return each method's cells over one time axis, above the (scaled) series themselves, blue down and red up.

    All methods share one colour range; with `own_range` each is divided by its own largest cell instead, and the bar
    says so.
    """
    shown = cells / np.array([largest(one) for one in cells])[:, None, None] if own_range else cells
    top = 1.0 if own_range else largest(cells)
    rows = [*methods, "series, scaled"]
    figure = make_subplots(rows=len(rows), cols=1, shared_xaxes=True, subplot_titles=[text(row) for row in rows], vertical_spacing=0.045)
    names, at = [text(name) for name in features], moments(times)
    for row, one in enumerate(shown, 1):
        heat = go.Heatmap(
            z=one.T.astype(np.float32),
            x=at,
            y=names,
            zmin=-top,
            zmax=top,
            colorscale=SIGNED,
            showscale=row == 1,
            colorbar={"title": "share of the<br>method's largest" if own_range else text(unit), "thickness": 12, "len": 0.6},
            hovertemplate=f"{text(methods[row - 1])}: %{{y}}<br>%{{x}}<br>%{{z:.4g}}<extra></extra>",
        )
        figure.add_trace(heat, row=row, col=1)
    for number, name in enumerate(names):
        line = go.Scatter(
            x=at,
            y=values[:, number].astype(np.float32),
            name=name,
            line={"width": 1.2, "color": PALETTE[number % len(PALETTE)]},
            hovertemplate=f"{name}: %{{y:.3g}} standard deviations<br>%{{x}}<extra></extra>",
        )
        figure.add_trace(line, row=len(rows), col=1)
    figure.update_yaxes(type="category", autorange="reversed", tickfont={"size": 10})
    figure.update_yaxes(type="linear", autorange=True, row=len(rows), col=1)
    figure.update_annotations(font_size=12, x=0, xanchor="left")
    return lay_out(figure, title=title, height=90 + len(methods) * (50 + 17 * len(features)) + 170, legend=False)


def agreement_heatmaps(
    by_feature: Float[np.ndarray, "method method"], by_cell: Float[np.ndarray, "method method"], *, methods: tuple[str, ...], title: str
) -> go.Figure:
    """Return the rank correlations between the methods, over features and over cells, both from -1 to 1."""
    figure = make_subplots(rows=1, cols=2, subplot_titles=("over features", "over cells"), shared_yaxes=True, horizontal_spacing=0.05)
    names = [text(method) for method in methods]
    for column, matrix in enumerate((by_feature, by_cell), 1):
        heat = go.Heatmap(
            z=matrix.astype(np.float32),
            x=names,
            y=names,
            zmin=-1,
            zmax=1,
            colorscale=SIGNED,
            showscale=column == 2,
            texttemplate="%{z:.2f}",
            colorbar={"title": "Spearman", "thickness": 12},
            xgap=2,
            ygap=2,
            textfont={"color": "#222"},
            hovertemplate="%{y} and %{x}: %{z:.3f}<extra></extra>",
        )
        figure.add_trace(heat, row=1, col=column)
    figure.update_yaxes(autorange="reversed")
    figure.update_annotations(font_size=12)
    return lay_out(figure, title=title, height=330, legend=False)
