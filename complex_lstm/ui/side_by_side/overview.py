"""One window in linked panes: what the overview canvas shows of a side, and of another one before it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from complex_lstm.interpretation import METHODS, Explanation
from complex_lstm.ui.components.overview import Content, Line, Results
from complex_lstm.ui.components.overview.payload import thumbnails
from complex_lstm.ui.components.shared import float32
from complex_lstm.ui.session.messages import number, shown
from complex_lstm.ui.side_by_side.pair import Side

ALL_ROWS, MOST_ROWS = 12, 10  # up to 12 features are all drawn; of more the 10 most important ones


def overview_content(
    now: Side,
    *,
    explanation: Explanation | None,
    method: str,
    unit: str,
    score: tuple[str, ...] = (),
    before: Side | None = None,
    rows: Sequence[int] | None = None,
) -> Content:
    """Return what the panes show of a side, tinted by an explanation by `method`, in `unit`; None while it is computed.

    `before` is the same window as it was, before edits or switches. `rows` are the features to draw; without them they are all, or
    of many the most important.
    """
    scene = now.scene
    rows = list(rows) if rows else most_important(explanation, len(scene.features))
    cells = np.full(now.x.shape, np.nan) if explanation is None else explanation.cells
    label = METHODS[method].label
    state = f"{label} ({unit})" if METHODS[method].signed else f"{label} (no sign)"
    drawn_before = None if before is None else float32(before.x[:, rows])
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
        tint_top=float(np.nanmax(np.abs(cells))) if explanation is not None else 1.0,
        now=_results(now),
        score=score,
        before=None if before is None else _results(before),
        before_series=drawn_before,
    )


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
        attention=thumbnails(trace.attention[0].numpy()),
        gate=float32(trace.gate[0].numpy().mean(axis=1)),
        heads=float32(trace.ensemble_head_outputs[0].numpy()),
        combined=float32(trace.prediction[0].numpy()),
    )


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
        note = f"actual {known}, last {number(last) if np.isnan(last) else shown(scene, place, last)}, {ahead}"
        lines.append(Line(name, float(predicted[place]), actual, last, text, note))
    return lines
