"""Gradient methods on models solved by hand."""

import numpy as np
import pytest
import torch

from complex_lstm import load_checkpoint
from complex_lstm.interpretation import ForwardFunction
from complex_lstm.interpretation.gradients import (
    gradient_shap,
    gradient_sizes,
    input_x_gradient,
    integrated_gradients,
    saliency,
    smoothgrad,
)
from complex_lstm.model.device import gradients_enabled
from tests.conftest import SAMPLE_DATA
from tests.interpretation.toys import CPU, Largest, Linear, Product, Squares, forward_func_of, request_of
from tests.model.lively import random_windows, small_model

WEIGHT = [[1.0, 2.0], [3.0, -4.0]]
X = [[1.0, 1.0], [2.0, 3.0]]


def test_integrated_gradients_of_a_linear_model_are_weight_times_distance() -> None:
    found = integrated_gradients(forward_func_of(Linear(WEIGHT), X, baseline=1.0))

    assert found.cells == pytest.approx(np.array([[0, 0], [3 * (2 - 1), -4 * (3 - 1)]]), abs=1e-5)
    assert found.gap == pytest.approx(-5) and found.effort == "32 steps"  # exact at once: nothing is doubled


def test_an_output_that_does_not_depend_on_the_window_has_a_gradient_of_zero() -> None:
    """With the first site patched in from another window no gradient led to the input, and torch refused."""

    class Patched(torch.nn.Module):
        def forward(self, x: torch.Tensor, lengths: object = None) -> torch.Tensor:
            return torch.full((len(x), 1), 3.0)

    patched = forward_func_of(Patched(), X)

    assert not input_x_gradient(patched).cells.any() and not saliency(patched).cells.any()


def test_integrated_gradients_share_a_product_evenly() -> None:
    found = integrated_gradients(forward_func_of(Product(), [[3.0, 4.0]]))

    assert found.cells == pytest.approx(np.array([[6, 6]]), rel=1e-3)  # on the line t * (3, 4) each gradient is t times the other
    assert found.gap == 12


def test_several_baselines_are_averaged_over() -> None:
    found = integrated_gradients(forward_func_of(Product(), [[3.0, 4.0]], baselines=[[[0.0, 0.0]], [[1.0, 2.0]]]))

    # from (1, 2) the first gets (3 - 1) * (2 + 4) / 2, the second (4 - 2) * (1 + 3) / 2
    assert found.cells == pytest.approx(np.array([[(6 + 6) / 2, (6 + 4) / 2]]), rel=1e-3)
    assert found.gap == 12 - (0 + 2) / 2


def test_the_largest_cell_gets_all_and_the_second_nothing() -> None:
    found = integrated_gradients(forward_func_of(Largest(), [[5.0, 3.0]]))

    assert found.cells == pytest.approx(np.array([[5, 0]]), abs=1e-5)


def test_units_and_outputs_are_those_asked_for() -> None:
    found = integrated_gradients(forward_func_of(Linear(WEIGHT), X, output=1, unit=0.5))

    assert found.cells == pytest.approx(0.5 * 10 * np.array(WEIGHT) * np.array(X), abs=1e-4)
    assert found.gap == pytest.approx(0.5 * 10 * (1 + 2 + 6 - 12))


def test_steps_are_doubled_until_the_cells_sum_to_the_gap() -> None:
    class Step(Linear):
        def forward(self, x: torch.Tensor, lengths: torch.Tensor | None = None) -> torch.Tensor:
            return torch.sigmoid(400 * (x.sum((1, 2)) - 0.3))[:, None]  # a slope between two of 32 steps

    model = Step([[0.0]])

    found = integrated_gradients(forward_func_of(model, [[1.0]]))

    steps = int(found.effort.removesuffix(" steps"))
    assert steps > 32 and found.completeness_error <= 0.01 and found.gap == pytest.approx(1)
    assert model.seen == 0  # it counts in the forward that was replaced


@pytest.mark.parametrize("name", ["planted_order", "nyc_weather"])
@pytest.mark.parametrize("seed", [3, 5])
def test_integrated_gradients_are_complete_within_one_percent_or_say_so(name: str, seed: int) -> None:
    model = load_checkpoint(SAMPLE_DATA / f"{name}.safetensors").model
    x = random_windows(12, model.config.input_dim, seed=seed)

    found = integrated_gradients(forward_func_of(model, x.tolist()))

    missed = abs(found.features.sum() - found.gap)
    assert missed <= max(0.011 * abs(found.gap), 0.0011 * np.abs(found.cells).sum()) or found.effort == "512 steps"


def test_gradient_shap_of_a_linear_model_is_weight_times_distance_from_the_mean_draw() -> None:
    draws = [[[0.0, 0.0], [0.0, 0.0]], [[2.0, 2.0], [2.0, 2.0]]]

    found = gradient_shap(forward_func_of(Linear(WEIGHT), X, draws=draws))

    spread = np.abs(WEIGHT) * np.hypot(1, 0.09) / np.sqrt(128)  # the draws lie 1 from their mean, the noise is 0.09
    assert (np.abs(found.cells - np.array(WEIGHT) * (np.array(X) - 1)) < 4 * spread).all()
    assert found.gap == pytest.approx((1 + 2 + 6 - 12) - (1 + 2 + 3 - 4))  # f(x) less f at the mean draw
    assert found.completeness_error < 1 and found.effort == "128 samples"


