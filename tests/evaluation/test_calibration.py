"""Calibration: by hand, and against scikit-learn's own numbers."""

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, log_loss

from complex_lstm.evaluation.blocks import Blocks
from complex_lstm.evaluation.calibration import (
    calibration_scores,
    can_fit_temperature,
    cross_fitted_temperatures,
    ece,
    fit_temperature,
    is_at_the_end,
    reliability,
)


def each_alone(count: int) -> Blocks:
    return Blocks(np.arange(count), count, "series")


def drawn(count: int = 4000, classes: int = 3, hotter: float = 1.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return logits, and classes that are drawn by the probabilities of the logits: calibrated, until these are made `hotter`."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(0, 2, size=(count, classes))
    actual = (softmax(logits, axis=1).cumsum(axis=1) < generator.uniform(size=(count, 1))).sum(axis=1)
    return logits * hotter, actual


@pytest.mark.parametrize(("equal_count", "strategy"), [(False, "uniform"), (True, "quantile")])
def test_bins_are_those_of_scikit_learn(equal_count: bool, strategy: str) -> None:
    logits, actual = drawn(500)
    probability, came_true = softmax(logits, axis=1)[:, 1], actual == 1
    found = reliability(probability, came_true, each_alone(500), bins=10, equal_count=equal_count)
    shares, confidences = calibration_curve(came_true, probability, n_bins=10, strategy=strategy)

    filled = found.count > 0
    assert found.confidence[filled] == pytest.approx(confidences)
    assert np.array([one.value for one in found.share])[filled] == pytest.approx(shares)
    assert found.count.sum() == 500 and all(one.low <= one.value <= one.high for one, some in zip(found.share, filled, strict=True) if some)


def test_the_calibration_error_by_hand() -> None:
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.4, 0.6]])
    actual = np.array([0, 0, 1, 1])  # at 0.9 two of three are right, at 0.6 the one

    assert ece(probabilities, actual) == pytest.approx(3 / 4 * (0.9 - 2 / 3) + 1 / 4 * (1 - 0.6))


def test_losses_are_those_of_scikit_learn() -> None:
    logits, actual = drawn(300)
    probabilities = softmax(logits, axis=1)
    found = calibration_scores(probabilities, actual, each_alone(300))

    assert found.log_loss == pytest.approx(log_loss(actual, probabilities))
    assert found.brier == pytest.approx(brier_score_loss(actual, probabilities, scale_by_half=False, labels=[0, 1, 2]))
    assert found.overconfidence.value == pytest.approx(found.confidence - found.accuracy)


def test_a_class_that_the_model_does_not_know_is_wrong_and_has_no_log_loss() -> None:
    probabilities = np.array([[0.75, 0.25], [0.75, 0.25]])
    found = calibration_scores(probabilities, np.array([0, 2]), each_alone(2))

    assert found.accuracy == 0.5 and found.log_loss == pytest.approx(-np.log(0.75))
    assert found.brier == pytest.approx((2 * 0.25**2 + 0.75**2 + 0.25**2) / 2)


@pytest.mark.parametrize("hotter", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_what_made_the_logits_hotter(hotter: float) -> None:
    logits, actual = drawn(20_000, hotter=hotter)

    found = fit_temperature(logits, actual)
    assert found == pytest.approx(hotter, rel=0.05)
    around = [log_loss(actual, softmax(logits / one, axis=1)) for one in (0.98 * found, found, 1.02 * found)]
    assert around[1] == min(around)
    assert ece(softmax(logits / found, axis=1), actual) < 0.01


def test_where_all_is_right_or_nothing_known_there_is_no_temperature() -> None:
    logits = np.array([[3.0, 0.0], [0.0, 1.0]])

    assert not can_fit_temperature(logits, np.array([0, 1])) and fit_temperature(logits, np.array([0, 1])) == 1
    assert not can_fit_temperature(logits, np.array([2, 2]))
    assert can_fit_temperature(logits, np.array([0, 0]))


def test_a_window_has_a_temperature_that_knows_nothing_of_its_fold() -> None:
    logits, actual = drawn(400, hotter=2.0)
    blocks = Blocks(np.repeat(np.arange(40), 10), 40, "days")
    found = cross_fitted_temperatures(logits, actual, blocks, folds=4)

    assert len(np.unique(found)) == 4 and (found.reshape(4, 100) == found.reshape(4, 100)[:, :1]).all()
    assert found[0] == fit_temperature(logits[100:], actual[100:])


def test_folds_are_runs_of_blocks_with_about_equally_many_windows() -> None:
    blocks = Blocks(np.repeat([0, 1, 2, 3, 4], [50, 10, 10, 20, 10]), 5, "series")

    assert blocks.folds(2).tolist() == [0] * 50 + [1] * 50
    assert Blocks(np.array([0, 0, 1]), 2, "series").folds(5).tolist() == [0, 0, 1]


def test_where_all_that_is_known_is_right_a_class_that_is_unknown_does_not_make_it_the_coldest() -> None:
    logits = np.array([[3.0, 0.0], [0.0, 1.0], [0.0, 1.0]])

    assert not can_fit_temperature(logits, np.array([0, 1, 2])) and fit_temperature(logits, np.array([0, 1, 2])) == 1


def test_a_temperature_at_the_end_of_what_is_allowed_is_known_as_such() -> None:
    always_wrong = fit_temperature(np.array([[3.0, 0.0], [0.0, 1.0]]), np.array([1, 0]))

    assert is_at_the_end(always_wrong) and is_at_the_end(0.05) and not is_at_the_end(1.0) and not is_at_the_end(19.0)
