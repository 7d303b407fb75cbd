"""The data report: each table says what the file holds, and the notes name what stands out."""

import numpy as np
import pandas as pd

from complex_lstm.config import Roles, SplitConfig, WindowConfig
from complex_lstm.data import guess_roles, prepare_training, read_csv, report_on, suggest_split, suggest_window
from complex_lstm.data.report import FileReport
from complex_lstm.data.times import duration
from complex_lstm.samples import SAMPLES
from tests.data.tables import table_of

BY_TIME = SplitConfig("time", validation=0.2, test=0.2)
NOISE = np.random.default_rng(0).standard_normal(40).round(3)


def report_of(columns: dict[str, object], roles: Roles) -> FileReport:
    rows = zip(*columns.values(), strict=True)  # type: ignore[call-overload]
    table = table_of(",".join(columns), *(",".join(str(cell) for cell in row) for row in rows))
    return report_on(table, roles, prepare_training(table, roles, WindowConfig(length=4), BY_TIME))


def test_a_column_has_its_role_type_unit_range_and_remarks() -> None:
    speed = NOISE.copy()
    speed[7] = 9999
    columns = {
        "speed (m/s)": speed, "steady": np.full(40, 3), "count": np.arange(40), "same speed": speed, "nothing": [""] * 40,
        "note": ["fine"] * 40, "y": ["", *NOISE[1:]],
    }  # fmt: skip
    found = report_of(columns, Roles(("speed (m/s)", "steady", "y"), ("y",), "values")).columns.set_index("column")

    assert found["role"].to_dict() == {
        "speed (m/s)": "feature", "steady": "feature", "count": "left out", "same speed": "left out", "nothing": "left out",
        "note": "left out", "y": "feature and target",
    }  # fmt: skip
    assert found["type"].tolist() == ["numbers", "whole numbers", "whole numbers", "numbers", "empty", "text", "numbers"]
    assert found.loc["speed (m/s)", ["unit", "highest", "far values"]].tolist() == ["m/s", 9999.0, 1]
    assert found.loc["speed (m/s)", "median"] == np.median(speed)
    assert found["missing"].to_dict() == dict.fromkeys(columns, 0) | {"nothing": 40, "y": 1}
    assert found.loc[["steady", "count", "same speed", "nothing"], "remarks"].tolist() == [
        "never changes", "grows with the row", "the same as speed (m/s)", "no cell is filled",
    ]  # fmt: skip


def test_a_series_has_its_length_ends_step_gaps_and_repeats() -> None:
    hours = [pd.Timestamp("2024-01-01") + pd.Timedelta(hours=hour + (10 if hour > 30 else 0)) for hour in range(40)]
    report = report_of({"time": hours, "y": NOISE}, Roles(("y",), ("y",), "values", time="time"))

    assert report.series.iloc[0].to_dict() == {
        "series": "small.csv", "group": "", "rows": 40, "first": "2024-01-01 00:00", "last": "2024-01-03 01:00", "time step": "1 h",
        "gaps": 1, "repeated times": 0,
    }  # fmt: skip


def test_the_parts_have_the_windows_of_the_data_set_and_of_each_class() -> None:
    sample = SAMPLES["shoulder_exercises"]
    table = read_csv(sample.csv)
    roles = guess_roles(table).roles
    window = suggest_window(table, roles)
    made = prepare_training(table, roles, window, suggest_split(table, roles, window))
    parts = report_on(table, roles, made).parts.set_index("part")

    assert parts["windows"].to_dict() == {part: len(made.windows.of_part(part)) for part in ("training", "validation", "test")}
    assert (parts.filter(like="windows of").sum(axis=1) == parts["windows"]).all()
    assert parts["rows"].sum() == len(table.frame)


def test_a_class_that_comes_late_is_named() -> None:
    kinds = ["calm"] * 15 + ["wild", "calm"] * 2 + ["wild"] * 21
    report = report_of({"a": NOISE, "kind": kinds}, Roles(("a",), ("kind",), "classes"))

    classes = report.classes.set_index("class")
    assert classes["rows"].to_dict() == {"calm": 17, "wild": 23}
    assert classes.loc["wild", "share in stretch 1"] == 0 and classes.loc["wild", "share in stretch 5"] == 1
    assert any(note.startswith("The class wild is not spread evenly over time") and "0% and 100%" in note for note in report.notes)


def test_rows_without_a_class_are_counted() -> None:
    kinds = ["a", "b"] * 10 + [""] * 20
    report = report_of({"x": NOISE, "kind": kinds}, Roles(("x",), ("kind",), "classes"))

    assert report.classes.set_index("class")["rows"].to_dict() == {"a": 10, "b": 10, "(no class)": 20}
    assert report.classes.set_index("class").loc["a", "share"] == 0.5


def test_different_time_steps_are_said() -> None:
    rows = [("a", step) for step in range(20)] + [("b", step * 6) for step in range(20)]
    columns = {"id": [name for name, _ in rows], "t": [step for _, step in rows], "y": NOISE}
    notes = report_of(columns, Roles(("y",), ("y",), "values", series="id", time="t")).notes

    assert "The series have different time steps: 1, 6." in notes


def test_durations_stand_in_their_largest_unit() -> None:
    shown = [duration(seconds) for seconds in (0.02, 1.0, 90.0, 3600.0, 86400.0, 604800.0)]

    assert shown == ["20 ms", "1 s", "1.5 min", "1 h", "1 d", "7 d"]


def test_what_was_done_to_the_lines_of_a_file_is_in_the_report_also_where_its_columns_cannot_be_used() -> None:
    table = table_of("t,x,,", *(f"{step},{value},," for step, value in enumerate(NOISE[:20])), "20", "21,1,", "Total,3")
    roles = Roles(("x",), ("x",), "values", time="t")

    notes = report_on(table, roles).notes

    assert notes[:3] == (
        "The last line is a total, a remark or empty, no row.",
        "2 columns have neither a name nor a filled cell, and are left out.",
        "Line 22 has fewer than 2 cells: those that the end of the line lacks are empty.",
    )
    assert set(notes) <= set(report_on(table, roles, prepare_training(table, roles, WindowConfig(length=4), BY_TIME)).notes)
