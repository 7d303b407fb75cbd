"""The time column: the file's wall clock where it holds dates, numbers where it holds numbers."""

from __future__ import annotations

import itertools
import weakref
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from jaxtyping import Int, Shaped

from complex_lstm.data.clocks import find_changing_zone, offset_name, offsets_in
from complex_lstm.data.dates import FIRST_DAY, ISO, find_date_format, in_words, parse_dates
from complex_lstm.data.joined import find_joined, joined_name, parts_of
from complex_lstm.data.number_times import FORMATS, as_dates, find_number_format
from complex_lstm.data.reading import Table, numbers
from complex_lstm.errors import CellError
from complex_lstm.recipe import TimeReading

Times = Shaped[np.ndarray, " time"]  # datetime64 or float64
Offsets = Shaped[np.ndarray, " _offset"]  # timedelta64, one for each time or none

NUMBER = "number"
MOST_TIMES = 50  # columns that are looked at as times: a file with more has another shape


@dataclass(frozen=True)
class TimeFinding:
    """How a time was found to be read, why (a sentence), and what else is possible.

    With `is_asked` nothing in the file decides between the reading and the first of the alternatives.
    """

    reading: TimeReading
    reason: str
    alternatives: tuple[TimeReading, ...] = ()
    is_asked: bool = False

    @property
    def column_name(self) -> str:
        """The name of the column of the table that is read so."""
        return joined_name(self.reading.columns)


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


def find_time(frame: pd.DataFrame, column: str) -> TimeFinding | None:
    """Return how a column is read as a time, None where its cells are neither dates, times of day nor numbers that stand for dates."""
    kept = _kept_for(frame).found
    if column not in kept:
        kept[column] = _find_time(frame, column)
    return kept[column]


def _find_time(frame: pd.DataFrame, column: str) -> TimeFinding | None:
    if parts_of(frame, column):
        joined = find_joined(frame)
        if joined is None or joined.name != column:
            return None
        others = tuple(TimeReading(joined.columns, one) for one in joined.others)
        return TimeFinding(TimeReading(joined.columns, joined.format), joined.reason, others, joined.is_ambiguous)
    cells = frame[column]
    if cells.dtype.kind == "M" or isinstance(cells.dtype, pd.DatetimeTZDtype):
        return TimeFinding(TimeReading((column,), ISO, str(getattr(cells.dtype, "tz", "") or "")), "Its cells are dates already.")
    if pd.api.types.is_bool_dtype(cells):
        return None
    if pd.api.types.is_numeric_dtype(cells):
        found = find_number_format(cells.to_numpy(dtype=float, na_value=np.nan), column)
    else:
        found = find_date_format(cells)
    if found is None:
        return None
    others = tuple(TimeReading((column,), one) for one in found.others)
    finding = TimeFinding(TimeReading((column,), found.format), found.reason, others, found.is_ambiguous)
    return finding if found.format in FORMATS else _with_zone(frame, column, finding)


def find_times(frame: pd.DataFrame) -> tuple[TimeFinding, ...]:
    """Return how each column that can be a time is read, in the file's order, the first fifty; a joined one stands where it was made."""
    found = (find_time(frame, str(column)) for column in frame)
    return tuple(itertools.islice((finding for finding in found if finding is not None), MOST_TIMES))


def read_times(table: Table, column: str, reading: TimeReading | None = None) -> Clock:
    """Return the time of each row: dates by the file's own clock, numbers, or row numbers where column is "".

    Without a reading the found one is used (see `find_time`).

    Raises:
        CellError: a row without a time, or with a time that cannot be read.
    """
    if not column:
        return Clock(np.arange(len(table.frame), dtype=float))
    cells = table.frame[column]
    reading = reading or _chosen(table, column)
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
    to_second = "%H:%M:%S" if index.second.any() else "%H:%M"
    if is_day_of_recording(times):
        days, clocks = (index.normalize() - pd.Timestamp(FIRST_DAY)).days, index.strftime(to_second)
        return [f"day {day + 1} {clock}" if days.max() else clock for day, clock in zip(days, clocks, strict=True)]
    if (index == index.normalize()).all():
        return index.strftime("%Y-%m-%d").tolist()
    return index.strftime(f"%Y-%m-%d {to_second}").tolist()


def is_day_of_recording(times: Times) -> bool:
    """Return whether times are times of day alone: of a recording whose date the file does not name."""
    return bool(times.dtype.kind == "M" and len(times) and times.min() >= FIRST_DAY and times.max() < FIRST_DAY + np.timedelta64(3650, "D"))


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


def _chosen(table: Table, column: str) -> TimeReading | None:
    """Return how the table's own reading has a column read, None where it does not say."""
    times: tuple[TimeReading, ...] = getattr(getattr(table, "reading", None), "times", ())
    return next((one for one in times if joined_name(one.columns) == column), None)


