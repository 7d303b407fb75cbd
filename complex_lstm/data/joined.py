"""A time that is spread over several columns, date and time of day, or year, month, day and hour, made into one column."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import available_timezones

import numpy as np
import pandas as pd

from complex_lstm.data.date_parsing import ISO, ZONE_HOURS, as_text, has_time_of_day, in_words, is_time_of_day, parse_dates
from complex_lstm.data.dates import find_date_format
from complex_lstm.data.kept import date_format_of
from complex_lstm.data.periods import find_periods, find_zone, kind_of, read_periods
from complex_lstm.data.spans import ELAPSED, ends_of, separator_of, which_end
from complex_lstm.recipe import TimeReading

UNITS = ("year", "quarter", "month", "week", "day", "day of the year", "hour", "hour and minute", "minute", "second")
IN_PLACE = ("year", "month", "day", "hour", "minute", "second")  # what parts without telling names are, from the left
FINER = ("month", "day of the year", "week", "quarter")  # one of them makes a date with the year; the first that there is
_NAMES = {
    "year": {"year", "yr", "yyyy", "yy", "jahr", "annee", "année", "ano", "año", "anno"},
    "month": {"month", "mo", "mm", "mon", "mnth", "monat", "mois", "mes", "mese"},
    "quarter": {"quarter", "qtr", "quartal", "trimestre"},
    "week": {"week", "wk", "woche", "kw", "semaine", "semana", "settimana", "isoweek", "weekofyear"},
    "day": {"day", "dy", "dd", "dom", "mday", "dayofmonth", "tag", "jour", "dia", "día", "giorno"},
    "day of the year": {"doy", "yday", "dayofyear", "julian", "jday", "ddd"},
    "hour": {"hour", "hours", "hr", "hh", "stunde", "heure", "hora", "ora", "hod"},
    "hour and minute": {"hhmm", "hrmn", "hourminute"},
    "minute": {"minute", "minutes", "min", "mi", "nn"},
    "second": {"second", "seconds", "sec", "ss", "sekunde"},
}
_RANGES = {"year": (0, 2200), "quarter": (1, 4), "month": (1, 12), "week": (1, 53), "day": (1, 31), "day of the year": (1, 366),
           "hour": (0, 24), "hour and minute": (0, 2400), "minute": (0, 59), "second": (0, 60)}  # fmt: skip
_CLOCK_WORDS = {"time", "hour", "hr", "hh", "hours", "hhmm", "uhrzeit", "zeit", "stunde", "heure", "hora", "clock", "utc", "gmt", "tijd",
                "hhmmss", "hms", "hm"}  # fmt: skip
_DATE_WORDS = {"date", "datum", "day", "fecha", "data", "jour", "dia", "dt", "yyyymmdd", "yymmdd", "ymd",
               "dag"}  # fmt: skip
_ZONE_WORDS = {"tz", "timezone", "offset", "utc", "utcoffset", "gmt", "zeitzone", "fuseau"}
_ZONE_CELL = rf"(?:UTC|GMT)?[+-]\d{{1,2}}(?::?\d{{2}})?|[+-]?\d{{1,2}}|-?\d{{3,5}}|{'|'.join(ZONE_HOURS)}"
MOST_OFFSETS = 3  # of numbers in one file: with more they count something else
PARTS = "parts"
NO_PART = 1e5  # no year, day, hour or second of a day is so large
FEWEST = 10  # rows in which parts without names have to rise
EARLIEST = 1800  # year of such parts
LOOKED_AT = 10_000  # rows: dates that stand beside a time of day repeat among these


@dataclass(frozen=True)
class Joined:
    """Columns that make one time together, how they are read, and why, as a sentence."""

    columns: tuple[str, ...]
    format: str
    reason: str
    others: tuple[str, ...] = ()
    is_ambiguous: bool = False
    zone: str = ""

    @property
    def name(self) -> str:
        """The name of the made column."""
        return joined_name(self.columns)


def joined_name(columns: Sequence[str]) -> str:
    """Return the name of the column that is made of several."""
    return " ".join(columns)


def find_joined(frame: pd.DataFrame) -> Joined | None:
    """Return the columns that make one time together, None where no columns do."""
    return _find_parts(frame) or _find_unnamed_parts(frame) or _find_date_and_time(frame)


def read_joined(frame: pd.DataFrame, columns: Sequence[str], format: str, zone: str = "") -> tuple[pd.Series, pd.Series]:
    """Return the wall clock of each row (NaT where it cannot be read) and its offset from UTC (NaT where it names none).

    The zone matters to periods that are counted from midnight: it says when clocks change. Parts whose names say no year count by
    their place: year, month, day, hour, minute, second.
    """
    if kind := kind_of(format):
        days, offset = parse_dates(_day_text(frame[columns[0]]), format.removesuffix(f" {kind}"))
        return read_periods(days, frame[columns[1]], kind, zone), offset
    if format == PARTS:
        units = _units(columns)
        if "year" not in units or not set(FINER) & set(units):
            units = list(IN_PLACE)
        wall = _assemble({unit: frame[name] for name, unit in zip(columns, units, strict=False)})
        return wall, pd.Series(np.full(len(wall), np.timedelta64("NaT"), dtype="timedelta64[s]"), index=wall.index)
    clocks = columns[1:-1] if format.endswith("%z") and len(columns) > 2 else columns[1:]
    texts = [_day_text(frame[columns[0]])] + [_clock_text(frame[name], format.removesuffix("%z")) for name in clocks]
    texts += [_zone_text(frame[name]) for name in columns[1 + len(clocks) :]]
    text = texts[0]
    for one in texts[1:]:
        text = text.str.cat(one, sep=" ")
    return parse_dates(text, format)


def with_joined_time(frame: pd.DataFrame, chosen: Sequence[TimeReading] = ()) -> pd.DataFrame:
    """Return a table with the column that its parts of a time make, right after the last of them; the same table where none do.

    The parts are the chosen ones, or, where no time of several columns is chosen, those that are found.
    """
    named = [(one.columns, one.format, one.zone) for one in chosen if len(one.columns) > 1 and set(one.columns) <= set(map(str, frame))]
    if not named and (found := find_joined(frame)) is not None:
        named = [(found.columns, found.format, found.zone)]
    made = frame
    for columns, format, zone in named:
        if joined_name(columns) not in made:
            wall, _ = read_joined(frame, columns, format, zone)
            made = made.copy(deep=False)
            made.insert(max(list(made).index(name) for name in columns) + 1, joined_name(columns), wall)
    return made


def parts_of(frame: pd.DataFrame, column: str) -> tuple[str, ...]:
    """Return the columns of which a made column of time was joined, () for a column of the file itself."""
    if " " not in column or column not in frame or frame[column].dtype.kind != "M":
        return ()
    names = [str(name) for name in frame if str(name) in column and str(name) != column]

    def match(rest: str) -> tuple[str, ...]:
        for name in names:
            if rest == name:
                return (name,)
            if rest.startswith(f"{name} ") and (after := match(rest[len(name) + 1 :])):
                return (name, *after)
        return ()

    found = match(column)
    return found if len(found) > 1 else ()


def unit_of(name: str) -> str:
    """Return which part of a time a column is named like: year, month, day, hour; "" for none."""
    bare = re.sub(r"[^a-zà-ÿ]", "", name.lower())
    return next((unit for unit, names in _NAMES.items() if bare in names), "")


def is_part(cells: pd.Series, unit: str) -> bool:
    """Return whether a column's cells are whole numbers in the range of a unit of time."""
    values = pd.to_numeric(cells, errors="coerce").dropna()
    low, high = _RANGES[unit]
    return len(values) > 0 and bool(((values == values.round()) & (values >= low) & (values <= high)).mean() > 0.99)


