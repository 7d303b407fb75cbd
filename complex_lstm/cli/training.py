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
from complex_lstm.errors import CheckpointError, DivergedError
from complex_lstm.inference import predict
from complex_lstm.metrics import score
from complex_lstm.model import Checkpoint, save_checkpoint
from complex_lstm.model.device import pick_device, settle_threads
from complex_lstm.runs import check_trainable, create_run, make_plan, open_run
from complex_lstm.runs.folder import await_run
from complex_lstm.runs.settings import as_text, read_kernels
from complex_lstm.strategies import STRATEGIES


def strategy_flags(command: Callable[..., None]) -> Callable[..., None]:
    """Add a flag for each training strategy that is either on or off, with its own sentence as the help."""
    for name in ("class_weights", "gradient_flow", "component_rates", "adaptive_dropout", "gradual"):
        command = click.option(f"--{name.replace('_', '-')}", is_flag=True, help=STRATEGIES[name].sentence)(command)
    return command


def run_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add what a run in a folder takes."""
    for option in (
        click.option("--name", default="", help="The run's name. [default: the file's]"),
        click.option("--queue", type=NEW_FOLDER, help="Wait until no earlier run in a folder under this one is under way."),
        click.option(
            "--resume", type=FOLDER, help="Go on with the run in this folder where it was last written down; needs no other option."
        ),
        click.option("--run", "run_folder", type=NEW_FOLDER, help="Keep the run in this folder: curves, log, best model, way to resume."),
    ):
        command = option(command)
    return command


@main.command()
@click.option("--data", type=FILE, help="The CSV to train on.")
@click.option("--out", type=NEW_FILE, help="Where to write the checkpoint, ending in .safetensors.")
@run_options
@click.option("--features", help="Columns that the model looks at, separated by commas. [default: guessed]")
@click.option("--target", help="Column(s) to predict, separated by commas. [default: guessed]")
@click.option("--task", type=click.Choice(["classes", "values"]), help="Whether the target is a class or numbers. [default: guessed]")
@click.option("--series", help='Column that tells the series apart; "" for one series. [default: guessed]')
@click.option("--time", help='Column to sort by; "" for the order of the file. [default: guessed]')
@click.option("--group", help='Column whose values stay together in the split; "" for none. [default: guessed]')
@click.option("--unit", "units", multiple=True, metavar="COLUMN=UNIT", help="The unit of a column, for axes and captions. Repeat it.")
@click.option("--window", "length", type=int, help="Time steps of a window. [default: suits the file]")
@click.option("--stride", type=click.IntRange(min=1), help="Time steps from one window's start to the next. [default: suits the file]")
@click.option("--horizon", type=int, help="Steps after the window at which values are forecast. [default: 1]")
@click.option("--whole-series/--windows", "whole_series", default=None, help="Each series is one window. [default: suits the file]")
@click.option("--change/--value", "as_change", default=None, help="Learn values as their change since the last step. [default: suits]")
@click.option(
    "--missing", type=click.Choice(["carry", "interpolate", "mean", "refuse"]), help="What to do with empty cells. [default: carry]"
)
@click.option(
    "--split", "kind", type=click.Choice(["time", "group", "series"]), help="By what training and test are parted. [default: suits]"
)
@click.option("--validation", type=float, help="Share of the data that chooses the best epoch. [default: 0.15]")
@click.option("--test", type=float, help="Share of the data that is only scored. [default: 0.15]")
@click.option("--split-seed", type=click.IntRange(min=0), help="Draws the groups or series of each part. [default: 0]")
@click.option("--hidden", "hidden_dim", default=64, help="Channels of the hidden state; the document's model has 256.")
@click.option("--lstm-layers", "num_lstm_layers", default=4, help="BiLSTM blocks.")
@click.option("--heads", "num_heads", default=8, help="Attention heads of a layer.")
@click.option("--dropout", default=0.3, help="Share of activations dropped while training.")
@click.option(
    "--kernels",
    default=as_text(ModelConfig().kernels),
    callback=lambda *given: read_kernels(given[-1]),
    help="Widths of the convolutions of both stages, odd.",
)
@click.option("--epochs", default=20, help="Passes over the training part, at most.")
@click.option("--patience", default=8, help="Epochs without a better validation loss before it stops.")
@click.option("--batch-size", default=64, help="Windows a step.")
@click.option("--learning-rate", default=2e-3, help="The highest of the one cycle.")
@click.option("--weight-decay", default=1e-2, help="AdamW's.")
@click.option("--noise", default=0.0, help="Standard deviation of noise on the scaled inputs while training.")
@click.option("--jitter", default=0.0, help="Standard deviation of a factor and an offset for each window and feature while training.")
@click.option(
    "--warp", default=0.0, help="Standard deviation of the logarithm of a window's speed while training: plays it faster or slower."
)
@click.option("--label-smoothing", default=0.0, help="Share of a class label spread over all classes.")
@click.option("--averaging", default=0.0, help="Decay of a moving average of the weights, 0.999 say; 0 for none.")
@strategy_flags
@click.option("--clip-norm", default=1.0, help=STRATEGIES["clip_norm"].sentence)
@click.option("--accumulate", default=1, help=STRATEGIES["accumulate"].sentence)
@click.option("--mixed-precision", type=click.Choice(["off", "gpu", "always"]), default="off", help=STRATEGIES["mixed_precision"].sentence)
@click.option("--devices", default=1, help="GPUs of a machine, or processes where it has none. They share each batch.")
@click.option("--nodes", default=1, help="Machines; start the same command on each as Lightning's cluster environments want it.")
@click.option(
    "--strategy",
    "process_strategy",
    type=click.Choice(["auto", "ddp"]),
    default="auto",
    help="ddp averages the processes' gradients, auto only if there are several.",
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, help="Draws the weights, the batches, the noise and the jitter.")
@click.option("--moments", default=30, help="How often a run in a folder keeps attention, gate and heads of a few windows; 0 for never.")
@click.option("--shuffle-labels", is_flag=True, help="Give each window another one's answer: a twin to check explanations against.")
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
    from complex_lstm.training.processes import is_first_process

    if resume is not None:
        return _train_in_folder(resume, queue, out)
    if run_folder is not None and not is_first_process():
        return _train_in_folder(await_run(run_folder), queue, out=None)
    data = _check_places(data, out, run_folder)
    dataset, split = training_data(data, units, options)
    roles = dataset.schema.roles
    size = pick(ModelConfig, options, input_dim=len(roles.features), output_dim=len(dataset.schema.outputs))
    config, command = pick(TrainingConfig, options), f"python -m complex_lstm {shlex.join(sys.argv[1:])}"
    if run_folder is not None:
        create_run(run_folder, make_plan(dataset, split, size, config, path=data, name=name, units=units, command=command))
        return _train_in_folder(run_folder, queue, out)
    settle_threads(size.hidden_dim)
    for note in check_trainable(dataset):
        click.echo(note)
    if out is not None:
        _train_to_file(lambda config: fit(dataset, size, split, config, command=command, progress=True), config, dataset, out)
    return None


def _check_places(data: Path | None, out: Path | None, run_folder: Path | None) -> Path:
    """Return the data's path if there is one, and places for what is made of it."""
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
    """Train (`train` gives an Outcome), write the checkpoint, and print how good it is. What diverges leaves its best epoch before that.

    Several processes cannot halve their batches each on its own: there the memory has to do.
    """
    from complex_lstm.training.oom import halving
    from complex_lstm.training.processes import is_first_process

    alone = config.devices * config.nodes == 1
    try:
        outcome = halving(config, train, lambda _, said: click.echo(f"\n{said}")) if alone else train(config)
    except DivergedError as error:
        if error.best is None or not is_first_process():
            raise
        save_checkpoint(error.best.checkpoint, out)
        raise DivergedError(f"{error} The best epoch before that is kept in {out}.") from error
    if not is_first_process():
        return
    save_checkpoint(outcome.checkpoint, out)
    click.echo(f"\n{out}: {outcome.epochs} epochs, {outcome.seconds:.0f} s, {out.stat().st_size / 2**20:.1f} MB")
    for part in ("training", "validation", "test"):
        _print_score(outcome.checkpoint, dataset, part)


