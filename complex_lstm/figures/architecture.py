"""The architecture as boxes, and any tensor of the walk over time."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from complex_lstm.data import Times
from complex_lstm.figures.theme import PALETTE, SIGNED, largest, lay_out, moments, text

PER_ROW = 6
BOX, LIT = "#D9E6F2", "#F4A582"
INK = "#1F2933"  # on the boxes, which are light in both themes


def flow_boxes(names: tuple[str, ...], below: tuple[str, ...], *, chosen: int) -> go.Figure:
    """Return the boxes in reading order, six a row, joined by arrows. `names` and `below` are our own words, and may hold <br>."""
    places = [(number % PER_ROW, -(number // PER_ROW)) for number in range(len(names))]
    figure = go.Figure()
    for number, (x, y) in enumerate(places):
        figure.add_shape(
            type="rect",
            x0=x - 0.42,
            x1=x + 0.42,
            y0=y - 0.33,
            y1=y + 0.33,
            line={"width": 0},
            layer="below",
            fillcolor=LIT if number == chosen else BOX,
        )
        if number:
            _arrow(figure, places[number - 1], (x, y))
    words = [f"<b>{name}</b><br>{line}" for name, line in zip(names, below, strict=True)]
    figure.add_trace(
        go.Scatter(
            x=[x for x, _ in places],
            y=[y for _, y in places],
            mode="markers+text",
            text=words,
            hovertemplate="%{text}<extra></extra>",
            textfont={"size": 11, "color": INK},
            marker={"size": 60, "opacity": 0, "symbol": "square"},
        )
    )
    figure.update_xaxes(visible=False, range=[-0.5, PER_ROW - 0.5], fixedrange=True)
    figure.update_yaxes(visible=False, range=[-((len(names) - 1) // PER_ROW) - 0.45, 0.45], fixedrange=True)
    return lay_out(figure, height=95 * (1 + (len(names) - 1) // PER_ROW), legend=False)


def _arrow(figure: go.Figure, start: tuple[int, int], stop: tuple[int, int]) -> None:
    """Draw an arrow to the next box; to the next row it goes down between the rows and back to the left."""
    tail: tuple[float, float]
    head: tuple[float, float]
    if start[1] == stop[1]:
        tail, head = (start[0] + 0.42, start[1]), (stop[0] - 0.42, stop[1])
    else:
        between = start[1] - 0.5
        path = f"M {start[0]},{start[1] - 0.33} L {start[0]},{between} L {stop[0]},{between}"
        figure.add_shape(type="path", path=path, line={"color": PALETTE[6], "width": 1.4}, layer="below")
        tail, head = (stop[0], between), (stop[0], stop[1] + 0.33)
    figure.add_annotation(
        x=head[0],
        y=head[1],
        ax=tail[0],
        ay=tail[1],
        xref="x",
        yref="y",
        axref="x",
        ayref="y",
        text="",
        showarrow=True,
        arrowhead=2,
        arrowwidth=1.4,
        arrowcolor=PALETTE[6],
    )


def tensor_heatmap(times: Times, values: Float[np.ndarray, "time channel"], *, rows: str, names: tuple[str, ...], title: str) -> go.Figure:
    """Return a tensor over time, blue below zero and red above; its rows have names or count from 0."""
    top = largest(values)
    heat = go.Heatmap(
        z=values.T.astype(np.float32),
        x=moments(times),
        y=[text(name) for name in names] or None,
        zmin=-top,
        zmax=top,
        colorscale=SIGNED,
        colorbar={"thickness": 12},
        hovertemplate=f"{rows} %{{y}}<br>%{{x}}<br>%{{z:.4f}}<extra></extra>",
    )
    return lay_out(go.Figure(heat), title=title, height=380, y=rows, legend=False)


def vector_bars(values: Float[np.ndarray, " item"], *, names: tuple[str, ...], title: str) -> go.Figure:
    """Return a vector as bars, in its order."""
    labels = [text(name) for name in names] or np.arange(len(values))
    bars = go.Bar(x=labels, y=values.astype(np.float32), marker={"color": PALETTE[0]}, hovertemplate="%{x}: %{y:.4f}<extra></extra>")
    return lay_out(go.Figure(bars), title=title, height=320, x="" if names else "channel", y="value", legend=False)
