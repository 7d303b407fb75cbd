"""The options that say what in a file is what, shared by the commands that read a file without a model: train, sweep, info."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import click

from complex_lstm.cli.reading_options import read_recipe, read_table, reading_options, use_recipe, write_recipe
from complex_lstm.config import OF_COLUMN, DerivedFeature, DerivedKind, Roles, SplitConfig, WindowConfig, from_json
from complex_lstm.data import (
    Dataset,
    Guess,
    Table,
    check_roles,
    guess_roles,
    likely_task,
    prepare_training,
    suggest_split,
    suggest_window,
    with_units,
)
from complex_lstm.errors import ConfigError, RolesError
from complex_lstm.recipe import Recipe, parse_columns

OPTIONS = (
    click.option("--features", help="Input columns, separated by commas. [default: guessed]"),
    click.option("--target", help="Column to predict, or several, separated by commas. [default: guessed]"),
    click.option("--task", type=click.Choice(["classes", "values"]), help="Whether the target is a class or numbers. [default: guessed]"),
    click.option("--series", help='Column that identifies the series; "" for one series. [default: guessed]'),
    click.option("--time", help='Column to sort by; "" for the order of the file. [default: guessed]'),
    click.option("--group", help='Column whose values stay together in the split; "" for none. [default: guessed]'),
    click.option("--unit", "units", multiple=True, metavar="COLUMN=UNIT", help="The unit of a column, for axes and captions. Repeat it."),
    click.option(
        "--derive",
        "derived",
        multiple=True,
        metavar="KIND",
        help='A feature to make from others: "hour of day", "day of week", "day of year", age:COLUMN, the steps since it was last seen, '
        "change:COLUMN, its value less the last one before, or one hot:COLUMN,VALUE. Repeat it.",
    ),
    click.option("--window", "length", type=int, help="Time steps of a window. [default: suits the file]"),
    click.option("--stride", type=click.IntRange(min=1), help="Time steps from one window's start to the next. [default: suits the file]"),
    click.option("--horizon", type=int, help="Steps after the window at which values are forecast. [default: 1]"),
    click.option("--whole-series/--windows", "whole_series", default=None, help="Each series is one window. [default: suits the file]"),
    click.option(
        "--change/--value", "as_change", default=None, help="Learn values as their change since the last step. [default: suits the file]"
    ),
    click.option(
        "--missing", type=click.Choice(["carry", "interpolate", "mean", "refuse"]), help="What to do with empty cells. [default: carry]"
    ),
    click.option(
        "--split",
        "kind",
        type=click.Choice(["time", "group", "series"]),
        help="How training and test part are split. [default: suits the file]",
    ),
    click.option("--validation", type=float, help="Share of the data that chooses the best epoch. [default: 0.15]"),
    click.option("--test", type=float, help="Share of the data that is only scored. [default: 0.15]"),
    click.option("--split-seed", type=click.IntRange(min=0), help="Draws the groups or series of each part. [default: 0]"),
)


def data_options(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with the options of `OPTIONS`: a decorator."""
    for option in reversed(OPTIONS):
        command = option(command)
    return use_recipe(reading_options(command))


def training_data(data: Path, units: tuple[str, ...], options: dict[str, Any]) -> tuple[Dataset, SplitConfig]:
    """Return the data set that the options of `train` make of a file, and how it is split, and print it."""
    recipe = read_recipe(options)
    before = recipe.reading if recipe else None
    if recipe and before and not recipe.fitting.renames:  # what `info --convert --save-recipe` keeps
        before = replace(before, convert=(*before.convert, *recipe.fitting.conversions))
    table = read_table(data, options, before)
    dataset, used = prepare_chosen(table, chosen_roles(table, options, recipe), units, options, recipe)
    _print_data(dataset.schema.roles, dataset)
    write_recipe(options.get("save_recipe"), used)
    return dataset, used.split


