"""Which columns order the rows: the time, the series that a row belongs to, and the group of a series."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from jaxtyping import Bool

from complex_lstm.data.cells import floats
from complex_lstm.data.columns import Column, counts_rows, words_of
from complex_lstm.data.date_parsing import is_time_of_day
from complex_lstm.data.joined import is_part, parts_of, unit_of
from complex_lstm.data.number_times import is_rising
from complex_lstm.data.reading import Table
from complex_lstm.data.time_finding import TimeFinding
from complex_lstm.data.times import Clock, read_times
from complex_lstm.errors import DataError

TIME_WORDS = {"time", "timestamp", "date", "datetime", "step", "t", "index", "frame", "tick", "seconds", "sec", "secs", "ms", "elapsed",
              "cycle", "sample", "zeit", "epoch", "year", "years", "jahr", "annee", "année", "ano", "anno", "week", "month"}  # fmt: skip
SERIES_WORDS = {"series", "id", "recording", "airport", "station", "sensor", "machine", "trial", "ticker", "symbol", "run", "unit"}
GLANCED = 1000  # first rows, by which of most columns it is known that another does not rise within their values
GROUP_WORDS = {"subject", "group", "subj", "person", "patient", "proband", "user", "participant", "site", "session"}

RoleName = Literal["features", "targets", "series", "time", "group"]


@dataclass(frozen=True)
class RoleFault:
    """What keeps guessed roles from being used, as a sentence, and beside which role of the form it belongs."""

    role: RoleName
    column: str
    words: str


@dataclass
class RoleColumns:
    """The columns while their roles are found: what each holds, how it is read as a time, and the reason for its role so far."""

    table: Table
    of: dict[str, Column]
    dated: dict[str, TimeFinding]
    reasons: dict[str, str]
    problems: list[RoleFault] = field(default_factory=list)

    @property
    def frame(self) -> pd.DataFrame:
        return self.table.frame


def guess_time(found: RoleColumns) -> str:
    """Return the column of time: dates before numbers, those in order before others, and names only between equals."""
    parts = {part for name in found.of for part in parts_of(found.frame, name)}
    for name in parts:
        whole = next(one for one in found.of if name in parts_of(found.frame, one))
        found.reasons[name] = f"Left out: a part of the time {whole}."

    dates = [name for name in found.dated if name not in parts]

    def fitness(name: str) -> tuple[bool, bool, bool, bool, int, bool, int]:
        is_day = not is_time_of_day(found.dated[name].reading.format) and found.frame[name].is_unique  # a duration looks like a time of day
        is_text, words = not pd.api.types.is_numeric_dtype(found.frame[name]), words_of(name)
        return (bool(parts_of(found.frame, name)), is_day, _in_order(found, name), bool(words & TIME_WORDS),
                found.frame[name].nunique(), is_text, -dates.index(name))  # fmt: skip

    dates = sorted(dates, key=fitness) if len(dates) > 1 else dates
    if dates:
        time = dates[-1]
        for other in dates[:-1]:
            found.reasons[other] = f"Left out: dates, beside the time {time}."
        found.reasons[time] = (
            f"Time: {found.dated[time].reason.removeprefix('Time, ')[:1].lower()}{found.dated[time].reason.removeprefix('Time, ')[1:]}"
        )
        if found.dated[time].is_asked:
            found.problems.append(RoleFault("time", time, found.dated[time].reason))
        return time
    numbered = [name for name, column in found.of.items() if column.kind == "number" and column.share == 1 and name not in parts]
    timely = [name for name in numbered if found.of[name].words & TIME_WORDS]
    keys, stays = _keys(found)
    named = next((name for name in timely if _could_be_steps(found, name, keys, stays) and not _is_row_number(found, name)), "")
    if named:
        found.reasons[named] = "Time: it holds numbers and is named like a time."
        return named
    even = [name for name in numbered[:1] if _is_even(values_of(found, name)) and not _is_row_number(found, name)]
    if even:
        found.reasons[even[0]] = "Time: its numbers rise by the same amount from row to row."
        return even[0]
    counter = _counter_in_blocks(found, numbered[:3])
    if counter:
        found.reasons[counter] = "Time: it counts the rows of each stretch of another column's values."
    return counter


def _counter_in_blocks(found: RoleColumns, names: list[str]) -> str:
    """Return a column of whole numbers that rises by one while another, beside it, stays the same, and begins again where that changes."""
    for name, key in itertools.permutations(names, 2):
        if not (found.of[name].is_whole and found.of[key].is_whole):
            continue
        values, keys = values_of(found, name), values_of(found, key)
        changes = np.diff(keys) != 0
        if 1 <= changes.sum() == found.of[key].distinct - 1 <= len(values) / 3 - 1:
            steps = np.diff(values)
            if (steps[~changes] == 1).all() and (steps[changes] <= 0).all():
                return name
    return ""


def _in_order(found: RoleColumns, name: str) -> bool:
    try:
        instants = read_times(found.table, name, found.dated[name].reading).instants
    except DataError:
        return False
    return instants.dtype.kind == "M" and is_rising(instants.astype("datetime64[us]").astype(np.int64).astype(float))


def _keys(found: RoleColumns) -> tuple[tuple[str, ...], Bool[np.ndarray, "key step"]]:
    """Return the columns that may name series, and at which of the first steps from row to row each stays the same."""
    rows = len(found.frame)
    keys = tuple(name for name, column in found.of.items() if 1 < column.distinct <= rows / 2 and column.is_coded)
    stays = np.zeros((len(keys), max(min(rows, GLANCED) - 1, 0)), dtype=bool)
    for place, name in enumerate(keys):
        codes = pd.factorize(found.frame[name].iloc[:GLANCED])[0]
        stays[place] = (codes[1:] == codes[:-1]) & (codes[1:] >= 0)
    return keys, stays


def _could_be_steps(found: RoleColumns, name: str, keys: tuple[str, ...], stays: Bool[np.ndarray, "key step"]) -> bool:
    """Return whether a column of numbers rises through the file, or within the values of another column, of `_keys`."""
    values = values_of(found, name)
    if np.isnan(values).any():
        return False
    if is_rising(values):
        return True
    falls_within = stays[:, np.diff(values[:GLANCED]) <= 0].any(axis=1)
    for key in (keys[place] for place in np.flatnonzero(~falls_within) if keys[place] != name):
        steps = pd.Series(values).groupby(found.frame[key].to_numpy(), sort=False).diff().dropna()
        if len(steps) and (steps > 0).all():
            return True
    return False


def _is_row_number(found: RoleColumns, name: str) -> bool:
    """Return whether a column counts the rows of a file, under a name that is no time's."""
    names = found.of[name].words & (TIME_WORDS - {"index", "sample", "t", "week", "month"})
    return found.of[name].is_whole and counts_rows(values_of(found, name)) and not names


