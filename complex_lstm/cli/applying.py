"""The commands that take a checkpoint: predict, explain, info."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from tqdm import tqdm

from complex_lstm.cli.group import FILE, NEW_FILE, main
from complex_lstm.data import Dataset, Mismatch, Table, compare, fit_table, lacking_columns, prepare_for, read_csv, suggest_mapping
from complex_lstm.errors import CheckpointError, RolesError
from complex_lstm.facts import TrainingFacts
from complex_lstm.inference import predict, prediction_frame
from complex_lstm.interpretation import BASELINES, METHODS, Baseline, explain_frame
from complex_lstm.metrics import ClassScores, ValueScores, score, score_notes
from complex_lstm.model import BareCheckpoint, Checkpoint, load_checkpoint
from complex_lstm.model.device import pick_device, settle_threads
from complex_lstm.recipe import Conversion, Fitting, Rename

STANDING_IN = [name for name in BASELINES if name != "chosen_window"]  # one window suits not all
REPLACING = ", ".join(name for name, method in METHODS.items() if method.against == "baseline")


def fitting_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that make a file fit a model: --map and --convert."""
    command = click.option(
        "--convert",
        "conversions",
        multiple=True,
        metavar="COLUMN=FACTOR[,OFFSET]",
        help="Bring a column (by the model's name) to the model's unit: value times FACTOR plus OFFSET, as in temp=1.8,32. Repeat it.",
    )(command)
    return click.option(
        "--map",
        "renames",
        multiple=True,
        metavar="NEW=OLD",
        help="The file's column NEW is the one that the model knows as OLD. Repeat it.",
    )(command)


@main.command("predict")
@click.option("--model", "checkpoint", type=FILE, required=True, help="A checkpoint that `train` wrote.")
@click.option("--data", type=FILE, required=True, help="The CSV to predict; answers in it are optional.")
@click.option("--out", type=NEW_FILE, required=True, help="The CSV to write, one row a window.")
@click.option("--stride", type=click.IntRange(min=1), help="Time steps from one window's start to the next. [default: as trained]")
@fitting_options
def predict_command(
    checkpoint: Path, data: Path, out: Path, stride: int | None, renames: tuple[str, ...], conversions: tuple[str, ...]
) -> None:
    """Predict every window of a CSV.

    Writes series, part (new, or the part that the window had in training), first and last step (from 0) and time,
    then for classes: predicted, probability_CLASS and actual; for values: predicted_TARGET and actual_TARGET in
    the target's own units. What is not known stays empty.
    """
    loaded, dataset = _open(checkpoint, data, stride, read_fitting(renames, conversions))
    settle_threads(loaded.model.config.hidden_dim)
    device = pick_device()
    with tqdm(total=len(dataset.windows), unit="window", desc="Predicting") as bar:
        predictions = predict(loaded.model.to(device), dataset, device=device, progress=lambda done, _: _move(bar, done))
    _write(prediction_frame(dataset, predictions), out)
    result = score(dataset, predictions.chosen, predictions.predicted)
    for note in score_notes(dataset, predictions.chosen, predictions.predicted):
        click.echo(note, err=True)
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
@fitting_options
@click.option("--most", type=click.IntRange(min=1), help="Explain only this many windows, evenly spread.")
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
    renames: tuple[str, ...],
    conversions: tuple[str, ...],
) -> None:
    """Print which features (or cells) each prediction rests on.

    Importance is in units of the explained output: the logit (or probability) of a class, or the target's own unit.
    Methods without a sign, such as saliency, measure it in units of their own.
    """
    loaded, dataset = _open(checkpoint, data, stride, read_fitting(renames, conversions))
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
    without = int((frame["target"] == "").sum()) // len(dataset.schema.roles.features)
    if without:
        click.echo(f"{without} window(s) have no prediction, because the model's output is not a finite number: not explained.", err=True)
    click.echo(f"{out}: {len(frame)} rows for {len(chosen)} windows.")


