"""Attention made a block of rows at a time: maps pooled by maximum, sums and products equal to those of the whole matrix."""

import numpy as np
import pytest
import torch

from complex_lstm.errors import Stopped
from complex_lstm.interpretation import attention_rollout, attention_rows, head_maps, summarise_heads
from complex_lstm.interpretation.attention_rows import attention_moved, cells_of, mean_received, rollout_mean, rollout_rows, row_blocks
from complex_lstm.interpretation.head_maps import largest_cell, map_heads, pooled_by_maximum
from complex_lstm.model.interventions import SilenceHead
from tests.model.lively import random_windows, small_model

STEPS = 23


@pytest.fixture(autouse=True)
def a_few_rows_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention_rows, "BLOCK_CELLS", 4 * STEPS * 5)


@pytest.fixture(scope="module")
def traces():
    model, x = small_model(), random_windows(1, STEPS, 4)
    return model.trace(x), model.long_trace(x)


def brute_maximum(weights: np.ndarray, square: int) -> np.ndarray:
    corners = range(0, weights.shape[-1], square)
    return np.array([[weights[row : row + square, column : column + square].max() for column in corners] for row in corners])


@pytest.mark.parametrize(("side", "square"), [(64, 1), (12, 2), (8, 3), (1, 23)])
def test_each_square_shows_its_largest_weight_exactly(traces, side: int, square: int) -> None:
    full, _ = traces
    attention = full.attention[0].numpy()

    found = map_heads(full, side=side)

    assert found.square == square
    for place in np.ndindex(2, 4):
        assert np.array_equal(found.heads[place], brute_maximum(attention[place], square))
    for layer in range(2):
        average = full.attention[0, layer].mean(dim=0).numpy()
        assert found.averages[layer] == pytest.approx(brute_maximum(average, square), rel=1e-6)
    assert found.rollout == pytest.approx(brute_maximum(attention_rollout(attention), square), rel=1e-5)


@pytest.mark.parametrize("which", [0, 1])
def test_sums_over_blocks_are_those_of_the_whole_matrix(traces, which: int) -> None:
    attention, trace = traces[0].attention[0].numpy(), traces[which]
    whole = summarise_heads(attention)

    found = map_heads(trace, side=5)

    for name in ("entropy", "distance", "diagonal"):
        assert getattr(found.summary, name) == pytest.approx(getattr(whole, name), rel=1e-5)
    assert found.received == pytest.approx(attention.mean(axis=(1, 2)), rel=1e-5)
    assert mean_received(trace) == pytest.approx(attention.mean(axis=(0, 1, 2)), rel=1e-5)
    rollout = attention_rollout(attention)
    assert rollout_mean(trace) == pytest.approx(rollout.mean(axis=0), rel=1e-5)
    assert rollout_rows(trace, 4, 9).numpy() == pytest.approx(rollout[4:9], abs=1e-6)
    assert cells_of(trace, 1, (4, 9), (20, 30)) == pytest.approx(attention[1, :, 4:9, 20:23], rel=1e-5)


def test_the_largest_cell_is_that_of_the_whole_matrix(traces) -> None:
    full, long = traces
    attention = full.attention[0].numpy()
    place = tuple(int(at) for at in np.unravel_index(attention.argmax(), attention.shape))

    assert largest_cell(long, map_heads(long, side=7)) == (*place, pytest.approx(attention[place], rel=1e-5))


def test_a_silenced_head_is_zero_in_all_numbers() -> None:
    found = map_heads(small_model().long_trace(random_windows(1, STEPS, 4), (SilenceHead(1, 2),)), side=5)

    assert not found.heads[1, 2].any() and found.summary.entropy[1, 2] == found.summary.distance[1, 2] == 0


def test_rows_are_whole_squares_and_cover_all_steps() -> None:
    assert row_blocks(STEPS, 4) == [(0, 5), (5, 10), (10, 15), (15, 20), (20, 23)]
    assert row_blocks(STEPS, 4, 3) == [(first, min(first + 3, STEPS)) for first in range(0, STEPS, 3)]
    assert row_blocks(STEPS, 4, 7)[0] == (0, 7)  # a square's rows, also where they are more


def test_who_waits_can_stop_and_is_told_the_rows(traces) -> None:
    seen: list[tuple[int, int]] = []

    map_heads(traces[1], side=5, progress=lambda done, total: seen.append((done, total)))

    assert seen[-1] == (2 * STEPS, 2 * STEPS) and [done for done, _ in seen] == sorted(done for done, _ in seen)
    with pytest.raises(Stopped):
        map_heads(traces[1], side=5, stop=lambda: len(seen) > 0)


def test_the_rollout_of_a_longer_window_is_left_out(traces, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(head_maps, "MOST_ROLLED_OUT", STEPS - 1)

    assert map_heads(traces[1], side=5).rollout is None


def test_the_last_square_may_hold_less() -> None:
    rows = torch.arange(15.0).reshape(1, 3, 5)

    assert pooled_by_maximum(rows, 2).tolist() == [[[6, 8, 9], [11, 13, 14]]]


def test_attention_that_goes_elsewhere_is_a_share_from_none_to_all(traces) -> None:
    model, x = small_model(), random_windows(1, STEPS, 4)
    before, after = model.trace(x), model.trace(x, interventions=(SilenceHead(0, 0),))

    assert attention_moved(before, before).tolist() == [0, 0]
    expected = (after.attention - before.attention)[0].abs().sum(dim=-1).mean(dim=(1, 2)) / 2
    assert attention_moved(before, after) == pytest.approx(expected.numpy(), rel=1e-5)
    assert attention_moved(before, after)[0] == pytest.approx(1 / 8)  # half of all of one head's weight, of four heads
