"""The whole way from a table to windows: nothing of the test part is seen in training, and everything done is reported."""

import dataclasses

import numpy as np
import pytest

from complex_lstm.config import Roles, Scaling, Schema, SplitConfig, WindowConfig
from complex_lstm.data import Dataset, Table, prepare_for, prepare_training, with_units
from complex_lstm.errors import CellError, DataError, RolesError
from tests.data.tables import CLASSES, VALUES, counting, table_of

BY_TIME = SplitConfig("time", validation=0.2, test=0.2)


def long_table(changed: dict[int, float] | None = None) -> Table:
    """Return one series of 30 steps; training is its first 18, test its last 6. Some rows may hold another x."""
    rows = [f"a,{step},{(changed or {}).get(step, step % 7)},{step * 2}" for step in range(30)]
    return table_of("id,step,x,y", *rows)


def prepared(table: Table, window: WindowConfig | None = None, split: SplitConfig = BY_TIME) -> Dataset:
    return prepare_training(table, dataclasses.replace(VALUES, group=""), window or WindowConfig(length=3), split)


def test_scaling_never_sees_the_test_part() -> None:
    plain, moved = prepared(long_table()), prepared(long_table({25: 1e6, 20: -1e6}))

    assert plain.scaling == moved.scaling
    assert prepared(long_table({17: 1e6})).scaling != plain.scaling


def test_no_training_window_holds_or_forecasts_a_test_row() -> None:
    plain, moved = (prepared(table, WindowConfig(length=3, horizon=2)) for table in (long_table(), long_table({24: 99, 29: 99})))

    for part, touched in (("training", False), ("validation", False), ("test", True)):
        chosen = plain.windows.of_part(part)
        assert np.array_equal(plain.windows.inputs(chosen), moved.windows.inputs(chosen)) is not touched
    chosen = plain.windows.of_part("training")
    assert (plain.windows.start[chosen] + 3 - 1 + 2).max() == 17
    assert plain.windows.actual[chosen, 0].max() == 34


def test_carrying_forward_never_looks_into_the_next_part() -> None:
    holes = {18: "", 19: ""}

    dataset = prepared(long_table(holes), WindowConfig(length=1))

    assert dataset.scaling == prepared(long_table()).scaling
    assert dataset.windows.rows[18, 0] == dataset.windows.rows[17, 0]
    assert dataset.report.filled == (2, 0)


def test_inputs_are_scaled_by_the_training_part() -> None:
    dataset = prepared(long_table())

    training = dataset.windows.rows[:18]

    assert np.allclose(training.mean(axis=0), 0, atol=1e-6) and np.allclose(training.std(axis=0), 1, atol=1e-6)


def test_the_report_counts_what_was_found() -> None:
    rows = [f"a,{step},{'' if step in (3, 4) else step},{step % 2}" for step in (*range(10), *range(20, 30))]

    report = prepared(table_of("id,step,x,y", *rows), WindowConfig(length=2)).report

    assert (report.rows, report.filled, report.gaps) == (20, (2, 0), 1)
    assert report.windows_with_gap == 1  # steps 9 and 20 stand side by side in one window of two
    assert report.odd == () and report.notes == ()


def test_refusing_missing_values_names_the_cell() -> None:
    with pytest.raises(CellError, match="small.csv, line 5, column 'x' is empty, and missing values are refused"):
        prepared(long_table({3: ""}), WindowConfig(length=3, missing="refuse"))


def test_a_horizon_and_the_last_value_are_those_of_the_file() -> None:
    dataset = prepared(long_table(), WindowConfig(length=3, horizon=2, as_change=True))

    assert dataset.windows.last[0, 0] == 4 and dataset.windows.actual[0, 0] == 8  # y is twice the step: 2 and 4
    assert dataset.scaling.target_mean == (4,)  # it rises by 4 in 2 steps, always


def test_a_missing_last_value_is_carried_on_and_a_missing_answer_is_not() -> None:
    """A change since a value that is not known was not a number, and neither was its prediction."""
    rows = [f"a,{step},1,{'' if step in (0, 4) else step}" for step in range(12)]

    windows = prepared(table_of("id,step,x,y", *rows), WindowConfig(length=1, as_change=True)).windows

    mean = (1 + 2 + 3 + 5 + 6) / 5  # of the training part, its first seven rows
    assert windows.last[:6, 0].tolist() == [mean, 1, 2, 3, 3, 5]
    assert windows.actual[2, 0] == 3 and np.isnan(windows.actual[3, 0])


def classed(labels: list[str], **changed: object) -> Dataset:
    table = counting({f"s{n}": 5 for n in range(len(labels))}, classes={f"s{n}": label for n, label in enumerate(labels)})
    roles = dataclasses.replace(CLASSES, **changed)
    return prepare_training(table, roles, WindowConfig(length=2), SplitConfig("series", validation=0.0, test=0.3))


@pytest.mark.parametrize(
    ("labels", "classes"),
    [(["b", "a"], ("a", "b")), (["10", "9", "-1"], ("9", "-1", "10")), (["2", "10", "1"], ("1", "2", "10"))],
)
def test_classes_are_in_an_order_that_people_expect(labels: list[str], classes: tuple[str, ...]) -> None:
    dataset = classed(labels * 4)

    assert dataset.schema.classes == dataset.schema.outputs == classes


