"""Columns that tell when a label will change, or which label a row has, are found by their values and left out with the reason."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from complex_lstm.config import Roles, SplitConfig, WindowConfig
from complex_lstm.data import find_problems, guess_roles, prepare_training, read_csv
from complex_lstm.data.leaks import counts_to_change, is_same_order, separates

RNG = np.random.default_rng(8)
ROWS = 400
LENGTHS = (37, 61, 20, 45, 80, 33, 70, 54)  # of the stretches of a state: 400 rows
STATE = np.repeat(np.arange(len(LENGTHS)) % 2, LENGTHS)
LEFT = np.concatenate([np.arange(length)[::-1] for length in LENGTHS])
SINCE = np.concatenate([np.arange(length) for length in LENGTHS])
NOISE = RNG.normal(size=ROWS).round(3)
WHEN = pd.date_range("2024-05-01", periods=ROWS, freq="10min").strftime("%Y-%m-%d %H:%M")
UNEVEN = np.cumsum(RNG.integers(60, 900, ROWS))  # seconds
ENDS = np.cumsum(LENGTHS) - 1


def guess_of(more: dict[str, object], state: np.ndarray = STATE, when: object = WHEN, name: str = "machine_status") -> dict[str, str]:
    columns = {"when": when, "flow": NOISE, **more, name: np.array(["NORMAL", "BROKEN", "RECOVERING"])[state]}
    guess = guess_roles(read_csv(pd.DataFrame(columns).to_csv(index=False).encode(), "pump.csv"))
    assert guess.roles.targets == (name,) and "flow" in guess.roles.features
    return {column: reason for column, reason in guess.reasons if column in more and column not in guess.roles.features}


COUNTS = {
    "falls by one": LEFT,
    "falls by half": LEFT * 0.5,
    "ends above zero": LEFT + 12,
    "cut off at 25": np.minimum(LEFT, 25),
    "thousands of seconds": LEFT * 600.0,
}


@pytest.mark.parametrize("column", COUNTS.values(), ids=COUNTS)
@pytest.mark.parametrize("name", ["rul", "ttf", "x7"])
def test_a_count_down_to_the_change_of_a_label_is_left_out_whatever_it_is_called(column: np.ndarray, name: str) -> None:
    assert "falls evenly until machine_status changes" in guess_of({name: column})[name]


def test_a_count_by_the_clock_is_found_where_rows_are_not_evenly_spaced() -> None:
    when = pd.to_datetime(1_700_000_000 + UNEVEN, unit="s").strftime("%Y-%m-%d %H:%M:%S")
    hours = (np.repeat(UNEVEN[ENDS], LENGTHS) - UNEVEN) / 3600

    assert "falls evenly until" in guess_of({"hours to failure": hours.round(5)}, when=when)["hours to failure"]


def test_a_count_that_waits_while_the_machine_is_down_is_found() -> None:
    state = np.repeat([0, 1, 2] * 4, [70, 5, 25] * 4)
    left = np.concatenate([np.append(np.arange(70)[::-1], np.zeros(30)) for _ in range(4)])

    assert "falls evenly until" in guess_of({"remaining": left}, state)["remaining"]


def test_a_count_that_never_begins_again_tells_the_end() -> None:
    state = np.repeat([0, 2, 1], [250, 100, 50])

    assert "falls by the same amount in each row" in guess_of({"rul": np.arange(ROWS)[::-1]}, state)["rul"]


def test_a_count_from_the_last_change_is_left_out_too() -> None:
    assert "begins again each time machine_status changes" in guess_of({"since": SINCE * 10.0})["since"]


TELLING = {
    "a score beside its threshold": np.where(STATE == 1, 0.6, 0.1) + RNG.uniform(0, 0.3, ROWS),
    "negative for one class": np.where(STATE == 1, -1.0, 1.0) * (1 + RNG.uniform(0, 9, ROWS)),
    "far apart": np.where(STATE == 1, 5e6, 1.0) + NOISE,
}


@pytest.mark.parametrize("column", TELLING.values(), ids=TELLING)
def test_a_column_with_a_range_for_each_class_is_left_out(column: np.ndarray) -> None:
    assert "has a range of its values for itself" in guess_of({"p": column.round(4)})["p"]


INNOCENT = {
    "goes with the class by and large": STATE * 2.0 + NOISE,
    "drifts": np.linspace(5, 9, ROWS) + 0.1 * NOISE,
    "a saw tooth of its own": (-np.arange(ROWS) % 23) * 1.0,
    "falls within a shift": np.tile(np.linspace(9, 1, 50), 8) + 0.01 * NOISE,
}


@pytest.mark.parametrize("column", INNOCENT.values(), ids=INNOCENT)
def test_a_column_of_its_own_stays_a_feature(column: np.ndarray) -> None:
    assert guess_of({"x": column.round(4)}) == {}


def test_a_label_that_changes_in_each_second_row_has_no_count() -> None:
    labels = np.where(np.arange(60) // 2 % 2, "a", "b")

    assert counts_to_change(-np.arange(60.0) % 6, labels, np.zeros(60), np.arange(60.0)) == ""


def test_a_class_that_changes_seldom_has_no_range_of_its_own() -> None:
    labels = np.repeat(["a", "b", "c"], 50)

    assert not separates(np.arange(150.0), labels) and separates(np.tile([1.0, 2.0, 9.0], 50), np.tile(["a", "b", "c"], 50))


SAME_ORDER = {"logarithm": np.log, "square": np.square, "exponential of a part": lambda load: np.exp(load / 90)}


@pytest.mark.parametrize("made", SAME_ORDER.values(), ids=SAME_ORDER)
def test_a_column_that_rises_and_falls_with_a_target_is_left_out(made: object) -> None:
    load = (200 + 100 * np.sin(np.arange(ROWS) / 9) + 8 * NOISE).round(2)
    columns = {"when": WHEN, "flow": NOISE, "other": np.round(made(load), 6), "load": load}  # type: ignore[operator]

    guess = guess_roles(read_csv(pd.DataFrame(columns).to_csv(index=False).encode(), "a.csv"))

    assert guess.roles.targets == ("load",) and guess.roles.features == ("flow", "load")
    assert "rises and falls with the target load" in dict(guess.reasons)["other"] and guess.suspects == ("other",)


def test_columns_that_only_rise_have_no_order_in_common() -> None:
    assert not is_same_order(np.arange(300.0), np.sqrt(np.arange(300.0)))


def test_remaining_life_in_a_file_of_sensors_alone_is_what_is_to_be_told() -> None:
    units, cycles = np.repeat(np.arange(1, 9), 50), np.tile(np.arange(1, 51), 8)
    columns = {"unit": units, "cycle": cycles, "s1": NOISE, "RUL": 50 - cycles, "s2": NOISE[::-1]}

    guess = guess_roles(read_csv(pd.DataFrame(columns).to_csv(index=False).encode(), "engines.csv"))

    assert (guess.roles.targets, guess.roles.series, guess.roles.time) == (("RUL",), "unit", "cycle")


def test_a_count_that_is_chosen_all_the_same_is_warned_of() -> None:
    columns = {"when": WHEN, "rul": LEFT, "score": TELLING["far apart"].round(3), "flow": NOISE, "state": np.where(STATE, "up", "down")}
    table = read_csv(pd.DataFrame(columns).to_csv(index=False).encode(), "pump.csv")
    roles = Roles(("rul", "score", "flow"), ("state",), "classes", time="when")

    problems = find_problems(prepare_training(table, roles, WindowConfig(length=10, stride=5), SplitConfig("time")))

    assert [(one.kind, one.columns, one.target) for one in problems] == [
        ("tells the change", ("rul",), "state"),
        ("tells the class", ("score",), "state"),
    ]


@pytest.mark.parametrize("odd", [np.inf, -np.inf, 1.7e308, -1.7e308])
def test_numbers_that_have_no_difference_are_no_count_and_no_fault(odd: float) -> None:
    frame = pd.DataFrame({"t": np.arange(400), "x": np.arange(400) % 50 * 1.0, "label": np.repeat(["a", "b"] * 4, 50)})
    frame.loc[[10, 11, 200, 202, 399], "x"] = [odd, odd, odd, -odd, odd]
    table = read_csv(frame.to_csv(index=False).encode(), "odd.csv")

    assert guess_roles(table).roles.targets == ("label",)
