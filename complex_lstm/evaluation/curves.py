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
from complex_lstm.evaluation.blocks import Blocks, Interval, drawn_interval

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

    false_rate, true_rate, at = roc_curve(is_class, probability, drop_intermediate=True)
    precision, recall, cut = precision_recall_curve(is_class, probability, drop_intermediate=True)
    grid = np.linspace(0, 1, GRID)
    drawn = _draw(probability, is_class, blocks, grid, draws, stop)
    auc, average_precision = areas(probability, is_class)
    return ClassCurves(
        roc=_curve(false_rate, true_rate, np.minimum(at, 1.0), grid, drawn.true_rates),
        precision_recall=_curve(recall[::-1], precision[::-1], np.append(cut, 1.0)[::-1], grid, drawn.precisions),
        auc=drawn_interval(auc, drawn.auc),
        average_precision=drawn_interval(average_precision, drawn.average_precision),
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


@dataclass(frozen=True)
class _Drawn:
    """What draws of the blocks give: both areas, the true positive rates on a grid of false ones, and precisions on one of recalls."""

    auc: Float[np.ndarray, " draw"]
    average_precision: Float[np.ndarray, " draw"]
    true_rates: Float[np.ndarray, "draw rate"]
    precisions: Float[np.ndarray, "draw rate"]


def _draw(
    probability: Float[np.ndarray, " window"],
    is_class: Bool[np.ndarray, " window"],
    blocks: Blocks,
    grid: Float[np.ndarray, " rate"],
    draws: int,
    stop: Callable[[], bool],
) -> _Drawn:
    """Return the curves of draws of the blocks. A window counts as often as its block is drawn, so the windows are put in order once."""
    order = np.argsort(-probability, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(probability[order])), len(order) - 1)  # the last window at each threshold
    own, of_window = is_class[order].astype(float), blocks.of_window[order]
    found: list[tuple[float, float, np.ndarray, np.ndarray]] = []
    for counts in blocks.draws(count=draws) if blocks.is_enough else ():
        if stop():
            raise Stopped
        weight = counts[of_window]
        true, false = (np.concatenate([[0.0], np.cumsum(part)[ends]]) for part in (weight * own, weight * (1 - own)))
        if not true[-1] or not false[-1]:
            continue  # a draw without the class, or of nothing else, has no curves
        true_rate, false_rate = true / true[-1], false / false[-1]
        predicted = (true + false)[1:]
        precision = np.where(predicted > 0, true[1:] / np.maximum(predicted, 1), 1.0)
        found.append(
            (
                float(np.trapezoid(true_rate, false_rate)),
                float((np.diff(true_rate) * precision).sum()),
                np.interp(grid, false_rate, true_rate),
                np.interp(grid, true_rate[1:], precision),
            )
        )
    if not found:
        none = np.zeros((0, len(grid)))
        return _Drawn(none[:, 0], none[:, 0], none, none)
    return _Drawn(*(np.array(one) for one in zip(*found, strict=True)))  # type: ignore[arg-type]


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
