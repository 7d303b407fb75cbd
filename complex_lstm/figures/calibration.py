"""Probabilities beside what came true, and how well they tell a class from the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from complex_lstm.evaluation.calibration import Reliability
from complex_lstm.evaluation.curves import Curve
from complex_lstm.figures.plot import Plot, subplots
from complex_lstm.figures.theme import ACTUAL, CHANCE, PALETTE, PREDICTED, lay_out, legend_below, text

BAND = "rgba(213,94,0,.18)"  # of the first of several lines
MARKED = PALETTE[2]


@dataclass(frozen=True)
class Marked:
    """A point of a curve that is marked, and the threshold at which it is reached."""

    x: float
    y: float
    threshold: float


def reliability_diagram(bins: tuple[tuple[str, Reliability], ...], *, of: str, title: str) -> go.Figure:
    """Return for each set of probabilities the share that came true over the mean probability of each bin, and below the windows in a bin.

    The grey diagonal is what a calibrated model gives. The first set has a band: the interval of each bin's share.
    """
    figure = subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.76, 0.24], vertical_spacing=0.06)
    diagonal = np.array([0, 1], dtype=np.float32)
    figure.add_trace(
        go.Scatter(x=diagonal, y=diagonal, mode="lines", name="calibrated", line={"color": CHANCE, "dash": "dash"}, hoverinfo="skip"),
        row=1, col=1,
    )  # fmt: skip
    for place, (label, found) in enumerate(bins):
        filled = found.count > 0
        colour = (PREDICTED, PALETTE[0], PALETTE[2])[place % 3]
        at = found.confidence[filled].astype(np.float32)
        share = np.array([one.value for one in found.share], dtype=np.float32)[filled]
        edges = [np.array([getattr(one, name) for one in found.share], dtype=np.float32)[filled] for name in ("low", "high")]
        if place == 0 and np.isfinite(edges).all() and len(at) > 1:
            _add_band(figure, at, *edges, row=1, hover="interval of the share, %{y:.2f}")
        figure.add_trace(
            go.Scatter(
                x=at, y=share, mode="lines+markers", name=text(label), line={"color": colour}, marker={"size": 7},
                customdata=found.count[filled],
                hovertemplate=f"{text(label)}<br>mean probability %{{x:.3f}}, came true %{{y:.3f}}"
                 "<br>%{customdata} windows<extra></extra>",
            ),
            row=1, col=1,
        )  # fmt: skip
        figure.add_trace(
            go.Bar(
                x=((found.low + found.high) / 2)[filled].astype(np.float32), y=found.count[filled], width=(found.high - found.low)[filled],
                marker={"color": colour}, opacity=0.5, showlegend=False, name=f"windows, {text(label)}",
                hovertemplate=f"{text(label)}<br>%{{y}} windows around %{{x:.2f}}<extra></extra>",
            ),
            row=2, col=1,
        )  # fmt: skip
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(range=[0, 1])
    figure.update_yaxes(range=[0, 1.02], title_text="share that came true", row=1, col=1)
    figure.update_yaxes(title_text="windows", row=2, col=1)
    figure.update_xaxes(title_text=f"probability of {text(of)}", row=2, col=1)
    return legend_below(lay_out(figure, title=title, height=470))


def roc_lines(curve: Curve, *, name: str, title: str, marked: Marked | None = None) -> go.Figure:
    """Return the true positive rate over the false positive rate; the grey diagonal is a class that is not told from the rest."""
    figure = Plot()
    diagonal = np.array([0, 1], dtype=np.float32)
    figure.add_scatter(
        x=diagonal, y=diagonal, mode="lines", name="not told apart", line={"color": CHANCE, "dash": "dash"}, hoverinfo="skip"
    )
    words = "false positive rate %{x:.3f}, true positive rate %{y:.3f}"
    return _with_curve(figure, curve, name, title, marked, words, ("false positive rate", "true positive rate (recall)"))


def precision_recall_lines(curve: Curve, *, name: str, share: float, title: str, marked: Marked | None = None) -> go.Figure:
    """Return the precision over the recall; the grey line is the share of the class, the precision of a class that is not told apart."""
    figure = Plot()
    figure.add_scatter(
        x=np.array([0, 1], dtype=np.float32), y=np.full(2, share, dtype=np.float32), mode="lines", name="not told apart",
        line={"color": CHANCE, "dash": "dash"}, hoverinfo="skip",
    )  # fmt: skip
    return _with_curve(figure, curve, name, title, marked, "recall %{x:.3f}, precision %{y:.3f}", ("recall", "precision"))


def class_areas(areas: Float[np.ndarray, " class"], *, names: tuple[str, ...], title: str) -> go.Figure:
    """Return the area under the ROC curve of each class as a point; the dashed line is a class that is not told from the rest."""
    labels = [text(name) for name in names]
    figure = Plot()
    figure.add_scatter(
        x=areas.astype(np.float32), y=labels, mode="markers", marker={"size": 10, "color": PREDICTED}, name="area",
        hovertemplate="%{y}: %{x:.3f}<extra></extra>",
    )  # fmt: skip
    figure.add_vline(x=0.5, line={"color": CHANCE, "dash": "dash"})
    figure.update_yaxes(type="category", autorange="reversed")
    figure.update_xaxes(range=[min(0.48, float(np.nanmin(areas, initial=0.5)) - 0.02), 1.02])
    height = max(200, 90 + 24 * len(labels))
    return lay_out(figure, title=title, height=height, x="area under the ROC curve, class against the rest", legend=False)


def _with_curve(figure: Plot, curve: Curve, name: str, title: str, marked: Marked | None, words: str, axes: tuple[str, str]) -> go.Figure:
    if len(curve.grid):
        _add_band(figure, curve.grid.astype(np.float32), curve.low.astype(np.float32), curve.high.astype(np.float32), hover="band %{y:.3f}")
    figure.add_scatter(
        x=curve.x.astype(np.float32), y=curve.y.astype(np.float32), customdata=curve.threshold.astype(np.float32), mode="lines",
        name=text(name), line={"color": PREDICTED, "width": 2}, hovertemplate=f"{words}<br>threshold %{{customdata:.3f}}<extra></extra>",
    )  # fmt: skip
    if marked is not None:
        figure.add_scatter(
            x=[marked.x], y=[marked.y], mode="markers", name=f"threshold {marked.threshold:.2f}",
            marker={"size": 14, "symbol": "circle-open", "line": {"width": 3}, "color": MARKED},
            hovertemplate=f"{words}<br>threshold {marked.threshold:.3f}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(range=[-0.01, 1.01])
    figure.update_yaxes(range=[-0.01, 1.03])
    return legend_below(lay_out(figure, title=title, height=380, x=axes[0], y=axes[1]))


def _add_band(
    figure: Plot, x: Float[np.ndarray, " point"], low: Float[np.ndarray, " point"], high: Float[np.ndarray, " point"],
    *, hover: str, row: int | None = None,
) -> None:  # fmt: skip
    place = {"row": row, "col": 1} if row else {}
    for values, name, fill in ((low, "lower end of the 95% band", None), (high, "95% band", "tonexty")):
        trace = go.Scatter(
            x=x, y=values, mode="lines", line={"width": 0, "color": ACTUAL}, name=name, showlegend=fill is not None, fill=fill,
            fillcolor=BAND if fill else None, hovertemplate=f"{hover}<extra></extra>",
        )  # fmt: skip
        figure.add_trace(trace, **place)
