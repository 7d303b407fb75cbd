"""What `train` says in the end of simple models: rules and models that the network has to beat, on the same windows."""

from __future__ import annotations

import click

from complex_lstm.data import Dataset
from complex_lstm.data.units import digits
from complex_lstm.evaluation.answered import answered_windows
from complex_lstm.evaluation.simple_models import each_simple_model
from complex_lstm.evaluation.simple_scores import SimpleComparison, SimpleScore, compare_simple
from complex_lstm.evaluation.simple_words import describe_best, describe_blocks, describe_difference
from complex_lstm.inference import Predictions

MOST_TARGETS = 6  # whose errors stand in a line


def echo_simple_models(dataset: Dataset, predictions: dict[str, Predictions]) -> None:
    """Fit simple models on the training part, and print how a model does against each on the test part, else on validation.

    `predictions` are the model's, by part. Nothing is printed where that has no window with an answer and a prediction.
    """
    part = next((one for one in ("test", "validation") if one in predictions), "")
    if not part:
        return
    answered = answered_windows(dataset, predictions[part])
    if len(answered):
        click.echo("\n".join(_lines(compare_simple(answered, each_simple_model(dataset)), dataset, part)))


def _lines(compared: SimpleComparison, dataset: Dataset, part: str) -> list[str]:
    which = f"{part} windows{', which chose its best epoch' if part == 'validation' else ''}"
    several = "; of several targets the mean, each in units of the error of repeating its last value" if len(compared.names) > 1 else ""
    lines = [f"Simple models on the same {compared.windows:,} {which} ({describe_blocks(compared)}{several}):"]
    lines += [f"  {one.name} ({_score(one, compared, dataset)}): {describe_difference(one, compared)}" for one in compared.scores]
    lines += [f"  {one.name} is left out: {one.reason}." for one in compared.left_out]
    return [*lines, describe_best(compared)]


def _score(one: SimpleScore, compared: SimpleComparison, dataset: Dataset) -> str:
    if compared.is_classes:
        return f"accuracy {one.score[0]:.3f}"
    errors = [f"{name} {digits(error)} {dataset.schema.unit(name)}".rstrip() for name, error in zip(compared.names, one.score, strict=True)]
    more = f" and {len(errors) - MOST_TARGETS} more targets" if len(errors) > MOST_TARGETS else ""
    return f"mean absolute error {', '.join(errors[:MOST_TARGETS])}{more}"
