"""From all windows of the model's own stride to those that the bar lists, which may be fewer."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Int

from complex_lstm.data import Windows


def nearest_listed(
    full: Windows, chosen: Int[np.ndarray, " window"], listed: Windows
) -> tuple[Int[np.ndarray, " window"], Bool[np.ndarray, " window"]]:
    """Return for each chosen window of the full list the listed one of the same series that starts nearest, and whether it is the same.

    Both lists are of the same file, read in the same way: they differ in stride alone. Of two that are as near, the earlier.
    Every series of one is in the other, because each part of a series has its first window at any stride.
    """
    nearest, same = np.zeros(len(chosen), dtype=int), np.zeros(len(chosen), dtype=bool)
    series, start = full.series[chosen], full.start[chosen]
    for number in np.unique(series).tolist():
        own = np.nonzero(series == number)[0]
        there = np.nonzero(listed.series == number)[0]
        there = there[np.argsort(listed.start[there], kind="stable")]
        starts = listed.start[there]
        after = np.clip(np.searchsorted(starts, start[own]), 0, len(there) - 1)
        before = np.maximum(after - 1, 0)
        place = np.where(start[own] - starts[before] <= starts[after] - start[own], before, after)
        place = np.where(starts[after] == start[own], after, place)
        nearest[own], same[own] = there[place], starts[place] == start[own]
    return nearest, same


def place_of(full: Windows, chosen: Int[np.ndarray, " window"], listed: Windows, number: int) -> int | None:
    """Return the place of a listed window among the chosen ones of the full list, or None where it is not among them."""
    found = np.nonzero((full.series[chosen] == listed.series[number]) & (full.start[chosen] == listed.start[number]))[0]
    return int(found[0]) if len(found) else None
