"""Files with nothing to learn, or little: refused with what would work, which then does; or said."""

import numpy as np
import pytest

from complex_lstm.config import Roles, SplitConfig, WindowConfig
from complex_lstm.data import guess_roles, prepare_training, suggest_split, suggest_window
from complex_lstm.errors import DataError
from tests.data.tables import table_of

NOISE = np.random.default_rng(5).standard_normal(2000).round(3)
BY_TIME = SplitConfig("time", 0.2, 0.2)
WINDOW = WindowConfig(length=4)


def rows_of(*columns: object) -> list[str]:
    return [",".join(map(str, row)) for row in zip(*columns, strict=True)]  # type: ignore[call-overload]


def parts(dataset: object) -> list[int]:
    return [len(dataset.windows.of_part(part)) for part in ("training", "validation", "test")]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "target",
    [np.full(40, 5), np.where(np.arange(40) < 24, 1.5, NOISE[:40]), np.where(np.arange(40) % 2, "", "7")],
    ids=["everywhere", "in the training part", "with empty cells"],
)
def test_a_target_that_never_changes_is_refused(target: np.ndarray) -> None:
    table = table_of("a,y", *rows_of(NOISE[:40], target))

    with pytest.raises(DataError, match="The target 'y' never changes in the training part, so there is nothing to learn"):
        prepare_training(table, Roles(("a", "y"), ("y",), "values"), WINDOW, BY_TIME)


def test_of_several_targets_the_constant_one_is_named_and_another_is_offered() -> None:
    table = table_of("a,b,y", *rows_of(NOISE[:40], NOISE[40:80], np.full(40, 5)))

    with pytest.raises(DataError, match="target 'y' never changes.*Choose another target, such as 'a', or a file in which it changes"):
        prepare_training(table, Roles(("a", "b", "y"), ("b", "y"), "values"), WINDOW, BY_TIME)


def test_a_class_that_comes_late_is_refused_with_a_share_that_works() -> None:
    kind = np.where(np.arange(200) < 130, "rest", "walk")
    table = table_of("a,kind", *rows_of(NOISE[:200], kind))
    roles = Roles(("a",), ("kind",), "classes")

    with pytest.raises(DataError, match="are of one class, 'rest'.*a split by time with 15% for validation and 15% for test"):
        prepare_training(table, roles, WINDOW, SplitConfig("time", 0.2, 0.2))

    assert min(parts(prepare_training(table, roles, WINDOW, SplitConfig("time", 0.15, 0.15)))) > 0


def test_a_class_that_comes_late_in_each_of_several_runs_is_told_to_split_by_them() -> None:
    """Half of the runs, the later ones, are faulty; another column than the chosen series tells the runs apart."""
    run, step = np.repeat(np.arange(10), 40), np.tile(np.arange(40), 10)
    table = table_of("run,step,a,fault", *rows_of(run, step, NOISE[:400], np.where(run < 8, "no", "yes")))
    roles = Roles(("a",), ("fault",), "classes")

    with pytest.raises(DataError, match="the column 'run' as series, and a split by series"):
        prepare_training(table, roles, WINDOW, SplitConfig("time", 0.1, 0.15))

    by_run = Roles(("a",), ("fault",), "classes", series="run", time="step")
    assert prepare_training(table, by_run, WINDOW, SplitConfig("series")).schema.classes == ("no", "yes")


