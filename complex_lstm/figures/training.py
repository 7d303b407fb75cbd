"""Training over its epochs and steps: how the losses went, of one run or of several, and the gradients of its parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from complex_lstm.figures.theme import CHANCE, METHOD_STYLES, PALETTE, lay_out, legend_below, text

WHOLE_TICKS = 12  # epochs that have room for a tick each
FEW_POINTS = 40  # so few that each is marked
FEW_DECADES = 1.5  # of a logarithmic axis, on which 1, 2 and 5 are marked as well
SMALL_HEIGHT = 300


@dataclass(frozen=True)
class RunCurve:
    """One measure of one run over its epochs: on the training part where `is_training`, else on the validation part.

    `kept` is the epoch whose model is kept, 0 where there is none.
    """

    run: str
    epochs: Float[np.ndarray, " point"]
    values: Float[np.ndarray, " point"]
    is_training: bool = False
    kept: int = 0


def epoch_curves(curves: tuple[RunCurve, ...], *, measure: str, title: str) -> go.Figure:
    """Return each run's curves in one colour: solid on the validation part, dotted on the training part.

    A ring is the epoch whose model is kept.
    """
    runs = tuple(dict.fromkeys(curve.run for curve in curves))
    colours = {run: PALETTE[place % len(PALETTE)] for place, run in enumerate(runs)}
    figure = go.Figure()
    for curve in curves:
        part = "training" if curve.is_training else "validation"
        alone = len(runs) == 1
        name = part if alone else f"{text(curve.run)}, {part}"
        figure.add_scatter(
            x=curve.epochs.astype(np.float32),
            y=curve.values.astype(np.float32),
            mode="lines+markers",
            name=name,
            showlegend=alone or not curve.is_training,  # of several runs each is named once
            line={"color": colours[curve.run], "width": 2, "dash": "dot" if curve.is_training else "solid"},
            marker={"size": 4 if len(curve.epochs) > 2 else 8},
            hovertemplate=f"{name}, epoch %{{x}}: %{{y:.4g}}<extra></extra>",
        )
        if curve.kept in curve.epochs:
            _ring(figure, curve, colours[curve.run])
    last = max((float(curve.epochs.max(initial=0)) for curve in curves), default=0.0)
    figure.update_xaxes(tickformat="d", dtick=1 if last <= WHOLE_TICKS else None)  # Plotly would mark epoch 1.5
    return legend_below(lay_out(figure, title=title, height=320 + 20 * len(runs), x="epoch", y=text(measure)))


def _ring(figure: go.Figure, curve: RunCurve, colour: str) -> None:
    at = int(np.nonzero(curve.epochs == curve.kept)[0][0])
    figure.add_scatter(
        x=[curve.kept],
        y=curve.values[[at]].astype(np.float32),
        mode="markers",
        showlegend=False,
        marker={"symbol": "circle-open", "size": 15, "color": colour, "line": {"width": 2.5}},
        hovertemplate=f"{text(curve.run)}: the model of epoch %{{x}} is kept<extra></extra>",
    )


def gradient_lines(
    steps: tuple[Float[np.ndarray, " _point"], ...], norms: tuple[Float[np.ndarray, " _point"], ...], *, parts: tuple[str, ...], title: str
) -> go.Figure:
    """Return the gradient's norm in each part of the model over the optimizer's steps, on a logarithmic axis: zeros have no place on it."""
    figure = go.Figure()
    for place, (at, values, name) in enumerate(zip(steps, norms, parts, strict=True)):
        style = METHOD_STYLES[place % len(METHOD_STYLES)]
        figure.add_scatter(
            x=at.astype(np.float32),
            y=np.where(values > 0, values, np.nan).astype(np.float32),
            mode="lines+markers" if len(at) < FEW_POINTS else "lines",
            name=text(name),
            line={"color": style.colour, "dash": style.dash},
            marker={"size": 4},
            hovertemplate=f"{text(name)}, step %{{x}}: %{{y:.3g}}<extra></extra>",
        )
    figure.update_yaxes(type="log", exponentformat="power", dtick=_log_ticks(norms))
    return legend_below(lay_out(figure, title=title, height=380, x="step of the optimizer", y="norm of the gradient"))


def _log_ticks(norms: tuple[Float[np.ndarray, " _point"], ...]) -> float | str:
    """Return the ticks of a logarithmic axis that has room for them: the powers of ten, or of a short range 1, 2 and 5 as well."""
    sizes = np.concatenate([values[values > 0] for values in norms] or [np.ones(1)])
    decades = np.log10(sizes.max() / sizes.min()) if sizes.size else 0.0
    return 1.0 if decades > FEW_DECADES else "D2"


def total_norm_line(steps: Float[np.ndarray, " point"], norms: Float[np.ndarray, " point"], *, clip: float, title: str) -> go.Figure:
    """Return the norm of the whole gradient over the optimizer's steps, with the norm at which it is clipped; 0 does not clip."""
    figure = gradient_lines((steps,), (norms,), parts=("whole gradient",), title=title)
    if clip > 0:
        figure.add_scatter(
            x=steps[[0, -1]].astype(np.float32),
            y=np.full(2, clip, dtype=np.float32),
            mode="lines",
            name=f"clipped at {clip:g}",
            line={"color": CHANCE, "dash": "dash"},
            hovertemplate=f"clipped at {clip:g}<extra></extra>",
        )
    return figure.update_layout(height=SMALL_HEIGHT)


def scale_line(steps: Float[np.ndarray, " point"], scale: Float[np.ndarray, " point"], *, title: str) -> go.Figure:
    """Return the learned gradient scale over the optimizer's steps, beside the 1 at which it begins."""
    figure = go.Figure()
    figure.add_hline(y=1, line={"color": CHANCE, "dash": "dash"})
    _line(figure, steps, scale, colour=PALETTE[0], words="step %{x}: %{y:.4f}")
    return lay_out(figure, title=title, height=SMALL_HEIGHT, x="step of the optimizer", y="gradient scale", legend=False)


def rate_line(epochs: Float[np.ndarray, " point"], rates: Float[np.ndarray, " point"], *, title: str) -> go.Figure:
    """Return the learning rate over the epochs."""
    figure = go.Figure()
    _line(figure, epochs, rates, colour=PALETTE[0], words="epoch %{x}: %{y:.3g}")
    figure.update_xaxes(tickformat="d", dtick=1 if epochs.max(initial=0) <= WHOLE_TICKS else None)
    figure.update_yaxes(rangemode="tozero", exponentformat="power")
    return lay_out(figure, title=title, height=220, x="epoch", y="learning rate", legend=False)


def _line(figure: go.Figure, at: Float[np.ndarray, " point"], values: Float[np.ndarray, " point"], *, colour: str, words: str) -> None:
    figure.add_scatter(
        x=at.astype(np.float32),
        y=values.astype(np.float32),
        mode="lines+markers" if len(at) < FEW_POINTS else "lines",
        line={"color": colour},
        marker={"size": 4},
        hovertemplate=f"{words}<extra></extra>",
    )
