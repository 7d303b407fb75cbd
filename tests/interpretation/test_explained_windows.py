"""Explanations of many windows as vectors equal those of each window alone."""

import numpy as np
import pytest

from complex_lstm.errors import Stopped
from complex_lstm.interpretation import explain, make_request
from complex_lstm.interpretation.explained_windows import BINS, explanation_vectors
from tests.browser.truth import truth_of


@pytest.mark.parametrize("method", ["input_x_gradient", "occlusion"])
def test_a_vector_is_the_sums_of_the_windows_own_explanation(method: str) -> None:
    truth = truth_of("japanese_vowels")  # of unequal lengths, padded in a batch
    chosen, outputs = np.array([0, 100, 269]), np.array([3, 0, 8])

    found = explanation_vectors(truth.model, truth.dataset, chosen, outputs, method)

    features = len(truth.dataset.schema.roles.features)
    assert found.shape == (3, (1 + BINS) * features)
    for vector, window, output in zip(found, chosen.tolist(), outputs.tolist(), strict=True):
        one = explain(truth.model, make_request(truth.dataset, window, output), method)
        assert np.allclose(vector[:features], one.features, atol=1e-4)
        fine = np.repeat(one.cells / BINS, BINS, axis=0)  # each step in as many equal pieces as there are stretches
        stretches = fine.reshape(BINS, len(one.cells), features).sum(axis=1)
        assert np.allclose(vector[features:].reshape(BINS, features), stretches, atol=1e-4)


def test_values_are_explained_in_their_unit() -> None:
    truth = truth_of("nyc_weather")
    chosen = np.array([0, 400])

    found = explanation_vectors(truth.model, truth.dataset, chosen, np.array([0, 1]))

    for vector, window, output in zip(found, (0, 400), (0, 1), strict=True):
        one = explain(truth.model, make_request(truth.dataset, window, output), "input_x_gradient")
        assert np.allclose(vector[: one.features.size], one.features, rtol=1e-3, atol=1e-5)


def test_it_stops() -> None:
    truth = truth_of("planted_order")
    with pytest.raises(Stopped):
        explanation_vectors(truth.model, truth.dataset, np.arange(4), np.zeros(4, dtype=int), stop=lambda: True)