@pytest.mark.parametrize(("label", "words"), [("up", r"'kind' has 1 class: up"), ("", r"'kind' has 0 classes: none")])
def test_one_class_only_is_told(label: str, words: str) -> None:
    with pytest.raises(DataError, match=f"The target {words}. There is nothing to distinguish; choose a target with at least two"):
        classed([label] * 5)


@pytest.mark.parametrize("kind", ["time", "group"])
def test_whole_series_need_a_class_and_a_split_that_leaves_them_whole(kind: str) -> None:
    roles = CLASSES if kind == "time" else VALUES

    with pytest.raises(DataError, match="Whole series as windows need a class to predict, and a split by group or by series"):
        prepare_training(counting({"a": 5, "b": 5, "c": 5}), roles, WindowConfig(whole_series=True), SplitConfig(kind))


def test_units_stand_in_brackets_or_are_told() -> None:
    table = table_of("step,speed (m/s),temp [°C],plain", *(f"{step},{step},{step},{step}" for step in range(20)))
    roles = Roles(("speed (m/s)", "temp [°C]", "plain"), ("temp [°C]",), "values", time="step")

    schema = prepare_training(table, roles, WindowConfig(length=2), BY_TIME).schema

    assert schema.feature_units == ("m/s", "°C", "") and schema.target_units == ("°C",)
    assert with_units(schema, {"plain": "kg"}).feature_units == ("m/s", "°C", "kg")


SCHEMA = Schema(CLASSES, ("a", "b"))
SCALING = Scaling((2.0,), (4.0,))


def test_a_new_file_is_scaled_as_the_model_was_trained() -> None:
    dataset = prepare_for(counting({"a": 4}), SCHEMA, WindowConfig(length=2), SCALING)

    assert dataset.windows.inputs(np.array([2]))[0, :, 0].tolist() == [0, 0.25]  # (2 - 2) / 4 and (3 - 2) / 4
    assert set(dataset.windows.part) == {"new"}
    assert dataset.scaling == SCALING


def test_a_feature_that_the_file_lacks_is_told_with_what_it_has() -> None:
    schema = Schema(dataclasses.replace(CLASSES, features=("x", "warmth")), ("a", "b"))

    with pytest.raises(RolesError, match=r"The model needs the column 'warmth', which small.csv lacks. It has 'id', 'step'.* "
                                         "Rename or add them, or choose another model"):  # fmt: skip
        prepare_for(counting({"a": 4}), schema, WindowConfig(length=2), SCALING)


def test_what_else_the_file_lacks_is_done_without_and_noted() -> None:
    dataset = prepare_for(table_of("x", "1", "2", "3"), SCHEMA, WindowConfig(length=2), SCALING)

    assert dataset.report.notes == (
        "No series column 'id': prepared without it.",
        "No time column 'step': prepared without it.",
        "No group column 'who': prepared without it.",
        "The file lacks the answers: predictions cannot be scored.",
    )  # fmt: skip
    assert dataset.windows.label.tolist() == ["", ""]


def test_a_model_of_changes_needs_the_value_that_changes() -> None:
    schema, scaling = Schema(Roles(("x",), ("y",), "values")), Scaling((0.0,), (1.0,), (0.0,), (1.0,))

    with pytest.raises(RolesError, match="needs the column.* 'y'"):
        prepare_for(table_of("x", "1", "2", "3"), schema, WindowConfig(length=2, as_change=True), scaling)

    assert np.isnan(prepare_for(table_of("x", "1", "2", "3"), schema, WindowConfig(length=2), scaling).windows.actual).all()


def test_the_training_file_gets_its_parts_back() -> None:
    trained = prepared(long_table())

    again = prepare_for(long_table(), trained.schema, trained.window, trained.scaling, BY_TIME)

    assert again.windows.part.tolist() == trained.windows.part.tolist()
    assert np.array_equal(again.windows.rows, trained.windows.rows)


@pytest.mark.parametrize("cell", ["1e300", "1e39", "-4e38"])
def test_a_number_that_no_float32_holds_is_refused_with_its_line(cell: str) -> None:
    lines = ["x,y", *(f"{n % 5},{n}" for n in range(60))]
    lines[31] = f"{cell},5"

    with pytest.raises(CellError, match=r"small\.csv, line 32, column 'x': -?\d+e\+\d+ is too large .* float32"):
        prepare_training(table_of(*lines), Roles(("x",), ("y",), "values"), WindowConfig(length=5), SplitConfig("time"))


def test_a_number_that_is_too_large_once_it_is_scaled_is_refused_with_its_line() -> None:
    schema = Schema(Roles(("x",), ("x",), "values"))
    table = table_of("x", *map(str, range(10)), "1e38", "2")

    with pytest.raises(CellError, match=r"line 12, column 'x': 1e\+38 is too large"):
        prepare_for(table, schema, WindowConfig(length=5), Scaling((0.0,), (1e-3,), (0.0,), (1.0,)))
