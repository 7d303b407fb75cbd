"""Kinds of explanation: planted ones are found, and those that are none are called unstable."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from complex_lstm.errors import Stopped
from complex_lstm.evaluation.blocks import Blocks, blocks_of
from complex_lstm.evaluation.pooled import pooled_windows
from complex_lstm.evaluation.window_map import map_pooled
from complex_lstm.interpretation import landmarks
from complex_lstm.interpretation.landmarks import Landmarks, find_landmarks
from tests.browser.truth import truth_of


def blocks(count: int) -> Blocks:
    return Blocks(np.arange(count), count, "series")


def groups_of(found: Landmarks, count: int) -> np.ndarray:
    group = np.full(count, -1)
    for number, one in enumerate(found.kinds):
        group[one.members] = number
    return group


@pytest.mark.parametrize("kinds", [3, 5])
def test_planted_kinds_are_found_with_the_window_in_their_middle(kinds: int) -> None:
    random = np.random.default_rng(0)
    sizes = [40 + 10 * kind for kind in range(kinds)]
    planted = np.repeat(np.arange(kinds), sizes)
    points = (10 * np.eye(kinds, 6)[planted] + random.normal(size=(sum(sizes), 6))).astype(np.float32)

    found = find_landmarks(points, blocks(len(points)))

    assert len(found.kinds) == kinds and adjusted_rand_score(planted, groups_of(found, len(points))) == 1
    assert [len(one.members) for one in found.kinds] == sorted(sizes, reverse=True)
    assert found.is_clear and all(one.stability > 0.99 and not one.is_unstable for one in found.kinds)
    for one in found.kinds:
        inside = points[one.members].astype(float)
        sums = ((inside[:, None] - inside) ** 2).sum(axis=(1, 2))
        assert one.place == one.members[sums.argmin()]  # least squared distance to all of its kind


def test_the_classes_of_planted_order_are_the_kinds_of_what_its_ensemble_heads_see() -> None:
    truth = truth_of("planted_order")
    mapped = map_pooled(truth.dataset, pooled_windows(truth.model, truth.dataset, np.arange(640)))

    found = find_landmarks(mapped.points, blocks_of(truth.dataset, mapped.chosen))

    assert len(found.kinds) == 3 and found.is_clear
    assert adjusted_rand_score(truth.dataset.windows.label, groups_of(found, 640)) > 0.97


def test_points_without_kinds_are_neither_clear_nor_stable() -> None:
    points = np.random.default_rng(1).normal(size=(120, 12)).astype(np.float32)

    found = find_landmarks(points, blocks(120))

    assert not found.is_clear and any(one.is_unstable for one in found.kinds)


def test_of_too_few_blocks_no_stability_is_told() -> None:
    points = np.random.default_rng(1).normal(size=(60, 3)).astype(np.float32)

    found = find_landmarks(points, Blocks(np.repeat([0, 1], 30), 2, "days"))

    assert found.kinds and all(np.isnan(one.stability) and not one.is_unstable for one in found.kinds)


@pytest.mark.parametrize("points", [np.zeros((0, 2)), np.zeros((1, 2)), np.ones((50, 2)), np.eye(3, 2)])
def test_fewer_than_four_different_explanations_have_no_kinds(points: np.ndarray) -> None:
    assert find_landmarks(points.astype(np.float32), blocks(len(points))).kinds == ()


def test_a_few_odd_windows_among_very_many_alike_are_kinds_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of so few none may be among those whose silhouette is computed."""
    monkeypatch.setattr(landmarks, "MOST_COMPARED", 10)
    points = np.zeros((400, 3), dtype=np.float32)
    points[[101, 202, 303]] = 50 * np.eye(3)

    found = find_landmarks(points, blocks(400))

    assert sorted(len(one.members) for one in found.kinds)[-1] >= 397 and not found.is_clear


@pytest.mark.long
def test_one_seed_gives_the_same_kinds_and_it_stops() -> None:
    points, done = np.random.default_rng(2).normal(size=(80, 4)).astype(np.float32), []

    first, second = (find_landmarks(points, blocks(80), progress=lambda some, of: done.append((some, of))) for _ in range(2))

    assert groups_of(first, 80).tolist() == groups_of(second, 80).tolist() and done[-1] == (26, 26)
    with pytest.raises(Stopped):
        find_landmarks(points, blocks(80), stop=lambda: True)
