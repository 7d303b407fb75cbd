"""How far the prediction moves, cell by cell, where a map says that it does and where it says that it does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int

from complex_lstm.interpretation.explanation import Attribution
from complex_lstm.interpretation.forward import ForwardFunction
from complex_lstm.interpretation.rankings import largest_first, random_rankings

MOST, SHARE = 50, 0.1  # cells that are removed one after another, as in the paper: so many, or this share of the window's if fewer
RANKINGS = 20  # random ones


@dataclass(frozen=True)
class Cumulative:
    """What rankings reach, in the unit of the explained output.

    difference    summed size of the changes while the largest cells are removed, CPD: high is good
    preservation  the same while the smallest are removed, CPP: low is good
    cells         how many are removed, one after another
    """

    difference: Float[np.ndarray, " ranking"]
    preservation: Float[np.ndarray, " ranking"]
    cells: int


def cumulative(forward_func: ForwardFunction, attribution: Attribution) -> Cumulative:
    """Return the cumulative prediction difference and preservation of one attribution's ranking by size (Jang et al. 2025, TIMING).

        CPD = sum over k of |f(x without the first k cells) - f(x without the first k + 1)|

    Each cell's own effect counts with its size, so that cells which raise the output and cells which lower it do not cancel, as
    they do where all are removed at once (deletion, comprehensiveness). A map is rated for finding both, whatever the sign it gives
    them. Removed cells stay removed; of equal cells the order is random. The paper sums over the probabilities of all
    classes, here it is the explained output's. Single cells of a smooth series change little: see what random rankings reach.
    """
    return _cumulative(forward_func, largest_first(np.abs(attribution.cells))[None])


def random_cumulative(forward_func: ForwardFunction) -> Cumulative:
    """Return the same of 20 random rankings: what chance reaches, with its spread."""
    return _cumulative(forward_func, random_rankings(forward_func.request.x.size, RANKINGS))


def _cumulative(forward_func: ForwardFunction, rankings: Int[np.ndarray, "ranking cell"]) -> Cumulative:
    time, features = forward_func.request.x.shape
    count = max(1, min(MOST, int(SHARE * time * features)))
    intact = forward_func.outputs(forward_func.x)[0]

    def summed(ranking: Int[np.ndarray, " cell"]) -> float:
        place = np.argsort(ranking)
        removed = (place < np.arange(1, count + 1)[:, None]).reshape(-1, time, features)
        outputs = forward_func.without(torch.from_numpy(removed))
        return float(np.abs(np.diff(outputs, prepend=intact)).sum())

    return Cumulative(
        np.array([summed(ranking) for ranking in rankings]),
        np.array([summed(ranking[::-1]) for ranking in rankings]),
        count,
    )
