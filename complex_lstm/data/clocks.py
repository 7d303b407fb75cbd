"""Clocks that change: the hour that a naive file has twice when summer time ends, and the zones whose rules explain it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

# one zone for each rule by which clocks change today; which zone of the rule it is, a file cannot tell
ZONES = (
    "Europe/Berlin", "Europe/London", "Europe/Helsinki", "America/New_York", "Australia/Sydney", "Pacific/Auckland",
    "America/Santiago", "America/Havana", "Asia/Beirut", "Africa/Cairo",
)  # fmt: skip
HOUR = np.timedelta64(1, "h")


def find_changing_zone(wall: np.ndarray) -> str:
    """Return a zone whose end of summer time explains each place where a clock goes back an hour, "" where none does or is needed.

    The rows are in the file's order, evenly spaced but for those places; a clock that goes back elsewhere has another reason.
    """
    back = _set_back(wall)
    if not len(back):
        return ""
    moments = wall[back].astype("datetime64[us]").tolist()
    for zone in ZONES:
        ends = [_end_of_summer(zone, moment.year) for moment in moments]
        if all(end - HOUR <= moment < end for end, moment in zip(ends, wall[back], strict=True)):
            return zone
    return ""


def offsets_in(wall: np.ndarray, zone: str) -> np.ndarray:
    """Return the offset from UTC of each row of a wall clock in a zone, as timedelta64.

    An hour that the zone has twice is the first time summer time, and the second time, after the clock went back, no longer.
    Times that the zone leaves out in spring are taken as if the clock had not changed yet.
    """
    index = pd.DatetimeIndex(wall)
    if zone.startswith("UTC"):
        return np.full(len(wall), fixed_offset(zone))
    is_first = np.ones(len(wall), dtype=bool)
    for place in _set_back(wall).tolist():
        after = slice(place, place + int(np.ceil(HOUR / _usual_step(wall))))
        is_first[after] = wall[after] >= wall[place] + HOUR
    zoned = index.tz_localize(zone, ambiguous=is_first, nonexistent="shift_forward")
    offset = zoned.tz_localize(None) - zoned.tz_convert("UTC").tz_localize(None)
    return offset.to_numpy().astype("timedelta64[s]")


def fixed_offset(zone: str) -> np.timedelta64:
    """Return the offset that a name such as UTC+05:30 stands for."""
    if len(zone) < 9:
        return np.timedelta64(0, "s")
    sign = -1 if zone[3] == "-" else 1
    return np.timedelta64(sign * (int(zone[4:6]) * 3600 + int(zone[7:9]) * 60), "s")


def zone_name(offsets: np.ndarray) -> str:
    """Return what a clock of these offsets from UTC is called, each of which stands once: UTC+02:00 and UTC+01:00."""
    return " and ".join(f"UTC{offset_name(one)}" if one else "UTC" for one in offsets[:3])


def offset_name(offset: np.timedelta64) -> str:
    """Return an offset as text: +02:00."""
    minutes = int(offset / np.timedelta64(1, "m"))
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _set_back(wall: np.ndarray) -> np.ndarray:
    """Return the rows whose clock is what the usual step leads to, less one hour."""
    usual = _usual_step(wall)
    return np.nonzero(np.diff(wall) == usual - HOUR)[0] + 1 if np.timedelta64(0, "s") < usual <= HOUR else np.zeros(0, dtype=int)


def _usual_step(wall: np.ndarray) -> np.timedelta64:
    steps = np.diff(wall)
    forward, counts = np.unique(steps[steps > np.timedelta64(0, "s")], return_counts=True)
    return forward[counts.argmax()] if len(forward) else np.timedelta64(0, "s")


@lru_cache(maxsize=1024)
def _end_of_summer(zone: str, year: int) -> np.datetime64:
    """Return the wall clock at which a zone's clocks go back in a year, NaT where they do not."""
    rule, moment = ZoneInfo(zone), datetime(year, 1, 1, tzinfo=UTC)
    before = moment.astimezone(rule).utcoffset()
    while moment.year == year:
        moment += timedelta(hours=1)
        now = moment.astimezone(rule).utcoffset()
        if before is not None and now is not None and now < before:
            return np.datetime64((moment.astimezone(rule).replace(tzinfo=None) + (before - now)).isoformat())
        before = now
    return np.datetime64("NaT")
