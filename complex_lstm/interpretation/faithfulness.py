"""Faithfulness: whether the prediction depends on the cells that an explanation ranks first, against random rankings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from complex_lstm.interpretation.explanation import Attribution, UnsignedAttribution
from complex_lstm.interpretation.forward import ForwardFunction
from complex_lstm.interpretation.rankings import outputs_along, random_rankings, ranking_of

SHARES = np.array([0.0, 0.01, *np.arange(0.05, 1.001, 0.05)])  # of the cells
BINS = (0.01, 0.05, 0.1, 0.2, 0.5)  # of DeYoung et al. 2020
AT_BINS = np.flatnonzero(np.isclose(SHARES[:, None], BINS).any(axis=1))
RANKINGS = 20  # random ones: a random ranking is better than all of them once in 21 times


@dataclass(frozen=True)
class Curves:
    """The output while cells are removed, and while they are put back, in the order of rankings.

    deletion   the output with the first cells at the baseline, by their share (Petsiuk et al. 2018)
    insertion  the output with all but the first cells at the baseline
    """

    deletion: Float[np.ndarray, "ranking share"]
    insertion: Float[np.ndarray, "ranking share"]
    intact: float
    empty: float

    @property
    def towards(self) -> float:
        """+1 where the output lies above its value at the baseline, else -1: the direction that counts as support."""
        return 1.0 if self.intact >= self.empty else -1.0

    @property
    def comprehensiveness(self) -> Float[np.ndarray, " ranking"]:
        """How far the output falls without the first cells, the mean over the first 1, 5, 10, 20 and 50%. High is faithful."""
        return self.towards * (self.intact - self.deletion[:, AT_BINS]).mean(axis=1)

    @property
    def sufficiency(self) -> Float[np.ndarray, " ranking"]:
        """How far the output falls with the first cells alone, the mean over the same shares. Low is faithful."""
        return self.towards * (self.intact - self.insertion[:, AT_BINS]).mean(axis=1)


def faithfulness(forward_func: ForwardFunction, attribution: Attribution) -> Curves:
    """Return the curves of one attribution's ranking: cells that raise the output towards its value first.

    Where the output lies below its value at the baseline the cells that lower it come first; without a sign the
    largest; ties are in random order. Removing cells leaves the training distribution, so that small differences are noise.
    """
    towards = 1.0 if isinstance(attribution, UnsignedAttribution) or forward_func.gap() >= 0 else -1.0
    return _curves(forward_func, ranking_of(attribution, towards)[None])


def random_faithfulness(forward_func: ForwardFunction) -> Curves:
    """Return the curves of 20 random rankings of the same cells: what chance reaches, with its spread."""
    return _curves(forward_func, random_rankings(forward_func.request.x.size, RANKINGS))


def counted_chance(forward_func: ForwardFunction) -> tuple[Curves, int]:
    """Return the curves of random rankings, and in how many evaluations they were found."""
    before = forward_func.evaluations
    return random_faithfulness(forward_func), forward_func.evaluations - before


def _curves(forward_func: ForwardFunction, rankings: Int[np.ndarray, "ranking cell"]) -> Curves:
    deletion, insertion = outputs_along(forward_func, rankings, np.round(SHARES * rankings.shape[1]).astype(int))
    return Curves(deletion, insertion, float(deletion[0, 0]), float(deletion[0, -1]))
