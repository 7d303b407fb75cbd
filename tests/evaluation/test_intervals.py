"""Conformal intervals: quantiles by hand, and coverage on made data, exchangeable and not."""

import numpy as np
import pytest

from complex_lstm.evaluation.blocks import Blocks
from complex_lstm.evaluation.intervals import conformal_quantile, coverage_by, cross_intervals, fewest_windows, split_intervals


def test_the_quantile_counts_one_window_more() -> None:
    scores = np.arange(1.0, 20.0)[:, None]  # 19 windows: (19 + 1) * 0.9 = 18

    assert conformal_quantile(scores, 0.9).tolist() == [18.0]
    assert conformal_quantile(scores, 0.95).tolist() == [19.0]
    assert conformal_quantile(scores[:18], 0.95).tolist() == [np.inf] and fewest_windows(0.95) == 19


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_exchangeable_errors_are_covered_as_often_as_promised(level: float) -> None:
    covered = []
    for seed in range(200):
        errors = np.random.default_rng(seed).standard_t(4, size=(400, 1))
        covered.append(split_intervals(errors[:100], 300, level).covers(errors[100:]).mean())

    exact = np.ceil(101 * level) / 101  # the expectation: each of 101 ranks is as likely
    spread = np.sqrt(exact * (1 - exact) * (1 / 100 + 1 / 300) / 200)
    assert np.mean(covered) == pytest.approx(exact, abs=4 * spread)


@pytest.mark.parametrize("level", [0.8, 0.9])
def test_errors_that_depend_on_their_neighbours_are_covered_about_as_often_by_folds_of_blocks(level: float) -> None:
    covered = []
    for seed in range(20):
        generator = np.random.default_rng(seed)
        noise, errors = generator.normal(size=3000), np.zeros(3000)
        for step in range(1, 3000):
            errors[step] = 0.9 * errors[step - 1] + noise[step]
        blocks = Blocks(np.arange(3000) // 50, 60, "days")
        covered.append(cross_intervals(errors[:, None], blocks, level).covers(errors[:, None]).mean())

    assert np.mean(covered) == pytest.approx(level, abs=0.02)


def test_the_width_follows_the_difficulty_where_the_errors_do() -> None:
    generator = np.random.default_rng(0)
    difficulty = generator.uniform(0.2, 3.0, size=(4000, 1))
    errors = difficulty * generator.normal(size=(4000, 1))
    plain = split_intervals(errors[:2000], 2000, 0.9)
    adaptive = split_intervals(errors[:2000], 2000, 0.9, calibration_difficulty=difficulty[:2000], difficulty=difficulty[2000:])
    hard = difficulty[2000:, 0] > 2
    gaps = [abs(one.covers(errors[2000:])[hard].mean() - 0.9) for one in (plain, adaptive)]

    assert adaptive.covers(errors[2000:]).mean() == pytest.approx(0.9, abs=0.025)
    assert gaps[0] > 0.08 > 0.04 > gaps[1] and adaptive.mean_width[0] < plain.mean_width[0]


def test_a_fold_does_not_see_its_own_errors() -> None:
    errors = np.concatenate([np.full(50, 1.0), np.full(50, 10.0)])[:, None]
    found = cross_intervals(errors, Blocks(np.repeat(np.arange(10), 10), 10, "days"), 0.9, folds=2)

    assert found.half[:50].tolist() == [[10.0]] * 50 and found.half[50:].tolist() == [[1.0]] * 50
    assert found.covers(errors)[:50].all() and not found.covers(errors)[50:].any() and found.calibrated_on == 50


def test_too_few_windows_have_an_interval_without_an_end() -> None:
    found = split_intervals(np.ones((5, 2)), 3, 0.95)

    assert np.isinf(found.half).all() and found.half.shape == (3, 2)
    assert np.isinf(cross_intervals(np.ones((4, 1)), Blocks(np.zeros(4, dtype=int), 1, "series"), 0.8).half).all()


def test_coverage_by_group_shows_a_hole() -> None:
    covered = np.array([True] * 60 + [False] * 30 + [True] * 30)
    groups = np.repeat([0, 1], 60)
    rows = coverage_by(groups, ("0", "1", "2"), covered, np.full(120, 0.5), Blocks(np.arange(120) // 6, 20, "days"))

    assert [(row.name, row.windows, row.coverage.value, row.mean_width) for row in rows] == [("0", 60, 1.0, 1.0), ("1", 60, 0.5, 1.0)]
    assert rows[1].coverage.low < 0.5 < rows[1].coverage.high
