"""Explanations on three tasks of a published table, by the paper's metrics: `python -m benchmarks.published`.

Queen et al. 2023 (TimeX). The tasks are drawn anew by `benchmarks.published_tasks`, five splits of each. Every split
stands in `benchmarks/results/published.csv`; what is missing there is made, one split after another, and with `--again`
all are explained anew. `--tasks LowVar --splits 2 3` makes those alone. Trained models are kept in the system's folder for temporary
files, or where `--models` says, and taken from there.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int
from sklearn.metrics import auc, average_precision_score, f1_score, precision_recall_curve

from benchmarks.published_tasks import TASKS, make_published
from complex_lstm.config import ModelConfig, Roles, SplitConfig, TrainingConfig, WindowConfig
from complex_lstm.data import Dataset, prepare_training, read_csv
from complex_lstm.data.planted import cause_frame, planted_frame
from complex_lstm.inference import predict
from complex_lstm.interpretation import METHODS, explain, make_request
from complex_lstm.interpretation.ground_truth import true_cells
from complex_lstm.model import ComplexLSTMModel, load_checkpoint, save_checkpoint
from complex_lstm.model.device import settle_threads

RUNS = Path(__file__).resolve().parent / "results" / "published.csv"
COLUMNS = ["task", "split", "f1", "windows", "method", "auprc", "aup", "aur", "seconds"]
MODELS = Path(tempfile.gettempdir()) / "complex_lstm_published"

SPLITS = range(1, 6)
SERIES, VALIDATED, EXPLAINED = 6100, 100, 1000
WINDOWS = 50  # of those are explained
LEFT_OUT = ("ablation", "temporal_saliency_rescaling")  # take a pass or two through the model for each cell
HIDDEN, BLOCKS, HEADS, DROPOUT, EPOCHS, PATIENCE = 32, 2, 2, 0.1, 12, 3

PAPER = {  # AUPRC in the paper's tables, on its own predictor, a transformer
    "TimeX": {"FreqShapes": 0.832, "SeqComb-UV": 0.712, "LowVar": 0.867},
    "Integrated Gradients": {"FreqShapes": 0.752, "SeqComb-UV": 0.576, "LowVar": 0.869},
}


@dataclass(frozen=True)
class Scores:
    """How well a map of cells finds the true ones by the paper's metrics; 1 is best.

    auprc  average precision of the cells ranked by their value
    aup    the area under precision as a function of the threshold, over the map scaled to 0 to 1
    aur    the same of recall
    """

    auprc: float
    aup: float
    aur: float


def scores(cells: Float[np.ndarray, "time feature"], truth: Bool[np.ndarray, "time feature"]) -> Scores:
    """Return a map's scores. Cells count with their sign, and each map is scaled by its own least and largest cell.

    The areas are those of the trapezoids between the map's values; a map of one value has none.
    """
    least, largest = float(cells.min()), float(cells.max())
    scaled, true = (cells.ravel() - least) / (largest - least + 1e-9), truth.ravel()
    precision, recall, thresholds = precision_recall_curve(true, scaled)
    areas = (auc(thresholds, precision[:-1]), auc(thresholds, recall[:-1])) if len(thresholds) > 1 else (0.0, 0.0)
    return Scores(float(average_precision_score(true, scaled)), *map(float, areas))


@dataclass(frozen=True)
class Split:
    """The series of a task's split as windows, parted as `config` says, with the cells that decide."""

    task: str
    config: SplitConfig
    dataset: Dataset
    known: pd.DataFrame

    def to_explain(self, windows: int) -> Int[np.ndarray, " window"]:
        """Return some test windows in which there is something to find, drawn with the split's seed."""
        test = self.dataset.windows.of_part("test")
        found = test[self.dataset.windows.label[test] != TASKS[self.task].plain]
        return np.random.default_rng(self.config.seed).choice(found, windows, replace=False)


def make_split(task: str, number: int, series: int = SERIES) -> Split:
    """Return a split: 5,000 series to learn from, 100 to choose the epoch by and 1,000 to explain, or so many in proportion."""
    planted = make_published(task, series, seed=number)
    table = read_csv(planted_frame(planted).to_csv(index=False).encode(), f"{task}.csv")
    features = tuple(f"ch{feature}" for feature in range(TASKS[task].features))
    roles = Roles(features, ("label",), "classes", series="series_id", time="step")
    config = SplitConfig("series", validation=VALIDATED / SERIES, test=EXPLAINED / SERIES, seed=number)
    return Split(task, config, prepare_training(table, roles, WindowConfig(whole_series=True), config), cause_frame(planted))


