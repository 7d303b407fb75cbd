"""Times: each part's own, in the order of the walk, on the model as it is."""

import itertools
import time

import numpy as np
import pytest
import torch

from complex_lstm.errors import Stopped
from complex_lstm.profiling import KINDS, time_parts
from complex_lstm.profiling.timing import FEWEST, MOST, counts_own_work
from tests.model.lively import random_windows, remembered, small_model

TICKS = {  # how many boxes each part tells of; the attention weights are none, because a plain pass runs fused
    "Input projection and positions": 2,
    "Convolution stage 1": 4,
    "Convolution stage 2": 4,
    "Fusion gate": 2,
    "BiLSTM block 1": 1,
    "BiLSTM block 2": 1,
    "Attention layer 1": 1,
    "BiLSTM block 3": 1,
    "BiLSTM block 4": 1,
    "Attention layer 2": 1,
    "Pooling, ensemble heads and combiner": 5,
}


def test_every_part_takes_time_and_they_stand_in_the_order_of_the_walk() -> None:
    start = time.perf_counter()
    timed = time_parts(small_model(), random_windows(3, 12, 4), budget=0.0)
    waited = time.perf_counter() - start

    assert [part.label for part in timed.parts] == list(TICKS)
    assert timed.passes.shape == (FEWEST, len(TICKS)) and (timed.passes > 0).all()
    assert (timed.size.time, timed.size.hidden, timed.size.batch) == (12, 16, 3)
    assert 0 < timed.passes.sum() < 2 * waited


def test_the_time_between_two_looks_belongs_to_the_box_that_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that goes one second further at each look."""
    monkeypatch.setattr(time, "thread_time", itertools.count(0.0).__next__)

    timed = time_parts(small_model(), random_windows(1, 5, 4))

    assert dict(zip([part.label for part in timed.parts], timed.seconds.tolist(), strict=True)) == TICKS
    assert timed.whole == 23
    assert dict(zip(KINDS, timed.kinds.tolist(), strict=True)) == {
        "Input projection": 2,
        "Convolutions": 8,
        "Fusion gate": 2,
        "BiLSTM blocks": 4,
        "Attention layers": 2,
        "Ensemble": 5,
    }


def test_a_part_that_is_not_gone_through_is_not_timed() -> None:
    timed = time_parts(small_model(num_lstm_layers=1), random_windows(1, 5, 4), budget=0.0)

    assert not any(part.kind == "Attention layers" for part in timed.parts)
    assert timed.kinds[KINDS.index("Attention layers")] == 0


def test_quick_passes_are_repeated_and_not_for_ever() -> None:
    assert len(time_parts(small_model(), random_windows(1, 5, 4), budget=60.0).passes) == MOST


def test_who_wants_to_stop_is_heard_between_two_passes() -> None:
    wishes = iter([False, True])

    with pytest.raises(Stopped, match="The measurement was stopped. What was measured by then is kept."):
        time_parts(small_model(), random_windows(1, 5, 4), stop=wishes.__next__)


def test_the_model_is_left_as_it_was() -> None:
    model = small_model()
    before = remembered(model)

    time_parts(model, random_windows(2, 5, 4), budget=0.0)

    assert remembered(model) == before


def test_only_one_thread_of_the_cpu_has_a_time_of_its_own() -> None:
    assert counts_own_work(torch.device("cpu")) == (torch.get_num_threads() == 1)
    assert not counts_own_work(torch.device("cuda"))
    assert np.isfinite(time.get_clock_info("thread_time").resolution)
