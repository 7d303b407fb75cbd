"""The command check: a model on a file as a report for people, and as an exit status for a build server."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from tqdm import tqdm

from complex_lstm.cli.applying import move
from complex_lstm.cli.group import FILE, main
from complex_lstm.cli.many import FILES, OUT, Engine, absolute, are_many, as_file, identity_of, in_our_words, many_options, run_many
from complex_lstm.cli.opening import (
    compared_with,
    facts_of,
    fitting_options,
    load_whole,
    open_for_model,
    prepare_file,
    training_dataset,
)
from complex_lstm.cli.reading_options import read_by_recipe, reading_options
from complex_lstm.cli.scoring import in_words
from complex_lstm.config import Schema
from complex_lstm.data import Dataset, fingerprint
from complex_lstm.errors import ComplexLSTMError
from complex_lstm.evaluation.drift import describe_drift
from complex_lstm.evaluation.limits import Limits
from complex_lstm.evaluation.simple_models import each_simple_model
from complex_lstm.evaluation.simple_scores import compare_simple
from complex_lstm.evaluation.simple_words import describe_best
from complex_lstm.evaluation.slices import describe_slices
from complex_lstm.inference import predict
from complex_lstm.many_files.finding import SourceFile
from complex_lstm.many_files.parts import Made, Told
from complex_lstm.metrics import ClassScores, ValueScores, score_notes
from complex_lstm.model import Checkpoint
from complex_lstm.model.batching import Progress, silent
from complex_lstm.model.device import pick_device, settle_threads, share_cores
from complex_lstm.reports.checked import CheckedModel
from complex_lstm.reports.model_check import model_report
from complex_lstm.wording import counted

PARTS = ("test", "new", "validation", "training")  # without --part the first of these that the file has
FAILED, NO_CHECK = 1, 2  # exit status: a check failed, or none could be made


class Limit(click.FloatRange):
    """A number between two others. NaN, which no comparison refuses, would be a limit that nothing breaks."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        found = super().convert(value, param, ctx)
        if math.isnan(found):
            self.fail(f"{value!r} is no number.", param, ctx)
        return found


class NoCheck(click.ClickException):
    """A file that cannot be read or written: no check was made, so that the exit status is not that of one that failed."""

    exit_code = NO_CHECK


@main.command()
@click.argument("checkpoint", metavar="MODEL", type=FILE)
@click.argument("data", type=FILES)
@click.option(
    "--out",
    type=OUT,
    help="The report to write, one HTML file that opens offline and prints; of many files the folder of their reports and scores. "
    "[default: none]",
)
@click.option("--part", type=click.Choice(PARTS), help="The part whose windows are scored. [default: test, or all of a new file]")
@click.option("--stride", type=click.IntRange(min=1), help="Time steps from one window's start to the next. [default: as trained]")
@click.option("--at-least-accuracy", type=Limit(0, 1), metavar="SHARE", help="Fail below this share of right classes.")
@click.option(
    "--at-most-mae",
    "most_errors",
    multiple=True,
    metavar="TARGET=ERROR",
    help="Fail above this mean absolute error of a target, in its unit, as in temp=1.5. Repeat it.",
)
@click.option(
    "--at-most-shift",
    type=Limit(0, 1),
    metavar="DISTANCE",
    help="Fail if a feature's Kolmogorov-Smirnov distance from training is larger.",
)
@click.option("--simple-models/--no-simple-models", default=True, help="Compare the model with simple ones, fitted on its training part.")
@many_options
@fitting_options
@compared_with
@read_by_recipe
@reading_options
def check(
    checkpoint: Path,
    data: Path,
    out: Path | None,
    part: str | None,
    stride: int | None,
    at_least_accuracy: float | None,
    most_errors: tuple[str, ...],
    at_most_shift: float | None,
    simple_models: bool,
    workers: int | None,
    engine: Engine | None,
    **options: Any,
) -> None:
    """Check a model on a CSV, or on many files: scores, worst slices and shift as a report, and an exit status.

    The exit status is 0 if the model is better than the trivial rule (repeating the last value, or always the commonest class) and
    breaks no limit; 1 if it fails, with one line on stderr for each reason; 2 if no check could be made.

    Many files need --out, a folder: a report for each, and their scores as a Parquet data set, a row a file. The same
    command again goes on where it was stopped. The exit status is the worst of all files'.
    """
    options = absolute(options)
    wanted = Wanted(part, at_least_accuracy, most_errors, at_most_shift, simple_models, options["training_data"])
    try:
        if are_many(data, workers, engine):
            given = {"stride": stride, "wanted": repr(replace(wanted, training_data=None))}
            job = CheckJob(checkpoint.absolute(), stride, options, identity_of(checkpoint, options | given), wanted)
            return _check_many(job, data, out, workers, engine)
        as_file(out)
        loaded, dataset = open_for_model(checkpoint, data, stride, options)
        settle_threads(loaded.model.config.hidden_dim)
        loaded.model.to(pick_device())
        with tqdm(unit="window", desc="Predicting") as bar:
            checked = wanted.check(checkpoint, loaded, dataset, data.name, lambda done, total: move_to(bar, done, total))
        if out is not None:
            _write(model_report(checked), out)
    except ComplexLSTMError as error:
        raise NoCheck(str(error)) from error
    _print(checked, out)
    if checked.broken:
        click.get_current_context().exit(FAILED)
    return None


