"""The model beside simple models: its own score is that of the Scores view, differences are worked out by hand, and words follow them."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from complex_lstm.config import Roles, SplitConfig, WindowConfig
from complex_lstm.data import Dataset
from complex_lstm.errors import Stopped
from complex_lstm.evaluation.answered import AnsweredWindows, answered_windows
from complex_lstm.evaluation.blocks import Interval, ratio_interval
from complex_lstm.evaluation.fitted import NotFitted, SimpleModel
from complex_lstm.evaluation.forecast_rules import persistence
from complex_lstm.evaluation.simple_models import each_simple_model
from complex_lstm.evaluation.simple_scores import SimpleComparison, SimpleScore, compare_simple, comparison_frame
from complex_lstm.evaluation.simple_words import describe_best, describe_blocks, describe_difference
from complex_lstm.inference import Predictions
from complex_lstm.metrics import ClassScores, ValueScores, score
from tests.evaluation.made import hours, kinds, of_frame


def answered(dataset: Dataset, predicted: np.ndarray, part: str = "test") -> AnsweredWindows:
    chosen = dataset.windows.of_part(part)
    return answered_windows(dataset, Predictions(chosen, predicted, np.stack([predicted] * 3, axis=1), predicted, 0.0, "CPU"))


def off_by(dataset: Dataset, scale: float, part: str = "test") -> np.ndarray:
    """Return predictions whose error is a multiple of that of repeating the last value."""
    chosen = dataset.windows.of_part(part)
    actual, last = dataset.windows.actual[chosen], dataset.windows.last[chosen]
    return actual + scale * (last - actual)


def test_the_models_own_score_is_that_of_the_scores_view() -> None:
    forecasts, classes = hours(targets=2), kinds(classes=3)
    predicted = off_by(forecasts, 0.7) + 0.1
    predicted[4, 1] = np.nan
    probabilities = np.random.default_rng(1).dirichlet(np.ones(3), len(classes.windows.of_part("test")))

    of_values = compare_simple(answered(forecasts, predicted), [])
    expected = score(forecasts, forecasts.windows.of_part("test"), predicted)
    assert isinstance(expected, ValueScores) and np.allclose(of_values.score, expected.mae) and of_values.windows == expected.windows
    of_classes = compare_simple(answered(classes, probabilities), [])
    expected_classes = score(classes, classes.windows.of_part("test"), probabilities)
    assert isinstance(expected_classes, ClassScores) and of_classes.score[0] == expected_classes.accuracy
    assert (of_classes.windows, of_classes.names) == (expected_classes.windows, ("accuracy",))


def test_repeating_the_last_value_has_the_error_of_the_scores_view() -> None:
    dataset = hours(targets=2)
    predicted = off_by(dataset, 0.7)
    (found,) = compare_simple(answered(dataset, predicted), [persistence(dataset)]).scores
    expected = score(dataset, dataset.windows.of_part("test"), predicted)

    assert isinstance(expected, ValueScores) and np.allclose(found.score, expected.persistence_mae)


def test_a_difference_of_errors_is_the_ratio_of_their_sums_less_one_and_of_squares_too() -> None:
    dataset = hours()
    windows = answered(dataset, off_by(dataset, 0.7))
    (found,) = compare_simple(windows, [persistence(dataset)]).scores

    assert found.difference.value == pytest.approx(-0.3) and found.difference.high == pytest.approx(-0.3)
    assert found.squared is not None and found.squared.value == pytest.approx(0.7**2 - 1)

    shifted = SimpleModel("shifted", "", lambda chosen: dataset.windows.actual[chosen] + 2.0)
    (found,) = compare_simple(windows, [shifted]).scores
    own = np.abs(windows.errors[:, 0])
    drawn = ratio_interval(own, np.full(len(own), 2.0), windows.blocks)
    assert found.difference.value == pytest.approx(own.mean() / 2 - 1)
    assert (found.difference.low, found.difference.high) == pytest.approx((drawn.low - 1, drawn.high - 1))


def test_of_several_targets_each_counts_in_units_of_its_own_last_values_error() -> None:
    dataset = hours(targets=2)  # the second varies twice as much
    (found,) = compare_simple(answered(dataset, off_by(dataset, 1) * 0 + dataset.windows.actual[dataset.windows.of_part("test")] + 1.0),
                              [persistence(dataset)]).scores  # fmt: skip

    assert found.difference.value == pytest.approx((1 / found.score).mean() - 1)


def test_a_difference_of_classes_is_that_of_the_accuracies() -> None:
    dataset = kinds(classes=2)
    test = dataset.windows.of_part("test")
    right = np.eye(2)[(dataset.windows.label[test] == "k1").astype(int)]
    always = SimpleModel("always k0", "", lambda windows: np.tile([1.0, 0.0], (len(windows), 1)))
    found = compare_simple(answered(dataset, right), [always])

    share = (dataset.windows.label[test] == "k0").mean()
    assert found.scores[0].score.tolist() == [share] and found.scores[0].difference.value == pytest.approx(1 - share)
    assert found.scores[0].squared is None and found.units == "series" and found.blocks == len(test)


def test_windows_that_a_rule_cannot_predict_are_left_out_of_its_comparison_alone() -> None:
    dataset = hours()
    last = dataset.windows.last.copy()
    test = dataset.windows.of_part("test")
    last[test[:10]] = np.nan
    dataset = dataclasses.replace(dataset, windows=dataclasses.replace(dataset.windows, last=last))
    nothing = SimpleModel("nothing", "", lambda windows: np.full((len(windows), 1), np.nan))
    found = compare_simple(answered(dataset, dataset.windows.actual[test] + 1.0), [persistence(dataset), nothing])

    assert found.windows == len(test) and found.scores[0].windows == len(test) - 10
    assert [one.name for one in found.left_out] == ["nothing"]


def test_no_window_with_an_answer_is_compared_with_nothing() -> None:
    dataset = hours()
    found = compare_simple(answered(dataset, np.full((len(dataset.windows.of_part("test")), 1), np.nan)), each_simple_model(dataset))

    assert found.windows == 0 and found.best is None and not found.scores and describe_best(found) == ""


def test_it_stops_when_it_is_told_to() -> None:
    dataset = hours()
    with pytest.raises(Stopped):
        compare_simple(answered(dataset, off_by(dataset, 1)), [persistence(dataset)], stop=lambda: True)


@pytest.mark.parametrize(("off", "words"), [(1.0, ", and the model has."), (0.0, ", and neither has the model.")])
def test_a_target_that_has_stopped_changing_is_repeated_without_any_error_and_it_is_said(off: float, words: str) -> None:
    y = np.where(np.arange(600) < 450, np.arange(600) % 7, 3)
    frame = pd.DataFrame({"time": pd.date_range("2024-01-01", periods=600, freq="h"), "y": y})
    dataset = of_frame(frame, Roles(("y",), ("y",), "values", time="time"), WindowConfig(length=12), SplitConfig("time"))
    test = dataset.windows.of_part("test")
    found = compare_simple(answered(dataset, dataset.windows.actual[test] + off), [persistence(dataset)])

    assert found.scores[0].score.tolist() == [0.0]
    assert describe_difference(found.scores[0], found) == f"Repeating the last value has no error at all on these windows{words}"
    assert comparison_frame(found)["mean absolute error, y"].tolist() == [off, 0.0]


def test_the_table_to_take_along_has_every_target_and_each_interval() -> None:
    dataset = hours(targets=2)
    frame = comparison_frame(compare_simple(answered(dataset, off_by(dataset, 0.7)), [persistence(dataset)]))

    assert frame["model"].tolist() == ["this model", "repeating the last value"]
    assert np.allclose(frame["mean absolute error, x1"].to_numpy(), np.array([0.7, 1.0]) * frame["mean absolute error, x1"].iloc[1])
    assert frame["error less or more"].iloc[1] == pytest.approx(-0.3) and np.isnan(frame["error less or more"].iloc[0])
    assert {"error less or more, from", "error less or more, to", "squared error less or more", "how", "windows"} <= set(frame)


def comparison(*scores: SimpleScore, is_classes: bool = False, blocks: int = 20) -> SimpleComparison:
    return SimpleComparison(is_classes, ("load",), 300, np.array([1.0]), scores, (), "days", blocks)


def of_error(value: float, low: float, high: float, squared: Interval | None = None, name: str = "ridge") -> SimpleScore:
    return SimpleScore(name, "", np.array([1.0]), 300, Interval(value, low, high), squared or Interval(value, low, high))


def of_accuracy(value: float, low: float, high: float, name: str = "logistic regression") -> SimpleScore:
    return SimpleScore(name, "", np.array([0.5]), 300, Interval(value, low, high))


@pytest.mark.parametrize(
    ("one", "blocks", "words"),
    [
        (of_error(-0.163, -0.201, -0.12), 20, "The model is better than ridge: its error is 16% lower (-20% to -12%)."),
        (of_error(0.031, 0.012, 0.05), 20, "Ridge is better: the model's error is 3.1% higher (+1.2% to +5.0%)."),
        (of_error(0.031, -0.01, 0.06), 20,
         "No difference to ridge that these windows can show: the model's error is 3.1% higher (-1.0% to +6.0%)."),
        (of_error(0.031, np.nan, np.nan), 4,
         "Against ridge the model's error is 3.1% higher on these windows; 4 days are too few to say more."),
        (of_error(0.0, 0.0, 0.0), 20,
         "No difference to ridge that these windows can show: the model's error is the same to a tenth of a percent (+0.0% to +0.0%)."),
        (of_error(np.inf, np.nan, np.nan), 20, "Ridge has no error at all on these windows, and the model has."),
        (of_error(np.nan, np.nan, np.nan), 20, "Ridge has no error at all on these windows, and neither has the model."),
        (of_error(0.031, 0.012, 0.05, Interval(0.02, -0.02, 0.04)), 20,
         "Ridge is better: the model's error is 3.1% higher (+1.2% to +5.0%); by the squared error no difference shows (-2.0% to +4.0%)."),
        (of_error(12.5, 11.0, 14.0), 20, "Ridge is better: the model's error is 13.5 times as large (12 to 15 times)."),
    ],
)  # fmt: skip
def test_a_verdict_on_errors_is_one_sentence(one: SimpleScore, blocks: int, words: str) -> None:
    assert describe_difference(one, comparison(one, blocks=blocks)) == words


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (of_accuracy(0.266, 0.05, 0.5), "The model is better than {}: its accuracy is 26.6 points higher (+5.0 to +50.0)."),
        (of_accuracy(-0.04, -0.06, -0.02), "Logistic regression is better: the model's accuracy is 4.0 points lower (-6.0 to -2.0)."),
        (
            of_accuracy(0.0, -0.01, 0.01),
            "No difference to {} that these windows can show: the model's accuracy is the same to a tenth of a point (-1.0 to +1.0).",
        ),
    ],
)
def test_a_verdict_on_accuracies_is_one_sentence(one: SimpleScore, words: str) -> None:
    assert describe_difference(one, comparison(one, is_classes=True)) == words.format(one.name)


def test_the_best_simple_model_is_the_one_with_the_least_error_or_the_highest_accuracy() -> None:
    worse, better = of_error(-0.5, -0.6, -0.4, name="repeating the last value"), of_error(0.031, 0.012, 0.05)
    least, most = of_accuracy(0.3, 0.2, 0.4, name="the commonest class"), of_accuracy(0.1, 0.05, 0.2)

    assert describe_best(comparison(worse, better)).startswith("Of 2 simple models ridge does best here. Ridge is better: ")
    assert comparison(least, most, is_classes=True).best is most
    assert describe_best(comparison(least, is_classes=True)).startswith("The model is better than the commonest class")


def test_the_blocks_are_named() -> None:
    assert describe_blocks(comparison(of_error(0.1, 0.0, 0.2))) == "95% intervals over 20 days, drawn anew"
    assert describe_blocks(comparison(of_error(0.1, np.nan, np.nan), blocks=3)) == "no intervals: 3 days are too few"
    assert describe_blocks(comparison(of_error(0.1, np.nan, np.nan), blocks=1)) == "no intervals: one day is too little"


def test_of_few_groups_it_is_said_that_their_series_say_nothing_of_others() -> None:
    of_two = dataclasses.replace(comparison(of_error(0.1, 0.0, 0.2)), groups=2)

    assert describe_blocks(of_two) == "95% intervals over 20 days of 2 groups, drawn anew, which say nothing of other groups"


def test_what_is_left_out_stays_with_its_reason() -> None:
    dataset = hours()
    reason = NotFitted("gradient boosting", "it would take too long")
    assert compare_simple(answered(dataset, off_by(dataset, 1)), [reason]).left_out == (reason,)


def test_a_class_that_the_model_does_not_know_counts_as_wrong_for_all() -> None:
    dataset = kinds(classes=2)
    test = dataset.windows.of_part("test")
    label = dataset.windows.label.copy()
    label[test[:2]] = "never seen"
    dataset = dataclasses.replace(dataset, windows=dataclasses.replace(dataset.windows, label=label))
    always = SimpleModel("always k0", "", lambda windows: np.tile([1.0, 0.0], (len(windows), 1)))
    found = compare_simple(answered(dataset, np.tile([0.9, 0.1], (len(test), 1))), [always])

    assert found.windows == len(test) and found.score.tolist() == found.scores[0].score.tolist() == [(label[test] == "k0").mean()]
