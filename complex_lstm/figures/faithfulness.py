"""Checks of explanations: faithfulness and infidelity against chance, and similarity while the model's weights are made random."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from complex_lstm.figures.plot import Plot, subplots
from complex_lstm.figures.theme import CAPTION, CHANCE, CHANCE_BAND, lay_out, legend_below, method_styles, text, with_unit

ROW = 30
RANDOM = "random rankings"
TRAINED = "trained"


def deletion_insertion_curves(
    shares: Float[np.ndarray, " share"],
    deletion: Float[np.ndarray, "method share"],
    insertion: Float[np.ndarray, "method share"],
    random_deletion: Float[np.ndarray, "ranking share"],
    random_insertion: Float[np.ndarray, "ranking share"],
    *,
    methods: tuple[str, ...],
    unit: str,
    title: str,
) -> go.Figure:
    """Return the output while each method's top cells are removed, and while they are put back, on one range.

    The grey band reaches from the lowest to the highest random ranking: a method's line within it is no better than chance.
    """
    figure = subplots(rows=1, cols=2, shared_yaxes=True, horizontal_spacing=0.03)
    panels = (("removed", deletion, random_deletion), ("put back", insertion, random_insertion))
    percent = (100 * shares).astype(np.float32)
    for column, (done, of_methods, random) in enumerate(panels, 1):
        first = column == 1  # the panels share one legend
        for trace in _random_traces(percent, random):
            figure.add_trace(trace.update(showlegend=first and trace.showlegend is not False), row=1, col=column)
        for method, style, values in zip(methods, method_styles(methods), of_methods, strict=True):
            line = go.Scatter(
                x=percent,
                y=values.astype(np.float32),
                mode="lines",
                name=text(method),
                legendgroup=text(method),
                showlegend=first,
                line={"color": style.colour, "dash": style.dash, "width": 2},
                hovertemplate=f"{text(method)}: %{{y:.4g}} {text(unit)}<br>with %{{x:.0f}}% of the cells {done}<extra></extra>",
            )
            figure.add_trace(line, row=1, col=column)
        figure.update_xaxes(title_text=f"top cells {done} (%)", row=1, col=column)
    figure.update_yaxes(title_text=with_unit("output", unit), col=1)
    return legend_below(lay_out(figure, title=title, height=420))


def _random_traces(percent: Float[np.ndarray, " share"], random: Float[np.ndarray, "ranking share"]) -> tuple[go.Scatter, ...]:
    low, high, mean = (values.astype(np.float32) for values in (random.min(axis=0), random.max(axis=0), random.mean(axis=0)))
    edge = {"width": 0, "color": CHANCE}
    return (
        go.Scatter(x=percent, y=high, mode="lines", line=edge, legendgroup=RANDOM, showlegend=False, hoverinfo="skip"),
        go.Scatter(
            x=percent,
            y=low,
            mode="lines",
            line=edge,
            fill="tonexty",
            fillcolor=CHANCE_BAND,
            name=f"{RANDOM}, lowest to highest",
            legendgroup=RANDOM,
            hoverinfo="skip",
        ),
        go.Scatter(
            x=percent,
            y=mean,
            mode="lines",
            line={"color": CHANCE, "dash": "dash", "width": 2},
            name=f"{RANDOM}, mean",
            legendgroup="mean",
            hovertemplate=f"mean of the {RANDOM}: %{{y:.4g}}<br>at %{{x:.0f}}% of the cells<extra></extra>",
        ),
    )


def chance_dots(
    of_method: Float[np.ndarray, " method"],
    of_chance: Float[np.ndarray, " ranking"],
    *,
    methods: tuple[str, ...],
    name: str,
    unit: str,
    higher_is_better: bool,
    title: str,
) -> go.Figure:
    """Return a measure of each method beside that of random rankings, with a band and a line of these through all rows."""
    chance = go.Scatter(
        x=of_chance.astype(np.float32),
        y=[RANDOM] * len(of_chance),
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 12, "color": CHANCE, "line": {"width": 2}},
        hovertemplate=f"a random ranking: %{{x:.4g}} {text(unit)}<extra></extra>",
    )
    figure = Plot([_dots(of_method, methods, unit), chance])
    low, high = float(of_chance.min()), float(of_chance.max())
    figure.add_vrect(x0=low, x1=high, fillcolor=CHANCE_BAND, line={"width": 0}, layer="below")
    figure.add_vline(x=float(of_chance.mean()), line={"color": CHANCE, "dash": "dash", "width": 2}, layer="below")
    figure.update_yaxes(type="category", autorange="reversed")
    direction = "higher is more faithful →" if higher_is_better else "← lower is more faithful"
    return lay_out(figure, title=title, height=130 + ROW * (len(methods) + 1), x=f"{with_unit(name, unit)}: {direction}", legend=False)


def infidelity_dots(
    of_method: Float[np.ndarray, " method"], of_shuffled: Float[np.ndarray, "method shuffle"], *, methods: tuple[str, ...], title: str
) -> go.Figure:
    """Return each method's infidelity beside that of its own cells in random places, from lowest to highest.

    0 is right, 1 no better than zeros everywhere. A method without a sign (NaN) has a note in place of a dot.
    """
    names, signed = [text(method) for method in methods], ~np.isnan(of_method)
    without = [name for name, has in zip(names, signed, strict=True) if not has]
    words = go.Scatter(
        x=np.zeros(len(without), dtype=np.float32),
        y=without,
        mode="text",
        text="  has no sign, so its cells cannot add up",
        textposition="middle right",
        hoverinfo="skip",
        showlegend=False,
    )
    figure = Plot(
        [
            _shuffled_band(of_shuffled[signed], [name for name in names if name not in without]),
            _dots(of_method, methods, "").update(name="the method"),
            words,
        ]
    )
    figure.add_vline(
        x=1,
        line={"color": CHANCE, "dash": "dash", "width": 1},
        annotation={"text": "no better than zeros", "font": {"size": CAPTION}, "y": 1, "yanchor": "bottom", "xanchor": "right"},
    )
    figure.update_yaxes(type="category", categoryorder="array", categoryarray=names[::-1])
    figure.update_xaxes(rangemode="tozero")
    return legend_below(lay_out(figure, title=title, height=160 + ROW * len(methods), x="infidelity: ← lower is more faithful"))


def _shuffled_band(of_shuffled: Float[np.ndarray, "method shuffle"], rows: list[str]) -> go.Bar:
    shuffled = of_shuffled.astype(np.float32)
    low, high = (shuffled.min(axis=1), shuffled.max(axis=1)) if rows else (np.zeros(0), np.zeros(0))
    return go.Bar(
        x=high - low,
        base=low,
        y=rows,
        orientation="h",
        width=0.5,
        name="its cells in random places, lowest to highest",
        marker={"color": CHANCE_BAND},
        customdata=np.stack([low, high], axis=1),
        hovertemplate="%{y}, shuffled: %{customdata[0]:.3f} to %{customdata[1]:.3f}<extra></extra>",
    )


def _dots(of_method: Float[np.ndarray, " method"], methods: tuple[str, ...], unit: str) -> go.Scatter:
    styles = method_styles(methods)
    return go.Scatter(
        x=of_method.astype(np.float32),
        y=[text(method) for method in methods],
        mode="markers",
        marker={"size": 12, "color": [style.colour for style in styles], "symbol": [style.symbol for style in styles]},
        hovertemplate=f"%{{y}}: %{{x:.4g}} {text(unit)}<extra></extra>",
    )


def cascade_lines(parts: tuple[str, ...], likeness: Float[np.ndarray, "method part"], *, methods: tuple[str, ...], title: str) -> go.Figure:
    """Return how similar each method's map stays while the parts are made random one after another, from the output down.

    Every line starts at 1, the trained model's own map. One that stays up shows the input, not the model. A line has a
    gap where all cells are the same (NaN).
    """
    figure = Plot()
    figure.add_hline(y=0, line={"color": CHANCE, "width": 2}, layer="below")
    at = [TRAINED, *(text(part) for part in parts)]
    for method, style, values in zip(methods, method_styles(methods), likeness, strict=True):
        line = go.Scatter(
            x=at,
            y=np.concatenate([[1.0], values]).astype(np.float32),
            mode="lines+markers",
            name=text(method),
            line={"color": style.colour, "dash": style.dash, "width": 2},
            marker={"symbol": style.symbol, "size": 8},
            hovertemplate=f"{text(method)}: %{{y:.3f}}<br>random from the output down to %{{x}}<extra></extra>",
        )
        figure.add_trace(line)
    figure.update_xaxes(type="category", tickangle=-30)
    figure.update_yaxes(range=[min(-0.25, float(np.nanmin(likeness, initial=0)) - 0.05), 1.05])
    lay_out(
        figure, title=title, height=460, x="made random, with all parts to its left", y="rank correlation with<br>the trained model's map"
    )
    return legend_below(figure)
