"""How columns are read as times: found for each from its cells alone, with the reason and what else is possible."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import available_timezones

import numpy as np
import pandas as pd
from jaxtyping import Shaped

from complex_lstm.data.clocks import find_changing_zone, zone_name
from complex_lstm.data.date_parsing import FIRST_DAY, ISO, in_words, parse_dates
from complex_lstm.data.joined import PARTS, find_joined, joined_name, parts_of
from complex_lstm.data.kept import date_format_of, kept_for
from complex_lstm.data.number_times import FORMATS, find_number_format
from complex_lstm.data.spans import ELAPSED, which_end
from complex_lstm.errors import ConfigError
from complex_lstm.recipe import TimeReading

Times = Shaped[np.ndarray, " time"]  # datetime64 or float64
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


def find_time(frame: pd.DataFrame, column: str) -> TimeFinding | None:
    """Return how a column is read as a time, None where its cells are neither dates, times of day nor numbers that stand for dates."""
    kept = kept_for(frame).found
    if column not in kept:
        kept[column] = _find_time(frame, column)
    return kept[column]


def _find_time(frame: pd.DataFrame, column: str) -> TimeFinding | None:
    if parts_of(frame, column):
        joined = find_joined(frame)
        if joined is None or joined.name != column:
            return None
        others = tuple(TimeReading(joined.columns, one, joined.zone) for one in joined.others)
        return TimeFinding(TimeReading(joined.columns, joined.format, joined.zone), joined.reason, others, joined.is_ambiguous)
    cells = frame[column]
    if cells.dtype.kind == "M" or isinstance(cells.dtype, pd.DatetimeTZDtype):
        return TimeFinding(TimeReading((column,), ISO, str(getattr(cells.dtype, "tz", "") or "")), "Its cells are dates already.")
    if pd.api.types.is_bool_dtype(cells):
        return None
    if pd.api.types.is_numeric_dtype(cells):
        found = find_number_format(cells.to_numpy(dtype=float, na_value=np.nan), column)
    else:
        found = date_format_of(frame, column)
    if found is None:
        return None
    others = tuple(TimeReading((column,), one) for one in found.others)
    finding = TimeFinding(TimeReading((column,), found.format), found.reason, others, found.is_ambiguous)
    return finding if found.format in (*FORMATS, *ELAPSED) else _with_zone(frame, column, finding)


def find_times(frame: pd.DataFrame) -> tuple[TimeFinding, ...]:
    """Return how each column that can be a time is read, in the file's order, the first fifty; a joined one stands where it was made."""
    found = (find_time(frame, str(column)) for column in frame)
    return tuple(itertools.islice((finding for finding in found if finding is not None), MOST_TIMES))


def check_times(times: Iterable[TimeReading]) -> None:
    """Check that there are the formats and the zones by which somebody has times read.

    Raises:
        ConfigError: there is none of that name.
    """
    for one in times:
        if not _is_format(one.format):
            raise ConfigError(
                f"{one.format!r} is no way to read a time. Write a format such as %d/%m/%Y %H:%M, or one of "
                f"{', '.join((ISO, *FORMATS, *ELAPSED, PARTS, NUMBER))}; "
                f"before it 'start of ' or 'end of ' for stretches of time."
            )
        if one.format == PARTS and not 2 <= len(one.columns) <= 6:
            raise ConfigError(f"The parts of a time are two to six columns, from the year on, got {', '.join(one.columns)}.")
        if one.zone and not re.fullmatch(_OFFSETS, one.zone) and one.zone not in available_timezones():
            raise ConfigError(f"There is no time zone {one.zone!r}. Write one such as Europe/Berlin, or UTC+02:00.")


_OFFSETS = r"UTC([+-]\d\d:\d\d)?( and UTC([+-]\d\d:\d\d)?)*"


def _is_format(text: str) -> bool:
    text = which_end(text)[1]
    if "%" not in text:
        return text in (ISO, *FORMATS, *ELAPSED, PARTS, NUMBER)
    try:
        pd.to_datetime(pd.Series([""]), format=text, errors="coerce")
    except ValueError:
        return False
    return True


def is_day_of_recording(times: Times) -> bool:
    """Return whether times are times of day alone: of a recording whose date the file does not name."""
    return bool(times.dtype.kind == "M" and len(times) and times.min() >= FIRST_DAY and times.max() < FIRST_DAY + np.timedelta64(3650, "D"))


def format_words(reading: TimeReading) -> str:
    """Return how a time is read in words: dd/mm/yyyy HH:MM, seconds since 1970."""
    words = {"epoch s": "seconds since 1970", "epoch ms": "milliseconds since 1970", "epoch us": "microseconds since 1970",
             "epoch ns": "nanoseconds since 1970", "excel": "spreadsheet days", "matlab": "MATLAB days",
             "decimal year": "years with decimals", NUMBER: "a number",
             "parts": "its parts"}  # fmt: skip
    return words.get(reading.format) or in_words(reading.format)


def parsed(frame: pd.DataFrame, column: str, format: str) -> tuple[np.ndarray, np.ndarray]:
    """Return what `parse_dates` reads of a column, which is kept for as long as the frame is: a million cells take a second."""
    kept = kept_for(frame).parsed
    if (column, format) not in kept:
        wall, offset = parse_dates(frame[column], format)
        kept[column, format] = (wall.to_numpy(), offset.to_numpy())
    return kept[column, format]


def _with_zone(frame: pd.DataFrame, column: str, finding: TimeFinding) -> TimeFinding:
    """Return a finding with the zone of its clock: as the cells name it, or one whose end of summer time explains a repeated hour."""
    wall, offset = parsed(frame, column, finding.reading.format)
    named = np.unique(offset[~np.isnat(offset)])
    if len(named):
        zone = zone_name(named)
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
