"""`complex-lstm calibrate`: a checkpoint whose probabilities mean what they say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from complex_lstm.cli.applying import compared_with, fitting_options, open_for_model
from complex_lstm.cli.group import FILE, NEW_FILE, main
from complex_lstm.cli.reading_options import read_by_recipe, reading_options
from complex_lstm.data import Dataset
from complex_lstm.errors import CheckpointError
from complex_lstm.evaluation.answered import answered_windows
from complex_lstm.evaluation.calibration import can_fit_temperature, cross_fitted_temperatures, ece, fit_temperature
from complex_lstm.inference import predict, softmax
from complex_lstm.model import Checkpoint, ComplexLSTMModel, save_checkpoint
from complex_lstm.model.device import pick_device, settle_threads


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
    Of another file, which has no such part, it is fitted on all windows. The predicted classes stay the same; every probability that
    the new checkpoint gives, here and on the pages, is calibrated.
    """
    if out.suffix != ".safetensors":
        raise CheckpointError(f"{out.name} does not end in .safetensors, which is the format written. Name it {out.stem}.safetensors.")
    loaded, dataset = open_for_model(checkpoint, data, None, options)
    settle_threads(loaded.model.config.hidden_dim)
    temperature, words = fitted_temperature(loaded.model, dataset)
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


def fitted_temperature(model: ComplexLSTMModel, dataset: Dataset) -> tuple[float | None, list[str]]:
    """Return the temperature for a model's classes, None where none can be fitted, and what was fitted and measured on what, in lines.

    It is fitted on the validation part and measured on the test part; where one of them is missing, all answered windows take its place,
    and what it does to new ones is measured by cross-fitting over blocks.

    Raises:
        CheckpointError: the model predicts values.
    """
    if dataset.schema.roles.task != "classes":
        raise CheckpointError("The model predicts values, which have no probability: there is no temperature to fit.")
    device = pick_device()
    parts = {part: len(dataset.windows.of_part(part)) for part in ("validation", "test")}
    source = "validation" if parts["validation"] else ""
    chosen = dataset.windows.of_part(source) if source else None
    fitted_on = answered_windows(dataset, predict(model.to(device), dataset, chosen, device=device))
    name = "validation" if source else "all (there is no validation part)"
    if not len(fitted_on) or not can_fit_temperature(fitted_on.outputs, fitted_on.actual):
        why = "all of them are predicted right" if len(fitted_on) else "none of them has an answer and a prediction"
        return None, [f"No temperature can be fitted on the {name} windows: {why}."]
    temperature = fit_temperature(fitted_on.outputs, fitted_on.actual)
    lines = [f"Fitted on {len(fitted_on):,} {name} windows: temperature {temperature:.4g}."]
    if source and parts["test"]:
        measured = answered_windows(dataset, predict(model, dataset, dataset.windows.of_part("test"), device=device))
        where, heat = "test windows", temperature
    else:
        measured, where = fitted_on, f"{name} windows, cross-fitted by blocks"
        heat = cross_fitted_temperatures(measured.outputs, measured.actual, measured.blocks)[:, None]  # type: ignore[assignment]
    if len(measured) and (measured is not fitted_on or measured.blocks.count > 1):
        before, after = ece(softmax(measured.outputs), measured.actual), ece(softmax(measured.outputs / heat), measured.actual)
        lines.append(f"Expected calibration error on {len(measured):,} {where}: {before:.4f} before, {after:.4f} with it.")
    return temperature, lines
