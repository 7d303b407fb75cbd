"""The commands that take a checkpoint to a file: predict, explain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from tqdm import tqdm

from complex_lstm.cli.group import FILE, main
from complex_lstm.cli.many import FILES, OUT, Engine, absolute, are_many, as_file, identity_of, in_our_words, many_options, run_many
from complex_lstm.cli.opening import compared_with, fitting_options, load_whole, open_for_model, prepare_file
from complex_lstm.cli.reading_options import read_by_recipe, reading_options
from complex_lstm.cli.scoring import in_words
from complex_lstm.data import Dataset
from complex_lstm.inference import Predictions, predict, prediction_pieces
from complex_lstm.interpretation import BASELINES, METHODS, Baseline, explain_frame
from complex_lstm.interpretation.further_tables import counterfactual_table, cumulative_table
from complex_lstm.interpretation.headline import window_headline
from complex_lstm.many_files.finding import SourceFile
from complex_lstm.many_files.parts import Made, Told
from complex_lstm.metrics import score, score_notes
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.device import pick_device, settle_threads, share_cores
from complex_lstm.wording import counted, form

STANDING_IN = [name for name in BASELINES if name != "chosen_window"]  # one window suits not all
REPLACING = ", ".join(name for name, method in METHODS.items() if method.against == "baseline")


PACKED = {".gz", ".bz2", ".zip", ".xz", ".zst", ".tar"}  # by their names pandas packs a file
FURTHER = {"cpd": "CPD and CPP", "counterfactuals": "counterfactuals"}  # tables beside that of the explanations
PIECE = 500  # windows whose explanations are written at once


@main.command("predict")
@click.option("--model", "checkpoint", type=FILE, required=True, help="A checkpoint that `train` wrote.")
@click.option(
    "--data",
    type=FILES,
    required=True,
    help="The CSV to predict, or another table; answers in it are optional. Or a folder, a quoted pattern such as 'in/**/*.csv', or a "
    "Parquet data set.",
)
@click.option("--out", type=OUT, required=True, help="The CSV to write, one row a window; of many files the folder of their parts.")
@click.option("--stride", type=click.IntRange(min=1), help="Time steps from one window's start to the next. [default: as trained]")
@many_options
@fitting_options
@compared_with
@read_by_recipe
@reading_options
def predict_command(
    checkpoint: Path, data: Path, out: Path, stride: int | None, workers: int | None, engine: Engine | None, **options: Any
) -> None:
    """Predict every window of a CSV, or of many files.

    Writes series, part (new, or the part that the window had in training), first and last step (from 0) and time,
    then for classes: predicted, probability_CLASS and actual; for values: predicted_TARGET and actual_TARGET in
    the target's own units. What is not known stays empty.

    Many files become a Parquet data set, a part for each, with the file's name as first column. The same command
    again goes on where it was stopped. The exit status is 1 if a file failed; all others are done.
    """
    if are_many(data, workers, engine):
        identity = identity_of(checkpoint, options | {"stride": stride})
        job = PredictJob(checkpoint.absolute(), stride, absolute(options), identity)
        return _end(job, data, out, workers, engine)
    as_file(out)
    loaded, dataset = open_for_model(checkpoint, data, stride, options)
    settle_threads(loaded.model.config.hidden_dim)
    device = pick_device()
    with tqdm(total=len(dataset.windows), unit="window", desc="Predicting") as bar:
        predictions = predict(loaded.model.to(device), dataset, device=device, progress=lambda done, _: move(bar, done))
    _write(prediction_pieces(dataset, predictions), out)
    for note in score_notes(dataset, predictions.chosen, predictions.predicted):
        click.echo(note, err=True)
    click.echo(
        f"{out}: {counted(len(predictions.chosen), 'window')} in {predictions.seconds:.1f} s on {predictions.device}. "
        f"{_score_of(dataset, predictions)}"
    )
    return None


def _score_of(dataset: Dataset, predictions: Predictions) -> str:
    return in_words(score(dataset, predictions.chosen, predictions.predicted), dataset)


@dataclass(frozen=True)
class PredictJob:
    """Predictions of every window of each of many files."""

    checkpoint: Path
    stride: int | None
    options: dict[str, Any]
    identity: str

    def open(self, cores: int) -> Callable[[SourceFile], Made]:
        """Return what predicts a file."""
        share_cores(cores)
        loaded, device = load_whole(self.checkpoint), pick_device()
        model = loaded.model.to(device)

        def make(file: SourceFile) -> Made:
            notes: list[str] = []
            dataset = prepare_file(loaded, file.path, self.stride, self.options, path_columns=file.columns, say=notes.append)
            predictions = predict(model, dataset, device=device)
            notes += score_notes(dataset, predictions.chosen, predictions.predicted)
            return Made(prediction_pieces(dataset, predictions), lambda: Told(_score_of(dataset, predictions), tuple(notes)))

        return in_our_words(make)


@main.command("explain")
@click.option("--model", "checkpoint", type=FILE, required=True, help="A checkpoint that `train` wrote.")
@click.option(
    "--data",
    type=FILES,
    required=True,
    help="The CSV whose windows to explain, or another table. Or a folder, a quoted pattern such as 'in/**/*.csv', or a Parquet data set.",
)
@click.option(
    "--out", type=OUT, required=True, help="The CSV to write, one row a window and feature; of many files the folder of their parts."
)
@click.option("--method", type=click.Choice(list(METHODS)), default="ablation", help="How importance is measured.")
@click.option(
    "--baseline",
    type=click.Choice(STANDING_IN),
    help=f"What removed cells are replaced by. It counts for {REPLACING}. [default: training_mean, or for a window whose output hardly "
    "differs from that of the training mean, another window that is chosen by itself; the column `baseline` says so]",
)
@click.option("--probability", is_flag=True, help="Explain the probability of a class instead of its logit.")
@click.option("--target", help="The class or value to explain. [default: what is predicted, or the first value]")
@click.option("--cells", is_flag=True, help="One row a window, step and feature instead.")
@click.option("--stride", type=click.IntRange(min=1), help="Time steps from one window's start to the next. [default: as trained]")
@fitting_options
@compared_with
@click.option("--most", type=click.IntRange(min=1), help="Explain only this many windows of a file, evenly spread.")
@click.option(
    "--headlines",
    is_flag=True,
    help="Also print for each window what its prediction rests on by the consensus of the methods, in the words of the Explain page: "
    "some seconds a window. For one file.",
)
@click.option(
    "--further",
    type=click.Choice(list(FURTHER)),
    multiple=True,
    help="Also write a table beside --out, OUT-cpd or OUT-counterfactuals: how far the prediction moves cell by cell along the method's "
    "map (CPD, CPP) beside random rankings, a row a window; or what each search for a counterfactual finds, a row a window and search: "
    "some seconds a window. Repeat it for both. For one file.",
)
@many_options
@read_by_recipe
@reading_options
def explain_command(
    checkpoint: Path,
    data: Path,
    out: Path,
    method: str,
    baseline: Baseline | None,
    probability: bool,
    target: str | None,
    cells: bool,
    stride: int | None,
    most: int | None,
    headlines: bool,
    further: tuple[str, ...],
    workers: int | None,
    engine: Engine | None,
    **options: Any,
) -> None:
    """Write how important each feature (or cell) is, by one method.

    Another method may rank other features first: --headlines says where they disagree.

    Importance is in units of the explained output: the logit (or probability) of a class, or the target's own unit.
    Methods without a sign, such as saliency, measure it in units of their own.

    Many files become a Parquet data set, a part for each, with the file's name as first column. The same command
    again goes on where it was stopped. The exit status is 1 if a file failed; all others are done.
    """
    explained = Explained(method, target, cells, baseline, probability)
    if are_many(data, workers, engine):
        if headlines:
            raise click.UsageError("--headlines goes with one file: its sentences are printed.")
        if further:
            raise click.UsageError("--further goes with one file: its tables stand beside that of --out.")
        given = {"stride": stride, "most": most, "explained": repr(explained)}
        job = ExplainJob(checkpoint.absolute(), stride, absolute(options), identity_of(checkpoint, options | given), explained, most)
        return _end(job, data, out, workers, engine)
    as_file(out)
    loaded, dataset = open_for_model(checkpoint, data, stride, options)
    settle_threads(loaded.model.config.hidden_dim)
    chosen = _evenly(dataset, most)
    with tqdm(total=len(chosen), unit="window", desc=f"Explaining by {METHODS[method].label}") as bar:
        frame = explained.frame(loaded.model, dataset, chosen, partial(move_on, bar))
    _write([frame], out)
    for note in _without_prediction(frame, dataset):
        click.echo(note, err=True)
    click.echo(f"{out}: {counted(len(frame), 'row')} for {counted(len(chosen), 'window')}.")
    for name in dict.fromkeys(further):
        with tqdm(total=len(chosen), unit="window", desc=f"Computing {FURTHER[name]}") as bar:
            table = explained.further(name, loaded.model, dataset, chosen, partial(move_on, bar))
        _write([table], beside := _beside(out, name))
        click.echo(f"{beside}: {FURTHER[name]}, {counted(len(table), 'row')}.")
    for window in chosen.tolist() if headlines else ():
        if found := window_headline(loaded.model, dataset, window, target=target, baseline=baseline, as_probability=probability):
            click.echo(f"Window {window}: {found.words()}")
    return None


@dataclass(frozen=True)
class Explained:
    """What is explained of each window, and how: the options of `explain` for one file and for many."""

    method: str
    target: str | None
    cells: bool
    baseline: Baseline | None
    probability: bool

    def frame(
        self, model: ComplexLSTMModel, dataset: Dataset, chosen: np.ndarray, progress: Callable[[], None] = lambda: None
    ) -> pd.DataFrame:
        """Return the explanations of the chosen windows."""
        return explain_frame(
            model, dataset, chosen, self.method, target=self.target, cells=self.cells, baseline=self.baseline,
            as_probability=self.probability, progress=progress,
        )  # fmt: skip

    def further(
        self, name: str, model: ComplexLSTMModel, dataset: Dataset, chosen: np.ndarray, progress: Callable[[], None]
    ) -> pd.DataFrame:
        """Return one of the `FURTHER` tables of the chosen windows."""
        if name == "counterfactuals":
            return counterfactual_table(model, dataset, chosen, target=self.target, progress=progress)
        return cumulative_table(
            model, dataset, chosen, self.method, target=self.target, baseline=self.baseline, as_probability=self.probability,
            progress=progress,
        )  # fmt: skip


def _evenly(dataset: Dataset, most: int | None) -> np.ndarray:
    total = len(dataset.windows)
    return np.unique(np.linspace(0, total - 1, min(most or total, total)).astype(int))


def _without_prediction(frame: pd.DataFrame, dataset: Dataset) -> list[str]:
    without = int((frame["target"] == "").sum()) // len(dataset.schema.roles.features)
    no = f"{counted(without, 'window')} {form(without, 'has', 'have')} no prediction"
    return [f"{no}, because the model's output is not a finite number: not explained."] if without else []


@dataclass(frozen=True)
class ExplainJob:
    """Explanations of the windows of each of many files."""

    checkpoint: Path
    stride: int | None
    options: dict[str, Any]
    identity: str
    explained: Explained
    most: int | None

    def open(self, cores: int) -> Callable[[SourceFile], Made]:
        """Return what explains a file's windows."""
        share_cores(cores)
        loaded = load_whole(self.checkpoint)

        def make(file: SourceFile) -> Made:
            notes: list[str] = []
            dataset = prepare_file(loaded, file.path, self.stride, self.options, path_columns=file.columns, say=notes.append)
            chosen = _evenly(dataset, self.most)

            def pieces() -> Iterator[pd.DataFrame]:
                for first in range(0, len(chosen), PIECE):
                    yield (frame := self.explained.frame(loaded.model, dataset, chosen[first : first + PIECE]))
                    notes.extend(_without_prediction(frame, dataset))

            return Made(pieces(), lambda: Told(f"{counted(len(chosen), 'window')} explained.", tuple(notes)))

        return in_our_words(make)


