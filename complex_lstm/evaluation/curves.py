"""How well a class's probability tells its windows from the others: ROC and precision-recall curves, and what a threshold does.

Areas and curves are scikit-learn's; the intervals are of draws of the blocks, because neighbouring windows are no independent cases.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

from complex_lstm.errors import Stopped, never_stop
from complex_lstm.evaluation.blocks import Blocks, Interval, statistic_interval

MOST_POINTS = 1000  # of a curve that is drawn
DRAWS = 200  # of the blocks, for each area
GRID = 101  # rates at which the band around a curve is worked out


@dataclass(frozen=True)
class Curve:
    """A curve point by point, each with the threshold at which it is reached, and the band of the curves of draws of the blocks.

    `grid`, `low` and `high` are the band's; they have no points where the blocks are too few.
    """

    x: Float[np.ndarray, " point"]
    y: Float[np.ndarray, " point"]
    threshold: Float[np.ndarray, " point"]
    grid: Float[np.ndarray, " rate"]
    low: Float[np.ndarray, " rate"]
    high: Float[np.ndarray, " rate"]


@dataclass(frozen=True)
class ClassCurves:
    """One class against the rest.

    roc                false positive rate and true positive rate (recall)
    precision_recall   recall and precision
    auc                area under the ROC curve: 0.5 for a class that is not told from the rest
    average_precision  area under the other, as the weighted mean of precisions; the share of positives for such a class
    positives, windows how many windows are of the class, of how many
    """

    roc: Curve
    precision_recall: Curve
    auc: Interval
    average_precision: Interval
    positives: int
    windows: int


@dataclass(frozen=True)
class AtThreshold:
    """What a class is at a threshold: predicted where its probability is at least so high. NaN where it divides by nothing."""

    threshold: float
    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int

    @property
    def precision(self) -> float:
        """The share of those that are predicted as it that are."""
        return _share(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float:
        """The share of its windows that are predicted as it."""
        return _share(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def false_positive_rate(self) -> float:
        """The share of the other windows that are predicted as it."""
        return _share(self.false_positives, self.false_positives + self.true_negatives)

    @property
    def accuracy(self) -> float:
        """The share of windows that are right."""
        right = self.true_positives + self.true_negatives
        return _share(right, right + self.false_positives + self.false_negatives)


def areas(probability: Float[np.ndarray, " window"], is_class: Bool[np.ndarray, " window"]) -> tuple[float, float]:
    """Return the area under the ROC curve and the average precision; NaN where all windows are of the class, or none is."""
    if is_class.all() or not is_class.any():
        return float("nan"), float("nan")
    return float(roc_auc_score(is_class, probability)), float(average_precision_score(is_class, probability))


def class_curves(
    probability: Float[np.ndarray, " window"],
    is_class: Bool[np.ndarray, " window"],
    blocks: Blocks,
    *,
    draws: int = DRAWS,
    stop: Callable[[], bool] = never_stop,
) -> ClassCurves | None:
    """Return the curves of a class; None where all windows are of the class, or none is, so that there is nothing to tell apart.

    Raises:
        Stopped: `stop` returned True, before one of the draws.
    """
    if is_class.all() or not is_class.any():
        return None

    def area(which: int) -> Interval:
        def of_places(places: Int[np.ndarray, " place"]) -> float:
            if stop():
                raise Stopped
            return areas(probability[places], is_class[places])[which]

        return statistic_interval(of_places, blocks, count=draws)

    false_rate, true_rate, at = roc_curve(is_class, probability, drop_intermediate=True)
    precision, recall, cut = precision_recall_curve(is_class, probability, drop_intermediate=True)
    grid = np.linspace(0, 1, GRID)
    auc, average_precision = area(0), area(1)
    bands = _bands(probability, is_class, blocks, grid, draws)
    return ClassCurves(
        roc=_curve(false_rate, true_rate, np.minimum(at, 1.0), grid, bands[0]),
        precision_recall=_curve(recall[::-1], precision[::-1], np.append(cut, 1.0)[::-1], grid, bands[1]),
        auc=auc,
        average_precision=average_precision,
        positives=int(is_class.sum()),
        windows=len(is_class),
    )


def at_threshold(probability: Float[np.ndarray, " window"], is_class: Bool[np.ndarray, " window"], threshold: float) -> AtThreshold:
    """Return the four counts of a class that is predicted where its probability is at least the threshold."""
    predicted = probability >= threshold
    counts = [int(((predicted == one) & (is_class == other)).sum()) for one, other in ((1, 1), (1, 0), (0, 1), (0, 0))]
    return AtThreshold(threshold, *counts)


def worst_first(
    predicted: Float[np.ndarray, "window class"], actual: Int[np.ndarray, " window"]
) -> tuple[list[int], Float[np.ndarray, " class"]]:
    """Return the numbers of the classes, that with the smallest area under the ROC curve first, and the areas.

    Classes that do not occur, or alone, have no area (NaN) and come last.
    """
    found = np.array([areas(predicted[:, number], actual == number)[0] for number in range(predicted.shape[1])])
    return np.argsort(np.where(np.isnan(found), np.inf, found), kind="stable").tolist(), found


def _bands(
    probability: Float[np.ndarray, " window"],
    is_class: Bool[np.ndarray, " window"],
    blocks: Blocks,
    grid: Float[np.ndarray, " rate"],
    draws: int,
) -> tuple[Float[np.ndarray, "draw rate"], Float[np.ndarray, "draw rate"]]:
    """Return for each draw of the blocks the true positive rate and the precision on a grid of false positive rates and of recalls."""
    of_roc, of_precision = [], []
    for places in blocks.resampled(count=draws) if blocks.is_enough else ():
        drawn, own = probability[places], is_class[places]
        if own.all() or not own.any():
            continue
        false_rate, true_rate, _ = roc_curve(own, drawn, drop_intermediate=False)
        of_roc.append(np.interp(grid, false_rate, true_rate))
        precision, recall, _ = precision_recall_curve(own, drawn)
        of_precision.append(np.interp(grid, recall[::-1], precision[::-1]))
    empty = np.zeros((0, len(grid)))
    return np.array(of_roc) if of_roc else empty, np.array(of_precision) if of_precision else empty


def _curve(
    x: Float[np.ndarray, " point"], y: Float[np.ndarray, " point"], threshold: Float[np.ndarray, " point"],
    grid: Float[np.ndarray, " rate"], drawn: Float[np.ndarray, "draw rate"],
) -> Curve:  # fmt: skip
    kept = np.unique(np.linspace(0, len(x) - 1, min(len(x), MOST_POINTS)).round().astype(int))
    if not len(drawn):
        none = np.zeros(0)
        return Curve(x[kept], y[kept], threshold[kept], none, none, none)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    return Curve(x[kept], y[kept], threshold[kept], grid, low, high)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
