"""Numbers that are dates: epochs, spreadsheet days, and dates written without a mark, such as 2024010105.

A number alone could be anything. It counts as a date where the column rises, lies in the range of plausible years, and is evenly
spaced in that reading or is named like a time.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from jaxtyping import Float

from complex_lstm.data.date_parsing import PACKED_WEEK, in_words
from complex_lstm.data.dates import DateFormat, count_faults

FORMATS = ("epoch s", "epoch ms", "epoch us", "epoch ns", "excel", "matlab", "decimal year")
NAMES = {"time", "timestamp", "timestamps", "date", "dates", "datetime", "epoch", "unix", "ts", "utc", "unixtime", "zeit", "datum",
         "zeitstempel", "uhrzeit", "heure", "fecha", "hora", "tijd", "datenum", "serial",
         "when", "day", "days"}  # fmt: skip
WEEK_NAMES = {"week", "weeks", "wk", "yyyyww", "yearweek", "isoweek", "kw", "woche", "semaine", "semana"}
MONTH_NAMES = {"month", "months", "yyyymm", "yearmonth", "ym", "monat", "mois", "mes", "mese", "period"}
YEAR_NAMES = {"year", "years", "yr", "decimal", "dec", "frac", "jahr", "annee", "ano", "anno"}
_MOST_YEARS = (1600.0, 2200.0)
_OF_A_YEAR = (1 / 12, 1 / 52.18, 1 / 365.25, 1 / 8766)  # steps of decimal years: a month, a week, a day, an hour
RISING = 0.9  # share of the steps that go forward: series one below the other step back where the next begins
EVEN = 0.5  # share of the steps that are as long as the usual one

_EPOCH = (3e8, 4.1e9)  # seconds: 1979 to 2099
_UNITS = {"epoch s": 1.0, "epoch ms": 1e3, "epoch us": 1e6, "epoch ns": 1e9}
_DAYS = {"excel": (20_000.0, 60_000.0, np.datetime64("1899-12-30")), "matlab": (693_000.0, 767_000.0, None)}
_PACKED = {7: "%Y%j", 8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_MATLAB_1970 = 719_529  # the day number of 1970-01-01


def find_number_format(values: Float[np.ndarray, " row"], name: str) -> DateFormat | None:
    """Return the reading of a column of numbers as dates, None where they are plain numbers."""
    known = values[np.isfinite(values)]
    if len(known) < 2 or len(known) < 0.9 * len(values) or not is_rising(known):
        return None
    words = set(re.split(r"[^a-zäöü]+", name.lower()))
    found = [*_packed(known, words), *_counted(known, words)]
    named_like = NAMES | WEEK_NAMES | MONTH_NAMES | YEAR_NAMES
    if not found:
        return None
    faults, format = min(found, key=lambda one: one[0])
    if not words & named_like and faults > (1 - EVEN) * len(known):
        return None
    example = f"{known[0]:.15g}"
    others = tuple(other for _, other in sorted(found, key=lambda one: one[0]) if other != format)
    date = str(as_dates(known, format)[0])[:16].replace("T", " ")
    reason = f"Its numbers, such as {example}, are dates: {_kind(format)} ({date})."
    tied = [other for count, other in found if count == faults and {format, other} == {"%Y%m", PACKED_WEEK}]
    if tied and not words & (WEEK_NAMES | MONTH_NAMES):
        kind = _kind(format)
        reason = f"{example} and all other cells can be {kind} or {_kind(tied[0])}. It is read as {kind} until you choose."
        return DateFormat(format, 1.0, reason, (*tied, *(one for one in others if one not in tied), "number"), is_ambiguous=True)
    return DateFormat(format, 1.0, reason, (*others, "number"))


def _packed(known: Float[np.ndarray, " known"], words: set[str]) -> list[tuple[int, str]]:
    """Return the readings of whole numbers whose digits are a date, with the faults of each."""
    low, high = float(known.min()), float(known.max())
    digits = len(str(int(high)))
    if low <= 0 or digits != len(str(int(low))) or not (known == known.round()).all():
        return []
    plausible = 1900 <= int(str(int(low))[:4]) <= 2100
    if digits == 6:
        of_year = (PACKED_WEEK, "%Y%m") if words & WEEK_NAMES else ("%Y%m", PACKED_WEEK)
        return [one for format in (*(of_year if plausible else ()), "%y%m%d") for one in _judged(known, format)]
    return _judged(known, _PACKED[digits]) if digits in _PACKED and plausible else []


def _counted(known: Float[np.ndarray, " known"], words: set[str]) -> list[tuple[int, str]]:
    """Return the readings of numbers that count seconds, days or years, with the faults of each."""
    low, high = float(known.min()), float(known.max())
    is_whole = bool((known == known.round()).all())
    found = []
    if not is_whole and _MOST_YEARS[0] <= low and high <= _MOST_YEARS[1]:
        step = _usual_step(known)
        if words & (NAMES | YEAR_NAMES) or min(abs(step / one - 1) for one in _OF_A_YEAR) < 0.03:
            found += _judged(known, "decimal year")
    for format, unit in _UNITS.items():
        if _EPOCH[0] <= low / unit and high / unit <= _EPOCH[1]:
            found += _judged(known, format)
    for format, (least, most, _) in _DAYS.items():
        if least <= low and high <= most and (words & NAMES or not is_whole):
            found += _judged(known, format)
    return found


def as_dates(values: Float[np.ndarray, " row"], format: str) -> np.ndarray:
    """Return numbers as datetime64 in microseconds, NaT where one is missing or no date in the format."""
    dates = np.full(len(values), np.datetime64("NaT"), dtype="datetime64[us]")
    known = np.isfinite(values)
    if format in _UNITS:
        seconds = np.floor(values[known] / _UNITS[format])
        rest = (values[known] - seconds * _UNITS[format]) * (1e6 / _UNITS[format])
        dates[known] = (seconds.astype(np.int64) * 1_000_000 + np.round(rest).astype(np.int64)).astype("datetime64[us]")
    elif format in _DAYS:
        days = values[known] - (_MATLAB_1970 if format == "matlab" else 25_569)
        seconds = days * 86_400
        to_second = bool((np.abs(seconds - seconds.round()) < 0.05).all())
        dates[known] = np.round((seconds.round() if to_second else seconds.round(3)) * 1e6).astype(np.int64).astype("datetime64[us]")
    elif format == "decimal year":
        dates[known] = _of_years(values[known])
    else:
        text = pd.Series(values[known]).round().astype("Int64").astype("string").astype(object)
        if format == PACKED_WEEK:  # a week stands for its Monday
            text, format = text + "1", f"{PACKED_WEEK}%u"
        text = text.str.zfill(6) if format == "%y%m%d" else text
        dates[known] = pd.to_datetime(text, format=format, errors="coerce").to_numpy().astype("datetime64[us]")
    return dates


def _usual_step(values: Float[np.ndarray, " row"]) -> float:
    steps = np.diff(np.unique(values))
    return float(np.median(steps)) if len(steps) else 0.0


def _of_years(values: Float[np.ndarray, " row"]) -> np.ndarray:
    """Return years with decimals as datetime64, as exactly as their steps are: the first of a month or a year, a day, or a second.

    Twelve a year stand for their months, whether they are written by the month's beginning (2000.0833), its middle (2000.125) or the
    day of its middle (2000.1230).
    """
    step, year = _usual_step(values), np.floor(values + 1e-6)
    part = np.clip(values - year, 0.0, None)
    years = (year - 1970).astype(np.int64).astype("datetime64[Y]")
    if step > 0.9:
        return years.astype("datetime64[us]")
    if step > 0.06:  # 0.0833 is written with four decimals, or fewer
        month = np.minimum(np.floor(part * 12 + 0.05), 11)
        return (years.astype("datetime64[M]") + month.astype(np.int64)).astype("datetime64[us]")
    days = years.astype("datetime64[D]")
    length = ((years + 1).astype("datetime64[D]") - days).astype(float)
    if step > 0.9 / 366:  # the middle of a day is that day
        return (days + np.floor(part * length + 0.2).astype(np.int64)).astype("datetime64[us]")
    unit = 3600.0 if step > 0.9 / 8784 else 60.0 if step > 0.9 / 527_040 else 1.0
    seconds = np.round(part * length * 86_400 / unit) * unit
    return days.astype("datetime64[us]") + seconds.astype(np.int64) * np.timedelta64(1, "s")


def is_rising(values: Float[np.ndarray, " row"]) -> bool:
    """Return whether nearly all steps of a column go forward, those that stand still left out."""
    steps = np.diff(values)
    moved = steps[steps != 0]
    return len(moved) > 0 and bool((moved > 0).mean() >= RISING)


def _judged(values: Float[np.ndarray, " known"], format: str) -> list[tuple[int, str]]:
    dates = pd.Series(as_dates(values, format))
    return [] if dates.isna().any() else [(count_faults(dates), format)]


def _kind(format: str) -> str:
    units = {"epoch s": "seconds", "epoch ms": "milliseconds", "epoch us": "microseconds", "epoch ns": "nanoseconds"}
    if format in units:
        return f"{units[format]} since 1970"
    others = {"excel": "days as a spreadsheet counts them", "matlab": "days as MATLAB counts them", "decimal year": "years with decimals",
              "%Y%m": "months (yyyymm)", PACKED_WEEK: "weeks (yyyyww)"}  # fmt: skip
    return others.get(format, in_words(format))