def _units(columns: Sequence[str]) -> list[str]:
    """Return the unit of each column; with MM and mm side by side the small one is the minute."""
    units = [unit_of(name) for name in columns]
    if "mm" in columns and units.count("month") > 1:
        units[list(columns).index("mm")] = "minute"
    return units


def _find_parts(frame: pd.DataFrame) -> Joined | None:
    numeric = [str(name) for name in frame if pd.api.types.is_numeric_dtype(frame[name])]
    named = [(name, unit) for name, unit in zip(numeric, _units(numeric), strict=True) if unit and is_part(frame[name], unit)]
    of_unit: dict[str, str] = {}
    for name, unit in named:
        of_unit.setdefault(unit, name)
    finer = next((unit for unit in FINER if unit in of_unit), "")
    if "year" not in of_unit or not finer:
        return None
    of_unit = {unit: name for unit, name in of_unit.items() if unit not in ("week", "quarter") or unit == finer}
    if finer in ("week", "quarter"):
        of_unit = {"year": of_unit["year"], finer: of_unit[finer]}
    if "day of the year" in of_unit and not {"month", "day"} <= set(of_unit):
        of_unit = {unit: name for unit, name in of_unit.items() if unit not in ("month", "day")}
    else:
        of_unit.pop("day of the year", None)
    if "day" not in of_unit and "day of the year" not in of_unit and {"hour", "hour and minute"} & set(of_unit):
        return None
    if "hour and minute" in of_unit:
        of_unit = {unit: name for unit, name in of_unit.items() if unit not in ("hour", "minute")}
    columns = tuple(of_unit[unit] for unit in UNITS if unit in of_unit)
    for fewer in range(len(columns), 1, -1):
        if "year" in _units(columns[:fewer]):
            wall, _ = read_joined(frame, columns[:fewer], PARTS)
            if wall.notna().mean() > 0.95:
                return Joined(columns[:fewer], PARTS, f"Time, made of {_listed(columns[:fewer])}.")
    return None


