"""A Plotly figure as SVG, drawn without a browser: for a report that opens offline, and to be taken along.

It draws what our figures use: lines, markers, bands, bars, histograms, heat maps, reference lines and shades. It is plainer
than the figure on the screen (one shape of marker, few ticks), and shows the same numbers.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from complex_lstm.data import is_day_of_recording, time_labels
from complex_lstm.figures.numbers import as_plain, name_of
from complex_lstm.figures.stills import cells_as_png
from complex_lstm.figures.theme import PALETTE, SEQUENTIAL

LEFT, RIGHT, TOP, BOTTOM, BAR = 92.0, 14.0, 20.0, 44.0, 56.0  # margins in pixels, and the room of a colour bar
TITLE, LEGEND_ROW, LETTER = 22, 16, 6.2
MOST_NAMES = 40  # categories that are all written
INK, GRID = "#333333", "#dddddd"

Number = float | int
Area = tuple[Number, Number, Number, Number]  # pixels: left, top, right and bottom of the panels together


@dataclass
class Axis:
    """One axis on the drawing: how its values become pixels between `start` and `stop`."""

    kind: str
    start: Number
    stop: Number
    low: Number
    high: Number
    names: list[str]
    title: str

    def numbers(self, values: Any) -> np.ndarray:
        """Return values as numbers along the axis: categories by their place, dates in milliseconds, logarithms to base 10."""
        if self.kind == "category":
            places = {name: place for place, name in enumerate(self.names)}
            return np.array([places.get(str(value), np.nan) for value in values], dtype=float)
        if self.kind == "date":
            return np.array(values, dtype="datetime64[ms]").astype(float)
        numbers = np.array([np.nan if value is None else value for value in values], dtype=float)
        if self.kind == "log":
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.where(numbers > 0, np.log10(numbers), np.nan)
        return numbers

    def pixels(self, numbers: Any) -> Any:
        """Return the places on the drawing of numbers along the axis."""
        return self.start + (np.asarray(numbers) - self.low) / ((self.high - self.low) or 1.0) * (self.stop - self.start)

    def ticks(self) -> list[tuple[float, str]]:
        """Return the places on the drawing of some values, and how they are written."""
        low, high = sorted((self.low, self.high))
        if self.kind == "category":
            every = max(1, -(-len(self.names) // MOST_NAMES), round(18 * len(self.names) / (abs(self.stop - self.start) or 1)))
            return [(float(self.pixels(place)), as_plain(name)) for place, name in enumerate(self.names) if place % every == 0]
        if self.kind == "date":
            at = np.linspace(low, high, 4)
            moments = at.astype("datetime64[ms]")
            if is_day_of_recording(moments):  # a time of day: no date stands in the file
                labels = time_labels(moments.astype("datetime64[m]") if high - low > 600_000 else moments)
                return [(float(self.pixels(one)), label) for one, label in zip(at, labels, strict=True)]
            dates = np.datetime_as_string(moments, unit="m" if high - low < 20 * 86_400_000 else "D")
            return [(float(self.pixels(one)), str(date).replace("T", " ")) for one, date in zip(at, dates, strict=True)]
        step = _nice((high - low) / (4 if abs(self.stop - self.start) > 100 else 2))
        at = np.arange(np.ceil(low / step) * step, high + step / 1e6, step)
        return [(float(self.pixels(one)), f"{10**one:.3g}" if self.kind == "log" else f"{round(one, 12) + 0:.6g}") for one in at]


def _nice(step: float) -> float:
    """Return the nearest of 1, 2, 5, 10 times a power of ten that is not below a step."""
    if not step or not np.isfinite(step):
        return 1.0
    power = 10.0 ** np.floor(np.log10(step))
    return float(next(power * one for one in (1, 2, 5, 10) if power * one >= step * 0.999))


def figure_svg(figure: go.Figure, *, width: int = 760) -> str:
    """Return a figure as one SVG element with text in it, on white, as wide as given and as high as the figure."""
    layout, traces = figure.layout.to_plotly_json(), [one.to_plotly_json() for one in figure.data]
    height = float(layout.get("height") or 320)
    title = as_plain((layout.get("title") or {}).get("text") or "")
    names = _legend(traces, layout, width)
    has_bar = any(_has_bar(trace, layout) for trace in traces)
    top = TOP + (TITLE if title else 0.0)
    area = (LEFT, top, width - RIGHT - (BAR if has_bar else 0), height - BOTTOM)
    axes = _axes(traces, layout, area)
    parts = [_shape(one, axes, area) for one in layout.get("shapes") or () if one.get("layer") == "below"]
    parts += _grid(axes, traces, layout)
    parts += _drawn(traces, axes, layout)
    parts += [_shape(one, axes, area) for one in layout.get("shapes") or () if one.get("layer") != "below"]
    parts += [_annotation(one, axes, area) for one in layout.get("annotations") or ()]
    parts += [_colour_bar(trace, layout, area) for trace in traces if _has_bar(trace, layout)][:1]
    parts += [_text(8, 16, title, size=14)] if title else []
    parts += [f'<g transform="translate(0,{height})">{names[0]}</g>']
    whole = height + names[1]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {whole:.0f}" width="{width}" height="{whole:.0f}" '
        f'font-family="Helvetica, Arial, sans-serif"><rect width="100%" height="100%" fill="#ffffff"/>{"".join(parts)}</svg>'
    )


def _axes(traces: list[dict[str, Any]], layout: dict[str, Any], area: Area) -> dict[str, Axis]:
    """Return the axes that traces use, by their short names. Axes that match each other have one range."""
    used: dict[str, list[tuple[dict[str, Any], Any]]] = {}
    for trace in traces:
        for letter in "xy":
            used.setdefault(trace.get(f"{letter}axis", letter), []).append((trace, _values(trace, letter)))
    given = {short: layout.get(f"{short[0]}axis{short[1:]}") or {} for short in used}
    root = {short: given[short].get("matches", short) for short in used}
    found = {}
    for short in used:
        settings = given.get(root[short], {}) | given[short]
        together = [pair for other in used if root[other] == root[short] for pair in used[other]]
        axis = Axis(
            _kind(settings, [values for _, values in together]), 0, 0, 0, 1, [], as_plain((settings.get("title") or {}).get("text") or "")
        )
        if axis.kind == "category":
            listed = settings.get("categoryarray")
            seen = [str(name) for _, values in together if values is not None for name in values]
            axis.names = list(dict.fromkeys([*map(str, listed if listed is not None else ()), *seen]))
        axis.low, axis.high = _range(axis, short[0], together, settings, layout)
        first, last = settings.get("domain") or (0, 1)
        begin, end = (area[0], area[2]) if short[0] == "x" else (area[3], area[1])
        axis.start, axis.stop = begin + first * (end - begin), begin + last * (end - begin)
        found[short] = axis
    return found


def _values(trace: dict[str, Any], letter: str) -> Any:
    values = trace.get(letter)
    if values is None and trace.get("z") is not None:
        return np.arange(np.asarray(trace["z"]).shape[0 if letter == "y" else 1])
    return values


def _kind(settings: dict[str, Any], columns: list[Any]) -> str:
    if settings.get("type") in ("category", "log", "date"):
        return str(settings["type"])
    first = next((values[0] for values in columns if values is not None and len(values)), 0.0)
    if isinstance(first, np.datetime64) or (isinstance(first, str) and first[4:5] == "-" and first[:4].isdigit()):
        return "date"
    return "category" if isinstance(first, str) else "linear"


def _range(
    axis: Axis, letter: str, together: list[tuple[dict[str, Any], Any]], settings: dict[str, Any], layout: dict[str, Any]
) -> tuple[float, float]:
    numbers = [np.concatenate([[np.nan], axis.numbers(values)]) for _, values in together if values is not None]
    half = 0.0
    for trace, _ in together:
        kind = trace.get("type", "scatter")
        if kind == "bar" and (trace.get("orientation") == "h") == (letter == "x"):
            base = np.asarray(trace["base"], dtype=float) if trace.get("base") is not None else 0.0
            tops = _stacked(together, letter) if layout.get("barmode") == "stack" else axis.numbers(trace[letter]) + base
            numbers += [np.array([0.0]) if trace.get("base") is None else np.zeros(0), tops]
        if kind == "histogram" and letter == "y":
            numbers.append(np.array([0.0, max(np.histogram(np.asarray(trace["x"], dtype=float), 40)[0].max(), 1)]))
        if kind == "heatmap" or (kind == "bar" and axis.kind == "category"):
            half = 0.5
    if settings.get("range") is not None:
        low, high = settings["range"]
        return (float(low), float(high)) if axis.kind in ("category", "log") else tuple(axis.numbers([low, high]).tolist())  # type: ignore[return-value]
    flat = np.concatenate(numbers) if numbers else np.zeros(1)
    flat = flat[np.isfinite(flat)]
    low, high = (float(flat.min()), float(flat.max())) if len(flat) else (0.0, 1.0)
    if half:
        step = (high - low) / max(1, len(np.unique(flat)) - 1) if axis.kind != "category" else 1.0
        low, high = low - half * (step or 1), high + half * (step or 1)
    elif letter == "y" or axis.kind == "linear":
        room = 0.05 * (high - low) or 0.5
        low, high = low - room, high + room
    if settings.get("rangemode") == "tozero":
        low = min(low, 0.0) if not flat.min(initial=0) >= 0 else 0.0
    return (high, low) if settings.get("autorange") == "reversed" else (low, high)


def _stacked(together: list[tuple[dict[str, Any], Any]], letter: str) -> np.ndarray:
    return np.sum([np.asarray(trace[letter], dtype=float) for trace, _ in together if trace.get("type") == "bar"], axis=0)


def _grid(axes: dict[str, Axis], traces: list[dict[str, Any]], layout: dict[str, Any]) -> list[str]:
    """Return the ticks, grid lines and titles of every panel."""
    pairs = dict.fromkeys((trace.get("xaxis", "x"), trace.get("yaxis", "y")) for trace in traces)
    lowest: dict[tuple[int, int], Number] = {}
    for x, y in pairs:  # of panels above each other, and with one time axis, the lowest has its labels
        place = round(axes[x].start), round(axes[x].stop)
        lowest[place] = max(lowest.get(place, 0.0), axes[y].start)
    first = min(axes[x].start for x, _ in pairs) if pairs else 0
    parts = []
    for x, y in pairs:
        across, up = axes[x], axes[y]
        labelled = layout.get(f"yaxis{y[1:]}", {}).get("showticklabels", True)
        for at, label in up.ticks():
            parts.append(f'<path d="M{across.start:.1f} {at:.1f}H{across.stop:.1f}" stroke="{GRID}"/>')
            if labelled and (across.start == first or up.kind != "category"):
                parts.append(_text(across.start - 4, at + 3, label[:16], size=9, anchor="end"))
        middle = (up.start + up.stop) / 2
        if up.title and across.start == first:
            title = up.title[: max(6, int(abs(up.start - up.stop) / LETTER) + 2)]  # a longer one would run into the next row's
            parts.append(f'<g transform="translate(10,{middle:.1f}) rotate(-90)">{_text(0, 0, title, size=10, anchor="middle")}</g>')
        own = layout.get(f"xaxis{x[1:]}", {}).get("showticklabels", True)
        if own and up.start >= lowest[round(across.start), round(across.stop)] - 1:
            names, room = across.ticks(), abs(across.stop - across.start)
            fit = max(1, int(room // max(34, 6 * max((len(label) for _, label in names), default=1))))
            parts += [_text(at, up.start + 14, label[:22], size=9, anchor="middle") for at, label in names[:: -(-len(names) // fit) or 1]]
            parts.append(_text((across.start + across.stop) / 2, up.start + 30, across.title, size=10, anchor="middle"))
        parts.append(f'<path d="M{across.start:.1f} {up.start:.1f}H{across.stop:.1f}" stroke="{INK}"/>')
    return parts


def _drawn(traces: list[dict[str, Any]], axes: dict[str, Axis], layout: dict[str, Any]) -> list[str]:
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
        is_tick = "line-ns" in str(marker.get("symbol", ""))
        for one in np.flatnonzero(there & (sizes > 0)):
            left, up, half = x[one], y[one], min(sizes[one], 14) / 2
            if is_tick:
                drawn += f'<path d="M{left:.1f} {up - half:.1f}V{up + half:.1f}" stroke="{fills[one]}" stroke-width="1.5"/>'
            else:
                drawn += f'<circle cx="{left:.1f}" cy="{up:.1f}" r="{half:.1f}" fill="{fills[one]}"/>'
    if "text" in mode:
        words = trace.get("text")
        listed = [words] * len(x) if isinstance(words, str) else list(words if words is not None else ())
        drawn += "".join(_text(x[one] + 4, y[one] + 3, as_plain(word), size=9) for one, word in enumerate(listed) if there[one])
    return drawn


def _fills(marker: dict[str, Any], colour: str, count: int, layout: dict[str, Any]) -> list[str]:
    given = marker.get("color", colour)
    if isinstance(given, str):
        return [given] * count
    if isinstance(given[0], str):
        return list(given)
    scale, low, high = _scale(marker, layout, "c", np.asarray(given, dtype=float))
    shares = np.nan_to_num((np.asarray(given, dtype=float) - low) / ((high - low) or 1)).clip(0, 1)
    return list(sample_colorscale(scale, shares.tolist()))


def _scale(owner: dict[str, Any], layout: dict[str, Any], letter: str, values: np.ndarray) -> tuple[Any, float, float]:
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
    scale, low, high = _scale(trace, layout, "z", z)
    across, up = (axis.pixels(axis.numbers(_values(trace, letter))) for axis, letter in ((x, "x"), (y, "y")))
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
    return _text(
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
    scale, low, high = _scale(owner, layout, "z", values)
    left, top, tall = area[2] + 10, area[1], area[3] - area[1]
    image = cells_as_png(np.linspace(1, 0, 64)[:, None], scale)
    return (
        f'<image x="{left}" y="{top}" width="10" height="{tall}" preserveAspectRatio="none" href="{image}"/>'
        f"{_text(left + 13, top + 8, f'{high:.3g}', size=9)}{_text(left + 13, top + tall, f'{low:.3g}', size=9)}"
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
        parts.append(_text(left + 16, row * LEGEND_ROW + 9, name, size=10))
        left += room
    return "".join(parts), LEGEND_ROW * (row + 1.0) if parts else 0.0


def _path(points: Any) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points if np.isfinite(x) and np.isfinite(y))


def _text(x: Number, y: Number, words: str, *, size: Number, anchor: str = "start", colour: str = INK) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>' if words else ""
    )
