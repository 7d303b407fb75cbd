"""What somebody sets where nothing in the file says it: parts of a time, stacked series, the class of series in rows."""

import numpy as np
import pytest

from complex_lstm.data import guess_roles, read_csv, read_times
from complex_lstm.errors import ConfigError, CsvError
from complex_lstm.recipe import TimeReading

STACKED = "\n".join(["t,x,load", *(f"{[0, 1, 3, 7, 8, 20, 21, 60][n % 8]},{n % 7}.5,{n % 5}.5" for n in range(64))]).encode()
WIDE = "\n".join(["room,kind,0,1,2,3,4", *(f"{'uv'[n % 2]},{'pqr'[n % 3]},{n % 11},2,5,3,{n % 4}" for n in range(60))]).encode()


def test_parts_of_a_time_under_other_names_are_taken_by_their_place() -> None:
    content = "\n".join(["J,M,T,load", *(f"2024,2,{1 + n},{n % 5}.5" for n in range(28))]).encode()

    table = read_csv(content, times=(TimeReading(("J", "M", "T"), "parts"),))

    assert "J M T" not in read_csv(content).frame
    assert read_times(table, "J M T").wall[[0, 27]].astype("datetime64[D]").tolist() == np.array(
        ["2024-02-01", "2024-02-28"], dtype="datetime64[D]"
    ).tolist()  # fmt: skip


@pytest.mark.parametrize(
    "reading", [TimeReading(("t",), "%d.%q"), TimeReading(("t",), "soon"), TimeReading(("t",), "ISO8601", "Mars/Base")]
)
def test_a_format_or_a_zone_that_there_is_none_of_is_refused(reading: TimeReading) -> None:
    with pytest.raises(ConfigError, match="no way to read a time|no time zone"):
        read_csv(STACKED, times=(reading,))


def test_stacked_series_begin_again_where_a_time_of_unequal_steps_does() -> None:
    frame = read_csv(STACKED, layout="blocks").frame

    assert frame["series"].tolist() == [1 + n // 8 for n in range(64)]


def test_the_column_that_is_set_as_the_class_is_the_target() -> None:
    roles = guess_roles(read_csv(WIDE, layout="series in rows", label="room")).roles

    assert roles.targets == ("room",) and roles.task == "classes"
    assert guess_roles(read_csv(WIDE, layout="series in rows")).roles.targets == ("kind",)


def test_a_class_that_the_file_lacks_is_a_fault_of_its_switch() -> None:
    with pytest.raises(CsvError, match="no column 'house' with the class") as told:
        read_csv(WIDE, layout="series in rows", label="house")

    assert told.value.switch == "label"