def _find_unnamed_parts(frame: pd.DataFrame) -> Joined | None:
    """Return the first columns of a table without a header where they are year, month, day and so on: dates that rise in each row."""
    names = list(itertools.takewhile(lambda name: re.fullmatch(r"column \d+", name) is not None, map(str, frame)))[: len(IN_PLACE)]
    fitting = itertools.takewhile(lambda part: pd.api.types.is_numeric_dtype(frame[part[0]]) and is_part(frame[part[0]], part[1]),
                                  zip(names, IN_PLACE, strict=False))  # fmt: skip
    columns = tuple(name for name, _ in fitting)
    if len(columns) < 3 or len(frame) < FEWEST or not (frame[columns[0]] >= EARLIEST).all():
        return None
    for fewer in range(len(columns), 2, -1):
        wall, _ = read_joined(frame, columns[:fewer], PARTS)
        if wall.notna().all() and wall.is_monotonic_increasing and wall.is_unique:
            shorter = read_joined(frame, columns[: fewer - 1], PARTS)[0] if fewer > 3 else wall
            if fewer == 3 or not shorter.is_unique:  # a value after the date may look like an hour
                reason = f"Time, made of {_listed(columns[:fewer])}: read as {', '.join(IN_PLACE[:fewer])} they rise from row to row."
                return Joined(columns[:fewer], PARTS, reason)
    return None


def _find_date_and_time(frame: pd.DataFrame) -> Joined | None:
    """Return a column of dates that repeat and one beside it with the time of day."""
    columns = [str(name) for name in frame]
    for place, name in enumerate(columns):
        day = _day_format(frame, name)
        if day is None:
            continue
        beside = sorted((other for other in columns if other != name), key=lambda other: abs(columns.index(other) - place))
        for other in beside:
            periods = _find_periods(frame, name, other, day) if abs(columns.index(other) - place) <= 2 else None
            if periods is not None:
                return periods
            clock = _clock_format(frame[other], other, is_near=abs(columns.index(other) - place) <= 2)
            if clock and frame[[name, other]].duplicated().sum() < frame[name].duplicated().sum():
                half = _half_of_day(frame, beside, clock)
                clock = f"{clock.replace('%H', '%I')} %p" if half else clock
                formats = tuple(f"{one} {clock}" for one in (day.format, *day.others))
                found = _decided(frame, (name, other, half) if half else (name, other), formats)
                if found is not None and not half:
                    found = _with_zone_column(frame, found, beside)
                if found is not None:
                    is_stretch = separator_of(as_text(frame[other].dropna().iloc[:200])) is not None
                    words = f"{found.reason} Of each stretch in {other} the start is read."
                    return replace(found, reason=words) if is_stretch else found
    return None


def _find_periods(frame: pd.DataFrame, day: str, number: str, found: _Day) -> Joined | None:
    """Return the time that a date and the number of a period within it make, None where the numbers count none."""
    if not pd.api.types.is_numeric_dtype(frame[number]):
        return None
    kind = find_periods(_day_text(frame[day].iloc[:LOOKED_AT]), frame[number].iloc[:LOOKED_AT])
    if not kind:
        return None
    zone = find_zone(parse_dates(_day_text(frame[day]), found.format)[0], frame[number], kind)
    reason = f"Time, made of {day} and {number}, which counts {kind} from midnight."
    if zone:
        reason += f" Some days have an hour more or less, because clocks change, as in {zone}."
    return Joined((day, number), f"{found.format} {kind}", reason, tuple(f"{one} {kind}" for one in found.others), zone=zone)


