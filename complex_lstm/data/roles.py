"""The roles of a table's columns: a guess with a reason for each column, for the user to confirm."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from complex_lstm.config import Roles, Task
from complex_lstm.data.reading import Table, numeric_share
from complex_lstm.data.times import holds_timestamps
from complex_lstm.errors import RolesError

TIME_WORDS = {"time", "timestamp", "date", "datetime", "step", "t", "index", "frame", "tick", "seconds"}
SERIES_WORDS = {"series", "id", "recording", "airport", "station", "sensor", "machine", "trial", "ticker", "symbol", "run"}
GROUP_WORDS = {"subject", "group", "person", "patient", "user", "participant", "site", "session"}
CLASS_WORDS = {"class", "label", "target", "activity", "exercise", "speaker", "category", "state", "kind", "y"}
# the first set that names a column decides
VALUE_WORDS = ({"target", "y"}, {"power", "load", "price", "close", "demand", "sales", "consumption", "value"}, {"temp", "temperature"})
MAX_CLASSES = 50
MAX_TARGETS = 3


@dataclass(frozen=True)
class Guess:
    """Guessed roles, and for each column (in the file's order) one sentence on why it got its role."""

    roles: Roles
    reasons: tuple[tuple[str, str], ...]


def guess_roles(table: Table) -> Guess:
    """Return the likeliest roles of a table's columns, from their values first and their names second.

    It is wrong where names mislead or where two columns could be the target, so it is shown for confirmation.

    Raises:
        RolesError: no column holds numbers.
    """
    frame = table.frame
    reasons = {str(column): "Left out: text that is neither time, series nor class." for column in frame}
    time = _guess_time(frame, reasons)
    series = _guess_series(frame, time, reasons)
    group = _guess_group(frame, {time, series}, series, reasons)
    label = _guess_class(frame, {time, series, group}, reasons)
    number_columns = [str(column) for column in frame if column not in (time, series, group, label) and numeric_share(frame[column]) > 0.5]
    if not number_columns:
        raise RolesError(f"{table.name} has no numeric column to use as a feature. Its columns are {', '.join(reasons)}.")
    for column in number_columns:
        reasons[column] = "Feature: it holds numbers."
    targets = (label,) if label else _guess_values(number_columns, reasons)
    roles = Roles(tuple(number_columns), targets, "classes" if label else "values", series, time, group)
    return Guess(roles, tuple(reasons.items()))


def likely_task(table: Table, targets: tuple[str, ...], guessed: Task) -> Task:
    """Return the likely task of columns that were named as targets, where the guess from the file alone was another.

    Several columns, or one of many different numbers, are values; text is a class.
    """
    cells = table.frame[targets[0]] if targets[0] in table.frame else pd.Series(dtype=float)
    share = numeric_share(cells)
    if len(targets) > 1 or (share > 0.5 and cells.nunique() > MAX_CLASSES):
        return "values"
    return "classes" if len(cells) and share == 0 else guessed


def check_roles(table: Table, roles: Roles) -> None:
    """Check that a table has what the roles name.

    Raises:
        RolesError: no feature, no target, or a column that the file lacks or that has two roles.
    """
    if not roles.features:
        raise RolesError("No feature is chosen. Choose at least one column of numbers that the model may look at.")
    if not roles.targets:
        raise RolesError("No target is chosen. Choose the column that the model is to predict.")
    named = [*roles.features, *roles.targets, roles.series, roles.time, roles.group]
    lacking = [column for column in dict.fromkeys(named) if column and column not in table.frame]
    if lacking:
        raise RolesError(
            f"{table.name} lacks the column(s) {', '.join(map(repr, lacking))}. "
            f"It has {', '.join(map(repr, map(str, table.frame.columns)))}. Rename or add them."
        )
    both = set(roles.features) & {roles.series, roles.time, roles.group, *(roles.targets if roles.task == "classes" else ())}
    if both:
        raise RolesError(f"{', '.join(map(repr, sorted(both)))} cannot be a feature too: the model would read the answer off it.")


def _words(column: object) -> set[str]:
    return set(re.split(r"[^a-z]+", str(column).lower()))


def _guess_time(frame: pd.DataFrame, reasons: dict[str, str]) -> str:
    for column in map(str, frame):
        if holds_timestamps(frame[column]):
            reasons[column] = "Time: its cells are dates."
            return column
    for column in map(str, frame):
        if _words(column) & TIME_WORDS and numeric_share(frame[column]) == 1:
            reasons[column] = "Time: it holds numbers and is named like a time."
            return column
    return ""


def _guess_series(frame: pd.DataFrame, time: str, reasons: dict[str, str]) -> str:
    """Return the column within whose values no time occurs twice, although it does in the file."""
    keys = [str(c) for c in frame if c != time and not pd.api.types.is_float_dtype(frame[c]) and not holds_timestamps(frame[c])]
    keys.sort(key=lambda column: not _words(column) & SERIES_WORDS)
    if not time:
        named = [c for c in keys if _words(c) & SERIES_WORDS and 1 < frame[c].nunique() <= len(frame) / 2]
        if named:
            reasons[named[0]] = "Series: named like one, and its values repeat."
        return named[0] if named else ""
    if not frame[time].duplicated().any():
        return ""
    for column in keys:
        if frame[column].nunique() > 1 and not frame.duplicated([column, time]).any():
            reasons[column] = f"Series: within each of its values every {time} occurs once."
            return column
    return ""


def _guess_group(frame: pd.DataFrame, taken: set[str], series: str, reasons: dict[str, str]) -> str:
    if not series:
        return ""
    for column in map(str, frame):
        if column in taken or not _words(column) & GROUP_WORDS or frame[column].nunique() < 2:
            continue
        if (frame.groupby(series)[column].nunique() <= 1).all():
            reasons[column] = "Group: named like one, and the same within each series. The split keeps groups whole."
            return column
    return ""


def _guess_class(frame: pd.DataFrame, taken: set[str], reasons: dict[str, str]) -> str:
    def could_be(column: str) -> bool:
        few = 2 <= frame[column].nunique() <= min(MAX_CLASSES, len(frame) // 10)
        return column not in taken and few and (numeric_share(frame[column]) == 0 or bool(_words(column) & CLASS_WORDS))

    able = [column for column in map(str, frame) if could_be(column)]
    able.sort(key=lambda column: bool(_words(column) & CLASS_WORDS))
    if not able:
        return ""
    reasons[able[-1]] = f"Class: it has {frame[able[-1]].nunique()} values."
    return able[-1]


def _guess_values(number_columns: list[str], reasons: dict[str, str]) -> tuple[str, ...]:
    by_words = ([column for column in number_columns if _words(column) & words] for words in VALUE_WORDS)
    named = next((columns for columns in by_words if columns), [])
    targets = named[:MAX_TARGETS] or number_columns[-1:]
    for column in targets:
        why = "named like one" if named else "the last column of numbers"
        reasons[column] = f"Feature, and target to forecast: {why}. Change it if you want another."
    return tuple(targets)
