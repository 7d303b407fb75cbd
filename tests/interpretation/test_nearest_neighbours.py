"""The windows that a window is compared with."""

import numpy as np
import pytest

from complex_lstm.config import Roles, SplitConfig, WindowConfig
from complex_lstm.data import Dataset, prepare_training
from complex_lstm.interpretation import nearest_neighbours
from complex_lstm.interpretation.nearest_neighbours import Neighbourhood, neighbourhood
from tests.browser.truth import truth_of
from tests.data.tables import table_of


@pytest.fixture(scope="module")
def line() -> Dataset:
    """Windows of two steps over twenty rows; the first fourteen rows are the training part."""
    rows = [f"{step},{step}" for step in range(20)]
    return prepare_training(table_of("t,p", *rows), Roles(("p",), ("p",), "values", time="t"), WindowConfig(length=2), SplitConfig("time"))


def test_a_distance_is_the_root_mean_square_difference_of_the_cells() -> None:
    windows = np.array([[[0, 0], [0, 0]], [[3, 3], [3, 3]], [[2, 0], [0, 0]]], dtype=np.float32)
    hood = Neighbourhood(np.array([4, 5, 6]), windows, np.array([1.0, 2.0, 3.0, 4.0]), "toys")

    assert hood.distances(np.zeros((2, 2))).tolist() == [0, 3, 1]  # sqrt(4 / 4)
    assert [hood.unusual(distance) for distance in (0.5, 2.5, 9.0)] == [0, 0.5, 1]


def test_windows_that_share_steps_are_no_neighbours(line: Dataset) -> None:
    hood = neighbourhood(line, 5)

    training = line.windows.of_part("training").tolist()
    assert hood.numbers.tolist() == [number for number in training if number not in (4, 5, 6)]
    assert hood.words == f"{len(training) - 3} training windows"
    two_steps = 2 / line.scaling.feature_std[0]  # the nearest window without a step in common begins two later
    assert np.allclose(hood.usual, two_steps)


def test_a_sample_of_the_training_part_is_said(line: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest_neighbours, "MOST_CELLS", 2 * 4)  # room for four windows of two steps

    assert neighbourhood(line, 5).words == f"4 of {len(line.windows.of_part('training')) - 3} training windows, evenly spread"


def test_windows_of_other_lengths_are_stretched() -> None:
    dataset = truth_of("japanese_vowels").dataset
    window = int(dataset.windows.of_part("test")[0])
    length = int(dataset.windows.length[window])

    hood = neighbourhood(dataset, window)

    assert hood.windows.shape == (243, length, 12)
    own = [number for number in range(243) if dataset.windows.length[hood.numbers[number]] == length]
    assert np.array_equal(hood.windows[own[0]], dataset.windows.inputs(hood.numbers[own[:1]])[0])


def test_without_a_training_part_all_windows_of_the_file_serve() -> None:
    hood = neighbourhood(truth_of("planted_shape").dataset, 3)

    assert hood.name == "windows of this file" and 3 not in hood.numbers and len(hood.numbers) == 639


def test_a_lone_window_has_no_neighbours() -> None:
    table = table_of("t,p", *[f"{step},{step}" for step in range(4)])
    lone = prepare_training(table, Roles(("p",), ("p",), "values", time="t"), WindowConfig(length=3), SplitConfig("time", 0.0, 0.0))

    hood = neighbourhood(lone, 0)

    assert len(hood.numbers) == 0 and hood.unusual(1.0) == 0 and len(hood.distances(np.zeros((3, 1)))) == 0