def _with_zone_column(frame: pd.DataFrame, found: Joined, beside: list[str]) -> Joined:
    """Return date and time with the column beside them that names the offset from UTC, or the zone of all rows, if there is one."""
    for name in (one for one in beside if one not in found.columns):
        cells = frame[name].iloc[:LOOKED_AT].dropna()
        named = set(re.split(r"[^a-z]+", name.lower())) & _ZONE_WORDS
        zones = [] if pd.api.types.is_float_dtype(cells) else cells.astype(str).str.strip().unique().tolist()
        if len(zones) == 1 and zones[0] in available_timezones() and "/" in zones[0]:
            return replace(found, zone=zones[0], reason=f"{found.reason} {name} names its zone, {zones[0]}.")
        is_offset = len(zones) > 0 and pd.Series(zones).str.fullmatch(_ZONE_CELL).all()
        if is_offset and (not pd.api.types.is_numeric_dtype(cells) or (named and len(zones) <= MOST_OFFSETS)):
            columns, formats = (*found.columns, name), tuple(f"{one}%z" for one in found.others)
            reason = f"{found.reason} {name} has its offset from UTC."
            return replace(found, columns=columns, format=f"{found.format}%z", others=formats, reason=reason)
    return found


def _zone_text(cells: pd.Series) -> pd.Series:
    """Return offsets from UTC as text such as +01:00, from hours, seconds or names."""
    text = as_text(cells).str.strip()
    hours = pd.to_numeric(text, errors="coerce")
    if hours.isna().all():
        return text
    minutes = (hours * 60).where(hours.abs() <= 14, hours / 60).fillna(0)  # the largest offset is 14 hours; more are seconds
    sign = np.where(minutes < 0, "-", "+")
    size = minutes.abs().round().astype(int)
    return pd.Series([f"{s}{m // 60:02}:{m % 60:02}" for s, m in zip(sign, size, strict=True)], index=cells.index)


def _half_of_day(frame: pd.DataFrame, beside: list[str], clock: str) -> str:
    """Return the column that says AM or PM of the times of day beside it, "" where there is none."""
    if "%H" not in clock:
        return ""
    for name in beside:
        words = frame[name].iloc[:LOOKED_AT].dropna().unique() if not pd.api.types.is_numeric_dtype(frame[name]) else ()
        if len(words) and {re.sub(r"[^a-z]", "", str(word).lower()) for word in words} <= {"am", "pm"}:
            return name
    return ""


def _decided(frame: pd.DataFrame, columns: tuple[str, ...], formats: tuple[str, ...]) -> Joined | None:
    text = _day_text(frame[columns[0]])
    for clock in columns[1:]:
        text = text.str.cat(_clock_text(frame[clock], formats[0]), sep=" ")
    dates = find_date_format(text)
    if dates is None or dates.format == ISO or {dates.format, *dates.others}.isdisjoint(formats):
        wall, _ = parse_dates(text, formats[0])
        if wall.notna().mean() <= 0.95:
            return None
        return Joined(columns, formats[0], f"Time, made of {_listed(columns)}, read as {in_words(formats[0])}.")
    return Joined(columns, dates.format, f"Time, made of {_listed(columns)}. {dates.reason}", dates.others, dates.is_ambiguous)


@dataclass(frozen=True)
class _Day:
    format: str
    others: tuple[str, ...]


def _day_format(frame: pd.DataFrame, name: str) -> _Day | None:
    """Return how a column of days, of which some repeat, is read; None for any other column."""
    cells = frame[name]
    if pd.api.types.is_numeric_dtype(cells) and not set(re.split(r"[^a-z]+", name.lower())) & _DATE_WORDS:
        return None
    if not cells.iloc[:LOOKED_AT].duplicated().any():
        return None
    if cells.dtype.kind == "M":
        return _Day("%Y-%m-%d", ()) if bool((cells.dropna() == cells.dropna().dt.normalize()).all()) else None
    if "yymmdd" in name.lower() and as_text(cells).str.fullmatch(r"\d{6}").all() and parse_dates(as_text(cells), "%y%m%d")[0].notna().all():
        return _Day("%y%m%d", ())
    found = date_format_of(frame, name)
    if (
        found is None
        or which_end(found.format)[0]
        or (has_time_of_day(found.format) and found.format != ISO)
        or re.search(r"%Y.?%m$|%j$", found.format)
    ):
        return None
    if found.format == ISO:
        return _Day("%Y-%m-%d", ()) if as_text(cells.dropna().iloc[:200]).str.fullmatch(r"\d{4}-\d\d-\d\d").all() else None
    return _Day(found.format, found.others)


