"""Stretches of time, of which the start is read until somebody wants the end, and elapsed times that no clock shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from complex_lstm.cli import main
from complex_lstm.data import Table, guess_roles, read_csv, read_times
from complex_lstm.data.time_finding import TimeFinding, find_time
from complex_lstm.errors import ConfigError
from complex_lstm.recipe import TimeReading

ROWS = 200
LEVEL = np.random.default_rng(2).normal(size=ROWS).round(3)
HOURS = pd.date_range("2024-02-10", periods=ROWS, freq="h")
NEXT = HOURS + pd.Timedelta(hours=1)


def table_of(cells: list[str], **more: object) -> Table:
    return read_csv(pd.DataFrame({"when": cells, **more, "level": LEVEL[: len(cells)]}).to_csv(index=False).encode(), "a.csv")


def time_of(table: Table, column: str = "when") -> TimeFinding:
    found = find_time(table.frame, column)
    assert found is not None and guess_roles(table).roles.time == column
    return found


def pairs(form: str) -> list[str]:
    return [form.format(start=start, end=end) for start, end in zip(HOURS, NEXT, strict=True)]


STRETCHES = {
    "German": "{start:%d.%m.%Y %H:%M} - {end:%d.%m.%Y %H:%M}",
    "American": "{start:%m/%d/%Y %I:%M %p} - {end:%m/%d/%Y %I:%M %p}",
    "ISO": "{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}",
    "ISO with a slash": "{start:%Y-%m-%dT%H:%M}/{end:%Y-%m-%dT%H:%M}",
    "ISO with a duration": "{start:%Y-%m-%dT%H:%M}/PT1H",
    "the day once": "{start:%d.%m.%Y %H:%M} – {end:%H:%M}",
    "the day once, no blanks": "{start:%d.%m.%Y %H:%M}-{end:%H:%M}",
    "pandas": "({start:%Y-%m-%d %H:%M}, {end:%Y-%m-%d %H:%M}]",
}  # fmt: skip


@pytest.mark.parametrize("form", STRETCHES.values(), ids=STRETCHES)
def test_the_start_of_a_stretch_is_its_time_and_the_end_is_the_other_choice(form: str) -> None:
    table = table_of(pairs(form))

    found = time_of(table)

    assert found.reading.format.startswith("start of ") and "the start of each is read, not the end" in found.reason
    assert (read_times(table, "when").wall == HOURS.to_numpy()).all()
    end = next(one for one in found.alternatives if one.format.startswith("end of "))
    again = read_csv(pd.DataFrame({"when": pairs(form), "level": LEVEL}).to_csv(index=False).encode(), "a.csv", times=(end,))
    assert (read_times(again, "when").wall == NEXT.to_numpy()).all()


def test_stretches_of_whole_days_and_of_a_day_beside_a_date() -> None:
    weeks = pd.date_range("2023-01-02", periods=60, freq="7D")
    weekly = table_of([f"{start:%Y-%m-%d} - {start + pd.Timedelta(days=6):%Y-%m-%d}" for start in weeks])
    beside = table_of([f"{start:%d.%m.%Y}" for start in HOURS], hour=pairs("{start:%H:%M} - {end:%H:%M}"))

    assert (read_times(weekly, "when").wall == weeks.to_numpy()).all()
    assert (read_times(beside, "when hour").wall == HOURS.to_numpy()).all()
    assert "Of each stretch in hour the start is read." in time_of(beside, "when hour").reason


@pytest.mark.parametrize("cells", [["10 - 20", "20 - 30"], ["1.5-2.5", "2.5-3.5"], ["A - B", "C - D"], ["3/4", "5/8"]])
def test_ranges_that_are_no_times_are_text(cells: list[str]) -> None:
    assert find_time(table_of(cells * 50).frame, "when") is None


SECONDS = np.arange(ROWS) * 617.5
MINUTES = SECONDS // 60 * 60
ELAPSED = {
    "hours beyond a day": ([f"{int(s // 3600)}:{int(s // 60 % 60):02}:{int(s % 60):02}" for s in np.floor(SECONDS)], np.floor(SECONDS)),
    "minutes and tenths": ([f"{int(s // 60):02}:{s % 60:04.1f}" for s in SECONDS], SECONDS),
    "minutes and a decimal comma": ([f"{int(s // 60):02}:{s % 60:06.3f}".replace(".", ",") for s in SECONDS], SECONDS),
    "pandas": ([str(pd.Timedelta(seconds=s)) for s in SECONDS], SECONDS),
    "days before a clock": ([f"{int(s // 86400)}d {int(s // 3600 % 24):02}:{int(s // 60 % 60):02}:00" for s in SECONDS], MINUTES),
    ".NET": ([f"{int(s // 86400)}.{int(s // 3600 % 24):02}:{int(s // 60 % 60):02}:00" for s in SECONDS], MINUTES),
}  # fmt: skip


@pytest.mark.parametrize(("cells", "seconds"), ELAPSED.values(), ids=ELAPSED)
def test_elapsed_times_are_read_to_the_fraction(cells: list[str], seconds: np.ndarray) -> None:
    table = table_of(cells)

    found = time_of(table)

    wall = read_times(table, "when").wall
    assert found.reading.format.startswith("elapsed ") and not found.is_asked
    assert np.allclose((wall - wall[0]) / np.timedelta64(1, "us") / 1e6, seconds - seconds[0])


def test_whether_hours_or_minutes_come_first_is_asked_for_where_both_fit() -> None:
    table = table_of([f"{n // 60 + 22}:{n % 60:02}" for n in range(0, 8 * ROWS, 8)])

    found = time_of(table)

    assert found.is_asked and {found.reading.format, found.alternatives[0].format} == {"elapsed m:s", "elapsed h:m"}
    hours = read_times(table, "when", found.alternatives[0]).wall
    assert hours[1] - hours[0] == np.timedelta64(8, "m")


def test_a_time_of_day_stays_one() -> None:
    assert time_of(table_of([f"{n // 60 % 24:02}:{n % 60:02}:00" for n in range(ROWS)])).reading.format == "%H:%M:%S"


def test_the_command_line_takes_both_kinds(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(pd.DataFrame({"when": pairs(STRETCHES["German"]), "level": LEVEL}).to_csv(index=False).encode())
    (tmp_path / "b.csv").write_bytes(pd.DataFrame({"lap": ELAPSED["minutes and tenths"][0], "level": LEVEL}).to_csv(index=False).encode())

    ends = CliRunner().invoke(main, ["info", str(tmp_path / "a.csv"), "--time-format", "when as end of %d.%m.%Y %H:%M"])
    laps = CliRunner().invoke(main, ["info", str(tmp_path / "b.csv"), "--time-format", "lap as elapsed m:s"])

    assert ends.exit_code == 0 and "2024-02-10 01:00" in ends.output and "2024-02-10 00:00" not in ends.output
    assert laps.exit_code == 0 and "10.29 min" in laps.output


@pytest.mark.parametrize("format", ["elapsed s", "elapsed", "start of", "end of epoch"])
def test_a_format_that_there_is_none_of_is_refused(format: str) -> None:
    with pytest.raises(ConfigError, match="is no way to read a time"):
        read_csv(b"when,x\n1,2\n2,3\n", "a.csv", times=(TimeReading(("when",), format),))
