"""Tables whose rows are no time steps: time along the columns, and series one below the other without a name.

Both become a long table: one row a time step, with a column that tells the series apart. The line of a row stays that of the
file, so that several rows may have one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from complex_lstm.data.date_parsing import parse_dates
from complex_lstm.data.dates import find_date_format
from complex_lstm.data.joined import find_joined
from complex_lstm.errors import CsvError
from complex_lstm.recipe import Layout, Reading

FEWEST = 8  # columns of time steps
SAMPLED = 300  # rows
EVEN_IN = 10_000  # first rows, in which the steps of a time are alike
MOST_CLASSES = 60
RISING = 0.8  # share of the steps at which a time with unequal steps goes forward, where somebody has said that it begins again


@dataclass(frozen=True)
class Shape:
    """The layout of a table, the column with the class of each of its series ("" for none), and why."""

    layout: Layout
    label: str
    reason: str


def find_shape(frame: pd.DataFrame, header: bool) -> Shape:
    """Return the likeliest layout of a table, as its first rows and its names have it."""
    steps = step_columns(frame)
    if _has_times(frame, steps):
        return Shape("rows", "", "Each line is a time step: another column has its time.")
    if len(steps) >= FEWEST or (len(steps) >= 3 and _counts(steps) and header):
        wide = _is_wide(frame, steps, header)
        if wide:
            return Shape("series in rows", label_column(frame, steps), wide)
    blocks = find_blocks(frame)
    joined = find_joined(frame) if blocks else None
    if blocks and not (joined and blocks[0] in joined.columns):  # a time of day begins again each day
        column, count = blocks
        again = "once" if count == 2 else f"{count - 1:,} times"
        return Shape("blocks", "", f"The values of {column!r} begin again {again}, and no column names the {count} series.")
    return Shape("rows", "", "Each line is a time step.")


def _has_times(frame: pd.DataFrame, steps: list[str]) -> bool:
    """Return whether a column outside the steps of a series has a time for each line: dates that differ and go one way."""
    for name in (str(column) for column in frame if str(column) not in steps) if len(steps) >= FEWEST else ():
        if pd.api.types.is_numeric_dtype(frame[name]) or not frame[name].iloc[:SAMPLED].is_unique or len(frame) < FEWEST:
            continue
        some = frame[name].iloc[:SAMPLED]
        found = find_date_format(some)
        if found is not None:
            moved = parse_dates(some, found.format)[0].diff().dropna()
            if max((moved > pd.Timedelta(0)).mean(), (moved < pd.Timedelta(0)).mean()) > 0.9:
                return True
    return False


def step_columns(frame: pd.DataFrame) -> list[str]:
    """Return the columns that may be one series' time steps: the longest stretch of columns of numbers whose names go on alike."""
    names = [str(column) for column in frame]
    numeric = [pd.api.types.is_numeric_dtype(frame[name]) and not pd.api.types.is_bool_dtype(frame[name]) for name in names]
    first = next((place for place in range(len(names)) if all(numeric[place:]) or all(numeric[place:-1])), len(names))
    found = names[first:] if all(numeric[first:]) else names[first:-1]
    if len(found) > FEWEST and _first_alike(found) == len(found) and _is_label(frame[found[-1]]):  # the class, under a name of its own
        found = found[:-1]
    found = found[_first_alike(found) :]
    if len(found) > FEWEST and _is_label(frame[found[0]]) and not _is_label(frame[found[1]]):
        return found[1:]
    if len(found) > FEWEST and _is_label(frame[found[-1]]) and not _is_label(frame[found[-2]]):
        return found[:-1]
    return found


def _first_alike(names: list[str]) -> int:
    """Return the place from which on names are one word with a number that counts up; behind the last where no two names are."""
    parts = [re.fullmatch(r"(\D*?)_?(\d+(?:\.\d+)?)(\D*)", name) for name in names]
    for place in range(len(names) - 1, 0, -1):
        before, after = parts[place - 1], parts[place]
        goes_on = before and after and (before[1], before[3]) == (after[1], after[3]) and float(before[2]) < float(after[2])
        if not goes_on:
            return place if place < len(names) - 1 else len(names)
    return 0 if len(names) > 1 else len(names)


