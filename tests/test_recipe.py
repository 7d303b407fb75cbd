"""A recipe travels as JSON, and its reading as words of the command line, and both come back as they were."""

import pytest

from complex_lstm.config import DerivedFeature, Roles, SplitConfig, WindowConfig, to_json
from complex_lstm.errors import ConfigError
from complex_lstm.recipe import (
    Conversion,
    Fitting,
    Missing,
    Reading,
    Recipe,
    Rename,
    TimeReading,
    load_recipe,
    missing_text,
    parse_missing,
    parse_time,
    reading_words,
    time_text,
)

READING = Reading(
    container="zip", member="a/b.csv", delimiter=";", decimal=",", skip=2, missing=(Missing("-200", ("CO",)), Missing("?")),
    times=(TimeReading(("date", "time"), "%d/%m/%Y %H.%M", "Europe/Rome"),),
)  # fmt: skip
RECIPE = Recipe(
    READING, Roles(("x", "y"), ("y",), "values", time="date time"), WindowConfig(24), SplitConfig(),
    (DerivedFeature("hour of day"), DerivedFeature("age", "x")),
    Fitting((Rename("T", "x"),), (Conversion("x", 1.8, 32.0, "°C", "°F"),)),
)  # fmt: skip


def test_a_recipe_comes_back_from_its_json_as_it_was() -> None:
    assert load_recipe(to_json(RECIPE).encode(), "r.json") == RECIPE


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (to_json(RECIPE).replace('"skip"', '"skipped"').encode(), "Reading has the fields"),
        (to_json(RECIPE).replace('"skip": 2', '"skip": -2').encode(), "skip is -2, expected 0 or more"),
        (to_json(RECIPE).replace('"zip"', '"rar"').encode(), "got 'rar'"),
        (b"time,x\n1,2\n", "is not JSON"),
        (b"\xff\xfe\x00", "is no recipe"),
        (b"[]", "is no recipe"),
    ],
    ids=["unknown switch", "out of bounds", "unknown container", "a CSV", "binary", "another JSON"],
)
def test_what_is_no_recipe_is_refused_by_name(content: bytes, why: str) -> None:
    with pytest.raises(ConfigError, match="mine.json is no recipe") as error:
        load_recipe(content, "mine.json")
    assert why in str(error.value)


@pytest.mark.parametrize(
    "missing",
    [Missing("NA"), Missing("-200", ("CO(GT)", "NOx, raw")), Missing("@"), Missing("a@b", ("x@y",)), Missing("n@a"), Missing('"', ("c",))],
)
def test_a_missing_cell_comes_back_from_its_text(missing: Missing) -> None:
    assert parse_missing(missing_text(missing)) == missing


@pytest.mark.parametrize(
    "time",
    [
        TimeReading(("t",), "epoch ms"),
        TimeReading(("date", "hour, local"), "%d.%m.%Y %H", "Europe/Rome"),
        TimeReading(("as of",), "ISO8601"),
        TimeReading(("known as t",), "%d %b %Y"),
    ],
)
def test_how_a_time_is_read_comes_back_from_its_text(time: TimeReading) -> None:
    assert parse_time(time_text(time)) == time


def test_text_that_does_not_say_how_a_time_is_read_is_refused_with_an_example() -> None:
    with pytest.raises(ConfigError, match="'COLUMN as FORMAT'"):
        parse_time("date:%d/%m")


def test_the_command_line_has_the_switches_that_would_not_be_found() -> None:
    found = Reading(container="zip", member="a/b.csv", delimiter=";")

    assert reading_words(READING, found) == [
        "--decimal=,", "--skip=2", "--missing-cell=-200@CO", "--missing-cell=?", "--time-format=date,time as %d/%m/%Y %H.%M in Europe/Rome",
    ]  # fmt: skip
    assert reading_words(Reading(header=False, units_row=True, strip=("a,b", "c")), Reading()) == [
        "--no-header", "--units-row", '--strip="a,b",c',
    ]  # fmt: skip
    assert reading_words(found, found) == []
