"""From a table to series: rows of one id, in the order of time, with a report of what is missing or odd."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int, Shaped

from complex_lstm.config import MissingPolicy, Roles
from complex_lstm.data.reading import Table, numbers
from complex_lstm.data.time_finding import Times
from complex_lstm.data.times import Clock, Offsets, read_times, steps_between, time_labels
from complex_lstm.errors import CellError

GAP = 1.5  # a step this many times the usual one is a gap in time
FAR = 20.0  # interquartile ranges from the median: no plausible measurement lies there


@dataclass(frozen=True)
class Series:
    """One series in the order of time, in the file's units. Empty cells are NaN, not filled.

    `labels` are class names ("" where unknown) and empty for values; `targets` has no columns for classes. `times` are the file's
    wall clock, of the zone `zone` ("" where the file names none); `offset` is that of each step from UTC where it changes within the
    file, and has no elements elsewhere.
    """

    name: str
    group: str
    lines: Int[np.ndarray, " time"]
    times: Times
    values: Float[np.ndarray, "time feature"]
    targets: Float[np.ndarray, "time target"]
    labels: Shaped[np.ndarray, " time"]
    zone: str = ""
    offset: Offsets = field(default_factory=lambda: np.zeros(0, dtype="timedelta64[s]"))

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def instants(self) -> Times:
        """The times by which the steps are ordered and their distances counted: no clock that changes moves them."""
        return Clock(self.times, self.zone, self.offset).instants

    def labels_at(self, steps: slice | Int[np.ndarray, " step"]) -> list[str]:
        """Return the times of some steps as text, with the offset from UTC where that changes within the file."""
        return time_labels(self.times[steps], self.offset[steps] if len(self.offset) else None)

    @property
    def gaps(self) -> Bool[np.ndarray, " step"]:
        """Where more time than usual passes from a step to the next."""
        steps = steps_between(self.instants)
        return steps > GAP * np.median(steps) if len(steps) else np.zeros(0, dtype=bool)


@dataclass(frozen=True)
class Oddity:
    """A cell so far from the others of its column that it is hardly a measurement."""

    line: int
    column: str
    value: float


def make_series(table: Table, roles: Roles) -> tuple[Series, ...]:
    """Return the series of a table, sorted by time, in the order of their first rows.

    Columns for series, group and targets may be missing from the file, so that a file without targets can be
    predicted. Rows without any value are left out, and so are the last ones of a series that have neither feature nor target.

    Raises:
        CellError: text or an infinite number in a feature or target, a row without a time, or two rows of one
            series at the same time.
    """
    table = without_empty_rows(table)
    frame = table.frame
    values = np.stack([numbers(table, column) for column in roles.features], axis=1)
    clock = read_times(table, roles.time if roles.time in frame else "")
    instants = clock.instants
    known = [column for column in roles.targets if column in frame]
    targets = np.full((len(frame), 0), np.nan)
    if roles.task == "values":
        blank = np.full(len(frame), np.nan)
        targets = np.stack([numbers(table, c) if c in known else blank for c in roles.targets], axis=1)
    labels = _text(table, known[0] if known and roles.task == "classes" else "")
    groups = _text(table, roles.group)
    made = []
    for name, rows in _rows_by_series(table, roles.series):
        ordered = rows[np.argsort(instants[rows], kind="stable")]
        ordered = _without_empty_end(ordered, values, targets, labels)
        _check_times(table, instants[ordered], ordered, name if roles.time in frame else "")
        kept = _as_slice(ordered)
        made.append(
            Series(
                name,
                str(groups[ordered[0]]),
                frame.index.to_numpy()[kept],
                clock.wall[kept],
                values[kept],
                targets[kept],
                labels[kept],
                clock.zone,
                clock.offset[kept] if len(clock.offset) else clock.offset,
            )
        )
    return tuple(made)


def joined(parts: list[np.ndarray]) -> np.ndarray:
    """Return arrays of several series one below the other; of one series its own, and no copy."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _as_slice(rows: Int[np.ndarray, " row"]) -> slice | Int[np.ndarray, " row"]:
    """Return rows that follow each other as a slice, which takes no copy of a long file."""
    follow = bool(len(rows)) and rows[-1] - rows[0] == len(rows) - 1 and bool((rows[1:] - rows[:-1] == 1).all())
    return slice(int(rows[0]), int(rows[-1]) + 1) if follow else rows


