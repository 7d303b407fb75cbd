"""What the ensemble heads say, and what the combiner makes of it."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int
from plotly.subplots import make_subplots

from complex_lstm.figures.theme import PALETTE, PREDICTED, SIGNED, largest, lay_out, text


def member_bars(
    member_outputs: Float[np.ndarray, "member output"], combined: Float[np.ndarray, " output"], *, outputs: tuple[str, ...], title: str
) -> go.Figure:
    """Return each ensemble head's output beside the combined one, in the model's own scale."""
    figure = go.Figure()
    names = [text(name) for name in outputs]
    rows = [(f"ensemble head {number}", PALETTE[(0, 2, 3)[number - 1]], said) for number, said in enumerate(member_outputs, 1)]
    for label, colour, values in [*rows, ("combined", PREDICTED, combined)]:
        hover = f"{label}, %{{x}}: %{{y:.4f}}<extra></extra>"
        figure.add_trace(go.Bar(x=names, y=values.astype(np.float32), name=label, marker={"color": colour}, hovertemplate=hover))
    figure.update_xaxes(type="category")
    return lay_out(figure, title=title, height=340, y="output (model's scale)")


def disagreement_scatter(
    windows: Int[np.ndarray, " window"],
    apart: Float[np.ndarray, " window"],
    *,
    labels: list[str],
    chosen: int | None,
    title: str,
) -> go.Figure:
    """Return how far apart the ensemble heads are at each window. A point can be clicked; its customdata is the window."""
    points = go.Scatter(
        x=windows,
        y=apart.astype(np.float32),
        mode="markers",
        customdata=windows,
        text=[text(label) for label in labels],
        marker={"size": 6, "color": PALETTE[0], "opacity": 0.7},
        name="windows",
        hovertemplate="window %{customdata}<br>%{text}<br>spread %{y:.4f}<extra></extra>",
    )
    figure = go.Figure(points)
    if chosen is not None:
        ring = {"size": 14, "symbol": "circle-open", "line": {"width": 3}, "color": PREDICTED}
        figure.add_trace(
            go.Scatter(x=[windows[chosen]], y=[float(apart[chosen])], mode="markers", marker=ring, name="chosen window", hoverinfo="skip")
        )
    figure.update_yaxes(rangemode="tozero")
    return lay_out(figure, title=title, height=320, x="window", y="spread of the heads")


def sensitivity_heatmaps(sensitivity: Float[np.ndarray, "output member output"], *, outputs: tuple[str, ...], title: str) -> go.Figure:
    """Return for each ensemble head how each combined output (row) moves with each of its outputs (column), on one range."""
    members = sensitivity.shape[1]
    figure = make_subplots(
        rows=1,
        cols=members,
        subplot_titles=[f"ensemble head {number}" for number in range(1, members + 1)],
        shared_yaxes=True,
        horizontal_spacing=0.03,
    )
    names = [text(name) for name in outputs]
    top = largest(sensitivity)
    for member in range(members):
        heat = go.Heatmap(
            z=sensitivity[:, member].astype(np.float32),
            x=names,
            y=names,
            zmin=-top,
            zmax=top,
            colorscale=SIGNED,
            showscale=member == members - 1,
            colorbar={"title": "d combined<br>/ d head", "thickness": 12},
            hovertemplate="combined %{y} moves by %{z:.4f} for each 1 of the head's %{x}<extra></extra>",
        )
        figure.add_trace(heat, row=1, col=member + 1)
    figure.update_xaxes(type="category", tickangle=-40)
    figure.update_yaxes(type="category", autorange="reversed")
    figure.update_yaxes(title_text="combined output", col=1)
    figure.update_annotations(font_size=12)
    return lay_out(figure, title=title, height=max(280, 170 + 22 * len(outputs)), legend=False)
