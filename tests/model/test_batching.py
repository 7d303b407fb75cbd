"""The one loop that sends windows through a model."""

import itertools
import threading

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from complex_lstm.errors import Stopped
from complex_lstm.model.batching import BATCH, fastest_batch, map_batches
from tests.model.lively import small_model


@pytest.mark.parametrize("workers", [1, 3])
def test_batches_come_in_their_order_whoever_is_done_first(workers: int) -> None:
    first_may_end = threading.Event()

    def run(batch: np.ndarray) -> list[int]:
        if workers > 1 and batch[0] == 0:
            assert first_may_end.wait(timeout=600)  # until the last one has begun
        if batch[0] == 4:
            first_may_end.set()
        return batch.tolist()

    assert map_batches(run, np.arange(5), size=2, workers=workers) == [[0, 1], [2, 3], [4]]


def test_progress_counts_the_windows_after_each_batch() -> None:
    seen: list[tuple[int, int]] = []

    map_batches(len, np.arange(5), size=2, progress=lambda done, total: seen.append((done, total)))

    assert seen == [(2, 5), (4, 5), (5, 5)]


def test_no_windows_are_no_batches() -> None:
    assert map_batches(len, np.arange(0)) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_a_stop_ends_it_before_the_next_batch(workers: int) -> None:
    calls, done = itertools.count(), []

    with pytest.raises(Stopped, match="Stopped before the end. What was done by then is kept."):
        map_batches(lambda batch: done.append(len(batch)), np.arange(10), size=2, workers=workers, stop=lambda: next(calls) >= 2)

    assert done == [2, 2]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_the_model_comes_through(workers: int) -> None:
    def run(batch: np.ndarray) -> None:
        raise ValueError(f"window {batch[0]}")

    with pytest.raises(ValueError, match="window 0"):
        map_batches(run, np.arange(10), size=2, workers=workers)


@pytest.mark.parametrize("workers", [1, 2])
def test_no_gradients_are_kept_in_any_thread(workers: int) -> None:
    layer, x = nn.Linear(2, 1), torch.ones(6, 2)

    found = map_batches(layer, x, size=2, workers=workers)

    assert torch.is_grad_enabled() and not any(part.requires_grad for part in found)


@torch.no_grad()
def test_batched_equals_unbatched_also_side_by_side() -> None:
    model, x = small_model(input_dim=2).double(), torch.randn(7, 5, 2, dtype=torch.float64)

    for size, workers in itertools.product((1, 3, 7), (1, 2)):
        found: list[Tensor] = map_batches(model, x, size=size, workers=workers)
        assert torch.allclose(torch.cat(found), model(x), atol=1e-12)


def test_a_small_model_takes_larger_batches_and_a_stranger_the_usual_one() -> None:
    assert fastest_batch(small_model()) == 3 * BATCH and fastest_batch(nn.Linear(1, 1)) == BATCH