def _counts(names: list[str]) -> bool:
    return all(re.fullmatch(r"\d+(\.\d+)?", name) for name in names)


def _is_label(cells: pd.Series) -> bool:
    """Return whether cells are few whole numbers or words that repeat."""
    some = cells.dropna().iloc[: 10 * SAMPLED]
    if pd.api.types.is_float_dtype(some) and not (some == some.round()).all():
        return False
    return 0 < some.nunique() <= min(MOST_CLASSES, max(2, len(some) // 2))


def _is_wide(frame: pd.DataFrame, steps: list[str], header: bool) -> str:
    """Return why the rows are series, or "" where they are rather time steps."""
    values = frame[steps].iloc[:SAMPLED].to_numpy(dtype=float, na_value=np.nan)
    along, between = (_change(np.diff(values, axis=axis)) for axis in (1, 0))
    smooth = bool(along < 0.7 * between)
    others = [str(column) for column in frame if str(column) not in steps]
    label = label_column(frame, steps)
    if header and _counts(steps):
        return f"The columns are named by numbers that count up, {steps[0]} to {steps[-1]}." if smooth or others or len(frame) < 3 else ""
    if not header and label and len(steps) >= FEWEST:
        classes = frame[label].nunique()
        return f"There is no header, {label!r} holds {classes} classes, and the other {len(steps)} columns are numbers."
    if len(steps) >= 2 * FEWEST and smooth:
        return f"The values change less along the {len(steps)} columns than from line to line."
    return ""


def _change(differences: np.ndarray) -> float:
    """Return the mean size of the differences that are known, infinity without any."""
    known = np.abs(differences[np.isfinite(differences)])
    return float(known.mean()) if known.size else np.inf


def label_column(frame: pd.DataFrame, steps: list[str]) -> str:
    """Return the column outside the time steps with the class of each series, "" where there is none."""
    others = [str(column) for column in frame if str(column) not in steps]
    able = [column for column in others if _is_label(frame[column]) and frame[column].nunique() > 1]
    named = [column for column in able if re.search(r"class|label|target|activity|kind", column, re.I)]
    return (named or able[-1:] or [""])[0]


def melt(frame: pd.DataFrame, reading: Reading) -> pd.DataFrame:
    """Return a table with a row a time step from one with a row a series: the columns series, the others, step and value.

    Empty cells at the end of a series are no steps of it.

    Raises:
        CsvError: there are not two columns of numbers that could be time steps, or the column of the class is not there.
    """
    if reading.label and reading.label not in map(str, frame):
        raise CsvError(f"The file has no column {reading.label!r} with the class of each series. Choose another.", switch="label")
    steps = [name for name in step_columns(frame) if name != reading.label]
    if len(steps) < 2:
        steps = [str(name) for name in frame if pd.api.types.is_numeric_dtype(frame[name]) and str(name) != reading.label]
    if len(steps) < 2:
        raise CsvError("No two columns of numbers could be the time steps of a series. Take each line as a time step.", switch="layout")
    others = [str(name) for name in frame if str(name) not in steps]
    values = frame[steps].to_numpy(dtype=float, na_value=np.nan)
    filled = ~np.isnan(values)
    lengths = np.where(filled.any(axis=1), values.shape[1] - np.argmax(filled[:, ::-1], axis=1), 0)
    kept = np.arange(values.shape[1]) < lengths[:, None]
    rows, columns = np.nonzero(kept)
    ids = [name for name in others if name != reading.label and frame[name].is_unique and frame[name].notna().all()]
    named = np.array([float(name) for name in steps]) if _counts(steps) else np.arange(len(steps))
    named = named.astype(int) if (named == named.round()).all() else named
    long: dict[str, object] = {} if ids else {_free("series", others): rows + 1}
    label = [reading.label] if reading.label else []
    for name in (*ids[:1], *(name for name in others if name not in (*ids[:1], *label)), *label):
        made_up = name in label and name.startswith("column ")
        long[_free("label", others) if made_up else name] = frame[name].to_numpy()[rows]
    long |= {_free("step", others): named[columns], _free("value", others): values[rows, columns]}
    return pd.DataFrame(long, index=frame.index[rows])


def _free(name: str, taken: Iterable[str]) -> str:
    return name if name not in set(taken) else f"{name} (2)"


def find_blocks(frame: pd.DataFrame) -> tuple[str, int] | None:
    """Return the column of time that begins again, and how many series there are, or None where one column tells them apart."""
    if len(frame) < 2 * FEWEST:
        return None
    for name in [str(column) for column in frame][:3]:
        starts = restarts(frame[name])
        if starts is None or not 1 <= len(starts) <= len(frame) // FEWEST - 1:
            continue
        if _begins_alike(frame[name], starts) and not _tells_apart(frame, name, starts):
            return name, len(starts) + 1
    return None


def restarts(cells: pd.Series) -> np.ndarray | None:
    """Return the rows at which a rising column falls, or None for a column that does not rise by itself."""
    if cells.isna().any() or pd.api.types.is_bool_dtype(cells):
        return None
    if pd.api.types.is_numeric_dtype(cells):
        if not _rises_evenly(cells.iloc[:EVEN_IN]):  # before all rows are looked at, which takes as long as a fifth of reading them
            return None
        values = cells.to_numpy(dtype=float)
        change = np.diff(np.where(np.isfinite(values), values, 0.0))
    else:
        some = cells.iloc[:50].astype(str)
        if not some.str.match(r"\d{4}-\d{2}-\d{2}|\d{2}:\d{2}").all() or some.str.len().nunique() > 1:
            return None
        later, sooner = cells.iloc[1:].array, cells.iloc[:-1].array
        change = np.where(later > sooner, 1, np.where(later == sooner, 0, -1))
    falls = np.nonzero(change <= 0)[0] + 1
    return falls if (change > 0).any() and not (change == 0).any() else None


def _rises_evenly(cells: pd.Series) -> bool:
    values = cells.to_numpy(dtype=float)
    change = np.diff(np.where(np.isfinite(values), values, 0.0))
    inside = change[change > 0]
    return len(inside) > 0 and bool((np.abs(inside / np.median(inside) - 1) <= 0.5).mean() >= 0.9) and not (change == 0).any()


def _restarts_unevenly(cells: pd.Series) -> np.ndarray | None:
    """Return the rows at which a column of numbers falls, that else rises by steps of any length; None where it falls often or stands."""
    if cells.isna().any() or not pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_bool_dtype(cells):
        return None
    change = np.diff(cells.to_numpy(dtype=float))
    return np.nonzero(change < 0)[0] + 1 if (change != 0).all() and (change > 0).mean() >= RISING else None


def _begins_alike(cells: pd.Series, starts: np.ndarray) -> bool:
    """Return whether most series begin at the same time as the first one, and are no shorter than a few steps."""
    again = (cells.iloc[starts] == cells.iloc[0]).mean() >= 0.8
    return bool(again and np.diff([0, *starts, len(cells)]).min() >= 3)


def _tells_apart(frame: pd.DataFrame, time: str, starts: np.ndarray) -> bool:
    """Return whether another column names the series, or is a time that never begins again."""
    inside = np.ones(len(frame) - 1, dtype=bool)
    inside[starts - 1] = False
    for name in (str(column) for column in frame if str(column) != time):
        cells = frame[name]
        if not pd.api.types.is_float_dtype(cells):
            same = cells.to_numpy()[1:] == cells.to_numpy()[:-1]
            if bool(np.all(same[inside])) and cells.nunique() > 1 and not frame.duplicated([name, time]).any():
                return True
        found = restarts(cells)
        if found is not None and not len(found):
            return True
    return False


def with_series(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with a column before the others that numbers the series, which begin where the time does.

    Raises:
        CsvError: no column's values begin again.
    """
    for name in [str(column) for column in frame]:
        starts = _restarts_unevenly(frame[name]) if (even := restarts(frame[name])) is None else even
        if starts is not None and len(starts):
            number = np.searchsorted(starts, np.arange(len(frame)), side="right") + 1
            made = pd.DataFrame({_free("series", map(str, frame)): number}, index=frame.index)
            return pd.concat([made, frame], axis=1)
    raise CsvError("No column rises and begins again, as the time of stacked series does. Take each line as a time step.", switch="layout")