def test_where_no_split_works_another_target_is_named() -> None:
    late = np.where(np.arange(200) < 198, "no", "yes")
    table = table_of("a,late,mode", *rows_of(NOISE[:200], late, np.where(np.arange(200) // 7 % 2, "x", "y")))

    with pytest.raises(DataError, match="No split of this file .* has two classes in training.*such as 'mode'"):
        prepare_training(table, Roles(("a",), ("late",), "classes"), WINDOW, BY_TIME)


@pytest.mark.parametrize("rows", [40, 60, 90, 250, 600])
@pytest.mark.parametrize("task", ["values", "classes"])
def test_a_short_file_leaves_windows_in_every_part(rows: int, task: str) -> None:
    """600 rows gave 4 to 7 windows of training, and none of validation and test."""
    kind = np.where(np.arange(rows) // 5 % 2, "up", "down")
    table = table_of("a,b,kind", *rows_of(NOISE[:rows], NOISE[rows : 2 * rows], kind))
    roles = Roles(("a", "b"), ("kind",), "classes") if task == "classes" else Roles(("a", "b"), ("b",), "values")
    window = suggest_window(table, roles)

    counts = parts(prepare_training(table, roles, window, suggest_split(table, roles, window)))

    assert counts[0] >= 10 and min(counts) >= (5 if rows >= 60 else 1), (window, counts)


@pytest.mark.parametrize(("series", "length"), [(30, 4), (12, 9), (60, 6)])
def test_many_short_series_leave_windows_in_every_part(series: int, length: int) -> None:
    names, steps = np.repeat(np.arange(series), length), np.tile(np.arange(length), series)
    table = table_of("id,step,a", *rows_of(names, steps, NOISE[: series * length]))
    roles = Roles(("a",), ("a",), "values", series="id", time="step")
    window = suggest_window(table, roles)

    assert min(parts(prepare_training(table, roles, window, suggest_split(table, roles, window)))) >= 3


def test_two_groups_are_no_split_by_group() -> None:
    names, steps = np.repeat(np.arange(8), 60), np.tile(np.arange(60), 8)
    group, kind = names // 4, np.where(steps // 10 % 2, "up", "down")
    table = table_of("id,step,subject,a,kind", *rows_of(names, steps, group, NOISE[:480], kind))
    roles = Roles(("a",), ("kind",), "classes", series="id", time="step", group="subject")
    window = suggest_window(table, roles)

    split = suggest_split(table, roles, window)

    assert split.kind == "series" and min(parts(prepare_training(table, roles, window, split))) > 0


def test_labels_on_few_rows_are_counted() -> None:
    kind = np.where(np.arange(600) % 10 == 9, np.where(np.arange(600) % 20 == 9, "up", "down"), "")
    table = table_of("a,kind", *rows_of(NOISE[:600], kind))
    roles = Roles(("a",), ("kind",), "classes")

    dataset = prepare_training(table, roles, WindowConfig(length=5), SplitConfig("time", 0.15, 0.15))

    assert dataset.report.notes == ("60 of 600 rows have a kind: 42 windows can be learned from.",)


def test_empty_rows_are_left_out_and_said() -> None:
    """A file with 50 empty rows at its end had 50 steps more."""
    rows = [f"{step},{value}" for step, value in zip(range(40), NOISE, strict=False)]

    dataset = prepare_training(table_of("t,a", *rows, *[","] * 50), Roles(("a",), ("a",), "values", time="t"), WINDOW, BY_TIME)

    assert len(dataset.series[0]) == 40
    assert dataset.report.notes[0].endswith("rows are left out: they are empty, or end a series without a value.")


def test_times_without_values_at_the_end_are_no_steps() -> None:
    rows = [f"{step},{NOISE[step] if step < 40 else ''}" for step in range(70)]

    dataset = prepare_training(table_of("t,a", *rows), Roles(("a",), ("a",), "values", time="t"), WINDOW, BY_TIME)

    assert dataset.series[0].times[-1] == 39 and dataset.report.filled == (0,)


def test_an_order_of_day_and_month_that_nothing_decides_is_noted() -> None:
    rows = [f"{day:02}/02/2024,{NOISE[day]}" for day in range(1, 13)]
    table = table_of("when,a", *rows)
    roles = guess_roles(table).roles

    notes = prepare_training(table, roles, WindowConfig(length=2), SplitConfig("time", 0.25, 0.25)).report.notes

    assert notes == (
        "Time when: 01/02/2024 and all other cells can be dd/mm/yyyy or mm/dd/yyyy. It is read as dd/mm/yyyy until you choose.",
    )


def test_cells_that_cannot_be_read_leave_a_suggestion_and_a_problem() -> None:
    """A text among numbers, or a time that stands twice, hid the form in which it could be mended."""
    table = table_of(
        "t,a,b", *(f"{step // 2 if step > 30 else step},{'ten' if step == 9 else NOISE[step]},{step % 5}.5" for step in range(60))
    )
    guess = guess_roles(table)

    window = suggest_window(table, guess.roles)

    assert suggest_split(table, guess.roles, window) == SplitConfig("time") and window.length >= 2
    assert any("1 cell of a is no number, first 'ten' at line 11" in problem.words for problem in guess.problems)


def test_a_column_that_runs_through_the_hours_of_a_date_is_no_series() -> None:
    dates = [f"2024-03-{day:02}" for day in range(1, 21)]
    table = table_of("date,period,load", *(f"{date},{hour},{NOISE[hour]}" for date in dates for hour in range(1, 25)))

    guess = guess_roles(table)

    assert guess.roles.series == "" and "24 series" in dict(guess.reasons)["period"]
    assert [problem.role for problem in guess.problems] == ["series"] and "480 rows share their time" in guess.problems[0].words
