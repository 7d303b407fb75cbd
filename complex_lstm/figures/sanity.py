"""Sanity: what becomes of an explanation when the model forgets."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from complex_lstm.figures.theme import CHANCE, lay_out, legend_below, method_styles, text

TRAINED = "trained"


def cascade_lines(parts: tuple[str, ...], likeness: Float[np.ndarray, "method part"], *, methods: tuple[str, ...], title: str) -> go.Figure:
    """Return how alike each method's map stays while the parts are made random one after another, from the output down.

    Every line starts at 1, the trained model's own map. One that stays up shows the input, not the model. A line has a
    gap where all cells are the same (NaN).
    """
    figure = go.Figure()
    figure.add_hline(y=0, line={"color": CHANCE, "width": 2}, layer="below")
    at = [TRAINED, *(text(part) for part in parts)]
    for method, style, values in zip(methods, method_styles(methods), likeness, strict=True):
        line = go.Scatter(
            x=at,
            y=np.concatenate([[1.0], values]).astype(np.float32),
            mode="lines+markers",
            name=text(method),
            line={"color": style.colour, "dash": style.dash, "width": 2},
            marker={"symbol": style.symbol, "size": 8},
            hovertemplate=f"{text(method)}: %{{y:.3f}}<br>random from the output down to %{{x}}<extra></extra>",
        )
        figure.add_trace(line)
    figure.update_xaxes(type="category", tickangle=-30)
    figure.update_yaxes(range=[min(-0.25, float(np.nanmin(likeness, initial=0)) - 0.05), 1.05])
    lay_out(
        figure, title=title, height=460, x="made random, with all parts to its left", y="rank correlation with<br>the trained model's map"
    )
    return legend_below(figure)
