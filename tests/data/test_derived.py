"""Features made from others: the age of the last value, and the place in the cycles of the clock."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from complex_lstm.config import DerivedFeature, Roles, Schema, SplitConfig, WindowConfig, from_json, to_json
from complex_lstm.data import add_derived, offer_derived, one_hot, prepare_for, prepare_training
from complex_lstm.data.prepare import with_units
from complex_lstm.errors import CellError, ConfigError, RolesError
from tests.data.tables import table_of

AGE, CHANGE, HOUR = DerivedFeature("age", "x"), DerivedFeature("change", "x"), DerivedFeature("hour of day")


def hourly(hours: int) -> list[str]:
    return [f"2021-03-{1 + hour // 24:02}T{hour % 24:02}:00,{'' if hour % 3 else hour},{hour % 7}" for hour in range(hours)]


def test_the_age_counts_the_rows_since_the_last_value_of_its_series_in_the_order_of_time() -> None:
    table = table_of("id,t,x", "a,1,5", "b,1,", "a,3,", "a,2,", "b,2,7", "a,4,1")

    made = add_derived(table, [DerivedFeature("age", "x")], series="id", time="t")

    assert made.frame["age of x"].tolist() == [0, 1, 2, 1, 0, 0]
    assert made.frame.index.tolist() == table.frame.index.tolist() and "age of x" not in table.frame


def test_a_change_is_a_value_less_the_last_before_it_in_its_series_over_empty_cells() -> None:
    table = table_of("id,t,x", "a,1,5", "b,1,", "a,3,", "a,2,4", "b,2,7", "a,4,10", "b,3,7.5")

    made = add_derived(table, [CHANGE], series="id", time="t").frame["change of x"].tolist()

    assert made == pytest.approx([0, np.nan, np.nan, 4 - 5, 0, 10 - 4, 7.5 - 7], nan_ok=True)


def test_a_change_of_text_is_refused_and_a_model_makes_it_in_the_columns_unit() -> None:
    rows = [f"{n},{(n // 3) % 5}" for n in range(60)]
    table = table_of("t,speed (m/s)", *rows)
    of_speed = DerivedFeature("change", "speed (m/s)")

    trained = prepare_training(
        table, Roles(("speed (m/s)",), ("speed (m/s)",), "values", time="t"), WindowConfig(4), SplitConfig(), (of_speed,)
    )
    named = with_units(trained.schema, {"speed (m/s)": "kn"})

    assert trained.schema.feature_units == ("m/s", "m/s") and named.feature_units == ("kn", "kn")
    assert from_json(Schema, to_json(named)) == named and of_speed.origin == "speed (m/s) less its last value before"
    with pytest.raises(CellError, match="line 3, column 'x': 'high' is not a finite number"):
        add_derived(table_of("x", "1", "high"), [CHANGE])
    with pytest.raises(RolesError, match="no column 'x', whose change"):
        add_derived(table_of("y", "1"), [CHANGE])


def test_small_changes_of_what_is_forecast_are_offered() -> None:
    table = table_of("t,slow,fast", *(f"{n},{abs(n % 40 - 20) + n % 2 / 8},{n * n % 7}" for n in range(200)))
    roles = Roles(("slow", "fast"), ("slow", "fast"), "values", time="t")

    offers = offer_derived(table, roles)

    assert [one.feature for one in offers] == [DerivedFeature("change", "slow")]
    assert "9 of 10 changes from row to row within 2.2" in offers[0].reason  # from -1.125 to 1.125
    assert offer_derived(table, replace(roles, targets=("fast",))) == ()


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
    with pytest.raises(ConfigError, match="an age, a change and a one hot have one"):
        DerivedFeature("age")


def test_a_one_hot_is_1_at_its_value_0_at_others_and_empty_where_the_cell_is() -> None:
    table = table_of("t,wind,code", "1,N,1", "2,S,2", "3,,3", "4,N,")

    made = add_derived(table, [DerivedFeature("one hot", "wind", "N"), DerivedFeature("one hot", "code", "2")]).frame

    assert made["wind is N"].tolist() == pytest.approx([1, 0, np.nan, 1], nan_ok=True)
    assert made["code is 2"].tolist() == pytest.approx([0, 1, 0, np.nan], nan_ok=True)


def test_each_value_of_a_column_is_a_feature_unless_there_are_too_many() -> None:
    table = table_of("wind,many", *(f"{'NS'[n % 2]},{n}" for n in range(30)))

    assert one_hot(table, "wind") == (DerivedFeature("one hot", "wind", "N"), DerivedFeature("one hot", "wind", "S"))
    assert one_hot(table, "many") == ()


def test_a_model_reads_the_values_it_knows_and_a_new_value_is_none_of_them() -> None:
    wind = (DerivedFeature("one hot", "wind", "N"), DerivedFeature("one hot", "wind", "S"))
    table = table_of("t,x,wind", *(f"{n},{n % 7},{'NS'[n % 2]}" for n in range(60)))
    trained = prepare_training(table, Roles(("x",), ("x",), "values", time="t"), WindowConfig(4), SplitConfig(), wind)

    other = prepare_for(table_of("t,x,wind", *(f"{n},{n % 7},E" for n in range(60))), trained.schema, trained.window, trained.scaling)

    assert trained.schema.roles.features == ("x", "wind is N", "wind is S")
    assert other.series[0].values[:, 1:].tolist() == [[0, 0]] * 60
    assert from_json(Schema, to_json(trained.schema)) == trained.schema
    with pytest.raises(RolesError, match="no column 'wind', whose values are features"):
        prepare_for(table_of("t,x", *(f"{n},{n % 7}" for n in range(60))), trained.schema, trained.window, trained.scaling)


@pytest.mark.parametrize(
    ("kind", "column", "value"), [("one hot", "wind", ""), ("one hot", "", "N"), ("age", "x", "3"), ("change", "", "")]
)
def test_a_derived_feature_without_what_its_kind_needs_is_refused(kind: str, column: str, value: str) -> None:
    with pytest.raises(ConfigError, match="derived feature"):
        DerivedFeature(kind, column, value)  # type: ignore[arg-type]


def test_rows_without_a_value_at_the_end_get_no_derived_value_and_hide_no_offer() -> None:
    rows = [f"2024-01-{1 + hour // 24:02} {hour % 24:02}:00,{'' if hour % 4 else hour % 7}" for hour in range(240)]
    table = table_of("time,x", *rows, *[","] * 5)
    roles = Roles(("x",), ("x",), "values", time="time")

    made = add_derived(table, (DerivedFeature("hour of day"), DerivedFeature("age", "x")), time="time")

    assert [one.feature for one in offer_derived(table, roles)] == [DerivedFeature("age", "x"), DerivedFeature("hour of day")]
    assert len(made.frame) == len(table.frame) and made.frame.index.equals(table.frame.index)
    assert made.frame["age of x"].iloc[:6].tolist() == [0, 1, 2, 3, 0, 1] and made.frame.iloc[240:].isna().all(axis=None)
