"""Rows below names and units, a column with the zone of date and time, letters of a Mac, and labels of one class."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from complex_lstm.data import Table, guess_roles, read_csv, report_on
from complex_lstm.data.series import make_series

ROWS = 120
VALUES = np.random.default_rng(4).normal(size=(ROWS, 2)).round(2)
MINUTES = pd.date_range("2024-03-01", periods=ROWS, freq="min").strftime("%Y-%m-%d %H:%M")
BODY = [f"{time},{a},{b}" for time, (a, b) in zip(MINUTES, VALUES, strict=True)]


def read(*lines: str) -> Table:
    return read_csv("\n".join(lines).encode(), "a.csv")


@pytest.mark.parametrize(
    "below",
    [
        [",°C,kW", ",Avg,Smp", ",roof,cellar"],
        ["YYYY,deg C,kW", "stamp,Avg,Smp", "logger 3,roof,cellar"],
        ["[-],[°C],[kW]", "-,mean of a minute,last value", "-,Campbell 107,EM24", "-,serial A12,serial B7"],
        [",°C,kW", ",Avg,Smp"],
    ],
    ids=["three", "with words first", "four", "two"],
)
def test_further_rows_of_a_header_are_no_values(below: list[str]) -> None:
    table = read("time,temp,load", *below, *BODY)

    assert list(table.frame) == ["time", "temp", "load"] and table.frame.index[0] == 2 + len(below)
    assert np.allclose(table.frame[["temp", "load"]], VALUES) and table.units["load"] == "kW"
    assert any("What stands below the units says how values were made" in words for words in table.done)


def test_a_row_of_values_below_the_units_stays_one() -> None:
    assert len(read("time,temp,load", ",°C,kW", f"{MINUTES[0]},-,n/a", *BODY[1:]).frame) == ROWS


HOURS = pd.date_range("2024-10-26", periods=ROWS, freq="h", tz="Europe/Berlin")
ZONES: dict[str, tuple[str, Callable[[pd.Timestamp], str]]] = {
    "offsets": ("offset", lambda one: f"{one:%z}"[:3] + ":00"),
    "names": ("tz", lambda one: f"{one:%Z}"),
    "hours": ("utc_offset", lambda one: str(int(one.utcoffset().total_seconds() // 3600))),  # type: ignore[union-attr]
    "seconds": ("offset", lambda one: str(int(one.utcoffset().total_seconds()))),  # type: ignore[union-attr]
    "with UTC": ("zone", lambda one: f"UTC{one:%z}"),
}


@pytest.mark.parametrize(("name", "zone"), ZONES.values(), ids=ZONES)
def test_a_column_of_offsets_beside_date_and_time_orders_the_rows(name: str, zone: Callable[[pd.Timestamp], str]) -> None:
    rows = [f"{one:%d.%m.%Y},{one:%H:%M},{zone(one)},{a},{b}" for one, (a, b) in zip(HOURS, VALUES, strict=True)]

    table = read(f"date,time,{name},temp,load", *rows)

    guess = guess_roles(table)
    assert guess.roles.time == f"date time {name}" and guess.roles.features == ("temp", "load") and guess.problems == ()
    assert f"{name} has its offset from UTC" in dict(guess.reasons)[guess.roles.time]
    series = make_series(table, guess.roles)[0]
    labels = series.labels_at(slice(None))
    assert labels[0] == "2024-10-26 00:00 +02:00" and labels[-1] == f"{HOURS[-1]:%Y-%m-%d %H:%M} +01:00"
    assert (np.diff(series.instants) == np.timedelta64(1, "h")).all() and (np.diff(series.lines) == 1).all()


def test_a_column_that_names_the_zone_of_all_rows_is_said() -> None:
    rows = [f"{one:%d.%m.%Y},{one:%H:%M},Europe/Berlin,{a},{b}" for one, (a, b) in zip(HOURS, VALUES, strict=True)]

    table = read("date,time,where,temp,load", *rows)

    guess = guess_roles(table)
    assert guess.roles.time == "date time" and "where names its zone, Europe/Berlin" in dict(guess.reasons)["date time"]
    assert make_series(table, guess.roles)[0].zone == "Europe/Berlin"


@pytest.mark.parametrize("words", ["Température,Énergie", "größe,läge", "año,señal", "Zürich,Genève", "Besançon,Nîmes", "naïve,rôle"])
def test_letters_that_fit_no_other_encoding_are_those_of_a_mac(words: str) -> None:
    table = read_csv("\n".join([f"time,{words}", *BODY]).encode("mac_roman"), "old.csv")

    assert table.reading.encoding == "mac-roman" and list(table.frame)[1:] == words.split(",")


@pytest.mark.parametrize("words", ["Température,Énergie", "größe,läge", "2–3 m,a – b", "Zürich,Genève"])
def test_those_of_windows_stay_so(words: str) -> None:
    assert read_csv("\n".join([f"time,{words}", *BODY]).encode("cp1252"), "new.csv").reading.encoding == "cp1252"


@pytest.mark.parametrize(("name", "value"), [("label", "normal"), ("anomaly", "0"), ("Class", "3"), ("is_fault", "False")])
def test_a_label_of_one_class_is_said_to_be_left_out(name: str, value: str) -> None:
    table = read(f"time,temp,load,{name}", *(f"{line},{value}" for line in BODY))

    guess = guess_roles(table)

    why = dict(guess.reasons)[name]
    assert why.startswith("Left out: it is named like a label, and is") and "nothing to tell apart" in why and value in why
    assert name in guess.suspects and guess.roles.task == "values" and name not in guess.roles.columns
    assert any(note.startswith(f"{name} is left out: it is named like a label") for note in report_on(table, guess.roles).notes)
