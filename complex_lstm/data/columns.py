"""What the values of a column say about it: empty, constant, counting rows, growing, whole numbers, few values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from complex_lstm.data.joined import is_part, unit_of

ColumnKind = Literal["empty", "number", "text"]

SAMPLED = 5_000  # cells of a text column from which it is known whether they are numbers
FEWEST_GROWING = 30  # rows: in fewer a column may grow by chance
MOST_SMALL = 20  # distinct values: a column of fewer that never falls is a state, not a counter


@dataclass(frozen=True)
class Column:
    """A column by its values.

    `distinct` counts its different cells. It is 0 where they were not counted, in numbers with fractions, and the number of cells
    where a sample of a long text column has hardly any twice.
    """

    name: str
    kind: ColumnKind
    share: float  # of the filled cells that are numbers
    is_whole: bool
    distinct: int
    is_constant: bool

    @property
    def words(self) -> set[str]:
        """The words of its name: isAnomaly, is_anomaly and IS ANOMALY have two."""
        return words_of(self.name)

    @property
    def is_coded(self) -> bool:
        """Whether its cells can be names of classes: text, or whole numbers."""
        return self.kind == "text" or (self.kind == "number" and self.is_whole)


def words_of(name: str) -> set[str]:
    """Return the words of a name in small letters."""
    return set(re.split(r"[^a-zà-ÿ]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())) - {""}


def describe_column(cells: pd.Series) -> Column:
    """Return what the values of a column say about it."""
    name = str(cells.name)
    filled = cells.dropna()
    if cells.dtype.kind == "M" or isinstance(cells.dtype, pd.DatetimeTZDtype):
        return Column(name, "text", 0.0, False, 0, False)
    if not len(filled):
        return Column(name, "empty", 0.0, False, 0, True)
    if pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_bool_dtype(cells):
        values = filled.to_numpy(dtype=float)
        is_whole = bool((values[:SAMPLED] == np.round(values[:SAMPLED])).all() and (values == np.round(values)).all())
        return Column(name, "number", 1.0, is_whole, int(filled.nunique()) if is_whole else 0, bool((values == values[0]).all()))
    some = filled if len(filled) <= SAMPLED else filled.iloc[np.linspace(0, len(filled) - 1, SAMPLED).astype(int)]
    text = some.astype(str)
    if not text.str.strip().str.len().any():
        return Column(name, "empty", 0.0, False, 0, True)
    read = pd.to_numeric(some, errors="coerce")
    share = float(read.notna().mean())
    is_whole = share > 0.5 and bool((read.dropna() == read.dropna().round()).all())
    in_sample = int(some.nunique())
    distinct = len(filled) if len(some) < len(filled) and in_sample > 0.8 * len(some) else int(filled.nunique())  # hardly any twice
    return Column(name, "number" if share > 0.5 else "text", share, is_whole, distinct, distinct == 1)


def counts_rows(values: np.ndarray) -> bool:
    """Return whether a column is the row's number, from whatever it begins at."""
    return len(values) > 2 and bool((np.diff(values) == 1).all())


def grows(values: np.ndarray) -> bool:
    """Return whether a column never falls: it counts, or adds up, and so tells how late in the file a row is."""
    steps = np.diff(values)
    if len(values) < FEWEST_GROWING or np.isnan(values).any() or (steps < 0).any():
        return False
    return int((steps > 0).sum()) >= MOST_SMALL


def date_part(cells: pd.Series, dates: pd.DatetimeIndex | None) -> str:
    """Return which part of a row's date a column holds (hour, weekday, week, ...), "" where it holds none.

    Where the rows have dates the values decide; else the name and the range do.
    """
    name = str(cells.name)
    if dates is not None:
        values = cells.to_numpy(dtype=float)
        for part, found in _parts_of_dates(dates).items():
            if found.min() != found.max() and any(float((values == found + shift).mean()) > 0.99 for shift in (0, 1)):
                return part
        return ""
    unit = unit_of(name) if len(re.sub(r"[^a-z]", "", name.lower())) > 3 else ""
    return unit if unit not in ("", "week", "quarter") and is_part(cells, unit) else ""  # weeks may count the rows


def _parts_of_dates(dates: pd.DatetimeIndex) -> dict[str, np.ndarray]:
    of_day = dates.hour * 60 + dates.minute
    return {
        "year": dates.year.to_numpy(),
        "month": dates.month.to_numpy(),
        "day": dates.day.to_numpy(),
        "hour": dates.hour.to_numpy(),
        "minute": dates.minute.to_numpy(),
        "weekday": dates.day_of_week.to_numpy(),
        "weekday, Sunday first": (dates.day_of_week.to_numpy() + 1) % 7,
        "day of the year": dates.day_of_year.to_numpy(),
        "week": dates.isocalendar().week.to_numpy(dtype=int),
        "quarter": dates.quarter.to_numpy(),
        "minute of the day": of_day.to_numpy(),
        "second of the day": (of_day * 60 + dates.second).to_numpy(),
    }
