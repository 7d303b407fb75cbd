"""Temporal saliency rescaling by the hand: on half the sum of squares the gradient map is the window itself."""

import pytest

from complex_lstm.interpretation.gradients import temporal_saliency_rescaling
from tests.interpretation.toys import Linear, Product, Squares, forward_func_of


def test_a_cell_is_worth_its_steps_change_of_the_map_times_its_own() -> None:
    found = temporal_saliency_rescaling(forward_func_of(Squares(), [[1.0, 2.0], [3.0, -4.0], [0.0, 1.0]]))

    # without step 0, 1, 2 the map changes by 1 + 2, 3 + 4, 0 + 1; the 0.55 quantile of 1, 3, 7 is 3.4: step 1 is looked into
    assert found.cells.tolist() == [[0, 0], [7 * 3, 7 * 4], [0, 0]]
    assert found.features.tolist() == [21, 28]
    assert found.effort == "3 steps, then the features of 1"


def test_a_factor_is_seen_in_the_gradient_of_the_other() -> None:
    found = temporal_saliency_rescaling(forward_func_of(Product((0, 0), (1, 1)), [[3.0, 9.0], [9.0, 4.0]]))

    # the map is 4 at the first factor and 3 at the second; without step 0 the 3 goes, without step 1 the 4
    assert found.cells.tolist() == [[0, 0], [0, 4 * 4]]


def test_steps_as_relevant_as_the_quantile_are_looked_into() -> None:
    found = temporal_saliency_rescaling(forward_func_of(Product((0, 0), (1, 1)), [[3.0, 9.0], [9.0, 3.0]]))

    assert found.cells.tolist() == [[3 * 3, 0], [0, 3 * 3]] and found.effort == "2 steps, then the features of 2"


@pytest.mark.parametrize("about", [{"baseline": 1.0}, {"baselines": [[[0.0, 2.0]], [[2.0, 0.0]]]}])
def test_removed_cells_get_the_baseline_and_several_are_averaged_into_one(about: dict) -> None:
    found = temporal_saliency_rescaling(forward_func_of(Squares(), [[4.0, 1.0]], **about))

    assert found.cells.tolist() == [[(4 - 1) * (4 - 1), 0]]


def test_a_linear_model_has_one_map_for_all_windows_and_nothing_is_relevant() -> None:
    found = temporal_saliency_rescaling(forward_func_of(Linear([[1.0, 2.0], [3.0, 4.0]]), [[1.0, 1.0], [2.0, 3.0]]))

    assert not found.cells.any()


@pytest.mark.parametrize("size", [1, 2, 5])
def test_it_is_the_same_in_batches_of_any_size(size: int) -> None:
    forward_func = forward_func_of(Squares(), [[1.0, 2.0], [3.0, -4.0], [0.0, 1.0]])
    forward_func.batch = size

    assert temporal_saliency_rescaling(forward_func).features.tolist() == [21, 28]


def test_the_output_counts_in_its_unit_once_for_the_step_and_once_for_the_cell() -> None:
    whole = temporal_saliency_rescaling(forward_func_of(Squares(), [[2.0, 1.0]]))
    half = temporal_saliency_rescaling(forward_func_of(Squares(), [[2.0, 1.0]], unit=0.5))

    assert whole.cells.tolist() == [[3 * 2, 3 * 1]]
    assert half.cells.tolist() == [[6 / 4, 3 / 4]]
