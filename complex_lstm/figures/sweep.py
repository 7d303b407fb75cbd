"""A sweep's scores: what each value of each setting reached with each seed, on one axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float
from plotly.subplots import make_subplots

from complex_lstm.figures.theme import CAPTION, CHANCE, CHANCE_BAND, PALETTE, lay_out, legend_below, text

ROW, GAP, AROUND = 30, 46, 130  # pixels of a value, of the space above a setting, where its words stand, and of title and axis


@dataclass(frozen=True)
class SettingScores:
    """The scores of one setting's values, NaN where a trial has none.

    `own` is the place of the value that the other settings are varied at, and `words` say how much the setting matters.
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
    figure = make_subplots(
        rows=len(settings), cols=1, shared_xaxes=True, row_heights=rows, vertical_spacing=min(GAP / height, 1 / len(rows)),
        subplot_titles=[_heading(setting) for setting in settings],
    )  # fmt: skip
    figure.update_annotations(x=0, xanchor="left", font={"size": CAPTION + 1})
    for place, setting in enumerate(settings, 1):
        for trace in (_dots(setting, seeds), _means(setting)):
            figure.add_trace(trace.update(showlegend=place == 1), row=place, col=1)
        names = _names(setting)[::-1]  # Plotly counts from below
        figure.update_yaxes(type="category", categoryorder="array", categoryarray=names, ticklabelstandoff=6, row=place, col=1)
    _draw_base(figure, settings[0])
    figure.update_xaxes(type="linear")  # among many NaN Plotly would take the few numbers for words
    direction = f"{text(measure)}: higher is better →" if higher_is_better else f"{text(measure)}: ← lower is better"
    figure.update_xaxes(title_text=direction, row=len(settings), col=1)
    return legend_below(lay_out(figure, title=title, height=height + AROUND)).update_layout(margin={"t": 68 if title else 34})


def _heading(setting: SettingScores) -> str:
    return f"<b>{text(setting.label)}</b>  {text(setting.words)}"


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
