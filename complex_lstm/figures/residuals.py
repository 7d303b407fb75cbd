"""Errors of forecasts by the hour and by the size of what is predicted, and prediction intervals over time."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float, Int

from complex_lstm.data import Times
from complex_lstm.figures.plot import Plot
from complex_lstm.figures.theme import ACTUAL, CHANCE, PALETTE, PREDICTED, axis_times, lay_out, legend_below, text, with_unit

BAND = "rgba(213,94,0,.20)"


def residuals_by_hour(
    hours: Int[np.ndarray, " hour"],
    quantiles: Float[np.ndarray, "quantile hour"],
    counts: Int[np.ndarray, " hour"],
    *,
    name: str,
    unit: str,
    title: str,
) -> go.Figure:
    """Return the median error at each hour of the day, between the quantiles at 10% and 90%. `quantiles` has the three in rising order."""
    figure = Plot()
    low, middle, high = quantiles.astype(np.float32)
    _band(figure, hours, low, high, label="10% to 90% of the errors")
    figure.add_scatter(
        x=hours, y=middle, mode="lines+markers", name="median error", line={"color": PREDICTED}, customdata=counts,
        hovertemplate=f"%{{x}}:00, median error %{{y:.4g}} {text(unit)}<br>%{{customdata}} windows<extra></extra>",
    )  # fmt: skip
    figure.add_hline(y=0, line={"color": CHANCE, "dash": "dash"})
    figure.update_xaxes(dtick=3, range=[-0.5, 23.5])
    return legend_below(lay_out(figure, title=title, height=320, x="hour of the day of the time that is forecast", y=_error(name, unit)))


def residuals_by_size(
    predicted: Float[np.ndarray, " window"],
    errors: Float[np.ndarray, " window"],
    windows: Int[np.ndarray, " window"],
    running: tuple[Float[np.ndarray, " point"], Float[np.ndarray, " point"]],
    *,
    name: str,
    what: str,
    unit: str,
    title: str,
) -> go.Figure:
    """Return the error of each window over what was predicted, and their running median. A point's customdata is its window.

    `what` is predicted: the target `name`, or its change.
    """
    figure = Plot()
    figure.add_scatter(
        x=predicted.astype(np.float32), y=errors.astype(np.float32), customdata=windows, mode="markers", name="windows",
        marker={"size": 4, "color": PALETTE[0], "opacity": 0.4},
        hovertemplate=f"predicted %{{x:.4g}}, error %{{y:.4g}} {text(unit)}<br>window %{{customdata}}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=running[0].astype(np.float32), y=running[1].astype(np.float32), mode="lines", name="running median",
        line={"color": PREDICTED, "width": 3}, hovertemplate=f"around %{{x:.4g}}: median error %{{y:.4g}} {text(unit)}<extra></extra>",
    )  # fmt: skip
    figure.add_hline(y=0, line={"color": CHANCE, "dash": "dash"})
    return legend_below(lay_out(figure, title=title, height=320, x=f"predicted {with_unit(what, unit)}", y=_error(name, unit)))


def interval_band(
    times: Times,
    actual: Float[np.ndarray, " window"],
    predicted: Float[np.ndarray, " window"],
    half: Float[np.ndarray, " window"],
    inside: Bool[np.ndarray, " window"],
    *,
    windows: Int[np.ndarray, " window"],
    level: float,
    name: str,
    unit: str,
    title: str,
) -> go.Figure:
    """Return predictions with their interval and the actual values at the times that they are for; those outside are marked."""
    figure, at = Plot(), axis_times(times)
    _band(figure, at, (predicted - half).astype(np.float32), (predicted + half).astype(np.float32), label=f"{level:.0%} interval")
    for values, label, colour in ((predicted, "predicted", PREDICTED), (actual, "actual", ACTUAL)):
        figure.add_scatter(
            x=at, y=values.astype(np.float32), customdata=windows, mode="lines", name=label, line={"color": colour, "width": 1.5},
            hovertemplate=f"{label} %{{y:.4g}} {text(unit)}<br>%{{x}}<br>window %{{customdata}}<extra></extra>",
        )  # fmt: skip
    outside = np.flatnonzero(~inside & np.isfinite(actual))
    figure.add_scatter(
        x=[at[one] for one in outside], y=actual[outside].astype(np.float32), customdata=windows[outside], mode="markers",
        name="outside the interval", marker={"color": PALETTE[2], "size": 7},
        hovertemplate=f"outside: actual %{{y:.4g}} {text(unit)}<br>%{{x}}<br>window %{{customdata}}<extra></extra>",
    )  # fmt: skip
    return legend_below(lay_out(figure, title=title, height=380, y=with_unit(name, unit)))


def _band(figure: Plot, x: object, low: Float[np.ndarray, " point"], high: Float[np.ndarray, " point"], *, label: str) -> None:
    for values, name, fill in ((low, f"{label}, lower end", None), (high, label, "tonexty")):
        figure.add_scatter(
            x=x, y=values, mode="lines", line={"width": 0, "color": PREDICTED}, name=name, showlegend=fill is not None, fill=fill,
            fillcolor=BAND if fill else None, hovertemplate=f"{name} %{{y:.4g}}<extra></extra>",
        )  # fmt: skip


def _error(name: str, unit: str) -> str:
    return f"predicted minus actual, {with_unit(name, unit)}"
