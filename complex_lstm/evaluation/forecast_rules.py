"""Forecasts without any fitting: the last value repeated, and the value at the same hour a day or a week before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from jaxtyping import Bool, Float, Int

from complex_lstm.data import Dataset, times_at
from complex_lstm.data.times import duration, steps_between
from complex_lstm.evaluation.fitted import NotFitted, SimpleModel

HOUR, DAY, WEEK = 3600, 86400, 7 * 86400
TRIES = 7  # seasons that are looked at, one before the other, where a row or its value is missing
NEARLY = 0.05  # of a time step, by which a number of them may miss a day or a week: loggers drift
ENOUGH = 0.5  # share of the windows that must have the value, for the rule to be what it is called


def persistence(dataset: Dataset) -> SimpleModel:
    """Return the rule that repeats a window's last value of each target, carried on where that is missing. NaN where none is known."""
    how = "the last value of each target in the window, or the last one before where that is missing"
    return SimpleModel("repeating the last value", how, lambda windows: dataset.windows.last[windows])


def seasonal_rules(dataset: Dataset) -> list[SimpleModel | NotFitted]:
    """Return the rules that repeat the value a day and a week before the one to be predicted, as far as the file has such rows.

    Without a season there is one that says why.
    """
    name = "the same hour yesterday"
    if any(one.times.dtype.kind != "M" for one in dataset.series):
        return [NotFitted(name, "the file has no dates, so there is no hour of the day")]
    steps = [gaps for one in dataset.series if len(gaps := steps_between(one.instants))]
    step = float(np.median(np.concatenate(steps))) if steps else 0.0
    periods = [period for period in (DAY, WEEK) if _divides(step, period)]
    if not periods:
        return [NotFitted(name, f"the time step of {duration(step)} divides neither a day nor a week")]
    found = [_seasonal(dataset, period, step) for period in periods]
    rules = [one for one in found if one is not None]
    return [*rules] or [NotFitted(name, "fewer than half of the windows have a value a day or a week before the one to be predicted")]


def _divides(step: float, period: int) -> bool:
    """Return whether there are two or more whole time steps in a period."""
    steps = period / step if step > 0 else 0.0
    return steps > 1.5 and abs(steps - round(steps)) < NEARLY


@dataclass(frozen=True)
class _Looked:
    """For each window the value found (NaN where none is), and whether it lies one season before, or the first that is known by then."""

    values: Float[np.ndarray, "window target"]
    at_once: Bool[np.ndarray, " window"]


def _seasonal(dataset: Dataset, period: int, step: float) -> SimpleModel | None:
    looked = _look_back(dataset, np.arange(len(dataset.windows)), period, step)
    share = float(looked.at_once.mean()) if len(looked.at_once) else 0.0
    if share < ENOUGH:
        return None
    back = max(1, int(np.ceil(round(dataset.window.horizon * step / period, 6))))
    what = "the same hour" if abs(step / HOUR - 1) < NEARLY else "the same time"
    ago = {DAY: "yesterday", WEEK: "a week ago"}[period] if back == 1 else f"{back} {'days' if period == DAY else 'weeks'} before"
    unit = "day" if period == DAY else "week"
    how = f"the value {back} {unit}{'s' if back > 1 else ''} before the one to be predicted"
    if share < 1:
        lacking = f"{1 - share:.1%}" if share < 0.999 else "less than 0.1%"
        how += f"; {lacking} of the windows have none there: that of an earlier {unit}, or the last value, stands in"
    return SimpleModel(f"{what} {ago}", how, partial(_repeat, dataset, period, step))


def _repeat(dataset: Dataset, period: int, step: float, windows: Int[np.ndarray, " window"]) -> Float[np.ndarray, "window target"]:
    values = _look_back(dataset, windows, period, step).values
    return np.where(np.isnan(values), dataset.windows.last[windows], values)


def _look_back(dataset: Dataset, windows: Int[np.ndarray, " window"], period: int, step: float) -> _Looked:
    """Look for the value one season before the one to be predicted, or as many seasons as it takes to be known at the window's end.

    A row counts as that time within half a time step. Where it or its value is missing, earlier seasons are tried.
    """
    values = np.full((len(windows), len(dataset.schema.outputs)), np.nan)
    at_once = np.zeros(len(windows), dtype=bool)
    of = dataset.windows
    ends = of.last_step(windows)
    for number in np.unique(of.series[windows]).tolist():
        one, own = dataset.series[number], np.nonzero(of.series[windows] == number)[0]
        seconds, end = _seconds(one.instants), ends[own]
        wanted = _seconds(times_at(one.instants, end + dataset.window.horizon))
        first = np.maximum(1, np.ceil((wanted - seconds[end] - step / 2) / period))
        known = np.zeros(len(own), dtype=bool)
        for attempt in range(TRIES):
            before = wanted - (first + attempt) * period
            row = np.clip(np.searchsorted(seconds, before - step / 2), 0, len(seconds) - 1)
            there = (np.abs(seconds[row] - before) <= step / 2) & (row <= end)
            found = np.where((there & ~known)[:, None], one.targets[row], np.nan)
            values[own] = np.where(np.isnan(values[own]), found, values[own])
            known = ~np.isnan(values[own]).any(axis=1)
            if attempt == 0:
                at_once[own] = known
            if known.all():
                break
    return _Looked(values, at_once)


def _seconds(times: np.ndarray) -> Float[np.ndarray, " time"]:
    return times.astype("datetime64[ms]").astype(np.int64) / 1000