def _clock_format(cells: pd.Series, name: str, *, is_near: bool) -> str:
    """Return the format of a column's times of day, "" where it has none."""
    is_named = bool(set(re.split(r"[^a-z]+", name.lower())) & _CLOCK_WORDS)
    if pd.api.types.is_numeric_dtype(cells):
        values = cells.dropna()
        if not (is_named or is_near) or not len(values) or (values != values.round()).any() or values.min() < 0:
            return ""
        if values.max() <= 24:
            return "%H" if is_named else ""
        if (values % 100 >= 60).any() or (values // 100 % 100 >= 60).any():
            return ""
        packed = "%H%M" if values.max() <= 2400 else "%H%M%S" if values.max() <= 240_000 else ""
        hours = (values.iloc[:LOOKED_AT] // (100 if packed == "%H%M" else 10_000)).unique()
        return packed if is_named or (len(hours) >= 12 and hours.min() <= 1 and hours.max() >= 22) else ""
    found = find_date_format(cells) if is_named or is_near else None
    if found is not None and found.format in ELAPSED:
        return ""
    return which_end(found.format)[1] if found is not None and is_time_of_day(found.format) else ""


def _day_text(cells: pd.Series) -> pd.Series:
    return cells.dt.strftime("%Y-%m-%d").astype(object).where(cells.notna()) if cells.dtype.kind == "M" else as_text(cells)


def _clock_text(cells: pd.Series, format: str) -> pd.Series:
    text = as_text(cells)
    if not pd.api.types.is_numeric_dtype(cells):
        return ends_of(text)[0] if separator_of(text.dropna().iloc[:200]) else text
    packed = re.search(r"%[HI]%M(%S)?(?: %p)?$", format)
    return text.str.zfill(6 if packed[1] else 4) if packed else text


def _assemble(parts: dict[str, pd.Series]) -> pd.Series:
    """Return the dates of parts; hour 24 is the next day's 0, and a year of two digits lies between 1970 and 2069."""
    numbers = {unit: pd.to_numeric(cells, errors="coerce") for unit, cells in parts.items()}
    values = {unit: cells.where(cells.abs() < NO_PART) for unit, cells in numbers.items()}
    year = values["year"]
    year = year.where(year >= 100, year + np.where(year < 70, 2000, 1900))
    if "day of the year" in values:
        begin = pd.to_datetime(pd.DataFrame({"year": year, "month": 1, "day": 1}), errors="coerce")
        wall = begin + _time_delta(values["day of the year"] - 1, "D")
    elif "week" in values:
        week = values["week"].where((values["week"] % 1 == 0) & (year % 1 == 0))
        weeks = year.where(week.notna()).astype("Int64").astype("str") + week.astype("Int64").astype("str").str.zfill(2) + "1"
        wall = pd.to_datetime(weeks, format="%G%V%u", errors="coerce")
    elif "quarter" in values:
        wall = pd.to_datetime(pd.DataFrame({"year": year, "month": 3 * values["quarter"] - 2, "day": 1}), errors="coerce")
    else:
        day = values.get("day", pd.Series(1, index=year.index))
        wall = pd.to_datetime(pd.DataFrame({"year": year, "month": values["month"], "day": day}), errors="coerce")
    if "hour and minute" in values:
        values |= {"hour": values["hour and minute"] // 100, "minute": values["hour and minute"] % 100}
    for unit, code in (("hour", "h"), ("minute", "m"), ("second", "s")):
        if unit in values:
            wall = wall + _time_delta(values[unit], code)
    return wall


def _time_delta(values: pd.Series, unit: str) -> pd.Series:
    """Return numbers as durations in microseconds: in nanoseconds no date before 1677 can be moved."""
    return pd.to_timedelta(values, unit=unit).astype("timedelta64[us]")  # type: ignore[call-overload,no-any-return]


def _listed(columns: Sequence[str]) -> str:
    return f"{', '.join(columns[:-1])} and {columns[-1]}" if len(columns) > 1 else columns[0]
