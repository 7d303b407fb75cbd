"""Colours, sizes and names, the same in every figure, readable on light and dark."""

from __future__ import annotations

import html
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from complex_lstm.data import Times

# Okabe and Ito's colours, told apart by colour-blind eyes; black is left out because it vanishes on dark.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#999999")
ACTUAL, PREDICTED, REPEATED = "#8A8F98", "#D55E00", "#56B4E9"
STAGE_1, STAGE_2 = "#E66101", "#5E3C99"
QUERY, KEY = "#FF7F0E", "#E0409F"
MISSING = "#D55E00"
PART_COLOURS = {"training": "rgba(0,114,178,.10)", "validation": "rgba(230,159,0,.18)", "test": "rgba(0,158,115,.18)"}

SEQUENTIAL = "Viridis"
SIGNED = [[0.0, "#2166AC"], [0.25, "#92C5DE"], [0.5, "#F7F7F7"], [0.75, "#F4A582"], [1.0, "#B2182B"]]
GATE = [[0.0, STAGE_2], [0.5, "#F7F7F7"], [1.0, STAGE_1]]

ROW, ROW_OF_MANY = 92, 68  # pixels of one series in a stack, of few and of many
CAPTION, SMALL = 12, 10


@dataclass(frozen=True)
class Mark:
    """A moment to be pointed at in every figure that has the time axis."""

    at: int
    label: str
    colour: str


def text(name: str) -> str:
    """Return a name from a file as plain text for Plotly, which reads HTML."""
    return html.escape(name, quote=False)


def with_unit(name: str, unit: str) -> str:
    """Return a name with its unit in brackets where it has one, as plain text."""
    return text(f"{name} ({unit})" if unit and f"({unit})" not in name else name)


def moments(times: Times) -> list[str] | Float[np.ndarray, " time"]:
    """Return times as Plotly draws them: ISO text for dates, numbers as they are."""
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
    figure.update_xaxes(automargin=True)
    figure.update_yaxes(automargin=True)
    return figure


def mark_moments(figure: go.Figure, times: Times, marks: tuple[Mark, ...]) -> go.Figure:
    """Draw each mark as a vertical line through all rows of a figure over time, and return the figure."""
    at = moments(times)
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


def largest(values: Float[np.ndarray, "*shape"]) -> float:
    """Return the largest absolute value for a colour range centred on zero; 1 where there is none."""
    top = float(np.nanmax(np.abs(values))) if values.size else 0.0
    return top if top > 0 else 1.0