@dataclass(frozen=True)
class Wanted:
    """What a model is checked for: the options of `check` for one file and for many."""

    part: str | None
    at_least_accuracy: float | None
    most_errors: tuple[str, ...]
    at_most_shift: float | None
    simple_models: bool
    training_data: Path | None

    def check(self, checkpoint: Path, loaded: Checkpoint, dataset: Dataset, name: str, progress: Progress = silent) -> CheckedModel:
        """Return a model on the windows of a part of a file, whose name is given.

        Raises:
            click.BadParameter: an option that does not fit the model or the file.
        """
        limits = Limits(self.at_least_accuracy, _errors(self.most_errors, dataset.schema), self.at_most_shift)
        if self.at_least_accuracy is not None and dataset.schema.roles.task == "values":
            raise click.BadParameter("The model forecasts values and no classes: use --at-most-mae.", param_hint="--at-least-accuracy")
        counts = {one: len(dataset.windows.of_part(one)) for one in PARTS if len(dataset.windows.of_part(one))}
        chosen_part = self.part or next(iter(counts))
        if chosen_part not in counts:
            others = " and ".join(f"{count:,} {one}" for one, count in counts.items())
            raise click.BadParameter(f"{name} has no {self.part} windows, but {others}.", param_hint="--part")
        windows = dataset.windows.of_part(chosen_part)
        predictions = predict(loaded.model, dataset, windows, device=loaded.model.gradient_scale.device, progress=progress)
        checked = CheckedModel(
            loaded, dataset, chosen_part, predictions, checkpoint.name, name, fingerprint(checkpoint.read_bytes()),
            facts_of(loaded, self.training_data), limits,
        )  # fmt: skip
        if self.simple_models and len(checked.answered):
            trained_on = training_dataset(loaded, self.training_data)
            checked = replace(checked, simple=compare_simple(checked.answered, each_simple_model(dataset, trained_on)))
        return checked


@dataclass(frozen=True)
class CheckJob:
    """A check on each of many files."""

    checkpoint: Path
    stride: int | None
    options: dict[str, Any]
    identity: str
    wanted: Wanted

    def open(self, cores: int) -> Callable[[SourceFile], Made]:
        """Return what checks a file."""
        share_cores(cores)
        loaded = load_whole(self.checkpoint)
        loaded.model.to(pick_device())

        def make(file: SourceFile) -> Made:
            notes: list[str] = []
            dataset = prepare_file(loaded, file.path, self.stride, self.options, path_columns=file.columns, say=notes.append)
            checked = self.wanted.check(self.checkpoint, loaded, dataset, file.name)
            notes += score_notes(dataset, checked.predictions.chosen, checked.predictions.predicted)
            words = " ".join(checked.broken) or f"Passed on {checked.windows}. {in_words(checked.scores, dataset)}"
            told = Told(words, tuple(notes), is_bad=bool(checked.broken))
            return Made([_scores_frame(checked)], lambda: told, model_report(checked))

        return in_our_words(make)


