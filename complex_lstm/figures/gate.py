"""The fusion gate: 1 takes convolution stage 1, 0 takes stage 2."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from complex_lstm.config import kernel_names
from complex_lstm.data import Times
from complex_lstm.figures.plot import Plot, subplots
from complex_lstm.figures.theme import GATE, PALETTE, STAGE_1, STAGE_2, axis_times, lay_out, text


def gate_heatmap(times: Times, gate: Float[np.ndarray, "time channel"], *, by_mean: bool, title: str) -> go.Figure:
    """Return the gate of every channel over time, centred on one half; channels in their order, or by their mean gate."""
    order = np.argsort(gate.mean(axis=0), kind="stable") if by_mean else np.arange(gate.shape[1])
    heat = go.Heatmap(
        z=gate.T[order].astype(np.float32),
        x=axis_times(times),
        y=[str(channel) for channel in order],
        zmin=0,
        zmax=1,
        colorscale=GATE,
        colorbar={"title": "gate", "tickvals": [0, 0.5, 1], "ticktext": ["0: stage 2", "0.5", "1: stage 1"], "thickness": 12},
        hovertemplate="channel %{y}<br>%{x}<br>gate %{z:.4f}<extra></extra>",
    )
    figure = lay_out(Plot(heat), title=title, height=380, y="channel, by mean gate" if by_mean else "channel", legend=False)
    return figure.update_yaxes(type="category")


def gate_over_series(
    times: Times,
    gate: Float[np.ndarray, "time channel"],
    values: Float[np.ndarray, " time"],
    *,
    name: str,
    title: str,
) -> go.Figure:
    """Return the gate's mean over the channels with its quartiles, above the series that it belongs to."""
    figure = subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06, row_heights=[0.55, 0.45])
    at = axis_times(times)
    low, high = np.percentile(gate, [25, 75], axis=1).astype(np.float32)
    edge = {"width": 0, "color": PALETTE[6]}
    figure.add_trace(go.Scatter(x=at, y=high, line=edge, showlegend=False, hoverinfo="skip"), row=1, col=1)
    figure.add_trace(
        go.Scatter(
            x=at, y=low, line=edge, fill="tonexty", fillcolor="rgba(153,153,153,.3)", name="middle half of the channels", hoverinfo="skip"
        ),
        row=1,
        col=1,
    )
    figure.add_trace(
        go.Scatter(
            x=at,
            y=gate.mean(axis=1).astype(np.float32),
            name="mean gate",
            line={"color": STAGE_1, "width": 2},
            hovertemplate="mean gate %{y:.4f}<br>%{x}<extra></extra>",
        ),
        row=1,
        col=1,
    )
    figure.add_hline(y=0.5, line={"dash": "dash", "width": 1, "color": PALETTE[6]}, row=1, col=1)
    figure.add_trace(go.Scatter(x=at, y=values.astype(np.float32), name=text(name), line={"color": PALETTE[0], "width": 1.5}), row=2, col=1)
    figure.update_yaxes(title_text="gate", row=1, col=1)
    figure.update_yaxes(title_text=text(name), row=2, col=1)
    return lay_out(figure, title=title, height=360)


def gate_histogram(gate: Float[np.ndarray, "time channel"], *, title: str) -> go.Figure:
    """Return how often the gate takes which value, over all steps and channels."""
    counts, edges = np.histogram(gate, bins=50, range=(0, 1))
    middle = (edges[:-1] + edges[1:]) / 2
    colours = [STAGE_1 if value > 0.5 else STAGE_2 for value in middle]
    bars = go.Bar(
        x=middle.astype(np.float32),
        y=counts,
        marker={"color": colours},
        width=0.02,
        hovertemplate="gate %{x:.2f}: %{y} cells<extra></extra>",
    )
    figure = lay_out(Plot(bars), title=title, height=280, x="gate (0: stage 2, 1: stage 1)", y="cells (step, channel)", legend=False)
    figure.update_xaxes(range=[0, 1])
    return figure


def stage_share_bars(times: Times, gate: Float[np.ndarray, "time channel"], *, title: str) -> go.Figure:
    """Return for each step the share of channels that take more of stage 1 (gate over one half) and of stage 2."""
    share = (gate > 0.5).mean(axis=1).astype(np.float32)
    figure = Plot()
    for values, label, colour in ((share, "stage 1 wins", STAGE_1), (1 - share, "stage 2 wins", STAGE_2)):
        hover = f"{label} in %{{y:.0%}} of the channels<br>%{{x}}<extra></extra>"
        figure.add_trace(
            go.Bar(x=axis_times(times), y=values, name=label, marker={"color": colour, "line": {"width": 0}}, hovertemplate=hover)
        )
    figure.update_layout(barmode="stack", bargap=0)
    figure.update_yaxes(range=[0, 1], tickformat=".0%")
    return lay_out(figure, title=title, height=280, y="share of channels")


def scale_lines(
    times: Times,
    stage_1: tuple[Float[np.ndarray, "time _channel"], ...],
    stage_2: tuple[Float[np.ndarray, "time _channel"], ...],
    *,
    kernels: tuple[tuple[int, ...], tuple[int, ...]],
    title: str,
) -> go.Figure:
    """Return each scale's response over time, its mean over the scale's channels, one row a stage on one range.

    Scales need not have equally many channels.
    """
    figure = subplots(
        rows=2,
        cols=1,
        shared_xaxes=True,
        shared_yaxes="all",
        vertical_spacing=0.08,
        subplot_titles=("convolution stage 1", "convolution stage 2"),
    )
    for row, (scales, widths) in enumerate(zip((stage_1, stage_2), kernels, strict=True), 1):
        for number, (response, kernel) in enumerate(zip(scales, kernel_names(widths), strict=True)):
            hover = f"{kernel}: %{{y:.4f}}<br>%{{x}}<extra></extra>"
            line = go.Scatter(
                x=axis_times(times),
                y=response.mean(axis=1).astype(np.float32),
                name=f"stage {row}, {kernel}",
                hovertemplate=hover,
                line={"color": PALETTE[number], "dash": "solid" if row == 1 else "dot", "width": 2},
            )
            figure.add_trace(line, row=row, col=1)
    figure.update_annotations(font_size=12, x=0, xanchor="left")
    figure.update_yaxes(title_text="mean response", rangemode="tozero")
    return lay_out(figure, title=title, height=420)
