"""A checkpoint and a file that is to be taken through it: the options, how the two are brought together, and what differs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from complex_lstm.cli.group import FILE
from complex_lstm.cli.reading_options import read_recipe, read_table
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
from complex_lstm.model import BareCheckpoint, Checkpoint, load_checkpoint
from complex_lstm.recipe import Conversion, Fitting, Rename
from complex_lstm.wording import form

Say = Callable[[str], None]  # takes a sentence on what was found in a file


def on_stderr(sentence: str) -> None:
    """Print a sentence on stderr."""
    click.echo(sentence, err=True)


PathColumns = tuple[tuple[str, str], ...]  # names and values


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
    loaded = load_whole(checkpoint)
    return loaded, prepare_file(loaded, data, stride, options)


def load_whole(checkpoint: Path) -> Checkpoint:
    """Return a checkpoint that says what its model reads.

    Raises:
        CheckpointError: it holds weights alone.
    """
    loaded: BareCheckpoint = load_checkpoint(checkpoint)
    if not isinstance(loaded, Checkpoint):
        raise CheckpointError(
            f"{checkpoint.name} holds weights alone, and nothing of its features and scaling. Load it in the app and choose "
            f"its columns there, or save it again with save_checkpoint(Checkpoint(...), path)."
        )
    return loaded


def prepare_file(
    loaded: Checkpoint,
    data: Path,
    stride: int | None,
    options: dict[str, Any],
    *,
    path_columns: PathColumns = (),
    say: Say = on_stderr,
) -> Dataset:
    """Return a file prepared for a model, and say how it differs from the training data.

    `path_columns` are what the file's folders say of all its rows, each a column beside the file's own.

    Raises:
        DataError: see `read_csv` and `prepare_for`.
    """
    table = _read_like_training(data, loaded, options, path_columns, say)
    window = replace(loaded.window, stride=stride) if stride else loaded.window
    _refuse_lacking(loaded, table)
    split = loaded.split if table.fingerprint == loaded.fingerprint else None
    dataset = prepare_for(table, loaded.schema, window, loaded.scaling, split)
    for note in dataset.report.notes:
        say(note)
    if loaded.scaling.temperature != 1:
        say(f"Probabilities are calibrated: the checkpoint holds a temperature of {loaded.scaling.temperature:.4g}.")
    if split is None or any(one.switch == "converted" for one in table.findings):
        _warn_of_mismatches(loaded, dataset, options["training_data"], say)
    return dataset


def _warn_of_mismatches(loaded: Checkpoint, dataset: Dataset, training_data: Path | None, say: Say) -> None:
    """Say how a file differs from what a checkpoint was trained on."""
    facts = facts_of(loaded, training_data)
    found = compare_scaling(loaded.scaling, dataset) if facts is None else compare(facts, dataset)
    for mismatch in found:
        say(f"Warning: {mismatch.words}{_remedy(mismatch)}")
    if facts is None:
        say(f"{NOT_COMPARED} Name its training file with --training-data to have all of it compared.")


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


def _read_like_training(data: Path, loaded: Checkpoint, options: dict[str, Any], path_columns: PathColumns, say: Say) -> Table:
    """Return the fitted table in a file, read as the model's training file was, or by itself where it then lacks the model's columns."""
    recipe, fitting = read_recipe(options), read_fitting(options["renames"], options["conversions"])
    if recipe or loaded.reading is None:
        fitting = fitting if recipe is None or fitting != Fitting() else recipe.fitting
        return fit_table(with_path_columns(read_table(data, options, recipe.reading if recipe else None), path_columns), fitting)
    try:
        table = fit_table(with_path_columns(read_table(data, options, loaded.reading), path_columns), fitting)
        lacking = lacking_columns(loaded.schema, table, needs_targets=loaded.window.as_change)
        problem = f"it would lack {', '.join(map(repr, lacking))}." if lacking else ""
    except DataError as error:
        problem = str(error)
    if not problem:
        return table
    by_itself = with_path_columns(read_table(data, options), path_columns)
    if by_itself.reading != loaded.reading:
        say(f"{data.name} is read by itself, not as the training file was: {problem}")
    return fit_table(by_itself, fitting)


def with_path_columns(table: Table, columns: PathColumns) -> Table:
    """Return a table with the columns that its file's folders name, as whole numbers where they are some; its own go before."""
    kinds = {name: int(value) if re.fullmatch(r"-?\d{1,18}", value) else value for name, value in columns if name not in table.frame}
    return replace(table, frame=table.frame.assign(**kinds)) if kinds else table


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
