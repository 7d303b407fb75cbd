"""Infidelity and sensitivity on models solved by hand, and against Captum's own."""

import copy
import itertools

import numpy as np
import pytest
import torch
from captum.metrics import infidelity as captums_infidelity
from torch import Tensor

from complex_lstm.errors import Stopped
from complex_lstm.interpretation import ForwardFunction, explain
from complex_lstm.interpretation.robustness import RADIUS, REMOVALS, SHUFFLES, Removals, infidelity, max_sensitivity, random_removals
from tests.interpretation.answers import answer, forward_func_of_cells
from tests.interpretation.toys import CPU, Linear, forward_func_of, request_of
from tests.model.lively import random_windows, remembered, small_model

WORTH = np.arange(-6, 18.0)
CELLS = WORTH.reshape(12, 2)


def test_a_removal_is_one_stretch_of_some_features() -> None:
    removed = random_removals(forward_func_of_cells(*[1] * 60)).removed

    assert removed.shape == (REMOVALS, 30, 2)
    for one in removed[removed.any(axis=(1, 2))]:
        stretches = [np.flatnonzero(column) for column in one.T if column.any()]
        assert all(np.array_equal(steps, stretches[0]) for steps in stretches)
        assert (np.diff(stretches[0]) == 1).all() and len(stretches[0]) >= 30 // 10
    assert 0.3 < removed.any(axis=1).mean() < 0.7  # each feature with even odds


def test_a_linear_model_loses_what_the_removed_cells_are_worth() -> None:
    found = random_removals(forward_func_of_cells(*WORTH))

    assert found.lost == pytest.approx((found.removed * CELLS).sum(axis=(1, 2)), abs=1e-4)


@pytest.mark.parametrize("factor", [1, 7, 0.001])
def test_cells_that_add_up_have_no_infidelity_whatever_their_unit(factor: float) -> None:
    found = infidelity(answer(factor * CELLS), random_removals(forward_func_of_cells(*WORTH)))

    assert found and found.of_method == pytest.approx(0, abs=1e-9)
    assert len(found.of_shuffled) == SHUFFLES and (found.of_shuffled > 0.01).all()


def test_zeros_miss_all_and_so_do_cells_with_every_sign_wrong() -> None:
    """Captum's best factor may be below zero, which made a map with every sign wrong a perfect one."""
    removals = random_removals(forward_func_of_cells(*WORTH))

    assert infidelity(answer(np.zeros((12, 2))), removals).of_method == 1
    assert infidelity(answer(-CELLS), removals).of_method == 1


def test_infidelity_by_hand() -> None:
    removals = Removals(np.array([[[True, False]], [[False, True]]]), np.array([3.0, 1.0]))

    found = infidelity(answer([[1.0, 1.0]]), removals)

    assert found.of_method == pytest.approx(0.2)  # the best factor is (3 + 1) / 2 = 2: misses of 1 and 1, of 9 + 1 in all


def test_a_method_without_a_sign_cannot_add_up() -> None:
    assert infidelity(answer(CELLS, "saliency"), random_removals(forward_func_of_cells(*WORTH))) is None


@pytest.mark.parametrize("method", ["ablation", "integrated_gradients", "input_x_gradient"])
def test_infidelity_is_captums_as_a_share_of_what_the_removals_took(method: str) -> None:
    model, request = small_model(), request_of(random_windows(1, 12, 4)[0].tolist())
    forward_func, explanation = ForwardFunction(model, request, CPU), explain(model, request, method)
    removals = random_removals(forward_func)
    masks = torch.from_numpy(removals.removed)

    def perturbed(x: Tensor) -> tuple[Tensor, Tensor]:
        return masks.double(), torch.where(masks, 0, x)

    cells = torch.from_numpy(explanation.cells)[None]
    captums = captums_infidelity(forward_func, perturbed, forward_func.x, cells, n_perturb_samples=REMOVALS, normalize=True)

    assert infidelity(explanation, removals).of_method == pytest.approx(float(captums) / (removals.lost**2).mean(), rel=1e-4)


def test_the_gradient_of_a_linear_model_does_not_move() -> None:
    assert max_sensitivity(forward_func_of_cells(*WORTH), "saliency") == 0


def test_a_cell_moves_by_no_more_than_the_radius() -> None:
    moved = max_sensitivity(forward_func_of(Linear([[3.0]]), [[1.0]]), "ablation")

    assert 0.2 * RADIUS < moved <= RADIUS  # the largest of five draws; the worth moves as the cell does


def test_sensitivity_is_a_share_of_the_cells_norm() -> None:
    once, tenfold = (forward_func_of(Linear([[3.0]]), [[1.0]], output=output) for output in (0, 1))

    moved = max_sensitivity(once, "ablation")

    assert max_sensitivity(tenfold, "ablation") == pytest.approx(moved, rel=1e-4)
    assert max_sensitivity(forward_func_of(Linear([[3.0]]), [[10.0]]), "ablation") == pytest.approx(moved / 10, rel=1e-3)


def test_sensitivity_is_the_same_each_time_and_touches_no_random_state_and_no_model() -> None:
    model = small_model()
    forward_func = ForwardFunction(model, request_of(random_windows(1, 6, 4)[0].tolist(), draws=random_windows(2, 6, 4).tolist()), CPU)
    before, states = remembered(model), (torch.get_rng_state(), copy.deepcopy(np.random.get_state()))

    first, second = (max_sensitivity(forward_func, "gradient_shap") for _ in range(2))

    assert first == second > 0 and remembered(model) == before
    assert torch.equal(torch.get_rng_state(), states[0]) and np.array_equal(np.random.get_state()[1], states[1][1])


def test_sensitivity_stops_when_told() -> None:
    counter, model = itertools.count(), small_model()
    before = remembered(model)
    forward_func = ForwardFunction(model, request_of(random_windows(1, 6, 4)[0].tolist()), CPU, stop=lambda: next(counter) >= 3)

    with pytest.raises(Stopped):
        max_sensitivity(forward_func, "saliency")

    assert remembered(model) == before and next(counter) == 4  # not one pass more
