"""Numbers that are dates: epochs, spreadsheet days, and dates written without a mark, such as 2024010105.

A number alone could be anything. It counts as a date where the column rises, lies in the range of plausible years, and is evenly
spaced in that reading or is named like a time.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from jaxtyping import Float

from complex_lstm.data.dates import DateFormat, count_faults, in_words

FORMATS = ("epoch s", "epoch ms", "epoch us", "epoch ns", "excel", "matlab")
NAMES = {"time", "timestamp", "timestamps", "date", "dates", "datetime", "epoch", "unix", "ts", "utc", "unixtime", "zeit", "datum",
         "zeitstempel", "uhrzeit", "heure", "fecha", "hora", "tijd", "datenum", "serial",
         "when", "day", "days"}  # fmt: skip
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
    low, high, is_named = float(known.min()), float(known.max()), bool(set(re.split(r"[^a-zäöü]+", name.lower())) & NAMES)
    found: list[tuple[int, str]] = []
    digits = len(str(int(high)))
    is_whole = bool((known == known.round()).all())
    if is_whole and low > 0 and digits == len(str(int(low))) and digits in _PACKED and 1900 <= int(str(int(low))[:4]) <= 2100:
        found += _judged(known, _PACKED[digits])
    for format, unit in _UNITS.items():
        if _EPOCH[0] <= low / unit and high / unit <= _EPOCH[1]:
            found += _judged(known, format)
    for format, (least, most, _) in _DAYS.items():
        if least <= low and high <= most and (is_named or not is_whole):
            found += _judged(known, format)
    if not found:
        return None
    faults, format = min(found, key=lambda one: one[0])
    if not is_named and faults > (1 - EVEN) * len(known):
        return None
    example = f"{known[0]:.15g}"
    words = f"Its numbers, such as {example}, are dates: {_kind(format)} ({str(as_dates(known[:1], format)[0])[:16].replace('T', ' ')})."
    return DateFormat(format, 1.0, words, (*(other for _, other in found if other != format), "number"))


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
    else:
        text = pd.Series(values[known]).round().astype("Int64").astype("string").astype(object)
        dates[known] = pd.to_datetime(text, format=format, errors="coerce").to_numpy().astype("datetime64[us]")
    return dates


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
    return {"excel": "days as a spreadsheet counts them", "matlab": "days as MATLAB counts them"}.get(format, in_words(format))
