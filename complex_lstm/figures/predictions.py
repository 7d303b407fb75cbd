"""Predictions: forecasts and classes beside the truth, and the ensemble heads behind one prediction."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int

from complex_lstm.data import Times
from complex_lstm.figures.plot import Plot, subplots
from complex_lstm.figures.theme import (
    ACTUAL,
    PALETTE,
    PREDICTED,
    REPEATED,
    SEQUENTIAL,
    SIGNED,
    axis_times,
    largest,
    lay_out,
    text,
    with_unit,
)

BINS = 60
MOST_WRITTEN = 30  # classes whose counts are written into the cells of their matrix


def forecast_lines(
    times: Times,
    actual: Float[np.ndarray, " window"],
    predicted: Float[np.ndarray, " window"],
    *,
    windows: Int[np.ndarray, " window"],
    chosen: int | None,
    name: str,
    unit: str,
    title: str,
) -> go.Figure:
    """Return actual and predicted values at the times that they are for. A point's customdata is its window.

    The point at the place `chosen` is ringed.
    """
    figure = Plot()
    at = axis_times(times)
    for values, label, colour, mode in ((actual, "actual", ACTUAL, "lines"), (predicted, "predicted", PREDICTED, "lines+markers")):
        hover = f"{label} %{{y:.4g}} {text(unit)}<br>%{{x}}<br>window %{{customdata}}<extra></extra>"
        line = go.Scatter(x=at, y=values.astype(np.float32), customdata=windows, mode=mode, name=label, hovertemplate=hover)
        figure.add_trace(line.update(line={"color": colour, "width": 1.5}, marker={"size": 4}))
    if chosen is not None:
        ring = {"size": 13, "symbol": "circle-open", "line": {"width": 3}, "color": PALETTE[2]}
        figure.add_trace(
            go.Scatter(x=[at[chosen]], y=[float(predicted[chosen])], mode="markers", name="chosen window", hoverinfo="skip", marker=ring)
        )
    return lay_out(figure, title=title, height=340, y=with_unit(name, unit))


def residual_histogram(
    off: Float[np.ndarray, " window"], still: Float[np.ndarray, " window"], *, name: str, unit: str, title: str
) -> go.Figure:
    """Return the histogram of the model's errors beside that of repeating the last value, on the same bins."""
    edge = max(float(np.percentile(np.abs(np.concatenate([off, still])), 99.5)), 1e-9)
    bins = {"start": -edge, "end": edge, "size": 2 * edge / BINS}
    figure = Plot()
    for values, label, colour in ((still, "repeating the last value", REPEATED), (off, "the model", PREDICTED)):
        figure.add_trace(go.Histogram(x=values.astype(np.float32), xbins=bins, name=label, marker={"color": colour}, opacity=0.6))
    figure.update_layout(barmode="overlay")
    return lay_out(figure, title=title, height=300, x=f"predicted minus actual, {with_unit(name, unit)}", y="windows")


def confusion_heatmap(
    confusion: Int[np.ndarray, "actual predicted"],
    *,
    classes: tuple[str, ...],
    title: str,
    of_class: Int[np.ndarray, " actual"] | None = None,
) -> go.Figure:
    """Return the counts of windows by actual class (rows) and predicted class (columns); colour is the share of the class.

    `of_class` is how many windows each class has, where not all columns are drawn; without it, the sum of its row. Counts of many
    classes are read by pointing at them: they would not fit their cells.
    """
    share = confusion / np.maximum(confusion.sum(axis=1) if of_class is None else of_class, 1)[:, None]
    names = [text(name) for name in classes]
    figure = Plot(
        go.Heatmap(
            z=share.astype(np.float32),
            x=names,
            y=names,
            customdata=confusion,
            text=confusion,
            texttemplate="%{text}" if len(classes) <= MOST_WRITTEN else "",
            zmin=0,
            zmax=1,
            colorscale=SEQUENTIAL,
            colorbar={"title": "share of<br>actual", "thickness": 12},
            xgap=1,
            ygap=1,
            hovertemplate="actual %{y}, predicted %{x}<br>%{customdata} windows, %{z:.0%} of the class<extra></extra>",
        )
    )
    figure.update_xaxes(type="category")
    figure.update_yaxes(type="category", autorange="reversed")
    height = 150 + (34 if len(classes) <= MOST_WRITTEN else 10) * len(classes)
    return lay_out(figure, title=title, height=max(300, height), x="predicted class", y="actual class", legend=False)


def class_score_bars(
    recall: Float[np.ndarray, " output"], precision: Float[np.ndarray, " output"], *, classes: tuple[str, ...], title: str
) -> go.Figure:
    """Return recall and precision of each class; a class that does not occur has no bar."""
    figure = Plot()
    for values, label, colour in ((recall, "recall", PALETTE[0]), (precision, "precision", PALETTE[4])):
        figure.add_trace(
            go.Bar(
                x=[text(name) for name in classes],
                y=values.astype(np.float32),
                name=label,
                marker={"color": colour},
                hovertemplate=f"{label} of %{{x}}: %{{y:.2f}}<extra></extra>",
            )
        )
    figure.update_yaxes(range=[0, 1])
    figure.update_xaxes(type="category")
    return lay_out(figure, title=title, height=300, x="class", y="share of windows")