@pytest.mark.parametrize("method", [gradient_shap, smoothgrad])
def test_what_draws_says_the_same_each_time(method: object) -> None:
    forward_func = ForwardFunction(small_model(), request_of(random_windows(6, 4).tolist(), draws=random_windows(3, 6, 4).tolist()), CPU)

    torch.manual_seed(1)
    first = method(forward_func).cells
    torch.manual_seed(2)
    second = method(forward_func).cells

    assert np.array_equal(first, second)


def test_saliency_is_the_size_of_the_gradient_in_the_unit() -> None:
    assert saliency(forward_func_of(Linear(WEIGHT), X)).cells.tolist() == [[1, 2], [3, 4]]
    assert saliency(forward_func_of(Linear(WEIGHT), X, output=1, unit=0.5)).cells.tolist() == [[5, 10], [15, 20]]
    assert saliency(forward_func_of(Product(), [[3.0, -4.0]])).cells.tolist() == [[4, 3]]
    assert saliency(forward_func_of(Largest(), [[5.0, 3.0]])).features.tolist() == [1, 0]


def test_smoothgrad_is_the_size_of_the_mean_gradient() -> None:
    linear, squares = (smoothgrad(forward_func_of(model, X)) for model in (Linear(WEIGHT), Squares()))

    assert linear.cells == pytest.approx(np.abs(WEIGHT))  # noise changes nothing where the gradient is everywhere the same
    assert (np.abs(squares.cells - X) < 4 * 0.15 / np.sqrt(32)).all()  # the gradient is the noisy cell itself
    assert linear.effort == "32 gradients, noise of 0.15 standard deviations"


def test_smoothgrad_takes_the_mean_before_the_size() -> None:
    around_zero = smoothgrad(forward_func_of(Squares(), np.zeros((10, 10)).tolist()))

    # a mean of 32 numbers of deviation 0.15 has the size 0.8 * 0.15 / sqrt(32); the mean of their sizes were 0.8 * 0.15
    assert around_zero.cells.mean() == pytest.approx(np.sqrt(2 / np.pi) * 0.15 / np.sqrt(32), rel=0.25)


def test_input_times_gradient_is_the_straight_line_guess_from_zero() -> None:
    assert input_x_gradient(forward_func_of(Linear(WEIGHT), X)).cells.tolist() == [[1, 2], [6, -12]]
    assert input_x_gradient(forward_func_of(Linear(WEIGHT), X, baseline=7.0)).features.tolist() == [7, -10]  # whatever the baseline
    assert input_x_gradient(forward_func_of(Product(), [[3.0, 4.0]])).cells.tolist() == [[12, 12]]
    assert input_x_gradient(forward_func_of(Squares(), [[3.0, 4.0]], unit=2.0)).cells.tolist() == [[18, 32]]
    assert input_x_gradient(forward_func_of(Largest(), [[5.0, 3.0]])).cells.tolist() == [[5, 0]]


@pytest.mark.parametrize("batch", [1, 3, 64])
def test_gradient_sizes_of_many_windows_are_those_of_each_alone(batch: int) -> None:
    forward_func, windows = forward_func_of(small_model(), random_windows(6, 4).tolist()), random_windows(7, 6, 4, seed=9)
    alone = np.concatenate([gradient_sizes(forward_func, one[None]) for one in windows])

    forward_func.batch = batch

    assert gradient_sizes(forward_func, windows) == pytest.approx(alone, abs=1e-6)


@pytest.mark.parametrize("method", [gradient_shap, input_x_gradient, integrated_gradients, saliency, smoothgrad])
def test_gradients_flow_where_the_caller_turned_them_off(method: object) -> None:
    with torch.no_grad():
        cells = method(forward_func_of(Linear(WEIGHT), X)).cells

    assert (cells != 0).all()


def test_cudnn_is_off_for_the_moment_on_a_gpu_alone() -> None:
    before = torch.backends.cudnn.enabled

    with gradients_enabled(CPU):
        on_the_cpu = torch.backends.cudnn.enabled
    with gradients_enabled(torch.device("cuda")):
        on_a_gpu = torch.backends.cudnn.enabled

    assert on_the_cpu == before and not on_a_gpu and torch.backends.cudnn.enabled == before


def test_cudnn_is_on_again_after_a_failure_and_the_next_can_switch_it() -> None:
    before = torch.backends.cudnn.enabled

    for _ in range(2):  # the second would wait for ever for a lock that the first kept
        with pytest.raises(IndexError), gradients_enabled(torch.device("cuda")):
            torch.zeros(1)[9]

    assert torch.backends.cudnn.enabled == before
