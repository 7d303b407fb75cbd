"""Features made from others: the age of the last value, and the place in the cycles of the clock."""

from __future__ import annotations

import numpy as np
import pytest

from complex_lstm.config import DerivedFeature, Roles, Schema, SplitConfig, WindowConfig, from_json, to_json
from complex_lstm.data import add_derived, offer_derived, prepare_for, prepare_training
from complex_lstm.errors import ConfigError, RolesError
from tests.data.tables import table_of

AGE, HOUR = DerivedFeature("age", "x"), DerivedFeature("hour of day")


def hourly(hours: int) -> list[str]:
    return [f"2021-03-{1 + hour // 24:02}T{hour % 24:02}:00,{'' if hour % 3 else hour},{hour % 7}" for hour in range(hours)]


def test_the_age_counts_the_rows_since_the_last_value_of_its_series_in_the_order_of_time() -> None:
    table = table_of("id,t,x", "a,1,5", "b,1,", "a,3,", "a,2,", "b,2,7", "a,4,1")

    made = add_derived(table, [DerivedFeature("age", "x")], series="id", time="t")

    assert made.frame["age of x"].tolist() == [0, 1, 2, 1, 0, 0]
    assert made.frame.index.tolist() == table.frame.index.tolist() and "age of x" not in table.frame


def test_a_cycle_is_an_angle_from_midnight_and_from_monday() -> None:
    table = table_of("t,x", "2024-01-01T00:00,1", "2024-01-01T06:00,1", "2024-01-01T12:00,1", "2024-01-04T12:00,1")  # a Monday

    made = add_derived(table, [HOUR, DerivedFeature("day of week"), DerivedFeature("day of year")], time="t").frame

    assert made["hour of day (sin)"].tolist() == pytest.approx([0, 1, 0, 0])
    assert made["hour of day (cos)"].tolist() == pytest.approx([1, 0, -1, -1])
    thursday_noon = made.loc[5]  # half a week after Monday, 0:00, and three and a half days after the beginning of a leap year
    assert thursday_noon["day of week (sin)"] == pytest.approx(0) and thursday_noon["day of week (cos)"] == pytest.approx(-1)
    assert made["day of year (cos)"][2] == 1 and thursday_noon["day of year (sin)"] == pytest.approx(np.sin(2 * np.pi * 3.5 / 366))


def test_derived_features_are_made_again_for_a_trained_model() -> None:
    table, roles = table_of("t,x,y", *hourly(96)), Roles(("x", "y"), ("y",), "values", time="t")

    trained = prepare_training(table, roles, WindowConfig(6), SplitConfig(), (AGE, HOUR))
    schema = from_json(Schema, to_json(trained.schema))
    again = prepare_for(table, schema, WindowConfig(6), trained.scaling, SplitConfig())

    assert trained.schema.roles.features == ("x", "y", "age of x", "hour of day (sin)", "hour of day (cos)")
    assert trained.schema.feature_units == ("", "", "time steps", "", "") and trained.schema.from_file == ("x", "y")
    assert np.array_equal(trained.windows.rows, again.windows.rows)
    assert np.array_equal(trained.series[0].values[:4, 2], [0, 1, 2, 0])


def test_a_schema_of_before_has_no_derived_features() -> None:
    text = to_json(Schema(Roles(("x",), ("y",), "values"))).replace(', "derived": []', "")

    assert "derived" not in text and from_json(Schema, text).derived == ()


def test_what_a_file_bears_is_offered_with_its_reason() -> None:
    table, roles = table_of("t,x,y", *hourly(24 * 15)), Roles(("x", "y"), ("y",), "values", time="t")

    offers = offer_derived(table, roles)

    assert [one.feature for one in offers] == [AGE, HOUR, DerivedFeature("day of week")]
    assert "67% of the cells of x are empty" in offers[0].reason and "covers 15 days" in offers[1].reason


def test_a_file_of_counted_steps_is_offered_no_clock() -> None:
    table = table_of("t,x", *(f"{n},{n}" for n in range(50)))

    assert offer_derived(table, Roles(("x",), ("x",), "values", time="t")) == ()
    with pytest.raises(RolesError, match="hour of day is made from dates"):
        add_derived(table, [HOUR], time="t")


def test_a_name_that_is_there_already_and_an_absent_column_are_refused() -> None:
    with pytest.raises(RolesError, match="has a column 'age of x' already"):
        add_derived(table_of("x,age of x", "1,2"), [AGE])
    with pytest.raises(RolesError, match="no column 'x', the age"):
        add_derived(table_of("y", "1"), [AGE])
    with pytest.raises(ConfigError, match="an age has one"):
        DerivedFeature("age")
