"""The nearest neighbours of a window in the training part, and whether it is further from them than windows usually are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Int
from scipy.spatial.distance import cdist

from complex_lstm.data import Dataset, Windows
from complex_lstm.interpretation.edits import stretched
from complex_lstm.interpretation.global_importance import evenly_spread

MOST, MOST_CELLS = 2000, 10_000_000  # windows compared with, and cells of them all: 40 MB
SAMPLED = 100  # of them whose own nearest neighbour gives the usual distance


@dataclass(frozen=True)
class Neighbourhood:
    """Windows of the training part, or of all where it is not known, and how far they are from each other.

    Windows of another length are stretched to that of the window in question. A distance is the root mean square difference of
    two windows' cells in standard deviations. `usual` holds distances of some of the windows from their own nearest,
    sorted. Windows that share steps with the one in question are no neighbours: they are partly the same. `every` is how many there
    are, of which those that fit 40 MB, and 2,000 at most, are compared.
    """

    numbers: Int[np.ndarray, " neighbour"]
    windows: Float32[np.ndarray, "neighbour time feature"]
    usual: Float[np.ndarray, " sampled"]
    name: str
    every: int = 0

    @property
    def words(self) -> str:
        """How many windows are compared, and where they are a sample of how many."""
        count = len(self.numbers)
        return f"{count:,} {self.name}" if count >= self.every else f"{count:,} of {self.every:,} {self.name}, evenly spread"

    def distances(self, x: Float[np.ndarray, "time feature"]) -> Float[np.ndarray, " neighbour"]:
        """Return how far a window is from each neighbour."""
        return _apart(x[None], self.windows)[0]

    def nearest(self, x: Float[np.ndarray, "time feature"], most: int) -> Int[np.ndarray, " nearest"]:
        """Return the numbers of the neighbours that are nearest to a window, the nearest first."""
        return self.numbers[np.argsort(self.distances(x), kind="stable")[:most]]

    def unusual(self, distance: float) -> float:
        """Return the share of windows whose own nearest neighbour is nearer than this."""
        return float(np.searchsorted(self.usual, distance) / len(self.usual)) if len(self.usual) else 0.0


def neighbourhood(dataset: Dataset, window: int) -> Neighbourhood:
    """Return the neighbourhood of a window: at most 2,000 windows, evenly spread over the training part."""
    windows, features = dataset.windows, len(dataset.schema.roles.features)
    training, length = windows.of_part("training"), int(windows.length[window])
    pool = training if len(training) else np.arange(len(windows))
    pool = pool[~overlapping(windows, np.array([window]), windows, pool)[0]]
    every = len(pool)
    if every:
        pool = evenly_spread(pool, max(1, min(MOST, MOST_CELLS // (length * features))))
    gathered = np.zeros((len(pool), length, features), dtype=np.float32)
    for place, number in enumerate(pool):
        gathered[place] = stretched(windows.inputs(np.array([number]))[0], length)
    name = "training windows" if len(training) else "windows of this file"
    return Neighbourhood(pool, gathered, _usual(dataset, pool, gathered), name, every)


def _usual(
    dataset: Dataset, pool: Int[np.ndarray, " neighbour"], windows: Float32[np.ndarray, "neighbour time feature"]
) -> Float[np.ndarray, " sampled"]:
    """Return the sorted distances of some windows from their nearest neighbour that shares no step with them."""
    if len(pool) < 2:
        return np.zeros(0)
    sampled = evenly_spread(np.arange(len(pool)), SAMPLED)
    apart = _apart(windows[sampled], windows)
    nearest = np.where(overlapping(dataset.windows, pool[sampled], dataset.windows, pool), np.inf, apart).min(axis=1)
    return np.sort(nearest[np.isfinite(nearest)])


def _apart(
    first: Float[np.ndarray, "window time feature"], second: Float[np.ndarray, "neighbour time feature"]
) -> Float[np.ndarray, "window neighbour"]:
    cells = first.shape[1] * first.shape[2]
    return cdist(first.reshape(len(first), cells), second.reshape(len(second), cells)) / np.sqrt(cells)


def overlapping(
    first: Windows, these: Int[np.ndarray, " window"], second: Windows, those: Int[np.ndarray, " neighbour"]
) -> Bool[np.ndarray, "window neighbour"]:
    """Return which windows of two lists of one file share a step, each with itself too."""
    begin, end = first.start[these][:, None], (first.start + first.length)[these][:, None]
    other_begin, other_end = second.start[those], (second.start + second.length)[those]
    return (first.series[these][:, None] == second.series[those]) & (begin < other_end) & (other_begin < end)
