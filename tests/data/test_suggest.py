import dataclasses
from pathlib import Path

import pandas as pd
import pytest

from complex_lstm.config import SplitConfig, WindowConfig
from complex_lstm.data import guess_roles, prepare_training, read_csv, suggest_split, suggest_window
from tests.data.tables import CLASSES, VALUES, counting, table_of


def test_short_series_of_one_class_each_are_whole_windows() -> None:
    table = counting({"a": 7, "b": 26, "c": 9})

    window = suggest_window(table, CLASSES)

    assert window == WindowConfig(length=26, whole_series=True)
    assert suggest_split(table, CLASSES, window) == SplitConfig("group")
    assert suggest_split(table, dataclasses.replace(CLASSES, group=""), window) == SplitConfig("series")


def test_long_series_are_cut_into_overlapping_windows() -> None:
    window = suggest_window(counting({"a": 900, "b": 700, "c": 800}), CLASSES)

    assert (window.length, window.stride, window.whole_series) == (100, 50, False)


def test_a_window_is_short_enough_for_every_part() -> None:
    roles = dataclasses.replace(VALUES, group="")

    table = counting({"a": 80})
    window = suggest_window(table, roles)

    dataset = prepare_training(table, roles, window, suggest_split(table, roles, window))
    assert min(len(dataset.windows.of_part(part)) for part in ("training", "validation", "test")) >= 5
    assert suggest_window(counting({"a": 5}), roles).length == 2


@pytest.mark.parametrize(("step", "length"), [("60s", 60), ("3600s", 48), ("86400s", 30)])
def test_the_window_of_a_forecast_follows_from_the_step(step: str, length: int) -> None:
    moments = pd.date_range("2020-01-01", periods=400, freq=step)
    table = table_of("t,y", *(f"{moment},{row % 5}" for row, moment in enumerate(moments)))

    assert suggest_window(table, dataclasses.replace(VALUES, features=("y",), series="", time="t", group="")).length == length


def test_a_smooth_value_is_learned_as_its_change() -> None:
    roles = dataclasses.replace(VALUES, features=("y",), series="", time="", group="")

    smooth = suggest_window(table_of("y", *map(str, range(100))), roles)
    jumpy = suggest_window(table_of("y", *(str(row % 2) for row in range(100))), roles)

    assert smooth.as_change and not jumpy.as_change


def test_values_are_split_by_time() -> None:
    assert suggest_split(counting({"a": 80}), VALUES, WindowConfig()) == SplitConfig("time")


@pytest.mark.long
@pytest.mark.parametrize("name", ["nyc_weather", "planted_order", "planted_shape", "japanese_vowels", "shoulder_exercises"])
def test_what_is_suggested_for_the_samples_makes_windows_in_every_part(sample_data: Path, name: str) -> None:
    table = read_csv(sample_data / f"{name}.csv")
    roles = guess_roles(table).roles
    window = suggest_window(table, roles)

    dataset = prepare_training(table, roles, window, suggest_split(table, roles, window))

    assert all(len(dataset.windows.of_part(part)) for part in ("training", "validation", "test"))
    assert len(dataset.windows) < 40_000
