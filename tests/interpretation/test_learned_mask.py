"""The learned mask on models whose deciding cells are known."""

import numpy as np
import pytest
import torch

from complex_lstm.errors import Stopped
from complex_lstm.interpretation import ForwardFunction
from complex_lstm.interpretation.learned_mask import NARROWEST, WIDEST, learned_mask
from tests.interpretation.toys import CPU, Linear, Product, forward_func_of, request_of
from tests.model.lively import random_windows, small_model

ONES = np.ones((10, 2)).tolist()


def bump(first: int, last: int) -> list[list[float]]:
    weight = np.zeros((10, 2))
    weight[first : last + 1, 1] = 1
    return weight.tolist()


def test_the_cells_that_the_output_is_the_sum_of_stay_longest_and_are_stated() -> None:
    """Two of twenty cells make the whole output, so that a tenth of them keeps it and a twentieth, one cell, the half."""
    found = learned_mask(forward_func_of(Linear(bump(4, 5)), ONES))

    first_two = np.argsort(-found.cells.ravel())[:2]
    assert sorted(first_two.tolist()) == [9, 11]  # steps 4 and 5 of the second feature
    assert found.effort == "60 steps; the top 10% of the cells keep 100% of the gap"
    assert found.features[1] > found.features[0]


def test_both_factors_of_a_product_are_needed() -> None:
    found = learned_mask(forward_func_of(Product((2, 0), (7, 1)), ONES))

    assert sorted(np.argsort(-found.cells.ravel())[:2].tolist()) == [4, 15]
    assert found.effort.endswith("the top 10% of the cells keep 100% of the gap")


@pytest.mark.parametrize(
    "about",
    [
        {"baseline": 3.0},
        {"baselines": [np.zeros((10, 2)).tolist(), np.full((10, 2), -2.0).tolist()]},
        {"baselines": np.zeros((1, 10, 2)).tolist(), "interpolated": True},
    ],
    ids=["one", "many", "interpolated"],
)  # fmt: skip
def test_the_cells_are_found_with_every_kind_of_baseline(about: dict[str, object]) -> None:
    x = np.zeros((10, 2))
    x[4:6, 1] = 2  # a bump from a level of 0, whose sides remain for an interpolation

    found = learned_mask(forward_func_of(Linear(bump(4, 5)), x.tolist(), **about))

    assert sorted(np.argsort(-found.cells.ravel())[:2].tolist()) == [9, 11]


def test_a_cell_stays_in_the_mask_for_a_share_of_the_steps() -> None:
    """The mean over all cells is that of the areas gone through, from 98% to 2%, evenly in their logarithm."""
    found = learned_mask(forward_func_of(small_model(), random_windows(8, 4, seed=3).tolist()))

    areas = np.geomspace(WIDEST, NARROWEST, 60)
    assert found.cells.mean() == pytest.approx(areas.mean(), abs=1e-4)
    assert found.cells.min() > 0 and found.cells.max() < 1


def test_where_every_cell_may_go_there_is_nothing_to_keep() -> None:
    found = learned_mask(forward_func_of(Linear(np.zeros((4, 2)).tolist()), np.ones((4, 2)).tolist()))

    assert found.effort == "60 steps; there is no gap to keep"
    assert np.ptp(found.cells) == pytest.approx(0, abs=1e-6)


@pytest.mark.long
def test_the_same_window_gives_the_same_mask() -> None:
    x = random_windows(8, 4, seed=3).tolist()

    first, second = (learned_mask(forward_func_of(small_model(), x)) for _ in range(2))

    assert np.array_equal(first.cells, second.cells) and first.effort == second.effort


def test_it_stops_between_two_steps_and_leaves_no_gradients() -> None:
    model, calls = small_model(), [0]

    def stop() -> bool:
        calls[0] += 1
        return calls[0] > 20

    with pytest.raises(Stopped):
        learned_mask(ForwardFunction(model, request_of(random_windows(8, 4).tolist()), CPU, stop))

    assert calls[0] == 21 and all(weight.grad is None for weight in model.parameters())


def test_gradients_need_not_be_on() -> None:
    with torch.no_grad():
        found = learned_mask(forward_func_of(Linear(bump(1, 1)), ONES))

    assert int(found.cells.argmax()) == 3
