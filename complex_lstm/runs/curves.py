"""A run's curves: what each epoch measured."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from complex_lstm.runs.files import METRICS, write_whole

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
        lines = list(csv.reader((folder / METRICS).read_text().splitlines()))[1:]
    except (OSError, UnicodeDecodeError, csv.Error):
        return ()
    found = []
    for line in lines:
        try:
            epoch, step, metric, value = line
            found.append(Row(int(epoch), int(step), metric, float(value)))
        except ValueError:
            continue
    return tuple(found)


def write_metrics(folder: Path, rows: Iterable[Row]) -> None:
    """Write all measurements of a run."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows((row.epoch, row.step, row.metric, repr(row.value)) for row in rows)
    write_whole(folder / METRICS, text.getvalue())


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
