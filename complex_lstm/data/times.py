"""The time column: the file's wall clock where it holds dates, numbers where it holds numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from jaxtyping import Int, Shaped

from complex_lstm.data.clocks import offset_name, offsets_in, zone_name
from complex_lstm.data.date_parsing import FIRST_DAY
from complex_lstm.data.findings import set_times
from complex_lstm.data.joined import joined_name, parts_of, read_joined
from complex_lstm.data.number_times import FORMATS, as_dates
from complex_lstm.data.reading import AS_SET, Table, numbers
from complex_lstm.data.time_finding import NUMBER, TimeFinding, Times, find_time, is_day_of_recording, parsed
from complex_lstm.errors import CellError
from complex_lstm.recipe import TimeReading

Offsets = Shaped[np.ndarray, " _offset"]  # timedelta64, one for each time or none
UNITS_OF_TIME = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"))


@dataclass(frozen=True)
class Clock:
    """The time of each row as the file has it, its offset from UTC where that changes within the file, and the zone's name.

    `offset` has no elements where it is the same for all rows, or not known; `zone` is "" where the file names none.
    """

    wall: Times
    zone: str = ""
    offset: Offsets = field(default_factory=lambda: np.zeros(0, dtype="timedelta64[s]"))

    @property
    def instants(self) -> Times:
        """What rows are ordered by: the wall clock, less its offset where that changes."""
        return self.wall - self.offset if len(self.offset) else self.wall


def times_of(table: Table) -> dict[str, TimeFinding]:
    """Return how each column that holds dates or times of day is read, as it was set or else as it is found."""
    said = {joined_name(one.columns): one for one in reversed(set_times(table.findings))}
    found: dict[str, TimeFinding] = {}
    for column in map(str, table.frame):
        chosen = said.get(column)
        finding = find_time(table.frame, column)
        if chosen is not None:
            others = (finding.reading, *finding.alternatives) if finding else ()
            finding = TimeFinding(chosen, AS_SET, tuple(one for one in others if one != chosen))
        if finding is not None and finding.reading.format != NUMBER:
            found[column] = finding
    return found


def read_times(table: Table, column: str, reading: TimeReading | None = None) -> Clock:
    """Return the time of each row: dates by the file's own clock, numbers, or row numbers where column is "".

    Without a reading the found one is used (see `find_time`).

    Raises:
        CellError: a row without a time, or with a time that cannot be read.
    """
    if not column:
        return Clock(np.arange(len(table.frame), dtype=float))
    cells = table.frame[column]
    reading = reading or next((one for one in table.reading.times if joined_name(one.columns) == column), None)
    if reading is None:
        found = find_time(table.frame, column)
        reading = found.reading if found is not None else TimeReading((column,), NUMBER)
    clock = Clock(numbers(table, column)) if reading.format == NUMBER else _read_dates(table.frame, column, reading)
    missing = np.isnat(clock.wall) if clock.wall.dtype.kind == "M" else np.isnan(clock.wall)
    if missing.any():
        first = int(np.argmax(missing))
        cell = table.frame[list(parts_of(table.frame, column))].iloc[first].tolist() if parts_of(table.frame, column) else cells.iloc[first]
        raise CellError(
            f"{table.name}, line {table.frame.index[first]}, column {column!r}: {str(cell)[:40]!r} is not a time "
            f"like the others. Correct it, remove the row, or choose no time column (rows then count as steps)."
        )
    return clock


def time_labels(times: Times, offset: Offsets | None = None) -> list[str]:
    """Return times as text: dates without a time of day where that is always midnight, numbers in short.

    `offset` from UTC is written after each time where it is given and has elements.
    """
    if times.dtype.kind != "M":
        return [f"{value:g}" for value in times.tolist()]
    index = pd.DatetimeIndex(times)
    if offset is not None and len(offset):
        texts = index.strftime("%Y-%m-%d %H:%M:%S" if index.second.any() else "%Y-%m-%d %H:%M").tolist()
        return [f"{text} {offset_name(one)}" for text, one in zip(texts, offset, strict=True)]
    if is_day_of_recording(times):
        days, clocks = (index.normalize() - pd.Timestamp(FIRST_DAY)).days, _clocks(index)
        return [f"day {day + 1} {clock}" if days.max() else clock for day, clock in zip(days, clocks, strict=True)]
    if (index == index.normalize()).all():
        return index.strftime("%Y-%m-%d").tolist()
    return [f"{day} {clock}" for day, clock in zip(index.strftime("%Y-%m-%d"), _clocks(index), strict=True)]


def _clocks(index: pd.DatetimeIndex) -> list[str]:
    """Return the times of day as text, as fine as they are: to the minute, the second, or a thousandth or millionth of it."""
    if not index.microsecond.any():
        return index.strftime("%H:%M:%S" if index.second.any() else "%H:%M").tolist()
    fine = index.strftime("%H:%M:%S.%f")
    return fine.tolist() if (index.microsecond % 1000).any() else fine.str[:-3].tolist()


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


def duration(seconds: float) -> str:
    """Return seconds in the largest unit that they reach: 90 s is 1.5 min."""
    size, unit = next((pair for pair in UNITS_OF_TIME if abs(seconds) >= pair[0]), UNITS_OF_TIME[-1])
    return f"{seconds / size:.4g} {unit}"


def _read_dates(frame: pd.DataFrame, column: str, reading: TimeReading) -> Clock:
    """Return the clock of a column of dates."""
    cells, parts = frame[column], parts_of(frame, column)
    if parts and reading.format.endswith("%z"):  # a column of its own names the offset
        wall, offset = (one.to_numpy() for one in read_joined(frame, parts, reading.format))
    elif isinstance(cells.dtype, pd.DatetimeTZDtype):
        local = cells.dt.tz_localize(None)
        wall, offset = local.to_numpy(), (local - cells.dt.tz_convert("UTC").dt.tz_localize(None)).to_numpy()
    elif cells.dtype.kind == "M":
        wall, offset = cells.to_numpy(), np.full(len(cells), np.timedelta64("NaT"))
    elif pd.api.types.is_numeric_dtype(cells) and (reading.format in FORMATS or "%" in reading.format):
        wall = as_dates(cells.to_numpy(dtype=float, na_value=np.nan), reading.format)
        offset = np.full(len(cells), np.timedelta64("NaT"))
    else:
        wall, offset = parsed(frame, column, reading.format)
    clock = _rolled_on(wall)
    known = ~np.isnat(offset)
    if known.any():
        offset = np.where(known, offset, np.timedelta64(0, "s")).astype("timedelta64[s]")
        same = bool((offset == offset[0]).all())
        return Clock(clock, reading.zone or zone_name(np.unique(offset)), offset[:0] if same else offset)
    if reading.zone and not reading.zone.startswith("UTC") and not np.isnat(clock).any():
        offset = offsets_in(clock, reading.zone)
        return Clock(clock, reading.zone, offset[:0] if (offset == offset[0]).all() else offset)
    return Clock(clock, reading.zone)


def _rolled_on(wall: np.ndarray) -> np.ndarray:
    """Return times of day moved on by a day after each midnight, where the clock goes back by more than half a day; dates as they are."""
    known = wall[~np.isnat(wall)]
    if not is_day_of_recording(known):
        return wall
    nights = np.concatenate([[0], np.cumsum(np.nan_to_num(np.diff(wall) / np.timedelta64(1, "h"), nan=0.0) < -12)])
    return wall + nights.astype("timedelta64[D]")
