"""Columns under other names and in other units: suggested with a reason, applied where asked."""

from __future__ import annotations

import pytest

from complex_lstm.config import Roles, Schema
from complex_lstm.data import fit_table, suggest_mapping
from complex_lstm.data.units import conversion, same_unit, unit_in_name, without_unit
from complex_lstm.errors import CellError, RolesError
from complex_lstm.recipe import Conversion, Fitting, Rename
from tests.data.tables import table_of

SCHEMA = Schema(Roles(("temp", "wind_speed"), ("temp",), "values", time="time"), (), ("°F", "mph"), ("°F",))


def names(header: str, schema: Schema = SCHEMA) -> dict[str, str]:
    rows = [",".join(str(n + place) for place in range(len(header.split(",")))) for n in range(5)]
    return {one.wanted: one.found for one in suggest_mapping(schema, table_of(header, *rows))}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("time,TEMP,Wind_Speed", {"temp": "TEMP", "wind_speed": "Wind_Speed"}),
        ("time,temp,wind speed", {"wind_speed": "wind speed"}),
        ("time,temp (°C),wind-speed [m/s]", {"temp": "temp (°C)", "wind_speed": "wind-speed [m/s]"}),
        ("Time,temperature,windspeed", {"time": "Time", "temp": "temperature", "wind_speed": "windspeed"}),
        ("timestamp,Temperature_degC,WindSpeed", {"time": "timestamp", "temp": "Temperature_degC", "wind_speed": "WindSpeed"}),
        ("time,a,b", {"temp": "a", "wind_speed": "b"}),
        ("time,a,b,c", {"temp": "", "wind_speed": ""}),
    ],
)
def test_columns_are_found_by_what_their_names_mean(header: str, expected: dict[str, str]) -> None:
    assert names(header) == expected


def test_a_unit_in_the_name_calls_for_its_conversion() -> None:
    table = table_of("time,temp (°C),wind_speed", "1,20,3", "2,21,4")

    (found,) = suggest_mapping(SCHEMA, table)

    assert found.conversion is not None
    assert (found.conversion.column, found.conversion.factor, found.conversion.offset) == ("temp", pytest.approx(1.8), pytest.approx(32))


def test_two_columns_with_the_same_claim_are_not_chosen_between() -> None:
    assert names("time,wind_speed,temp (°C),temp (°F),other")["temp"] == ""


def test_a_fitting_renames_then_converts_and_changes_nothing_else() -> None:
    table = table_of("time,T,wind_speed", "1,20,3", "2,,4")

    fitted = fit_table(table, Fitting((Rename("T", "temp"),), (Conversion("temp", 1.8, 32),)))

    assert list(fitted.frame) == ["time", "temp", "wind_speed"] and fitted.frame["temp"].tolist()[0] == 68
    assert fitted.frame["temp"].isna().tolist() == [False, True]
    assert fitted.frame["wind_speed"].tolist() == [3, 4] and fitted.fingerprint == table.fingerprint
    assert list(table.frame) == ["time", "T", "wind_speed"]


def test_columns_can_be_swapped() -> None:
    fitted = fit_table(table_of("a,b", "1,2"), Fitting((Rename("a", "b"), Rename("b", "a"))))

    assert fitted.frame["a"].tolist() == [2] and fitted.frame["b"].tolist() == [1]


@pytest.mark.parametrize(
    ("fitting", "error", "words"),
    [
        (Fitting((Rename("c", "x"),)), RolesError, "no column 'c' to rename"),
        (Fitting((Rename("a", "b"),)), RolesError, "two columns 'b' after renaming"),
        (Fitting((), (Conversion("c", 2.0),)), RolesError, "no column 'c' to convert"),
        (Fitting((), (Conversion("b", 2.0),)), CellError, "line 2, column 'b': 'x'"),
    ],
)
def test_a_fitting_that_does_not_suit_the_file_is_refused(fitting: Fitting, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        fit_table(table_of("a,b", "1,x"), fitting)


@pytest.mark.parametrize(
    ("source", "target", "value", "expected"),
    [("°C", "°F", 100, 212), ("K", "°C", 273.15, 0), ("degF", "celsius", 32, 0), ("hPa", "mmHg", 1013.25, 760), ("km/h", "kn", 1.852, 1),
     ("MW", "kW", 1, 1000), ("%", "fraction", 50, 0.5), ("in", "mm", 1, 25.4), ("g", "m/s²", 1, 9.80665)],
)  # fmt: skip
def test_conversions_by_hand(source: str, target: str, value: float, expected: float) -> None:
    found = conversion("x", source, target)

    assert found is not None and value * found.factor + found.offset == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_units_of_different_quantities_have_no_conversion() -> None:
    assert conversion("x", "°C", "hPa") is None and conversion("x", "furlong", "m") is None
    assert same_unit("mbar", "hPa") and not same_unit("hPa", "Pa")


@pytest.mark.parametrize(
    ("name", "unit", "stem"),
    [("temp (°C)", "°C", "temp"), ("p [hPa]", "hPa", "p"), ("temp_degC", "degC", "temp"), ("wind_speed", "", "wind_speed"),
     ("load kW", "kW", "load"), ("class_a", "", "class_a"), ("T", "", "T")],
)  # fmt: skip
def test_a_unit_in_a_name(name: str, unit: str, stem: str) -> None:
    assert (unit_in_name(name), without_unit(name)) == (unit, stem)
