"""A recipe travels as JSON and comes back as it was."""

import pytest

from complex_lstm.config import DerivedFeature, Roles, SplitConfig, WindowConfig, from_json, to_json
from complex_lstm.errors import ConfigError
from complex_lstm.recipe import Conversion, Fitting, Missing, Reading, Recipe, Rename, TimeReading

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
    assert from_json(Recipe, to_json(RECIPE)) == RECIPE


def test_a_recipe_with_a_switch_that_is_not_known_is_refused() -> None:
    with pytest.raises(ConfigError, match="Reading has the fields"):
        from_json(Recipe, to_json(RECIPE).replace('"skip"', '"skipped"'))
