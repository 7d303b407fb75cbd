"""Slices of windows: what they are cut by, their errors against the others', and what is left of the worst when chance is counted."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from complex_lstm.config import Roles, SplitConfig
from complex_lstm.data import Dataset
from complex_lstm.errors import Stopped
from complex_lstm.evaluation.answered import AnsweredWindows
from complex_lstm.evaluation.cutting import cuts, find_cut
from complex_lstm.evaluation.slices import (
    Slice,
    describe_pairs,
    describe_slices,
    score_pairs,
    score_slices,
    target_errors,
    window_errors,
    worst_slices,
)
from tests.evaluation.made_answers import FORECAST, answered_training, hours, prepared, with_errors
from tests.training.planted import planted_dataset


@pytest.fixture(scope="module")
def hourly() -> Dataset:
    return prepared(hours(), FORECAST)


def of(slices: tuple[Slice, ...], label: str) -> Slice:
    return next(one for one in slices if one.label == label)


def test_windows_are_cut_by_the_clock_of_their_last_step(hourly: Dataset) -> None:
    windows = answered_training(hourly)
    answered = with_errors(hourly, windows, np.ones(len(windows)))
    by_hour, by_day = find_cut(answered, "hour of day"), find_cut(answered, "weekday")

    ends = pd.DatetimeIndex(hourly.series[0].times[hourly.windows.start[windows] + 5])
    assert by_hour is not None and by_day is not None
    assert [by_hour.slices[one] for one in by_hour.of_window] == [f"{hour:02}:00 to {hour:02}:59" for hour in ends.hour]
    assert [by_day.slices[one] for one in by_day.of_window] == ends.day_name().tolist()
    assert find_cut(answered, "month") is not None and find_cut(answered, "class") is None


def test_quarters_are_of_the_mean_of_the_known_cells_and_of_the_last_cell(hourly: Dataset) -> None:
    windows = answered_training(hourly)
    answered = with_errors(hourly, windows, np.ones(len(windows)))
    means, lasts = find_cut(answered, "second, window mean"), find_cut(answered, "second, last cell")

    values = hourly.series[0].values[:, 1]
    cells = np.stack([values[start : start + 6] for start in hourly.windows.start[windows]])
    expected = np.nanmean(cells, axis=1)
    quarter = np.searchsorted(np.quantile(expected, [0.25, 0.5, 0.75]), expected)
    assert means is not None and lasts is not None and len(means.slices) == 4
    assert (means.of_window == quarter).mean() > 0.999  # but for equal means, which differ in their last digit
    assert lasts.slices[-1] == "empty" and ((lasts.of_window == 4) == np.isnan(cells[:, -1])).all()


def test_missing_cells_are_those_before_filling(hourly: Dataset) -> None:
    windows = answered_training(hourly)
    cut = find_cut(with_errors(hourly, windows, np.ones(len(windows))), "missing cells")

    values = hourly.series[0].values
    empty = np.array([np.isnan(values[start : start + 6]).sum() for start in hourly.windows.start[windows]])
    assert cut is not None and cut.slices[0] == "none" and ((cut.of_window == 0) == (empty == 0)).all()


def test_a_slice_that_is_worse_is_found_with_its_difference(hourly: Dataset) -> None:
    windows = answered_training(hourly)
    ends = pd.DatetimeIndex(hourly.series[0].times[hourly.windows.start[windows] + 5])
    errors = np.random.default_rng(1).exponential(size=len(windows)) + 1.5 * (ends.hour == 7)
    answered = with_errors(hourly, windows, errors)
    slices = score_slices(answered)

    worst, own = worst_slices(slices)[0], ends.hour == 7
    assert worst.label == "hour of day: 07:00 to 07:59" and worst.is_beyond_chance
    assert worst.error == pytest.approx(errors[own].mean()) and worst.rest == pytest.approx(errors[~own].mean())
    assert worst.difference.value == pytest.approx(errors[own].mean() - errors[~own].mean())
    assert worst.difference.low < 1.5 < worst.difference.high and worst.windows == own.sum()
    by_hand = np.sqrt(errors[own].var() / own.sum() + errors[~own].var() / (~own).sum())  # single windows: here they are independent
    assert worst.difference.high - worst.difference.low == pytest.approx(2 * 2 * by_hand, rel=0.2)
    assert worst.weight == worst.difference.low * worst.share
    assert "Worst is hour of day: 07:00 to 07:59" in describe_slices(slices, answered.blocks, is_classes=False)


def test_errors_that_hang_on_nothing_have_no_slice_beyond_chance(hourly: Dataset) -> None:
    windows = answered_training(hourly)
    flagged = []
    for seed in range(20):
        slices = score_slices(with_errors(hourly, windows, np.random.default_rng(seed).exponential(size=len(windows))))
        flagged.append(sum(one.is_beyond_chance for one in slices))

    assert sum(count > 0 for count in flagged) <= 4  # 1 in 20 by the rule


def test_what_is_beyond_chance_is_by_benjamini_and_hochberg(hourly: Dataset) -> None:
    windows = answered_training(hourly)
    ends = pd.DatetimeIndex(hourly.series[0].times[hourly.windows.start[windows] + 5])
    errors = np.random.default_rng(2).exponential(size=len(windows)) + 0.35 * (ends.hour < 4)
    ranked = [one for one in score_slices(with_errors(hourly, windows, errors)) if one.is_ranked]

    adjusted = stats.false_discovery_control([one.chance for one in ranked])
    assert [one.is_beyond_chance for one in ranked] == (adjusted <= 0.05).tolist()
    assert 0 < sum(one.is_beyond_chance for one in ranked) < len(ranked)


def test_small_slices_are_listed_and_not_ranked(hourly: Dataset) -> None:
    windows = answered_training(hourly)[: 24 * 8]  # eight days: eight windows of each hour
    slices = score_slices(with_errors(hourly, windows, np.arange(len(windows))))

    assert [one.name for one in slices if one.cut == "hour of day"] and not any(one.is_ranked for one in slices if one.cut == "hour of day")
    assert np.isnan(of(slices, "hour of day: 03:00 to 03:59").difference.low)
    assert any(one.is_ranked for one in slices if one.cut == "first, window mean")


def test_one_window_or_none_is_cut_by_nothing(hourly: Dataset) -> None:
    for count in (0, 1):
        answered = with_errors(hourly, answered_training(hourly)[:count], np.ones(count))

        assert score_slices(answered) == () and "nothing to cut" in describe_slices((), answered.blocks, is_classes=False)


def test_classes_are_cut_by_class_also_by_one_that_is_unknown() -> None:
    dataset = planted_dataset(60)
    windows = np.arange(60)
    actual = np.array([dataset.schema.classes.index(name) for name in dataset.windows.label])
    actual[:25] = 3  # a class that the model does not know
    predicted = np.eye(3)[np.where(actual == 3, 0, actual)]
    answered = AnsweredWindows(dataset, windows, predicted, predicted, actual)
    slices = score_slices(answered)

    unknown = of(slices, "class: a class that the model does not know")
    assert (unknown.windows, unknown.error, unknown.rest) == (25, 1.0, 0.0)
    assert worst_slices(slices)[0] == unknown and unknown.is_beyond_chance
    assert "accuracy 0.000, in the others 1.000" in describe_slices(slices, answered.blocks, is_classes=True)
    assert "whole series" not in {one.cut for one in slices}


def test_groups_and_series_are_properties_and_of_very_many_the_largest() -> None:
    frame = pd.concat([hours(3, seed=number).assign(place=f"p{number}", area=f"a{number % 2}") for number in range(230)])
    roles = dataclasses.replace(FORECAST, series="place", group="area")
    dataset = prepared(frame, roles, split=SplitConfig("series"), stride=3)
    windows = answered_training(dataset)
    found = {cut.name: cut for cut in cuts(with_errors(dataset, windows, np.ones(len(windows))))}

    assert found["area"].slices == ("a0", "a1") and len(found["place"].slices) <= 200
    assert {"place", "area", "hour of day", "first, window mean"} <= set(found)


def test_the_errors_of_each_target_are_in_its_unit(hourly: Dataset) -> None:
    windows = answered_training(hourly)
    answered = with_errors(hourly, windows, np.linspace(-1, 1, len(windows)))
    cut = find_cut(answered, "hour of day")

    assert cut is not None
    off = np.abs(answered.errors[:, 0])
    found = target_errors(answered, cut, "05:00 to 05:59")
    assert found[:, 0] == pytest.approx([off[cut.of_window == 5].mean(), off[cut.of_window != 5].mean()])
    assert window_errors(answered) * dataset_std(hourly) == pytest.approx(off)


def dataset_std(dataset: Dataset) -> float:
    return dataset.scaling.target_std[0]


def test_a_feature_that_never_changes_is_no_property() -> None:
    frame = hours(20).assign(still=0.1)
    dataset = prepared(frame, Roles(("first", "second", "still"), ("first",), "values", time="time"))
    windows = answered_training(dataset)

    assert not [cut.name for cut in cuts(with_errors(dataset, windows, np.ones(len(windows)))) if cut.name.startswith("still")]


def test_it_can_be_stopped(hourly: Dataset) -> None:
    windows = answered_training(hourly)

    with pytest.raises(Stopped):
        score_slices(with_errors(hourly, windows, np.ones(len(windows))), stop=lambda: True)


def test_a_pair_is_worse_than_the_windows_with_one_of_its_values_only(hourly: Dataset) -> None:
    windows = answered_training(hourly)
    plain = with_errors(hourly, windows, np.ones(len(windows)))
    days, lasts = find_cut(plain, "weekday"), find_cut(plain, "second, last cell")
    assert days is not None and lasts is not None
    monday, highest = days.of_window == days.slices.index("Monday"), lasts.of_window == 3
    errors = np.random.default_rng(0).uniform(0.9, 1.1, len(windows)) + 2 * monday + 3 * (monday & highest)  # Monday is bad by itself
    answered = with_errors(hourly, windows, errors)

    found = score_pairs(answered)

    worst, *_ = worst_slices(found.slices)
    assert worst.label == f"weekday × second, last cell: Monday × {lasts.slices[3]}" and worst.is_beyond_chance
    assert worst.error == pytest.approx(errors[monday & highest].mean())
    assert worst.rest == pytest.approx(errors[monday & ~highest].mean())  # nearer to it than the highest quarter of other days
    assert f"Worst is {worst.label}" in describe_pairs(found, is_classes=False) and found.looked_at > 100
    cut = find_cut(answered, worst.cut)
    assert cut is not None and ((cut.of_window == cut.slices.index(worst.name)) == (monday & highest)).all()
    assert not [one for one in found.slices if one.is_beyond_chance and "Monday" not in one.name]


def test_pairing_stops(hourly: Dataset) -> None:
    windows = answered_training(hourly)

    with pytest.raises(Stopped):
        score_pairs(with_errors(hourly, windows, np.ones(len(windows))), stop=lambda: True)
