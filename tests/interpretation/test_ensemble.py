import numpy as np
import pytest
import torch

from complex_lstm.interpretation import combiner_sensitivity, disagreement
from tests.model.lively import random_windows, remembered, small_model


def test_disagreement_is_the_deviation_over_the_heads_averaged_over_the_outputs() -> None:
    said = np.array([[[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]], [[7.0, 7.0]] * 3])

    assert disagreement(said) == pytest.approx([(np.sqrt(2 / 3) + 0) / 2, 0])


def test_the_combiners_sensitivity_is_its_finite_difference() -> None:
    model = small_model().double()
    said = random_windows(3, 2).double()

    found = combiner_sensitivity(model, said.numpy())

    assert found.shape == (2, 3, 2)
    for ensemble_head, output in np.ndindex(3, 2):
        step = torch.zeros(3, 2, dtype=torch.double)
        step[ensemble_head, output] = 1e-6
        with torch.no_grad():
            ends = [model.ensemble_combiner((said + sign * step).flatten()) * model.gradient_scale for sign in (1, -1)]
        assert found[:, ensemble_head, output] == pytest.approx(((ends[0] - ends[1]) / 2e-6).numpy(), abs=1e-7)


def test_looking_at_the_combiner_leaves_the_model_alone() -> None:
    model = small_model()
    before = remembered(model)

    combiner_sensitivity(model, random_windows(3, 2).numpy())

    assert remembered(model) == before
