"""Rows become series in the order of time; what is missing or odd is found, not hidden."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from complex_lstm.config import MissingPolicy
from complex_lstm.data import guess_roles, read_csv
from complex_lstm.data.series import fill, make_series, oddities, refuse_missing
from complex_lstm.errors import CellError
from tests.data.tables import CLASSES, VALUES, table_of

MIXED = ("id,step,who,x,y,kind", "b,2,p,1,10,u", "a,1,q,2,20,v", "b,1,p,3,30,u", "a,0,q,4,40,w")


def test_series_are_sorted_by_time_and_stand_in_the_order_of_their_first_rows() -> None:
    first, second = make_series(table_of(*MIXED), CLASSES)

    assert (first.name, first.group, second.name, second.group) == ("b", "p", "a", "q")
    assert first.values.tolist() == [[3], [1]] and second.values.tolist() == [[4], [2]]
    assert first.lines.tolist() == [4, 2] and second.times.tolist() == [0, 1]
    assert second.labels.tolist() == ["w", "v"] and second.targets.shape == (2, 0)


def test_values_to_forecast_are_kept_beside_the_features() -> None:
    first, second = make_series(table_of(*MIXED), VALUES)

    assert first.targets.tolist() == [[30], [10]] and second.targets.tolist() == [[40], [20]]
    assert first.values.tolist() == [[3, 30], [1, 10]]
    assert set(first.labels) == {""}


def test_rows_without_a_time_column_keep_the_order_of_the_file() -> None:
    (one,) = make_series(table_of(*MIXED), dataclasses.replace(CLASSES, time="", series=""))

    assert one.name == "small.csv"
    assert one.values[:, 0].tolist() == [1, 2, 3, 4] and one.times.tolist() == [0, 1, 2, 3]


def test_columns_that_a_new_file_lacks_are_done_without() -> None:
    (one,) = make_series(table_of("x", "1", "2"), CLASSES)

    assert one.values[:, 0].tolist() == [1, 2]
    assert one.labels.tolist() == ["", ""] and one.group == ""


def test_numbers_as_classes_keep_their_whole_form_beside_an_empty_cell() -> None:
    (one,) = make_series(table_of("x,kind", "5,1", "6,", "7,2"), dataclasses.replace(CLASSES, series="", time="", group=""))

    assert one.labels.tolist() == ["1", "", "2"]


def test_the_same_time_twice_in_a_series_is_told_with_both_lines() -> None:
    with pytest.raises(CellError) as caught:
        make_series(table_of("id,step,x,kind", "a,0,1,u", "a,1,2,u", "b,0,3,u", "a,0,4,u"), CLASSES)

    assert str(caught.value) == (
        "small.csv, lines 2 and 5 of series 'a' have the same time. Choose the column that identifies the series, or remove one of the two."
    )


def test_text_in_a_feature_is_told_with_line_column_and_value() -> None:
    with pytest.raises(CellError, match="small.csv, line 3, column 'x': 'wet' is not a finite number"):
        make_series(table_of("id,step,x,kind", "a,0,1,u", "a,1,wet,u"), CLASSES)


def test_text_in_a_target_that_is_a_value_is_told() -> None:
    with pytest.raises(CellError, match="line 2, column 'y': 'high'"):
        make_series(table_of("id,step,x,y", "a,0,1,high", "a,1,2,3"), VALUES)


def test_a_gap_is_a_step_half_again_as_long_as_the_usual_one() -> None:
    rows = [f"a,{step},1,u" for step in (0, 1, 2, 3, 4, 5.4, 7, 8, 11)]

    (one,) = make_series(table_of("id,step,x,kind", *rows), CLASSES)

    assert one.gaps.tolist() == [False] * 5 + [True, False, True]  # 1.4 is none, 1.6 and 3 are


HOLES = np.array([[np.nan, 1, np.nan], [2, np.nan, np.nan], [np.nan, np.nan, np.nan], [8, 7, np.nan]])
MEANS = np.array([5.0, 6.0, -1.0])


@pytest.mark.parametrize(
    ("policy", "filled"),
    [
        ("carry", [[5, 1, -1], [2, 1, -1], [2, 1, -1], [8, 7, -1]]),
        ("interpolate", [[2, 1, -1], [2, 3, -1], [5, 5, -1], [8, 7, -1]]),
        ("mean", [[5, 1, -1], [2, 6, -1], [5, 6, -1], [8, 7, -1]]),
    ],
)
def test_missing_cells_are_filled_as_the_policy_says(policy: MissingPolicy, filled: list[list[float]]) -> None:
    before = HOLES.copy()

    assert fill(HOLES, policy, MEANS).tolist() == filled
    assert np.array_equal(HOLES, before, equal_nan=True)


def test_refusing_names_the_first_empty_cell() -> None:
    table = table_of("id,step,x,kind", "a,1,5,u", "a,0,,u")

    with pytest.raises(CellError, match="small.csv, line 3, column 'x' is empty, and missing values are refused. Fill the cell"):
        refuse_missing(table, CLASSES, make_series(table, CLASSES))


def test_a_cell_far_from_all_others_is_odd() -> None:
    rows = [f"{value}" for value in [*range(9), 1000]]  # quartiles 2.25 and 6.75: anything beyond 4.5 + 20 * 4.5 is far

    (one,) = make_series(table_of("x", *rows), dataclasses.replace(CLASSES, series="", time=""))

    (found,) = oddities((one,), ("x",))
    assert (found.line, found.column, found.value) == (11, "x", 1000)


def test_a_column_of_one_value_or_none_has_no_odd_cells() -> None:
    (one,) = make_series(table_of("x,y", *["3,"] * 5), dataclasses.replace(CLASSES, features=("x", "y"), series="", time=""))

    assert oddities((one,), ("x", "y")) == ()


def test_the_wind_of_1048_miles_an_hour_is_odd(sample_data: Path) -> None:
    table = read_csv(sample_data / "nyc_weather.csv")
    roles = guess_roles(table).roles

    odd = oddities(make_series(table, roles), roles.features)

    (storm,) = [cell for cell in odd if cell.column == "wind_speed"]
    assert 1048 <= storm.value < 1049
    assert table.frame.loc[storm.line, "wind_speed"] == storm.value
