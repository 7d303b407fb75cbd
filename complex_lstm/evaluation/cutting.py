"""What windows can be cut by: class, series, group, the clock, what is missing, their length, and each feature's values in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice, pairwise
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, Shaped

from complex_lstm.data import Dataset, is_day_of_recording
from complex_lstm.data.units import digits
from complex_lstm.evaluation.answered import AnsweredWindows
from complex_lstm.evaluation.blocks import window_times

MOST_VALUES = 200  # of a property: of more series or classes, those with most windows are slices
FEW_VALUES = 4  # of a feature, which are its slices as they are
QUARTERS = (0.25, 0.5, 0.75)
AT_ONCE = 4_000_000  # windows times features whose means are held at once
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
UNKNOWN = "a class that the model does not know"
EMPTY = "empty"
PAIR = " × "  # between two properties, and between their values
MOST_PAIRED = 24  # properties: of more features the first ones


@dataclass(frozen=True)
class Cut:
    """The windows cut by one property: the slice of each, -1 for one that is in none. `feature` is its number, -1 for other properties."""

    name: str
    slices: tuple[str, ...]
    of_window: Int[np.ndarray, " window"]
    feature: int = -1


class _Places(NamedTuple):
    """Where the windows lie: series, first step, and the step after the last."""

    series: Int[np.ndarray, " window"]
    start: Int[np.ndarray, " window"]
    stop: Int[np.ndarray, " window"]


def cuts(answered: AnsweredWindows) -> Iterator[Cut]:
    """Yield every cut of the windows into two slices or more. Times are those of a window's last step."""
    yield from _every_cut(answered, None)


def find_cut(answered: AnsweredWindows, name: str) -> Cut | None:
    """Return the cut of a name, by one property or by two, None where there is none of more than one slice."""
    alone = next((cut for cut in _every_cut(answered, name) if cut.name == name), None)
    return alone or next((cut for _, _, cut in paired_cuts(answered) if cut.name == name), None) if PAIR in name else alone


def paired_cuts(answered: AnsweredWindows, fewest: int = 1) -> Iterator[tuple[Cut, Cut, Cut]]:
    """Yield two cuts and the cut by both at once, whose slices have as many windows as is asked for, of every pair of properties.

    Two properties of one feature are no pair: its mean in a window and its last cell say nearly the same.
    """
    for one, other in combinations(islice(cuts(answered), MOST_PAIRED), 2):
        if one.feature >= 0 and one.feature == other.feature:
            continue
        both = (one.of_window >= 0) & (other.of_window >= 0)
        of_window = np.where(both, one.of_window * len(other.slices) + other.of_window, -1)
        count = np.bincount(of_window[both], minlength=len(one.slices) * len(other.slices))
        of_window = np.where(both & (count[of_window] >= fewest), of_window, -1)
        names = tuple(f"{first}{PAIR}{second}" for first in one.slices for second in other.slices)
        for cut in _if_two(f"{one.name}{PAIR}{other.name}", names, of_window):
            yield one, other, cut


def _every_cut(answered: AnsweredWindows, wanted: str | None) -> Iterator[Cut]:
    """Yield the cuts; of the features only those whose names the wanted one begins with, where one is wanted."""
    windows, dataset = answered.dataset.windows, answered.dataset
    at = _Places(windows.series[answered.windows], windows.start[answered.windows],
                 windows.start[answered.windows] + windows.length[answered.windows])  # fmt: skip
    if answered.is_classes:
        yield from _by_name("class", np.array([*answered.names, UNKNOWN], dtype=object)[answered.actual])
    roles, series = dataset.schema.roles, dataset.series
    if roles.series and not dataset.window.whole_series:
        yield from _by_name(roles.series, np.array([one.name for one in series], dtype=object)[at.series])
    if roles.group and roles.group != roles.series:
        yield from _by_name(roles.group, np.array([one.group for one in series], dtype=object)[at.series])
    yield from _by_clock(dataset, answered.windows)
    yield from _by_quarter("window length", (at.stop - at.start).astype(float), "steps")
    features = [number for number, name in enumerate(roles.features) if wanted is None or wanted.startswith(name)]
    yield from _by_missing(dataset, at)
    yield from _by_features(dataset, at, features)


def _by_name(name: str, values: Shaped[np.ndarray, " window"]) -> Iterator[Cut]:
    """Yield the cut by a text that each window has; windows without one are in no slice."""
    names, of_window, counts = np.unique(values.astype(str), return_inverse=True, return_counts=True)
    counts = np.where(names == "", 0, counts)
    kept = np.sort(np.argsort(-counts, kind="stable")[: min(MOST_VALUES, int((counts > 0).sum()))])
    number = np.full(len(names), -1)
    number[kept] = np.arange(len(kept))
    yield from _if_two(name, tuple(map(str, names[kept])), number[of_window])


def _if_two(name: str, slices: tuple[str, ...], of_window: Int[np.ndarray, " window"], feature: int = -1) -> Iterator[Cut]:
    """Yield a cut of the slices that have windows, nothing where one slice has all."""
    counts = np.bincount(of_window[of_window >= 0], minlength=len(slices))
    kept = np.flatnonzero(counts)
    if len(kept) and counts.max() < len(of_window):
        number = np.full(len(slices) + 1, -1)  # the last place is that of -1
        number[kept] = np.arange(len(kept))
        yield Cut(name, tuple(slices[one] for one in kept), number[of_window], feature)


