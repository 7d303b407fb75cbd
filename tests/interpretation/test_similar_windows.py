"""The nearest training windows, against a search by hand."""

from dataclasses import replace

import numpy as np
import pytest

from complex_lstm.data import Dataset
from complex_lstm.errors import Stopped
from complex_lstm.evaluation.pooled import pooled_windows
from complex_lstm.evaluation.window_map import MappedWindows, map_pooled
from complex_lstm.interpretation.similar_windows import known_windows, similar_windows
from tests.browser.truth import truth_of
from tests.training.planted import forecast_dataset


def mapped_of(sample: str, every: int = 1) -> MappedWindows:
    truth = truth_of(sample)
    return map_pooled(truth.dataset, pooled_windows(truth.model, truth.dataset, np.arange(0, len(truth.dataset.windows), every)))


def share_steps(dataset: Dataset, one: int, other: int) -> bool:
    windows = dataset.windows
    spans = [set(range(windows.start[number], windows.start[number] + windows.length[number])) for number in (one, other)]
    return bool(windows.series[one] == windows.series[other] and spans[0] & spans[1])


@pytest.mark.parametrize(("sample", "every"), [("japanese_vowels", 1), ("nyc_weather", 40)])
def test_they_are_the_nearest_of_a_search_by_hand(sample: str, every: int) -> None:
    mapped = mapped_of(sample, every)
    windows, known = mapped.dataset.windows, known_windows(mapped)

    for place in (0, len(mapped.chosen) // 2, len(mapped.chosen) - 1):
        number, point = int(mapped.chosen[place]), mapped.points[place].astype(float)
        by_hand = sorted(
            (np.sqrt(((mapped.points[other] - point) ** 2).mean()), other)
            for other in range(len(mapped.chosen))
            if windows.part[mapped.chosen[other]] == "training" and not share_steps(mapped.dataset, number, int(mapped.chosen[other]))
        )

        found = similar_windows(mapped, known, mapped.points[place], windows, number)

        assert found.places.tolist() == [other for _, other in by_hand[:5]]
        assert np.allclose(found.distances, [distance for distance, _ in by_hand[:5]], atol=1e-4)
        assert place not in found.places


def test_what_is_usual_is_each_training_windows_own_nearest() -> None:
    mapped = mapped_of("japanese_vowels")
    known = known_windows(mapped)
    points = mapped.points[known.places].astype(float)
    apart = np.sqrt(((points[:, None] - points) ** 2).mean(axis=2)) + np.diag(np.full(len(points), np.inf))  # each is a series of its own

    assert known.of_training and known.name == "training windows" and len(known.usual) == 243
    assert np.allclose(known.usual, np.sort(apart.min(axis=1)), atol=1e-4)


def test_a_window_unlike_all_is_far_and_one_of_them_is_not() -> None:
    mapped = mapped_of("japanese_vowels")
    known, windows = known_windows(mapped), mapped.dataset.windows

    far = similar_windows(mapped, known, mapped.points[3] + 50, windows, 3)
    typical = similar_windows(mapped, known, mapped.points[3], windows, 3)

    assert far.is_far and far.nearer.tolist() == [1] * 5
    assert typical.nearer[0] == pytest.approx(np.mean(known.usual < typical.distances[0]), abs=1e-3) and not typical.is_far


def test_the_answers_of_planted_windows_are_those_of_their_nearest() -> None:
    mapped = mapped_of("planted_order")
    known, windows = known_windows(mapped), mapped.dataset.windows
    of_test = [place for place in range(640) if windows.part[place] == "test"]

    right = [
        (windows.label[similar_windows(mapped, known, mapped.points[place], windows, place).places] == windows.label[place]).mean()
        for place in of_test
    ]

    assert len(of_test) > 50 and np.mean(right) > 0.95


def test_a_file_without_a_training_part_is_compared_with_itself() -> None:
    mapped = mapped_of("planted_shape", 4)
    part = mapped.dataset.windows.part.copy()
    part[:] = "this file"
    own = replace(mapped, dataset=replace(mapped.dataset, windows=replace(mapped.dataset.windows, part=part)))

    known = known_windows(own)

    assert known.name == "windows of this file" and not known.of_training and len(known.places) == 160


def test_a_lone_window_has_no_neighbour_and_nothing_is_usual() -> None:
    dataset = forecast_dataset()
    mapped = mapped_of("planted_order")
    lone = MappedWindows(dataset, mapped.predictions.of(np.array([0])), mapped.points[:1], mapped.ruler)

    known = known_windows(lone)
    found = similar_windows(lone, known, lone.points[0], dataset.windows, 0)

    assert len(known.usual) == len(found.places) == 0 and not found.is_far


def test_it_stops() -> None:
    with pytest.raises(Stopped):
        known_windows(mapped_of("planted_order", 8), stop=lambda: True)
