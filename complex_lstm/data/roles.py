"""The roles of a table's columns: a guess with a reason for each column, for the user to confirm."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from complex_lstm.config import Roles, Task
from complex_lstm.data.cells import numbers_share, remedy
from complex_lstm.data.columns import Column, counts_rows, date_part, describe_column, grows, words_of
from complex_lstm.data.dates import partly_dates
from complex_lstm.data.joined import is_part, parts_of, unit_of
from complex_lstm.data.leaks import adds_up, copies, determines, is_split_name
from complex_lstm.data.long_form import find_long_form, words
from complex_lstm.data.number_times import is_rising
from complex_lstm.data.reading import Table, numeric_share
from complex_lstm.data.time_finding import TimeFinding
from complex_lstm.data.times import Clock, read_times, times_of
from complex_lstm.errors import DataError, RolesError

TIME_WORDS = {"time", "timestamp", "date", "datetime", "step", "t", "index", "frame", "tick", "seconds", "sec", "secs", "ms", "elapsed",
              "cycle", "sample", "zeit", "epoch", "year", "years", "jahr", "annee", "année", "ano", "anno", "week", "month"}  # fmt: skip
SERIES_WORDS = {"series", "id", "recording", "airport", "station", "sensor", "machine", "trial", "ticker", "symbol", "run", "unit"}
GROUP_WORDS = {"subject", "group", "person", "patient", "user", "participant", "site", "session"}
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
    {"temp", "temperature"},
)
MAX_CLASSES = 50
MAX_NAMED_CLASSES = 1000  # where the column is named label or class
MAX_TARGETS = 3
MOST_IN_SUM = 6  # columns
MAX_ONE_HOT = 20
MOST_CODES = 12  # whole numbers of a column that may be codes
PERSISTENT = 0.9  # share of steps at which a text stays the same: a state that lasts, which may be what is to be told

RoleName = Literal["features", "targets", "series", "time", "group"]


@dataclass(frozen=True)
class RoleFault:
    """What keeps guessed roles from being used, as a sentence, and beside which role of the form it belongs."""

    role: RoleName
    column: str
    words: str


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


@dataclass
class _Columns:
    """The columns while their roles are found: what each holds, how it is read as a time, and the reason for its role so far."""

    table: Table
    of: dict[str, Column]
    dated: dict[str, TimeFinding]
    reasons: dict[str, str]
    problems: list[RoleFault] = field(default_factory=list)

    @property
    def frame(self) -> pd.DataFrame:
        return self.table.frame


def guess_roles(table: Table) -> Guess:
    """Return the likeliest roles of a table's columns, from their values first and their names second.

    It is wrong where names mislead or where two columns could be the target, so it is shown for confirmation. It never fails: what
    keeps the file from being used is told in the guess's problems.
    """
    frame = table.frame
    columns = {str(name): describe_column(frame[name]) for name in frame}
    dated = times_of(table)
    found = _Columns(table, columns, dated, {name: _left_out(column, frame[name]) for name, column in columns.items()})
    time = _guess_time(found)
    series = _guess_series(found, time)
    clock = _clock(found, time, series)
    group = _guess_group(found, {time, series}, series)
    rows = _rows_of_series(frame, series)
    label = _guess_class(found, {time, series, group}, rows)
    numbered = _kept_numbers(found, {time, series, group, label}, clock, rows)
    targets = (label,) if label else _guess_values(found, numbered)
    features = _features(found, numbered, targets, label)
    roles = Roles(features, targets, "classes" if label else "values", series, time, group)
    found.problems += find_text_in_numbers(table, roles)
    _note_long_form(found, roles)
    one_hot = tuple(
        name for name, column in columns.items()
        if name not in {time, series, group, label} and name not in dated and (
            (column.kind == "text" and 2 <= column.distinct <= MAX_ONE_HOT)
            or (column.kind == "number" and column.is_whole and 3 <= column.distinct <= MOST_CODES)
        )
    )  # fmt: skip
    harmless = {time, series, group, label, *features, *dated, *(parts_of(frame, time) if time else ())}
    suspects = tuple(
        name for name, column in columns.items()
        if name not in harmless and not column.is_constant
        and (column.kind == "number" or found.reasons[name].startswith("Left out: another label"))
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


def _guess_time(found: _Columns) -> str:
    """Return the column of time: dates before numbers, those in order before others, and names only between equals."""
    parts = {part for name in found.of for part in parts_of(found.frame, name)}
    for name in parts:
        whole = next(one for one in found.of if name in parts_of(found.frame, one))
        found.reasons[name] = f"Left out: a part of the time {whole}."

    dates = [name for name in found.dated if name not in parts]

    def fitness(name: str) -> tuple[bool, bool, bool, int, bool, int]:
        is_text, words = not pd.api.types.is_numeric_dtype(found.frame[name]), words_of(name)
        return (bool(parts_of(found.frame, name)), _in_order(found, name), bool(words & TIME_WORDS),
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
    named = [name for name in numbered if words_of(name) & TIME_WORDS and _could_be_steps(found, name) and not _is_row_number(found, name)]
    if named:
        found.reasons[named[0]] = "Time: it holds numbers and is named like a time."
        return named[0]
    even = [name for name in numbered[:1] if _is_even(_values(found, name)) and not _is_row_number(found, name)]
    if even:
        found.reasons[even[0]] = "Time: its numbers rise by the same amount from row to row."
        return even[0]
    counter = _counter_in_blocks(found, numbered[:3])
    if counter:
        found.reasons[counter] = "Time: it counts the rows of each stretch of another column's values."
    return counter


def _counter_in_blocks(found: _Columns, names: list[str]) -> str:
    """Return a column of whole numbers that rises by one while another, beside it, stays the same, and begins again where that changes."""
    for name, key in itertools.permutations(names, 2):
        if not (found.of[name].is_whole and found.of[key].is_whole):
            continue
        values, keys = _values(found, name), _values(found, key)
        changes = np.diff(keys) != 0
        if 1 <= changes.sum() == found.of[key].distinct - 1 <= len(values) / 3 - 1:
            steps = np.diff(values)
            if (steps[~changes] == 1).all() and (steps[changes] <= 0).all():
                return name
    return ""


def _in_order(found: _Columns, name: str) -> bool:
    try:
        instants = read_times(found.table, name, found.dated[name].reading).instants
    except DataError:
        return False
    return instants.dtype.kind == "M" and is_rising(instants.astype("datetime64[us]").astype(np.int64).astype(float))


def _could_be_steps(found: _Columns, name: str) -> bool:
    """Return whether a column of numbers rises through the file, or within the values of another column."""
    values = _values(found, name)
    if np.isnan(values).any():
        return False
    if is_rising(values):
        return True
    keys = [key for key, column in found.of.items() if key != name and column.is_coded and 1 < column.distinct <= len(values) / 2]
    for key in keys:
        steps = pd.Series(values).groupby(found.frame[key].to_numpy(), sort=False).diff().dropna()
        if len(steps) and (steps > 0).all():
            return True
    return False


def _is_row_number(found: _Columns, name: str) -> bool:
    """Return whether a column counts the rows of a file, under a name that is no time's."""
    names = words_of(name) & (TIME_WORDS - {"index", "sample", "t", "week", "month"})
    return found.of[name].is_whole and counts_rows(_values(found, name)) and not names


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


