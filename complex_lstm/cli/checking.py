"""The command check: a model on a file as a report for people, and as an exit status for a build server."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from complex_lstm.cli.applying import compared_with, facts_of, fitting_options, in_words, move, open_for_model, training_dataset
from complex_lstm.cli.group import FILE, NEW_FILE, main
from complex_lstm.cli.reading_options import read_by_recipe, reading_options
from complex_lstm.config import Schema
from complex_lstm.data import fingerprint
from complex_lstm.errors import ComplexLSTMError
from complex_lstm.evaluation.drift import describe_drift
from complex_lstm.evaluation.limits import Limits
from complex_lstm.evaluation.simple_models import each_simple_model
from complex_lstm.evaluation.simple_scores import compare_simple
from complex_lstm.evaluation.simple_words import describe_best
from complex_lstm.evaluation.slices import describe_slices
from complex_lstm.inference import predict
from complex_lstm.metrics import score_notes
from complex_lstm.model.device import pick_device, settle_threads
from complex_lstm.reports.checked import CheckedModel
from complex_lstm.reports.model_check import model_report

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
@click.argument("data", type=FILE)
@click.option("--out", type=NEW_FILE, help="The report to write, one HTML file that opens offline and prints. [default: none]")
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
    **options: Any,
) -> None:
    """Check a model on a CSV: scores, worst slices and shift as a report, and an exit status.

    The exit status is 0 if the model is better than the trivial rule (repeating the last value, or always the commonest class) and
    breaks no limit; 1 if it fails, with one line on stderr for each reason; 2 if no check could be made.
    """
    try:
        loaded, dataset = open_for_model(checkpoint, data, stride, options)
        limits = Limits(at_least_accuracy, _errors(most_errors, dataset.schema), at_most_shift)
        if at_least_accuracy is not None and dataset.schema.roles.task == "values":
            raise click.BadParameter("The model forecasts values and no classes: use --at-most-mae.", param_hint="--at-least-accuracy")
        counts = {one: len(dataset.windows.of_part(one)) for one in PARTS if len(dataset.windows.of_part(one))}
        chosen_part = part or next(iter(counts))
        if chosen_part not in counts:
            others = " and ".join(f"{count:,} {name}" for name, count in counts.items())
            raise click.BadParameter(f"{data.name} has no {part} windows, but {others}.", param_hint="--part")
        settle_threads(loaded.model.config.hidden_dim)
        device, windows = pick_device(), dataset.windows.of_part(chosen_part)
        with tqdm(total=len(windows), unit="window", desc="Predicting") as bar:
            predictions = predict(loaded.model.to(device), dataset, windows, device=device, progress=lambda done, _: move(bar, done))
        checked = CheckedModel(
            loaded, dataset, chosen_part, predictions, checkpoint.name, data.name, fingerprint(checkpoint.read_bytes()),
            facts_of(loaded, options["training_data"]), limits,
        )  # fmt: skip
        if simple_models and len(checked.answered):
            trained_on = training_dataset(loaded, options["training_data"])
            checked = replace(checked, simple=compare_simple(checked.answered, each_simple_model(dataset, trained_on)))
        if out is not None:
            _write(model_report(checked), out)
    except ComplexLSTMError as error:
        raise NoCheck(str(error)) from error
    _print(checked, out)
    if checked.broken:
        click.get_current_context().exit(FAILED)


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
