"""Errors by hour and by size, and the skill over repeating the last value, by hand."""

import numpy as np
import pytest

from complex_lstm.evaluation.blocks import Blocks
from complex_lstm.evaluation.residuals import by_hour, hours_of, running_median, skill
from tests.evaluation.test_blocks import hourly
from tests.training.planted import forecast_dataset


def test_the_hour_is_that_of_the_time_that_is_forecast() -> None:
    dataset = hourly(2)
    hours = hours_of(dataset, np.array([0, 5, 30]))

    assert hours is not None and hours.tolist() == [12, 17, 18]  # windows of hours 0 to 11, 5 to 16 and 30 to 41 forecast the next
    assert hours_of(forecast_dataset(), np.arange(4)) is None


def test_quantiles_of_each_hour() -> None:
    hours, quantiles, counts = by_hour(np.array([1.0, 2.0, 3.0, -4.0]), np.array([7, 7, 7, 9]))

    assert hours.tolist() == [7, 9] and counts.tolist() == [3, 1]
    assert quantiles[:, 0] == pytest.approx([1.2, 2.0, 2.8]) and quantiles[:, 1].tolist() == [-4.0] * 3


def test_a_running_median_follows_the_middle_and_no_outlier() -> None:
    x = np.random.default_rng(0).permutation(400).astype(float)
    y = np.where(x == 200, 1e6, 2 * x)
    at, middle = running_median(x, y)

    assert len(at) == 60 and (np.diff(at) > 0).all() and np.abs(middle - 2 * at).max() <= 2
    assert [len(one) for one in running_median(np.zeros(0), np.zeros(0))] == [0, 0]


def test_skill_is_the_share_of_the_error_of_repeating_the_last_value_that_is_gone() -> None:
    unchanged = np.random.default_rng(0).normal(size=(120, 2))
    unchanged[:10, 1] = np.nan
    blocks = Blocks(np.arange(120) // 10, 12, "days")
    first, second = skill(np.stack([0.75 * unchanged[:, 0], np.nan_to_num(unchanged[:, 1])], axis=1), unchanged, blocks)

    assert (first.value, first.low, first.high) == pytest.approx((0.25, 0.25, 0.25)) and second.value == pytest.approx(0)
    (nothing,) = skill(np.ones((120, 1)), np.zeros((120, 1)), blocks)
    assert np.isnan(nothing.value)