def _guess_series(found: _Columns, time: str) -> str:
    """Return the column within whose values no time occurs twice, although it does in the file."""
    frame = found.frame
    parts = set(parts_of(frame, time)) if time else set()
    keys = [
        name for name, column in found.of.items()
        if name != time and name not in parts and name not in found.dated and not pd.api.types.is_float_dtype(frame[name])
        and column.kind != "empty" and column.distinct > 1
    ]  # fmt: skip
    keys.sort(key=lambda name: not words_of(name) & SERIES_WORDS)
    if not time:
        named = [name for name in keys if words_of(name) & SERIES_WORDS and found.of[name].distinct <= len(frame) / 2]
        named = named or [name for name in keys if words_of(name) & GROUP_WORDS and _in_blocks(found, name)]
        if named:
            found.reasons[named[0]] = "Series: named like one, and its values repeat."
        return named[0] if named else ""
    moments = _moments(found, time)
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


def _in_blocks(found: _Columns, name: str) -> bool:
    """Return whether the rows of each of a column's values stand together, and are several."""
    cells = found.frame[name]
    return int((cells != cells.shift()).sum()) == found.of[name].distinct <= len(cells) / 3


def _moments(found: _Columns, time: str) -> np.ndarray:
    """Return what tells the rows' times apart: the instants, or the cells where they cannot be read."""
    try:
        return read_times(found.table, time, found.dated[time].reading if time in found.dated else None).instants
    except DataError:
        return found.frame[time].to_numpy()


