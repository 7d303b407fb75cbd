"""The time that training will take: measured within a stated memory, and a batch of any size cannot take more."""

import math
from pathlib import Path

import psutil
import pytest
import torch

from complex_lstm.config import ModelConfig
from complex_lstm.data import Dataset, guess_roles, prepare_training, read_csv, suggest_split, suggest_window
from complex_lstm.errors import Stopped, TrainingError
from complex_lstm.model.device import is_out_of_memory
from complex_lstm.samples import SAMPLES
from complex_lstm.training.timing import (
    GIGABYTE,
    MOST_MEMORY,
    memory_to_measure_with,
    seconds_an_epoch,
    windows_that_fit,
)

DOCUMENTS = ModelConfig()


@pytest.fixture(scope="module")
def planted() -> Dataset:
    table = read_csv(Path(SAMPLES["planted_order"].csv))
    roles = guess_roles(table).roles
    window = suggest_window(table, roles)
    return prepare_training(table, roles, window, suggest_split(table, roles, window))


def test_the_windows_that_fit_follow_from_the_sizes_of_the_model() -> None:
    """The document's model has 13,234,957 weights of 16 bytes each, with gradient and moments. A window of 50 steps takes
    4 * 50 * (256 * (50 + 60 * 4) + 8 * 8 * 50) = 15,488,000 bytes: (2^31 - 211,759,312) / 15,488,000 = 124.98."""
    assert windows_that_fit(DOCUMENTS, 50, memory=2 * GIGABYTE) == 124


def test_attention_counts_with_the_square_of_the_steps() -> None:
    short, long = (windows_that_fit(ModelConfig(hidden_dim=64), steps, memory=GIGABYTE) for steps in (100, 1000))

    assert short > 15 * long


def test_a_model_that_no_memory_holds_is_told_with_its_size() -> None:
    """At 5,000 channels the BiLSTM blocks alone have more than four billion weights: 16 bytes each."""
    with pytest.raises(TrainingError, match=r"needs about [67]\d\.\d GB, and at most 2\.0 GB are used for measuring\. Choose fewer"):
        windows_that_fit(ModelConfig(hidden_dim=5000), 50, memory=2 * GIGABYTE)


def test_a_batch_of_any_size_is_measured_within_the_memory(planted: Dataset) -> None:
    """A batch of 4,096 windows was measured whole, which took 50 GB at the document's size and ended the server."""
    before = psutil.Process().memory_info().rss

    seconds = seconds_an_epoch(planted, ModelConfig(9, 16, 1, 2, 3), batch_size=4096)

    assert 0 < seconds < math.inf and psutil.Process().memory_info().rss - before < MOST_MEMORY
    assert memory_to_measure_with(torch.device("cpu")) <= MOST_MEMORY


def test_a_measurement_that_must_stop_takes_no_step(planted: Dataset) -> None:
    with pytest.raises(Stopped):
        seconds_an_epoch(planted, ModelConfig(9, 16, 1, 2, 3), batch_size=8, stop=lambda: True)


def test_no_memory_left_is_told_apart_from_a_mistake() -> None:
    with pytest.raises(RuntimeError) as no_room:
        torch.empty(2**58)
    with pytest.raises(RuntimeError) as mistake:
        torch.ones(2) @ torch.ones(3)

    assert is_out_of_memory(no_room.value) and is_out_of_memory(MemoryError()) and is_out_of_memory(torch.OutOfMemoryError())
    assert not is_out_of_memory(mistake.value)
