"""The command info: the data report of a file of data, or what a checkpoint holds."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import click
import pandas as pd

from complex_lstm.cli.data_options import chosen_roles, data_options, prepare_chosen
from complex_lstm.cli.group import FILE, main
from complex_lstm.cli.opening import fitting_options, read_fitting
from complex_lstm.cli.reading_options import read_recipe, read_table, save_recipe, write_recipe
from complex_lstm.config import SplitConfig, WindowConfig
from complex_lstm.data import fit_table, guess_roles, report_on
from complex_lstm.data.report import FileReport
from complex_lstm.errors import ComplexLSTMError
from complex_lstm.facts import TrainingFacts
from complex_lstm.model import Checkpoint, load_checkpoint
from complex_lstm.model.weights import SUFFIXES
from complex_lstm.recipe import Fitting

BOTH_WAYS = {"whole_series": ("--whole-series", "--windows"), "as_change": ("--change", "--value")}
MOST_SERIES = 20  # lines
TITLES = {"columns": "Columns", "series": "Series", "classes": "Classes", "parts": "Parts of the split"}


@main.command()
@click.argument("file", type=FILE)
@fitting_options
@data_options
@save_recipe
def info(file: Path, units: tuple[str, ...], **options: Any) -> None:
    """Print what a file holds: the data report of a CSV, or a checkpoint's sizes, inputs, outputs and origin.

    The data report shows each column, each series, the classes and the parts of the split, as the columns would be used: what the
    options leave open is guessed. Where the columns cannot be used like that, it says why. --save-recipe keeps all of it, with what --map
    and --convert do, for predict --recipe.
    """
    if file.suffix.lower() in SUFFIXES:
        _print_checkpoint(file)
    else:
        _print_data_report(file, units, options)


def _print_data_report(file: Path, units: tuple[str, ...], options: dict[str, Any]) -> None:
    recipe = read_recipe(options)
    fitting = read_fitting(options["renames"], options["conversions"])
    if fitting == Fitting() and recipe is not None:
        fitting = recipe.fitting
    table = fit_table(read_table(file, options, recipe.reading if recipe else None), fitting)
    click.echo(f"{table.name}: {len(table.frame):,} rows, {len(table.frame.columns):,} columns, sha256 {table.fingerprint}")
    guess = guess_roles(table)
    roles = chosen_roles(table, options, recipe, guess)
    try:
        dataset, used = prepare_chosen(table, roles, units, options, recipe)
    except ComplexLSTMError as error:
        _print_tables(report_on(table, roles, guess=guess), said=str(error))
        raise click.ClickException(f"As they stand, these columns cannot be used. {error}") from error
    _print_tables(report_on(table, dataset.schema.roles, dataset, guess))
    click.echo(f"\nWindows: {_options(used.window, BOTH_WAYS)}\nSplit: {_options(used.split, {})}")
    write_recipe(options["save_recipe"], replace(used, fitting=fitting))


def _print_tables(report: FileReport, said: str = "") -> None:
    """Print the tables of a report, and the notes that are not `said` elsewhere."""
    for name, title in TITLES.items():
        frame: pd.DataFrame = getattr(report, name)
        shown = frame.head(MOST_SERIES) if name == "series" else frame
        shown = shown.loc[:, [bool(shown[column].ne("").any()) for column in shown]]  # a column without any word is no news
        if len(shown):
            click.echo(f"\n{title}\n{shown.to_string(index=False, na_rep='', float_format=_number)}")
        if len(shown) < len(frame):
            click.echo(f"... and {len(frame) - len(shown):,} more series; the report on the page Data lists them.")
    if notes := [note for note in report.notes if note not in said]:
        click.echo("\nWhat stands out\n" + "\n".join(f"- {note}" for note in notes))


def _number(value: float) -> str:
    """Return a number in six digits, without an exponent up to a billion."""
    return f"{value:.0f}" if 1e6 <= abs(value) < 1e9 else f"{value:.6g}"


def _options(config: WindowConfig | SplitConfig, flags: dict[str, tuple[str, str]]) -> str:
    """Return windows or a split as the options that give them."""
    names = {"length": "window", "kind": "split", "seed": "split-seed"}
    words = [
        flags[one.name][not getattr(config, one.name)]
        if one.name in flags
        else f"--{names.get(one.name, one.name)} {getattr(config, one.name)}"
        for one in fields(config)
        if not (getattr(config, "whole_series", False) and one.name in ("length", "stride", "horizon", "as_change"))
    ]
    return " ".join(words)


def _print_checkpoint(checkpoint: Path) -> None:
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
        if loaded.scaling.temperature != 1:
            click.echo(f"probabilities: calibrated, the logits are divided by a temperature of {loaded.scaling.temperature:.4g}")
        click.echo(f"training data: sha256 {loaded.fingerprint}\nmade by: {loaded.command}")
    else:
        click.echo("It holds weights alone: nothing is known of its features, its scaling or its training data.")
    for size in loaded.guessed:
        click.echo(f"not in the file, and assumed: {size} {getattr(loaded.model.config, size)}")
    for note in loaded.notes:
        click.echo(note)
    for value in values:
        click.echo(f"{type(value).__name__}: " + ", ".join(f"{f.name}={getattr(value, f.name)!r}" for f in fields(value)))


def _print_facts(facts: TrainingFacts) -> None:
    step = {"s": f"{facts.time_step:g} s apart", "time": f"{facts.time_step:g} apart", "rows": "in the order of the file"}[facts.time_unit]
    click.echo(f"trained on: {facts.rows} rows, {step}")
    for one in facts.columns:
        values = f"{one.quantiles[0]:.4g} to {one.quantiles[-1]:.4g}, median {one.median:.4g}" if one.quantiles else "no value"
        click.echo(f"  {one.name}: {' '.join([values, one.unit]).strip()}, {one.missing:.0%} missing")