def probability_bars(probability: Float[np.ndarray, " output"], *, classes: tuple[str, ...], actual: str, title: str) -> go.Figure:
    """Return the probability of each class for one window; the actual class, where known, has an outline and a note."""
    names = [text(f"{name} (actual)" if name == actual else name) for name in classes]
    colours = [PREDICTED if place == int(probability.argmax()) else ACTUAL for place in range(len(classes))]
    bars = go.Bar(
        y=names,
        x=probability.astype(np.float32),
        orientation="h",
        marker={"color": colours},
        text=[f"{value:.3f}" for value in probability],
        hovertemplate="%{y}: %{x:.4f}<extra></extra>",
    )
    figure = Plot(bars)
    figure.update_xaxes(range=[0, 1.08])
    figure.update_yaxes(type="category", autorange="reversed")
    return lay_out(figure, title=title, height=max(200, 90 + 28 * len(classes)), x="probability", legend=False)


def ensemble_head_bars(
    ensemble_head_outputs: Float[np.ndarray, "ensemble_head output"],
    combined: Float[np.ndarray, " output"],
    *,
    outputs: tuple[str, ...],
    title: str,
) -> go.Figure:
    """Return each ensemble head's output beside the combined one, in the model's own scale."""
    figure = Plot()
    names = [text(name) for name in outputs]
    rows = [(f"ensemble head {number}", PALETTE[(0, 2, 3)[number - 1]], one) for number, one in enumerate(ensemble_head_outputs, 1)]
    for label, colour, values in [*rows, ("combined", PREDICTED, combined)]:
        hover = f"{label}, %{{x}}: %{{y:.4f}}<extra></extra>"
        figure.add_trace(go.Bar(x=names, y=values.astype(np.float32), name=label, marker={"color": colour}, hovertemplate=hover))
    figure.update_xaxes(type="category")
    return lay_out(figure, title=title, height=340, y="output (model's scale)")


def disagreement_scatter(
    windows: Int[np.ndarray, " window"],
    apart: Float[np.ndarray, " window"],
    *,
    labels: list[str],
    chosen: int | None,
    title: str,
) -> go.Figure:
    """Return how far apart the ensemble heads are at each window. A point can be clicked; its customdata is the window."""
    points = go.Scatter(
        x=windows,
        y=apart.astype(np.float32),
        mode="markers",
        customdata=windows,
        text=[text(label) for label in labels],
        marker={"size": 6, "color": PALETTE[0], "opacity": 0.7},
        name="windows",
        hovertemplate="window %{customdata}<br>%{text}<br>spread %{y:.4f}<extra></extra>",
    )
    figure = Plot(points)
    if chosen is not None:
        ring = {"size": 14, "symbol": "circle-open", "line": {"width": 3}, "color": PREDICTED}
        figure.add_trace(
            go.Scatter(x=[windows[chosen]], y=[float(apart[chosen])], mode="markers", marker=ring, name="chosen window", hoverinfo="skip")
        )
    figure.update_yaxes(rangemode="tozero")
    return lay_out(figure, title=title, height=320, x="window", y="spread of the ensemble heads")


def sensitivity_heatmaps(
    sensitivity: Float[np.ndarray, "output ensemble_head output"], *, outputs: tuple[str, ...], title: str
) -> go.Figure:
    """Return for each ensemble head how each combined output (row) moves with each of its outputs (column), on one range."""
    ensemble_heads = sensitivity.shape[1]
    figure = subplots(
        rows=1,
        cols=ensemble_heads,
        subplot_titles=[f"ensemble head {number}" for number in range(1, ensemble_heads + 1)],
        shared_yaxes=True,
        horizontal_spacing=0.03,
    )
    names = [text(name) for name in outputs]
    top = largest(sensitivity)
    for number in range(ensemble_heads):
        heat = go.Heatmap(
            z=sensitivity[:, number].astype(np.float32),
            x=names,
            y=names,
            zmin=-top,
            zmax=top,
            colorscale=SIGNED,
            showscale=number == ensemble_heads - 1,
            colorbar={"title": "d combined<br>/ d ensemble head", "thickness": 12},
            hovertemplate="combined %{y} moves by %{z:.4f} for each 1 of the ensemble head's %{x}<extra></extra>",
        )
        figure.add_trace(heat, row=1, col=number + 1)
    figure.update_xaxes(type="category", tickangle=-40)
    figure.update_yaxes(type="category", autorange="reversed")
    figure.update_yaxes(title_text="combined output", col=1)
    figure.update_annotations(font_size=12)
    return lay_out(figure, title=title, height=max(280, 170 + 22 * len(outputs)), legend=False)