def _scores_frame(checked: CheckedModel) -> pd.DataFrame:
    """Return one row: the part, how many windows were scored, whether the check was passed, and the scores beside the trivial rule's."""
    scores = checked.scores
    row: dict[str, Any] = {"part": checked.part, "windows": scores.windows if scores else 0, "passed": not checked.broken}
    if checked.answered.is_classes:
        accuracy, largest = (scores.accuracy, scores.largest) if isinstance(scores, ClassScores) else (np.nan, np.nan)
        row |= {"accuracy": accuracy, "accuracy_of_commonest": largest}
    else:
        errors, of_last = (scores.mae, scores.persistence_mae) if isinstance(scores, ValueScores) else (None, None)
        for place, name in enumerate(checked.dataset.schema.outputs):
            row[f"mae_{name}"] = np.nan if errors is None else float(errors[place])
            row[f"mae_of_last_{name}"] = np.nan if of_last is None else float(of_last[place])
    return pd.DataFrame([row])


def _check_many(job: CheckJob, data: Path, out: Path | None, workers: int | None, engine: Engine | None) -> None:
    """Check a model on many files, and end with the worst status of them."""
    load_whole(job.checkpoint)  # one that is none is a sentence, and not one for each file
    outcomes = run_many(job, data, out, workers, engine)
    bad = [one for one in outcomes if one.told.is_bad]
    for one in bad:
        click.echo(f"Check failed: {one.file}: {one.told.words}", err=True)
    if any(one.reason for one in outcomes):
        click.get_current_context().exit(NO_CHECK)
    if bad:
        click.get_current_context().exit(FAILED)
    click.echo(f"Check passed on {counted(len(outcomes), 'file')}.")


def move_to(bar: tqdm[Any], done: int, total: int) -> None:
    """Move a progress bar to how many are done, of how many."""
    bar.total = total
    move(bar, done)


def _errors(options: tuple[str, ...], schema: Schema) -> dict[str, float]:
    """Return the largest errors that options allow, by target.

    Raises:
        click.BadParameter: an option that is not written as TARGET=ERROR, or names no target of the model.
    """
    found = {}
    for option in options:
        name, _, number = option.rpartition("=")
        if schema.roles.task == "classes":
            raise click.BadParameter("The model predicts classes and no values: use --at-least-accuracy.", param_hint="--at-most-mae")
        if name not in schema.outputs:
            known = ", ".join(schema.outputs[:12])
            raise click.BadParameter(
                f"{option!r} is not TARGET=ERROR with one of the model's targets: {known}.", param_hint="--at-most-mae"
            )
        try:
            found[name] = float(number)
        except ValueError:
            found[name] = math.nan
        if not 0 <= found[name] < math.inf:
            raise click.BadParameter(f"{number!r} in {option!r} is no number from 0 on, as in temp=1.5.", param_hint="--at-most-mae")
    return found


def _print(checked: CheckedModel, out: Path | None) -> None:
    """Print what was found, and on stderr what is wrong, a line each."""
    answered, predictions = checked.answered, checked.predictions
    for note in score_notes(checked.dataset, predictions.chosen, predictions.predicted):
        click.echo(note, err=True)
    click.echo(in_words(checked.scores, checked.dataset))
    if len(answered):
        click.echo(describe_slices(checked.slices, answered.blocks, is_classes=answered.is_classes))
    if checked.drift is not None:
        click.echo(describe_drift(checked.drift, "this data" if checked.part == "new" else f"the {checked.part} part"))
    if checked.simple is not None and checked.simple.best is not None:
        click.echo(describe_best(checked.simple))
    if out is not None:
        click.echo(f"{out}: the report on {checked.windows}.")
    for sentence in checked.broken:
        click.echo(f"Check failed: {sentence}", err=True)
    if not checked.broken:
        click.echo(f"Check passed on {checked.windows}.")


def _write(report: str, out: Path) -> None:
    try:
        out.write_text(report, encoding="utf-8")
    except OSError as error:
        raise NoCheck(f"{out} cannot be written: {error.strerror}. Choose another place for --out.") from error
