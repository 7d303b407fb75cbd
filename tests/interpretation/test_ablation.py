import numpy as np
import pytest

from complex_lstm.interpretation import ablation
from complex_lstm.interpretation.ablation import ablate_cells, ablate_features, scaled_zero
from tests.interpretation.toys import CPU, Largest, Linear, Product, question_of

WEIGHT = [[1.0, 2.0], [3.0, -4.0], [0.0, 5.0]]
X = [[1.0, 1.0], [2.0, 1.0], [3.0, -1.0]]


def test_a_cell_of_a_linear_model_is_worth_its_weight_times_its_distance() -> None:
    cells = ablate_cells(Linear(WEIGHT), question_of(X, baseline=1.0), CPU)

    assert cells.tolist() == [[0, 0], [3, 0], [0, -10]]  # 3 * (2 - 1) and 5 * (-1 - 1)


def test_a_feature_of_a_linear_model_is_worth_the_sum_of_its_cells() -> None:
    features = ablate_features(Linear(WEIGHT), question_of(X), CPU)

    assert features.tolist() == [1 + 6 + 0, 2 - 4 - 5]


def test_the_output_asked_for_is_explained_in_its_unit() -> None:
    question = question_of(X, output=1, unit=0.5)

    assert ablate_features(Linear(WEIGHT), question, CPU).tolist() == [0.5 * 70, 0.5 * -70]
    assert ablate_cells(Linear(WEIGHT), question, CPU)[1, 1] == 0.5 * 10 * -4


def test_both_factors_of_a_product_are_worth_all_of_it() -> None:
    question = question_of([[3.0, 4.0]])

    assert ablate_features(Product(), question, CPU).tolist() == [12, 12]


def test_of_two_that_stand_in_for_each_other_neither_is_worth_anything() -> None:
    assert ablate_features(Largest(), question_of([[5.0, 5.0]]), CPU).tolist() == [0, 0]
    assert ablate_features(Largest(), question_of([[5.0, 3.0]]), CPU).tolist() == [2, 0]


@pytest.mark.parametrize("size", [1, 2, 4, 5, 64])
def test_cells_are_the_same_in_batches_of_any_size(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ablation, "BATCH", size)

    cells = ablate_cells(Linear(WEIGHT), question_of(X), CPU)

    assert np.array_equal(cells, np.array(WEIGHT) * np.array(X))


def test_zero_in_the_files_units_is_so_many_deviations_below_the_mean() -> None:
    assert scaled_zero((10.0, 0.0, -3.0), (5.0, 2.0, 1.5)).tolist() == [-2, 0, 2]
