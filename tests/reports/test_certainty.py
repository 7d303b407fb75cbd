"""The sections on simple models, calibration and intervals: their numbers are those of what computes them, and odd cases end in words."""

import dataclasses

import numpy as np

from complex_lstm.evaluation.calibration import calibration_scores
from complex_lstm.evaluation.intervals import cross_intervals
from complex_lstm.evaluation.simple_models import each_simple_model
from complex_lstm.evaluation.simple_scores import compare_simple
from complex_lstm.evaluation.simple_words import describe_best
from complex_lstm.reports.certainty import certainty_section, simple_section
from tests.evaluation.made import hours
from tests.reports.test_model_check import checked
from tests.training.planted import forecast_dataset, planted_dataset


def test_classes_have_their_calibration() -> None:
    dataset = planted_dataset(120)
    windows = dataset.windows.of_part("test")
    probabilities = np.tile([0.6, 0.3, 0.1], (len(windows), 1))
    one = checked(dataset, probabilities)
    found = calibration_scores(probabilities, one.answered.actual, one.answered.blocks)

    section = certainty_section(one)

    assert f"expected calibration error {found.ece:.4f}" in section.sentence and f"Brier score {found.brier:.4f}" in section.sentence
    assert f"Confidence less accuracy {found.overconfidence.value:+.3f}" in section.sentence and len(section.figures) == 1
    assert "as the model gives them" in section.sentence
    warm = dataclasses.replace(dataset, scaling=dataclasses.replace(dataset.scaling, temperature=2.5))
    assert "Probabilities: temperature 2.5." in certainty_section(checked(warm, probabilities)).sentence


def test_values_have_the_coverage_of_their_intervals() -> None:
    dataset = hours(24 * 90, targets=2)
    windows = dataset.windows.of_part("test")
    one = checked(dataset, dataset.windows.last[windows])
    made = cross_intervals(one.answered.errors, one.answered.blocks, 0.9)
    measured = made.covers(one.answered.errors).mean(axis=0)

    rows = {row[0]: row for row in certainty_section(one).rows}

    assert set(rows) == {"x0", "x1"}
    assert all(rows[f"x{at}"][1].startswith(f"{measured[at]:.1%} (") for at in range(2))


def test_too_few_windows_and_none_have_no_intervals() -> None:
    dataset = forecast_dataset()
    windows = dataset.windows.of_part("test")

    assert "need errors of 9 windows or more" in certainty_section(checked(dataset, dataset.windows.last[windows])).sentence
    assert "No window is scored" in certainty_section(checked(dataset, np.full((len(windows), 1), np.nan))).sentence


def test_simple_models_are_told_once_they_are_compared() -> None:
    dataset = hours()
    one = checked(dataset, dataset.windows.last[dataset.windows.of_part("test")])
    compared = compare_simple(one.answered, each_simple_model(dataset))

    section = simple_section(dataclasses.replace(one, simple=compared))

    assert simple_section(one).sentence.startswith("Left out") and not simple_section(one).rows
    assert section.sentence == describe_best(compared) and len(section.rows) == len(compared.scores) + len(compared.left_out)
    assert "ridge" in [row[0] for row in section.rows]


def test_nothing_to_compare_is_said() -> None:
    dataset = forecast_dataset()
    one = checked(dataset, np.full((len(dataset.windows.of_part("test")), 1), np.nan))

    assert "nothing is compared" in simple_section(dataclasses.replace(one, simple=compare_simple(one.answered, ()))).sentence
