"""The data report: what a file holds, column by column, series by series, class by class, and what the split leaves in each part.

The page Data and `complex-lstm info FILE` show the same tables.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from complex_lstm.config import Roles
from complex_lstm.data.cells import floats, offers
from complex_lstm.data.findings import Offer
from complex_lstm.data.prepare import Dataset, units_in_names
from complex_lstm.data.reading import Table, numeric_share
from complex_lstm.data.roles import Guess, guess_roles
from complex_lstm.data.series import FAR, Series
from complex_lstm.data.splitting import Part, Span
from complex_lstm.data.time_finding import TimeFinding
from complex_lstm.data.times import duration, steps_between, times_of
from complex_lstm.recipe import Missing, column_list, missing_text
from complex_lstm.wording import counted, form

STRETCHES = 5  # equal stretches of time, over which the shares of the classes are compared
DRIFT = 0.25  # a class whose share differs by more between two stretches is named
SAMPLED = 1000  # first cells, by which columns are compared before all of them are
MOST_SERIES = 1000  # rows of the table of series: the rest is said
PARTS: tuple[Part, ...] = ("training", "validation", "test", "new", "this file")
TOLD = ("Left out: a part of the time", "Left out: it has no value", "Left out: it never changes")  # what another column or note says


@dataclass(frozen=True)
class FileReport:
    """What a file holds, as tables with the names of their columns in plain words.

    `columns` has a row for each column of the file, `series` one for each series, `classes` one for each class (none for values), and
    `parts` one for each part of the split; `notes` are sentences on what stands out.
    """

    columns: pd.DataFrame
    series: pd.DataFrame
    classes: pd.DataFrame
    parts: pd.DataFrame
    notes: tuple[str, ...]


def report_on(
    table: Table, roles: Roles, dataset: Dataset | None = None, guess: Guess | None = None, found: tuple[Offer, ...] | None = None
) -> FileReport:
    """Return the report on a table whose columns have these roles; without a data set, which is made of it, it holds the columns alone.

    The `guess` of its roles and the offers `found` in its cells are looked for where they are not given.
    """
    columns = describe_columns(table if dataset is None else dataset.table, roles)
    if found is None:  # a cell of a converted column stands in the file as another number
        converted = {one.column for one in table.reading.convert}
        found = tuple(one for one in offers(table.frame, table.reading) if one.column not in converted)
    guess = guess or guess_roles(table)
    noted = {one.column for one in found if one.switch in ("missing", "strip", "split")}
    of_roles = [*_notes_on_roles(guess, roles, noted)]
    explained = {name for name, why in guess.reasons if why.startswith("Left out") and not why.startswith(TOLD[1:])}
    on_columns = [*table.done, *_notes_on_columns(columns, noted | explained), *_notes_on_cells(found), *of_roles]
    if dataset is None:
        return FileReport(columns, pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), tuple(on_columns))
    classes = describe_classes(dataset)
    notes = [*on_columns, *dataset.report.notes, *_notes_on_series(dataset.series), *_notes_on_classes(classes)]
    return FileReport(columns, describe_series(dataset.series), classes, describe_parts(dataset), tuple(notes))


def describe_columns(table: Table, roles: Roles) -> pd.DataFrame:
    """Return a row for each column: its role, type, unit, how much is missing, its range, far values, and what is odd about it."""
    names = [str(name) for name in table.frame]
    units = dict(zip(names, units_in_names(tuple(names)), strict=True))
    twins = _twins(table.frame)
    times = times_of(table)
    done: dict[str, list[str]] = {}
    for one in table.findings:
        if one.switch in ("renamed", "converted"):
            done.setdefault(str(one.value), []).append(one.reason[0].lower() + one.reason[1:].rstrip("."))
    rows = []
    for name in names:
        row = {
            "column": name,
            "role": _role(name, roles),
            "unit": table.units.get(name) or units[name],
            **_describe(table.frame, name, times.get(name)),
        }
        more = [f"the same as {twins[name]}"] if name in twins else []
        row["remarks"] = "; ".join(filter(None, [*done.get(name, ()), str(row["remarks"]), *more]))
        rows.append(row)
    order = ["column", "role", "type", "unit", "missing", "distinct", "lowest", "median", "highest", "far values", "remarks"]
    return pd.DataFrame(rows, columns=order)


def _describe(frame: pd.DataFrame, name: str, time: TimeFinding | None) -> dict[str, object]:
    cells = frame[name]
    missing, distinct = int(np.count_nonzero(cells.isna())), int(cells.nunique())
    found = {"missing": missing, "distinct": distinct, "far values": 0, "remarks": ""}
    if missing == len(cells):
        return found | {"type": "empty", "remarks": "no cell is filled"}
    if time or cells.dtype.kind == "M":
        return found | {"type": "times", "remarks": time.reason.rstrip(".") if time else ""}
    if numeric_share(cells) > 0.5:
        values = floats(cells)
        text = int(np.isnan(values).sum()) - missing
        values = values[np.isfinite(values)]
        if not len(values):
            return found | {"type": "numbers", "remarks": "no cell is a finite number"}
        low, quarter, middle, three_quarters, high = np.percentile(values, [0, 25, 50, 75, 100])
        far = int((np.abs(values - middle) > FAR * (three_quarters - quarter)).sum()) if three_quarters > quarter else 0
        remarks = [f"{counted(text, 'cell')} {form(text, 'is no number', 'are no numbers')}"] if text else []
        remarks += ["never changes"] if low == high else []
        remarks += ["grows with the row"] if distinct == len(cells) > 2 and _grows(values) else []
        kind = "whole numbers" if bool((values == np.round(values)).all()) else "numbers"
        numbers = {"lowest": float(low), "median": float(middle), "highest": float(high), "far values": far}
        return found | {"type": kind, "remarks": "; ".join(remarks)} | numbers
    return found | {"type": "text", "remarks": "never changes" if distinct == 1 else ""}


def _grows(values: np.ndarray) -> bool:
    steps = np.diff(values)
    return bool((steps > 0).all() or (steps < 0).all())


def _twins(frame: pd.DataFrame) -> dict[str, str]:
    """Return for each column that repeats an earlier one, cell by cell, the name of that one. Empty columns are not compared."""
    alike: dict[bytes, list[str]] = {}
    for name in map(str, frame):
        alike.setdefault(_digest(frame[name].iloc[:SAMPLED]), []).append(name)
    twins = {}
    for names in (names for names in alike.values() if len(names) > 1):
        seen: dict[bytes, str] = {}
        for name in names:
            if frame[name].nunique() > 1 and (first := seen.setdefault(_digest(frame[name]), name)) != name:
                twins[name] = first
    return twins


def _digest(cells: pd.Series) -> bytes:
    if numeric_share(cells) == 1:
        return hashlib.sha256(floats(cells).tobytes()).digest()
    return hashlib.sha256(pd.util.hash_pandas_object(cells.astype(str), index=False).to_numpy().tobytes()).digest()


def _role(name: str, roles: Roles) -> str:
    held = {"feature": roles.features, "target": roles.targets, "series": (roles.series,), "time": (roles.time,), "group": (roles.group,)}
    return " and ".join(role for role, columns in held.items() if name in columns) or "left out"


def describe_series(series: tuple[Series, ...]) -> pd.DataFrame:
    """Return a row for each series: its length, first and last time, usual time step, gaps, and times that occur twice."""
    rows = []
    for one in series[:MOST_SERIES]:
        ends = one.labels_at(np.array([0, len(one) - 1])) if len(one) else ["", ""]
        steps = steps_between(one.instants)
        rows.append(
            {
                "series": one.name,
                "group": one.group,
                "rows": len(one),
                "first": ends[0],
                "last": ends[1],
                "time step": _step_in_words(one),
                "gaps": int(one.gaps.sum()),
                "repeated times": int((steps == 0).sum()),
            }
        )
    return pd.DataFrame(rows)


def _step_in_words(series: Series) -> str:
    steps = steps_between(series.instants)
    if not len(steps):
        return ""
    usual = float(np.median(steps))
    return duration(usual) if series.times.dtype.kind == "M" else f"{usual:g}"


def describe_classes(dataset: Dataset) -> pd.DataFrame:
    """Return a row for each class: its rows and windows, its share, and its share in five equal stretches of each series' time."""
    if dataset.schema.roles.task == "values":
        return pd.DataFrame()
    labels = np.concatenate([one.labels for one in dataset.series])
    place = np.concatenate([np.arange(len(one)) * STRETCHES // max(len(one), 1) for one in dataset.series])
    known = labels != ""
    if not known.any():
        return pd.DataFrame()
    names = sorted({*dataset.schema.classes, *labels[known].tolist()}, key=lambda name: (name not in dataset.schema.classes, name))
    rows = []
    for name in names:
        of_class = labels == name
        shares = {
            f"share in stretch {number + 1}": float(of_class[inside].mean()) if (inside := known & (place == number)).any() else np.nan
            for number in range(STRETCHES)
        }
        windows = int((dataset.windows.label == name).sum())
        rows.append({"class": name, "rows": int(of_class.sum()), "windows": windows, "share": float(of_class[known].mean()), **shares})
    if not known.all():
        rows.append({"class": "(no class)", "rows": int((~known).sum()), "windows": int((dataset.windows.label == "").sum())})
    return pd.DataFrame(rows)


def describe_parts(dataset: Dataset) -> pd.DataFrame:
    """Return a row for each part that has rows: its rows, series, windows, windows with an answer, and for classes windows of each."""
    windows = dataset.windows
    rows = []
    for part in PARTS:
        spans = [span for span in dataset.spans if span.part == part]
        if not spans:
            continue
        chosen = windows.of_part(part)
        row: dict[str, object] = {
            "part": part,
            "rows": sum(span.stop - span.start for span in spans),
            "series": len({span.series for span in spans}),
        }
        row |= {"first": _end(dataset, spans, first=True), "last": _end(dataset, spans, first=False), "windows": len(chosen)}
        if dataset.schema.roles.task == "classes":
            row |= {f"windows of {name}": int((windows.label[chosen] == name).sum()) for name in dataset.schema.classes}
        rows.append(row)
    return pd.DataFrame(rows)


def _end(dataset: Dataset, spans: list[Span], *, first: bool) -> str:
    """Return the earliest or the latest time of a part as text."""
    ends = [(dataset.series[span.series], span.start if first else span.stop - 1) for span in spans if span.stop > span.start]
    if not ends:
        return ""
    series, step = (min if first else max)(ends, key=lambda end: end[0].instants[end[1]])
    beside = step + 1 if step + 1 < len(series) else max(step - 1, 0)  # or the time of day of a midnight is left out
    return series.labels_at(np.array([step, beside]))[0]


def _notes_on_columns(columns: pd.DataFrame, explained: set[str]) -> Iterator[str]:
    """Yield what is odd about columns, but for those of which another note says why, and for a time, which grows as it should."""
    for _, row in columns[(columns["remarks"] != "") & (columns["type"] != "times") & (columns["role"] != "time")].iterrows():
        told = [one for one in row["remarks"].split("; ") if row["column"] not in explained or one.startswith(("converted", "it stands"))]
        if told:
            yield f"{row['column']}: {'; '.join(told)}."


def _notes_on_cells(found: tuple[Offer, ...]) -> Iterator[str]:
    """Yield what is offered for the cells of columns and not done: values and words that may mean missing, signs beside numbers."""
    for one in found:
        counted = f"{one.count:,} cell{'s' if one.count > 1 else ''}"
        cells = f"{counted}, first at line {one.lines[0]}" if one.lines else counted
        if isinstance(one.value, Missing):
            likely, option = "is likely" if one.likely else "may be", f"--missing-cell {shlex.quote(missing_text(one.value))}"
            yield f"{one.column}: {one.value.cell} {likely} a missing value ({cells}; {option}). {one.reason}"
        else:
            value = column_list((one.column,)) if one.switch in ("strip", "split") else one.value
            option = f"--{'split-flags' if one.switch == 'split' else one.switch} {shlex.quote(value)}"
            what = "numbers with a flag" if one.switch == "split" else "numbers"
            likely = "are likely" if one.likely else "may be"
            yield f"{one.column}: its cells {likely} {what}, {one.preview} ({cells}; {option}). {one.reason}"


def _notes_on_roles(guess: Guess, roles: Roles, noted: set[str]) -> Iterator[str]:
    """Yield why columns are left out, and what keeps the roles from being used: leaks that are suspected are among them.

    Of the columns `noted` it has been said already that their cells are no numbers.
    """
    used, reasons = {*roles.columns}, " ".join(reason for _, reason in guess.reasons)
    for name, reason in guess.reasons:
        if "long form" in reason:
            yield f"{name}: {reason}"
        elif not reason.startswith("Left out") or reason.startswith(TOLD) or name in noted:
            continue
        elif name in used:
            yield f"{name} is used, and should perhaps be left out: {reason.removeprefix('Left out: ')}"
        else:
            yield f"{name} is left out: {reason.removeprefix('Left out: ')}"
    yield from (one.words for one in guess.problems if one.words not in reasons and one.column not in noted)


def _notes_on_series(series: tuple[Series, ...]) -> Iterator[str]:
    if len(series) > MOST_SERIES:
        yield f"The table of series shows the first {MOST_SERIES:,} of {len(series):,}."
    steps = {_step_in_words(one) for one in series if len(one) > 1}
    if len(steps) > 1:
        yield f"The series have different time steps: {', '.join(sorted(steps)[:6])}{' and more' if len(steps) > 6 else ''}."


def _notes_on_classes(classes: pd.DataFrame) -> Iterator[str]:
    if classes.empty:
        return
    shares = classes.filter(like="share in stretch")
    for name, low, high in zip(classes["class"], shares.min(axis=1), shares.max(axis=1), strict=True):
        if high - low > DRIFT:
            yield f"The class {name} is not spread evenly over time: its share lies between {low:.0%} and {high:.0%} in fifths of the time."
