"""The model against simple models: each difference as a dot in its interval, beside the line of no difference."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from complex_lstm.evaluation.simple_scores import SimpleComparison
from complex_lstm.figures.plot import Plot
from complex_lstm.figures.theme import CHANCE, PALETTE, lay_out, legend_below, text

ROW = 34
INTERVAL = "95% interval"
VERDICTS = (
    ("the model is better", PALETTE[0], "circle"),
    ("the simple model is better", PALETTE[1], "diamond"),
    ("no difference shown", PALETTE[6], "square"),
)


def difference_dots(
    values: Float[np.ndarray, " rule"],
    low: Float[np.ndarray, " rule"],
    high: Float[np.ndarray, " rule"],
    *,
    names: tuple[str, ...],
    measure: str,
    unit: str,
    higher_is_better: bool,
    title: str,
) -> go.Figure:
    """Return a row for each simple model: how the model differs from it, and the interval of that, NaN where there is none.

    Colour and shape say on which side of no difference the whole interval lies. A difference that is not finite has no dot.
    """
    rows, sign = np.array([text(name) for name in names], dtype=object), 1 if higher_is_better else -1
    better, worse = (low > 0, high < 0) if sign > 0 else (high < 0, low > 0)
    figure = Plot()
    figure.add_vline(x=0, line={"color": CHANCE, "dash": "dash", "width": 2}, layer="below")
    spanned = np.isfinite(low) & np.isfinite(high)
    ends = np.stack([low, high, np.full(len(low), np.nan)], axis=1)[spanned]  # the gap keeps the rows apart
    figure.add_scatter(
        x=ends.ravel().astype(np.float32),
        y=np.repeat(rows[spanned], 3),
        mode="lines",
        name=INTERVAL,
        line={"color": CHANCE, "width": 4},
        hovertemplate=f"%{{y}}: {INTERVAL} to %{{x:+.3g}} {text(unit)}<extra></extra>",
    )
    for chosen, (verdict, colour, symbol) in zip((better, worse, ~better & ~worse), VERDICTS, strict=True):
        drawn = chosen & np.isfinite(values)
        figure.add_scatter(
            x=values[drawn].astype(np.float32),
            y=rows[drawn],
            mode="markers",
            name=verdict,
            marker={"size": 12, "color": colour, "symbol": symbol},
            showlegend=bool(drawn.any()),
            hovertemplate=f"%{{y}}: %{{x:+.3g}} {text(unit)}, {verdict}<extra></extra>",
        )
    figure.update_yaxes(type="category", categoryorder="array", categoryarray=rows[::-1].tolist())  # Plotly counts from below
    drawn = np.concatenate([[0.0], *(one[np.isfinite(one)] for one in (values, low, high))])
    around = 0.05 * float(np.ptp(drawn)) or 1.0
    figure.update_xaxes(type="linear", range=[float(drawn.min()) - around, float(drawn.max()) + around])
    direction = "the model is better →" if higher_is_better else "← the model is better"
    height = 186 + ROW * len(names)
    return legend_below(lay_out(figure, title=title, height=height, x=f"{text(measure)} ({text(unit)})<br>{direction}"))


def comparison_dots(compared: SimpleComparison, *, title: str) -> go.Figure:
    """Return the differences of a model to the simple models that it was compared with: in percent of their error, or in points."""
    differences = [one.difference for one in compared.scores]
    values, low, high = (100 * np.array([getattr(one, name) for one in differences]) for name in ("value", "low", "high"))
    return difference_dots(
        values,
        low,
        high,
        names=tuple(one.name for one in compared.scores),
        measure="the model's accuracy less the simple model's" if compared.is_classes else "the model's error against the simple model's",
        unit="percentage points" if compared.is_classes else "%",
        higher_is_better=compared.is_classes,
        title=title,
    )
