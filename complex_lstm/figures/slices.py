"""The error in slices of the windows against that of the others, and the values of a feature in training beside new ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float

from complex_lstm.figures.plot import Plot
from complex_lstm.figures.theme import ACTUAL, CHANCE, PALETTE, PREDICTED, lay_out, shortened, text, with_unit

ROW = 24  # pixels of a slice
LONGEST = 56  # letters of a slice's name
BEYOND, WITHIN, UNRANKED = "worse beyond chance", "within chance", "too small to rank"


def slice_dots(
    labels: Sequence[str],
    difference: Float[np.ndarray, "slice three"],
    is_beyond_chance: Bool[np.ndarray, " slice"],
    *,
    links: Sequence[str],
    x: str,
    title: str,
    chosen: int | None = None,
) -> go.Figure:
    """Return a dot for each slice, the first at the top, with the interval of its difference: value, low and high.

    A dot can be clicked: its customdata is the slice's name in the link. Names have their place, from 1, before them. A slice without an
    interval has none of its ends, NaN. The one at the place `chosen` is ringed.
    """
    names = [text(shortened(f"{place}. {label}", LONGEST)) for place, label in enumerate(labels, 1)]
    value, low, high = difference.T
    kinds = np.where(np.isnan(low), UNRANKED, np.where(is_beyond_chance, BEYOND, WITHIN))
    figure = Plot()
    figure.add_vline(x=0, line={"color": CHANCE, "dash": "dot", "width": 2}, layer="below")
    ends = np.stack([low, high, np.full(len(names), np.nan)], axis=1).ravel().astype(np.float32)
    figure.add_trace(
        go.Scatter(
            x=ends,
            y=np.repeat(np.array(names, dtype=object), 3),
            mode="lines",
            line={"color": CHANCE, "width": 2},
            name="95% interval",
            hoverinfo="skip",
        )
    )
    for kind, colour in ((BEYOND, PREDICTED), (WITHIN, PALETTE[0]), (UNRANKED, ACTUAL)):
        own = np.flatnonzero(kinds == kind)
        if not len(own):
            continue
        figure.add_trace(
            go.Scatter(
                x=value[own].astype(np.float32),
                y=[names[place] for place in own],
                mode="markers",
                name=kind,
                customdata=[links[place] for place in own.tolist()],
                marker={"size": 10, "color": colour},
                hovertemplate="%{y}<br>%{x:.3g}<extra>%{fullData.name}</extra>",
            )
        )
    if chosen is not None:
        ring = {"size": 17, "symbol": "circle-open", "line": {"width": 3}, "color": PALETTE[2]}
        figure.add_trace(
            go.Scatter(x=[float(value[chosen])], y=[names[chosen]], mode="markers", marker=ring, name="chosen slice", hoverinfo="skip")
        )
    figure.update_yaxes(type="category", categoryorder="array", categoryarray=names, autorange="reversed", dtick=1, tickfont={"size": 11})
    return lay_out(figure, title=title, height=170 + ROW * len(names), x=x)


def share_curves(
    levels: Float[np.ndarray, " level"],
    before: Float[np.ndarray, " level"],
    after: Float[np.ndarray, " level"],
    *,
    name: str,
    unit: str,
    new: str,
    title: str,
    are_quantiles: bool = False,
) -> go.Figure:
    """Return the shares of training's and of new values that are no larger than each level; of quantiles a marker each."""
    figure = Plot()
    for values, label, colour in ((before, "training", ACTUAL), (after, new, PREDICTED)):
        figure.add_trace(
            go.Scatter(
                x=levels.astype(np.float32),
                y=values.astype(np.float32),
                mode="lines+markers" if are_quantiles else "lines",
                name=text(label),
                line={"color": colour, "width": 2.5, "shape": "linear" if are_quantiles else "hv"},
                hovertemplate=f"%{{y:.1%}} of {text(label)} up to %{{x:.4g}} {text(unit)}<extra></extra>",
            )
        )
    figure.update_yaxes(range=[-0.02, 1.02], tickformat=".0%")
    return lay_out(figure, title=title, height=320, x=with_unit(name, unit), y="share of values that are no larger")
