"""The traces of a figure as SVG: lines, markers, bands, bars, histograms and heat maps."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from plotly.colors import sample_colorscale

from complex_lstm.figures.numbers import as_plain
from complex_lstm.figures.stills import cells_as_png
from complex_lstm.figures.svg.axes import INK, Axis, svg_text, values_of
from complex_lstm.figures.theme import PALETTE, SEQUENTIAL


def draw_traces(traces: list[dict[str, Any]], axes: dict[str, Axis], layout: dict[str, Any]) -> list[str]:
    """Return every trace as it lies on its axes, in their order."""
    parts = []
    before: dict[tuple[str, str], tuple[np.ndarray, np.ndarray]] = {}
    colours = itertools.cycle(PALETTE)
    for trace in traces:
        pair = trace.get("xaxis", "x"), trace.get("yaxis", "y")
        x, y, colour = axes[pair[0]], axes[pair[1]], next(colours)
        kind = trace.get("type", "scatter")
        if kind == "heatmap":
            parts.append(_heat_map(trace, x, y, layout))
        elif kind == "bar":
            rivals = [one for one in traces if one.get("type") == "bar" and (one.get("xaxis", "x"), one.get("yaxis", "y")) == pair]
            parts.append(_bars(trace, rivals, x, y, colour, layout.get("barmode", "group")))
        elif kind == "histogram":
            parts.append(_histogram(trace, x, y, colour))
        elif trace.get("x") is not None and len(trace["x"]):
            at = x.pixels(x.numbers(trace["x"])), y.pixels(y.numbers(trace["y"]))
            parts.append(_points(trace, at, before.get(pair), colour, layout))
            before[pair] = at
    return parts


def _points(
    trace: dict[str, Any],
    at: tuple[np.ndarray, np.ndarray],
    below: tuple[np.ndarray, np.ndarray] | None,
    colour: str,
    layout: dict[str, Any],
) -> str:
    x, y = at
    there = np.isfinite(x) & np.isfinite(y)
    line, marker, mode = trace.get("line") or {}, trace.get("marker") or {}, trace.get("mode") or "lines"
    drawn = ""
    if trace.get("fill") == "tonexty" and below is not None:
        edge = [*zip(*below, strict=True), *list(zip(x, y, strict=True))[::-1]]
        drawn += f'<polygon points="{_path(edge)}" fill="{trace.get("fillcolor", "rgba(128,128,128,.3)")}"/>'
    if "lines" in mode and line.get("width", 2):
        cuts = np.flatnonzero(~there)
        dash = {"dash": "6 4", "dot": "2 3", "dashdot": "6 3 2 3"}.get(line.get("dash", ""), "")
        for piece in np.split(np.arange(len(x)), cuts):
            kept = [(x[one], y[one]) for one in piece if there[one]]
            if len(kept) > 1:
                drawn += (
                    f'<polyline points="{_path(kept)}" fill="none" stroke="{line.get("color", colour)}" '
                    f'stroke-width="{min(line.get("width", 2), 4)}" stroke-dasharray="{dash}"/>'
                )
    if "markers" in mode:
        sizes = np.broadcast_to(np.asarray(marker.get("size", 6), dtype=float), x.shape)
        fills = _fills(marker, colour, len(x), layout)
        symbol = str(marker.get("symbol", ""))
        for one in np.flatnonzero(there & (sizes > 0)):
            left, up, half = x[one], y[one], min(sizes[one], 14) / 2
            drawn += _marker(symbol, left, up, half, fills[one])
    if "text" in mode:
        words = trace.get("text")
        listed = [words] * len(x) if isinstance(words, str) else list(words if words is not None else ())
        drawn += "".join(svg_text(x[one] + 4, y[one] + 3, as_plain(word), size=9) for one, word in enumerate(listed) if there[one])
    return drawn


def _marker(symbol: str, x: float, y: float, half: float, colour: str) -> str:
    """Return one marker: a tick, a diamond or a circle, the last two as outlines where the symbol is an open one."""
    if "line-ns" in symbol:
        return f'<path d="M{x:.1f} {y - half:.1f}V{y + half:.1f}" stroke="{colour}" stroke-width="1.5"/>'
    look = f'fill="none" stroke="{colour}" stroke-width="2"' if "open" in symbol else f'fill="{colour}"'
    if "diamond" in symbol:
        return f'<path d="M{x - half:.1f} {y:.1f}L{x:.1f} {y - half:.1f}L{x + half:.1f} {y:.1f}L{x:.1f} {y + half:.1f}Z" {look}/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{half:.1f}" {look}/>'


def _fills(marker: dict[str, Any], colour: str, count: int, layout: dict[str, Any]) -> list[str]:
    given = marker.get("color", colour)
    if isinstance(given, str):
        return [given] * count
    if isinstance(given[0], str):
        return list(given)
    scale, low, high = colour_scale(marker, layout, "c", np.asarray(given, dtype=float))
    shares = np.nan_to_num((np.asarray(given, dtype=float) - low) / ((high - low) or 1)).clip(0, 1)
    return list(sample_colorscale(scale, shares.tolist()))


def colour_scale(owner: dict[str, Any], layout: dict[str, Any], letter: str, values: np.ndarray) -> tuple[Any, float, float]:
    """Return the colour scale of a trace or its marker, and the values of its two ends."""
    shared = owner.get("coloraxis")
    settings = layout.get(shared) or {} if shared else owner
    letter = "c" if shared else letter
    scale = settings.get("colorscale") or SEQUENTIAL
    if not isinstance(scale, str):
        scale = [[float(at), colour] for at, colour in scale]
    finite = values[np.isfinite(values)]
    ends = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    low, high = (settings.get(f"{letter}{name}") for name in ("min", "max"))
    return scale, ends[0] if low is None else float(low), ends[1] if high is None else float(high)


def _heat_map(trace: dict[str, Any], x: Axis, y: Axis, layout: dict[str, Any]) -> str:
    z = np.asarray(trace["z"], dtype=float)
    scale, low, high = colour_scale(trace, layout, "z", z)
    across, up = (axis.pixels(axis.numbers(values_of(trace, letter))) for axis, letter in ((x, "x"), (y, "y")))
    cells = np.nan_to_num((z - low) / ((high - low) or 1))
    cells = cells[np.argsort(up)][:, np.argsort(across)]
    (left, wide), (top, tall) = _extent(across, x), _extent(up, y)
    return (
        f'<image x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{tall:.1f}" preserveAspectRatio="none" '
        f'style="image-rendering:pixelated" href="{cells_as_png(cells, scale)}"/>'
    )


def _extent(places: np.ndarray, axis: Axis) -> tuple[float, float]:
    """Return where the cells of a heat map begin, and how far they reach, half a cell beyond their middles."""
    low, high = float(places.min()), float(places.max())
    half = (high - low) / (len(places) - 1) / 2 if len(places) > 1 else abs(axis.stop - axis.start) / 2
    low, high = max(low - half, min(axis.start, axis.stop)), min(high + half, max(axis.start, axis.stop))
    return low, high - low


def _bars(trace: dict[str, Any], rivals: list[dict[str, Any]], x: Axis, y: Axis, colour: str, mode: str) -> str:
    lies = trace.get("orientation") == "h"
    along, across = (y, x) if lies else (x, y)
    middles = along.numbers(trace["y" if lies else "x"])
    sizes = across.numbers(trace["x" if lies else "y"])
    place = next(number for number, one in enumerate(rivals) if one is trace)
    apart = np.diff(np.unique(middles[np.isfinite(middles)]))
    room = (float(apart.min()) if len(apart) else 1.0) * 0.8
    base = np.zeros(len(sizes)) if trace.get("base") is None else np.asarray(trace["base"], dtype=float)
    if mode == "stack":
        base = base + sum(np.nan_to_num(across.numbers(one["x" if lies else "y"])) for one in rivals[:place])
    grouped = mode == "group" and len(rivals) > 1
    thick = room / len(rivals) if grouped else room
    offset = (place - (len(rivals) - 1) / 2) * thick if grouped else 0.0
    fills = _fills(trace.get("marker") or {}, colour, len(sizes), {})
    errors = trace.get("error_x" if lies else "error_y") or {}
    drawn = ""
    for one in np.flatnonzero(np.isfinite(middles) & np.isfinite(sizes)):
        low, high = sorted(along.pixels(np.array([middles[one] + offset - thick / 2, middles[one] + offset + thick / 2])))
        begin, end = sorted(across.pixels(np.array([base[one], base[one] + sizes[one]])))
        left, top, wide, tall = (begin, low, end - begin, high - low) if lies else (low, begin, high - low, end - begin)
        drawn += f'<rect x="{left:.1f}" y="{top:.1f}" width="{max(wide, 0.5):.1f}" height="{max(tall, 0.5):.1f}" fill="{fills[one]}"/>'
        if errors.get("array") is not None:
            far = float(errors["array"][one])
            near = float(errors["arrayminus"][one]) if errors.get("arrayminus") is not None else far
            ends = across.pixels(np.array([sizes[one] - near, sizes[one] + far]))
            middle = (low + high) / 2
            way = f"M{ends[0]:.1f} {middle:.1f}H{ends[1]:.1f}" if lies else f"M{middle:.1f} {ends[0]:.1f}V{ends[1]:.1f}"
            drawn += f'<path d="{way}" stroke="{INK}"/>'
    return drawn


def _histogram(trace: dict[str, Any], x: Axis, y: Axis, colour: str) -> str:
    counts, edges = np.histogram(np.asarray(trace["x"], dtype=float), 40)
    places, tops = x.pixels(edges), y.pixels(counts)
    fill = (trace.get("marker") or {}).get("color", colour)
    bars = zip(places[:-1], places[1:], tops, strict=True)
    return "".join(
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{y.pixels(0) - top:.1f}" fill="{fill}"/>'
        for left, right, top in bars
    )


def _path(points: Any) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points if np.isfinite(x) and np.isfinite(y))
