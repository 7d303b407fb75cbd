"""The tour's examples of how explanations fail, each in one figure."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from complex_lstm.data import Times
from complex_lstm.figures.plot import Plot, subplots
from complex_lstm.figures.theme import KEY, PALETTE, Mark, axis_times, draw_marks, lay_out, shares, text
from complex_lstm.languages import _, ngettext


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