def _is_part_of_day(frame: pd.DataFrame, name: str, time: str) -> bool:
    """Return whether a column's whole numbers run through a day, 0 to 23 or 1 to 24 or in quarters of an hour, for each date in turn."""
    cells = frame[name]
    if unit_of(name) in ("hour", "minute", "second") and is_part(cells, unit_of(name)):
        return True
    if not pd.api.types.is_integer_dtype(cells) or cells.nunique() not in (24, 48, 96, 144, 288, 1440):
        return False
    steps = np.diff(cells.to_numpy())
    same_time = frame[time].to_numpy()[1:] == frame[time].to_numpy()[:-1]
    return bool((steps[same_time] == 1).all())


def _clock(found: _Columns, time: str, series: str) -> Clock | None:
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


def _guess_group(found: _Columns, taken: set[str], series: str) -> str:
    if not series:
        return ""
    for name, column in found.of.items():
        if name in taken or not words_of(name) & GROUP_WORDS or column.kind == "empty" or found.frame[name].nunique() < 2:
            continue
        if (found.frame.groupby(series)[name].nunique() <= 1).all():
            found.reasons[name] = "Group: named like one, and the same within each series. The split keeps groups whole."
            return name
    return ""


def _rows_of_series(frame: pd.DataFrame, series: str) -> np.ndarray:
    """Return the number of the series of each row."""
    return pd.factorize(frame[series])[0] if series else np.zeros(len(frame), dtype=int)


