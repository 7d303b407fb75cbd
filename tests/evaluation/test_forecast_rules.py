"""Rules without fitting: the last value, and the same hour a day and a week before, looked up by hand."""

import dataclasses

import numpy as np
import pytest

from complex_lstm.evaluation.fitted import NotFitted, SimpleModel
from complex_lstm.evaluation.forecast_rules import persistence, seasonal_rules
from tests.evaluation.made import hours
from tests.training.planted import forecast_dataset


def rules(found: list[SimpleModel | NotFitted]) -> dict[str, SimpleModel]:
    return {one.name: one for one in found if isinstance(one, SimpleModel)}


def test_the_last_value_is_repeated() -> None:
    dataset = hours()

    assert np.array_equal(persistence(dataset).predict(np.array([3, 5])), dataset.windows.last[[3, 5]])


@pytest.mark.parametrize("horizon", [1, 6])
def test_the_same_hour_yesterday_and_a_week_ago_are_the_rows_24_and_168_before_the_answer(horizon: int) -> None:
    dataset = hours(horizon=horizon)
    found, of, values = rules(seasonal_rules(dataset)), dataset.windows, dataset.series[0].targets
    chosen = np.nonzero(of.start > 200)[0]
    answer = of.start[chosen] + 11 + horizon

    assert list(found) == ["the same hour yesterday", "the same hour a week ago"]
    assert np.array_equal(found["the same hour yesterday"].predict(chosen), values[answer - 24])
    assert np.array_equal(found["the same hour a week ago"].predict(chosen), values[answer - 168])


def test_where_yesterday_is_after_the_windows_end_the_last_day_that_is_known_by_then_counts() -> None:
    dataset = hours(horizon=30)
    found = rules(seasonal_rules(dataset))["the same hour 2 days before"]
    last = len(dataset.windows) - 1

    answer = dataset.windows.start[last] + 11 + 30
    assert np.array_equal(found.predict(np.array([last])), dataset.series[0].targets[[answer - 48]])


def test_a_missing_row_is_replaced_by_the_day_before_that_and_without_any_by_the_last_value() -> None:
    dataset = hours(drop=slice(300, 310))
    found = rules(seasonal_rules(dataset))["the same hour yesterday"]
    of, one = dataset.windows, dataset.series[0]
    times = one.times[of.start + 12 - 1] + np.timedelta64(1, "h")
    hole = np.nonzero(times == one.times[0] + np.timedelta64(300 + 24 + 5, "h"))[0]
    before = np.nonzero(one.times == one.times[0] + np.timedelta64(300 + 5 - 24, "h"))[0]

    assert len(hole) == len(before) == 1
    assert np.array_equal(found.predict(hole), one.targets[before]) and "of the windows have none there" in found.how
    assert np.array_equal(found.predict(np.array([0])), of.last[:1])  # the first window has nothing a day before


def test_an_empty_cell_is_looked_for_a_day_earlier() -> None:
    dataset = hours()
    one = dataset.series[0]
    targets = one.targets.copy()
    targets[100] = np.nan
    dataset = dataclasses.replace(dataset, series=(dataclasses.replace(one, targets=targets),))
    window = np.nonzero(dataset.windows.start + 12 == 124)[0]

    assert np.array_equal(rules(seasonal_rules(dataset))["the same hour yesterday"].predict(window), targets[[76]])


@pytest.mark.parametrize(
    ("step", "names"),
    [
        ("30min", ["the same time yesterday", "the same time a week ago"]),
        ("12h", ["the same time yesterday", "the same time a week ago"]),
        ("D", ["the same time a week ago"]),
        ("3601s", ["the same hour yesterday", "the same hour a week ago"]),  # a logger that drifts
    ],
)
def test_other_time_steps_have_the_seasons_that_they_divide(step: str, names: list[str]) -> None:
    assert list(rules(seasonal_rules(hours(24 * 40, step=step)))) == names


@pytest.mark.parametrize(
    ("dataset", "words"),
    [
        (forecast_dataset(), "the file has no dates"),
        (hours(24 * 30, step="5h"), "the time step of 5 h divides neither a day nor a week"),
        (hours(400, step="s"), "fewer than half of the windows have a value a day or a week before"),
    ],
)
def test_without_a_season_the_reason_is_said(dataset, words: str) -> None:  # type: ignore[no-untyped-def]
    (found,) = seasonal_rules(dataset)

    assert isinstance(found, NotFitted) and words in found.reason
