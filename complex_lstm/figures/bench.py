"""Where a change shows on its way through the model, and what each component contributes."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from complex_lstm.figures.theme import CHANCE, PALETTE, PREDICTED, lay_out, legend_below, text

ROW = 21


def change_bars(changes: Float[np.ndarray, " box"], *, boxes: tuple[str, ...], title: str) -> go.Figure:
    """Return how far each box moved, from the first of the walk at the top; the first that moved has another colour.

    A box that was zero before has no share: its bar ends at the largest finite one, and says so.
    """
    finite = changes[np.isfinite(changes)]
    top = float(finite.max(initial=0.0)) or 1.0
    moved = np.flatnonzero(changes > 0)
    first = int(moved[0]) if len(moved) else None
    words = ["was zero" if np.isinf(change) else "first" if place == first else "" for place, change in enumerate(changes)]
    bars = go.Bar(
        x=np.where(np.isfinite(changes), changes, top).astype(np.float32),
        y=[text(box) for box in boxes],
        orientation="h",
        marker={"color": [PREDICTED if place == first else PALETTE[0] for place in range(len(boxes))]},
        text=words,
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: moved by %{x:.4g} of its mean size<extra></extra>",
    )
    figure = go.Figure(bars)
    figure.update_yaxes(type="category", autorange="reversed", dtick=1, tickfont={"size": 11})
    figure.update_xaxes(range=[0, 1.12 * top])
    return lay_out(figure, title=title, height=80 + ROW * len(boxes), x="mean |change| / mean |before|", legend=False)


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
    figure = go.Figure()
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
    return legend_below(lay_out(figure, title=title, height=150 + ROW * len(values), x=axis))
