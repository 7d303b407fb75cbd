"""Guesses of which column is what, and choices that do not fit."""

import dataclasses
from pathlib import Path

import pytest

from complex_lstm.config import Roles
from complex_lstm.data import check_roles, guess_roles, read_csv
from complex_lstm.data.row_order import RoleFault
from complex_lstm.errors import ConfigError, RolesError
from tests.data.tables import CLASSES, counting, table_of

WEATHER = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib")
GUESSED = {
    "nyc_weather": Roles(WEATHER, ("temp",), "values", series="airport", time="time"),
    "planted_order": Roles(tuple(f"ch{n}" for n in range(9)), ("label",), "classes", series="series_id", time="step"),
    "planted_shape": Roles(tuple(f"ch{n}" for n in range(9)), ("label",), "classes", series="series_id", time="step"),
    "japanese_vowels": Roles(tuple(f"lpc{n}" for n in range(1, 13)), ("speaker",), "classes", series="series_id", time="step"),
    "shoulder_exercises": Roles(("ax", "ay", "az", "wx", "wy", "wz"), ("exercise",), "classes", "recording", "time_s", "subject"),
}  # fmt: skip


@pytest.mark.parametrize("name", GUESSED)
def test_the_roles_of_the_samples_are_guessed_right(sample_data: Path, name: str) -> None:
    table = read_csv(sample_data / f"{name}.csv")

    guess = guess_roles(table)

    assert guess.roles == GUESSED[name]
    assert [column for column, _ in guess.reasons] == list(table.frame)
    assert all(reason.endswith(".") for _, reason in guess.reasons)


def test_every_guess_has_its_reason() -> None:
    rows = [f"{name},{step},{step * 7 % 5}.5,{step},{kind}" for name, kind in (("a", "up"), ("b", "down")) for step in range(30)]

    reasons = dict(guess_roles(table_of("id,step,x,late,kind", *rows)).reasons)

    assert reasons["step"] == "Time: it holds numbers and is named like a time."
    assert reasons["id"] == "Series: within each of its values every step occurs once."
    assert reasons["kind"] == "Class: it has 2 values."
    assert reasons["x"] == "Feature: it holds numbers."
    assert reasons["late"] == "Left out: it never falls within a series, so it tells how late in it a row is."


def test_one_column_of_numbers_is_feature_and_target_at_once() -> None:
    guess = guess_roles(table_of("power", *map(str, range(30))))

    assert guess.roles == Roles(("power",), ("power",), "values")
    assert dict(guess.reasons)["power"].startswith("Feature, and target to forecast: named like one.")


def test_without_a_telling_name_the_last_column_of_numbers_is_forecast() -> None:
    roles = guess_roles(table_of("when,p,q", *(f"2020-01-{day:02},{day % 7}.5,{day % 5}.5" for day in range(1, 30)))).roles

    assert (roles.time, roles.targets, roles.features) == ("when", ("q",), ("p", "q"))


def test_free_text_is_left_out() -> None:
    guess = guess_roles(table_of("note,v", *(f"remark {row},{row}" for row in range(30))))

    assert guess.roles.features == ("v",)
    assert dict(guess.reasons)["note"] == "Left out: text that is neither time, series nor class."


def test_a_file_without_numbers_has_a_guess_that_says_so() -> None:
    guess = guess_roles(table_of("name,town", "a,b", "c,d", "e,f"))

    assert guess.roles == Roles((), (), "values")
    words = "small.csv has no numeric column to use as a feature. Its columns are name, town."
    assert guess.problems == (RoleFault("features", "", words),)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"features": ()}, "No feature is chosen. Choose at least one column of numbers"),
        ({"targets": ()}, "No target is chosen. Choose the column that the model is to predict"),
        ({"features": ("x", "z")}, "small.csv lacks the column.* 'z'. It has 'id', 'step', 'who', 'x', 'y', 'kind'. Rename or add"),
        ({"time": "when", "group": "whom"}, "lacks the column.* 'when', 'whom'"),
        ({"features": ("x", "step")}, "'step' cannot be a feature too: the model would read the answer off it"),
        ({"features": ("x", "kind")}, "'kind' cannot be a feature too"),
    ],
)
def test_roles_that_do_not_fit_the_file_are_told(changed: dict[str, object], words: str) -> None:
    with pytest.raises(RolesError, match=words):
        check_roles(counting({"a": 3}), dataclasses.replace(CLASSES, **changed))


def test_a_value_may_be_feature_and_target() -> None:
    check_roles(counting({"a": 3}), Roles(("x", "y"), ("y",), "values"))


def test_a_class_comes_from_one_column() -> None:
    with pytest.raises(ConfigError, match="A class comes from one column, got 2: a, b. Choose one"):
        Roles(("x",), ("a", "b"), "classes")


@pytest.mark.parametrize(("fault", "time"), [(-1, "tick"), (6, ""), (2390, "")])
def test_a_time_rises_within_the_values_of_another_column_in_the_last_rows_as_in_the_first(fault: int, time: str) -> None:
    """By the first thousand rows most columns are known not to rise so; what they leave open is decided by all rows."""
    ticks = [n // 2 + 1000 * (n % 2) - 5 * (n == fault) for n in range(2400)]  # of two rooms in turn

    guess = guess_roles(table_of("x,room,tick", *(f"{n * 7 % 11}.5,{'ab'[n % 2]},{tick}" for n, tick in enumerate(ticks))))

    assert guess.roles.time == time