@main.command()
@click.argument("checkpoint", type=FILE)
def info(checkpoint: Path) -> None:
    """Print what a checkpoint holds: its sizes, its inputs and outputs, and the command that made it."""
    loaded = load_checkpoint(checkpoint)
    count = sum(value.numel() for value in loaded.model.parameters())
    click.echo(f"{checkpoint.name}: {count:,} parameters")
    values = [loaded.model.config]
    if isinstance(loaded, Checkpoint):
        values += [loaded.schema.roles, loaded.window, loaded.split]  # type: ignore[list-item]  # all are dataclasses
        click.echo(f"outputs: {', '.join(loaded.schema.outputs)}")
        for feature in loaded.schema.derived:
            click.echo(f"derived: {' and '.join(feature.names)} ({feature.origin})")
        if loaded.facts is not None:
            _print_facts(loaded.facts)
        click.echo(f"training data: sha256 {loaded.fingerprint}\nmade by: {loaded.command}")
    else:
        click.echo("It holds weights alone: nothing is known of its features, its scaling or its training data.")
    for value in values:
        click.echo(f"{type(value).__name__}: " + ", ".join(f"{f.name}={getattr(value, f.name)!r}" for f in fields(value)))


def _print_facts(facts: TrainingFacts) -> None:
    step = {"s": f"{facts.time_step:g} s apart", "time": f"{facts.time_step:g} apart", "rows": "in the order of the file"}[facts.time_unit]
    click.echo(f"trained on: {facts.rows} rows, {step}")
    for one in facts.columns:
        values = f"{one.quantiles[0]:.4g} to {one.quantiles[-1]:.4g}, median {one.median:.4g}" if one.quantiles else "no value"
        click.echo(f"  {one.name}: {' '.join([values, one.unit]).strip()}, {one.missing:.0%} missing")


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
    """Return the fitting that options ask for: NEW=OLD for a column, COLUMN=FACTOR or COLUMN=FACTOR,OFFSET for a conversion.

    Raises:
        click.BadParameter: an option that is not written so.
    """
    pairs = [one.partition("=") for one in renames]
    for option, (found, _, wanted) in zip(renames, pairs, strict=True):
        if not found or not wanted:
            raise click.BadParameter(f"{option!r} is not NEW=OLD, as in Temperature=temp.", param_hint="--map")
    return Fitting(tuple(Rename(found, wanted) for found, _, wanted in pairs), tuple(map(_conversion, conversions)))


def _conversion(option: str) -> Conversion:
    column, _, numbers = option.rpartition("=")
    try:
        factor, offset = (float(one) for one in f"{numbers},0".split(",")[:2])
        if not column or not np.isfinite([factor, offset]).all() or factor == 0:
            raise ValueError
    except ValueError as error:
        raise click.BadParameter(
            f"{option!r} is not COLUMN=FACTOR or COLUMN=FACTOR,OFFSET, as in temp=1.8,32.", param_hint="--convert"
        ) from error
    return Conversion(column, factor, offset)


def _open(checkpoint: Path, data: Path, stride: int | None, fitting: Fitting) -> tuple[Checkpoint, Dataset]:
    loaded: BareCheckpoint = load_checkpoint(checkpoint)
    if not isinstance(loaded, Checkpoint):
        raise CheckpointError(
            f"{checkpoint.name} holds weights alone, and nothing of its features and scaling. Load it in the app and choose "
            f"its columns there, or save it again with save_checkpoint(Checkpoint(...), path)."
        )
    table = fit_table(read_csv(data), fitting)
    window = replace(loaded.window, stride=stride) if stride else loaded.window
    _refuse_lacking(loaded, table)
    split = loaded.split if table.fingerprint == loaded.fingerprint else None
    dataset = prepare_for(table, loaded.schema, window, loaded.scaling, split)
    for note in dataset.report.notes:
        click.echo(note, err=True)
    for mismatch in compare(loaded.facts, dataset) if loaded.facts and not split else ():
        click.echo(f"Warning: {mismatch.words}{_remedy(mismatch)}", err=True)
    return loaded, dataset


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
        f"The model needs the column(s) {', '.join(map(repr, lacking))}, which {table.name} lacks. "
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


def _move(bar: tqdm[Any], done: int) -> None:
    bar.update(done - bar.n)


def _write(frame: pd.DataFrame, out: Path) -> None:
    try:
        frame.to_csv(out, index=False)
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}. Choose another place for --out.") from error