def _train_in_folder(folder: Path, queue: Path | None, out: Path | None) -> None:
    from complex_lstm.training.processes import is_first_process
    from complex_lstm.training.run import train_run

    settle_threads(open_run(folder).plan.model.hidden_dim)
    run = train_run(folder, queue=queue, progress=sys.stderr.isatty())
    if not is_first_process():
        return
    if out is not None:
        shutil.copyfile(run.model, out)
    click.echo(f"\n{folder}: {run.status.message}")
    for note in run.status.notes:
        click.echo(note)
    for one in run.status.scores:
        click.echo(f"{one.part}: {one.name} {one.value:.4f} on {one.windows} windows ({one.trivial_rule}: {one.trivial:.4f}).")


def training_data(data: Path, units: tuple[str, ...], options: dict[str, Any]) -> tuple[Dataset, SplitConfig]:
    """Return what the options of `train` make of a file, and how it is parted, and print it."""
    wrong = [unit for unit in units if "=" not in unit]
    if wrong:
        raise click.BadParameter(f"{wrong[0]!r} is not COLUMN=UNIT, as in temp=°C.", param_hint="--unit")
    table = read_csv(data)
    guessed = guess_roles(table).roles
    lists = {name: _names(options[name]) for name in ("features", "target") if options[name] is not None}
    chosen: dict[str, Any] = {"features": lists.get("features"), "targets": lists.get("target")}
    chosen |= {name: options[name] for name in ("task", "series", "time", "group")}
    if options["target"] is not None and options["task"] is None:
        chosen["task"] = likely_task(table, lists["target"], guessed.task)
    if chosen["features"] is None and options["target"] is not None:
        forecasts = chosen["task"] == "values"
        chosen["features"] = tuple(name for name in guessed.features if forecasts or name not in lists["target"])
    roles = replace(guessed, **{name: value for name, value in chosen.items() if value is not None})
    check_roles(table, roles)
    window = _override(suggest_window(table, roles), options, "length", "stride", "horizon", "whole_series", "as_change", "missing")
    split = _override(suggest_split(table, roles, window), options | {"seed": options["split_seed"]}, "kind", "validation", "test", "seed")
    dataset = prepare_training(table, roles, window, split)
    dataset = replace(dataset, schema=with_units(dataset.schema, dict(unit.split("=", 1) for unit in units)))
    _print_data(roles, dataset)
    return dataset, split