def _end(job: PredictJob | ExplainJob, data: Path, out: Path, workers: int | None, engine: Engine | None) -> None:
    """Do a job for many files, and end with status 1 where one failed."""
    load_whole(job.checkpoint)  # one that is none is a sentence, and not one for each file
    if any(one.reason for one in run_many(job, data, out, workers, engine)):
        click.get_current_context().exit(1)


def move(bar: tqdm[Any], done: int) -> None:
    """Move a progress bar to how many are done."""
    bar.update(done - bar.n)


def move_on(bar: tqdm[Any]) -> None:
    """Move a progress bar by one."""
    bar.update(1)


def _beside(out: Path, name: str) -> Path:
    """Return the path of a further table: x-cpd.csv of x.csv, x-cpd.csv.gz of x.csv.gz."""
    packing = out.suffix if out.suffix.lower() in PACKED else ""
    plain = Path(out.name.removesuffix(packing))
    return out.with_name(f"{plain.stem}-{name}{plain.suffix}{packing}")


def _write(pieces: Iterable[pd.DataFrame], out: Path) -> None:
    """Write a table that comes in pieces as one CSV, packed where its name ends so."""
    try:
        if out.suffix.lower() in PACKED:
            return pd.concat(list(pieces)).to_csv(out, index=False)
        with out.open("w", encoding="utf-8", newline="") as file:
            for number, piece in enumerate(pieces):
                piece.to_csv(file, index=False, header=not number)
        return None
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}. Choose another place for --out.") from error