def fill(
    values: Float[np.ndarray, "time feature"], policy: MissingPolicy, means: Float[np.ndarray, " feature"]
) -> Float[np.ndarray, "time feature"]:
    """Return values with the empty cells filled; the same array where none is empty.

    carry        the last value seen before; the training mean where there is none. Uses the past only.
    interpolate  on a straight line between neighbours; at the ends the nearest. Looks into the future.
    mean         the training mean.
    """
    if not any(np.isnan(column).any() for column in values.T):
        return values
    filled = values.copy()
    for column in range(values.shape[1]):
        seen = ~np.isnan(values[:, column])
        if policy != "mean" and seen.any() and not seen.all():
            steps = np.arange(len(values))
            if policy == "interpolate":
                filled[:, column] = np.interp(steps, steps[seen], values[seen, column])
            else:
                last = np.maximum.accumulate(np.where(seen, steps, 0))
                filled[:, column] = values[last, column]
        filled[:, column] = np.where(np.isnan(filled[:, column]), means[column], filled[:, column])
    return filled


def refuse_missing(table: Table, roles: Roles, series: tuple[Series, ...]) -> None:
    """Raise a CellError that names the first empty cell of a feature, if there is one."""
    for one in series:
        rows, columns = np.nonzero(np.isnan(one.values))
        if len(rows):
            raise CellError(
                f"{table.name}, line {one.lines[rows[0]]}, column {roles.features[columns[0]]!r} is empty, and missing values are "
                f"refused. Fill the cell, or choose another policy for missing values."
            )


def oddities(series: tuple[Series, ...], features: tuple[str, ...]) -> tuple[Oddity, ...]:
    """Return the cells more than 20 interquartile ranges from their column's median. They are shown, not changed."""
    lines = np.concatenate([one.lines for one in series])
    found = []
    for column, name in enumerate(features):
        cells = joined([one.values[:, column] for one in series])
        seen = cells[~np.isnan(cells)]
        if not len(seen):
            continue
        low, middle, high = np.percentile(seen, [25, 50, 75])
        far = np.abs(cells - middle) > FAR * (high - low) if high > low else np.zeros(len(cells), dtype=bool)
        found += [Oddity(int(lines[row]), name, float(cells[row])) for row in np.nonzero(far)[0]]
    return tuple(found)


def without_empty_rows(table: Table) -> Table:
    """Return a table without the rows in which no cell has a value; the same one where all have."""
    filled = table.frame.notna().any(axis=1)
    return table if filled.all() or not filled.any() else replace(table, frame=table.frame[filled])


def _without_empty_end(
    ordered: Int[np.ndarray, " time"], values: np.ndarray, targets: np.ndarray, labels: Shaped[np.ndarray, " row"]
) -> Int[np.ndarray, " kept"]:
    """Return the rows of a series up to the last one with a feature, a target or a class; all of them where none has one."""
    if len(ordered) and not np.isnan(values[ordered[-1]]).all():
        return ordered
    filled = (~np.isnan(values[ordered])).any(axis=1) | (~np.isnan(targets[ordered])).any(axis=1) | (labels[ordered] != "")
    return ordered[: len(ordered) - int(filled[::-1].argmax())] if filled.any() else ordered


def _text(table: Table, column: str) -> Shaped[np.ndarray, " row"]:
    if not column or column not in table.frame:
        return np.full(len(table.frame), "", dtype=object)
    cells = table.frame[column]
    whole = cells.dropna()
    if cells.dtype.kind == "f" and (whole == whole.round()).all():
        cells = cells.astype("Int64")  # class 1, not class 1.0, in a column with an empty cell
    return np.where(cells.isna(), "", cells.astype(str)).astype(object)


def _rows_by_series(table: Table, column: str) -> list[tuple[str, Int[np.ndarray, " _row"]]]:
    if not column or column not in table.frame:
        return [(table.name, np.arange(len(table.frame)))]
    numbers, names = pd.factorize(_text(table, column))  # in the order of their first rows
    rows = np.split(np.argsort(numbers, kind="stable"), np.cumsum(np.bincount(numbers))[:-1])
    return [(str(name) or "(no name)", found) for name, found in zip(names, rows, strict=True)]


def _check_times(table: Table, times: Times, rows: Int[np.ndarray, " time"], series: str) -> None:
    same = np.nonzero(times[1:] == times[:-1])[0]
    if series and len(same):
        first, second = sorted(int(table.frame.index[row]) for row in rows[same[0] : same[0] + 2])
        raise CellError(
            f"{table.name}, lines {first} and {second} of series {series!r} have the same time. "
            f"Choose the column that identifies the series, or remove one of the two."
        )