def _guess_class(found: _Columns, taken: set[str], rows: np.ndarray) -> str:
    """Return the column whose cells are to be told apart, "" where the file has numbers to forecast instead."""
    total = len(found.frame)

    def could_be(column: Column) -> bool:
        if column.name in taken or not column.is_coded or column.name in found.dated:
            return False
        most = max(min(MAX_CLASSES, total // 10), min(MAX_NAMED_CLASSES, total // 4) if column.words & LABEL_WORDS[0] else 0)
        return 2 <= column.distinct <= most

    able = [column for column in found.of.values() if could_be(column)]
    named = [next((column for column in able[::-1] if column.words & words), None) for words in LABEL_WORDS]
    valued = any(
        column.kind == "number" and column.words & words and column not in able for words in VALUE_WORDS[:2] for column in found.of.values()
    )
    weak = [column for column in able if column.words & WEAK_LABEL_WORDS and (column.kind == "text" or not valued)]
    lasting = [column for column in able if column.kind == "text" and not valued and _lasts(found, column, rows)]
    last = able[-1:] if able and able[-1] is list(found.of.values())[-1] and not valued and _is_yes_or_no(found, able[-1]) else []
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


def _lasts(found: _Columns, column: Column, rows: np.ndarray) -> bool:
    """Return whether a text stays the same over most steps within a series, and is not the calendar's: a weekday, a season."""
    if found.frame[column.name].notna().mean() < PERSISTENT:
        return False
    codes = pd.factorize(found.frame[column.name])[0]
    within = rows[1:] == rows[:-1]
    changes = int((codes[1:] != codes[:-1])[within].sum())
    if not within.any() or changes > (1 - PERSISTENT) * int(within.sum()) or (changes < column.distinct - 1 and not rows.any()):
        return False
    return not words_of(column.name) & {"season", "weekday", "day", "month", "holiday", "tariff", "unit", "name", "city", "country"}


def _is_yes_or_no(found: _Columns, column: Column) -> bool:
    return column.kind == "number" and column.share == 1 and column.distinct == 2 and set(_values(found, column.name)) <= {0.0, 1.0}


def _kept_numbers(found: _Columns, taken: set[str], clock: Clock | None, rows: np.ndarray) -> list[str]:
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


def _why_out(found: _Columns, column: Column, dates: pd.DatetimeIndex | None, rows: np.ndarray) -> tuple[str, bool]:
    """Return why a column of numbers is no feature, "" where it may be one, and whether it could not be one for want of another."""
    if column.is_constant:
        return "Left out: it never changes.", False
    if column.share < 1:
        return "", False
    if is_split_name(column.name) and column.is_whole and column.distinct <= MAX_ONE_HOT:
        return "Left out: named like a split into training and test rows.", False
    values, is_named = _values(found, column.name), any(column.words & words for words in VALUE_WORDS)
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


def _guess_values(found: _Columns, numbered: list[str]) -> tuple[str, ...]:
    by_words = ([name for name in numbered if words_of(name) & words] for words in VALUE_WORDS)
    named = next((names for names in by_words if names), [])
    targets = named[:MAX_TARGETS] or numbered[-1:]
    for name in targets:
        why = "named like one" if named else "the last column of numbers"
        found.reasons[name] = f"Feature, and target to forecast: {why}. Change it if you want another."
    return tuple(targets)


def _features(found: _Columns, numbered: list[str], targets: tuple[str, ...], label: str) -> tuple[str, ...]:
    """Return the columns of numbers less those from which the answer could be read."""
    leaks: dict[str, str] = {}
    if label:
        for name in numbered:
            if found.of[name].is_whole and found.of[name].distinct <= MAX_CLASSES and determines(found.frame[name], found.frame[label]):
                leaks[name] = f"Left out: each of its values goes with one {label}, so it may be the answer in other words."
    for target in targets if not label else ():
        for name in numbered:
            if name not in targets and found.of[name].share == 1 and copies(found.frame[name], found.frame[target]):
                leaks[name] = f"Left out: it copies the target {target}, perhaps in another unit."
    for target in targets if not label else ():
        leaks |= _parts_of_sum(found, [name for name in numbered if name not in targets and name not in leaks], target)
    if len(leaks) == len(numbered):
        return tuple(numbered)
    found.reasons.update(leaks)
    return tuple(name for name in numbered if name not in leaks)


def _parts_of_sum(found: _Columns, names: list[str], target: str) -> dict[str, str]:
    """Return the columns that add up to a target, each with the reason to leave it out."""
    full = [name for name in names if found.of[name].share == 1]
    if len(full) < 2:
        return {}
    summed = [full[place] for place in adds_up(np.column_stack([_values(found, name) for name in full]), _values(found, target))]
    if not 1 < len(summed) <= MOST_IN_SUM:
        return {}
    beside = {name: ", ".join(other for other in summed if other != name) for name in summed}
    return {name: f"Left out: with {beside[name]} it adds up to the target {target}, which could be read off them." for name in summed}


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


def texts_in(cells: pd.Series) -> pd.Series:
    """Return the filled cells of a column that are no finite number."""
    if pd.api.types.is_bool_dtype(cells):
        return cells.iloc[:0]
    values = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = np.isinf(values)
    if not pd.api.types.is_numeric_dtype(cells):
        wrong |= np.isnan(values) & cells.notna().to_numpy()
    return cells[wrong] if wrong.any() else cells.iloc[:0]


def _note_long_form(found: _Columns, roles: Roles) -> None:
    """Say of a file in long form that it wants to be pivoted: beside its series, or beside the times that then stand twice."""
    if not roles.time:
        return
    numbered = [name for name, column in found.of.items() if column.kind == "number" and name not in (roles.time, roles.series)]
    texts = [name for name, column in found.of.items() if column.kind == "text" and name != roles.time and name not in found.dated]
    key = find_long_form(found.frame, _moments(found, roles.time), texts, numbered)
    if not key:
        return
    about = words(found.frame, key, numbered[0])
    found.reasons[key] = f"{found.reasons[key]} {about}"
    found.problems[:] = [one for one in found.problems if not (one.role == "series" and "share their time" in one.words)]
    found.problems.append(RoleFault("series", key, about))


def _values(found: _Columns, name: str) -> np.ndarray:
    values = pd.to_numeric(found.frame[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)
