"""Colours, sizes and names, the same in every figure, readable on light and dark."""

from __future__ import annotations

import html
import itertools
import re
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from complex_lstm.data import Times, is_day_of_recording

# Okabe and Ito's colours, which colour-blind readers can distinguish; black is left out because it vanishes on dark.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#999999")
ACTUAL, PREDICTED, REPEATED = "#8A8F98", "#D55E00", "#56B4E9"
STAGE_1, STAGE_2 = "#E66101", "#5E3C99"
QUERY, KEY = "#FF7F0E", "#E0409F"
MISSING = "#D55E00"
CHANCE, CHANCE_BAND = "#8A8F98", "rgba(138,143,152,.3)"
PART_COLOURS = {"training": "rgba(0,114,178,.10)", "validation": "rgba(230,159,0,.18)", "test": "rgba(0,158,115,.18)"}

SEQUENTIAL = "Viridis"
SIGNED = [[0.0, "#2166AC"], [0.25, "#92C5DE"], [0.5, "#F7F7F7"], [0.75, "#F4A582"], [1.0, "#B2182B"]]
FROM_ZERO = [[0.0, "#F7F7F7"], [0.5, "#F4A582"], [1.0, "#B2182B"]]  # the upper half of SIGNED
LOW_TO_HIGH = [[0.0, "#0072B2"], [0.5, "#A8A8A8"], [1.0, "#D55E00"]]  # for points: its middle is seen on white and on black
GATE = [[0.0, STAGE_2], [0.5, "#F7F7F7"], [1.0, STAGE_1]]

ROW, ROW_OF_MANY = 92, 68  # pixels of one series in a stack, of few and of many
CAPTION, SMALL = 12, 10
TALLEST, LOWEST_ROW = 2000, 16  # pixels: of the rows of a figure together, and of a row however many there are


@dataclass(frozen=True)
class MethodStyle:
    """A method's look in every figure: six colours, the same six dashed (in bars: hatched), and dotted (crossed)."""

    colour: str
    dash: str
    hatch: str
    symbol: str


