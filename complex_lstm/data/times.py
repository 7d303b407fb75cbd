"""The time column: as timestamps where it holds dates, as numbers where it holds numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from jaxtyping import Int, Shaped

from complex_lstm.data.reading import Table, numbers
from complex_lstm.errors import CellError

Times = Shaped[np.ndarray, " time"]  # datetime64 or float64


def parse_timestamps(cells: pd.Series) -> pd.Series:
    """Return text cells as timestamps in UTC without a zone, NaT where a cell is none."""
    is_iso = bool(cells.dropna().iloc[:50].astype(str).str.match(r"\d{4}-\d{2}-\d{2}").all())
    return pd.to_datetime(cells, errors="coerce", utc=True, format="ISO8601" if is_iso else "mixed").dt.tz_localize(None)


def holds_timestamps(cells: pd.Series) -> bool:
    """Return whether nearly all of a text column's cells are dates or times of day with a date."""
    if pd.api.types.is_numeric_dtype(cells):
        return False
    sample = cells.dropna().iloc[:200].astype(str)
    if sample.empty or not sample.str.contains(r"\d{1,4}[-/.:]\d").mean() > 0.9:
        return False
    return bool(parse_timestamps(sample).notna().mean() > 0.95)


def read_times(table: Table, column: str) -> Times:
    """Return the time of each row: datetime64 for dates, float64 for numbers, row numbers where column is "".

    Raises:
        CellError: a row without a time, or with a time that cannot be read.
    """
    if not column:
        return np.arange(len(table.frame), dtype=float)
    cells = table.frame[column]
    times = parse_timestamps(cells).to_numpy() if holds_timestamps(cells) else numbers(table, column)
    if np.isnat(times).any() if times.dtype.kind == "M" else np.isnan(times).any():
        first = int(np.argmax(pd.isna(times)))
        raise CellError(
            f"{table.name}, line {table.frame.index[first]}, column {column!r}: {str(cells.iloc[first])[:40]!r} is not a time "
            f"like the others. Correct it, remove the row, or choose no time column (rows then count as steps)."
        )
    return times


def time_labels(times: Times) -> list[str]:
    """Return times as text: dates without a time of day where that is always midnight, numbers in short."""
    if times.dtype.kind != "M":
        return [f"{value:g}" for value in times.tolist()]
    index = pd.DatetimeIndex(times)
    if (index == index.normalize()).all():
        return index.strftime("%Y-%m-%d").tolist()
    return index.strftime("%Y-%m-%d %H:%M:%S" if index.second.any() else "%Y-%m-%d %H:%M").tolist()


def times_at(times: Times, steps: Int[np.ndarray, " step"]) -> Shaped[np.ndarray, " step"]:
    """Return the times of steps; those after the last one follow at the median distance."""
    beyond = np.maximum(steps - (len(times) - 1), 0)
    usual = np.median(np.diff(times).astype(np.int64 if times.dtype.kind == "M" else float)) if len(times) > 1 else 1
    later = (beyond * usual).astype(times.dtype.str.replace("M", "m") if times.dtype.kind == "M" else float)
    return times[np.minimum(steps, len(times) - 1)] + later


def steps_between(times: Times) -> Shaped[np.ndarray, " gap"]:
    """Return the time from each row to the next, in seconds for timestamps and in the column's unit for numbers."""
    gaps = np.diff(times)
    return gaps / np.timedelta64(1, "s") if times.dtype.kind == "M" else gaps
