"""ROC and precision-recall: scikit-learn's areas, thresholds by hand, intervals by blocks."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from complex_lstm.evaluation.blocks import Blocks
from complex_lstm.evaluation.curves import areas, at_threshold, class_curves, worst_first

PROBABILITY = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
IS_CLASS = np.array([True, True, False, True, False, False])


def drawn(count: int = 600, seed: int = 0) -> tuple[np.ndarray, np.ndarray, Blocks]:
    generator = np.random.default_rng(seed)
    is_class = generator.uniform(size=count) < 0.3
    return 1 / (1 + np.exp(-generator.normal(1.5 * is_class, 1))), is_class, Blocks(np.arange(count) // 10, count // 10, "days")


def test_areas_are_those_of_scikit_learn_and_lie_in_their_intervals() -> None:
    probability, is_class, blocks = drawn()
    found = class_curves(probability, is_class, blocks)

    assert found is not None and (found.positives, found.windows) == (is_class.sum(), 600)
    assert found.auc.value == roc_auc_score(is_class, probability)
    assert found.average_precision.value == average_precision_score(is_class, probability)
    for one in (found.auc, found.average_precision):
        assert one.low < one.value < one.high < one.low + 0.25


def test_an_area_by_hand() -> None:
    assert areas(PROBABILITY, IS_CLASS) == pytest.approx((8 / 9, (1 + 1 + 3 / 4) / 3))  # 8 of 9 pairs are in order


def test_the_interval_of_an_area_is_that_of_scikit_learns_areas_of_drawn_windows() -> None:
    probability, is_class, blocks = drawn()
    probability = probability.round(1)  # with ties
    found = class_curves(probability, is_class, blocks, draws=50)

    drawn_areas = [
        [
            measure(np.repeat(is_class, counts[blocks.of_window]), np.repeat(probability, counts[blocks.of_window]))
            for counts in blocks.draws(count=50)
        ]
        for measure in (roc_auc_score, average_precision_score)
    ]
    assert found is not None
    for one, areas_of_draws in zip((found.auc, found.average_precision), drawn_areas, strict=True):
        assert (one.low, one.high) == pytest.approx(tuple(np.quantile(areas_of_draws, [0.025, 0.975])))


def test_the_curve_of_the_whole_lies_in_its_band() -> None:
    probability, is_class, blocks = drawn()
    found = class_curves(probability, is_class, blocks)

    assert found is not None
    at = np.interp(found.roc.grid, found.roc.x, found.roc.y)
    assert (found.roc.low - 0.02 <= at).all() and (at <= found.roc.high + 0.02).all()
    assert (found.roc.y[0], found.roc.x[-1], found.roc.y[-1]) == (0, 1, 1)
    assert found.precision_recall.x[0] == 0 and found.precision_recall.y[-1] == pytest.approx(is_class.mean())


def test_each_point_of_both_curves_is_what_its_threshold_gives() -> None:
    probability, is_class, blocks = drawn(80)
    found = class_curves(probability, is_class, blocks)

    assert found is not None
    for x, y, threshold in zip(found.roc.x[1:], found.roc.y[1:], found.roc.threshold[1:], strict=True):
        here = at_threshold(probability, is_class, threshold)
        assert (here.false_positive_rate, here.recall) == pytest.approx((x, y))
    for x, y, threshold in list(zip(found.precision_recall.x, found.precision_recall.y, found.precision_recall.threshold, strict=True))[1:]:
        here = at_threshold(probability, is_class, threshold)
        assert (here.recall, here.precision) == pytest.approx((x, y))


def test_counts_at_a_threshold_by_hand() -> None:
    here = at_threshold(PROBABILITY, IS_CLASS, 0.6)

    assert (here.true_positives, here.false_positives, here.false_negatives, here.true_negatives) == (3, 1, 0, 2)
    assert (here.precision, here.recall, here.false_positive_rate, here.accuracy) == (3 / 4, 1, 1 / 3, 5 / 6)
    nothing = at_threshold(PROBABILITY, IS_CLASS, 1.0)
    assert np.isnan(nothing.precision) and nothing.recall == 0


def test_a_class_that_does_not_occur_has_no_curve_and_comes_last() -> None:
    generator = np.random.default_rng(1)
    actual = generator.integers(0, 2, size=200)
    predicted = np.stack([0.4 - 0.1 * actual, generator.uniform(size=200), np.zeros(200)], axis=1)
    order, found = worst_first(predicted, actual)

    assert order == [1, 0, 2] and found[0] == 1 and np.isnan(found[2])
    assert class_curves(predicted[:, 2], actual == 2, Blocks(np.arange(200), 200, "series")) is None


def test_too_few_blocks_have_no_band_and_no_interval() -> None:
    probability, is_class, _ = drawn(60)
    found = class_curves(probability, is_class, Blocks(np.repeat([0, 1, 2], 20), 3, "series"))

    assert found is not None and np.isnan([found.auc.low, found.auc.high]).all() and len(found.roc.grid) == 0
