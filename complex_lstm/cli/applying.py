"""The commands that take a checkpoint to a file: predict, explain."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from tqdm import tqdm

from complex_lstm.cli.group import FILE, NEW_FILE, main
from complex_lstm.cli.reading_options import read_by_recipe, read_recipe, read_table, reading_options
from complex_lstm.data import (
    NOT_COMPARED,
    Dataset,
    Mismatch,
    Table,
    compare,
    compare_scaling,
    fit_table,
    lacking_columns,
    prepare_for,
    read_csv,
    suggest_mapping,
    training_facts,
)
from complex_lstm.data.units import parse_conversion
from complex_lstm.errors import CheckpointError, ConfigError, DataError, RolesError
from complex_lstm.facts import TrainingFacts
from complex_lstm.inference import predict, prediction_frame
from complex_lstm.interpretation import BASELINES, METHODS, Baseline, explain_frame
from complex_lstm.interpretation.headline import window_headline
from complex_lstm.metrics import ClassScores, ValueScores, score, score_notes
from complex_lstm.model import BareCheckpoint, Checkpoint, load_checkpoint
from complex_lstm.model.device import pick_device, settle_threads
from complex_lstm.recipe import Conversion, Fitting, Rename
from complex_lstm.wording import counted, form

STANDING_IN = [name for name in BASELINES if name != "chosen_window"]  # one window suits not all
REPLACING = ", ".join(name for name, method in METHODS.items() if method.against == "baseline")


def fitting_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that make a file fit a model: --map and --convert."""
    command = click.option(
        "--convert",
        "conversions",
        multiple=True,
        metavar="COLUMN=FACTOR[,OFFSET]",
        help="Bring a column (by the model's name) to the model's unit: value times FACTOR plus OFFSET, as in temp=1.8,32, or from a unit "
        "to another, as in 'temp=°C to °F'. Repeat it.",
    )(command)
    return click.option(
        "--map",
        "renames",
        multiple=True,
        metavar="NEW=OLD",
        help="The file's column NEW is the one that the model knows as OLD. Repeat it.",
    )(command)


compared_with = click.option(
    "--training-data",
    type=FILE,
    help="The file that an older checkpoint was trained on, to compare the new one with. [default: what the checkpoint keeps of it]",
)


@main.command("predict")
@click.option("--model", "checkpoint", type=FILE, required=True, help="A checkpoint that `train` wrote.")
@click.option("--data", type=FILE, required=True, help="The CSV to predict; answers in it are optional.")
@click.option("--out", type=NEW_FILE, required=True, help="The CSV to write, one row a window.")
@click.option("--stride", type=click.IntRange(min=1), help="Time steps from one window's start to the next. [default: as trained]")
@fitting_options
@compared_with
@read_by_recipe
@reading_options
def predict_command(checkpoint: Path, data: Path, out: Path, stride: int | None, **options: Any) -> None:
    """Predict every window of a CSV.

    Writes series, part (new, or the part that the window had in training), first and last step (from 0) and time,
    then for classes: predicted, probability_CLASS and actual; for values: predicted_TARGET and actual_TARGET in
    the target's own units. What is not known stays empty.
    """
    loaded, dataset = open_for_model(checkpoint, data, stride, options)
    settle_threads(loaded.model.config.hidden_dim)
    device = pick_device()
    with tqdm(total=len(dataset.windows), unit="window", desc="Predicting") as bar:
        predictions = predict(loaded.model.to(device), dataset, device=device, progress=lambda done, _: move(bar, done))
    _write(prediction_frame(dataset, predictions), out)
    result = score(dataset, predictions.chosen, predictions.predicted)
    for note in score_notes(dataset, predictions.chosen, predictions.predicted):
        click.echo(note, err=True)
    click.echo(
        f"{out}: {counted(len(predictions.chosen), 'window')} in {predictions.seconds:.1f} s on {predictions.device}. "
        f"{in_words(result, dataset)}"
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
@fitting_options
@compared_with
@click.option("--most", type=click.IntRange(min=1), help="Explain only this many windows, evenly spread.")
@click.option(
    "--headlines",
    is_flag=True,
    help="Also print for each window what its prediction rests on by the consensus of the methods, in the words of the Explain page: "
    "some seconds a window.",
)
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
    headlines: bool,
    **options: Any,
) -> None:
    """Write how important each feature (or cell) is, by one method.

    Another method may rank other features first: --headlines says where they disagree.

    Importance is in units of the explained output: the logit (or probability) of a class, or the target's own unit.
    Methods without a sign, such as saliency, measure it in units of their own.
    """
    loaded, dataset = open_for_model(checkpoint, data, stride, options)
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
            progress=lambda: move(bar, int(bar.n) + 1),
        )
    _write(frame, out)
    without = int((frame["target"] == "").sum()) // len(dataset.schema.roles.features)
    if without:
        no = f"{counted(without, 'window')} {form(without, 'has', 'have')} no prediction"
        click.echo(f"{no}, because the model's output is not a finite number: not explained.", err=True)
    click.echo(f"{out}: {counted(len(frame), 'row')} for {counted(len(chosen), 'window')}.")
    for window in chosen.tolist() if headlines else ():
        if found := window_headline(loaded.model, dataset, window, target=target, baseline=baseline, as_probability=probability):
            click.echo(f"Window {window}: {found.words()}")


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
    return "Nothing to score: no window has both an answer and a prediction."


