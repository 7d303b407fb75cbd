import numpy as np
import pytest

from complex_lstm.interpretation import MEASURES, Attribution, Explanation, UnsignedAttribution, agreement, furthest_apart
from complex_lstm.interpretation.agreement import top_items


def answer(*features: float, cells: list[list[float]] | None = None, kind: type[Attribution] = Attribution) -> Explanation:
    found = kind(np.array(cells or [features], dtype=float), np.array(features, dtype=float), "")
    return Explanation("ablation", found, "b", 1, 0.1, "CPU")


def between(first: Explanation, second: Explanation, measure: str, over: str = "features") -> float:
    return agreement((first, second), measure, over)[0, 1]


@pytest.mark.parametrize("measure", ["spearman", "kendall"])
def test_the_same_order_agrees_and_the_reversed_one_disagrees(measure: str) -> None:
    matrix = agreement((answer(1, 2, 3), answer(10, 20, 400), answer(3, 2, 1)), measure, "features")

    assert matrix == pytest.approx(np.array([[1, 1, -1], [1, 1, -1], [-1, -1, 1]]))


def test_two_neighbours_that_change_places() -> None:
    first, second = answer(1, 2, 3), answer(1, 3, 2)

    assert between(first, second, "spearman") == pytest.approx(1 - 6 * (0 + 1 + 1) / (3 * 8))
    assert between(first, second, "kendall") == pytest.approx((2 - 1) / 3)  # two of three pairs alike, one opposed


def test_ties_share_their_ranks() -> None:
    tied, ordered = answer(1, 1, 2), answer(1, 2, 3)

    assert between(tied, ordered, "spearman") == pytest.approx(1.5 / np.sqrt(1.5 * 2))  # ranks 1.5 1.5 3 and 1 2 3
    assert between(tied, ordered, "kendall") == pytest.approx(2 / np.sqrt(2 * 3))  # the tied pair is in neither's favour


def test_the_top_is_a_third_of_the_features() -> None:
    first = answer(9, 8, 1, 2, 3, 4)

    assert between(first, answer(8, 9, 0, 0, 0, 0), "top_k") == 1
    assert between(first, answer(9, 0, 0, 0, 0, 8), "top_k") == 1 / 2
    assert between(first, answer(0, 0, 8, 9, 0, 0), "top_k") == 0


def test_the_top_is_a_tenth_of_the_cells() -> None:
    first, second = (answer(*[0] * 20, cells=[[*before, 9, 8, *[0] * (18 - len(before))]]) for before in ([], [0]))

    assert between(first, second, "top_k", "cells") == 1 / 2  # cells 0 and 1, and cells 1 and 2


def test_a_sign_agrees_where_both_have_the_item_on_top_and_with_the_same_sign() -> None:
    first = answer(9, -8, 1, 2, 3, 4)

    assert between(first, answer(8, -9, 0, 0, 0, 0), "sign") == 1
    assert between(first, answer(8, 9, 0, 0, 0, 0), "sign") == 1 / 2
    assert between(first, answer(-8, 9, 0, 0, 0, 0), "sign") == 0
    assert between(first, answer(0, -9, 0, 0, 8, 0), "sign") == 1 / 2


def test_a_rank_agrees_where_both_have_the_item_in_the_same_place_on_top() -> None:
    first = answer(9, -8, 1, 2, 3, 4)  # the top are the first two, in this order

    assert between(first, answer(7, 6, 0, 0, 0, 0), "rank") == 1
    assert between(first, answer(8, 9, 0, 0, 0, 0), "rank") == 0  # both are on top, in the other order
    assert between(first, answer(9, 0, 0, 0, 0, 8), "rank") == 1 / 2
    assert between(first, answer(9, -8, 5, 6, 7, 0), "rank") == 1  # what is below the top does not count


def test_a_signed_rank_agrees_where_the_sign_is_the_same_too() -> None:
    first = answer(9, -8, 1, 2, 3, 4)

    assert between(first, answer(7, -6, 0, 0, 0, 0), "signed_rank") == 1
    assert between(first, answer(7, 6, 0, 0, 0, 0), "signed_rank") == 1 / 2
    assert between(first, answer(-7, 6, 0, 0, 0, 0), "signed_rank") == 0
    assert between(first, answer(-8, 9, 0, 0, 0, 0), "signed_rank") == 0


@pytest.mark.parametrize("measure", ["spearman", "kendall", "top_k", "rank"])
def test_only_the_size_counts_and_not_the_sign(measure: str) -> None:
    assert between(answer(-3, 2, -1), answer(3, 2, 1), measure) == pytest.approx(1)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_method_that_tells_nothing_apart_agrees_with_none(measure: str) -> None:
    matrix = agreement((answer(2, -2, 2), answer(1, 2, 3)), measure, "features")

    assert np.isnan(matrix[0]).all() and np.isnan(matrix[:, 0]).all() and matrix[1, 1] == pytest.approx(1)


@pytest.mark.parametrize("measure", ["sign", "signed_rank"])
def test_a_method_without_a_sign_has_no_sign_agreement(measure: str) -> None:
    signed, unsigned = answer(1, 2, 3), answer(1, 2, 3, kind=UnsignedAttribution)

    assert np.isnan(agreement((signed, unsigned), measure, "features")).tolist() == [[False, True], [True, True]]
    assert between(signed, unsigned, "top_k") == 1


@pytest.mark.parametrize("measure", MEASURES)
def test_agreement_is_symmetric_and_each_agrees_with_itself(measure: str) -> None:
    random = np.random.default_rng(0)
    answers = tuple(answer(*row) for row in random.normal(size=(4, 9)))

    matrix = agreement(answers, measure, "features")

    assert np.array_equal(matrix, matrix.T) and np.diag(matrix) == pytest.approx(np.ones(4))
    assert (matrix >= MEASURES[measure].lowest).all()


def test_cells_are_compared_as_one_long_row() -> None:
    first, second = answer(0, 0, cells=[[1, 2], [3, 4]]), answer(0, 0, cells=[[4, 3], [2, 1]])

    assert between(first, second, "spearman", "cells") == pytest.approx(-1)


def test_of_equal_items_the_first_are_on_top() -> None:
    assert top_items(np.array([0.0, -2.0, 2.0, 2.0]), 0.5).tolist() == [False, True, True, False]


@pytest.mark.parametrize(("count", "share", "top"), [(1, 0.1, 1), (10, 0.1, 1), (11, 0.1, 2), (70, 0.1, 7), (9, 1 / 3, 3), (10, 1 / 3, 4)])
def test_a_part_of_an_item_counts_as_a_whole_one(count: int, share: float, top: int) -> None:
    """0.1 * 70 is 7.000000000000001, which gave eight."""
    assert top_items(np.arange(count, dtype=float), share).sum() == top


def test_the_two_furthest_apart_are_named_in_their_order() -> None:
    matrix = np.array([[1.0, 0.5, -0.2], [0.5, 1.0, np.nan], [-0.2, np.nan, 1.0]])

    assert furthest_apart(matrix) == (0, 2)


@pytest.mark.parametrize("matrix", [np.ones((1, 1)), np.array([[1, np.nan], [np.nan, 1]])])
def test_where_no_two_can_be_compared_none_are_furthest_apart(matrix: np.ndarray) -> None:
    assert furthest_apart(matrix) is None
