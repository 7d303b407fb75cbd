"""Features that are made from a file's columns: the age of a column's last value, its change since then, whether it has a certain one,
and the place in the day, the week and the year.

They become columns of the table, before the roles are looked at, and are named for what they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from complex_lstm.config import DerivedFeature, DerivedKind, Roles
from complex_lstm.data.date_parsing import as_text
from complex_lstm.data.reading import Table, numbers
from complex_lstm.data.series import without_empty_rows
from complex_lstm.data.time_finding import Times
from complex_lstm.data.times import read_times
from complex_lstm.errors import CellError, RolesError

DAY = 86400.0
PERIODS: dict[DerivedKind, float] = {"hour of day": DAY, "day of week": 7 * DAY, "day of year": 365.2425 * DAY}
EPOCH_WEEKDAY = 3 * DAY  # 1970 began on a Thursday: a week begins on Monday
OFTEN_MISSING = 0.05  # share of a column's cells from which on the age of its last value is offered
MOST_AGES = 6  # columns whose age is offered, those with the most missing cells first
MOST_CHANGES = 6  # targets whose change is offered, in their order
SMALL_CHANGE = 0.25  # range from 5 to 95% of a column's changes from row to row, as a share of its own, below which they are offered
MOST_ONE_HOT = 20  # values of a column that can be taken as a feature each
CYCLES = 2  # a file must be this many cycles long before the place in the cycle can be learned


@dataclass(frozen=True)
class DerivedOffer:
    """A derived feature that a file would bear, and why it is offered."""

    feature: DerivedFeature
    reason: str


def add_derived(table: Table, derived: Iterable[DerivedFeature], *, series: str = "", time: str = "") -> Table:
    """Return a table with the columns of derived features at its end.

    An age counts the rows of a series, in the order of time, since the column last had a value: 0 where it has one, and from 1 on where it
    has had none yet. A change is a value less the last one before it in its series, over empty cells too: 0 where it is the first, and
    empty where the cell is, to be filled as any feature. A one hot is 1 where the column has the value, 0 where it has another, and empty
    where its cell is. A place in a cycle is the sine and the cosine of an angle; midnight, Monday and the first of January are at 0.

    Raises:
        RolesError: the column of an age, a change or a one hot is not in the file, a cycle without dates, or a name that the file has
            already.
        CellError: a row without a time, or a change of what is no number.
    """
    wanted = tuple(derived)
    if not wanted:
        return table
    columns: dict[str, Float[np.ndarray, " row"]] = {}
    whole, table = table, without_empty_rows(table)
    times, ordered = _times(table, time)
    for feature in wanted:
        taken = [name for name in feature.names if name in table.frame]
        if taken:
            raise RolesError(f"{table.name} has a column {taken[0]!r} already. Rename it, or do not derive it.")
        if feature.kind == "age":
            columns[feature.names[0]] = _age(table, feature.column, ordered, series)
        elif feature.kind == "change":
            columns[feature.names[0]] = _change(table, feature.column, ordered, series)
        elif feature.kind == "one hot":
            cells = _as_values(_column(table, feature.column, "whose values are features"))
            columns[feature.names[0]] = np.where(cells.isna(), np.nan, (cells == feature.value).astype(float))
        else:
            columns |= dict(zip(feature.names, _cycle(table, times, feature.kind), strict=True))
    of_rows = pd.DataFrame(columns, index=whole.frame.notna().any(axis=1).to_numpy().nonzero()[0] if table is not whole else None)
    made = pd.concat([whole.frame.reset_index(drop=True), of_rows], axis=1)  # rows without a value stay without one
    made.index = whole.frame.index
    return replace(whole, frame=made)


def one_hot(table: Table, column: str) -> tuple[DerivedFeature, ...]:
    """Return a feature for each value of a column, () where it has fewer than two or more than twenty.

    Raises:
        RolesError: the file has no such column.
    """
    values = sorted(_as_values(_column(table, column, "whose values are to be features")).dropna().unique())
    return tuple(DerivedFeature("one hot", column, value) for value in values if value) if 2 <= len(values) <= MOST_ONE_HOT else ()


def offer_derived(table: Table, roles: Roles) -> tuple[DerivedOffer, ...]:
    """Return the derived features that a file would bear: ages of features with missing cells, small changes of values that are to be
    forecast, and cycles that the file is long enough for.
    """
    missing = dict(zip(map(str, table.frame), table.frame.isna().mean().tolist(), strict=True))
    shares = {name: missing[name] for name in roles.features if name in missing}
    often = sorted((name for name, share in shares.items() if OFTEN_MISSING <= share < 1), key=lambda name: -shares[name])
    offers = [
        DerivedOffer(
            DerivedFeature("age", name),
            f"{shares[name]:.0%} of the cells of {name} are empty and are filled: how old the filled value is tells how far to trust it.",
        )
        for name in often[:MOST_AGES]
    ]
    try:
        filled = without_empty_rows(table)
        times, ordered = _times(filled, roles.time)
        offers += _small_changes(filled, roles, ordered)
    except CellError:  # a row without a time, or a text among numbers: said where the column is chosen
        return tuple(offers)
    if times.dtype.kind != "M":
        return tuple(offers)
    seconds = np.unique(_seconds(times))
    length = float(seconds[-1] - seconds[0]) if len(seconds) > 1 else 0.0
    step = float(np.median(np.diff(seconds))) if len(seconds) > 1 else 0.0
    for kind, period in PERIODS.items():
        if step and step < period / 3 and length >= CYCLES * period:
            reason = f"the file covers {length / period:.0f} {_CYCLE_NAMES[kind]}, in steps of {step / 3600:.3g} h: what follows the clock "
            offers.append(DerivedOffer(DerivedFeature(kind), f"{reason[0].upper()}{reason[1:]}can be learned as such."))
    return tuple(offers)


_CYCLE_NAMES: dict[DerivedKind, str] = {"hour of day": "days", "day of week": "weeks", "day of year": "years"}


def _times(table: Table, time: str) -> tuple[Times, Times]:
    """Return the time of each row as the clock shows it, and what the rows are ordered by."""
    clock = read_times(table, time if time in table.frame else "")
    return clock.wall, clock.instants


def _small_changes(table: Table, roles: Roles, ordered: Times) -> Iterator[DerivedOffer]:
    """Yield the changes of features to be forecast that move little from row to row, beside how far they move in the whole file."""
    forecast = [name for name in roles.features if name in roles.targets and name in table.frame] if roles.task == "values" else []
    for name in forecast[:MOST_CHANGES]:
        changes, values = _change(table, name, ordered, roles.series), numbers(table, name)
        seen = changes[~np.isnan(changes)]
        step, spread = (float(np.ptp(np.nanquantile(one, (0.05, 0.95)))) if len(seen) else 0.0 for one in (changes, values))
        if 1e-9 * spread < step < SMALL_CHANGE * spread:
            reason = f"9 of 10 values of {name} lie within {spread:.2g}, 9 of 10 changes from row to row within {step:.2g}: such steps "
            yield DerivedOffer(DerivedFeature("change", name), f"{reason}are hard to see beside the level.")


def _age(table: Table, column: str, times: Times, series: str) -> Float[np.ndarray, " row"]:
    seen = _column(table, column, "the age of whose last value is a feature").notna().to_numpy()
    order, first = _in_order(table, times, series)
    place = np.arange(len(order))
    last_seen = np.maximum.accumulate(np.where(seen[order], place, -1))
    return _by_row(order, np.where(last_seen >= first, place - last_seen, place - first + 1).astype(float))


def _change(table: Table, column: str, times: Times, series: str) -> Float[np.ndarray, " row"]:
    _column(table, column, "whose change is a feature")
    values = numbers(table, column)
    order, first = _in_order(table, times, series)
    seen_until = np.maximum.accumulate(np.where(np.isnan(values[order]), -1, np.arange(len(order))))
    before = np.concatenate([[-1], seen_until[:-1]])
    before = np.where(before >= first, before, np.arange(len(order)))
    with np.errstate(over="ignore"):  # an infinite change is refused with the column's other cells
        return _by_row(order, values[order] - values[order][before])


def _in_order(table: Table, times: Times, series: str) -> tuple[Int[np.ndarray, " row"], Int[np.ndarray, " row"]]:
    """Return the rows in the order of series and time, and for each of them the place at which its series begins."""
    rows = len(table.frame)
    owner = pd.factorize(table.frame[series], use_na_sentinel=False)[0] if series in table.frame else np.zeros(rows, dtype=int)
    order = np.lexsort((times, owner))
    begins = np.concatenate([[True], owner[order][1:] != owner[order][:-1]])
    return order, np.maximum.accumulate(np.where(begins, np.arange(rows), 0))


def _by_row(order: Int[np.ndarray, " row"], values: Float[np.ndarray, " row"]) -> Float[np.ndarray, " row"]:
    made = np.empty(len(order))
    made[order] = values
    return made


def _column(table: Table, column: str, why: str) -> pd.Series:
    if column not in table.frame:
        raise RolesError(f"{table.name} has no column {column!r}, {why}. Rename a column, or add it.")
    return table.frame[column]


def _as_values(cells: pd.Series) -> pd.Series:
    """Return cells as text, whole numbers without a decimal point, empty ones as missing."""
    return as_text(cells).where(cells.notna())


def _cycle(table: Table, times: Times, kind: DerivedKind) -> tuple[Float[np.ndarray, " row"], Float[np.ndarray, " row"]]:
    if times.dtype.kind != "M":
        raise RolesError(f"The {kind} is made from dates, and {table.name} has no column of them as its time. Choose one on the Data page.")
    if kind == "day of year":
        index = pd.DatetimeIndex(times)
        days = index.day_of_year.to_numpy(dtype=float) - 1 + (_seconds(times) % DAY) / DAY
        angle = 2 * np.pi * days / np.where(index.is_leap_year, 366.0, 365.0)
    else:
        shift = EPOCH_WEEKDAY if kind == "day of week" else 0.0
        angle = 2 * np.pi * ((_seconds(times) + shift) % PERIODS[kind]) / PERIODS[kind]
    return np.sin(angle), np.cos(angle)


def _seconds(times: Times) -> Float[np.ndarray, " row"]:
    return times.astype("datetime64[ns]").astype(np.int64) / 1e9
