"""Attention: its heads in numbers, what each step receives, and both beside attribution and the conductance of the blocks."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from complex_lstm.data import Times
from complex_lstm.figures.plot import Plot, subplots
from complex_lstm.figures.theme import (
    CAPTION,
    CHANCE,
    PALETTE,
    SEQUENTIAL,
    SIGNED,
    Mark,
    axis_times,
    draw_marks,
    largest,
    lay_out,
    legend_below,
    method_styles,
    shares,
    text,
    with_unit,
)


def head_summary_heatmaps(
    entropy: Float[np.ndarray, "layer head"],
    distance: Float[np.ndarray, "layer head"],
    diagonal: Float[np.ndarray, "layer head"],
    *,
    steps: int,
    title: str,
) -> go.Figure:
    """Return three small maps (layer by head), each on its own range, whose ends are its smallest and largest possible values."""
    titles = ("entropy, share of uniform", "mean distance, steps", f"share on the diagonal (uniform: {1 / steps:.3f})")
    figure = subplots(rows=1, cols=3, subplot_titles=titles, horizontal_spacing=0.06)
    tops = (1.0, max(float(distance.max()), 1.0), max(float(diagonal.max()), 2 / steps))
    heads = [str(number) for number in range(1, entropy.shape[1] + 1)]
    layers = [f"layer {number}" for number in range(1, entropy.shape[0] + 1)]
    for column, (values, top) in enumerate(zip((entropy, distance, diagonal), tops, strict=True), 1):
        heat = go.Heatmap(
            z=values.astype(np.float32),
            x=heads,
            y=layers,
            zmin=0,
            zmax=top,
            colorscale=SEQUENTIAL,
            showscale=False,
            texttemplate="%{z:.2g}",
            hovertemplate="%{y}, attention head %{x}: %{z:.4g}<extra></extra>",
            xgap=2,
            ygap=2,
        )
        figure.add_trace(heat, row=1, col=column)
    figure.update_yaxes(autorange="reversed")
    figure.update_yaxes(showticklabels=False, col=2)
    figure.update_yaxes(showticklabels=False, col=3)
    figure.update_annotations(font_size=12)
    figure.update_xaxes(type="category")
    return lay_out(figure, title=title, height=230, x="attention head", legend=False)


def received_lines(times: Times, received: Float[np.ndarray, "layer time"], *, marks: tuple[Mark, ...], title: str) -> go.Figure:
    """Return the mean attention that each step receives from all queries, one line a layer. Uniform is 1 / steps."""
    figure = Plot()
    for number, line in enumerate(received):
        hover = f"layer {number + 1}: %{{y:.4f}}<br>%{{x}}<extra></extra>"
        figure.add_trace(
            go.Scatter(
                x=axis_times(times),
                y=line.astype(np.float32),
                name=f"attention layer {number + 1}",
                line={"color": PALETTE[number], "width": 2},
                hovertemplate=hover,
            )
        )
    figure.add_hline(
        y=1 / received.shape[1],
        line={"dash": "dash", "width": 1, "color": PALETTE[6]},
        annotation={"text": "uniform", "font": {"size": 11}},
    )
    figure.update_yaxes(rangemode="tozero")
    figure = lay_out(figure, title=title, height=260, y="attention received")
    figure.update_layout(legend={"x": 0.5, "xanchor": "center", "y": 1.1})
    return draw_marks(figure, times, marks)


def step_share_lines(
    times: Times,
    received: Float[np.ndarray, " time"],
    importance: Float[np.ndarray, "method time"],
    *,
    methods: tuple[str, ...],
    title: str,
) -> go.Figure:
    """Return the attention that each step receives (thick) beside each method's importance of it, all as shares of their sums.

    Shares are compared because attention has no unit; a step's importance is the sum of its cells' sizes.
    """
    at = axis_times(times)
    thick = go.Scatter(
        x=at,
        y=(100 * shares(received)).astype(np.float32),
        mode="lines",
        name="attention received",
        line={"color": CHANCE, "width": 6},
        hovertemplate="attention received: %{y:.2f}%<br>%{x}<extra></extra>",
    )
    figure = Plot(thick)
    for method, style, values in zip(methods, method_styles(methods), importance, strict=True):
        line = go.Scatter(
            x=at,
            y=(100 * shares(values)).astype(np.float32),
            mode="lines",
            name=text(method),
            line={"color": style.colour, "dash": style.dash, "width": 1.5},
            hovertemplate=f"{text(method)}: %{{y:.2f}}%<br>%{{x}}<extra></extra>",
        )
        figure.add_trace(line)
    figure.add_hline(
        y=100 / len(received),
        line={"dash": "dot", "width": 1, "color": PALETTE[6]},
        annotation={"text": "uniform", "font": {"size": CAPTION}, "x": 0, "xanchor": "left"},
    )
    figure.update_yaxes(rangemode="tozero")
    return legend_below(lay_out(figure, title=title, height=380, y="share of its sum (%)"))


def conductance_heatmap(
    times: Times, flow: Float[np.ndarray, "block time"], *, blocks: tuple[str, ...], unit: str, title: str
) -> go.Figure:
    """Return how much of the explained output flows through each step of each block, the block next to the input on top."""
    top = largest(flow)
    heat = go.Heatmap(
        z=flow.astype(np.float32),
        x=axis_times(times),
        y=[text(block) for block in blocks],
        zmin=-top,
        zmax=top,
        colorscale=SIGNED,
        colorbar={"title": with_unit("flow", unit), "thickness": 12},
        ygap=2,
        hovertemplate=f"%{{y}}<br>%{{x}}<br>%{{z:.4g}} {text(unit)}<extra></extra>",
    )
    figure = Plot(heat)
    figure.update_yaxes(type="category", autorange="reversed")
    return lay_out(figure, title=title, height=max(220, 110 + 32 * len(blocks)), legend=False)
