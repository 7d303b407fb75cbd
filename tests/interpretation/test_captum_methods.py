"""Captum's methods on models solved by hand, and what they must leave alone."""

import numpy as np
import pytest
import torch
from torch import nn

from complex_lstm import load_checkpoint
from complex_lstm.interpretation.captum_methods import gradient_shap, integrated_gradients, occlusion
from complex_lstm.interpretation.explanation import Question
from tests.conftest import SAMPLE_DATA
from tests.interpretation.toys import CPU, Linear, Product, question_of
from tests.model.lively import random_windows, remembered, small_model

METHODS = {"integrated gradients": integrated_gradients, "gradient shap": gradient_shap, "occlusion": occlusion}
WEIGHT = [[1.0, 2.0], [3.0, -4.0]]
X = [[1.0, 1.0], [2.0, 3.0]]


def model_question(*, features: int = 4, output: int = 0, seed: int = 3) -> Question:
    x, draws = random_windows(12, features, seed=seed).numpy(), random_windows(8, 12, features, seed=seed + 1).numpy()
    return Question(x, np.zeros_like(x), draws, output, 1.0)


def states() -> tuple[object, ...]:
    """Return the states of torch's and numpy's random numbers; Python's own are drawn from by the shape checks."""
    return torch.get_rng_state().tolist(), np.random.get_state()[1].tolist()


def test_integrated_gradients_of_a_linear_model_are_weight_times_distance() -> None:
    cells, steps, gap = integrated_gradients(Linear(WEIGHT), question_of(X, baseline=1.0), CPU)

    assert cells == pytest.approx(np.array([[0, 0], [3 * (2 - 1), -4 * (3 - 1)]]), abs=1e-5)
    assert gap == pytest.approx(-5) and steps == 32  # exact at once: nothing is doubled


def test_integrated_gradients_share_a_product_evenly() -> None:
    cells, _, gap = integrated_gradients(Product(), question_of([[3.0, 4.0]]), CPU)

    assert cells == pytest.approx(np.array([[6, 6]]), rel=1e-3)  # on the line t * (3, 4) each gradient is t times the other
    assert gap == 12


def test_units_and_outputs_are_those_asked_for() -> None:
    cells, _, gap = integrated_gradients(Linear(WEIGHT), question_of(X, output=1, unit=0.5), CPU)

    assert cells == pytest.approx(0.5 * 10 * np.array(WEIGHT) * np.array(X), abs=1e-4)
    assert gap == pytest.approx(0.5 * 10 * (1 + 2 + 6 - 12))


@pytest.mark.parametrize("name", ["planted_order", "nyc_weather"])
@pytest.mark.parametrize("seed", [3, 5, 7])
def test_integrated_gradients_are_complete_within_one_percent_or_say_so(name: str, seed: int) -> None:
    model = load_checkpoint(SAMPLE_DATA / f"{name}.safetensors").model

    cells, steps, gap = integrated_gradients(model, model_question(features=9, seed=seed), CPU)

    missed = abs(cells.sum() - gap)
    assert missed <= max(0.011 * abs(gap), 0.0011 * np.abs(cells).sum()) or steps == 512


def test_gradient_shap_of_a_linear_model_is_weight_times_distance_from_the_mean_draw() -> None:
    draws = [[[0.0, 0.0], [0.0, 0.0]], [[2.0, 2.0], [2.0, 2.0]]]

    cells, samples, gap = gradient_shap(Linear(WEIGHT), question_of(X, draws=draws), CPU)

    spread = np.abs(WEIGHT) * np.hypot(1, 0.09) / np.sqrt(samples)  # the draws lie 1 from their mean, the noise is 0.09
    assert (np.abs(cells - np.array(WEIGHT) * (np.array(X) - 1)) < 4 * spread).all()
    assert gap == pytest.approx((1 + 2 + 6 - 12) - (1 + 2 + 3 - 4))  # f(x) less f at the mean draw


def test_gradient_shap_says_the_same_each_time() -> None:
    model, question = small_model(), model_question()

    first, second = (gradient_shap(model, question, CPU)[0] for _ in range(2))

    assert np.array_equal(first, second)


def test_occlusion_shares_a_cells_drop_over_the_stretches_that_cover_it() -> None:
    weight, x = np.zeros((20, 2)), np.ones((20, 2))
    weight[10, 1] = 8

    cells, evaluations = occlusion(Linear(weight.astype(np.float32).tolist()), question_of(x.tolist()), CPU)

    expected = np.zeros((20, 2))
    expected[9:12, 1] = [2, 4, 2]  # a stretch of two has the drop 8, 4 a cell; steps 9 and 11 are covered with it half the time
    assert cells == pytest.approx(expected, abs=1e-6)
    assert evaluations == 2 * 19


@pytest.mark.parametrize("time", [1, 5, 13, 48, 50, 97, 100])
def test_occlusion_of_equal_cells_is_equal_to_the_last_step(time: int) -> None:
    """A stretch cut short at the end gave the last cells too little."""
    x = np.ones((time, 1))

    cells, _ = occlusion(Linear(x.astype(np.float32).tolist()), question_of(x.tolist()), CPU)

    assert cells == pytest.approx(np.ones((time, 1)), abs=1e-5)


def test_occlusion_counts_what_it_asked_of_the_model() -> None:
    class Counting(nn.Module):
        asked = 0

        def forward(self, x: torch.Tensor, lengths: torch.Tensor | None = None) -> torch.Tensor:
            self.asked += len(x)
            return x.sum((1, 2))[:, None]

    model = Counting()

    _, evaluations = occlusion(model, question_of(np.ones((50, 3)).tolist()), CPU)

    assert evaluations in (model.asked, model.asked - 1)  # the intact window is counted by the caller


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS.keys())
def test_explaining_leaves_model_and_random_numbers_alone(method: object) -> None:
    model = small_model()
    torch.manual_seed(71)
    np.random.seed(72)  # states that no seeding of ours leaves behind
    before, random_before = remembered(model), states()

    method(model, model_question(), CPU)

    assert remembered(model) == before
    assert states() == random_before and torch.backends.cudnn.enabled


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS.keys())
def test_a_failure_leaves_model_and_random_numbers_alone(method: object) -> None:
    model = small_model()
    torch.manual_seed(71)
    np.random.seed(72)  # states that no seeding of ours leaves behind
    before, random_before = remembered(model), states()

    with pytest.raises(IndexError):
        method(model, model_question(output=99), CPU)

    assert remembered(model) == before
    assert states() == random_before and torch.backends.cudnn.enabled and torch.is_grad_enabled()
    assert np.isfinite(gradient_shap(model, model_question(), CPU)[0]).all()  # the lock is free again


def test_gradients_flow_where_the_caller_turned_them_off() -> None:
    with torch.no_grad():
        cells, *_ = integrated_gradients(Linear(WEIGHT), question_of(X), CPU)

    assert cells == pytest.approx(np.array(WEIGHT) * np.array(X), abs=1e-5)
