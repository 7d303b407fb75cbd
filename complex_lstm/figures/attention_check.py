"""Attention beside attribution, and what flows through the blocks at each step."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from complex_lstm.data import Times
from complex_lstm.figures.theme import (
    CAPTION,
    CHANCE,
    PALETTE,
    SIGNED,
    largest,
    lay_out,
    legend_below,
    method_styles,
    moments,
    shares,
    text,
    with_unit,
)


def steps_compared(
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
    at = moments(times)
    thick = go.Scatter(
        x=at,
        y=(100 * shares(received)).astype(np.float32),
        mode="lines",
        name="attention received",
        line={"color": CHANCE, "width": 6},
        hovertemplate="attention received: %{y:.2f}%<br>%{x}<extra></extra>",
    )
    figure = go.Figure(thick)
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
        x=moments(times),
        y=[text(block) for block in blocks],
        zmin=-top,
        zmax=top,
        colorscale=SIGNED,
        colorbar={"title": with_unit("flow", unit), "thickness": 12},
        ygap=2,
        hovertemplate=f"%{{y}}<br>%{{x}}<br>%{{z:.4g}} {text(unit)}<extra></extra>",
    )
    figure = go.Figure(heat)
    figure.update_yaxes(type="category", autorange="reversed")
    return lay_out(figure, title=title, height=max(220, 110 + 32 * len(blocks)), legend=False)
