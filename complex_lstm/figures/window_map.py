"""Windows as points of a picture, coloured by what is known of them, and the windows that stand for kinds of explanation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Float32, Int

from complex_lstm.figures.plot import Plot, subplots
from complex_lstm.figures.theme import LOW_TO_HIGH, PALETTE, SMALL, largest, lay_out, shortened, text

MOST_BY_SVG = 5000  # points; more are drawn by WebGL, which takes a quarter of the time
MOST_NAMED = 12  # groups with a colour and a symbol of their own: six of each colour and two symbols are told apart
OTHERS = "#999999"
HERE, SIMILAR = "#E0409F", "#E69F00"
LONGEST_NAME = 28
ROW = 118  # pixels of a kind of explanation


@dataclass(frozen=True)
class Groups:
    """The group of each point, by its place in `names`, and what they are groups of. The last `grey` are no groups of their own."""

    of_point: Int[np.ndarray, " point"]
    names: tuple[str, ...]
    what: str
    grey: int = 0


@dataclass(frozen=True)
class Amounts:
    """A number for each point, NaN where it is not known, and what it is, with its unit."""

    of_point: Float[np.ndarray, " point"]
    what: str


def bounded_groups(labels: Sequence[str], what: str, *, first: str = "") -> Groups:
    """Return the groups of the labels, the one called `first`, then the largest; of more than twelve the others are one. "" is unknown."""
    names, of_point, counts = np.unique(np.asarray(labels, dtype=str), return_inverse=True, return_counts=True)
    order = sorted(range(len(names)), key=lambda one: (names[one] == "", names[one] != first, -counts[one], names[one]))
    known = [one for one in order if names[one] != ""]
    named = known if len(known) <= MOST_NAMED else known[: MOST_NAMED - 1]
    rest = len(known) - len(named)
    grey = ([f"{rest} others"] if rest else []) + (["not known"] if len(known) < len(order) else [])
    listed = [*(str(names[one]) for one in named), *grey]
    place = np.empty(len(names), dtype=int)
    for one in order:
        place[one] = named.index(one) if one in named else len(listed) - 1 if names[one] == "" else len(named)
    return Groups(place[of_point], tuple(listed), what, len(grey))


def window_points(
    places: Float32[np.ndarray, "point 2"],
    colouring: Groups | Amounts,
    *,
    numbers: Int[np.ndarray, " point"],
    words: Sequence[str],
    here: Float[np.ndarray, " 2"] | None,
    similar: Float32[np.ndarray, "similar 2"],
    axes: tuple[str, str],
    title: str,
    known: str = "training windows",
    draws_around: bool = False,
) -> go.Figure:
    """Return the windows as points that can be clicked and selected; a point's customdata is its number among them.

    `words` say what a point is while the mouse is on it; none for very many points. `here` is the window in view, `similar` the nearest
    of the `known` windows. One unit is as long along both axes. The mouse moves the picture and clicks, or `draws_around` points.
    """
    figure = Plot()
    kind = go.Scattergl if len(places) > MOST_BY_SVG else go.Scatter
    size = 7 if len(places) <= 1500 else 5 if len(places) <= MOST_BY_SVG else 4

    def add(at: np.ndarray, name: str, marker: dict[str, object], hover: str) -> None:
        trace = kind(
            x=places[at, 0],
            y=places[at, 1],
            mode="markers",
            name=name,
            customdata=numbers[at],
            text=[text(words[one]) for one in at] if words else None,
            marker={"size": size, "opacity": 0.75} | marker,
            hovertemplate=("%{text}<br>" if words else "") + f"{hover}<extra></extra>",
        )
        figure.add_trace(trace.update(showlegend="coloraxis" not in marker))

    if isinstance(colouring, Groups):
        for place, name in enumerate(colouring.names):
            at = np.flatnonzero(colouring.of_point == place)
            add(at, text(shortened(name, LONGEST_NAME)), _look(colouring, place), f"{text(colouring.what)}: {text(name)}")
    else:
        _add_amounts(figure, colouring, add)
    _add_rings(figure, here, similar, known)
    figure.update_yaxes(scaleanchor="x", scaleratio=1, zeroline=False)
    figure.update_xaxes(zeroline=False)
    figure.update_layout(dragmode="lasso" if draws_around else "pan")  # Streamlit reports clicks only while panning
    lay_out(figure, title=title, height=430, x=axes[0], y=axes[1])
    return figure.update_layout(legend={"itemsizing": "constant"})


def _look(groups: Groups, place: int) -> dict[str, object]:
    if place >= len(groups.names) - groups.grey:
        return {"color": OTHERS, "opacity": 0.45}
    return {"color": PALETTE[place % 6], "symbol": "circle" if place < 6 else "diamond"}


def _add_amounts(figure: go.Figure, amounts: Amounts, add: Callable[[np.ndarray, str, dict[str, object], str], None]) -> None:
    there = np.isfinite(amounts.of_point)
    if not there.all():
        add(np.flatnonzero(~there), "not known", {"color": OTHERS, "opacity": 0.45}, f"{text(amounts.what)}: not known")
    if there.any():
        values = amounts.of_point[there]
        low, high = np.percentile(values, [1, 99]).tolist()
        bar = {"title": {"text": text(amounts.what), "side": "right"}, "thickness": 12}
        ends = (low, high) if high > low else (low - 0.5, low + 0.5)
        figure.update_layout(coloraxis={"colorscale": LOW_TO_HIGH, "cmin": ends[0], "cmax": ends[1], "colorbar": bar})
        look = {"color": values.astype(np.float32), "coloraxis": "coloraxis"}
        add(np.flatnonzero(there), "windows", look, f"{text(amounts.what)}: %{{marker.color:.4g}}")


def _add_rings(figure: go.Figure, here: np.ndarray | None, similar: np.ndarray, known: str) -> None:
    marked = [(similar, f"nearest {known}", "diamond-open", SIMILAR, 12)] if len(similar) else []
    marked += [(here[None], "window in view", "circle-open", HERE, 18)] if here is not None else []
    for at, name, symbol, colour, size in marked:
        ring = {"symbol": symbol, "size": size, "color": colour, "line": {"width": 3}}
        rings = go.Scatter(x=at[:, 0].astype(np.float32), y=at[:, 1].astype(np.float32), mode="markers", name=name, marker=ring)
        figure.add_trace(rings.update(hoverinfo="skip"))


@dataclass(frozen=True)
class TintedRow:
    """One window and its most important features: their values and attributions (time, feature), and the features' names."""

    name: str
    values: Float[np.ndarray, "time feature"]
    attributions: Float[np.ndarray, "time feature"]
    features: tuple[str, ...]