def prepare_chosen(
    table: Table, roles: Roles, units: tuple[str, ...], options: dict[str, Any], recipe: Recipe | None
) -> tuple[Dataset, Recipe]:
    """Return the data set that the options make of a table whose columns have these roles, and how the file was read and used.

    Raises:
        BadParameter: a unit that is not written as COLUMN=UNIT.
        DataError: see `check_chosen` and `prepare_training`.
    """
    wrong = [unit for unit in units if "=" not in unit]
    if wrong:
        raise click.BadParameter(f"{wrong[0]!r} is not COLUMN=UNIT, as in temp=°C.", param_hint="--unit")
    check_chosen(table, roles)
    window, split = chosen_windows(table, roles, options, recipe)
    derived = chosen_derived(options, recipe)
    dataset = prepare_training(table, roles, window, split, derived)
    dataset = replace(dataset, schema=with_units(dataset.schema, dict(unit.split("=", 1) for unit in units)))
    return dataset, Recipe(table.settled_reading, roles, window, split, derived)


def chosen_roles(table: Table, options: dict[str, Any], recipe: Recipe | None = None, guess: Guess | None = None) -> Roles:
    """Return the roles that the options give a table's columns; what they leave open is the recipe's, or as guessed."""
    guessed = recipe.roles if recipe else (guess or guess_roles(table)).roles
    lists = {name: parse_columns(options[name]) for name in ("features", "target") if options[name] is not None}
    chosen: dict[str, Any] = {"features": lists.get("features"), "targets": lists.get("target")}
    chosen |= {name: options[name] for name in ("task", "series", "time", "group")}
    if options["target"] is not None and options["task"] is None:
        chosen["task"] = likely_task(table, lists["target"], guessed.task)
    if chosen["features"] is None and options["target"] is not None:
        forecasts = chosen["task"] == "values"
        chosen["features"] = tuple(name for name in guessed.features if forecasts or name not in lists["target"])
    return replace(guessed, **{name: value for name, value in chosen.items() if value is not None})


def check_chosen(table: Table, roles: Roles) -> None:
    """Check that a table has what the roles name; where they are incomplete because none could be guessed, say why.

    Raises:
        RolesError: see `check_roles`, or what stands in the way of a guess.
    """
    problems = () if roles.features and roles.targets else guess_roles(table).problems
    if problems:
        raise RolesError(problems[0].words)
    check_roles(table, roles)


def chosen_windows(table: Table, roles: Roles, options: dict[str, Any], recipe: Recipe | None = None) -> tuple[WindowConfig, SplitConfig]:
    """Return the window and the split that the options give; what they leave open is the recipe's, or suits the file."""
    suggested = recipe.window if recipe else suggest_window(table, roles)
    window = _override(suggested, options, "length", "stride", "horizon", "whole_series", "as_change", "missing")
    seeded = options | {"seed": options["split_seed"]}
    return window, _override(recipe.split if recipe else suggest_split(table, roles, window), seeded, "kind", "validation", "test", "seed")


def chosen_derived(options: dict[str, Any], recipe: Recipe | None = None) -> tuple[DerivedFeature, ...]:
    """Return the derived features that the options name, else the recipe's."""
    return tuple(map(_derived, options.get("derived", ()))) or (recipe.derived if recipe else ())


def _derived(option: str) -> DerivedFeature:
    kind, _, column = option.partition(":")
    column, value = (*parse_columns(column), "", "")[:2] if kind == "one hot" else (column, "")
    try:
        return from_json(DerivedFeature, json.dumps({"kind": kind, "column": column, "value": value}))
    except ConfigError as error:
        kinds = ", ".join(repr(one) for one in get_args(DerivedKind) if one not in OF_COLUMN)
        raise click.BadParameter(
            f"{option!r} is none of {kinds}, age:COLUMN, change:COLUMN or 'one hot:COLUMN,VALUE'.", param_hint="--derive"
        ) from error


def _print_data(roles: Roles, dataset: Dataset) -> None:
    click.echo(f"features: {', '.join(roles.features)}\ntarget: {', '.join(roles.targets)} ({roles.task})")
    click.echo(f"series: {roles.series or '-'}, time: {roles.time or '-'}, group: {roles.group or '-'}")
    parts = ", ".join(f"{len(dataset.windows.of_part(part))} {part}" for part in ("training", "validation", "test"))
    click.echo(f"windows: {parts}; {dataset.window}")
    click.echo(f"filled: {sum(dataset.report.filled)} cells; odd cells: {len(dataset.report.odd)}; gaps: {dataset.report.gaps}")
    for note in dataset.report.notes:
        click.echo(note)


def _override(suggested: Any, options: dict[str, Any], *names: str) -> Any:
    return replace(suggested, **{name: options[name] for name in names if options[name] is not None})
