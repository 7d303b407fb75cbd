"""One window in linked panes: what the overview canvas shows of a side, and of two that are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from complex_lstm.data.units import digits
from complex_lstm.interpretation import METHODS, Explanation
from complex_lstm.model import Trace
from complex_lstm.model.network import MOST_HELD_STEPS
from complex_lstm.ui.components.overview import Content, Line, Results
from complex_lstm.ui.components.overview.payload import thumbnails
from complex_lstm.ui.components.shared import float32
from complex_lstm.ui.compute.attention import head_maps
from complex_lstm.ui.session.messages import shown
from complex_lstm.ui.session.scene import target_of
from complex_lstm.ui.side_by_side.pair import Pair, Side

ALL_ROWS, MOST_ROWS = 12, 10  # up to 12 features are all drawn; of more the 10 most important ones

ROUNDING = 1e-5  # of an output in float32: a smaller importance has no colour


def overview_content(
    now: Side,
    *,
    explanation: Explanation | None,
    method: str,
    unit: str,
    score: tuple[str, ...] = (),
    rows: Sequence[int] | None = None,
) -> Content:
    """Return what the panes show of a side, tinted by an explanation by `method`, in `unit`; None while it is computed.

    `rows` are the features to draw; without them they are all, or of many the most important.
    """
    scene = now.scene
    rows = list(rows) if rows else most_important(explanation, len(scene.features))
    cells = np.full(now.x.shape, np.nan) if explanation is None else explanation.cells
    label = METHODS[method].label
    state = f"{label} ({unit})" if METHODS[method].signed else f"{label} (no sign)"
    return Content(
        features=tuple(scene.features[row] for row in rows),
        units=tuple(scene.dataset.schema.feature_units[row] for row in rows),
        hidden_features=len(scene.features) - len(rows),
        times=tuple(scene.time_labels),
        outputs=scene.outputs,
        is_classes=scene.is_classes,
        series=float32(now.x[:, rows]),
        values=float32(now.values[:, rows]),
        tint=float32(cells[:, rows]),
        tint_name=state if explanation is not None else f"{label}, which is being computed",
        tint_top=max(ROUNDING, float(np.nanmax(np.abs(cells)))) if explanation is not None else 1.0,
        now=_results(now),
        score=score,
        explained=target_of(scene),
        no_attention=_why_no_attention(now.trace),
    )


def pair_content(
    pair: Pair, *, explanation: Explanation | None, method: str, unit: str, note: str = "", rows: Sequence[int] | None = None
) -> Content:
    """Return what the panes show of the second side, with the first one dashed, ringed and in the upper rows.

    Both have the same outputs and a feature in common. A shorter side has no values where only the longer one has steps: at the end
    of two windows, at the beginning of two models. `note` says of what the tint is, where it is not of the second side.
    """
    first, second = pair.first, pair.second
    names = second.scene.features
    rows = [row for row in rows or most_important(explanation, len(names)) if names[row] in first.scene.features]
    content = overview_content(second, explanation=explanation, method=method, unit=unit, rows=rows)
    has_two = pair.kind in ("window", "model")
    time, before = max(first.time, second.time), _results(first)
    layers, heads = (min(one.attention.shape[axis] for one in (before, content.now)) for axis in (0, 1))

    def long(array: np.ndarray, *axes: int) -> np.ndarray:
        """Return an array with as many steps along these axes as the longer side has."""
        missing = time - array.shape[axes[0]]
        ends = (missing, 0) if pair.kind == "model" else (0, missing)
        return float32(np.pad(array, [ends if axis in axes else (0, 0) for axis in range(array.ndim)], constant_values=np.nan))

    def results(side: Side, shown: Results) -> Results:
        squares = shown.attention[:layers, :heads]
        if first.time != second.time and max(first.time, second.time) <= MOST_HELD_STEPS:  # a square is as many steps in both
            squares = thumbnails(long(side.trace.attention[0, :layers, :heads].numpy(), 2, 3))
        return replace(shown, attention=squares, gate=long(shown.gate, 0))

    own = [first.scene.features.index(names[row]) for row in rows]
    tint_of = note or (", of the right" if has_two else "")
    return replace(
        content,
        times=_axis(pair, time),
        moments=_moments(pair, time) if pair.kind == "window" else (),
        series=long(content.series, 0),
        values=long(content.values, 0),
        tint=long(content.tint, 0),
        tint_name=f"{content.tint_name}{tint_of}",
        now=results(second, content.now),
        before=results(first, before),
        before_series=long(first.x[:, own], 0),
        sides=("left", "right") if has_two else ("was", "now"),
        score=("ring, tick, dashed: left" if has_two else "ring, tick, dashed: as it was",),
    )


def _axis(pair: Pair, time: int) -> tuple[str, ...]:
    """Return the names of the steps: their times, or of two windows, which have different ones, their numbers."""
    if pair.kind == "window":
        return tuple(f"step {step}" for step in range(time))
    return tuple(max((pair.first, pair.second), key=lambda side: side.time).scene.time_labels)


def _moments(pair: Pair, time: int) -> tuple[str, ...]:
    """Return for each step of two windows what time it is in either."""
    both = [side.scene.time_labels for side in (pair.first, pair.second)]
    of_each = ([*times, *["no such step"] * (time - len(times))] for times in both)
    return tuple(f"step {step} (left {left}, right {right})" for step, (left, right) in enumerate(zip(*of_each, strict=True)))


def most_important(explanation: Explanation | None, count: int) -> list[int]:
    """Return which features are drawn: all, or of many the most important, the first of them before anything is known."""
    if count <= ALL_ROWS:
        return list(range(count))
    if explanation is None:
        return list(range(MOST_ROWS))
    return np.argsort(-np.abs(explanation.features), kind="stable")[:MOST_ROWS].tolist()


def _results(side: Side) -> Results:
    trace = side.trace
    return Results(
        prediction=tuple(_lines(side, side.predicted)),
        attention=_small_heads(trace),
        gate=float32(trace.gate[0].numpy().mean(axis=1)),
        heads=float32(trace.ensemble_head_outputs[0].numpy()),
        combined=float32(trace.prediction[0].numpy()),
    )


def _small_heads(trace: Trace) -> Float[np.ndarray, "layer head square square"]:
    """Return the attention heads as small maps; no layer where there is none, or where the maps of a long window are not made yet."""
    if trace.encoded.shape[1] <= MOST_HELD_STEPS:
        return thumbnails(trace.attention[0].numpy())
    maps = head_maps(trace)
    return thumbnails(maps.heads) if maps else np.zeros((0, trace.attention_heads, 1, 1), np.float32)


def _why_no_attention(trace: Trace) -> str:
    """Return why no attention head is drawn, where none is."""
    if trace.attention_layers:
        return f"The heads of {trace.encoded.shape[1]:,} steps are made on request: open this pane."
    return "This model has fewer than two BiLSTM blocks: no attention layer is used."


def _lines(side: Side, predicted: Float[np.ndarray, " output"]) -> list[Line]:
    scene, windows = side.scene, side.scene.dataset.windows
    if scene.is_classes:
        label = str(windows.label[scene.number])
        is_known = label in scene.outputs
        return [
            Line(
                name,
                float(value),
                float(name == label) if is_known else np.nan,
                np.nan,
                f"{name} {value:.1%}",
                "actual" if name == label else "",
            )
            for name, value in zip(scene.outputs, predicted, strict=True)
        ]
    lines, horizon = [], scene.dataset.window.horizon
    for place, name in enumerate(scene.outputs):
        unit = scene.dataset.schema.unit(name)
        actual, last = float(windows.actual[scene.number, place]), float(windows.last[scene.number, place])
        ahead = f"{horizon} step{'s' if horizon > 1 else ''} ahead"
        known = "unknown" if np.isnan(actual) else shown(scene, place, actual)
        text = f"{name} {shown(scene, place, float(predicted[place]))} {unit}".rstrip()
        note = f"actual {known}, last {digits(last) if np.isnan(last) else shown(scene, place, last)}, {ahead}"
        lines.append(Line(name, float(predicted[place]), actual, last, text, note))
    return lines
