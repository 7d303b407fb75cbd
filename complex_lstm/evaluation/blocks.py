"""Windows in blocks that are about independent of each other, and scores resampled by them.

Neighbouring windows overlap, and the next hour is like this one: to draw single windows anew would make every interval too narrow.
So whole series are drawn, or whole days, or stretches of time (the block bootstrap: Künsch 1989, Annals of Statistics 17).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, Shaped

from complex_lstm.data import Dataset, times_at
from complex_lstm.data.times import steps_between

FEWEST = 6  # blocks: of fewer, the draws say next to nothing of other data, and no interval is given
MANY_SERIES = 10  # from here on series are the blocks; below, days are
DRAWS = 2000
LEVEL = 0.95
DAY = 86400  # seconds


@dataclass(frozen=True)
class Interval:
    """A value and the interval that holds it in 95 of 100 draws of the blocks; low and high are NaN where the blocks are too few."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Blocks:
    """The block of each window, counted from 0, and what the blocks are: "series", "days" or "stretches of 48 steps"."""

    of_window: Int[np.ndarray, " window"]
    count: int
    kind: str

    @property
    def is_enough(self) -> bool:
        """Whether there are so many blocks that an interval says something."""
        return self.count >= FEWEST

    def sums(self, values: Float[np.ndarray, " window *column"]) -> Float[np.ndarray, " block *column"]:
        """Return the sum of the values over the windows of each block."""
        total = np.zeros((self.count, *values.shape[1:]))
        np.add.at(total, self.of_window, values)
        return total

    def draws(self, seed: int = 0, count: int = DRAWS) -> Int[np.ndarray, "draw block"]:
        """Return how often each block is in each draw of as many blocks as there are, with replacement."""
        generator = np.random.default_rng(seed)
        return generator.multinomial(self.count, np.full(self.count, 1 / self.count), size=count)

    def folds(self, count: int) -> Int[np.ndarray, " window"]:
        """Return the fold of each window: runs of neighbouring blocks with about equally many windows, so that no block is in two."""
        of_block = np.bincount(self.of_window, minlength=self.count)
        before = np.cumsum(of_block) - of_block / 2  # the middle of each block, counted in windows
        return np.asarray((before * min(count, self.count) / max(1, len(self.of_window))).astype(int)[self.of_window])

    def resampled(self, seed: int = 0, count: int = 400) -> Iterator[Int[np.ndarray, " window"]]:
        """Yield for each draw the places of its windows: for what is no mean, such as the area under a curve."""
        places = np.split(np.argsort(self.of_window, kind="stable"), np.cumsum(np.bincount(self.of_window, minlength=self.count))[:-1])
        generator = np.random.default_rng(seed)
        for _ in range(count):
            yield np.concatenate([places[block] for block in generator.integers(self.count, size=self.count)])


def blocks_of(dataset: Dataset, windows: Int[np.ndarray, " window"]) -> Blocks:
    """Return the blocks of these windows: their series where there are ten or more, else the days of their ends, else stretches.

    A day is the same block in all series: the weather of three airports is one weather. Where the file has no dates, too few days, or
    a step or less a day, so that a day would be one window, a stretch is as many steps of a series as a window has.
    """
    series = dataset.windows.series[windows]
    names, of_series = np.unique(series, return_inverse=True)
    if len(names) >= MANY_SERIES or dataset.window.whole_series:
        return Blocks(of_series, len(names), "series")
    times = window_times(dataset, windows)
    if times is not None:
        names, of_day = np.unique(times.astype("datetime64[D]"), return_inverse=True)
        if len(names) >= FEWEST and has_steps_within_days(dataset):
            return Blocks(of_day, len(names), "days")
    length = dataset.window.length
    stretch = dataset.windows.last_step(windows) // length
    names, of_stretch = np.unique(series * (stretch.max(initial=0) + 1) + stretch, return_inverse=True)
    return Blocks(of_stretch, len(names), f"stretches of {length} steps")


def has_steps_within_days(dataset: Dataset) -> bool:
    """Return whether a day has two time steps or more. Of daily or monthly rows a day is one row, and no block of neighbours."""
    gaps = [found for one in dataset.series if len(found := steps_between(one.instants))]
    return bool(gaps) and float(np.median(np.concatenate(gaps))) <= DAY / 2


def window_times(dataset: Dataset, windows: Int[np.ndarray, " window"], ahead: int = 0) -> Shaped[np.ndarray, " window"] | None:
    """Return the time of each window's last step, or so many steps later, by the file's clock; None where it has no dates."""
    series, steps = dataset.windows.series[windows], dataset.windows.last_step(windows) + ahead
    times = np.empty(len(steps), dtype="datetime64[s]")
    for number in np.unique(series).tolist():
        own = series == number
        found = times_at(dataset.series[number].times, steps[own])
        if found.dtype.kind != "M":
            return None
        times[own] = found.astype("datetime64[s]")
    return times


def mean_interval(values: Float[np.ndarray, " window"], blocks: Blocks, *, seed: int = 0) -> Interval:
    """Return the mean of a value over the windows, with the interval of its means over draws of the blocks."""
    return ratio_interval(values, np.ones(len(values)), blocks, seed=seed)


def ratio_interval(above: Float[np.ndarray, " window"], below: Float[np.ndarray, " window"], blocks: Blocks, *, seed: int = 0) -> Interval:
    """Return the sum of one value over that of another, such as two models' errors on the same windows, with its interval.

    Both are drawn together: where a day is hard for both, their ratio hardly changes. NaN where what is below sums to 0.
    """
    return ratio_intervals(above[:, None], below[:, None], blocks, seed=seed)[0]


def ratio_intervals(
    above: Float[np.ndarray, "window column"], below: Float[np.ndarray, "window column"], blocks: Blocks, *, seed: int = 0
) -> tuple[Interval, ...]:
    """Return the same of several columns, which share their draws."""
    over, under = blocks.sums(above), blocks.sums(below)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = over.sum(axis=0) / under.sum(axis=0)
        if not blocks.is_enough:
            return tuple(Interval(float(value), np.nan, np.nan) for value in values)
        drawn = blocks.draws(seed).astype(float)
        ratios = (drawn @ over) / (drawn @ under)
    return tuple(drawn_interval(float(value), column) for value, column in zip(values, ratios.T, strict=True))


def drawn_interval(value: float, drawn: Float[np.ndarray, " draw"]) -> Interval:
    """Return a value with the interval of its values in draws of the blocks; those that are not defined (NaN) are left out."""
    known = drawn[np.isfinite(drawn)]
    if not len(known):
        return Interval(value, np.nan, np.nan)
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(value, float(low), float(high))


def statistic_interval(
    statistic: Callable[[Int[np.ndarray, " place"]], float], blocks: Blocks, *, seed: int = 0, count: int = 400
) -> Interval:
    """Return a statistic of the windows at some places, here of all, with the interval of its values over draws of the blocks.

    Draws in which it is not defined (NaN), such as an area under a curve without one of the classes, are left out.
    """
    value = statistic(np.arange(len(blocks.of_window)))
    if not blocks.is_enough:
        return Interval(value, np.nan, np.nan)
    return drawn_interval(value, np.array([statistic(places) for places in blocks.resampled(seed, count)]))
