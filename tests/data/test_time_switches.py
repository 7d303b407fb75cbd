"""A time that was found one way is read another way when that is set, in the file's own table, series and labels."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pytest

from complex_lstm.config import Roles
from complex_lstm.data import Table, find_times, guess_roles, read_csv
from complex_lstm.data.series import make_series
from complex_lstm.errors import CellError
from complex_lstm.recipe import TimeReading

ROLES = Roles(("level",), ("level",), "values", time="when")
NOISE = np.random.default_rng(3).standard_normal(400).round(3)


def content(times: Iterable[object]) -> bytes:
    cells = list(times)
    return pd.DataFrame({"when": cells, "level": NOISE[: len(cells)]}).to_csv(index=False).encode()


def labels(table: Table) -> list[str]:
    return make_series(table, ROLES)[0].labels_at(slice(0, 2))


def test_an_order_of_day_and_month_that_is_set_is_no_longer_asked() -> None:
    file = content(f"{day:02}/02/2024" for day in range(1, 13))
    table = read_csv(file)
    (finding,) = find_times(table.frame)

    other = read_csv(file, times=finding.alternatives[:1])

    assert finding.is_asked and finding.alternatives == (TimeReading(("when",), "%m/%d/%Y"),)
    assert labels(table) == ["2024-02-01", "2024-02-02"] and labels(other) == ["2024-01-02", "2024-02-02"]
    assert [problem.role for problem in guess_roles(table).problems] == ["time"] and guess_roles(other).problems == ()


def test_the_table_tells_how_its_times_are_read_and_what_else_they_could_be() -> None:
    table = read_csv(content(f"{day:02}/02/2024" for day in range(1, 13)))

    (told,) = [finding for finding in table.findings if finding.switch == "times"]

    assert table.reading.times == told.value == (TimeReading(("when",), "%d/%m/%Y"),)
    assert told.alternatives == ((TimeReading(("when",), "%m/%d/%Y"),),)
    assert "until you choose" in told.reason


def test_a_repeated_hour_without_a_zone_is_the_same_time_again() -> None:
    clock = pd.date_range("2024-10-26", periods=60, freq="h", tz="Europe/Berlin").tz_localize(None)
    file = content(clock.strftime("%Y-%m-%d %H:%M"))
    (finding,) = find_times(read_csv(file).frame)

    naive = read_csv(file, times=finding.alternatives)

    assert (finding.reading.zone, finding.alternatives) == ("Europe/Berlin", (TimeReading(("when",), "ISO8601"),))
    assert not make_series(read_csv(file), ROLES)[0].gaps.any()
    with pytest.raises(CellError, match="lines 28 and 29 of series .* have the same time"):
        make_series(naive, ROLES)


def test_epochs_may_be_plain_numbers() -> None:
    file = content(1_700_000_000 + 60 * step for step in range(40))

    table = read_csv(file, times=(TimeReading(("when",), "number"),))

    assert labels(read_csv(file)) == ["2023-11-14 22:13:20", "2023-11-14 22:14:20"]
    assert make_series(table, ROLES)[0].times[0] == 1_700_000_000


def test_columns_that_are_set_make_a_time_of_their_own() -> None:
    days = pd.date_range("2024-02-01", periods=40, freq="D")
    frame = pd.DataFrame({"a": days.strftime("%d.%m.%Y"), "b": days.strftime("%H:%M"), "level": NOISE[:40]})

    table = read_csv(frame.to_csv(index=False).encode(), times=(TimeReading(("a", "b"), "%d.%m.%Y %H:%M"),))

    assert list(table.frame) == ["a", "b", "a b", "level"]
    assert guess_roles(table).roles.time == "a b"
