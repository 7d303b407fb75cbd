"""Warnings before training: each kind is found where it is, and not where it only looks alike."""

import numpy as np
import pytest

from complex_lstm.config import Roles, SplitConfig, Task, WindowConfig
from complex_lstm.data import Problem, find_problems, prepare_training
from complex_lstm.data.leaks import is_constant, is_copy, is_split_name
from complex_lstm.data.problems import codes
from tests.data.tables import table_of

BY_TIME = SplitConfig("time", validation=0.2, test=0.2)  # of 40 rows the first 24 are for training
NOISE = np.random.default_rng(0).standard_normal((3, 40)).round(3)
A, B, Y = NOISE


def problems_of(columns: dict[str, object], *targets: str, task: Task = "values", horizon: int = 1) -> tuple[Problem, ...]:
    """Return the problems of one series with these columns, of which those that are no class are features."""
    rows = zip(*columns.values(), strict=True)  # type: ignore[call-overload]
    table = table_of(",".join(columns), *(",".join(str(cell) for cell in row) for row in rows))
    features = tuple(name for name in columns if task == "values" or name not in targets)
    window = WindowConfig(length=3, horizon=horizon)
    return find_problems(prepare_training(table, Roles(features, targets, task), window, BY_TIME))


def test_ordinary_columns_have_no_problem() -> None:
    assert problems_of({"a": A, "b": B, "y": Y}, "y") == ()
    assert problems_of({"a": A, "b": B, "kind": ["x", "z"] * 20}, "kind", task="classes") == ()


@pytest.mark.parametrize(
    "name", ["split", "Train", "is_train", "test", "fold", "cv_fold", "set", "trainTest", "k-fold", "data set", "validation", "Split No."]
)
def test_a_name_that_only_says_which_rows_are_for_what_is_that_of_a_split(name: str) -> None:
    assert is_split_name(name)


@pytest.mark.parametrize("name", ["temp", "set_point", "test_pressure", "training_load", "latest", "strain", "id", "offset", "fold change"])
def test_a_name_that_says_more_is_not_that_of_a_split(name: str) -> None:
    assert not is_split_name(name)


def test_a_split_column_is_found_among_the_features() -> None:
    columns = {"a": A, "fold": np.arange(40) % 5, "y": Y}

    assert problems_of(columns, "y") == (Problem("split column", ("fold",)),)


def test_a_measurement_named_like_a_split_is_not_one() -> None:
    assert problems_of({"a": A, "set": B, "y": Y}, "y") == ()  # 40 different values


def test_a_split_column_is_found_where_it_was_taken_for_the_class() -> None:
    assert problems_of({"a": A, "split": ["train", "test"] * 20}, "split", task="classes") == (Problem("split column", ("split",)),)


@pytest.mark.parametrize(
    "copy",
    [Y, -3 * Y, 32 + 1.8 * Y, (32 + 1.8 * Y).round(2), np.where(np.arange(40) % 4, Y, np.nan)],
    ids=["equal", "turned round", "another unit", "rounded", "with empty cells"],
)
def test_a_column_that_copies_the_target_is_found(copy: np.ndarray) -> None:
    cells = ["" if np.isnan(cell) else cell for cell in copy]

    assert problems_of({"a": A, "copy": cells, "y": Y}, "y") == (Problem("copy", ("copy",), "y"),)


@pytest.mark.parametrize("other", [Y + 0.1 * A, Y**3, np.abs(Y)], ids=["noise", "cubed", "sign lost"])
def test_a_column_that_is_only_related_is_no_copy(other: np.ndarray) -> None:
    assert problems_of({"a": A, "other": other, "y": Y}, "y") == ()


def test_two_targets_are_not_each_others_copies() -> None:
    assert problems_of({"a": A, "y": Y, "z": 2 * Y}, "y", "z") == ()


@pytest.mark.parametrize("horizon", [1, 3])
def test_a_column_that_holds_the_later_target_is_found(horizon: int) -> None:
    later = np.concatenate([Y[horizon:], B[:horizon]])

    assert problems_of({"a": A, "later": later, "y": Y}, "y", horizon=horizon) == (Problem("future copy", ("later",), "y"),)


def test_a_column_that_holds_the_earlier_target_is_no_problem() -> None:
    assert problems_of({"a": A, "earlier": np.concatenate([B[:1], Y[:-1]]), "y": Y}, "y") == ()


def test_a_number_for_each_class_is_a_copy_of_it() -> None:
    kind = np.array(["low", "middle", "high"])[np.arange(40) % 3]

    columns = {"a": A, "code": np.array([7, 2, 9])[np.arange(40) % 3], "kind": kind}

    assert problems_of(columns, "kind", task="classes") == (Problem("copy", ("code",), "kind"),)


def test_what_only_some_classes_share_is_no_copy() -> None:
    labels = np.array(["low", "low", "middle", "high"])

    assert codes(np.array([1.0, 1.0, 2.0, 3.0]), labels)
    assert not codes(np.array([1.0, 1.0, 2.0, 2.0]), labels)  # two classes have one number
    assert not codes(np.array([1.0, 4.0, 2.0, 3.0]), labels)  # one class has two
    assert not codes(np.array([np.nan, 1.0]), np.array(["low", ""]))


@pytest.mark.parametrize(
    "values",
    [np.full(40, 3), np.where(np.arange(40) < 24, 3, A), np.where(np.arange(40) % 3, "3", "")],
    ids=["everywhere", "in the training part", "with empty cells"],
)
def test_a_constant_feature_is_found(values: np.ndarray) -> None:
    assert problems_of({"a": A, "still": values, "y": Y}, "y") == (Problem("constant feature", ("still",)),)


def test_several_constant_features_are_one_finding() -> None:
    assert problems_of({"a": A, "p": np.ones(40), "q": np.zeros(40), "y": Y}, "y") == (Problem("constant feature", ("p", "q")),)


def test_few_rows_are_not_compared() -> None:
    assert not is_copy(np.arange(9.0), np.arange(9.0)) and is_copy(np.arange(10.0), np.arange(10.0))


def test_a_column_without_any_number_never_changes() -> None:
    assert is_constant(np.full(4, np.nan)) and not is_constant(np.array([1.0, np.nan, 2.0]))