def read_fitting(renames: tuple[str, ...], conversions: tuple[str, ...]) -> Fitting:
    """Return the fitting that options ask for: NEW=OLD for a column; for a conversion COLUMN=FACTOR, COLUMN=FACTOR,OFFSET or units.

    Raises:
        click.BadParameter: an option that is not written so.
    """
    pairs = [one.partition("=") for one in renames]
    for option, (found, _, wanted) in zip(renames, pairs, strict=True):
        if not found or not wanted:
            raise click.BadParameter(f"{option!r} is not NEW=OLD, as in Temperature=temp.", param_hint="--map")
    return Fitting(tuple(Rename(found, wanted) for found, _, wanted in pairs), tuple(map(_conversion, conversions)))


def _conversion(option: str) -> Conversion:
    try:
        return parse_conversion(option)
    except ConfigError as error:
        raise click.BadParameter(str(error), param_hint="--convert") from error


def open_for_model(checkpoint: Path, data: Path, stride: int | None, options: dict[str, Any]) -> tuple[Checkpoint, Dataset]:
    """Return a checkpoint and a file prepared for it, and say how the file differs from the training data.

    Raises:
        CheckpointError: the checkpoint holds weights alone.
        DataError: see `read_csv` and `prepare_for`.
    """
    loaded: BareCheckpoint = load_checkpoint(checkpoint)
    if not isinstance(loaded, Checkpoint):
        raise CheckpointError(
            f"{checkpoint.name} holds weights alone, and nothing of its features and scaling. Load it in the app and choose "
            f"its columns there, or save it again with save_checkpoint(Checkpoint(...), path)."
        )
    table = _read_like_training(data, loaded, options)
    window = replace(loaded.window, stride=stride) if stride else loaded.window
    _refuse_lacking(loaded, table)
    split = loaded.split if table.fingerprint == loaded.fingerprint else None
    dataset = prepare_for(table, loaded.schema, window, loaded.scaling, split)
    for note in dataset.report.notes:
        click.echo(note, err=True)
    if loaded.scaling.temperature != 1:
        click.echo(f"Probabilities are calibrated: the checkpoint holds a temperature of {loaded.scaling.temperature:.4g}.", err=True)
    if split is None or any(one.switch == "converted" for one in table.findings):
        _warn_of_mismatches(loaded, dataset, options["training_data"])
    return loaded, dataset


def _warn_of_mismatches(loaded: Checkpoint, dataset: Dataset, training_data: Path | None) -> None:
    """Say how a file differs from what a checkpoint was trained on."""
    facts = facts_of(loaded, training_data)
    found = compare_scaling(loaded.scaling, dataset) if facts is None else compare(facts, dataset)
    for mismatch in found:
        click.echo(f"Warning: {mismatch.words}{_remedy(mismatch)}", err=True)
    if facts is None:
        click.echo(f"{NOT_COMPARED} Name its training file with --training-data to have all of it compared.", err=True)


