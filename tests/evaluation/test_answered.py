"""Which windows have both an answer and a prediction."""

import dataclasses

import numpy as np

from complex_lstm.evaluation.answered import answered_windows
from complex_lstm.inference import Predictions
from tests.training.planted import forecast_dataset, planted_dataset


def predictions(predicted: np.ndarray) -> Predictions:
    return Predictions(np.arange(len(predicted)), predicted, np.stack([predicted] * 3, axis=1), predicted, 0.0, "CPU")


def test_windows_without_a_class_or_a_prediction_are_left_out_and_an_unknown_class_is_wrong() -> None:
    dataset = planted_dataset()
    label = dataset.windows.label.copy()
    label[:4] = ["ch7_first", "", "ch3_first", "never"]
    dataset = dataclasses.replace(dataset, windows=dataclasses.replace(dataset.windows, label=label))
    predicted = np.eye(3)[[1, 1, 0, 0]]
    predicted[2] = np.nan
    found = answered_windows(dataset, predictions(predicted))

    assert found.windows.tolist() == [0, 3] and found.actual.tolist() == [1, 3]
    assert found.right.tolist() == [True, False]


def test_values_need_every_target() -> None:
    dataset = forecast_dataset()
    actual = dataset.windows.actual.copy()
    actual[1] = np.nan
    dataset = dataclasses.replace(dataset, windows=dataclasses.replace(dataset.windows, actual=actual))
    found = answered_windows(dataset, predictions(actual[:5] * 0 + 2.0))

    assert found.windows.tolist() == [0, 2, 3, 4]
    assert np.allclose(found.errors, 2.0 - actual[[0, 2, 3, 4]]) and len(found.blocks.of_window) == 4
