"""The sections on how far the numbers can be trusted: simple models beside the model, calibrated probabilities, and intervals."""

from __future__ import annotations

import numpy as np

from complex_lstm.data.units import digits
from complex_lstm.evaluation.calibration import calibration_scores, reliability
from complex_lstm.evaluation.intervals import cross_intervals, fewest_windows
from complex_lstm.evaluation.simple_words import describe_best, describe_blocks, describe_difference
from complex_lstm.figures.calibration import reliability_diagram
from complex_lstm.figures.simple_models import comparison_dots
from complex_lstm.reports.checked import CheckedModel, Figure, Section, written

LEVEL = 0.9
MOST_ROWS = 30  # targets in a table


def simple_section(checked: CheckedModel) -> Section:
    """Return how the model does beside simple models on the same windows."""
    title, compared = "Beside simple models", checked.simple
    if compared is None:
        return Section(
            title,
            "Left out: the model had not been compared with simple ones when this report was made. The view Simple models of the page "
            "Check compares them, and so does `complex-lstm check` without --no-simple-models.",
        )
    if not compared.scores:
        return Section(title, "No window is scored, or no simple model can be fitted here, so nothing is compared.")
    drawn = comparison_dots(compared, title="")
    words = (
        f"The model against each simple model, {describe_blocks(compared)}. The simple models are as they come, and the best of them was "
        f"found on these very windows."
    )
    rows = [(one.name, describe_difference(one, compared), one.how) for one in compared.scores]
    rows += [(one.name, f"left out: {one.reason}", "") for one in compared.left_out]
    figures = (Figure(drawn, "simple_models", words),)
    return Section(title, describe_best(compared), figures, ("simple model", "how the model does against it", "how it is made"), rows)


def certainty_section(checked: CheckedModel) -> Section:
    """Return whether probabilities are what they say, or how far around a forecast the actual value lies."""
    if not len(checked.answered):
        return Section("How sure it is", "No window is scored, so nothing can be measured.")
    return _calibration(checked) if checked.answered.is_classes else _intervals(checked)


def _calibration(checked: CheckedModel) -> Section:
    answered = checked.answered
    found = calibration_scores(answered.predicted, answered.actual, answered.blocks)
    probability = answered.predicted.max(axis=1)
    bins = reliability(probability, answered.right, answered.blocks)
    temperature = answered.dataset.scaling.temperature
    name = "as the model gives them" if temperature == 1 else f"temperature {temperature:.4g}"
    drawn = reliability_diagram(((name, bins),), of="the predicted class", title="")
    words = "The share that came true over the mean probability, in bins. A bin with few windows lies off the diagonal by chance."
    sentence = (
        f"Confidence less accuracy {written(found.overconfidence, lambda value: f'{value:+.3f}')}; expected calibration error "
        f"{found.ece:.4f}, Brier score {found.brier:.4f}, log loss {digits(found.log_loss)}. Probabilities: {name}."
    )
    return Section("Whether its probabilities are what they say", sentence, (Figure(drawn, "reliability", words),))


def _intervals(checked: CheckedModel) -> Section:
    """Return the coverage and the width of intervals whose width each fold of the windows takes from the others."""
    title, answered = f"Prediction intervals of {LEVEL:.0%}", checked.answered
    made = cross_intervals(answered.errors, answered.blocks, LEVEL)
    if not np.isfinite(made.half).all():
        return Section(title, f"They need errors of {fewest_windows(LEVEL)} windows or more in two blocks or more, and there are fewer.")
    coverage, names = made.coverage(answered.errors, answered.blocks), answered.names
    order = np.argsort([one.value for one in coverage], kind="stable")[:MOST_ROWS].tolist()
    rows = [
        (
            names[at],
            written(coverage[at], lambda share: f"{share:.1%}"),
            f"{digits(float(made.mean_width[at]))} {answered.dataset.schema.unit(names[at])}",
        )
        for at in order
    ]
    sentence = (
        "Split conformal prediction: the width of each fold of whole blocks is from the errors in the others. The coverage is measured, "
        "over all windows; at some hours, or in one series, it can be far lower. Those least covered come first."
    )
    return Section(title, sentence, heading=("target", "measured coverage", "mean width"), rows=rows)