METHOD_STYLES = (
    *(
        MethodStyle(colour, "solid", "", symbol)
        for colour, symbol in zip(PALETTE[:6], ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross"), strict=True)
    ),
    *(
        MethodStyle(colour, "dash", "/", symbol)
        for colour, symbol in zip(PALETTE[:6], ("x", "star", "hexagon", "bowtie", "hourglass", "pentagon"), strict=True)
    ),
    *(
        MethodStyle(colour, "dot", "x", symbol)
        for colour, symbol in zip(
            PALETTE[:6], ("octagon", "hexagram", "star-square", "star-diamond", "diamond-tall", "diamond-wide"), strict=True
        )
    ),
)
KNOWN_METHODS = (  # their labels, so that a method keeps its look where others are left out
    "Ablation",
    "Occlusion",
    "Shapley",
    "Integrated Gradients",
    "Gradient SHAP",
    "Temporal rescaling",
    "Input x Gradient",
    "Saliency",
    "SmoothGrad",
    "Attention rollout",
    "Consensus",
    "Learned mask",
    "Segments",
)


@dataclass(frozen=True)
class Mark:
    """A step of the window that every figure over its time marks with a vertical line."""

    at: int
    label: str
    colour: str


def rows_height(count: int, row: int) -> int:
    """Return the height of rows together: each as high as given, or lower where there are many."""
    return count * min(row, max(LOWEST_ROW, TALLEST // max(1, count)))


def text(name: str) -> str:
    """Return a name from a file as plain text for Plotly, which reads HTML."""
    return html.escape(name, quote=False)


def shortened(name: str, most: int) -> str:
    """Return a name of at most so many letters, an ellipsis in place of the others."""
    return name if len(name) <= most else name[: most - 1] + "…"


def with_unit(name: str, unit: str) -> str:
    """Return a name with its unit in brackets where it has one, as plain text."""
    return text(f"{name} ({unit})" if unit and f"({unit})" not in name else name)


def axis_times(times: Times) -> list[str] | Float[np.ndarray, " time"]:
    """Return times as an axis of Plotly takes them: ISO text for dates, numbers as they are."""
    return np.datetime_as_string(times, unit="ms").tolist() if times.dtype.kind == "M" else times


def lay_out(figure: go.Figure, *, title: str = "", height: int = 320, x: str = "", y: str = "", legend: bool = True) -> go.Figure:
    """Set what all figures share, and return the figure."""
    figure.update_layout(
        title={"text": title, "font": {"size": 15}, "x": 0, "xanchor": "left"} if title else None,
        height=height,
        margin={"l": 8, "r": 8, "t": 44 if title else 30 if figure.layout.annotations or legend else 12, "b": 8},
        showlegend=legend,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 1, "xanchor": "right"},
        hoverlabel={"namelength": -1},
        colorway=PALETTE,
    )
    if x:
        figure.update_xaxes(title_text=x)
    if y:
        figure.update_yaxes(title_text=y)
    figure.update_xaxes(automargin=True, **_clock_alone(figure))
    figure.update_yaxes(automargin=True)
    return legend_below(figure) if title and legend else figure  # beside the title it covers it on a narrow screen


def _clock_alone(figure: go.Figure) -> dict[str, object]:
    """Return how an axis writes times of day that have no date, {} for other axes: those of the second day on with their number."""
    ends = [str(x[end]) for trace in figure.data if (x := getattr(trace, "x", None)) is not None and len(x) for end in (0, -1)]
    if not ends or not all(re.fullmatch(r"17\d\d-\d\d-\d\dT[\d:.]+", end) for end in ends):  # quickly told of most figures
        return {}
    if not is_day_of_recording(np.array(ends, dtype="datetime64[ms]")):
        return {}
    day = "day %-j " if len({end[:10] for end in ends}) > 1 else ""
    stops = [
        {"dtickrange": [None, 1000], "value": f"{day}%H:%M:%S.%L"},
        {"dtickrange": [1000, 60_000], "value": f"{day}%H:%M:%S"},
        {"dtickrange": [60_000, 86_400_000], "value": f"{day}%H:%M"},
        {"dtickrange": [86_400_000, None], "value": day.strip() or "%H:%M"},
    ]
    return {"tickformatstops": stops, "hoverformat": f"{day}%H:%M:%S" if any(end[-6:] != "00.000" for end in ends) else f"{day}%H:%M"}


def draw_marks(figure: go.Figure, times: Times, marks: tuple[Mark, ...]) -> go.Figure:
    """Draw each mark as a vertical line through all rows of a figure over time, and return the figure."""
    at = axis_times(times)
    figure.update_xaxes(range=[at[0], at[-1]])  # markers would widen it, and figures below each other no longer line up
    for mark in marks:
        figure.add_shape(
            type="line",
            xref="x",
            x0=at[mark.at],
            x1=at[mark.at],
            yref="paper",
            y0=0,
            y1=1,
            line={"color": mark.colour, "width": 2, "dash": "dot"},
        )
        figure.add_annotation(
            x=at[mark.at],
            y=1,
            yref="paper",
            yanchor="bottom",
            xanchor="right" if mark.at > 0.9 * len(times) else "center",
            text=mark.label,
            showarrow=False,
            font={"color": mark.colour, "size": CAPTION},
        )
    return figure


def method_styles(methods: tuple[str, ...]) -> tuple[MethodStyle, ...]:
    """Return each method's look: its own, the same in all figures, or for a name unknown here one that is free.

    Looks that belong to no known method come first, so that a new method usually has one look in all figures.
    """
    own = dict(zip(KNOWN_METHODS, METHOD_STYLES, strict=False))
    taken = [own[method] for method in methods if method in own]
    unreserved = METHOD_STYLES[len(own) :]
    free = itertools.cycle([style for style in (*unreserved, *own.values()) if style not in taken] or METHOD_STYLES)
    return tuple(own[method] if method in own else next(free) for method in methods)


def legend_below(figure: go.Figure) -> go.Figure:
    """Move a legend of many names below the figure, where it covers neither title nor data, and return the figure."""
    place = {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0, "xanchor": "left"}
    return figure.update_layout(legend=place, margin={"b": 8})


def shares(values: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """Return each value's size as its share of the sum of all sizes; zeros where every value is zero."""
    total = np.abs(values).sum()
    return np.abs(values) / total if total else np.zeros_like(values)


def largest(values: Float[np.ndarray, "*shape"]) -> float:
    """Return the largest absolute value for a colour range centred on zero; 1 where there is none."""
    top = float(np.nanmax(np.abs(values))) if values.size else 0.0
    return top if top > 0 else 1.0
