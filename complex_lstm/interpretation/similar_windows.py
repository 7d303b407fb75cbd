"""The training windows that are most like a window as the model sees them, and whether even they are far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int

from complex_lstm.data import Windows
from complex_lstm.errors import Stopped, never_stop
from complex_lstm.evaluation.window_map import MappedWindows, spread
from complex_lstm.interpretation.nearest_neighbours import overlapping

SHOWN = 5
SAMPLED = 500  # windows whose own nearest gives the usual distance: all of 20,000 with each other would take a minute
AT_ONCE = 50
FAR = 0.99  # share of the training windows that have a nearer one


@dataclass(frozen=True)
class Known:
    """The windows that others are compared with: those of the training part, or all of the file where it has none.

    places  among the mapped windows
    usual   the distances of `SAMPLED` of them, evenly spread, from their own nearest that shares no step with them, sorted
    """

    places: Int[np.ndarray, " known"]
    usual: Float[np.ndarray, " sampled"]
    of_training: bool

    @property
    def name(self) -> str:
        return "training windows" if self.of_training else "windows of this file"


@dataclass(frozen=True)
class Similar:
    """The nearest known windows by their places among the mapped ones, the nearest first, and how far each is.

    `nearer` is for each the share of the known windows whose own nearest is nearer than that.
    """

    places: Int[np.ndarray, " similar"]
    distances: Float[np.ndarray, " similar"]
    nearer: Float[np.ndarray, " similar"]

    @property
    def is_far(self) -> bool:
        """Whether even the nearest is further than 99% of the known windows have theirs."""
        return bool(len(self.nearer) and self.nearer[0] >= FAR)


def known_windows(mapped: MappedWindows, *, stop: Callable[[], bool] = never_stop) -> Known:
    """Return the windows that others are compared with.

    Raises:
        Stopped: `stop` returned True.
    """
    windows = mapped.dataset.windows
    training = np.flatnonzero(windows.part[mapped.chosen] == "training")
    places = training if len(training) else np.arange(len(mapped.chosen))
    numbers, sampled = mapped.chosen[places], places[spread(len(places), SAMPLED)]
    usual = []
    for begin in range(0, len(sampled), AT_ONCE):
        if stop():
            raise Stopped
        some = sampled[begin : begin + AT_ONCE]
        apart = mapped.ruler.distances(mapped.points[some], mapped.points[places])
        usual.append(np.where(overlapping(windows, mapped.chosen[some], windows, numbers), np.inf, apart).min(axis=1))
    found = np.concatenate(usual)
    return Known(places, np.sort(found[np.isfinite(found)]), bool(len(training)))


def similar_windows(
    mapped: MappedWindows, known: Known, point: Float32[np.ndarray, " dimension"], windows: Windows, number: int, *, count: int = SHOWN
) -> Similar:
    """Return the nearest known windows of a window, without itself and those that share steps with it.

    It is `number` of `windows`, which are of the same file as the mapped ones and may be other windows of it.
    """
    free = ~overlapping(windows, np.array([number]), mapped.dataset.windows, mapped.chosen[known.places])[0]
    places = known.places[free]
    distances = mapped.ruler.distances(point[None], mapped.points[places])[0]
    nearest = np.argsort(distances, kind="stable")[:count]
    nearer = np.searchsorted(known.usual, distances[nearest]) / max(len(known.usual), 1)
    return Similar(places[nearest], distances[nearest], nearer)
