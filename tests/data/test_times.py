import numpy as np
import pytest

from complex_lstm.data import time_labels, times_at
from complex_lstm.data.time_finding import find_time
from complex_lstm.data.times import read_times, steps_between
from complex_lstm.errors import CellError
from tests.data.tables import table_of


@pytest.mark.parametrize(
    ("cells", "second"),
    [
        (["2020-03-01", "2020-03-02"], "2020-03-02T00:00"),
        (["2020-03-01 05:00", "2020-03-01 06:30"], "2020-03-01T06:30"),
        (["2020-03-01T05:00:00Z", "2020-03-01T06:30:00Z"], "2020-03-01T06:30"),
        (["2020-03-01T05:00+02:00", "2020-03-01T06:30+02:00"], "2020-03-01T06:30"),
        (["03/25/2020 05:00", "03/25/2020 06:30"], "2020-03-25T06:30"),
        (["25 Mar 2020 05:00:00", "25 Mar 2020 06:30:00"], "2020-03-25T06:30"),
    ],
)
def test_dates_are_read_by_the_clock_of_the_file(cells: list[str], second: str) -> None:
    times = read_times(table_of("t,v", *(f"{cell},1" for cell in cells)), "t").wall

    assert times.dtype.kind == "M"
    assert times[1] == np.datetime64(second)


def test_numbers_stay_numbers_and_no_column_means_rows() -> None:
    table = table_of("t,v", "0.5,1", "0.75,1")

    assert read_times(table, "t").wall.tolist() == [0.5, 0.75]
    assert read_times(table, "").wall.tolist() == [0, 1]


@pytest.mark.parametrize("cells", [["a", "b"], ["1.5", "2.5"], ["12-a", "13-b"], []])
def test_other_cells_are_no_moments(cells: list[str]) -> None:
    table = table_of("t,v", *(f"{cell},1" for cell in cells or [""]))

    assert find_time(table.frame, "t") is None


@pytest.mark.parametrize("cell", ["", "yesterday"])
def test_a_row_without_a_readable_time_is_told(cell: str) -> None:
    rows = [f"2020-01-{day:02},1" for day in range(1, 31)]

    with pytest.raises(CellError, match=r"small.csv, line 32, column 't': .* is not a time like the others. Correct it, remove the row"):
        read_times(table_of("t,v", *rows, f"{cell},1"), "t")


def test_labels_leave_out_what_is_zero_everywhere() -> None:
    def labels(*moments: str) -> list[str]:
        return time_labels(np.array(moments, dtype="datetime64[ns]"))

    assert labels("2020-01-01", "2020-01-02") == ["2020-01-01", "2020-01-02"]
    assert labels("2020-01-01", "2020-01-01T06") == ["2020-01-01 00:00", "2020-01-01 06:00"]
    assert labels("2020-01-01T00:00:05") == ["2020-01-01 00:00:05"]
    assert time_labels(np.array([0.0, 0.04, 1200.0])) == ["0", "0.04", "1200"]


def test_steps_are_seconds_between_moments_and_plain_between_numbers() -> None:
    assert steps_between(np.array(["2020-01-01T00", "2020-01-01T01", "2020-01-02T01"], dtype="datetime64[ns]")).tolist() == [3600, 86400]
    assert steps_between(np.array([0.5, 0.75, 2.0])).tolist() == [0.25, 1.25]


def test_steps_after_the_end_follow_at_the_usual_distance() -> None:
    days = np.array(["2024-01-01", "2024-01-02", "2024-01-03"], dtype="datetime64[ns]")

    assert times_at(days, np.array([1, 2, 4])).astype("datetime64[D]").astype(str).tolist() == ["2024-01-02", "2024-01-03", "2024-01-05"]
    assert times_at(np.array([0.0, 0.5, 1.0]), np.array([0, 3])).tolist() == [0.0, 1.5]
