"""A model's inside over the steps of its training: attention that settles, ensemble heads that grow apart, gate and scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int

from complex_lstm.figures.plot import Plot, subplots
from complex_lstm.figures.theme import CAPTION, CHANCE, KEY, METHOD_STYLES, PALETTE, SEQUENTIAL, lay_out, legend_below, text

STEP = "step of the optimizer"
HEIGHT = 420
LEVEL = 15  # pixels between the labels of two marks


@dataclass(frozen=True)
class StepMark:
    """An optimizer step that every figure over the training marks with a vertical line."""

    step: int
    label: str
    colour: str


def settling_lines(
    steps: tuple[Int[np.ndarray, " _snapshot"], ...],
    to_last: tuple[Float[np.ndarray, " _snapshot"], ...],
    pace: tuple[Float[np.ndarray, " _snapshot"], ...],
    *,
    settled: tuple[int | None, ...],
    title: str,
) -> go.Figure:
    """Return how far each layer's maps are from the last ones, above how fast they change. A ring is where a layer has settled."""
    figure = _two_rows()
    for layer, (at, far, fast, rests) in enumerate(zip(steps, to_last, pace, settled, strict=True)):
        style, name = METHOD_STYLES[layer % len(METHOD_STYLES)], f"layer {layer + 1}"
        _line(figure, at, far, name=name, colour=style.colour, dash=style.dash, row=1)
        _line(figure, at, fast, name=name, colour=style.colour, dash=style.dash, row=2)
        if rests is not None:
            _ring(figure, rests, far[at == rests], style.colour, f"{name} has settled")
    figure.update_yaxes(title_text="distance from<br>the last maps", rangemode="tozero", row=1, col=1)
    figure.update_yaxes(title_text="change in<br>100 steps", rangemode="tozero", row=2, col=1)
    return _over_steps(figure, title=title, height=HEIGHT)


def head_lines(
    steps: Int[np.ndarray, " snapshot"],
    distance: Float[np.ndarray, "snapshot pair"],
    correlation: Float[np.ndarray, "snapshot pair"],
    *,
    pairs: tuple[tuple[int, int], ...],
    title: str,
) -> go.Figure:
    """Return how far each two ensemble heads are apart, above the correlation of their errors."""
    figure = _two_rows()
    for place, (one, other) in enumerate(pairs):
        name, colour = f"ensemble heads {one + 1} and {other + 1}", PALETTE[place % len(PALETTE)]
        _line(figure, steps, distance[:, place], name=name, colour=colour, row=1)
        _line(figure, steps, correlation[:, place], name=name, colour=colour, row=2)
    figure.add_hline(y=float(np.sqrt(2)), line={"dash": "dash", "width": 1, "color": CHANCE}, row=1, col=1)
    figure.update_yaxes(title_text="distance of<br>their outputs", range=[0, 2.02], row=1, col=1)
    figure.update_yaxes(title_text="correlation of<br>their errors", row=2, col=1)
    return _over_steps(figure, title=title, height=HEIGHT)


def gate_spread_heatmap(
    steps: Int[np.ndarray, " snapshot"],
    shares: Float[np.ndarray, "snapshot bin"],
    quantiles: Float[np.ndarray, "snapshot quantile"],
    mean: Float[np.ndarray, " snapshot"],
    *,
    levels: tuple[float, ...],
    title: str,
) -> go.Figure:
    """Return how the gate's values share out at each step, with their mean and their quantiles of these levels as lines."""
    bins = shares.shape[1]
    heat = go.Heatmap(
        z=shares.T.astype(np.float32),
        x=steps.astype(np.float32),
        y=((np.arange(bins) + 0.5) / bins).astype(np.float32),
        zmin=0,
        zmax=float(shares.max(initial=0)) or 1.0,
        colorscale=SEQUENTIAL,
        colorbar={"title": "share", "thickness": 12, "tickformat": ".0%"},
        hovertemplate="step %{x}, gate %{y:.3f}: %{z:.1%}<extra></extra>",
    )
    figure = Plot(heat)
    words = f"{', '.join(f'{100 * level:.0f}' for level in levels)}% lie below"
    for place, level in enumerate(levels):
        _over_map(figure, steps, quantiles[:, place], f"{level:.0%} lie below", legend=words if place == 0 else "", dash="dot")
    _over_map(figure, steps, mean, "mean", legend="mean", dash="solid")
    figure.update_yaxes(range=[0, 1])
    return _over_steps(figure, title=title, height=HEIGHT, y="gate (0: stage 2, 1: stage 1)")