def trained(split: Split, kept: Path, epochs: int = EPOCHS) -> ComplexLSTMModel:
    """Return the model in the file `kept`, or one that is trained and written there.

    Training ends where the accuracy on the validation part, whose classes are equally common, has not risen for three epochs.
    """
    if not kept.exists():
        from lightning.pytorch.callbacks import EarlyStopping  # takes seconds, which tables from stored runs need not wait

        from complex_lstm.training import fit

        schema = split.dataset.schema
        size = ModelConfig(len(schema.roles.features), HIDDEN, BLOCKS, HEADS, len(schema.classes), DROPOUT)
        enough = EarlyStopping("validation_accuracy", mode="max", patience=PATIENCE)
        outcome = fit(split.dataset, size, split.config, TrainingConfig(epochs=epochs, seed=split.config.seed), callbacks=(enough,))
        kept.parent.mkdir(parents=True, exist_ok=True)
        save_checkpoint(outcome.checkpoint, kept)
    return load_checkpoint(kept).model


def macro_f1(split: Split, model: ComplexLSTMModel) -> float:
    """Return the mean over the classes of F1, on all test windows."""
    dataset, test = split.dataset, split.dataset.windows.of_part("test")
    said = np.array(dataset.schema.classes)[predict(model, dataset, test).predicted.argmax(axis=1)]
    return float(f1_score(dataset.windows.label[test], said, average="macro"))


def explained(split: Split, model: ComplexLSTMModel, windows: int = WINDOWS) -> pd.DataFrame:
    """Return each method's scores and seconds on each window, of its true class against the usual baseline."""
    dataset, found = split.dataset, []
    for window in split.to_explain(windows).tolist():
        request = make_request(dataset, window, dataset.schema.classes.index(dataset.windows.label[window]))
        truth = true_cells(split.known, dataset, window)
        for method in METHODS:
            if method not in LEFT_OUT:
                answer = explain(model, request, method)
                found.append({"method": method, "seconds": answer.seconds} | vars(scores(answer.cells, truth)))
    return pd.DataFrame(found)


def complete_runs(tasks: list[str], numbers: list[int], models: Path) -> pd.DataFrame:
    """Return all runs, after adding those of these splits that the file lacks, one by one."""
    for number in numbers:
        for task in tasks:
            if (task, number) not in set(stored()[["task", "split"]].itertuples(index=False, name=None)):
                made = measured(task, number, models / f"{task}_{number}.safetensors")
                print(made.to_string(index=False), file=sys.stderr, flush=True)
                made.to_csv(RUNS, mode="a", header=not RUNS.exists(), index=False)  # another task may have been added meanwhile
    return stored()


def stored() -> pd.DataFrame:
    """Return the runs in the file, if there is one."""
    return pd.read_csv(RUNS) if RUNS.exists() else pd.DataFrame(columns=COLUMNS)


def measured(task: str, number: int, kept: Path) -> pd.DataFrame:
    """Return one row a method: the means over the windows of a split that are explained."""
    split = make_split(task, number)
    model = trained(split, kept)
    means = explained(split, model).groupby("method").mean().reset_index()
    return means.assign(task=task, split=number, f1=macro_f1(split, model), windows=WINDOWS)[COLUMNS].round(4)


def tables(runs: pd.DataFrame) -> str:
    """Return the predictors' table and the methods', as Markdown: means over the splits, with the standard error of several."""
    done = [task for task in TASKS if (runs["task"] == task).any()]
    of_tasks = {task: runs[runs["task"] == task] for task in done}
    lines = ["| task | splits | windows explained | our model's F1 |", "|---|---|---|---|"]
    for task, one in of_tasks.items():
        by_split = one.groupby("split").first()
        lines.append(f"| {task} | {len(by_split)} | {by_split['windows'].sum()} | {_mean(by_split['f1'])} |")
    return "\n".join(lines) + "\n\n" + _methods(of_tasks)


def _methods(of_tasks: dict[str, pd.DataFrame]) -> str:
    """Return one row a method, best mean AUPRC first, and below what the paper has."""
    names = [f"{task}: {name}" for task in of_tasks for name in ("AUPRC", "AUP", "AUR")]
    lines = ["| method | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    order = sum(one.groupby("method")["auprc"].mean() for one in of_tasks.values()).sort_values(ascending=False).index  # type: ignore[union-attr]
    for method in map(str, order):
        cells = [_mean(one[one["method"] == method][name]) for one in of_tasks.values() for name in ("auprc", "aup", "aur")]
        lines.append(f"| {METHODS[method].label} | {' | '.join(cells)} |")
    for name, reached in PAPER.items():
        cells = [cell for task in of_tasks for cell in (f"{reached[task]:.3f}", "", "")]
        lines.append(f"| {name}, in the paper | {' | '.join(cells)} |")
    return "\n".join(lines)


def _mean(values: pd.Series) -> str:
    return f"{values.mean():.3f} ± {values.sem():.3f}" if len(values) > 1 else f"{values.mean():.3f}"


def main(arguments: list[str]) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.published", description=__doc__)
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--splits", nargs="+", type=int, choices=SPLITS, default=list(SPLITS))
    parser.add_argument("--models", type=Path, default=MODELS)
    parser.add_argument("--again", action="store_true")
    chosen = parser.parse_args(arguments)
    if chosen.again:
        RUNS.unlink(missing_ok=True)
    settle_threads(HIDDEN)
    print(tables(complete_runs(chosen.tasks, chosen.splits, chosen.models)))


if __name__ == "__main__":
    main(sys.argv[1:])