def _with_zone(frame: pd.DataFrame, column: str, finding: TimeFinding) -> TimeFinding:
    """Return a finding with the zone of its clock: as the cells name it, or one whose end of summer time explains a repeated hour."""
    wall, offset = _parsed(frame, column, finding.reading.format)
    named = np.unique(offset[~np.isnat(offset)])
    if len(named):
        zone = " and ".join(f"UTC{offset_name(one)}" if one else "UTC" for one in named[:3])
        words = " They name their offset from UTC, and are shown by their own clock."
        return TimeFinding(_in_zone(finding.reading, zone), finding.reason + words, finding.alternatives, finding.is_asked)
    if np.isnat(wall).any() or is_day_of_recording(wall[:1]):
        return finding
    zone = find_changing_zone(wall)
    if not zone:
        return finding
    words = f" Its clock goes back an hour where summer time ends, as in {zone}: the hour that stands twice is two hours."
    return TimeFinding(_in_zone(finding.reading, zone), finding.reason + words, (*finding.alternatives, finding.reading), finding.is_asked)


def _in_zone(reading: TimeReading, zone: str) -> TimeReading:
    return TimeReading(reading.columns, reading.format, zone)


def _read_dates(frame: pd.DataFrame, column: str, reading: TimeReading) -> Clock:
    """Return the clock of a column of dates."""
    cells = frame[column]
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        local = cells.dt.tz_localize(None)
        wall, offset = local.to_numpy(), (local - cells.dt.tz_convert("UTC").dt.tz_localize(None)).to_numpy()
    elif cells.dtype.kind == "M":
        wall, offset = cells.to_numpy(), np.full(len(cells), np.timedelta64("NaT"))
    elif pd.api.types.is_numeric_dtype(cells) and (reading.format in FORMATS or "%" in reading.format):
        wall = as_dates(cells.to_numpy(dtype=float, na_value=np.nan), reading.format)
        offset = np.full(len(cells), np.timedelta64("NaT"))
    else:
        wall, offset = _parsed(frame, column, reading.format)
    clock = _rolled_on(wall)
    known = ~np.isnat(offset)
    if known.any():
        offset = np.where(known, offset, np.timedelta64(0, "s")).astype("timedelta64[s]")
        same = bool((offset == offset[0]).all())
        zone = " and ".join(f"UTC{offset_name(one)}" if one else "UTC" for one in np.unique(offset)[:3])
        return Clock(clock, reading.zone or zone, offset[:0] if same else offset)
    if reading.zone and not reading.zone.startswith("UTC") and not np.isnat(clock).any():
        offset = offsets_in(clock, reading.zone)
        return Clock(clock, reading.zone, offset[:0] if (offset == offset[0]).all() else offset)
    return Clock(clock, reading.zone)


@dataclass(frozen=True)
class _Kept:
    """What was found and parsed of a frame's columns; kept for as long as the frame is, because it is asked again and again."""

    frame: weakref.ref[pd.DataFrame]
    found: dict[str, TimeFinding | None] = field(default_factory=dict)
    parsed: dict[tuple[str, str], tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)


_KEPT: dict[int, _Kept] = {}


def _kept_for(frame: pd.DataFrame) -> _Kept:
    number = id(frame)
    kept = _KEPT.get(number)
    if kept is None or kept.frame() is not frame:
        kept = _KEPT[number] = _Kept(weakref.ref(frame, lambda _: _KEPT.pop(number, None)))
    return kept


def _parsed(frame: pd.DataFrame, column: str, format: str) -> tuple[np.ndarray, np.ndarray]:
    """Return what `parse_dates` reads of a column, which is kept for as long as the frame is: a million cells take a second."""
    kept = _kept_for(frame).parsed
    if (column, format) not in kept:
        wall, offset = parse_dates(frame[column], format)
        kept[column, format] = (wall.to_numpy(), offset.to_numpy())
    return kept[column, format]


def _rolled_on(wall: np.ndarray) -> np.ndarray:
    """Return times of day moved on by a day after each midnight, where the clock goes back by more than half a day; dates as they are."""
    known = wall[~np.isnat(wall)]
    if not is_day_of_recording(known):
        return wall
    nights = np.concatenate([[0], np.cumsum(np.nan_to_num(np.diff(wall) / np.timedelta64(1, "h"), nan=0.0) < -12)])
    return wall + nights.astype("timedelta64[D]")


def format_words(reading: TimeReading) -> str:
    """Return how a time is read in words: dd/mm/yyyy HH:MM, seconds since 1970."""
    words = {"epoch s": "seconds since 1970", "epoch ms": "milliseconds since 1970", "epoch us": "microseconds since 1970",
             "epoch ns": "nanoseconds since 1970", "excel": "spreadsheet days", "matlab": "MATLAB days", NUMBER: "a number",
             "parts": "its parts"}  # fmt: skip
    return words.get(reading.format) or in_words(reading.format)