def _by_clock(dataset: Dataset, windows: Int[np.ndarray, " window"]) -> Iterator[Cut]:
    times = window_times(dataset, windows)
    if times is None:
        return
    days = times.astype("datetime64[D]")
    hours = ((times - days) // np.timedelta64(1, "h")).astype(int)
    yield from _if_two("hour of day", tuple(f"{hour:02}:00 to {hour:02}:59" for hour in range(24)), hours)
    if not is_day_of_recording(times):  # its date is not the file's
        yield from _if_two("weekday", DAYS, (days.astype(int) + 3) % 7)  # day 0 was a Thursday
        yield from _if_two("month", MONTHS, times.astype("datetime64[M]").astype(int) % 12)


def _by_missing(dataset: Dataset, at: _Places) -> Iterator[Cut]:
    """Yield the cut by the share of a window's cells that are empty in the file: none, and below and above the median of the others."""
    share = np.zeros(len(at.start))
    for number in np.unique(at.series).tolist():
        own = at.series == number
        empty = np.isnan(dataset.series[number].values).mean(axis=1)
        before = np.concatenate([[0.0], np.cumsum(empty)])
        share[own] = (before[at.stop[own]] - before[at.start[own]]) / (at.stop[own] - at.start[own])
    share = np.round(share, 9)
    if not share.any():
        return
    middle = float(np.median(share[share > 0]))
    names = ("none", f"up to {middle:.1%}", f"more than {middle:.1%}")
    yield from _if_two("missing cells", names, np.where(share == 0, 0, np.where(share <= middle, 1, 2)))


def _by_features(dataset: Dataset, at: _Places, features: list[int]) -> Iterator[Cut]:
    """Yield for each feature the cuts by its mean over the window and by its last cell, in quarters of the windows."""
    schema, most = dataset.schema, max(1, AT_ONCE // max(len(at.start), 1))
    for first in range(0, len(features), most):
        chosen = features[first : first + most]
        means, lasts = _means_and_lasts(dataset, at, chosen)
        for place, feature in enumerate(chosen):
            name = schema.roles.features[feature]
            for what, values in (("window mean", means[:, place]), ("last cell", lasts[:, place])):
                yield from _by_quarter(f"{name}, {what}", values, schema.unit(name), feature)


def _means_and_lasts(
    dataset: Dataset, at: _Places, features: list[int]
) -> tuple[Float[np.ndarray, "window feature"], Float[np.ndarray, "window feature"]]:
    """Return the mean of the known cells of each window, NaN where there is none, and its last cell, NaN where it is empty."""
    means, lasts = np.full((2, len(at.start), len(features)), np.nan)
    for number in np.unique(at.series).tolist():
        own = at.series == number
        values = dataset.series[number].values[:, features]
        seen = ~np.isnan(values)
        middle = np.where(seen, values, 0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)  # sums of small numbers keep their digits
        known, sums = (
            np.concatenate([np.zeros((1, len(features))), np.cumsum(one, axis=0)]) for one in (seen, np.where(seen, values - middle, 0))
        )
        count = known[at.stop[own]] - known[at.start[own]]
        with np.errstate(divide="ignore", invalid="ignore"):
            means[own] = (sums[at.stop[own]] - sums[at.start[own]]) / count + middle
        lasts[own] = values[at.stop[own] - 1]
    return means, lasts


def _by_quarter(name: str, values: Float[np.ndarray, " window"], unit: str, feature: int = -1) -> Iterator[Cut]:
    """Yield the cut by a number into quarters of the windows, or by its values where it has few; "empty" where it is NaN."""
    known = ~np.isnan(values)
    if not known.any():
        return
    spread = float(np.ptp(values[known]))
    step = 10.0 ** (np.floor(np.log10(spread)) - 9) if spread > 0 else 1.0
    names: tuple[str, ...]
    if spread <= 1e-9 * np.abs(values[known]).max():
        names, codes = (_written(float(values[known][0]), unit),), np.zeros(len(values), dtype=int)
    else:
        values = np.round(values / step) * step + 0.0  # no -0; sums in another order differ in their last digits
        distinct = np.unique(values[known])
        if len(distinct) <= FEW_VALUES:
            names, codes = tuple(_written(float(one), unit) for one in distinct), np.searchsorted(distinct, values)
        else:
            edges = np.unique(np.quantile(values[known], QUARTERS))
            names, codes = _ranges([distinct[0], *edges, distinct[-1]], unit), np.searchsorted(edges, values)
    yield from _if_two(name, (*names, EMPTY), np.where(known, codes, len(names)), feature)


def _ranges(bounds: list[float], unit: str) -> tuple[str, ...]:
    """Return the stretches between bounds in words: with as many digits as tell them apart."""
    texts = [digits(float(one)) for one in bounds]
    if len(set(texts)) < len(set(bounds)):
        texts = [f"{one:.10g}" for one in bounds]
    return tuple(f"{low} to {high} {unit}".strip() if low != high else f"{low} {unit}".strip() for low, high in pairwise(texts))


def _written(value: float, unit: str) -> str:
    return f"{digits(value)} {unit}".strip()
