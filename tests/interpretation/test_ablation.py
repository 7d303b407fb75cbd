import numpy as np
import pytest

from complex_lstm.interpretation.ablation import ablate_features, ablate_steps, ablate_stretches, ablation, occlusion
from tests.interpretation.toys import Largest, Linear, Product, Squares, forward_func_of

WEIGHT = [[1.0, 2.0], [3.0, -4.0], [0.0, 5.0]]
X = [[1.0, 1.0], [2.0, 1.0], [3.0, -1.0]]


def test_a_cell_of_a_linear_model_is_worth_its_weight_times_its_distance() -> None:
    cells = ablation(forward_func_of(Linear(WEIGHT), X, baseline=1.0)).cells

    assert cells.tolist() == [[0, 0], [3, 0], [0, -10]]  # 3 * (2 - 1) and 5 * (-1 - 1)


def test_a_feature_of_a_linear_model_is_worth_the_sum_of_its_cells() -> None:
    found = ablation(forward_func_of(Linear(WEIGHT), X))

    assert found.features.tolist() == [1 + 6 + 0, 2 - 4 - 5]
    assert found.effort == "2 columns, 6 cells, one at a time"


def test_a_step_of_a_linear_model_is_worth_the_sum_of_its_cells_and_every_few_steps_are_told() -> None:
    told: list[tuple[int, int]] = []

    found = ablate_steps(forward_func_of(Linear(WEIGHT), X), lambda done, total: told.append((done, total)))

    assert found.tolist() == [1 + 2, 6 - 4, 0 - 5] and told == [(3, 3)]

    ablate_steps(forward_func_of(Linear([[1.0]] * 2000), [[1.0]] * 2000), lambda done, total: told.append((done, total)))
    assert told[1:3] == [(16, 2000), (32, 2000)] and told[-1] == (2000, 2000)  # a long window's steps are removed 16 at a time


def test_a_stretch_of_a_linear_model_is_worth_the_sum_of_its_steps_and_is_not_cut_short_at_an_end() -> None:
    """The steps are worth 3, 2 and -5."""
    found = ablate_stretches(forward_func_of(Linear(WEIGHT), X), 2)

    assert found.tolist() == [5, 5, -3]


def test_the_output_asked_for_is_explained_in_its_unit() -> None:
    found = ablation(forward_func_of(Linear(WEIGHT), X, output=1, unit=0.5))

    assert found.features.tolist() == [0.5 * 70, 0.5 * -70]
    assert found.cells[1, 1] == 0.5 * 10 * -4


def test_both_factors_of_a_product_are_worth_all_of_it() -> None:
    assert ablate_features(forward_func_of(Product(), [[3.0, 4.0]])).tolist() == [12, 12]


def test_of_two_that_stand_in_for_each_other_neither_is_worth_anything() -> None:
    assert ablate_features(forward_func_of(Largest(), [[5.0, 5.0]])).tolist() == [0, 0]
    assert ablate_features(forward_func_of(Largest(), [[5.0, 3.0]])).tolist() == [2, 0]


def test_a_bridged_cell_is_worth_its_distance_from_the_line() -> None:
    found = ablation(forward_func_of(Linear([[1.0], [1.0], [1.0]]), [[1.0], [5.0], [3.0]], interpolated=True))

    assert found.cells.tolist() == [[1 - 5], [5 - 2], [3 - 5]]  # an end repeats its neighbour
    assert found.features.tolist() == [5 - 2]  # of the whole column the ends stay


def test_with_several_baselines_the_output_is_averaged_over_them() -> None:
    found = ablation(forward_func_of(Squares(), [[4.0]], baselines=[[[0.0]], [[2.0]]]))

    assert found.cells.tolist() == [[16 / 2 - (0 / 2 + 4 / 2) / 2]]


@pytest.mark.parametrize("size", [1, 2, 4, 5, 64])
def test_cells_are_the_same_in_batches_of_any_size(size: int) -> None:
    forward_func = forward_func_of(Linear(WEIGHT), X)
    forward_func.batch = size

    assert np.array_equal(ablation(forward_func).cells, np.array(WEIGHT) * np.array(X))


def test_occlusion_shares_a_cells_drop_over_the_stretches_that_cover_it() -> None:
    weight, x = np.zeros((20, 2)), np.ones((20, 2))
    weight[10, 1] = 8

    found = occlusion(forward_func_of(Linear(weight.astype(np.float32).tolist()), x.tolist()))

    expected = np.zeros((20, 2))
    expected[9:12, 1] = [2, 4, 2]  # a stretch of two has the drop 8, 4 a cell; steps 9 and 11 are covered with it half the time
    assert found.cells == pytest.approx(expected, abs=1e-6)
    assert found.features == pytest.approx([0, 8]) and found.effort == "stretches of 2 steps, 38 in all"


@pytest.mark.parametrize("time", [1, 5, 13, 48, 50, 97, 100])
def test_occlusion_of_equal_cells_is_equal_to_the_last_step(time: int) -> None:
    """A stretch cut short at the end gave the last cells too little."""
    x = np.ones((time, 1)).tolist()

    cells = occlusion(forward_func_of(Linear(x), x)).cells

    assert cells == pytest.approx(np.ones((time, 1)), abs=1e-5)


def test_occlusion_in_steps_of_one_is_ablation_of_the_cells() -> None:
    found = occlusion(forward_func_of(Linear(WEIGHT), X, baseline=1.0))

    assert found.cells.tolist() == [[0, 0], [3, 0], [0, -10]] and found.effort == "stretches of 1 step, 6 in all"


@pytest.mark.parametrize(("share", "length"), [(1 / 20, 2), (1 / 10, 4), (1 / 6, 6)])
def test_a_stretch_is_a_share_of_the_window_rounded_down(share: float, length: int) -> None:
    x = np.ones((40, 1)).tolist()

    found = occlusion(forward_func_of(Linear(x), x), share)

    assert found.effort.startswith(f"stretches of {length} steps, ") and found.cells == pytest.approx(np.ones((40, 1)), abs=1e-5)
