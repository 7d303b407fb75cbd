"""Blocks of windows, and intervals by drawing them anew, against the same worked out in another way."""

import io

import numpy as np
import pandas as pd
import pytest

from complex_lstm.config import Roles, SplitConfig, WindowConfig
from complex_lstm.data import Dataset, prepare_training, read_csv
from complex_lstm.evaluation.blocks import Blocks, blocks_of, mean_interval, ratio_interval, statistic_interval
from complex_lstm.evaluation.row_blocks import block_kind
from tests.training.planted import forecast_dataset, planted_dataset


def hourly(airports: int, hours: int = 24 * 40) -> Dataset:
    """Return windows of twelve hours, to forecast the next, of some series over the same days."""
    times = pd.date_range("2024-01-01", periods=hours, freq="h")
    frames = [pd.DataFrame({"time": times, "at": f"a{number}", "v": np.sin(np.arange(hours) / 9 + number)}) for number in range(airports)]
    buffer = io.BytesIO(pd.concat(frames).to_csv(index=False).encode())
    roles = Roles(("v",), ("v",), "values", series="at", time="time")
    return prepare_training(read_csv(buffer.getvalue(), "v.csv"), roles, WindowConfig(length=12), SplitConfig("time"))


def test_whole_series_are_the_blocks() -> None:
    dataset = planted_dataset()
    found = blocks_of(dataset, np.arange(40))

    assert (found.kind, found.count) == ("series", 40)


def test_a_day_is_one_block_in_all_series() -> None:
    dataset = hourly(3)
    windows = dataset.windows.of_part("test")
    found = blocks_of(dataset, windows)

    ends = dataset.windows.start[windows] + 11
    assert found.kind == "days" and found.count == len(np.unique(ends // 24))
    assert all(len(np.unique(found.of_window[ends // 24 == day])) == 1 for day in np.unique(ends // 24))


@pytest.mark.parametrize("step", ["D", "MS"])
def test_a_day_of_one_row_is_no_block(step: str) -> None:
    frame = pd.DataFrame({"time": pd.date_range("2001-01-01", periods=300, freq=step), "v": np.sin(np.arange(300) / 9)})
    roles = Roles(("v",), ("v",), "values", time="time")
    table = read_csv(frame.to_csv(index=False).encode(), "v.csv")
    dataset = prepare_training(table, roles, WindowConfig(length=12), SplitConfig("time"))
    found = blocks_of(dataset, dataset.windows.of_part("training"))

    assert found.kind == "stretches of 12 steps" and np.bincount(found.of_window).max() == 12
    assert block_kind(dataset, "training") == "stretches of 12 steps"


def test_ten_series_are_blocks_even_where_there_are_days() -> None:
    dataset = hourly(10, hours=24 * 12)

    assert blocks_of(dataset, dataset.windows.of_part("training")).kind == "series"


def test_without_dates_a_stretch_is_as_long_as_a_window() -> None:
    dataset = forecast_dataset()
    found = blocks_of(dataset, dataset.windows.of_part("training"))

    ends = dataset.windows.start[dataset.windows.of_part("training")] + 3
    assert found.kind == "stretches of 4 steps" and found.of_window.tolist() == (ends // 4 - ends.min() // 4).tolist()


def test_no_window_has_no_block() -> None:
    assert blocks_of(forecast_dataset(), np.zeros(0, dtype=int)).count == 0


def test_an_interval_of_equal_blocks_is_that_of_their_means() -> None:
    generator = np.random.default_rng(3)
    of_block = generator.normal(5, 2, size=60)
    blocks = Blocks(np.repeat(np.arange(60), 10), 60, "days")
    found = mean_interval(np.repeat(of_block, 10), blocks)

    spread = of_block.std() / np.sqrt(60)  # ten windows that are alike are one case, and no ten
    assert found.value == pytest.approx(of_block.mean())
    assert found.high - found.low == pytest.approx(2 * 1.96 * spread, rel=0.1)


def test_a_ratio_is_that_of_the_sums_and_is_drawn_together() -> None:
    generator = np.random.default_rng(4)
    below = generator.uniform(1, 100, size=300)
    found = ratio_interval(0.9 * below, below, Blocks(np.repeat(np.arange(30), 10), 30, "days"))

    assert (found.value, found.low, found.high) == pytest.approx((0.9, 0.9, 0.9))


def test_a_statistic_is_drawn_by_blocks_and_left_out_where_it_is_not_defined() -> None:
    values = np.repeat(np.arange(20.0), 5)
    blocks = Blocks(np.repeat(np.arange(20), 5), 20, "series")
    found = statistic_interval(lambda places: float(np.median(values[places])) if 0 in values[places] else np.nan, blocks)

    assert found.value == 9.5 and found.low < 9.5 < found.high
    drawn = next(blocks.resampled())
    assert len(drawn) == 100 and all((blocks.of_window[drawn] == block).sum() % 5 == 0 for block in range(20))


def test_too_few_blocks_give_no_interval() -> None:
    found = mean_interval(np.arange(50.0), Blocks(np.repeat(np.arange(5), 10), 5, "series"))

    assert found.value == 24.5 and np.isnan([found.low, found.high]).all()
