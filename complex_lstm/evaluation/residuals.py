"""Errors of forecasts: by the hour of the day, by the size of what is predicted, and beside those of repeating the last value."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from complex_lstm.data import Dataset
from complex_lstm.evaluation.blocks import Blocks, Interval, ratio_intervals, window_times

QUANTILES = (0.1, 0.5, 0.9)
NEIGHBOURS = 20  # a running median is over a twentieth of the windows
POINTS = 60


def hours_of(dataset: Dataset, windows: Int[np.ndarray, " window"]) -> Int[np.ndarray, " window"] | None:
    """Return the hour of the day of the time that each window forecasts; None where the file has no times of day.

    It is the file's own clock, the hour that has begun.
    """
    times = window_times(dataset, windows, ahead=dataset.window.horizon)
    if times is None:
        return None
    hours = times.astype("datetime64[h]").astype(np.int64) % 24
    return hours if len(np.unique(hours)) > 1 else None  # daily rows are all at midnight


def by_hour(
    errors: Float[np.ndarray, " window"], hours: Int[np.ndarray, " window"]
) -> tuple[Int[np.ndarray, " hour"], Float[np.ndarray, "quantile hour"], Int[np.ndarray, " hour"]]:
    """Return the hours that occur, the quantiles of the errors in each at QUANTILES, and how many windows it has."""
    found, counts = np.unique(hours, return_counts=True)
    return found, np.stack([np.quantile(errors[hours == hour], QUANTILES) for hour in found], axis=1), counts


def running_median(
    x: Float[np.ndarray, " window"], y: Float[np.ndarray, " window"]
) -> tuple[Float[np.ndarray, " point"], Float[np.ndarray, " point"]]:
    """Return the medians of x and y over runs of windows that are neighbours in x, each a twentieth of all or 5 windows."""
    order, reach = np.argsort(x, kind="stable"), max(5, len(x) // NEIGHBOURS)
    first = np.unique(np.linspace(0, max(len(x) - reach, 0), POINTS).astype(int))
    runs = [order[start : start + reach] for start in first.tolist()] if len(x) else []
    return np.array([np.median(x[run]) for run in runs]), np.array([np.median(y[run]) for run in runs])


def skill(
    errors: Float[np.ndarray, "window target"], unchanged: Float[np.ndarray, "window target"], blocks: Blocks
) -> tuple[Interval, ...]:
    """Return for each target 1 less the mean absolute error over that of repeating the last value, `unchanged`, with its interval.

    1 is no error, 0 no better than repeating the last value. Windows without a last value are left out; NaN where that rule has no error.
    """
    known = np.isfinite(unchanged)
    shares = ratio_intervals(np.where(known, np.abs(errors), 0), np.where(known, np.abs(unchanged), 0), blocks)
    return tuple(Interval(1 - one.value if np.isfinite(one.value) else np.nan, 1 - one.high, 1 - one.low) for one in shares)
