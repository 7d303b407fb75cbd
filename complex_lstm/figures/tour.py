"""The tour's figures: what a question compares with the learner's answer marked in it, and examples of how explanations fail."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from complex_lstm.data import Times
from complex_lstm.figures.plot import Plot, subplots
from complex_lstm.figures.theme import ACTUAL, KEY, PALETTE, Mark, axis_times, draw_marks, lay_out, shares, text
from complex_lstm.languages import _, ngettext

GIVEN, RIGHT = "#D55E00", "#009E73"
MOST_NAMES = 8  # more bars stand upright, and some of their names are left out
HEIGHT, ROW, UPRIGHT = 100, 26, 230  # pixels: around bars that lie, of each of them, and of a figure whose bars stand


def answer_bars(
    values: Float[np.ndarray, " bar"],
    *,
    names: tuple[str, ...],
    title: str,
    given: tuple[float, ...],
    right: tuple[float, ...],
    is_level: bool,
) -> go.Figure:
    """Return the values that a question compares, as bars by their names or, without names, by step; answers are marked in them.

    An answer is the number of a bar; where it `is_level` it is a value, and a line across the bars. Of `given` and `right` answers there
    may be none, which marks none.
    """
    places = [text(name) for name in names] or [*range(len(values))]
    lies = 0 < len(names) <= MOST_NAMES
    marks = ((_("right answer"), RIGHT, "", right), (_("your answer"), GIVEN, "/", given))
    marked = {} if is_level else {round(answer): name for name, _colour, _pattern, answers in marks for answer in answers}
    figure = Plot()
    for name, colour, pattern, answers in (("", ACTUAL, "", ()), *marks):
        bars = [at for at in range(len(values)) if marked.get(at, "") == name]
        if bars:
            look = {"marker": {"color": colour, "pattern": {"shape": pattern}}, "orientation": "h" if lies else "v"}
            sizes = values[bars].astype(np.float32)
            figure.add_trace(go.Bar(**_along(lies, [places[at] for at in bars], sizes), name=name, showlegend=bool(name), **look))
        if bars and name and not names:  # among many steps a low bar is not seen
            tip = {"color": colour, "symbol": "triangle-down", "size": 12}
            figure.add_trace(go.Scatter(x=bars, y=sizes, mode="markers", marker=tip, name=name, showlegend=False, cliponaxis=False))
        for answer in answers if is_level else ():
            ends = _along(lies, [places[0], places[-1]], np.array([answer, answer], dtype=np.float32))
            figure.add_trace(go.Scatter(**ends, name=name, mode="lines", line={"color": colour, "width": 3, "dash": "dash"}))
    lay_out(
        figure,
        height=HEIGHT + ROW * len(names) if lies else UPRIGHT,
        x=title if lies else "" if names else _("step"),
        y="" if lies else title,
    )
    figure.update_layout(barmode="overlay")
    if names:
        order: dict[str, Any] = {"type": "category", "categoryorder": "array", "categoryarray": places}
        figure.update_yaxes(**order, autorange="reversed") if lies else figure.update_xaxes(**order)
    return figure


def _along(lies: bool, places: list[Any], sizes: Float[np.ndarray, " bar"]) -> dict[str, Any]:
    """Return the coordinates of bars that lie or stand."""
    return {"x": sizes, "y": places} if lies else {"x": places, "y": sizes}


def removal_bars(moved: Float[np.ndarray, "layer head"]) -> go.Figure:
    """Return how far the prediction moves without each attention head, layer by layer."""
    figure = Plot()
    for layer, values in enumerate(moved, 1):
        heads = [_("layer {layer}, head {head}", layer=layer, head=head) for head in range(1, len(values) + 1)]
        hover = f"%{{x}}<br>{_('moves by')} %{{y:.4g}}<extra></extra>"
        figure.add_trace(
            go.Bar(
                x=heads,
                y=values.astype(np.float32),
                name=_("attention layer {number}", number=layer),
                marker={"color": PALETTE[layer - 1]},
                hovertemplate=hover,
            )
        )
    return lay_out(figure, height=300, y=_("prediction moves by (model's scale)"))


def removal_of_steps_bars(
    times: Times,
    received: Float[np.ndarray, " time"],
    alone: Float[np.ndarray, " time"],
    together: Float[np.ndarray, " time"],
    *,
    length: int,
    marked: int,
) -> go.Figure:
    """Return attention that each step receives, above what is lost without the step alone and in a stretch, both in one scale."""
    figure = subplots(rows=3, cols=1, shared_xaxes=True, vertical_spacing=0.07)
    around = ngettext("lost without {number} step around it", "lost without {number} steps around it", length)
    names = (_("attention received"), _("lost without the step"), around)
    for row, (values, name) in enumerate(zip((received, alone, together), names, strict=True), 1):
        hover = f"%{{x}}<br>{name} %{{y:.4g}}<extra></extra>"
        colour = PALETTE[row - 1]
        bars = go.Bar(x=axis_times(times), y=values.astype(np.float32), marker={"color": colour}, name=name, hovertemplate=hover)
        figure.add_trace(bars, row=row, col=1)
        figure.update_yaxes(title_text=(_("attention"), _("alone"), _("together"))[row - 1], row=row, col=1)
    figure.update_yaxes(matches="y3", row=2, col=1)
    lay_out(figure, height=430, legend=False)
    figure.update_layout(margin={"t": 30})
    return draw_marks(figure, times, (Mark(marked, _("step {step}", step=marked), KEY),))


def baseline_bars(
    first: Float[np.ndarray, " feature"], second: Float[np.ndarray, " feature"], *, names: tuple[str, ...], labels: tuple[str, str]
) -> go.Figure:
    """Return the share of each feature in the sum of all importance, by two baselines side by side."""
    figure = Plot()
    for number, (values, label) in enumerate(zip((first, second), labels, strict=True)):
        figure.add_trace(
            go.Bar(
                x=[text(name) for name in names],
                y=shares(values).astype(np.float32),
                name=label,
                marker={"color": PALETTE[number]},
                hovertemplate="%{x}<br>%{y:.1%}<extra></extra>",
            )
        )
    figure.update_yaxes(tickformat=".0%")
    return lay_out(figure, height=300, y=_("share of all importance"))