def score_lines(
    steps: Int[np.ndarray, " snapshot"],
    each: Float[np.ndarray, "snapshot output"],
    loss: Float[np.ndarray, " snapshot"],
    *,
    names: tuple[str, ...],
    measure: str,
    title: str,
) -> go.Figure:
    """Return the score of each class or target, above the loss; one that is known at no step is left out."""
    figure = _two_rows()
    for place, name in enumerate(names):
        if np.isfinite(each[:, place]).any():
            style = METHOD_STYLES[place % len(METHOD_STYLES)]
            _line(figure, steps, each[:, place], name=text(name), colour=style.colour, dash=style.dash, row=1)
    _line(figure, steps, loss, name="loss", colour=CHANCE, row=2)
    figure.update_yaxes(title_text=text(measure), rangemode="tozero", row=1, col=1)
    figure.update_yaxes(title_text="loss", rangemode="tozero", row=2, col=1)
    return _over_steps(figure, title=title, height=HEIGHT)


def mark_steps(figure: go.Figure, marks: tuple[StepMark, ...], *, last: int) -> go.Figure:
    """Draw each mark as a vertical line through all rows of a figure over the steps up to the last, and return the figure."""
    last = max(last, 1)
    figure.update_xaxes(range=[-0.01 * last, 1.01 * last])  # the same in all figures, whatever part comes in late
    for level, mark in enumerate(marks):
        line = {"color": mark.colour, "width": 2, "dash": "dot"}
        figure.add_shape(type="line", x0=mark.step, x1=mark.step, xref="x", y0=0, y1=1, yref="paper", line=line)
        figure.add_annotation(
            x=mark.step,
            y=1,
            yref="paper",
            yanchor="bottom",
            yshift=level * LEVEL,
            xanchor="right" if mark.step > 0.15 * last else "left",
            text=text(mark.label),
            showarrow=False,
            font={"color": mark.colour, "size": CAPTION},
        )
    return figure.update_layout(margin={"t": 44 + len(marks) * LEVEL})


def _two_rows() -> go.Figure:
    return subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06, row_heights=[0.58, 0.42])


def _line(
    figure: go.Figure,
    steps: Int[np.ndarray, " snapshot"],
    values: Float[np.ndarray, " snapshot"],
    *,
    name: str,
    colour: str,
    row: int,
    dash: str = "solid",
) -> None:
    scatter = go.Scatter(
        x=steps.astype(np.float32),
        y=values.astype(np.float32),
        mode="lines+markers",
        name=name,
        legendgroup=name,
        showlegend=row == 1 or name == "loss",
        line={"color": colour, "dash": dash},
        marker={"size": 4},
        hovertemplate=f"{name}, step %{{x}}: %{{y:.3g}}<extra></extra>",
    )
    figure.add_trace(scatter, row=row, col=1)


def _ring(figure: go.Figure, step: int, value: Float[np.ndarray, " one"], colour: str, words: str) -> None:
    marker = {"symbol": "circle-open", "size": 15, "color": colour, "line": {"width": 2.5}}
    ring = go.Scatter(
        x=[step],
        y=value.astype(np.float32),
        mode="markers",
        showlegend=False,
        marker=marker,
        hovertemplate=f"step %{{x}}: {words}<extra></extra>",
    )
    figure.add_trace(ring, row=1, col=1)


def _over_map(
    figure: go.Figure, steps: Int[np.ndarray, " snapshot"], values: Float[np.ndarray, " snapshot"], name: str, *, legend: str, dash: str
) -> None:
    figure.add_scatter(
        x=steps.astype(np.float32),
        y=values.astype(np.float32),
        mode="lines",
        name=legend,
        legendgroup=dash,
        showlegend=bool(legend),
        line={"color": KEY, "width": 2 if dash == "solid" else 1, "dash": dash},
        hovertemplate=f"step %{{x}}: {name} %{{y:.3f}}<extra></extra>",
    )


def _over_steps(figure: go.Figure, *, title: str, height: int, y: str = "") -> go.Figure:
    legend_below(lay_out(figure, title=title, height=height, y=y))
    figure.update_xaxes(title_text=STEP, row=2 if "xaxis2" in figure.layout else None, col=1 if "xaxis2" in figure.layout else None)
    return figure
