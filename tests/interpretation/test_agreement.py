import numpy as np
import pytest

from complex_lstm.interpretation import Explanation, cell_agreement, feature_agreement


def answer(*features: float, cells: list[list[float]] | None = None) -> Explanation:
    return Explanation("m", np.array(cells or [features], dtype=float), np.array(features, dtype=float), 1, "b", 0.1, "CPU")


def test_the_same_order_agrees_and_the_reversed_one_disagrees() -> None:
    matrix = feature_agreement((answer(1, 2, 3), answer(10, 20, 400), answer(3, 2, 1)))

    assert matrix == pytest.approx(np.array([[1, 1, -1], [1, 1, -1], [-1, -1, 1]]))


def test_ties_share_their_ranks() -> None:
    matrix = feature_agreement((answer(1, 1, 2), answer(1, 2, 3)))

    assert matrix[0, 1] == pytest.approx(1.5 / np.sqrt(1.5 * 2))  # ranks 1.5 1.5 3 and 1 2 3


def test_only_the_size_counts_and_not_the_sign() -> None:
    assert feature_agreement((answer(-3, 2, -1), answer(3, 2, 1)))[0, 1] == pytest.approx(1)


def test_a_method_that_tells_nothing_apart_agrees_with_none() -> None:
    matrix = feature_agreement((answer(2, 2, 2), answer(1, 2, 3)))

    assert np.isnan(matrix[0, 1]) and matrix[1, 1] == pytest.approx(1)


def test_cells_are_compared_as_one_long_row() -> None:
    first, second = answer(0, 0, cells=[[1, 2], [3, 4]]), answer(0, 0, cells=[[4, 3], [2, 1]])

    assert cell_agreement((first, second))[0, 1] == pytest.approx(-1)


def test_one_explanation_agrees_with_itself() -> None:
    assert feature_agreement((answer(1, 2, 3),)).tolist() == [[pytest.approx(1)]]
