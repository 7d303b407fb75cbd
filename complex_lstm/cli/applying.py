"""The commands that take a checkpoint to a file: predict, explain."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from tqdm import tqdm

from complex_lstm.cli.group import FILE, NEW_FILE, main
from complex_lstm.cli.reading_options import read_by_recipe, read_recipe, read_table, reading_options
from complex_lstm.data import Dataset, Table, prepare_for
from complex_lstm.errors import CheckpointError, DataError
from complex_lstm.inference import predict, prediction_frame
from complex_lstm.interpretation import BASELINES, METHODS, Baseline, explain_frame
from complex_lstm.metrics import ClassScores, ValueScores, score
from complex_lstm.model import BareCheckpoint, Checkpoint, load_checkpoint
from complex_lstm.model.device import pick_device, settle_threads

STANDING_IN = [name for name in BASELINES if name != "chosen_window"]  # one window suits not all
REPLACING = ", ".join(name for name, method in METHODS.items() if method.against == "baseline")


@main.command("predict")
@click.option("--model", "checkpoint", type=FILE, required=True, help="A checkpoint that `train` wrote.")
@click.option("--data", type=FILE, required=True, help="The CSV to predict; answers in it are optional.")
@click.option("--out", type=NEW_FILE, required=True, help="The CSV to write, one row a window.")
@click.option("--stride", type=click.IntRange(min=1), help="Time steps from one window's start to the next. [default: as trained]")
@read_by_recipe
@reading_options
def predict_command(checkpoint: Path, data: Path, out: Path, stride: int | None, **options: Any) -> None:
    """Predict every window of a CSV.

    Writes series, part (new, or the part that the window had in training), first and last step (from 0) and time,
    then for classes: predicted, probability_CLASS and actual; for values: predicted_TARGET and actual_TARGET in
    the target's own units. What is not known stays empty.
    """
    loaded, dataset = _open(checkpoint, data, stride, options)
    settle_threads(loaded.model.config.hidden_dim)
    device = pick_device()
    with tqdm(total=len(dataset.windows), unit="window", desc="Predicting") as bar:
        predictions = predict(loaded.model.to(device), dataset, device=device, progress=lambda done, _: _move(bar, done))
    _write(prediction_frame(dataset, predictions), out)
    result = score(dataset, predictions.chosen, predictions.predicted)
    click.echo(
        f"{out}: {len(predictions.chosen)} windows in {predictions.seconds:.1f} s on {predictions.device}. {in_words(result, dataset)}"
    )


@main.command("explain")
@click.option("--model", "checkpoint", type=FILE, required=True, help="A checkpoint that `train` wrote.")
@click.option("--data", type=FILE, required=True, help="The CSV whose windows to explain.")
@click.option("--out", type=NEW_FILE, required=True, help="The CSV to write, one row a window and feature.")
@click.option("--method", type=click.Choice(list(METHODS)), default="ablation", help="How importance is measured.")
@click.option(
    "--baseline",
    type=click.Choice(STANDING_IN),
    default="training_mean",
    help=f"What removed cells are replaced by. It counts for {REPLACING}.",
)
@click.option("--probability", is_flag=True, help="Explain the probability of a class instead of its logit.")
@click.option("--target", help="The class or value to explain. [default: what is predicted, or the first value]")
@click.option("--cells", is_flag=True, help="One row a window, step and feature instead.")
@click.option("--stride", type=click.IntRange(min=1), help="Time steps from one window's start to the next. [default: as trained]")
@click.option("--most", type=click.IntRange(min=1), help="Explain only this many windows, evenly spread.")
@read_by_recipe
@reading_options
def explain_command(
    checkpoint: Path,
    data: Path,
    out: Path,
    method: str,
    baseline: Baseline,
    probability: bool,
    target: str | None,
    cells: bool,
    stride: int | None,
    most: int | None,
    **options: Any,
) -> None:
    """Print which features (or cells) each prediction rests on.

    Importance is in units of the explained output: the logit (or probability) of a class, or the target's own unit.
    Methods without a sign, such as saliency, measure it in units of their own.
    """
    loaded, dataset = _open(checkpoint, data, stride, options)
    settle_threads(loaded.model.config.hidden_dim)
    total = len(dataset.windows)
    chosen = np.unique(np.linspace(0, total - 1, min(most or total, total)).astype(int))
    with tqdm(total=len(chosen), unit="window", desc=f"Explaining by {METHODS[method].label}") as bar:
        frame = explain_frame(
            loaded.model,
            dataset,
            chosen,
            method,
            target=target,
            cells=cells,
            baseline=baseline,
            as_probability=probability,
            progress=lambda: _move(bar, int(bar.n) + 1),
        )
    _write(frame, out)
    click.echo(f"{out}: {len(frame)} rows for {len(chosen)} windows.")


def in_words(result: ClassScores | ValueScores | None, dataset: Dataset) -> str:
    """Return a score as a sentence, with that of a trivial rule."""
    if isinstance(result, ClassScores):
        return f"Accuracy {result.accuracy:.3f} on {result.windows} windows (the commonest class alone: {result.largest:.3f})."
    if isinstance(result, ValueScores):
        names = dataset.schema.outputs
        lines = [
            f"{name}: R² {r2:.3f} (repeating the last value {r2_of_last:.3f}), "
            f"mean absolute error {' '.join([f'{mae:.4g}', dataset.schema.unit(name)]).strip()} ({mae_of_last:.4g})."
            for name, r2, r2_of_last, mae, mae_of_last in zip(
                names, result.r2, result.persistence_r2, result.mae, result.persistence_mae, strict=True
            )
        ]
        errors = ", ".join(f"{name} {error:.4f}" for name, error in zip(names, result.squared_error, strict=True))
        lines.append(
            f"Squared error in variances: mean {result.squared_error.mean():.4f} ({errors}), "
            f"repeating the last value {result.persistence.mean():.4f}."
        )
        return "\n".join(lines)
    return "No answers to score against."


def _open(checkpoint: Path, data: Path, stride: int | None, options: dict[str, Any]) -> tuple[Checkpoint, Dataset]:
    loaded: BareCheckpoint = load_checkpoint(checkpoint)
    if not isinstance(loaded, Checkpoint):
        raise CheckpointError(
            f"{checkpoint.name} holds weights alone, and nothing of its features and scaling. Load it in the app and choose "
            f"its columns there, or save it again with save_checkpoint(Checkpoint(...), path)."
        )
    table = _read_like_training(data, loaded, options)
    window = replace(loaded.window, stride=stride) if stride else loaded.window
    split = loaded.split if table.fingerprint == loaded.fingerprint else None
    dataset = prepare_for(table, loaded.schema, window, loaded.scaling, split)
    for note in dataset.report.notes:
        click.echo(note, err=True)
    return loaded, dataset


def _read_like_training(data: Path, loaded: Checkpoint, options: dict[str, Any]) -> Table:
    """Return the table in a file, read as the model's training file was, or by itself where that does not give the model's columns."""
    recipe = read_recipe(options)
    if recipe or loaded.reading is None:
        return read_table(data, options, recipe.reading if recipe else None)
    try:
        table = read_table(data, options, loaded.reading)
        lacking = [name for name in loaded.schema.roles.features if name not in table.frame]
        problem = f"it would lack {', '.join(map(repr, lacking))}." if lacking else ""
    except DataError as error:
        problem = str(error)
    if not problem:
        return table
    click.echo(f"{data.name} is read by itself, not as the training file was: {problem}", err=True)
    return read_table(data, options)


def _move(bar: tqdm[Any], done: int) -> None:
    bar.update(done - bar.n)


def _write(frame: pd.DataFrame, out: Path) -> None:
    try:
        frame.to_csv(out, index=False)
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}. Choose another place for --out.") from error
