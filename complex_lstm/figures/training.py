"""Training runs: losses over the epochs, gradients over the optimizer's steps, and the scores of a sweep's trials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int

from complex_lstm.figures.plot import Plot, subplots
from complex_lstm.figures.theme import CAPTION, CHANCE, CHANCE_BAND, METHOD_STYLES, PALETTE, lay_out, legend_below, text

WHOLE_TICKS = 12  # epochs that have room for a tick each
FEW_POINTS = 40  # so few that each is marked
FEW_DECADES = 1.5  # of a logarithmic axis, on which 1, 2 and 5 are marked as well
SMALL_HEIGHT = 300
ROW, GAP, AROUND = 30, 46, 130  # of a sweep, in pixels: a value, the heading above a setting, title and axis


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
    figure = Plot()
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
    figure = Plot()
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
    sizes = np.concatenate([values[values > 0] for values in norms] or [np.ones(1)])
    decades = np.log10(sizes.max() / sizes.min()) if sizes.size else 0.0
    # a tick at each power of ten, and where they are few at 2 and 5 times it as well
    figure.update_yaxes(type="log", exponentformat="power", dtick=1.0 if decades > FEW_DECADES else "D2")
    return legend_below(lay_out(figure, title=title, height=380, x="step of the optimizer", y="norm of the gradient"))


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
    figure = Plot()
    figure.add_hline(y=1, line={"color": CHANCE, "dash": "dash"})
    _line(figure, steps, scale, colour=PALETTE[0], words="step %{x}: %{y:.4f}")
    return lay_out(figure, title=title, height=SMALL_HEIGHT, x="step of the optimizer", y="gradient scale", legend=False)


def rate_line(epochs: Float[np.ndarray, " point"], rates: Float[np.ndarray, " point"], *, title: str) -> go.Figure:
    """Return the learning rate over the epochs."""
    figure = Plot()
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


def search_history(numbers: Int[np.ndarray, " trial"], losses: Float[np.ndarray, " trial"], *, title: str) -> go.Figure:
    """Return the loss of each trial of a search, NaN where one has none, and the lowest of all trials up to it."""
    known = ~np.isnan(losses)
    at, values = numbers[known], losses[known].astype(np.float32)
    figure = Plot()
    figure.add_scatter(
        x=at, y=values, mode="markers", name="a trial", marker={"size": 8, "color": PALETTE[5]},
        hovertemplate="trial %{x}: %{y:.4f}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=at, y=np.minimum.accumulate(values), mode="lines", name="the lowest so far", line={"color": PALETTE[1], "shape": "hv"},
        hovertemplate="up to trial %{x}: %{y:.4f}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(tickformat="d", dtick=1 if len(at) <= WHOLE_TICKS else None)
    return legend_below(lay_out(figure, title=title, height=SMALL_HEIGHT, x="trial", y="lowest validation loss"))


@dataclass(frozen=True)
class SettingScores:
    """The scores of one setting's values, NaN where a trial has none.

    `own` is the place of the value that the base has, and `words` say how much the setting matters.
    """

    label: str
    words: str
    values: tuple[str, ...]
    own: int
    scores: Float[np.ndarray, "value seed"]


def sweep_dots(
    settings: tuple[SettingScores, ...], *, seeds: tuple[int, ...], measure: str, higher_is_better: bool, title: str
) -> go.Figure:
    """Return a panel for each setting with a row for each value: a dot a seed, the mean as a bar, and one deviation to each side.

    The grey band through all panels is the mean of the base's seeds with one deviation to each side. A deviation is the
    standard deviation between seeds; of one seed there is none.
    """
    rows = [len(setting.values) for setting in settings]
    height = ROW * sum(rows) + GAP * len(rows)
    figure = subplots(
        rows=len(settings), cols=1, shared_xaxes=True, row_heights=rows, vertical_spacing=min(GAP / height, 1 / len(rows)),
        subplot_titles=[f"<b>{text(setting.label)}</b>  {text(setting.words)}" for setting in settings],
    )  # fmt: skip
    figure.update_annotations(x=0, xanchor="left", font={"size": CAPTION + 1})
    for place, setting in enumerate(settings, 1):
        for trace in (_dots(setting, seeds), _means(setting)):
            figure.add_trace(trace.update(showlegend=place == 1), row=place, col=1)
        names = _names(setting)[::-1]  # Plotly counts from below
        figure.update_yaxes(type="category", categoryorder="array", categoryarray=names, ticklabelstandoff=6, row=place, col=1)
    _draw_base(figure, settings[0])
    figure.update_xaxes(type="linear")  # among many NaN Plotly would take the few numbers for text
    direction = f"{text(measure)}: higher is better →" if higher_is_better else f"{text(measure)}: ← lower is better"
    figure.update_xaxes(title_text=direction, row=len(settings), col=1)
    return legend_below(lay_out(figure, title=title, height=height + AROUND)).update_layout(margin={"t": 68 if title else 34})


def _names(setting: SettingScores) -> list[str]:
    return [f"{text(value)} (base)" if place == setting.own else text(value) for place, value in enumerate(setting.values)]


def _dots(setting: SettingScores, seeds: tuple[int, ...]) -> go.Scatter:
    return go.Scatter(
        x=setting.scores.ravel().astype(np.float32),
        y=np.repeat(_names(setting), len(seeds)),
        mode="markers",
        name="a trial: one seed",
        legendgroup="trial",
        marker={"size": 9, "color": PALETTE[5], "opacity": 0.8},
        customdata=list(seeds) * len(setting.values),
        hovertemplate=f"{text(setting.label)} %{{y}}, seed %{{customdata}}: %{{x:.4g}}<extra></extra>",
    )


def _means(setting: SettingScores) -> go.Scatter:
    means, deviations = mean_and_deviation(setting.scores)
    return go.Scatter(
        x=means.astype(np.float32),
        y=_names(setting),
        mode="markers",
        name="mean of the seeds ± standard deviation",
        legendgroup="mean",
        marker={"symbol": "line-ns-open", "size": 18, "color": PALETTE[1], "line": {"width": 3}},
        error_x={"array": deviations.astype(np.float32), "color": PALETTE[1], "thickness": 1.5, "width": 0},
        hovertemplate=f"{text(setting.label)} %{{y}}: mean %{{x:.4g}}<extra></extra>",
    )


def _draw_base(figure: go.Figure, setting: SettingScores) -> None:
    (mean,), (deviation,) = mean_and_deviation(setting.scores[[setting.own]])
    if np.isnan(mean):
        return
    figure.add_vline(x=float(mean), line={"color": CHANCE, "dash": "dash", "width": 2}, layer="below")
    if deviation:
        figure.add_vrect(x0=float(mean - deviation), x1=float(mean + deviation), fillcolor=CHANCE_BAND, line={"width": 0}, layer="below")


def mean_and_deviation(scores: Float[np.ndarray, "value seed"]) -> tuple[Float[np.ndarray, " value"], Float[np.ndarray, " value"]]:
    """Return each value's mean over its seeds and their standard deviation: NaN without a score, and 0 of one seed."""
    known = [row[~np.isnan(row)] for row in scores]
    means = [row.mean() if len(row) else np.nan for row in known]
    return np.array(means), np.array([row.std(ddof=1) if len(row) > 1 else 0.0 for row in known])
