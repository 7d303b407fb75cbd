"""The report on a model: that names from files are text in it, and that odd models and data have one too."""

import dataclasses

import numpy as np
import pytest

from complex_lstm.config import Schema
from complex_lstm.data import Dataset
from complex_lstm.evaluation.limits import Limits, broken_limits
from complex_lstm.inference import Predictions
from complex_lstm.metrics import ValueScores
from complex_lstm.model import BareCheckpoint
from complex_lstm.reports.checked import CheckedModel
from complex_lstm.reports.model_check import model_report
from tests.evaluation.made_answers import FORECAST, hours, prepared
from tests.model.lively import small_model
from tests.training.planted import forecast_dataset, planted_dataset


def checked(dataset: Dataset, predicted: np.ndarray, *, part: str = "test") -> CheckedModel:
    windows = dataset.windows.of_part(part)
    predictions = Predictions(windows, predicted, np.stack([predicted] * 3, axis=1), predicted, 0.0, "CPU")
    return CheckedModel(BareCheckpoint(small_model()), dataset, part, predictions, "a model", "a file", "0" * 64)


def with_names(dataset: Dataset, name: str) -> Dataset:
    """Return a data set of values whose features and targets have names that are markup."""
    roles = dataclasses.replace(dataset.schema.roles, features=(name,), targets=(name,))
    return dataclasses.replace(dataset, schema=Schema(roles, (), ("°<C",), ("°<C",)))


def test_names_are_text() -> None:
    dataset = with_names(prepared(hours().drop(columns="second"), dataclasses.replace(FORECAST, features=("first",))), "<img src=x>&")
    windows = dataset.windows.of_part("test")
    report = model_report(checked(dataset, dataset.windows.last[windows] * 0.999))

    assert "<img" not in report and "&lt;img src=x&gt;&amp;" in report and "°<C" not in report


@pytest.mark.parametrize("part", ["training", "test"])
def test_a_few_windows_without_dates_have_a_report(part: str) -> None:
    dataset = forecast_dataset()
    windows = dataset.windows.of_part(part)
    report = model_report(checked(dataset, dataset.windows.last[windows], part=part))

    assert "is 1.000 of that of repeating the last value: no better" in report
    assert ("These are the training windows themselves" in report) == (part == "training")


def test_outputs_that_are_no_numbers_and_a_target_that_never_changes() -> None:
    dataset = forecast_dataset(values=np.r_[np.sin(np.arange(50) / 4), np.full(10, 0.25)])
    windows = dataset.windows.of_part("test")
    predicted = dataset.windows.last[windows] + 0.1
    predicted[0] = np.nan

    assert "the target never changes" in model_report(checked(dataset, predicted))
    assert "so there is no score" in model_report(checked(dataset, np.full_like(predicted, np.nan)))


def test_an_unknown_class_and_classes_that_do_not_occur() -> None:
    dataset = planted_dataset(60)
    windows = dataset.windows.of_part("test")
    labels = dataset.windows.label.copy()
    labels[windows] = "never seen"
    dataset = dataclasses.replace(dataset, windows=dataclasses.replace(dataset.windows, label=labels))
    report = model_report(checked(dataset, np.eye(3)[np.zeros(len(windows), dtype=int)]))

    assert "have a class that the model does not know" in report and "Accuracy 0.000" in report


def test_limits_are_broken_by_the_values_beyond_them() -> None:
    scores = ValueScores(10, np.array([1.0, 2.0]), np.ones(2), np.array([2.0, 4.0]), np.ones(2), np.zeros(2, dtype=bool))
    names = ("a", "b")

    assert broken_limits(Limits(mae={"a": 1.0, "b": 2.0}), scores, None, names, "10 windows") == ()
    (said,) = broken_limits(Limits(mae={"a": 0.9, "b": 2.0}), scores, None, names, "10 windows")
    assert said == "The mean absolute error of a on 10 windows is 1, above 0.9."
    (unknown,) = broken_limits(Limits(shift=0.5), scores, None, names, "10 windows")
    assert "not known" in unknown
