"""The features of a guess, less the columns from which the answer could be read: each of these with its reason."""

from __future__ import annotations

import numpy as np

from complex_lstm.data.cells import floats
from complex_lstm.data.columns import FEWEST_GROWING
from complex_lstm.data.leaks import (
    COMPARED,
    ROUNDED,
    adds_up,
    counts_to_change,
    determines,
    is_copy,
    is_same_order,
    separates,
    steps_ahead,
)
from complex_lstm.data.row_order import RoleColumns, values_of
from complex_lstm.data.times import Clock

MAX_CLASSES = 50
MOST_IN_SUM = 6  # columns


def features_without_leaks(
    found: RoleColumns, numbered: list[str], targets: tuple[str, ...], label: str, clock: Clock | None, series: np.ndarray
) -> tuple[str, ...]:
    """Return the columns of numbers less those from which the answer could be read, by the first rows in the order of their times."""
    first = _first_in_order(clock, series)
    leaks: dict[str, str] = {}
    if label:
        leaks |= _tell_class(found, numbered, label, first, series, clock)
    answers = {} if label else {target: floats(found.frame[target].iloc[: len(first)])[first] for target in targets}
    for name in numbered if answers else ():
        values = floats(found.frame[name].iloc[: len(first)])[first]
        for target, answer in answers.items() if name not in targets else ():
            if found.of[name].share == 1 and is_copy(values, answer):
                leaks[name] = f"Left out: it copies the target {target}, perhaps in another unit."
            elif found.of[name].share == 1 and is_same_order(values, answer):
                leaks[name] = f"Left out: it rises and falls with the target {target} row for row, so it may be the answer in other words."
            elif ahead := steps_ahead(values, answer, series[first]):
                rows = "the next row" if ahead == 1 else f"the row {ahead} rows later"
                leaks[name] = f"Left out: it holds what the target {target} is in {rows}, which is what is to be forecast."
    for target in targets if not label else ():
        leaks |= _parts_of_sum(found, [name for name in numbered if name not in targets and name not in leaks], target)
    if len(leaks) == len(numbered):
        return tuple(numbered)
    found.reasons.update(leaks)
    return tuple(name for name in numbered if name not in leaks)


def _first_in_order(clock: Clock | None, series: np.ndarray) -> np.ndarray:
    """Return the first rows of a table in the order of their series and times: as many as are compared."""
    some = np.arange(min(len(series), COMPARED))
    return some[np.lexsort((some if clock is None else clock.instants[some], series[some]))]


def _tell_class(
    found: RoleColumns, numbered: list[str], label: str, first: np.ndarray, series: np.ndarray, clock: Clock | None
) -> dict[str, str]:
    """Return the columns of numbers that tell the class, or when it changes, each with the reason to leave it out."""
    labels = found.frame[label].iloc[first].astype(object).where(found.frame[label].iloc[first].notna(), "").astype(str).to_numpy()
    elapsed = np.arange(len(first), dtype=float)
    times = [elapsed] if clock is None else [elapsed, clock.instants[first].astype("datetime64[us]").astype(float)
                                             if clock.instants.dtype.kind == "M" else clock.instants[first]]  # fmt: skip
    told = {}
    for name in numbered:
        column, values = found.of[name], floats(found.frame[name].iloc[first])
        ways = [way for one in times if (way := counts_to_change(values, labels, series[first], one))]
        if falls_evenly(values, series[first]):
            told[name] = f"Left out: it falls by the same amount in each row, so it tells how far the last {label} is."
        elif ways:
            told[name] = (
                f"Left out: it falls evenly until {label} changes, so it tells when that will be."
                if ways[0] == "down"
                else f"Left out: it begins again each time {label} changes, and counts from there, so it tells where that is."
            )
        elif column.is_whole and column.distinct <= MAX_CLASSES and determines(found.frame[name], found.frame[label]):
            told[name] = f"Left out: each of its values goes with one {label}, so it may be the answer in other words."
        elif separates(values, labels):
            told[name] = f"Left out: each {label} has a range of its values for itself, so it may be the answer in other words."
    return told


def _parts_of_sum(found: RoleColumns, names: list[str], target: str) -> dict[str, str]:
    """Return the columns that add up to a target, each with the reason to leave it out."""
    full = [name for name in names if found.of[name].share == 1]
    if len(full) < 2:
        return {}
    summed = [full[place] for place in adds_up(np.column_stack([values_of(found, name) for name in full]), values_of(found, target))]
    if not 1 < len(summed) <= MOST_IN_SUM:
        return {}
    beside = {name: ", ".join(other for other in summed if other != name) for name in summed}
    return {name: f"Left out: with {beside[name]} it adds up to the target {target}, which could be read off them." for name in summed}


def falls_evenly(values: np.ndarray, rows: np.ndarray) -> bool:
    """Return whether a column falls by one amount in every row, of each series: a count of what is left."""
    steps = np.diff(values)[np.diff(rows) == 0]
    return len(steps) >= FEWEST_GROWING and bool(steps[0] < 0 and np.allclose(steps, steps[0], rtol=ROUNDED, atol=0))