def _names(text: str) -> tuple[str, ...]:
    """Return names separated by commas; a name with a comma in it stands in quotes, as in a CSV."""
    return tuple(next(csv.reader([text], skipinitialspace=True)))


def _print_data(roles: Roles, dataset: Dataset) -> None:
    click.echo(f"features: {', '.join(roles.features)}\ntarget: {', '.join(roles.targets)} ({roles.task})")
    click.echo(f"series: {roles.series or '-'}, time: {roles.time or '-'}, group: {roles.group or '-'}")
    parts = ", ".join(f"{len(dataset.windows.of_part(part))} {part}" for part in ("training", "validation", "test"))
    click.echo(f"windows: {parts}; {dataset.window}")
    click.echo(f"filled: {sum(dataset.report.filled)} cells; odd cells: {len(dataset.report.odd)}; gaps: {dataset.report.gaps}")


def _print_score(checkpoint: Checkpoint, dataset: Dataset, part: str) -> None:
    chosen = dataset.windows.of_part(part)
    if len(chosen):
        device = pick_device()
        said = predict(checkpoint.model.to(device), dataset, chosen, device=device)
        click.echo(f"{part}: {in_words(score(dataset, chosen, said.predicted), dataset)}")


def pick(kind: type[Any], options: dict[str, Any], **more: Any) -> Any:
    """Return a config whose fields are those options that have their names."""
    return kind(**{field.name: options[field.name] for field in fields(kind) if field.name in options} | more)


def _override(suggested: Any, options: dict[str, Any], *names: str) -> Any:
    return replace(suggested, **{name: options[name] for name in names if options[name] is not None})
