"""The command train: a CSV in, a checkpoint or a run folder out."""

from __future__ import annotations

import csv
import shlex
import shutil
import sys
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import click

from complex_lstm.cli.applying import in_words
from complex_lstm.cli.group import FILE, FOLDER, NEW_FILE, NEW_FOLDER, main
from complex_lstm.config import ModelConfig, Roles, SplitConfig, TrainingConfig
from complex_lstm.data import (
    Dataset,
    check_roles,
    guess_roles,
    likely_task,
    prepare_training,
    read_csv,
    suggest_split,
    suggest_window,
    with_units,
)
from complex_lstm.errors import CheckpointError, DivergedError, RolesError
from complex_lstm.inference import predict
from complex_lstm.metrics import score
from complex_lstm.model import save_checkpoint
from complex_lstm.model.device import pick_device, settle_threads
from complex_lstm.runs import Run, check_trainable, create_run, make_plan, open_run
from complex_lstm.runs.folder import await_run
from complex_lstm.settings import Setting, as_text, from_text, settings_of

FORMER = {old: one.option for kind in (ModelConfig, TrainingConfig) for one in settings_of(kind) for old in one.former}


def current_name(option: str) -> str:
    """Return the name of an option for a name that it had in an earlier version: click's `token_normalize_func`."""
    return FORMER.get(option, option)


