"""The command line: train | predict | explain | info."""

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
import numpy as np
import pandas as pd
from tqdm import tqdm

from complex_lstm.config import STRATEGIES, ModelConfig, Roles, SplitConfig, TrainingConfig
from complex_lstm.data import (
    Dataset,
    check_roles,
    guess_roles,
    likely_task,
    prepare_for,
    prepare_training,
    read_csv,
    suggest_split,
    suggest_window,
    with_units,
)
from complex_lstm.errors import CheckpointError, ComplexLSTMError
from complex_lstm.inference import predict, prediction_frame
from complex_lstm.interpretation import BASELINES, METHODS, Baseline, explain_frame
from complex_lstm.model import BareCheckpoint, Checkpoint, load_checkpoint, save_checkpoint
from complex_lstm.model.device import pick_device, settle_threads
from complex_lstm.runs import create_run, make_plan, open_run
from complex_lstm.scores import ClassScores, ValueScores, score

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
NEW_FOLDER = click.Path(file_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
STANDING_IN = [name for name in BASELINES if name != "chosen_window"]  # one window suits not all
REPLACING = ", ".join(name for name, method in METHODS.items() if method.against == "baseline")


class OneSentence(click.Group):
    """Shows our own errors as one sentence, and leaves every other error its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ComplexLSTMError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=OneSentence, context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
def main() -> None:
    """Train a ComplexLSTM on a CSV, predict with it, and explain what it looks at.

    A CSV has a header and one row a time step. Which column is what is guessed, printed, and can be set.
    """


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
        click.option("--resume", type=FOLDER, help="Go on with the run in this folder after its last whole epoch; needs no other option."),
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
@click.option("--epochs", default=20, help="Passes over the training part, at most.")
@click.option("--patience", default=8, help="Epochs without a better validation loss before it stops.")
@click.option("--batch-size", default=64, help="Windows a step.")
@click.option("--learning-rate", default=2e-3, help="The highest of the one cycle.")
@click.option("--weight-decay", default=1e-2, help="AdamW's.")
@click.option("--noise", default=0.0, help="Standard deviation of noise on the scaled inputs while training.")
@click.option("--jitter", default=0.0, help="Standard deviation of a factor and an offset for each window and feature while training.")
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
    data = _check_places(data, out, run_folder)
    wrong = [unit for unit in units if "=" not in unit]
    if wrong:
        raise click.BadParameter(f"{wrong[0]!r} is not COLUMN=UNIT, as in temp=°C.", param_hint="--unit")
    dataset, split = _training_data(data, units, options)
    roles = dataset.schema.roles
    size = _pick(ModelConfig, options, input_dim=len(roles.features), output_dim=len(dataset.schema.outputs))
    config, command = _pick(TrainingConfig, options), f"python -m complex_lstm {shlex.join(sys.argv[1:])}"
    if run_folder is not None:
        create_run(run_folder, make_plan(dataset, split, size, config, path=data, name=name, units=units, command=command))
        return _train_in_folder(run_folder, queue, out)
    settle_threads(size.hidden_dim)
    outcome = fit(dataset, size, split, config, command=command, progress=True)
    if not is_first_process() or out is None:
        return None
    save_checkpoint(outcome.checkpoint, out)
    click.echo(f"\n{out}: {outcome.epochs} epochs, {outcome.seconds:.0f} s, {out.stat().st_size / 2**20:.1f} MB")
    for part in ("training", "validation", "test"):
        _print_score(outcome.checkpoint, dataset, part)


@main.command("predict")
@click.option("--model", "checkpoint", type=FILE, required=True, help="A checkpoint that `train` wrote.")
@click.option("--data", type=FILE, required=True, help="The CSV to predict; answers in it are optional.")
@click.option("--out", type=NEW_FILE, required=True, help="The CSV to write, one row a window.")
@click.option("--stride", type=click.IntRange(min=1), help="Time steps from one window's start to the next. [default: as trained]")
def predict_command(checkpoint: Path, data: Path, out: Path, stride: int | None) -> None:
    """Predict every window of a CSV.

    Writes series, part (new, or the part that the window had in training), first and last step (from 0) and time,
    then for classes: predicted, probability_CLASS and actual; for values: predicted_TARGET and actual_TARGET in
    the target's own units. What is not known stays empty.
    """
    loaded, dataset = _open(checkpoint, data, stride)
    settle_threads(loaded.model.config.hidden_dim)
    device = pick_device()
    with tqdm(total=len(dataset.windows), unit="window", desc="Predicting") as bar:
        said = predict(loaded.model.to(device), dataset, device=device, progress=lambda done, _: _move(bar, done))
    _write(prediction_frame(dataset, said), out)
    result = score(dataset, said.chosen, said.predicted)
    click.echo(f"{out}: {len(said.chosen)} windows in {said.seconds:.1f} s on {said.device}. {_in_words(result, dataset)}")


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
) -> None:
    """Say which features (or cells) each prediction rests on.

    Importance is in units of the explained output: the logit (or probability) of a class, or the target's own unit.
    Methods without a sign, such as saliency, tell how much in units of their own.
    """
    loaded, dataset = _open(checkpoint, data, stride)
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


@main.command()
@click.argument("checkpoint", type=FILE)
def info(checkpoint: Path) -> None:
    """Say what a checkpoint holds: its sizes, its inputs and outputs, and the command that made it."""
    loaded = load_checkpoint(checkpoint)
    count = sum(value.numel() for value in loaded.model.parameters())
    click.echo(f"{checkpoint.name}: {count:,} parameters")
    values = [loaded.model.config]
    if isinstance(loaded, Checkpoint):
        values += [loaded.schema.roles, loaded.window, loaded.split]  # type: ignore[list-item]  # all are dataclasses
        click.echo(f"outputs: {', '.join(loaded.schema.outputs)}")
        click.echo(f"training data: sha256 {loaded.fingerprint}\nmade by: {loaded.command}")
    else:
        click.echo("It holds weights alone: nothing is known of its features, its scaling or its training data.")
    for value in values:
        click.echo(f"{type(value).__name__}: " + ", ".join(f"{f.name}={getattr(value, f.name)!r}" for f in fields(value)))


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


def _train_in_folder(folder: Path, queue: Path | None, out: Path | None) -> None:
    from complex_lstm.training.running import train_run

    settle_threads(open_run(folder).plan.model.hidden_dim)
    run = train_run(folder, queue=queue, progress=sys.stderr.isatty())
    if out is not None:
        shutil.copyfile(run.model, out)
    click.echo(f"\n{folder}: {run.status.message}")
    for note in run.status.notes:
        click.echo(note)
    for one in run.status.scores:
        click.echo(f"{one.part}: {one.name} {one.value:.4f} on {one.windows} windows ({one.trivial_rule}: {one.trivial:.4f}).")


def _training_data(data: Path, units: tuple[str, ...], options: dict[str, Any]) -> tuple[Dataset, SplitConfig]:
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


def _open(checkpoint: Path, data: Path, stride: int | None) -> tuple[Checkpoint, Dataset]:
    loaded: BareCheckpoint = load_checkpoint(checkpoint)
    if not isinstance(loaded, Checkpoint):
        raise CheckpointError(
            f"{checkpoint.name} holds weights alone, and nothing of its features and scaling. Load it in the app and say there "
            f"which columns it wants, or save it again with save_checkpoint(Checkpoint(...), path)."
        )
    table = read_csv(data)
    window = replace(loaded.window, stride=stride) if stride else loaded.window
    split = loaded.split if table.fingerprint == loaded.fingerprint else None
    dataset = prepare_for(table, loaded.schema, window, loaded.scaling, split)
    for note in dataset.report.notes:
        click.echo(note, err=True)
    return loaded, dataset


def _print_score(checkpoint: Checkpoint, dataset: Dataset, part: str) -> None:
    chosen = dataset.windows.of_part(part)
    if len(chosen):
        device = pick_device()
        said = predict(checkpoint.model.to(device), dataset, chosen, device=device)
        click.echo(f"{part}: {_in_words(score(dataset, chosen, said.predicted), dataset)}")


def _in_words(result: ClassScores | ValueScores | None, dataset: Dataset) -> str:
    if isinstance(result, ClassScores):
        return f"Accuracy {result.accuracy:.3f} on {result.windows} windows (the commonest class alone: {result.largest:.3f})."
    if isinstance(result, ValueScores):
        errors = ", ".join(f"{name} {error:.4f}" for name, error in zip(dataset.schema.outputs, result.squared_error, strict=True))
        return (
            f"Squared error in variances: mean {result.squared_error.mean():.4f} ({errors}), "
            f"repeating the last value {result.persistence.mean():.4f}."
        )
    return "No answers to score against."


def _move(bar: tqdm[Any], done: int) -> None:
    bar.update(done - bar.n)


def _pick(kind: type[Any], options: dict[str, Any], **more: Any) -> Any:
    return kind(**{field.name: options[field.name] for field in fields(kind) if field.name in options} | more)


def _override(suggested: Any, options: dict[str, Any], *names: str) -> Any:
    return replace(suggested, **{name: options[name] for name in names if options[name] is not None})


def _write(frame: pd.DataFrame, out: Path) -> None:
    try:
        frame.to_csv(out, index=False)
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}. Choose another place for --out.") from error