def tinted_rows(rows: Sequence[TintedRow], *, unit: str, title: str) -> go.Figure:
    """Return windows below each other, a panel for each of their features: its series, coloured by signed attribution at each step.

    Each window has colours of its own strength, from its most negative to its most positive attribution, with zero in the middle.
    """
    columns = max(len(row.features) for row in rows)
    titles = [text(shortened(row.features[at], LONGEST_NAME)) if at < len(row.features) else "" for row in rows for at in range(columns)]
    figure = subplots(
        rows=len(rows), cols=columns, subplot_titles=titles, horizontal_spacing=0.05, vertical_spacing=min(0.12, 0.42 / len(rows))
    )
    for number, row in enumerate(rows, 1):
        top = largest(row.attributions)
        time = np.linspace(0, 100, len(row.values), dtype=np.float32) if len(row.values) > 1 else np.zeros(1, dtype=np.float32)
        for at, feature in enumerate(row.features):
            points = go.Scatter(
                x=time,
                y=row.values[:, at].astype(np.float32),
                mode="lines+markers",
                name=text(f"{row.name}, {feature}"),
                line={"color": OTHERS, "width": 1},
                marker={
                    "size": 5,
                    "color": (row.attributions[:, at] / top).astype(np.float32),
                    "coloraxis": "coloraxis",
                },
                customdata=row.attributions[:, at].astype(np.float32),
                hovertemplate=f"{text(feature)}: %{{y:.2f}} standard deviations<br>at %{{x:.0f}}% of the window"
                f"<br>attribution %{{customdata:.3g}} {text(unit)}<extra></extra>",
            )
            figure.add_trace(points, row=number, col=at + 1)
        figure.update_yaxes(title={"text": text(row.name), "font": {"size": SMALL}}, nticks=3, row=number, col=1)
    figure.update_yaxes(nticks=3)
    figure.update_xaxes(range=[-2, 102], ticksuffix="%", nticks=5)
    figure.update_annotations(font_size=11)
    bar = {"title": {"text": "attribution, of the<br>window's largest", "side": "right"}, "thickness": 12}
    figure.update_layout(coloraxis={"colorscale": LOW_TO_HIGH, "cmin": -1, "cmax": 1, "colorbar": bar})
    for at in range(columns):
        figure.update_xaxes(title_text="time, first to last step", row=len(rows), col=at + 1)
    return lay_out(figure, title=title, height=110 + ROW * len(rows), legend=False)