def setting_options(kind: type[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that adds an option for each setting of a dataclass; its value is passed under the field's name."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for one in reversed(settings_of(kind)):
            if one.group != "data":
                command = _option(one)(command)
        return command

    return decorate


def _option(one: Setting) -> Callable[[Callable[..., None]], Callable[..., None]]:
    names = (f"--{one.option}", one.name)
    if one.kind is bool:
        return click.option(*names, is_flag=True, default=one.initial, help=one.help)
    if one.choices:
        return click.option(*names, type=click.Choice(one.choices), default=one.initial, help=one.help)
    if one.kind in (int, float):
        return click.option(*names, type=one.kind, default=one.initial, help=one.help)  # the dataclass checks the bounds
    return click.option(*names, default=as_text(one.initial), callback=lambda *given: from_text(one, given[-1]), help=one.help)


def config_from(kind: type[Any], options: dict[str, Any], **more: Any) -> Any:
    """Return a settings dataclass with the values of the options that have the names of its fields."""
    return kind(**{field.name: options[field.name] for field in fields(kind) if field.name in options} | more)


@main.command(context_settings={"token_normalize_func": current_name})
@click.option("--data", type=FILE, help="The CSV to train on.")
@click.option("--out", type=NEW_FILE, help="Where to write the checkpoint, ending in .safetensors.")
@click.option("--run", "run_folder", type=NEW_FOLDER, help="Keep the run in this folder: curves, log, best model, last checkpoint.")
@click.option("--resume", type=FOLDER, help="Resume the run in this folder from its last checkpoint; needs no other option.")
@click.option("--queue", type=NEW_FOLDER, help="Wait until no earlier run in a folder under this one is under way.")
@click.option("--name", default="", help="The run's name. [default: the file's]")
@click.option("--features", help="Input columns, separated by commas. [default: guessed]")
@click.option("--target", help="Column(s) to predict, separated by commas. [default: guessed]")
@click.option("--task", type=click.Choice(["classes", "values"]), help="Whether the target is a class or numbers. [default: guessed]")
@click.option("--series", help='Column that identifies the series; "" for one series. [default: guessed]')
@click.option("--time", help='Column to sort by; "" for the order of the file. [default: guessed]')
@click.option("--group", help='Column whose values stay together in the split; "" for none. [default: guessed]')
@click.option("--unit", "units", multiple=True, metavar="COLUMN=UNIT", help="The unit of a column, for axes and captions. Repeat it.")
@click.option("--window", "length", type=int, help="Time steps of a window. [default: suits the file]")
@click.option("--stride", type=click.IntRange(min=1), help="Time steps from one window's start to the next. [default: suits the file]")
@click.option("--horizon", type=int, help="Steps after the window at which values are forecast. [default: 1]")
@click.option("--whole-series/--windows", "whole_series", default=None, help="Each series is one window. [default: suits the file]")
@click.option(
    "--change/--value", "as_change", default=None, help="Learn values as their change since the last step. [default: suits the file]"
)
@click.option(
    "--missing", type=click.Choice(["carry", "interpolate", "mean", "refuse"]), help="What to do with empty cells. [default: carry]"
)
@click.option(
    "--split",
    "kind",
    type=click.Choice(["time", "group", "series"]),
    help="How training and test part are split. [default: suits the file]",
)
@click.option("--validation", type=float, help="Share of the data that chooses the best epoch. [default: 0.15]")
@click.option("--test", type=float, help="Share of the data that is only scored. [default: 0.15]")
@click.option("--split-seed", type=click.IntRange(min=0), help="Draws the groups or series of each part. [default: 0]")
@setting_options(ModelConfig)
@setting_options(TrainingConfig)
def train(
    data: Path | None,
    out: Path | None,
    run_folder: Path | None,
    resume: Path | None,
    queue: Path | None,
    name: str,
    units: tuple[str, ...],
    **options: Any,
) -> None:
    """Train a model on a CSV and write a checkpoint, a run folder, or both."""
    from complex_lstm.training import fit  # Lightning's import takes seconds, which the other commands need not wait
    from complex_lstm.training.processes import is_rank_zero

    if resume is not None:
        return _train_run(open_run(resume), queue, out)
    if run_folder is not None and not is_rank_zero():
        return _train_run(await_run(run_folder), queue, out=None)
    data = _check_places(data, out, run_folder)
    dataset, split = training_data(data, units, options)
    roles = dataset.schema.roles
    size = config_from(ModelConfig, options, input_dim=len(roles.features), output_dim=len(dataset.schema.outputs))
    config, command = config_from(TrainingConfig, options), f"python -m complex_lstm {shlex.join(sys.argv[1:])}"
    if run_folder is not None:
        plan = make_plan(dataset, split, size, config, path=data, name=name, units=units, command=command)
        return _train_run(create_run(run_folder, plan), queue, out)
    settle_threads(size.hidden_dim)
    for note in check_trainable(dataset):
        click.echo(note)
    if out is not None:
        _train_to_file(lambda config: fit(dataset, size, split, config, command=command, progress=True), config, dataset, out)
    return None


def _check_places(data: Path | None, out: Path | None, run_folder: Path | None) -> Path:
    """Return the data's path, after a check that the results can be written."""
    if data is None:
        raise click.UsageError("Missing option '--data'.")
    if out is None and run_folder is None:
        raise click.UsageError("Missing option '--out' or '--run': the model must go somewhere.")
    if out is not None and out.suffix != ".safetensors":
        raise CheckpointError(f"{out.name} does not end in .safetensors, which is the format written. Name it {out.stem}.safetensors.")
    if out is not None and not out.absolute().parent.is_dir():
        raise CheckpointError(f"{out} cannot be written: there is no folder {out.parent}. Make it, or choose another place for --out.")
    return data


def _train_to_file(train: Callable[[TrainingConfig], Any], config: TrainingConfig, dataset: Dataset, out: Path) -> None:
    """Train (`train` returns an Outcome), write the checkpoint, and print its scores. A diverged training leaves its best epoch.

    Several processes need enough memory: each would halve its batches on its own.
    """
    from complex_lstm.training.oom import halve_batch_on_oom
    from complex_lstm.training.processes import is_rank_zero

    alone = config.devices * config.nodes == 1
    try:
        outcome = halve_batch_on_oom(config, train, lambda _, note: click.echo(f"\n{note}")) if alone else train(config)
    except DivergedError as error:
        if error.best is None or not is_rank_zero():
            raise
        save_checkpoint(error.best.checkpoint, out)
        raise DivergedError(f"{error} The best epoch before that is kept in {out}.") from error
    if not is_rank_zero():
        return
    save_checkpoint(outcome.checkpoint, out)
    click.echo(f"\n{out}: {outcome.epochs} epochs, {outcome.seconds:.0f} s, {out.stat().st_size / 2**20:.1f} MB")
    device = pick_device()
    model = outcome.checkpoint.model.to(device)
    for part in ("training", "validation", "test"):
        chosen = dataset.windows.of_part(part)
        if len(chosen):
            predictions = predict(model, dataset, chosen, device=device)
            click.echo(f"{part}: {in_words(score(dataset, chosen, predictions.predicted), dataset)}")


def _train_run(run: Run, queue: Path | None, out: Path | None) -> None:
    from complex_lstm.training.processes import is_rank_zero
    from complex_lstm.training.run import train_run

    settle_threads(run.plan.model.hidden_dim)
    run = train_run(run, queue=queue, progress=sys.stderr.isatty())
    if not is_rank_zero():
        return
    if out is not None:
        shutil.copyfile(run.model, out)
    click.echo(f"\n{run.folder}: {run.status.message}")
    for note in run.status.notes:
        click.echo(note)
    for one in run.status.scores:
        click.echo(f"{one.part}: {one.measure} {one.score:.4f} on {one.windows} windows ({one.trivial_rule}: {one.trivial_score:.4f}).")


def training_data(data: Path, units: tuple[str, ...], options: dict[str, Any]) -> tuple[Dataset, SplitConfig]:
    """Return the data set that the options of `train` make of a file, and how it is split, and print it."""
    wrong = [unit for unit in units if "=" not in unit]
    if wrong:
        raise click.BadParameter(f"{wrong[0]!r} is not COLUMN=UNIT, as in temp=°C.", param_hint="--unit")
    table = read_csv(data)
    guess = guess_roles(table)
    guessed = guess.roles
    lists = {  # a name with a comma in it stands in quotes, as in a CSV
        name: tuple(next(csv.reader([options[name]], skipinitialspace=True)))
        for name in ("features", "target")
        if options[name] is not None
    }
    chosen: dict[str, Any] = {"features": lists.get("features"), "targets": lists.get("target")}
    chosen |= {name: options[name] for name in ("task", "series", "time", "group")}
    if options["target"] is not None and options["task"] is None:
        chosen["task"] = likely_task(table, lists["target"], guessed.task)
    if chosen["features"] is None and options["target"] is not None:
        forecasts = chosen["task"] == "values"
        chosen["features"] = tuple(name for name in guessed.features if forecasts or name not in lists["target"])
    roles = replace(guessed, **{name: value for name, value in chosen.items() if value is not None})
    if not roles.features and guess.problems:
        raise RolesError(guess.problems[0].words)
    check_roles(table, roles)
    window = _override(suggest_window(table, roles), options, "length", "stride", "horizon", "whole_series", "as_change", "missing")
    split = _override(suggest_split(table, roles, window), options | {"seed": options["split_seed"]}, "kind", "validation", "test", "seed")
    dataset = prepare_training(table, roles, window, split)
    dataset = replace(dataset, schema=with_units(dataset.schema, dict(unit.split("=", 1) for unit in units)))
    _print_data(roles, dataset)
    return dataset, split


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
