"""How the ensemble heads of a model grew apart while it learned, or did not."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from complex_lstm.interpretation.training_dynamics.settling import THIRDS, Third, steps_of
from complex_lstm.runs.snapshots import ProbeSet, Snapshot

HARDLY_APART = 0.1  # a smaller growth of the heads' distance in a third of the run is none to speak of
NOTHING = 1e-6  # spread, as a share of a head's largest output, and residuals that are only rounding


@dataclass(frozen=True)
class Specialising:
    """How the ensemble heads grew apart, pair by pair.

    distance     root mean square of the difference of two heads' outputs over the evaluated windows, each head's outputs first
                 centred (each output on its own) and divided by their root mean square, so that scale and offset do not
                 matter: 0 for heads that say the same, sqrt(2) for unrelated ones, 2 for opposite ones
    correlation  Pearson's, of the heads' errors. Only the combiner reads a head's outputs, and nothing trains them against
                 the truth, so each head is first read out by the affine least squares fit from its outputs to the truth
                 (one-hot classes, or scaled values) over the same windows; the residuals are its errors

    The distance is NaN where a head says the same of all windows, the correlation where a head is read out without error.
    The opposite of a head tells the combiner no more than the head itself: the distance counts it as apart, the errors do not.
    Errors that no reading can avoid are common to all heads, so the correlation is near 1 wherever the task is hard.
    """

    steps: Int[np.ndarray, " moment"]
    pairs: tuple[tuple[int, int], ...]
    distance: Float[np.ndarray, "moment pair"]
    correlation: Float[np.ndarray, "moment pair"]

    @property
    def growth(self) -> Float[np.ndarray, " third"]:
        """How far the mean distance of the pairs grew in each third of the run; between two moments it is interpolated."""
        mean = self.distance.mean(axis=1)
        known = np.isfinite(mean)
        if not known.any():
            return np.full(3, np.nan)
        return np.diff(np.interp(np.linspace(self.steps[0], self.steps[-1], 4), self.steps[known], mean[known]))

    @property
    def third(self) -> Third | None:
        """The third of the run with most of the growth; None where the heads hardly grew apart in any."""
        growth = self.growth
        return THIRDS[int(growth.argmax())] if growth.max() >= HARDLY_APART else None


def specialising(watched: ProbeSet, moments: tuple[Snapshot, ...]) -> Specialising:
    """Return how the ensemble heads grew apart."""
    outputs = np.stack([moment.ensemble_head_outputs for moment in moments]).astype(np.float64)
    truth = _as_numbers(watched, outputs.shape[-1])
    pairs = tuple(itertools.combinations(range(outputs.shape[2]), 2))
    distance = np.array([_distances(said, pairs) for said in outputs])
    correlation = np.array([_error_correlations(said, truth, pairs) for said in outputs])
    return Specialising(steps_of(moments), pairs, distance, correlation)


def _distances(said: Float[np.ndarray, "evaluated ensemble_head output"], pairs: tuple[tuple[int, int], ...]) -> list[float]:
    centred = said - said.mean(axis=0)
    size = np.sqrt((centred**2).mean(axis=(0, 2)))
    scaled = centred / np.where(size > NOTHING * np.abs(said).max(axis=(0, 2)), size, np.nan)[:, None]
    return [float(np.sqrt(((scaled[:, one] - scaled[:, other]) ** 2).mean())) for one, other in pairs]


def _error_correlations(
    said: Float[np.ndarray, "evaluated ensemble_head output"],
    truth: Float[np.ndarray, "evaluated output"],
    pairs: tuple[tuple[int, int], ...],
) -> list[float]:
    errors = [_residuals(said[:, ensemble_head], truth) for ensemble_head in range(said.shape[1])]
    return [_pearson(errors[one], errors[other]) for one, other in pairs]


def _residuals(said: Float[np.ndarray, "evaluated output"], truth: Float[np.ndarray, "evaluated target"]) -> Float[np.ndarray, " error"]:
    """Return what the best affine reading of a head's outputs leaves of the truth; it is centred, as its fit has an offset."""
    read = np.column_stack([said - said.mean(axis=0), np.ones(len(said))])  # centred, or rounding spoils the fit of nearly constant ones
    return (truth - read @ np.linalg.lstsq(read, truth, rcond=None)[0]).ravel()


def _pearson(one: Float[np.ndarray, " error"], other: Float[np.ndarray, " error"]) -> float:
    sizes = np.sqrt((one**2).mean()), np.sqrt((other**2).mean())
    return float((one * other).mean() / (sizes[0] * sizes[1])) if min(sizes) > NOTHING else float("nan")


def _as_numbers(watched: ProbeSet, outputs: int) -> Float[np.ndarray, "evaluated output"]:
    """Return the truth as least squares fits it: classes one-hot, values as they are."""
    if watched.truth.ndim == 1:
        return np.eye(outputs)[watched.truth]
    return watched.truth.astype(np.float64)
