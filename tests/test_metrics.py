"""Scores by hand, beside what a trivial rule reaches."""

import dataclasses

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, r2_score

from complex_lstm.data import Dataset
from complex_lstm.metrics import ClassScores, ValueScores, score, score_notes
from tests.training.planted import forecast_dataset, planted_dataset


def labelled(labels: list[str]) -> Dataset:
    """Return a data set whose first windows have these labels; the model's classes are ch3_first, ch7_first, neither_first."""
    dataset = planted_dataset()
    changed = dataset.windows.label.copy()
    changed[: len(labels)] = labels
    return dataclasses.replace(dataset, windows=dataclasses.replace(dataset.windows, label=changed))


def class_scores(labels: list[str], said: list[int]) -> ClassScores | None:
    """Return scores for these actual classes and said class numbers."""
    return score(labelled(labels), np.arange(len(labels)), np.eye(3)[said])


def test_classes_by_hand() -> None:
    found = class_scores(["ch3_first", "ch3_first", "ch3_first", "ch7_first"], [0, 0, 1, 1])

    assert (found.windows, found.accuracy, found.largest) == (4, 3 / 4, 3 / 4)
    assert found.confusion.tolist() == [[2, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert found.recall[:2].tolist() == [2 / 3, 1] and np.isnan(found.recall[2])
    assert found.precision[:2].tolist() == [1, 1 / 2] and np.isnan(found.precision[2])


def test_windows_without_a_label_are_not_scored() -> None:
    found = class_scores(["ch3_first", ""], [0, 1])

    assert (found.windows, found.accuracy) == (1, 1)
    assert class_scores(["", ""], [0, 1]) is None


def test_a_class_that_the_model_does_not_know_counts_as_wrong() -> None:
    found = class_scores(["ch3_first", "ch3_first", "", "never_seen"], [0, 0, 1, 0])

    assert (found.windows, found.accuracy, found.largest) == (3, 2 / 3, 2 / 3)
    assert found.confusion.tolist() == [[2, 0, 0], [0, 0, 0], [0, 0, 0]]
    assert found.recall[0] == 1 and found.precision[0] == 2 / 3


def test_the_windows_of_unknown_classes_are_counted_in_a_sentence() -> None:
    dataset = labelled(["ch3_first", "z", "z", "other", ""])

    notes = score_notes(dataset, np.arange(5), np.eye(3)[[0, 0, 0, 0, 0]])

    assert notes == ("3 of 5 windows have a class that the model does not know: 'other' (1), 'z' (2). They count as wrong.",)
    assert score_notes(dataset, np.array([0, 4]), np.eye(3)[[0, 0]]) == ()


def test_a_window_without_a_prediction_is_counted_and_not_scored() -> None:
    predicted = np.array([[1.0, 0, 0], [np.nan] * 3])
    dataset = labelled(["ch3_first", "ch3_first"])

    found = score(dataset, np.arange(2), predicted)

    assert isinstance(found, ClassScores) and (found.windows, found.accuracy) == (1, 1)
    assert score(dataset, np.array([1]), predicted[1:]) is None
    assert score_notes(dataset, np.arange(2), predicted) == (
        "1 of 2 windows has no prediction, because the model's output is not a finite number there: not scored.",
    )
    values = value_scores(actual=[0.0, 2.0], last=[0.0, 0.0], said=[1.0, np.nan])
    assert values.windows == 1 and values.mae == pytest.approx([1])


def value_scores(actual: list[float], last: list[float], said: list[float]) -> ValueScores | None:
    dataset = forecast_dataset()
    changed = {name: getattr(dataset.windows, name).copy() for name in ("actual", "last")}
    changed["actual"][: len(actual), 0], changed["last"][: len(last), 0] = actual, last
    dataset = dataclasses.replace(dataset, windows=dataclasses.replace(dataset.windows, **changed))
    return score(dataset, np.arange(len(actual)), np.array(said)[:, None])


def test_values_by_hand() -> None:
    found = value_scores(actual=[0.0, 2.0, 4.0, 6.0], last=[1.0, 1.0, 3.0, 3.0], said=[0.0, 2.0, 4.0, 8.0])

    variance = (9 + 1 + 1 + 9) / 4
    assert found.windows == 4
    assert found.squared_error == pytest.approx([(2**2 / 4) / variance])
    assert found.persistence == pytest.approx([((1 + 1 + 1 + 9) / 4) / variance])
    assert found.r2 == pytest.approx([1 - 1 / 5]) and found.persistence_r2 == pytest.approx([1 - 3 / 5])
    assert found.mae == pytest.approx([2 / 4]) and found.persistence_mae == pytest.approx([(1 + 1 + 1 + 3) / 4])


def test_r2_is_0_for_the_mean_and_negative_for_worse() -> None:
    actual = [0.0, 2.0, 4.0]  # mean 2, variance 8 / 3

    mean, worse = (value_scores(actual=actual, last=[0.0] * 3, said=[said] * 3) for said in (2.0, 4.0))

    assert mean.r2 == pytest.approx([0])
    assert worse.r2 == pytest.approx([1 - ((16 + 4 + 0) / 3) / (8 / 3)])  # -1.5


def test_r2_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    actual, said = random.normal(size=5).tolist(), random.normal(size=5).tolist()

    found = value_scores(actual=actual, last=[0.0] * 5, said=said)

    assert found.r2 == pytest.approx([r2_score(actual, said)]) and found.mae == pytest.approx([mean_absolute_error(actual, said)])


def test_windows_whose_value_is_unknown_are_not_scored() -> None:
    found = value_scores(actual=[0.0, np.nan, 4.0], last=[0.0, 0.0, 0.0], said=[0.0, 99.0, 4.0])

    assert (found.windows, found.squared_error.tolist()) == (2, [0])
    assert value_scores(actual=[np.nan], last=[0.0], said=[1.0]) is None


def test_a_value_that_never_changes_is_scored_in_its_own_square_and_has_no_r2() -> None:
    found = value_scores(actual=[3.0, 3.0], last=[3.0, 3.0], said=[3.0, 5.0])

    assert found.squared_error.tolist() == [2] and found.persistence.tolist() == [0]
    assert np.isnan(found.r2).all() and np.isnan(found.persistence_r2).all() and found.mae.tolist() == [1]