def _is_even(values: np.ndarray) -> bool:
    steps = np.diff(values)
    moved = steps[steps > 0]
    if len(moved) < 2 or not is_rising(values):
        return False
    usual = float(np.median(moved))
    rounded = next(
        (10.0**-places for places in range(1, 7) if np.allclose(values * 10**places, np.round(values * 10**places), atol=1e-6)), 0.0
    )
    slack = 1.01 * rounded if rounded and usual < 20 * rounded and len(moved) == len(steps) else 0.0  # 0.003, 0.006, 0.008 is 1/360
    return bool((np.abs(steps - usual) <= max(1e-6 * abs(usual), slack)).mean() > 0.9)


def guess_series(found: RoleColumns, time: str) -> str:
    """Return the column within whose values no time occurs twice, although it does in the file."""
    frame = found.frame
    parts = set(parts_of(frame, time)) if time else set()
    keys = [
        name for name, column in found.of.items()
        if name != time and name not in parts and name not in found.dated and not pd.api.types.is_float_dtype(frame[name])
        and column.kind != "empty" and column.distinct > 1
    ]  # fmt: skip
    keys.sort(key=lambda name: not found.of[name].words & SERIES_WORDS)
    if not time:
        named = [name for name in keys if found.of[name].words & SERIES_WORDS and found.of[name].distinct <= len(frame) / 2]
        named = named or [name for name in keys if found.of[name].words & GROUP_WORDS and _in_blocks(found, name)]
        if named:
            found.reasons[named[0]] = "Series: named like one, and its values repeat."
        return named[0] if named else ""
    moments = moments_of(found, time)
    if not pd.Series(moments).duplicated().any():
        return ""
    for name in keys:
        keyed = pd.DataFrame({"key": frame[name].to_numpy(), "time": moments})
        if found.of[name].distinct > len(frame) / 2 or keyed.duplicated().any():
            continue
        if _is_part_of_day(frame, name, time):
            found.reasons[name] = (
                f"Left out: it tells the rows of one {time} apart as hours do, and would make {found.of[name].distinct} series of them."
            )
            continue
        found.reasons[name] = f"Series: within each of its values every {time} occurs once."
        return name
    return ""


