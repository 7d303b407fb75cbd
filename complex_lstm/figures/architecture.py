"""Any tensor of the walk, over time."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from complex_lstm.data import Times
from complex_lstm.figures.theme import PALETTE, SIGNED, largest, lay_out, moments, text


def tensor_heatmap(times: Times, values: Float[np.ndarray, "time channel"], *, rows: str, title: str) -> go.Figure:
    """Return a tensor over time, blue below zero and red above."""
    top = largest(values)
    heat = go.Heatmap(z=values.T.astype(np.float32), x=moments(times), zmin=-top, zmax=top, colorscale=SIGNED, colorbar={"thickness": 12},
                      hovertemplate=f"{rows} %{{y}}<br>%{{x}}<br>%{{z:.4f}}<extra></extra>")  # fmt: skip
    return lay_out(go.Figure(heat), title=title, height=380, y=rows, legend=False)


def vector_bars(values: Float[np.ndarray, " item"], *, names: tuple[str, ...], title: str) -> go.Figure:
    """Return a vector as bars, in its order."""
    labels = [text(name) for name in names] or np.arange(len(values))
    bars = go.Bar(x=labels, y=values.astype(np.float32), marker={"color": PALETTE[0]}, hovertemplate="%{x}: %{y:.4f}<extra></extra>")
    return lay_out(go.Figure(bars), title=title, height=320, x="" if names else "channel", y="value", legend=False)
