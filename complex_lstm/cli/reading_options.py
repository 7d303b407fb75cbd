"""The options that say how a file is read, made from the switches of `Reading`, and the recipe that holds all of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from complex_lstm.cli.group import FILE, NEW_FILE
from complex_lstm.config import to_json
from complex_lstm.data import Table, read_csv
from complex_lstm.data.looks import CONTROLS
from complex_lstm.data.units import parse_conversion
from complex_lstm.errors import ConfigError
from complex_lstm.recipe import Reading, Recipe, load_recipe, parse_columns, parse_missing, parse_time
from complex_lstm.settings import Setting, settings_of

WORDS = {
    "tab": "\t",
    "blank": " ",
    "none": "",
    "\\t": "\t",
    **{repr(one).strip("'"): one for one in CONTROLS},
}  # for signs that a shell makes hard to type
HOW = {
    "missing": "CELL, or CELL@COLUMN,... for some columns. Repeat it.",
    "convert": "COLUMN=FACTOR[,OFFSET], as in temp=1.8,32, or 'COLUMN=UNIT to UNIT'. Repeat it.",
    "strip": "Columns, separated by commas.",
    "split": "Columns, separated by commas.",
    "times": "'COLUMN,... as FORMAT' or '... in ZONE': a format of strptime, ISO8601, epoch s, ms, us or ns, excel, parts, or number. "
    "Repeat it.",
}
PREFIX = "read_"  # of the parameters' names, which would otherwise meet those of other options


def reading_options(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with an option for each switch of reading: a decorator. What is left open is found in the file."""
    for one in reversed(settings_of(Reading)):
        command = _option(one)(command) if one.name != "convert" else command  # --convert of a model's commands follows --map
    return command


def convert_option(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command that trains with the option --convert: a decorator."""
    return _option(next(one for one in settings_of(Reading) if one.name == "convert"))(command)


use_recipe = click.option(
    "--recipe", type=FILE, help="Read the file as this recipe says, and use its columns, windows and split; other options overrule it."
)
read_by_recipe = click.option("--recipe", type=FILE, help="Read the file as this recipe says. [default: as the training file was read]")
save_recipe = click.option("--save-recipe", type=NEW_FILE, help="Write how the file was read and used, for the next of its kind.")


def _option(one: Setting) -> Callable[[Callable[..., None]], Callable[..., None]]:
    text = f"{one.help} {HOW.get(one.name, '')} [default: found in the file]".replace("  ", " ")
    name = f"{PREFIX}{one.name}"
    if one.kind is bool:
        return click.option(f"--{one.option}/--no-{one.option}", name, default=None, help=text)
    if one.choices:
        return click.option(f"--{one.option}", name, type=click.Choice(one.choices), help=text)
    if one.kind is int:
        return click.option(f"--{one.option}", name, type=click.IntRange(min=0), help=text)
    return click.option(f"--{one.option}", name, multiple=one.name in ("missing", "times", "convert"), help=text)


def read_recipe(options: dict[str, Any]) -> Recipe | None:
    """Return the recipe that --recipe names, None without that option.

    Raises:
        ConfigError: the file holds no recipe.
    """
    path: Path | None = options.get("recipe")
    return load_recipe(path.read_bytes(), path.name) if path else None


def write_recipe(path: Path | None, recipe: Recipe) -> None:
    """Write a recipe, if there is a path."""
    if path is None:
        return
    try:
        path.write_text(to_json(recipe) + "\n", encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}. Choose another place for --save-recipe.") from error
    click.echo(f"Recipe: {path}", err=True)


def read_table(data: Path, options: dict[str, Any], before: Reading | None = None) -> Table:
    """Return the table in a file, read as the options say; what they leave open is as it was before, or is found in the file.

    Raises:
        ConfigError: an option's value is none, or names a column that the file lacks.
        CsvError: the file cannot be read like that.
    """
    given = _given(options)
    table = read_csv(data, reading=before, **given)
    named = [column for one in (*given.get("times", ()), *given.get("missing", ())) for column in one.columns]
    lacking = [column for column in (*named, *given.get("strip", ()), *given.get("split", ())) if column not in table.frame]
    if lacking:
        raise ConfigError(f"{table.name} has no column {lacking[0]!r}. It has {', '.join(map(repr, map(str, table.frame)))}.")
    return table


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """Return the switches that are given as options, as the fields of a Reading."""
    found: dict[str, Any] = {}
    for one in settings_of(Reading):
        value = options.get(f"{PREFIX}{one.name}")
        if value is None or value == ():
            continue
        if one.name == "missing":
            found[one.name] = tuple(map(parse_missing, value))
        elif one.name == "convert":
            found[one.name] = tuple(map(parse_conversion, value))
        elif one.name == "times":
            found[one.name] = tuple(map(parse_time, value))
        elif one.name in ("strip", "split"):
            found[one.name] = parse_columns(value)
        else:
            found[one.name] = WORDS.get(value, value) if one.kind is str else value
    return found