def _in_blocks(found: RoleColumns, name: str) -> bool:
    """Return whether the rows of each of a column's values stand together, and are several."""
    cells = found.frame[name]
    return int((cells != cells.shift()).sum()) == found.of[name].distinct <= len(cells) / 3


def moments_of(found: RoleColumns, time: str) -> np.ndarray:
    """Return what tells the rows' times apart: the instants, or the cells where they cannot be read."""
    try:
        return read_times(found.table, time, found.dated[time].reading if time in found.dated else None).instants
    except DataError:
        return found.frame[time].to_numpy()


def _is_part_of_day(frame: pd.DataFrame, name: str, time: str) -> bool:
    """Return whether a column's whole numbers run through a day, 0 to 23 or 1 to 24 or in quarters of an hour, for each date in turn."""
    cells = frame[name]
    if unit_of(name) in ("hour", "hour and minute", "minute", "second") and is_part(cells, unit_of(name)):
        return True
    if not pd.api.types.is_integer_dtype(cells) or cells.nunique() not in (24, 48, 96, 144, 288, 1440):
        return False
    steps = np.diff(cells.to_numpy())
    same_time = frame[time].to_numpy()[1:] == frame[time].to_numpy()[:-1]
    return bool((steps[same_time] == 1).all())


def clock_of(found: RoleColumns, time: str, series: str) -> Clock | None:
    """Return the clock of the rows, None where they have none; what is wrong with it becomes a problem."""
    if not time:
        return None
    try:
        reading = found.dated[time].reading if time in found.dated else None
        clock = read_times(found.table, time, reading)
    except DataError as error:
        if found.frame[time].notna().all() or not found.frame[found.frame[time].isna()].isna().all(axis=None):
            found.problems.append(RoleFault("time", time, str(error)))
        return None
    keys = pd.DataFrame({"time": clock.instants})
    if series:
        keys["series"] = found.frame[series].to_numpy()
    twice = keys.duplicated(keep=False).to_numpy()
    if twice.any():
        first = int(np.argmax(twice))
        found.problems.append(RoleFault(
            "series", series or time,
            f"{int(twice.sum()):,} rows share their time with another row{f' of the same {series}' if series else ''}, "
            f"first at line {found.frame.index[first]}. Choose the column that tells the series apart, or remove the repeated rows.",
        ))  # fmt: skip
    return clock


def guess_group(found: RoleColumns, taken: set[str], series: str) -> str:
    if not series:
        return ""
    for name, column in found.of.items():
        if name in taken or not found.of[name].words & GROUP_WORDS or column.kind == "empty" or found.frame[name].nunique() < 2:
            continue
        if (found.frame.groupby(series)[name].nunique() <= 1).all():
            found.reasons[name] = "Group: named like one, and the same within each series. The split keeps groups whole."
            return name
    return ""


def rows_of_series(frame: pd.DataFrame, series: str) -> np.ndarray:
    """Return the number of the series of each row."""
    return pd.factorize(frame[series])[0] if series else np.zeros(len(frame), dtype=int)


def values_of(found: RoleColumns, name: str) -> np.ndarray:
    values = floats(found.frame[name])
    return np.where(np.isfinite(values), values, np.nan)
