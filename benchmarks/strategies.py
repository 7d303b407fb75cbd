"""Whether the training strategies help: plain against each and against the document's together: `python -m benchmarks.strategies`.

Every run stands in `benchmarks/results/strategies.csv`; what is missing there is made, and with `--again` all is.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.recipes import HIDDEN, RARE, SETTINGS, Setting
from complex_lstm.config import TrainingConfig
from complex_lstm.data import Dataset
from complex_lstm.inference import predict
from complex_lstm.metrics import ClassScores, ValueScores, score
from complex_lstm.model.device import settle_threads

RUNS = Path(__file__).resolve().parent / "results" / "strategies.csv"
COLUMNS = ["data", "variant", "seed", "score", "rarest", "seconds"]

SEEDS = 3
CERTAIN = 4.3  # standard errors: Student's t for 95% with two degrees of freedom

PLAIN, CLASS_WEIGHTS, HALVES, DOCUMENT = "plain", "class weights", "two half batches a step", "the document's together"
EARLY = "early stopping"
VARIANTS: dict[str, dict[str, Any]] = {
    PLAIN: {},
    "gradual complexity": {"gradual": True},
    "adaptive dropout": {"adaptive_dropout": True},
    "component rates": {"component_rates": True},
    CLASS_WEIGHTS: {"class_weights": True},
    DOCUMENT: {"gradual": True, "adaptive_dropout": True, "component_rates": True},  # and class weights where there are classes
    "no clipping": {"clip_norm": 0.0},
    "averaging 0.99": {"averaging": 0.99},
    "two batches a step": {"accumulate": 2},
    HALVES: {"accumulate": 2},
    "mixed precision": {"mixed_precision": "always"},
    EARLY: {"patience": 3},  # of 12 epochs; plain has the patience for all, and keeps the best as well
}


def variants(data: str, *, classes: bool) -> list[str]:
    """Return what is tried on a data set: what it has the classes or the parts for; where a class is rare, class weights only."""
    if data == RARE:
        return [PLAIN, CLASS_WEIGHTS]
    unfit = {EARLY} if data == "shoulder_exercises" else set()  # which has no validation part
    return [name for name in VARIANTS if name not in unfit and (classes or name != CLASS_WEIGHTS)]


def changed(training: TrainingConfig, variant: str, *, classes: bool) -> TrainingConfig:
    """Return the settings with a variant's changes."""
    changes = dict(VARIANTS[variant])
    if variant == HALVES:
        changes["batch_size"] = training.batch_size // 2
    if variant == DOCUMENT:
        changes["class_weights"] = classes
    return replace(training, **changes)


def trained(setting: Setting, variant: str) -> tuple[float, float, float]:
    """Return a model's score on windows that it has not seen, its recall of the class rarest in training, and the seconds.

    The score is the accuracy, or the squared error as a share of that of repeating the last value; values have no
    recall. The seconds are those of the processor, which other programs lengthen little.
    """
    from complex_lstm.training import fit  # Lightning's import takes seconds, which tables from stored runs need not wait

    classes = setting.learned.schema.roles.task == "classes"
    start = time.process_time()
    model = fit(setting.learned, setting.size, setting.split, changed(setting.training, variant, classes=classes)).checkpoint.model
    seconds = time.process_time() - start
    chosen = setting.scored.windows.of_part("test")
    found = score(setting.scored, chosen, predict(model, setting.scored, chosen).predicted)
    if isinstance(found, ValueScores):
        return float((found.squared_error / found.persistence).mean()), np.nan, seconds
    assert isinstance(found, ClassScores)  # all test windows have an answer
    return found.accuracy, float(found.recall[rarest_class(setting.learned)]), seconds


def rarest_class(dataset: Dataset) -> int:
    """Return the number of the class with the fewest training windows."""
    labels = dataset.windows.label[dataset.windows.of_part("training")]
    return int(np.argmin([(labels == name).sum() for name in dataset.schema.classes]))


def complete_runs() -> pd.DataFrame:
    """Return all runs, after adding those that the file lacks, one by one."""
    runs = pd.read_csv(RUNS) if RUNS.exists() else pd.DataFrame(columns=COLUMNS)
    done = set(zip(runs["data"], runs["variant"], runs["seed"], strict=True))
    for seed in range(SEEDS):
        for data in SETTINGS:
            lacking = [name for name in variants(data, classes=data != "nyc_weather") if (data, name, seed) not in done]
            setting = SETTINGS[data](seed) if lacking else None
            for variant in lacking:
                assert setting is not None  # something is lacking
                runs.loc[len(runs)] = [data, variant, seed, *np.round(trained(setting, variant), 4)]
                runs.to_csv(RUNS, index=False)
                print(runs.tail(1).to_string(header=False), file=sys.stderr, flush=True)
    return runs


def tables(runs: pd.DataFrame) -> str:
    """Return a table a data set, as Markdown."""
    return "\n\n".join(table(data, runs[runs["data"] == data]) for data in SETTINGS if (runs["data"] == data).any())


def table(data: str, runs: pd.DataFrame) -> str:
    """Return one row a variant: its score, what it changes, and what it costs; what is beyond chance is set bold."""
    measured = {"score": "error, % of repeating the last value" if runs["rarest"].isna().all() else "accuracy, %"}
    if data == RARE:
        measured["rarest"] = "recall of the rare class, %"
    heads = "".join(f" {what} | less plain's |" for what in measured.values())
    rows = [f"| {data} |{heads} time / plain's |", "|---" * (2 + 2 * len(measured)) + "|"]
    for variant in [name for name in VARIANTS if (runs["variant"] == name).any()]:
        cells = [cell for column in measured for cell in compared(by_seed(runs, variant, column), by_seed(runs, PLAIN, column))]
        slower = (by_seed(runs, variant, "seconds") / by_seed(runs, PLAIN, "seconds")).median()
        rows.append(f"| {variant} | {' | '.join(cells)} | {slower:.2f} |")
    return "\n".join(rows)


def by_seed(runs: pd.DataFrame, variant: str, column: str) -> pd.Series:
    """Return what a variant measured with each seed."""
    return runs[runs["variant"] == variant].set_index("seed")[column]


def compared(ours: pd.Series, plain: pd.Series) -> tuple[str, str]:
    """Return the mean and the deviation over the seeds, and the mean difference to plain with its standard error, in percent.

    The difference is taken seed by seed, so that what an easy or a hard draw of the data does to both falls out.
    """
    several = len(ours) > 1
    level = f"{100 * ours.mean():.1f} ± {100 * ours.std():.1f}" if several else f"{100 * ours.mean():.1f}, one seed"
    if ours is plain or ours.equals(plain):
        return level, ""
    difference = (ours - plain).dropna()
    middle, error = difference.mean(), difference.std() / np.sqrt(len(difference))
    said = f"{100 * middle:+.1f} ± {100 * error:.1f}" if several else f"{100 * middle:+.1f}"
    return level, f"**{said}**" if several and abs(middle) > CERTAIN * error else said


def main(arguments: list[str]) -> None:
    """Print the tables."""
    if "--again" in arguments:
        RUNS.unlink(missing_ok=True)
    settle_threads(HIDDEN)
    print(tables(complete_runs()))


if __name__ == "__main__":
    main(sys.argv[1:])
