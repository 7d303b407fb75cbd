"""The axes of a figure as SVG: how values become pixels, with ticks, grid lines and titles."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from complex_lstm.data import is_day_of_recording, time_labels
from complex_lstm.figures.numbers import as_plain

LETTER = 6.2  # pixels
NAME_LETTER = 5.2  # pixels of a letter of the names beside an axis
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


def axes_of(traces: list[dict[str, Any]], layout: dict[str, Any], area: Area) -> dict[str, Axis]:
    """Return the axes that traces use, by their short names. Axes that match each other have one range."""
    used: dict[str, list[tuple[dict[str, Any], Any]]] = {}
    for trace in traces:
        for letter in "xy":
            used.setdefault(trace.get(f"{letter}axis", letter), []).append((trace, values_of(trace, letter)))
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


def values_of(trace: dict[str, Any], letter: str) -> Any:
    """Return the values of a trace along an axis; those that a heat map does not name are counted from 0."""
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
            if layout.get("barmode") == "stack":
                tops = np.sum([np.asarray(one[letter], dtype=float) for one, _ in together if one.get("type") == "bar"], axis=0)
            else:
                tops = axis.numbers(trace[letter]) + (0.0 if trace.get("base") is None else np.asarray(trace["base"], dtype=float))
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


def grid(axes: dict[str, Axis], traces: list[dict[str, Any]], layout: dict[str, Any]) -> list[str]:
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
                letters = int((across.start - 18) / NAME_LETTER) if across.start == first else 16
                parts.append(svg_text(across.start - 4, at + 3, shortened(label, letters), size=9, anchor="end"))
        middle = (up.start + up.stop) / 2
        if up.title and across.start == first:
            title = up.title[: max(6, int(abs(up.start - up.stop) / LETTER) + 2)]  # a longer one would run into the next row's
            parts.append(f'<g transform="translate(10,{middle:.1f}) rotate(-90)">{svg_text(0, 0, title, size=10, anchor="middle")}</g>')
        own = layout.get(f"xaxis{x[1:]}", {}).get("showticklabels", True)
        if own and up.start >= lowest[round(across.start), round(across.stop)] - 1:
            names, room = across.ticks(), abs(across.stop - across.start)
            fit = max(1, int(room // max(34, 6 * max((len(label) for _, label in names), default=1))))
            parts += [
                svg_text(at, up.start + 14, label[:22], size=9, anchor="middle") for at, label in names[:: -(-len(names) // fit) or 1]
            ]
            parts.append(svg_text((across.start + across.stop) / 2, up.start + 30, across.title, size=10, anchor="middle"))
        parts.append(f'<path d="M{across.start:.1f} {up.start:.1f}H{across.stop:.1f}" stroke="{INK}"/>')
    return parts


def shortened(label: str, most: int) -> str:
    """Return a label with at most so many letters, and a sign where it is cut."""
    return label if len(label) <= most else label[: most - 1] + "…"


def svg_text(x: Number, y: Number, words: str, *, size: Number, anchor: str = "start", colour: str = INK) -> str:
    """Return words at a place, "" where there are none. `anchor` says whether they start, end or have their middle there."""
    if not words:
        return ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'
