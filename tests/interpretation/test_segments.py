"""Segments between change points, and their Shapley values, by hand."""

import numpy as np
import pytest

from complex_lstm.interpretation.segments import MOST, segment_shapley, segments_of
from tests.interpretation.toys import Linear, Product, forward_func_of
from tests.model.lively import random_windows, small_model

BUMP = np.array([0, 0.1, 0, 0.1, 5, 5.1, 5, 5.1, 0, 0.1, 0, 0.1])  # changes before steps 4 and 8


def test_a_bump_is_a_segment_between_two_calm_ones() -> None:
    assert segments_of(BUMP).tolist() == [0] * 4 + [1] * 4 + [2] * 4


@pytest.mark.parametrize("series", [np.zeros(12), np.full(12, 7.0), np.array([0.0, 9.0, 0.0, 9.0, 0.0])], ids=["zero", "level", "short"])
def test_what_has_no_change_or_too_few_steps_is_one_segment(series: np.ndarray) -> None:
    assert not segments_of(series).any()


def test_noise_alone_has_few_change_points() -> None:
    counts = [segments_of(np.random.default_rng(seed).normal(size=100)).max() + 1 for seed in range(20)]

    assert np.mean(counts) < 3


def test_a_series_of_many_steps_has_ten_segments_of_three_steps_or_more() -> None:
    stairs = np.repeat(np.random.default_rng(1).permutation(20), 5).astype(float)

    found = segments_of(stairs)

    assert found.max() + 1 == MOST and np.bincount(found).min() >= 3
    assert (np.flatnonzero(np.diff(found)) % 5 == 4).all()  # only where the level changes


def test_a_segment_has_what_its_cells_are_worth_and_its_cells_share_it_evenly() -> None:
    """The bump's four steps weigh 1, 2, 3 and 4 and have 5 to 5.1: their sum is 50.6. The second feature is one segment."""
    weight = np.zeros((12, 2))
    weight[4:8, 0] = 1, 2, 3, 4
    weight[0, 1] = 6
    x = np.stack([BUMP, np.full(12, 2.0)], axis=1)

    found = segment_shapley(forward_func_of(Linear(weight.tolist()), x.tolist()))

    worth = 5 + 2 * 5.1 + 3 * 5 + 4 * 5.1
    assert found.cells[:, 0] == pytest.approx([0] * 4 + [worth / 4] * 4 + [0] * 4, abs=1e-5)
    assert found.cells[:, 1] == pytest.approx([12 / 12] * 12, abs=1e-5)
    assert found.features == pytest.approx([worth, 12], abs=1e-4) and found.gap == pytest.approx(worth + 12, abs=1e-4)
    assert found.effort == "4 segments, 16 orders"


def test_two_segments_share_their_product_evenly() -> None:
    """Each order is also taken backwards, so that each of the two comes last in half of them."""
    x = np.stack([BUMP, BUMP[::-1] + 1], axis=1)

    found = segment_shapley(forward_func_of(Product((4, 0), (5, 1)), x.tolist()))

    half = 5 * x[5, 1] / 2
    assert found.features == pytest.approx([half, half], abs=1e-5)
    assert found.cells[4:8, 0] == pytest.approx([half / 4] * 4, abs=1e-5)


@pytest.mark.parametrize("about", [{}, {"baselines": random_windows(3, 12, 4, seed=5).tolist()}, {"interpolated": True}])
def test_the_values_sum_to_the_gap_with_every_kind_of_baseline(about: dict[str, object]) -> None:
    forward_func = forward_func_of(small_model(), random_windows(12, 4, seed=3).tolist(), **about)

    found = segment_shapley(forward_func)

    assert found.gap == pytest.approx(forward_func.gap(), abs=1e-5) != 0
    assert found.features.sum() == pytest.approx(found.gap) and found.completeness_error < 1e-6
