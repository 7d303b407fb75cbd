"""The command train: a CSV in, a checkpoint or a run folder out."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from complex_lstm.cli.calibrating import fitted_temperature, with_temperature
from complex_lstm.cli.data_options import data_options, training_data
from complex_lstm.cli.group import FILE, FOLDER, NEW_FILE, NEW_FOLDER, main
from complex_lstm.cli.reading_options import convert_option, save_recipe
from complex_lstm.cli.scoring import in_words
from complex_lstm.cli.simple_models import echo_simple_models
from complex_lstm.config import ModelConfig, TrainingConfig
from complex_lstm.data import Dataset
from complex_lstm.errors import CheckpointError, DivergedError
from complex_lstm.inference import Predictions, predict
from complex_lstm.metrics import score, score_notes
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
@click.option("--calibrate", is_flag=True, help="Keep the temperature of the classes, fitted on the validation part, in the checkpoint.")
@click.option("--name", default="", help="The run's name. [default: the file's]")
@click.option("--simple-models/--no-simple-models", default=True, help="Compare the model with simple ones in the end. [default: yes]")
@data_options
@convert_option
@save_recipe
@setting_options(ModelConfig)
@setting_options(TrainingConfig)
def train(
    data: Path | None,
    out: Path | None,
    run_folder: Path | None,
    resume: Path | None,
    queue: Path | None,
    calibrate: bool,
    name: str,
    simple_models: bool,
    units: tuple[str, ...],
    **options: Any,
) -> None:
    """Train a model on a CSV and write a checkpoint, a run folder, or both."""
    from complex_lstm.training import fit  # Lightning's import takes seconds, which the other commands need not wait
    from complex_lstm.training.processes import is_rank_zero

    if resume is not None:
        return _train_run(open_run(resume), queue, out, simple_models)
    if run_folder is not None and not is_rank_zero():
        return _train_run(await_run(run_folder), queue, None, simple_models)
    if calibrate and run_folder is not None:
        raise click.UsageError("--calibrate goes with --out alone: calibrate the model of a run with `complex-lstm calibrate` afterwards.")
    data = _check_places(data, out, run_folder)
    dataset, split = training_data(data, units, options)
    roles = dataset.schema.roles
    size = config_from(ModelConfig, options, input_dim=len(roles.features), output_dim=len(dataset.schema.outputs))
    config, command = config_from(TrainingConfig, options), f"python -m complex_lstm {shlex.join(sys.argv[1:])}"
    if run_folder is not None:
        plan = make_plan(dataset, split, size, config, path=data, name=name, units=units, command=command)
        return _train_run(create_run(run_folder, plan), queue, out, simple_models)
    settle_threads(size.hidden_dim)
    for note in check_trainable(dataset):
        click.echo(note)
    if out is not None:
        predicted = _train_to_file(
            lambda config: fit(dataset, size, split, config, command=command, progress=True), config, dataset, out, calibrate
        )
        if simple_models and is_rank_zero():
            echo_simple_models(dataset, predicted)
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


def _train_to_file(
    train: Callable[[TrainingConfig], Any], config: TrainingConfig, dataset: Dataset, out: Path, calibrate: bool
) -> dict[str, Predictions]:
    """Train (`train` returns an Outcome), write the checkpoint, print its scores, and return its predictions for each part.

    A diverged training leaves its best epoch. Processes beside the first return nothing.

    Of classes it prints what a temperature would do, and with `calibrate` it is kept in the checkpoint.

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
        return {}
    save_checkpoint(outcome.checkpoint, out)
    click.echo(f"\n{out}: {outcome.epochs} epochs, {outcome.seconds:.0f} s, {out.stat().st_size / 2**20:.1f} MB")
    device = pick_device()
    model = outcome.checkpoint.model.to(device)
    chosen = {part: windows for part in ("training", "validation", "test") if len(windows := dataset.windows.of_part(part))}
    predictions = {part: predict(model, dataset, windows, device=device) for part, windows in chosen.items()}
    for part, windows in chosen.items():
        click.echo(f"{part}: {in_words(score(dataset, windows, predictions[part].predicted), dataset)}")
        for note in score_notes(dataset, windows, predictions[part].predicted):
            click.echo(f"{part}: {note}", err=True)
    if dataset.schema.roles.task == "classes" and "validation" in chosen:
        temperature, lines = fitted_temperature(dataset, predictions.__getitem__)
        if calibrate and temperature is not None:
            save_checkpoint(with_temperature(outcome.checkpoint, temperature), out)
            lines.append("The checkpoint holds it: its probabilities are calibrated.")
        elif temperature is not None:
            lines.append("The checkpoint does not hold it: --calibrate, or `complex-lstm calibrate`, keeps it.")
        click.echo("\n".join(lines))
    return predictions


def _train_run(run: Run, queue: Path | None, out: Path | None, simple_models: bool) -> None:
    """Train or resume a run, and print how it has ended. One that waits in a queue, as the page's do, compares with no simple models."""
    from complex_lstm.training.processes import is_rank_zero
    from complex_lstm.training.run import train_run

    settle_threads(run.plan.model.hidden_dim)
    scored: list[tuple[Dataset, dict[str, Predictions]]] = []
    run = train_run(run, queue=queue, progress=sys.stderr.isatty(), on_scored=lambda *found: scored.append(found))
    if not is_rank_zero():
        return
    if out is not None:
        shutil.copyfile(run.model, out)
    click.echo(f"\n{run.folder}: {run.status.message}")
    for note in run.status.notes:
        click.echo(note)
    for one in run.status.scores:
        click.echo(f"{one.part}: {one.measure} {one.score:.4f} on {one.windows} windows ({one.trivial_rule}: {one.trivial_score:.4f}).")
    if simple_models and queue is None:
        for dataset, predicted in scored:
            echo_simple_models(dataset, predicted)
