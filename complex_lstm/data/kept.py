"""What was found and parsed of a frame's columns; kept for as long as the frame is, because it is asked again and again."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from complex_lstm.data.dates import DateFormat, find_date_format


@dataclass(frozen=True)
class Kept:
    """The formats of columns of dates, how columns are read as times (`time_finding`), and what was parsed of them, by their names."""

    frame: weakref.ref[pd.DataFrame]
    formats: dict[str, DateFormat | None] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)
    parsed: dict[tuple[str, str], tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)


_KEPT: dict[int, Kept] = {}


def kept_for(frame: pd.DataFrame) -> Kept:
    """Return what is kept for a frame, nothing at first."""
    number = id(frame)
    kept = _KEPT.get(number)
    if kept is None or kept.frame() is not frame:
        kept = _KEPT[number] = Kept(weakref.ref(frame, lambda _: _KEPT.pop(number, None)))
    return kept


def date_format_of(frame: pd.DataFrame, column: str) -> DateFormat | None:
    """Return the one format in which a column is read as dates or as times of day: see `find_date_format`."""
    kept = kept_for(frame).formats
    if column not in kept:
        kept[column] = find_date_format(frame[column])
    return kept[column]
