"""The whole of a figure as SVG: axes and traces, and around them shapes, annotations, the colour bar, the title and the legend."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import plotly.graph_objects as go

from complex_lstm.figures.numbers import as_plain, name_of
from complex_lstm.figures.stills import cells_as_png
from complex_lstm.figures.svg.axes import INK, LETTER, NAME_LETTER, Area, Axis, axes_of, grid, svg_text
from complex_lstm.figures.svg.traces import colour_scale, draw_traces
from complex_lstm.figures.theme import PALETTE

LEFT, RIGHT, TOP, BOTTOM, BAR = 92.0, 14.0, 20.0, 44.0, 56.0  # margins in pixels, and the room of a colour bar
TITLE, LEGEND_ROW = 22, 16
NAME_LETTERS = 14  # of a row's name, for which the usual margin has room


def figure_svg(figure: go.Figure, *, width: int = 760) -> str:
    """Return a figure as one SVG element with text in it, on white, as wide as given and as high as the figure."""
    layout, traces = figure.layout.to_plotly_json(), [one.to_plotly_json() for one in figure.data]
    height = float(layout.get("height") or 320)
    title = as_plain((layout.get("title") or {}).get("text") or "")
    names = _legend(traces, layout, width)
    has_bar = any(_has_bar(trace, layout) for trace in traces)
    top = TOP + (TITLE if title else 0.0)
    area = (LEFT, top, width - RIGHT - (BAR if has_bar else 0), height - BOTTOM)
    axes = axes_of(traces, layout, area)
    longest = max((len(name) for short, axis in axes.items() if short[0] == "y" for name in axis.names), default=0)
    if longest > NAME_LETTERS:  # names of rows get the room that they need, up to two fifths of the width
        area = (min(LEFT + NAME_LETTER * (longest - NAME_LETTERS), 0.4 * width), *area[1:])
        axes = axes_of(traces, layout, area)
    parts = [_shape(one, axes, area) for one in layout.get("shapes") or () if one.get("layer") == "below"]
    parts += grid(axes, traces, layout)
    parts += draw_traces(traces, axes, layout)
    parts += [_shape(one, axes, area) for one in layout.get("shapes") or () if one.get("layer") != "below"]
    parts += [_annotation(one, axes, area) for one in layout.get("annotations") or ()]
    parts += [_colour_bar(trace, layout, area) for trace in traces if _has_bar(trace, layout)][:1]
    parts += [svg_text(8, 16, title, size=14)] if title else []
    parts += [f'<g transform="translate(0,{height})">{names[0]}</g>']
    whole = height + names[1]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {whole:.0f}" width="{width}" height="{whole:.0f}" '
        f'font-family="Helvetica, Arial, sans-serif"><rect width="100%" height="100%" fill="#ffffff"/>{"".join(parts)}</svg>'
    )


def _place(value: Any, reference: str, axes: dict[str, Axis], area: Area) -> float:
    """Return where a shape's or an annotation's coordinate lies: on an axis, on its domain, or on the paper."""
    short, _, domain = reference.partition(" ")
    letter = short[0]
    if short in axes and not domain:
        return float(axes[short].pixels(axes[short].numbers([value]))[0])
    begin, end = (area[0], area[2]) if short == "paper x" or letter == "x" else (area[3], area[1])
    if short in axes:
        begin, end = axes[short].start, axes[short].stop
    return float(begin + float(value) * (end - begin))


def _both(owner: dict[str, Any], names: tuple[str, str], axes: dict[str, Axis], area: Area) -> tuple[float, float]:
    """Return where a point lies: `names` are those of its two coordinates."""
    found = []
    for name, letter in zip(names, "xy", strict=True):
        reference = owner.get(f"{letter}ref") or letter
        found.append(_place(owner.get(name, 0), f"{letter}paper domain" if reference == "paper" else reference, axes, area))
    return found[0], found[1]


def _shape(shape: dict[str, Any], axes: dict[str, Axis], area: Area) -> str:
    (x0, y0), (x1, y1) = (_both(shape, names, axes, area) for names in (("x0", "y0"), ("x1", "y1")))
    line = shape.get("line") or {}
    if shape.get("type") == "rect":
        left, top, wide, tall = min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0)
        return f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{tall:.1f}" fill="{shape.get("fillcolor", "none")}"/>'
    dash = {"dash": "6 4", "dot": "2 3"}.get(line.get("dash", ""), "")
    stroke = f'stroke="{line.get("color", INK)}" stroke-width="{line.get("width", 2)}" stroke-dasharray="{dash}"'
    return f'<path d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}" {stroke}/>'


def _annotation(note: dict[str, Any], axes: dict[str, Axis], area: Area) -> str:
    x, y = _both(note, ("x", "y"), axes, area)
    font = note.get("font") or {}
    anchor = {"left": "start", "right": "end"}.get(note.get("xanchor", ""), "middle")
    return svg_text(
        x,
        y - 3 - note.get("yshift", 0),
        as_plain(note.get("text", "")),
        size=min(font.get("size", 10), 11),
        anchor=anchor,
        colour=font.get("color", INK),
    )


def _has_bar(trace: dict[str, Any], layout: dict[str, Any]) -> bool:
    if trace.get("type") == "heatmap":
        return bool(trace.get("showscale", True))
    return bool((trace.get("marker") or {}).get("coloraxis") and layout.get("coloraxis"))


def _colour_bar(trace: dict[str, Any], layout: dict[str, Any], area: Area) -> str:
    owner = trace if trace.get("type") == "heatmap" else trace["marker"]
    values = np.asarray(trace["z"] if trace.get("type") == "heatmap" else owner["color"], dtype=float)
    scale, low, high = colour_scale(owner, layout, "z", values)
    left, top, tall = area[2] + 10, area[1], area[3] - area[1]
    image = cells_as_png(np.linspace(1, 0, 64)[:, None], scale)
    return (
        f'<image x="{left}" y="{top}" width="10" height="{tall}" preserveAspectRatio="none" href="{image}"/>'
        f"{svg_text(left + 13, top + 8, f'{high:.3g}', size=9)}{svg_text(left + 13, top + tall, f'{low:.3g}', size=9)}"
    )


def _legend(traces: list[dict[str, Any]], layout: dict[str, Any], width: int) -> tuple[str, float]:
    """Return the legend, row by row from 0 down, and its height; nothing where the figure has none."""
    if not layout.get("showlegend", True):
        return "", 0.0
    named = {name_of(one): one for one in reversed(traces) if name_of(one) and one.get("showlegend", True)}
    left, row, parts = 8.0, 0, []
    for (name, trace), colour in zip(reversed(named.items()), itertools.cycle(PALETTE), strict=False):
        room = 24 + LETTER * len(name)
        if left + room > width and left > 8:
            left, row = 8.0, row + 1
        own = (trace.get("line") or {}).get("color") or (trace.get("marker") or {}).get("color") or trace.get("fillcolor") or colour
        fill = own if isinstance(own, str) else colour
        parts.append(f'<rect x="{left:.1f}" y="{row * LEGEND_ROW + 3}" width="12" height="5" fill="{fill}"/>')
        parts.append(svg_text(left + 16, row * LEGEND_ROW + 9, name, size=10))
        left += room
    return "".join(parts), LEGEND_ROW * (row + 1.0) if parts else 0.0
