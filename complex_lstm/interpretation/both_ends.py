"""Both ends of a ranking: how few of its first cells keep the output where it is, and take it away when they are removed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from complex_lstm.interpretation.forward import ForwardFunction
from complex_lstm.interpretation.rankings import outputs_along

SHARES = np.array([0.01, 0.014, 0.02, 0.028, 0.04, 0.057, 0.08, 0.113, 0.16, 0.226, 0.3])  # of the cells, each 1.4 times the last
KEEPS, TAKES = 0.6, 0.4  # the part of the gap that the first cells have to keep when alone, and to take away when removed


@dataclass(frozen=True)
class BothEnds:
    """What the first cells of rankings keep of the gap and take of it, as parts of it, by their share of all cells.

    kept    1: with these cells alone the output is the window's; 0: it is the baseline's
    taken   1: without these cells the output is the baseline's; 0: it is the window's
    shares  of all cells, rising
    """

    kept: Float[np.ndarray, "ranking share"]
    taken: Float[np.ndarray, "ranking share"]
    shares: Float[np.ndarray, " share"]

    @property
    def needed(self) -> Float[np.ndarray, " ranking"]:
        """The smallest share of cells that keeps 60% of the gap and takes away 40% of it; 1 where 30% of the cells do not.

        Of redundant cells the removal takes little until all are gone, so that it is asked for less.
        """
        beyond = np.minimum(self.kept - KEEPS, self.taken - TAKES)
        return np.array([_first_reached(one, self.shares) for one in beyond])


def _first_reached(beyond: Float[np.ndarray, " share"], shares: Float[np.ndarray, " share"]) -> float:
    """Return the share at which a curve first reaches zero, interpolated in the shares' logarithm."""
    reached = np.flatnonzero(beyond >= 0)
    if not len(reached):
        return 1.0
    place = int(reached[0])
    if not place:
        return float(shares[0])
    part = -beyond[place - 1] / (beyond[place] - beyond[place - 1])
    between = shares[place - 1] * (shares[place] / shares[place - 1]) ** part
    return float(min(between, shares[place]))  # rounding may bring it above, where nothing was tried


def both_ends(
    forward_func: ForwardFunction, rankings: Int[np.ndarray, "ranking cell"], first: Int[np.ndarray, " share"], intact: float, empty: float
) -> BothEnds:
    """Return what so many first cells of rankings keep and take of the gap from `empty` to `intact`."""
    removed, alone = outputs_along(forward_func, rankings, first)
    gap = intact - empty
    return BothEnds((alone - empty) / gap, (intact - removed) / gap, first / rankings.shape[1])


def counts(cells: int) -> Int[np.ndarray, " share"]:
    """Return how many of so many cells the shares are, at least one, each number once."""
    return np.unique(np.maximum(1, np.round(SHARES * cells)).astype(int))