def facts_of(loaded: Checkpoint, training_data: Path | None) -> TrainingFacts | None:
    """Return what a checkpoint's training part looked like: as it keeps it, or as its training file has it; None without either.

    Raises:
        CheckpointError: the file that is given as the training file is another one.
    """
    dataset = training_dataset(loaded, training_data) if loaded.facts is None else None
    return loaded.facts if dataset is None else training_facts(dataset)


def training_dataset(loaded: Checkpoint, training_data: Path | None) -> Dataset | None:
    """Return the data set that a model was trained on, from the file that is given as its training file; None without one.

    Raises:
        CheckpointError: it is another file.
    """
    if training_data is None:
        return None
    table = read_csv(training_data, reading=loaded.reading)
    if table.fingerprint != loaded.fingerprint:
        raise CheckpointError(f"{table.name} is not the file that the model was trained on: its sha256 is not {loaded.fingerprint}.")
    return prepare_for(table, loaded.schema, loaded.window, loaded.scaling, loaded.split)


def _read_like_training(data: Path, loaded: Checkpoint, options: dict[str, Any]) -> Table:
    """Return the fitted table in a file, read as the model's training file was, or by itself where it then lacks the model's columns."""
    recipe, fitting = read_recipe(options), read_fitting(options["renames"], options["conversions"])
    if recipe or loaded.reading is None:
        fitting = fitting if recipe is None or fitting != Fitting() else recipe.fitting
        return fit_table(read_table(data, options, recipe.reading if recipe else None), fitting)
    try:
        table = fit_table(read_table(data, options, loaded.reading), fitting)
        lacking = lacking_columns(loaded.schema, table, needs_targets=loaded.window.as_change)
        problem = f"it would lack {', '.join(map(repr, lacking))}." if lacking else ""
    except DataError as error:
        problem = str(error)
    if not problem:
        return table
    by_itself = read_table(data, options)
    if by_itself.reading != loaded.reading:
        click.echo(f"{data.name} is read by itself, not as the training file was: {problem}", err=True)
    return fit_table(by_itself, fitting)


def _refuse_lacking(loaded: Checkpoint, table: Table) -> None:
    """Check that a table has what a checkpoint needs.

    Raises:
        RolesError: it lacks a column; the message names the likely one and the option that maps it.
    """
    lacking = lacking_columns(loaded.schema, table, needs_targets=loaded.window.as_change)
    if not lacking:
        return
    matches = [one for one in suggest_mapping(loaded.schema, table, loaded.facts) if one.wanted in lacking]
    likely = [one for one in matches if one.found]
    options = [f"--map {shlex.quote(f'{one.found}={one.wanted}')}" for one in likely]
    options += [f"--convert {shlex.quote(_as_option(one.conversion))}" for one in likely if one.conversion]
    reasons = "; ".join(f"{one.found!r} is likely {one.wanted!r} ({one.reason})" for one in likely)
    raise RolesError(
        f"The model needs the {form(len(lacking), 'column', 'columns')} {', '.join(map(repr, lacking))}, which {table.name} lacks. "
        f"It has {', '.join(map(repr, map(str, table.frame.columns)))}. "
        + (f"{reasons[0].upper()}{reasons[1:]}. If that is right, add {' '.join(options)}" if likely else "Name each with --map NEW=OLD")
        + ", or choose another model."
    )


def _remedy(mismatch: Mismatch) -> str:
    """Return the options that would mend a mismatch, as the end of its sentence."""
    options = [f"--convert {shlex.quote(_as_option(one))}" for one in mismatch.conversions]
    options += [f"--map {shlex.quote(f'{one.found}={one.wanted}')}" for one in mismatch.renames]
    return f" If that is right, add {' '.join(options)}." if options else ""


def _as_option(one: Conversion) -> str:
    return f"{one.column}={one.factor:.10g}" + (f",{one.offset:.10g}" if one.offset else "")


def move(bar: tqdm[Any], done: int) -> None:
    """Move a progress bar to how many are done."""
    bar.update(done - bar.n)


def _write(frame: pd.DataFrame, out: Path) -> None:
    try:
        frame.to_csv(out, index=False)
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}. Choose another place for --out.") from error
