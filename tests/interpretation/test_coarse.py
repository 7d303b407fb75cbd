"""Large windows from coarse to fine: what is found, how many windows it takes, and that small windows are explained as ever."""

import numpy as np
import pytest
import torch

from complex_lstm.interpretation import METHODS, explain
from complex_lstm.interpretation.ablation import ablation, occlusion
from complex_lstm.interpretation.coarse import SEGMENTS, adaptive_segments, coarse_to_fine, is_large
from complex_lstm.interpretation.cost import chance_passes, curve_passes, expected_passes
from complex_lstm.interpretation.evidence import map_evidence, window_evidence
from complex_lstm.interpretation.faithfulness import faithfulness, random_faithfulness
from complex_lstm.interpretation.forward import ForwardFunction
from complex_lstm.interpretation.gradients import temporal_saliency_rescaling
from complex_lstm.interpretation.robustness import random_removals
from complex_lstm.interpretation.shapley import shapley
from tests.interpretation.toys import CPU, Linear, Squares, forward_func_of, request_of

LONG, WIDE = 512, 20
DRAWS = [[[1.0] * WIDE] * LONG]


def weights(time: int, features: int, *cells: tuple[int, int, float]) -> list[list[float]]:
    weight = np.zeros((time, features))
    for step, feature, value in cells:
        weight[step, feature] = value
    return weight.tolist()


@pytest.mark.parametrize(("time", "features", "large"), [(100, 12, False), (48, 40, False), (101, 12, True), (LONG, WIDE, True)])
def test_only_what_would_take_long_is_explained_coarsely(time: int, features: int, large: bool) -> None:
    assert is_large(time, features) is large


def test_the_cells_that_matter_are_found_exactly_and_each_segments_loss_is_kept() -> None:
    """Of 128 steps a segment has 4. The weights sum to 4 in the first segment of feature 2, which two cells share three to one."""
    model = Linear(weights(128, 8, (0, 2, 3.0), (3, 2, 1.0), (90, 5, -2.0)))

    found = ablation(forward_func_of(model, np.ones((128, 8)).tolist()))

    expected = np.zeros((128, 8))
    expected[0, 2], expected[3, 2], expected[90, 5] = 3.0, 1.0, -2.0
    np.testing.assert_allclose(found.cells, expected, atol=1e-5)
    np.testing.assert_allclose(found.features, [0, 0, 4, 0, 0, -2, 0, 0], atol=1e-5)
    assert found.effort == "8 columns; cells within 2 of 256 segments of 4 steps, which hold 100% of it, the rest by segment"


def test_what_is_not_refined_is_spread_evenly_over_its_segment() -> None:
    """20 segments lose 1 each, all in their first cell: 16 of them hold 80%, and the last four stay coarse."""
    cells = [(4 * number, 0, 1.0) for number in range(20)]
    weight = torch.tensor(weights(128, 8, *cells))

    found, how = coarse_to_fine(lambda removed: (removed * weight).sum((1, 2)).double().numpy(), adaptive_segments(np.ones((128, 8))))

    assert "16 of 256 segments" in how and found.sum() == pytest.approx(20)
    assert how.endswith("hold 80% of it (of a refined one 75% would be misplaced by an even spread, so about 15.0% of all is)")
    assert sorted({round(value, 6) for value in found[:, 0].tolist()}) == [0.0, 0.25, 1.0] and (found[:, 1:] == 0).all()
    assert int((found[:, 0] == 0.25).sum()) == 4 * 4


def test_an_event_has_segments_of_its_own_and_what_is_long_between_changes_is_halved() -> None:
    """A step from 0 to 1 at 37 and back at 90, in one feature of two: no segment crosses either, and none has more than 8 steps of 128."""
    x = np.zeros((128, 2))
    x[37:90, 0] = 1.0

    segment = adaptive_segments(x + np.random.default_rng(0).normal(scale=1e-3, size=x.shape))

    edges = np.flatnonzero(np.diff(segment[:, 0])) + 1
    assert {37, 90} <= set(edges.tolist()) and np.diff([0, *edges, 128]).max() <= 8
    assert np.unique(segment).tolist() == list(range(2 * SEGMENTS)) and (np.diff(segment, axis=0) >= 0).all()


