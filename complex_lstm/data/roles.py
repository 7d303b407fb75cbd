"""The roles of a table's columns: a guess with a reason for each column, for the user to confirm."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from complex_lstm.config import Roles, Task
from complex_lstm.data.cells import numbers_share, remedy, texts_in
from complex_lstm.data.columns import Column, counts_rows, date_part, describe_column, grows, words_of
from complex_lstm.data.dates import partly_dates
from complex_lstm.data.joined import parts_of
from complex_lstm.data.leaks import copies, is_split_name
from complex_lstm.data.long_form import find_long_form, words
from complex_lstm.data.reading import Table, numeric_share
from complex_lstm.data.row_order import (
    RoleColumns,
    RoleFault,
    RoleName,
    clock_of,
    guess_group,
    guess_series,
    guess_time,
    moments_of,
    rows_of_series,
    values_of,
)
from complex_lstm.data.suspects import MAX_CLASSES, falls_evenly, features_without_leaks
from complex_lstm.data.times import Clock, times_of
from complex_lstm.errors import RolesError
from complex_lstm.wording import form

# what a label is named, the surest first; the weak ones are a machine's state as often as they are what is to be told
LABEL_WORDS = (
    {"label", "labels", "class", "target"},
    {"anomaly", "anomalies", "outlier", "outliers", "attack", "fault", "faulty", "failure", "failed", "fraud", "breakdown", "defect"},
    {"changepoint", "changepoints", "drift"},
    {"activity", "exercise", "speaker", "category", "gesture", "diagnosis", "behavior", "behaviour", "y"},
)  # fmt: skip
WEAK_LABEL_WORDS = {"event", "events", "status", "state", "kind", "alarm", "condition", "type"}
ID_WORDS = {"id", "ids", "uid", "uuid", "guid", "no", "nr", "idx", "index", "row", "rowid", "record", "unnamed", "key"}
# the first set that names a column decides
VALUE_WORDS = (
    {"target", "y"},
    {
        "power",
        "load",
        "price",
        "close",
        "demand",
        "sales",
        "consumption",
        "value",
        "cnt",
        "count",
        "traffic",
        "rentals",
        "passengers",
        "pm",
    },
    {"rul", "ttf"},
    {"temp", "temperature"},
)
MAX_NAMED_CLASSES = 1000  # where the column is named label or class
ONE_CLASS = "Left out: it is named like a label, and is"  # the beginning of a reason
MAX_TARGETS = 3
MAX_ONE_HOT = 20
MOST_CODES = 12  # whole numbers of a column that may be codes
PERSISTENT = 0.9  # share of steps at which a text stays the same: a state that lasts, which may be what is to be told


@dataclass(frozen=True)
class Guess:
    """Guessed roles, and for each column (in the file's order) one sentence on why it got its role.

    `problems` are what has to be decided or mended before the roles can be used; with any the roles may be incomplete. `one_hot` are
    columns of text, and of whole numbers that may be codes, with few values that could be taken as features, one for each value.
    `suspects` are columns that are no features although they could be: they may give the answer away, or tell only where a row stands.
    """

    roles: Roles
    reasons: tuple[tuple[str, str], ...]
    problems: tuple[RoleFault, ...] = ()
    one_hot: tuple[str, ...] = ()
    suspects: tuple[str, ...] = ()


@np.errstate(invalid="ignore", over="ignore")  # steps between cells that are infinite, or too large for a difference, count as none
def guess_roles(table: Table) -> Guess:
    """Return the likeliest roles of a table's columns, from their values first and their names second.

    It is wrong where names mislead or where two columns could be the target, so it is shown for confirmation. It never fails: what
    keeps the file from being used is told in the guess's problems.
    """
    frame = table.frame
    columns = {str(name): describe_column(frame[name]) for name in frame}
    flags = [f"{name} flag" for name in table.reading.split if f"{name} flag" in columns]
    columns |= {name: replace(columns[name], kind="text", share=0.0) for name in flags}  # codes, also where they are digits
    dated = times_of(table)
    found = RoleColumns(table, columns, dated, {name: _left_out(column, frame[name]) for name, column in columns.items()})
    time = guess_time(found)
    series = guess_series(found, time)
    clock = clock_of(found, time, series)
    group = guess_group(found, {time, series}, series)
    rows = rows_of_series(frame, series)
    parts = parts_of(frame, time) if time else ()
    label = _guess_class(found, {time, series, group, *parts}, rows)
    numbered = _kept_numbers(found, {time, series, group, label}, clock, rows)
    targets = (label,) if label else _guess_values(found, numbered)
    features = features_without_leaks(found, numbered, targets, label, clock, rows)
    roles = Roles(features, targets, "classes" if label else "values", series, time, group)
    found.problems += find_text_in_numbers(table, roles)
    _note_long_form(found, roles)
    one_hot = tuple(
        name for name, column in columns.items()
        if name not in {time, series, group, label, *parts} and name not in dated and (
            (column.kind == "text" and 2 <= column.distinct <= MAX_ONE_HOT)
            or (column.kind == "number" and column.is_whole and 3 <= column.distinct <= MOST_CODES)
        )
    )  # fmt: skip
    harmless = {time, series, group, label, *features, *dated, *parts}
    suspects = tuple(
        name for name, column in columns.items()
        if name not in harmless and (not column.is_constant or found.reasons[name].startswith(ONE_CLASS))
        and (column.kind == "number" or found.reasons[name].startswith(("Left out: another label", ONE_CLASS)))
    )  # fmt: skip
    return Guess(roles, tuple(found.reasons.items()), tuple(found.problems), one_hot, suspects)


def likely_task(table: Table, targets: tuple[str, ...], guessed: Task) -> Task:
    """Return the likely task of columns that were named as targets, where the guess from the file alone was another.

    Several columns, or one of many different numbers, are values; text is a class.
    """
    cells = table.frame[targets[0]] if targets[0] in table.frame else pd.Series(dtype=float)
    share = numeric_share(cells)
    most = MAX_NAMED_CLASSES if words_of(targets[0]) & LABEL_WORDS[0] and describe_column(cells).is_whole else MAX_CLASSES
    if len(targets) > 1 or (share > 0.5 and cells.nunique() > most):
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
    lacking = [column for column in roles.columns if column not in table.frame]
    if lacking:
        raise RolesError(
            f"{table.name} lacks the {form(len(lacking), 'column', 'columns')} {', '.join(map(repr, lacking))}. "
            f"It has {', '.join(map(repr, map(str, table.frame.columns)))}. Rename or add them."
        )
    both = set(roles.features) & {roles.series, roles.time, roles.group, *(roles.targets if roles.task == "classes" else ())}
    if both:
        raise RolesError(f"{', '.join(map(repr, sorted(both)))} cannot be a feature too: the model would read the answer off it.")


def _left_out(column: Column, cells: pd.Series) -> str:
    if column.kind == "empty":
        return "Left out: it has no value."
    if column.kind == "text" and column.is_constant:
        return "Left out: it is the same text in every row."
    if column.kind == "text" and 2 <= column.distinct <= MAX_ONE_HOT:
        return f"Left out: text with {column.distinct} values. It can be taken as features, one for each value."
    if column.kind == "text" and numbers_share(cells) > 0.5:
        return f"Left out: text for now, but numbers if a sign beside them is taken off. {remedy(cells, column.name)}"
    if column.kind == "text" and (partly := partly_dates(cells)):
        return f"Left out: text, because {partly}"
    return "Left out: text that is neither time, series nor class."


def _guess_class(found: RoleColumns, taken: set[str], rows: np.ndarray) -> str:
    """Return the column whose cells are to be told apart, "" where the file has numbers to forecast instead."""
    total = len(found.frame)

    def could_be(column: Column) -> bool:
        if column.name in taken or not column.is_coded or column.name in found.dated:
            return False
        most = max(min(MAX_CLASSES, total // 10), min(MAX_NAMED_CLASSES, total // 4) if column.words & LABEL_WORDS[0] else 0)
        return 2 <= column.distinct <= most

    said = next((one.value for one in found.table.findings if one.switch == "label" and one.is_set), "")
    if said and (name := str(said) if str(said) in found.of else "label") in found.of:
        found.reasons[name] = "Class: it was set as the column of the class."
        return name
    for column in found.of.values():
        if column.is_constant and column.kind != "empty" and column.words & set().union(*LABEL_WORDS[:3]) and column.name not in taken:
            value = str(found.frame[column.name].dropna().iloc[0])[:40]
            found.reasons[column.name] = (
                f"{ONE_CLASS} {value!r} in every row, so there is nothing to tell apart. Add rows of another class to learn classes."
            )
    able = [column for column in found.of.values() if could_be(column)]
    named = [next((column for column in able[::-1] if column.words & words), None) for words in LABEL_WORDS]
    valued = any(
        column.kind == "number" and column.words & words and column not in able for words in VALUE_WORDS[:2] for column in found.of.values()
    )
    weak = [column for column in able if column.words & WEAK_LABEL_WORDS and (column.kind == "text" or not valued)]
    lasting = [column for column in able if column.kind == "text" and not valued and _lasts(found, column, rows)]
    last = able[-1:] if able and able[-1] is list(found.of.values())[-1] and not valued else []
    last = [one for one in last if one.kind == "number" and one.share == 1 and set(values_of(found, one.name).tolist()) == {0.0, 1.0}]
    chosen = next((column for column in (*named, *weak[::-1], *lasting[::-1], *last) if column is not None), None)
    if chosen is None:
        return ""
    why = (
        ""
        if chosen in named or chosen in weak
        else ", and each lasts over many rows"
        if chosen in lasting
        else ", 0 and 1, and is the last"
    )
    found.reasons[chosen.name] = f"Class: it has {chosen.distinct} values{why}."
    for column in able:
        if column is not chosen and column.words & {*set().union(*LABEL_WORDS), *WEAK_LABEL_WORDS}:
            found.reasons[column.name] = f"Left out: another label beside {chosen.name}, from which a model could read the answer."
    return chosen.name


def _lasts(found: RoleColumns, column: Column, rows: np.ndarray) -> bool:
    """Return whether a text stays the same over most steps within a series, and is not the calendar's: a weekday, a season."""
    if found.frame[column.name].notna().mean() < PERSISTENT:
        return False
    codes = pd.factorize(found.frame[column.name])[0]
    within = rows[1:] == rows[:-1]
    changes = int((codes[1:] != codes[:-1])[within].sum())
    if not within.any() or changes > (1 - PERSISTENT) * int(within.sum()) or (changes < column.distinct - 1 and not rows.any()):
        return False
    return not words_of(column.name) & {"season", "weekday", "day", "month", "holiday", "tariff", "unit", "name", "city", "country"}


def _kept_numbers(found: RoleColumns, taken: set[str], clock: Clock | None, rows: np.ndarray) -> list[str]:
    """Return the columns of numbers that may be features; those that say only where in the file a row is are left out."""
    dates = pd.DatetimeIndex(clock.wall) if clock is not None and clock.wall.dtype.kind == "M" else None
    kept, suspect = [], []
    for name, column in found.of.items():
        if column.kind != "number" or name in taken or not found.reasons[name].startswith("Left out: text"):
            continue
        why, is_hopeless = _why_out(found, column, dates, rows)
        if not why:
            kept.append(name)
            found.reasons[name] = _why_feature(column)
        else:
            found.reasons[name] = why
            if not is_hopeless:
                suspect.append(name)
    if not kept and suspect:
        for name in suspect:
            found.reasons[name] = f"Feature: the only numbers that are left. {found.reasons[name].removeprefix('Left out: ').capitalize()}"
        return suspect
    if not kept:
        signs = [name for name, why in found.reasons.items() if why.startswith("Left out: text for now")]
        remedies = f" {found.reasons[signs[0]].split('. ', 1)[1]}" if signs else ""
        found.problems.append(RoleFault(
            "features", "",
            f"{found.table.name} has no numeric column to use as a feature. Its columns are {', '.join(found.of)}.{remedies}",
        ))  # fmt: skip
    return kept


def _why_feature(column: Column) -> str:
    if column.is_whole and 3 <= column.distinct <= MOST_CODES and not column.is_constant:
        return f"Feature: it holds {column.distinct} different whole numbers. If they are codes, take them as one feature for each value."
    return "Feature: it holds numbers."


def _why_out(found: RoleColumns, column: Column, dates: pd.DatetimeIndex | None, rows: np.ndarray) -> tuple[str, bool]:
    """Return why a column of numbers is no feature, "" where it may be one, and whether it could not be one for want of another."""
    if column.is_constant:
        return "Left out: it never changes.", False
    if column.share < 1:
        return "", False
    if is_split_name(column.name) and column.is_whole and column.distinct <= MAX_ONE_HOT:
        return "Left out: named like a split into training and test rows.", False
    values, is_named = values_of(found, column.name), any(column.words & words for words in VALUE_WORDS)
    name = column.name
    if column.is_whole and counts_rows(values):
        return "Left out: it counts the rows.", is_named is False and bool(column.words & ID_WORDS)
    if column.is_whole and (part := date_part(found.frame[name], dates)):
        return f"Left out: the {part} of the row's time. It can be taken as a clock feature instead.", False
    if (
        column.is_whole
        and column.words & ID_WORDS
        and (column.distinct == len(values) or column.words & {"id", "ids", "uid", "uuid", "guid"})
    ):
        return "Left out: a number that names things, and measures nothing.", True
    if not is_named and grows(values):
        return "Left out: it never falls, so it tells how late in the file a row is, which no later row repeats.", False
    if not is_named and falls_evenly(values, rows):
        return "Left out: it falls by the same amount in each row, so it tells how many rows are left.", False
    if not is_named and rows.any() and _grows_in_each(values, rows):
        return "Left out: it never falls within a series, so it tells how late in it a row is.", False
    return "", False


def _grows_in_each(values: np.ndarray, rows: np.ndarray) -> bool:
    lengths = np.bincount(rows[rows >= 0])
    if np.median(lengths) < 10:
        return False
    order = np.argsort(rows, kind="stable")
    steps, within = np.diff(values[order]), np.diff(rows[order]) == 0
    return bool((steps[within] > 0).mean() > 0.5 and (steps[within] >= 0).all())


def _guess_values(found: RoleColumns, numbered: list[str]) -> tuple[str, ...]:
    by_words = ([name for name in numbered if found.of[name].words & words] for words in VALUE_WORDS)
    named = next((names for names in by_words if names), [])
    targets: list[str] = []
    for name in named or numbered[-1:]:
        if len(targets) < MAX_TARGETS and not any(copies(found.frame[name], found.frame[other]) for other in targets):
            targets.append(name)
    for name in targets:
        why = "named like one" if named else "the last column of numbers"
        found.reasons[name] = f"Feature, and target to forecast: {why}. Change it if you want another."
    return tuple(targets)


def find_text_in_numbers(table: Table, roles: Roles) -> list[RoleFault]:
    """Return for each column that has to hold numbers how many of its cells hold none, and where the first one is."""
    faults = []
    for name in dict.fromkeys((*roles.features, *(roles.targets if roles.task == "values" else ()))):
        wrong = texts_in(table.frame[name]) if name in table.frame else pd.Series(dtype=object)
        if len(wrong):
            role: RoleName = "features" if name in roles.features else "targets"
            faults.append(RoleFault(
                role, name,
                f"{len(wrong):,} cell{'s' if len(wrong) > 1 else ''} of {name} {'are' if len(wrong) > 1 else 'is'} no number, first "
                f"{str(wrong.iloc[0])[:40]!r} at line {wrong.index[0]}. {remedy(wrong, name)}",
            ))  # fmt: skip
    return faults


def _note_long_form(found: RoleColumns, roles: Roles) -> None:
    """Say of a file in long form that it wants to be pivoted: beside its series, or beside the times that then stand twice."""
    if not roles.time:
        return
    numbered = [name for name, column in found.of.items() if column.kind == "number" and name not in (roles.time, roles.series)]
    texts = [name for name, column in found.of.items() if column.kind == "text" and name != roles.time and name not in found.dated]
    key = find_long_form(found.frame, moments_of(found, roles.time), texts, numbered)
    if not key:
        return
    about = words(found.frame, key, numbered[0])
    found.reasons[key] = f"{found.reasons[key]} {about}"
    found.problems[:] = [one for one in found.problems if not (one.role == "series" and "share their time" in one.words)]
    found.problems.append(RoleFault("series", key, about))
