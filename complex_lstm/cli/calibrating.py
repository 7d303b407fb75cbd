"""`complex-lstm calibrate`: a checkpoint whose probabilities mean what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from complex_lstm.cli.group import FILE, NEW_FILE, main
from complex_lstm.cli.opening import compared_with, fitting_options, open_for_model
from complex_lstm.cli.reading_options import read_by_recipe, reading_options
from complex_lstm.data import Dataset
from complex_lstm.errors import CheckpointError
from complex_lstm.evaluation.answered import AnsweredWindows, answered_windows
from complex_lstm.evaluation.calibration import can_fit_temperature, cross_fitted_temperatures, ece, fit_temperature, is_at_the_end
from complex_lstm.inference import Predictions, predict, softmax
from complex_lstm.model import Checkpoint, save_checkpoint
from complex_lstm.model.device import pick_device, settle_threads

SOURCES = {  # parts that a temperature is fitted on: the first that there is
    "validation": "validation windows",
    "test": "test windows, for want of a validation part",
    "new": "windows, which are new to the model",
    "training": "training windows, for want of any other part: the model has learned from them, and the temperature may be too low",
}


@main.command("calibrate")
@click.argument("checkpoint", type=FILE)
@click.argument("data", type=FILE)
@click.option("--out", type=NEW_FILE, required=True, help="Where to write the calibrated checkpoint, ending in .safetensors.")
@fitting_options
@compared_with
@read_by_recipe
@reading_options
def calibrate(checkpoint: Path, data: Path, out: Path, **options: Any) -> None:
    """Fit the temperature of a classifier's probabilities, and write a checkpoint that holds it.

    All logits are divided by one number, the temperature, which has the least log loss on the validation part of DATA, the training file.
    Without such a part it is fitted on the test part, and of another file on all windows. The predicted classes stay the same; every
    probability that the new checkpoint gives, here and on the pages, is calibrated.
    """
    if out.suffix != ".safetensors":
        raise CheckpointError(f"{out.name} does not end in .safetensors, which is the format written. Name it {out.stem}.safetensors.")
    loaded, dataset = open_for_model(checkpoint, data, None, options)
    settle_threads(loaded.model.config.hidden_dim)
    model, device = loaded.model, pick_device()
    temperature, words = fitted_temperature(
        dataset, lambda part: predict(model.to(device), dataset, dataset.windows.of_part(part), device=device)
    )
    for line in words:
        click.echo(line)
    if temperature is None:
        raise click.ClickException("Nothing is written.")
    try:
        save_checkpoint(with_temperature(loaded, temperature), out)
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}. Choose another place for --out.") from error
    click.echo(f"{out}: temperature {temperature:.4g}")


def with_temperature(checkpoint: Checkpoint, temperature: float) -> Checkpoint:
    """Return the checkpoint with a temperature in its scaling."""
    return replace(checkpoint, scaling=replace(checkpoint.scaling, temperature=round(temperature, 4)))


def fitted_temperature(dataset: Dataset, predictions: Callable[[str], Predictions]) -> tuple[float | None, list[str]]:
    """Return the temperature for a model's classes, None where none can be fitted, and what was fitted and measured on what, in lines.

    `predictions` gives the model's for a part. It is fitted on the validation part and measured on the test part. Where one of them is
    missing it is fitted on the other, or on windows that are new to the model, and what it does is measured by cross-fitting over blocks.

    Raises:
        CheckpointError: the model predicts values.
    """
    if dataset.schema.roles.task != "classes":
        raise CheckpointError("The model predicts values, which have no probability: there is no temperature to fit.")
    source = next((part for part in SOURCES if len(dataset.windows.of_part(part))), "new")
    fitted_on = answered_windows(dataset, predictions(source))
    name = SOURCES[source]
    if not len(fitted_on) or not can_fit_temperature(fitted_on.outputs, fitted_on.actual):
        return None, [f"No temperature can be fitted on the {name}: {_why_none(fitted_on)}."]
    temperature = fit_temperature(fitted_on.outputs, fitted_on.actual)
    lines = [f"Fitted on {len(fitted_on):,} {name}: temperature {temperature:.4g}."]
    if is_at_the_end(temperature):
        end = "highest" if temperature > 1 else "lowest"
        lines.append(f"It is the {end} that is allowed, and the least log loss lies beyond it: no temperature makes up for such outputs.")
    if source == "validation" and len(dataset.windows.of_part("test")):
        measured = answered_windows(dataset, predictions("test"))
        where, heat = SOURCES["test"].partition(",")[0], temperature
    else:
        measured, where = fitted_on, "of them, cross-fitted by blocks"
        heat = cross_fitted_temperatures(measured.outputs, measured.actual, measured.blocks)[:, None]  # type: ignore[assignment]
    if len(measured) and (measured is not fitted_on or measured.blocks.count > 1):
        before, after = ece(softmax(measured.outputs), measured.actual), ece(softmax(measured.outputs / heat), measured.actual)
        lines.append(f"Expected calibration error on {len(measured):,} {where}: {before:.4f} before, {after:.4f} with it.")
    return temperature, lines


def _why_none(windows: AnsweredWindows) -> str:
    """Return why windows have no temperature."""
    if not len(windows):
        return "none of them has an answer and a prediction"
    known = windows.actual < len(windows.names)
    if not known.any():
        return "none of them is of a class that the model knows"
    return "all of them are predicted right" if known.all() else "all of them that are of a class that the model knows are predicted right"
