"""Claims beside what is counted and measured: parameters, time and its growth, and the gradient in the backward pass."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int

from complex_lstm.figures.plot import Plot
from complex_lstm.figures.theme import ACTUAL, CHANCE, CHANCE_BAND, METHOD_STYLES, PALETTE, PREDICTED, lay_out, legend_below, text

ROW = 34
COUNTED, THIS_MODEL, CLAIMED = PALETTE[0], PALETTE[2], PREDICTED
RESIDUAL, LAYERS = PALETTE[0], PALETTE[4]


def parameter_bars(
    parts: tuple[str, ...],
    counted: Int[np.ndarray, " part"],
    this_model: Int[np.ndarray, " part"] | None,
    claimed: Float[np.ndarray, " part"],
    *,
    title: str,
) -> go.Figure:
    """Return the parameters of each part at full size and in the open model, beside the claim where there is one (not NaN)."""
    names = [text(part) for part in parts]
    rows = [("counted at full size", COUNTED, counted.astype(float))]
    rows += [] if this_model is None else [("counted, this model", THIS_MODEL, this_model.astype(float))]
    figure = Plot()
    for label, colour, values in [*rows, ("claimed", CLAIMED, claimed)]:
        figure.add_bar(
            x=(values / 1e6).astype(np.float32),
            y=names,
            orientation="h",
            name=label,
            marker={"color": colour, "pattern": {"shape": "/" if label == "claimed" else ""}},
            text=["" if np.isnan(value) else f"{value:,.0f}" for value in values],
            textposition="outside",
            cliponaxis=False,
            customdata=np.nan_to_num(values),
            hovertemplate=f"%{{y}}, {label}: %{{customdata:,.0f}}<extra></extra>",
        )
    figure.update_layout(barmode="group", bargap=0.25, legend={"traceorder": "normal"})
    figure.update_yaxes(type="category", autorange="reversed")
    return legend_below(lay_out(figure, title=title, height=120 + 52 * len(parts), x="parameters (millions)"))


def growth_lines(
    sizes: Float[np.ndarray, " size"],
    seconds: Float[np.ndarray, "size part"],
    *,
    parts: tuple[str, ...],
    slopes: tuple[str, ...],
    own: int,
    x: str,
    title: str,
) -> go.Figure:
    """Return the time of each part by size, both logarithmic, so that a power law is a straight line and its power the slope.

    The last part is the whole and drawn broad. The vertical line is the open model's own size.
    """
    figure = Plot()
    figure.add_vline(x=own, line={"color": CHANCE, "dash": "dot", "width": 2}, layer="below")
    for place, (part, slope, values) in enumerate(zip(parts, slopes, seconds.T, strict=True)):
        is_whole = place == len(parts) - 1
        style = METHOD_STYLES[place % len(METHOD_STYLES)]
        figure.add_scatter(
            x=sizes.astype(np.float32),
            y=np.where(values > 0, 1000 * values, np.nan).astype(np.float32),
            mode="lines+markers",
            name=f"{text(part)}: {text(slope)}",
            line={"color": ACTUAL if is_whole else style.colour, "width": 5 if is_whole else 2},
            marker={"symbol": style.symbol, "size": 8},
            hovertemplate=f"{text(part)}, {text(x)} %{{x:,}}: %{{y:.3g}} ms<extra></extra>",
        )
    figure.update_xaxes(type="log", tickvals=sizes, ticktext=[f"{size:,.0f}" for size in sizes])
    figure.update_yaxes(type="log", exponentformat="power", dtick=1)
    return legend_below(lay_out(figure, title=title, height=500, x=f"{text(x)} (dotted: this model)", y="time of a pass (ms)"))


def part_time_bars(passes: Float[np.ndarray, "pass part"], *, parts: tuple[str, ...], title: str) -> go.Figure:
    """Return each part's median time with the middle half of the passes, and its share of the medians' sum."""
    low, middle, high = (1000 * np.percentile(passes, [25, 50, 75], axis=0)).astype(np.float32)
    names, shares = [text(part) for part in parts], middle / middle.sum()
    bars = go.Bar(
        x=middle,
        y=names,
        orientation="h",
        marker={"color": COUNTED},
        error_x={"type": "data", "symmetric": False, "array": high - middle, "arrayminus": middle - low, "color": CHANCE},
        hovertemplate="%{y}: %{x:.3g} ms<extra></extra>",
    )
    words = go.Scatter(
        x=high,
        y=names,
        mode="text",
        text=[f"  {share:.0%}" if share >= 0.01 else "  under 1%" for share in shares],
        textposition="middle right",
        cliponaxis=False,
        hoverinfo="skip",
    )
    figure = Plot([bars, words])
    figure.update_xaxes(range=[0, 1.08 * float(high.max())])
    figure.update_yaxes(type="category", autorange="reversed")
    return lay_out(figure, title=title, height=110 + 26 * len(parts), x="time (ms), and its share of a pass", legend=False)


def gradient_at_sites(
    sites: tuple[str, ...], this_window: Float[np.ndarray, " site"], many: Float[np.ndarray, "site window"] | None, *, title: str
) -> go.Figure:
    """Return the norm of the gradient that arrives at each site, from the input to the output: this window's, and the spread of many.

    The axis is logarithmic; a gradient of zero is left out.
    """
    names = [text(site) for site in sites]
    figure = Plot()
    if many is not None:
        low, middle, high = np.nanpercentile(_positive(many), [10, 50, 90], axis=1).astype(np.float32)
        edge = {"width": 0, "color": CHANCE}
        figure.add_scatter(x=names, y=high, mode="lines", line=edge, showlegend=False, hoverinfo="skip")
        figure.add_scatter(
            x=names, y=low, mode="lines", line=edge, fill="tonexty", fillcolor=CHANCE_BAND, name="10th to 90th percentile of the windows",
            hoverinfo="skip",
        )  # fmt: skip
        figure.add_scatter(
            x=names, y=middle, mode="lines", line={"color": CHANCE, "dash": "dash", "width": 2}, name="median of the windows",
            hovertemplate="%{x}, median: %{y:.3g}<extra></extra>",
        )  # fmt: skip
    figure.add_scatter(
        x=names,
        y=_positive(this_window).astype(np.float32),
        mode="lines+markers",
        name="this window",
        line={"color": COUNTED, "width": 2},
        marker={"size": 8},
        hovertemplate="%{x}: %{y:.3g}<extra></extra>",
    )
    figure.update_xaxes(type="category", tickangle=-40)
    figure.update_yaxes(type="log", exponentformat="power")
    return legend_below(lay_out(figure, title=title, height=440, y="norm of the gradient"))


def crossing_bars(
    blocks: tuple[str, ...], residual: Float[np.ndarray, " block"], layers: Float[np.ndarray, " block"], *, title: str
) -> go.Figure:
    """Return how much of the gradient that arrives at each residual block goes on by the residual, and how much through its layers."""
    figure = Plot()
    for name, colour, hatch, values in (("by the residual", RESIDUAL, "", residual), ("through the block's layers", LAYERS, "/", layers)):
        figure.add_bar(
            x=[text(block) for block in blocks],
            y=values.astype(np.float32),
            name=name,
            marker={"color": colour, "pattern": {"shape": hatch}},
            hovertemplate=f"%{{x}}, {name}: %{{y:.3g}}<extra></extra>",
        )
    figure.add_hline(y=1, line={"color": CHANCE, "dash": "dash", "width": 1})
    figure.update_xaxes(type="category", tickangle=-30)
    figure.update_yaxes(rangemode="tozero")
    return legend_below(lay_out(figure, title=title, height=400, y="norm, as a share<br>of what arrives"))


def learning_dots(parts: tuple[str, ...], relative: Float[np.ndarray, " part"], *, title: str) -> go.Figure:
    """Return the gradient's norm in each part's weights as a share of the weights' norm, on a logarithmic axis."""
    dots = go.Scatter(
        x=_positive(relative).astype(np.float32),
        y=[text(part) for part in parts],
        mode="markers",
        marker={"size": 11, "color": COUNTED},
        hovertemplate="%{y}: %{x:.3g}<extra></extra>",
    )
    figure = Plot(dots)
    figure.update_xaxes(type="log", exponentformat="power")
    figure.update_yaxes(type="category", categoryorder="array", categoryarray=[text(part) for part in parts][::-1])
    return lay_out(figure, title=title, height=110 + 26 * len(parts), x="norm of the gradient / norm of the weights", legend=False)


def _positive(values: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """Return the values with nothing where a logarithm has no place for them."""
    return np.where(values > 0, values, np.nan)
