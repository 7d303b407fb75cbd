"""The planted tasks: reproducible, solvable from the true cells, and not from one bump alone."""

import collections
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from complex_lstm.data.planted import _bump, _shapes, cause_frame, make_planted, planted_frame


@pytest.mark.parametrize("kind", ["order", "shape"])
def test_the_seed_makes_the_windows(kind: str) -> None:
    first, same, other = (make_planted(kind, 20, seed=seed) for seed in (3, 3, 4))

    assert np.array_equal(first.x, same.x) and np.array_equal(first.cause, same.cause)
    assert not np.array_equal(first.x, other.x)


def test_a_fresh_draw_leaves_the_process_alone() -> None:
    state = np.random.get_state()[1].copy()

    make_planted("order", 3, seed=0)

    assert np.array_equal(np.random.get_state()[1], state)


def test_the_order_of_the_two_causes_is_the_class() -> None:
    planted = make_planted("order", 200, seed=0)

    for truth, label in zip(planted.cause, planted.label, strict=True):
        assert np.nonzero(truth.any(axis=0))[0].tolist() == [3, 7]
        first, second = (int(np.argmax(truth[:, channel])) for channel in (3, 7))
        assert truth.sum() == 14  # two bumps of seven steps
        assert planted.classes[label] == ("ch3_first" if first < second else "ch7_first" if first > second else "neither_first")
        assert abs(first - second) in (0, 5, 6, 7, 8, 9)


def test_the_classes_are_drawn_alike() -> None:
    counts = np.bincount(make_planted("order", 3000, seed=0).label, minlength=3)

    assert (np.abs(counts - 1000) < 4 * np.sqrt(3000 * 2 / 9)).all()  # four standard deviations


@pytest.mark.long
@pytest.mark.parametrize("channel", [3, 7])
def test_one_bump_alone_does_not_tell_the_class(channel: int) -> None:
    """The best rule on one bump's place: the commonest class of each place. It is fitted on one draw and judged on another."""
    fitted, judged = make_planted("order", 4000, seed=1), make_planted("order", 4000, seed=2)
    seen = collections.defaultdict(collections.Counter)
    for place, label in zip(fitted.cause[:, :, channel].argmax(axis=1), fitted.label, strict=True):
        seen[place][label] += 1

    said = [seen[place].most_common(1)[0][0] if seen[place] else 0 for place in judged.cause[:, :, channel].argmax(axis=1)]

    assert (np.array(said) == judged.label).mean() < 0.5


def test_the_bumps_stand_out_of_the_noise_and_among_three_distractors() -> None:
    planted = make_planted("order", 300, seed=0)

    tall = (planted.x > 2).any(axis=1)  # (window, feature); the noise has 0.3, the bumps reach 3

    assert tall[:, [3, 7]].mean() > 0.99
    assert tall.sum(axis=1).mean() == pytest.approx(5, abs=0.1)


def test_a_shape_stands_in_two_features_at_the_same_steps() -> None:
    planted = make_planted("shape", 100, seed=0)

    assert (planted.cause.sum(axis=(1, 2)) == 14).all()
    assert (planted.cause.any(axis=1).sum(axis=1) == 2).all() and (planted.cause.any(axis=2).sum(axis=1) == 7).all()
    assert set(planted.label) == {0, 1, 2}


def test_the_shapes_have_the_energy_of_a_bump() -> None:
    energy = (_shapes() ** 2).sum(axis=1)

    assert np.allclose(energy, (_bump() ** 2).sum())
    assert abs(np.corrcoef(_shapes())[0, 1]) < 0.95


def test_the_true_cells_of_a_shape_are_those_with_the_shape() -> None:
    planted = make_planted("shape", 500, seed=0)
    rise = _shapes()[0]

    chosen = planted.label == 0
    cells = planted.x[chosen].transpose(0, 2, 1)[planted.cause[chosen].transpose(0, 2, 1)].reshape(-1, 7)

    assert np.allclose(cells.mean(axis=0), rise, atol=4 * 0.3 / np.sqrt(len(cells)))


def test_the_frames_hold_the_windows_and_the_true_cells() -> None:
    planted = make_planted("order", 3, seed=0)

    rows, cells = planted_frame(planted), cause_frame(planted)

    assert list(rows) == ["series_id", "step", *(f"ch{number}" for number in range(9)), "label"]
    assert len(rows) == 150 and rows["series_id"].unique().tolist() == ["s0000", "s0001", "s0002"]
    assert rows["ch3"].to_numpy().reshape(3, 50) == pytest.approx(planted.x[:, :, 3], abs=5e-5)
    assert list(cells) == ["series_id", "step", "feature"] and len(cells) == 3 * 14
    assert set(cells["feature"]) == {"ch3", "ch7"}


@pytest.mark.parametrize("kind", ["order", "shape"])
def test_the_shipped_files_are_the_generators_own(sample_data: Path, kind: str) -> None:
    planted = make_planted(kind, 640, seed=0)

    rows = pd.read_csv(sample_data / f"planted_{kind}.csv")
    cells = pd.read_csv(sample_data / f"planted_{kind}_cells.csv")

    pd.testing.assert_frame_equal(rows, planted_frame(planted))
    pd.testing.assert_frame_equal(cells, cause_frame(planted))
