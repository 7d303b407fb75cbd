"""A date and, beside it, the number of a period within its day: half hours 1 to 48 or quarter hours 1 to 96, as power markets count.

The periods count what has passed since the day's midnight, so that a day on which clocks change has 46 or 50 of them: these days tell
the zone.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from complex_lstm.data.clocks import ZONES

STEPS = {"half hours": pd.Timedelta(minutes=30), "quarter hours": pd.Timedelta(minutes=15)}
SETTLED_BY = {"half hours": "Europe/London", "quarter hours": "Europe/Berlin"}  # among zones of one rule, where such periods are used


def kind_of(format: str) -> str:
    """Return which periods the format of a date and periods ends in: "%Y-%m-%d half hours"; "" for another format."""
    return next((kind for kind in STEPS if format.endswith(f" {kind}")), "")


def find_periods(days: pd.Series, numbers: pd.Series) -> str:
    """Return which periods a column of numbers counts within each date of a column, "" where it counts none."""
    values = pd.to_numeric(numbers, errors="coerce")
    if values.isna().any() or (values != values.round()).any() or values.min() != 1:
        return ""
    numbered = pd.DataFrame({"day": days.to_numpy(), "number": values.to_numpy()})
    of_day = numbered.groupby("day", sort=False)["number"].agg(["max", "nunique"])
    whole = of_day[of_day["max"] == of_day["nunique"]]["max"]
    for kind, step in STEPS.items():
        usual = pd.Timedelta(days=1) // step
        change = pd.Timedelta(hours=1) // step
        fitting = whole.isin([usual - change, usual, usual + change])
        if (whole == usual).any() and fitting.sum() >= 0.9 * (len(of_day) - 2):
            return kind
    return ""


def find_zone(days: pd.Series, numbers: pd.Series, kind: str) -> str:
    """Return a zone whose clocks change on each date that has an hour's periods more than a day, or less; "" where there is none.

    `days` are the midnights of the rows. The first and the last date may be parts of a day.
    """
    usual, change = pd.Timedelta(days=1) // STEPS[kind], pd.Timedelta(hours=1) // STEPS[kind]
    most = numbers.groupby(days).max()
    inner = most.iloc[1:-1]
    odd = pd.concat([most[most == usual + change], inner[inner == usual - change]])
    if odd.empty:
        return ""
    for zone in (SETTLED_BY[kind], *ZONES):
        midnights = [pd.DatetimeIndex(odd.index + pd.Timedelta(days=after)).tz_localize(zone, nonexistent="NaT", ambiguous="NaT")
                     for after in (0, 1)]  # fmt: skip
        lengths = (midnights[1] - midnights[0]) // STEPS[kind]
        if (lengths == odd.to_numpy()).all():
            return zone
    return ""


def read_periods(days: pd.Series, numbers: pd.Series, kind: str, zone: str) -> pd.Series:
    """Return the wall clock at which each period begins, counted from the midnights of the rows, by a zone's clock where one is given."""
    passed = (pd.to_numeric(numbers, errors="coerce") - 1) * STEPS[kind]
    if not zone or zone.startswith("UTC"):
        return days + passed
    midnights = pd.DatetimeIndex(days).tz_localize(zone, nonexistent="shift_forward", ambiguous=np.ones(len(days), dtype=bool))
    return pd.Series((midnights + pd.TimedeltaIndex(passed)).tz_localize(None), index=days.index)
