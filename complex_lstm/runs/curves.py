"""A run's metrics as curves: what was measured each epoch, and the gradients over the steps where they were recorded."""

from __future__ import annotations

import csv
import io
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from complex_lstm.config import LARGEST
from complex_lstm.disk import read_bounded
from complex_lstm.runs.atomic_files import METRICS, atomic_write

MOST_METRICS = 2**26  # bytes: a million rows
HEADER = ("epoch", "step", "metric", "value")


@dataclass(frozen=True)
class Row:
    """One measurement: epochs count from 1, steps are those of the optimizer so far."""

    epoch: int
    step: int
    metric: str
    value: float


@dataclass(frozen=True)
class Curve:
    """One metric of one run in the course of its epochs and steps."""

    epochs: Float[np.ndarray, " point"]
    steps: Float[np.ndarray, " point"]
    values: Float[np.ndarray, " point"]


def read_metrics(folder: Path) -> tuple[Row, ...]:
    """Return what a run has measured so far; a line that is not whole is left out."""
    try:
        lines = list(csv.reader(read_bounded(folder / METRICS, MOST_METRICS).decode().splitlines()))[1:]
    except (OSError, UnicodeDecodeError, csv.Error):
        return ()
    found = []
    for line in lines:
        try:
            epoch, step, metric, value = line
            row = Row(int(epoch), int(step), metric, float(value))
        except ValueError:
            continue
        if 0 <= min(row.epoch, row.step) <= max(row.epoch, row.step) <= LARGEST:
            found.append(row)
    return tuple(found)


def write_metrics(folder: Path, rows: Iterable[Row]) -> None:
    """Write all measurements of a run."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows((row.epoch, row.step, row.metric, repr(row.value)) for row in rows)
    atomic_write(folder / METRICS, text.getvalue())


def curves_of(rows: Iterable[Row]) -> dict[str, Curve]:
    """Return the curve of each metric; values that are no finite numbers are left out."""
    points: dict[str, list[Row]] = {}
    for row in rows:
        if math.isfinite(row.value):
            points.setdefault(row.metric, []).append(row)
    return {
        metric: Curve(*(np.array([getattr(row, name) for row in found], dtype=float) for name in ("epoch", "step", "value")))
        for metric, found in points.items()
    }


NORM, SCALE = "gradient_norm/", "gradient_scale"  # names of the metrics


@dataclass(frozen=True)
class GradientCourse:
    """The norm of each component's gradient before clipping, and the model's learned gradient scale, at the same steps."""

    steps: Float[np.ndarray, " point"]
    parts: tuple[str, ...]
    norms: Float[np.ndarray, "point part"]
    scale: Float[np.ndarray, " point"]

    @property
    def total(self) -> Float[np.ndarray, " point"]:
        """The norm of the whole gradient, which is what is clipped: every weight is in one component, so the squares add up."""
        return np.sqrt((self.norms**2).sum(axis=1))

    def clipped(self, norm: float) -> float:
        """Return the share of these steps whose gradient is longer than a norm; 0 does not clip."""
        return float((self.total > norm).mean()) if norm > 0 and len(self.steps) else 0.0


def gradient_course(rows: Iterable[Row]) -> GradientCourse | None:
    """Return what a run has recorded of its gradients, None where it has not. A step with a number that is not finite is left out."""
    at: dict[int, dict[str, float]] = defaultdict(dict)
    for row in rows:
        if row.metric.startswith(NORM) or row.metric == SCALE:
            at[row.step][row.metric] = row.value  # of several batches that make a step the last one's
    names = tuple(dict.fromkeys(name for found in at.values() for name in found if name != SCALE))
    whole = [step for step, found in sorted(at.items()) if all(math.isfinite(found.get(name, math.nan)) for name in (*names, SCALE))]
    if not names or not whole:
        return None
    norms = np.array([[at[step][name] for name in names] for step in whole])
    scale = np.array([at[step][SCALE] for step in whole])
    return GradientCourse(np.array(whole, dtype=float), tuple(name.removeprefix(NORM) for name in names), norms, scale)
