"""Scores on all windows of a part, and the error of each window."""

import numpy as np
import pytest

from complex_lstm.inference import Predictions
from complex_lstm.metrics import ClassScores, ValueScores
from complex_lstm.ui.compute import cache
from complex_lstm.ui.explaining.part_scores import PartScore, window_errors

NOTHING = Predictions(np.zeros(0, int), np.zeros((0, 1)), np.zeros((0, 3, 1)), np.zeros((0, 1)), 0.0, "CPU")
SAMPLE = ("japanese_vowels", "japanese_vowels", "", 0)


def values(mae: list[float], persistence: list[float]) -> ValueScores:
    """Return scores with these mean absolute errors, of the model and of repeating the last value."""
    own, last = np.array(mae), np.array(persistence)
    return ValueScores(9, own, own, last, last, np.zeros(len(mae), bool))


@pytest.mark.parametrize(
    ("scores", "trivial"),
    [
        (ClassScores(10, 0.5, 0.5, np.eye(2, dtype=int)), True),
        (ClassScores(10, 0.6, 0.5, np.eye(2, dtype=int)), False),
        (values([1.0], [1.0]), True),
        (values([0.9], [1.0]), False),
        (values([0.5, 1.2], [1.0, 1.0]), False),  # on average better
        (values([0.9, 1.2], [1.0, 1.0]), True),
        (values([0.1], [0.0]), True),  # a target that never changes is repeated without any error
        (None, False),
    ],
)
def test_a_model_is_held_against_the_trivial_rule(scores: ClassScores | ValueScores | None, trivial: bool) -> None:
    assert PartScore("test", NOTHING, scores, SAMPLE).is_trivial == trivial


def test_all_windows_are_those_of_the_models_own_stride() -> None:
    keys = cache.all_windows(("nyc_weather", "nyc_weather", "", 0))

    assert len(cache.dataset(*keys).windows) > len(cache.dataset("nyc_weather", "nyc_weather", "", 0).windows)
    assert cache.dataset(*keys).window.stride == 1


def test_the_error_of_a_class_is_what_its_probability_lacks() -> None:
    dataset = cache.dataset(*SAMPLE)
    count = len(dataset.schema.classes)
    predicted = np.full((2, count), 0.1)
    right = dataset.schema.classes.index(dataset.windows.label[0])
    predicted[0, right] = 0.75

    errors = window_errors(dataset, Predictions(np.array([0, 1]), predicted, np.zeros((2, 3, count)), predicted, 0.0, "CPU"))

    assert errors[0] == pytest.approx(0.25)
