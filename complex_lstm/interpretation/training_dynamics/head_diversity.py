"""Whether the ensemble heads of a model grew apart during training."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from complex_lstm.interpretation.training_dynamics.settling import THIRDS, Third, steps_of
from complex_lstm.runs.snapshots import ProbeSet, Snapshot

HARDLY_APART = 0.1  # a smaller growth of the heads' distance in a third of the run is negligible
NOTHING = 1e-6  # spread, as a share of a head's largest output, and residuals that are only rounding


@dataclass(frozen=True)
class Specialising:
    """How the ensemble heads grew apart, pair by pair.

    distance     root mean square of the difference of two heads' outputs over the evaluated windows, each head's outputs first
                 centred (each output on its own) and divided by their root mean square, so that scale and offset do not
                 matter: 0 for heads with the same outputs, sqrt(2) for unrelated ones, 2 for opposite ones
    correlation  Pearson's, of the heads' errors. A head's outputs go to the combiner and are not trained against the truth,
                 so a linear probe is fitted to each head: affine least squares from its outputs to the truth (one-hot
                 classes, or scaled values) over the same windows. Its residuals are the head's errors

    The distance is NaN where a head's outputs are the same for all windows, the correlation where a probe has no error.
    A head and its opposite carry the same information: the distance counts them as apart, the errors do not. Errors that
    no probe can avoid are common to all heads, so the correlation is near 1 wherever the task is hard.
    """

    steps: Int[np.ndarray, " snapshot"]
    pairs: tuple[tuple[int, int], ...]
    distance: Float[np.ndarray, "snapshot pair"]
    correlation: Float[np.ndarray, "snapshot pair"]

    @property
    def growth(self) -> Float[np.ndarray, " third"]:
        """How far the mean distance of the pairs grew in each third of the run; between two snapshots it is interpolated."""
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


def specialising(probes: ProbeSet, snapshots: tuple[Snapshot, ...]) -> Specialising:
    """Return how the ensemble heads grew apart."""
    outputs = np.stack([snapshot.ensemble_head_outputs for snapshot in snapshots]).astype(np.float64)
    truth = np.eye(outputs.shape[-1])[probes.truth] if probes.truth.ndim == 1 else probes.truth.astype(np.float64)  # classes one-hot
    pairs = tuple(itertools.combinations(range(outputs.shape[2]), 2))
    first, second = np.transpose(pairs)
    centred = outputs - outputs.mean(axis=1, keepdims=True)  # (snapshot, evaluated, ensemble_head, output)
    size = np.sqrt((centred**2).mean(axis=(1, 3)))
    size = np.where(size > NOTHING * np.abs(outputs).max(axis=(1, 3)), size, np.nan)
    scaled = centred / size[:, None, :, None]
    distance = np.sqrt(((scaled[:, :, first] - scaled[:, :, second]) ** 2).mean(axis=(1, 3)))
    correlation = np.array([_error_correlations(one, truth, pairs) for one in outputs])
    return Specialising(steps_of(snapshots), pairs, distance, correlation)


def _error_correlations(
    outputs: Float[np.ndarray, "evaluated ensemble_head output"],
    truth: Float[np.ndarray, "evaluated output"],
    pairs: tuple[tuple[int, int], ...],
) -> list[float]:
    """Return Pearson's correlation of the residuals of two heads' linear probes, for each pair."""
    errors = []
    for ensemble_head in range(outputs.shape[1]):
        centred = outputs[:, ensemble_head] - outputs[:, ensemble_head].mean(axis=0)  # or rounding spoils the fit of nearly constant ones
        design = np.column_stack([centred, np.ones(len(outputs))])
        errors.append((truth - design @ np.linalg.lstsq(design, truth, rcond=None)[0]).ravel())  # centred, since the fit has an offset
    sizes = [float(np.sqrt((error**2).mean())) for error in errors]
    return [
        float((errors[one] * errors[other]).mean() / (sizes[one] * sizes[other])) if min(sizes[one], sizes[other]) > NOTHING else np.nan
        for one, other in pairs
    ]