def test_an_event_is_found_whole_by_the_coarse_step_whatever_its_place() -> None:
    """Seven steps from 61 on decide. Equal segments of 4 would cut through them and spread 2 of them over 4 steps."""
    x = np.zeros((128, 8))
    x[61:68, 3] = 5.0
    weight = torch.tensor(x > 0)

    segment = adaptive_segments(x)
    found, how = coarse_to_fine(lambda removed: (removed & weight).sum((1, 2)).double().numpy(), segment)

    assert set(segment[61:68, 3].tolist()).isdisjoint({segment[60, 3], segment[68, 3]})
    np.testing.assert_allclose(found, weight.double().numpy())
    assert "cut at changes, which hold 100% of it" in how


def test_change_points_of_a_very_long_window_are_found_among_means() -> None:
    x = np.zeros((5000, 1))
    x[2000:2600] = 1.0

    edges = np.flatnonzero(np.diff(adaptive_segments(x)[:, 0])) + 1

    assert len(edges) == SEGMENTS - 1 and {2000, 2600} <= set(edges.tolist())


def test_a_large_window_takes_a_tenth_of_the_windows_that_its_cells_would() -> None:
    model = Linear(weights(LONG, WIDE, (100, 3, 1.0)))

    ablation(forward_func_of(model, np.ones((LONG, WIDE)).tolist()))

    assert model.seen < LONG * WIDE / 9


def test_stretches_of_a_large_window_reach_its_end_though_its_length_divides_badly() -> None:
    """512 steps less a stretch of 51 is a prime number, so that stretches with equal overlap would begin at every step."""
    model = Linear(weights(LONG, WIDE, *((step, 7, 2.0) for step in range(LONG))))

    found = occlusion(forward_func_of(model, np.ones((LONG, WIDE)).tolist()))

    assert found.effort == "stretches of 51 steps, 400 in all"
    np.testing.assert_allclose(found.cells[:, 7], 2.0, rtol=1e-4)


def test_temporal_rescaling_finds_the_one_cell_that_differs_from_the_baseline() -> None:
    """The gradient of the squares is the cell itself, so that only removing this cell changes it."""
    x = weights(LONG, WIDE, (300, 4, 1.5))

    found = temporal_saliency_rescaling(forward_func_of(Squares(), x))

    assert np.flatnonzero(found.cells).tolist() == [300 * WIDE + 4]
    assert "16 segments of 32 steps" in found.effort


def test_shapley_of_a_large_window_still_sums_to_the_gap() -> None:
    model = Linear(weights(200, 4, (10, 1, 1.0), (150, 2, 2.0)))

    found = shapley(forward_func_of(model, np.ones((200, 4)).tolist()))

    assert found.cells.sum() == pytest.approx(3.0, abs=1e-4) == found.gap
    assert found.effort.endswith("2 orders of stretches")


@pytest.mark.parametrize(("time", "features"), [(20, 3), (LONG, WIDE)])
@pytest.mark.parametrize("method", [name for name in METHODS if name not in ("attention_rollout", "consensus")])
def test_the_expected_passes_are_about_those_that_a_method_takes(method: str, time: int, features: int) -> None:
    x = np.random.default_rng(0).standard_normal((time, features))
    request = request_of(x.tolist(), draws=[x.tolist()] * 4)
    counted: list[int] = []

    explain(Squares(), request, method, on_pass=counted.append)

    fewest = 0.2 if method == "integrated_gradients" else 0.6  # of squares its first steps suffice
    assert fewest < sum(counted) / expected_passes(method, request) < 1.5


def test_the_passes_of_curves_chance_and_verdicts_are_about_those_that_they_take() -> None:
    x = np.ones((20, 3)).tolist()
    counted: list[int] = []
    model = Linear(weights(20, 3, (5, 1, 1.0), (6, 1, 2.0), (7, 1, 1.0)))
    function = ForwardFunction(model, request_of(x, draws=[x] * 4), CPU, on_pass=counted.append)

    random_faithfulness(function)
    random_removals(function)
    window = window_evidence(function)
    assert 0.9 < sum(counted) / chance_passes(function.request) < 1.1
    counted.clear()
    found = occlusion(forward_func_of(function.model, x))
    faithfulness(function, found)
    map_evidence(function, window, found)
    assert 0.7 < sum(counted) / curve_passes(function.request) < 1.3
