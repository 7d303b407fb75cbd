"""Whether probabilities are what they say: reliability, its errors, and the temperature that mends over- and underconfidence.

A model is calibrated where of all windows that it gives a class 80% about 80% are of that class. One number, the temperature, by
which all logits are divided, makes every probability smaller or larger and changes no predicted class (Guo et al. 2017, "On
calibration of modern neural networks", section 4.2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from complex_lstm.config import COLDEST, HOTTEST
from complex_lstm.evaluation.blocks import Blocks, Interval, mean_interval, ratio_intervals

BINS = 15  # as Guo et al. have it
FOLDS = 5
SMALLEST = float(np.finfo(float).eps)  # probability in a log loss, which would be infinite: scikit-learn's


@dataclass(frozen=True)
class Reliability:
    """Windows in bins of a probability: in each the mean probability beside the share of windows in which it came true.

    low, high   the edges of each bin; a probability at an edge is in the bin below, as in scikit-learn's calibration_curve
    count       windows in the bin
    confidence  their mean probability, NaN in an empty bin
    share       of them that came true, with its interval over draws of the blocks
    """

    low: Float[np.ndarray, " bin"]
    high: Float[np.ndarray, " bin"]
    count: Int[np.ndarray, " bin"]
    confidence: Float[np.ndarray, " bin"]
    share: tuple[Interval, ...]

    @property
    def ece(self) -> float:
        """The expected calibration error: the mean over the windows of |share - confidence| of their bin (Guo et al. 2017, equation 3)."""
        gaps = np.abs(np.array([one.value for one in self.share]) - self.confidence)
        return float(np.nansum(gaps * self.count) / self.count.sum()) if self.count.sum() else float("nan")


@dataclass(frozen=True)
class CalibrationScores:
    """Scores of probabilities, each the lower the better but for the first two.

    accuracy        share of windows whose likeliest class is right
    confidence      mean probability of the likeliest class
    overconfidence  confidence less accuracy, with its interval; below 0 the model is underconfident
    ece             expected calibration error, of the likeliest class in bins of equal width
    brier           squared distance of the probabilities from 1 for the right class and 0 for the others, summed over the classes: 0
                    to 2 (Brier 1950). Of two classes it is twice what scikit-learn gives for one of them
    log_loss        -log of the right class's probability, the mean over the windows of a class that the model knows
    """

    windows: int
    accuracy: float
    confidence: float
    overconfidence: Interval
    ece: float
    brier: float
    log_loss: float


def reliability(
    probability: Float[np.ndarray, " window"],
    came_true: Bool[np.ndarray, " window"],
    blocks: Blocks,
    *,
    bins: int = BINS,
    equal_count: bool = False,
) -> Reliability:
    """Return the bins of a probability: of equal width from 0 to 1, or with `equal_count` of about equally many windows."""
    edges = np.linspace(0, 1, bins + 1)
    if equal_count and len(probability):
        edges = np.percentile(probability, 100 * edges)
    of_window = np.searchsorted(edges[1:-1], probability)
    count = np.bincount(of_window, minlength=bins)
    total = np.bincount(of_window, weights=probability, minlength=bins)
    with np.errstate(invalid="ignore"):
        confidence = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    inside = (of_window[:, None] == np.arange(bins)).astype(float)
    share = ratio_intervals(came_true[:, None] * inside, inside, blocks)
    return Reliability(edges[:-1], edges[1:], count, confidence, share)


def calibration_scores(
    probabilities: Float[np.ndarray, "window class"], actual: Int[np.ndarray, " window"], blocks: Blocks, *, bins: int = BINS
) -> CalibrationScores:
    """Return the scores of probabilities. A class past the last is one that the model does not know: it counts as wrong."""
    classes = probabilities.shape[1]
    right, confidence = probabilities.argmax(axis=1) == actual, probabilities.max(axis=1)
    known = actual < classes
    truth = np.zeros((len(actual), classes + 1))
    truth[np.arange(len(actual)), actual] = 1
    of_right = probabilities[known, actual[known]]
    return CalibrationScores(
        windows=len(actual),
        accuracy=float(right.mean()),
        confidence=float(confidence.mean()),
        overconfidence=mean_interval(confidence - right, blocks),
        ece=ece(probabilities, actual, bins=bins),
        brier=float(((probabilities - truth[:, :-1]) ** 2).sum(axis=1).mean()),
        log_loss=float(-np.log(np.clip(of_right, SMALLEST, 1)).mean()) if known.any() else float("nan"),
    )


def ece(probabilities: Float[np.ndarray, "window class"], actual: Int[np.ndarray, " window"], *, bins: int = BINS) -> float:
    """Return the expected calibration error of the likeliest class, in bins of equal width."""
    alone = Blocks(np.zeros(len(actual), dtype=int), 1, "none")
    return reliability(probabilities.max(axis=1), probabilities.argmax(axis=1) == actual, alone, bins=bins).ece


def can_fit_temperature(logits: Float[np.ndarray, "window class"], actual: Int[np.ndarray, " window"]) -> bool:
    """Return whether a temperature can be fitted: where all that is known is right, or nothing is known, the best one has no end."""
    known = actual < logits.shape[1]
    return bool((logits.argmax(axis=1) != actual)[known].any())


def is_at_the_end(temperature: float) -> bool:
    """Return whether a fitted temperature is the lowest or highest that is allowed: the least log loss lies beyond it."""
    return bool(np.isclose(temperature, [COLDEST, HOTTEST], rtol=1e-3).any())


def fit_temperature(logits: Float[np.ndarray, "window class"], actual: Int[np.ndarray, " window"]) -> float:
    """Return the temperature with the least log loss over the windows of a class that the model knows.

    The loss has one minimum, since it is convex in 1 over the temperature. Fitted on few windows, or on those that the model was
    trained on, it is too low: there the model is right too often. 1 where there is nothing to fit, see `can_fit_temperature`.
    """
    if not can_fit_temperature(logits, actual):
        return 1.0
    known = actual < logits.shape[1]
    of_known, right, places = logits[known].astype(float), actual[known], np.arange(int(known.sum()))

    def loss(log_temperature: float) -> float:
        return float(-log_softmax(of_known / np.exp(log_temperature), axis=1)[places, right].mean())

    found = minimize_scalar(loss, bounds=(np.log(COLDEST), np.log(HOTTEST)), method="bounded", options={"xatol": 1e-5})
    return float(np.clip(np.exp(found.x), COLDEST, HOTTEST))


def cross_fitted_temperatures(
    logits: Float[np.ndarray, "window class"], actual: Int[np.ndarray, " window"], blocks: Blocks, *, folds: int = FOLDS
) -> Float[np.ndarray, " window"]:
    """Return for each window a temperature that was fitted without its fold, a run of neighbouring blocks.

    It measures on one part what a temperature that is fitted on such data does to data that it has not seen.
    """
    fold = blocks.folds(folds)
    temperatures = np.ones(len(actual))
    for one in np.unique(fold).tolist():
        others = fold != one
        if others.any():
            temperatures[~others] = fit_temperature(logits[others], actual[others])
    return temperatures
