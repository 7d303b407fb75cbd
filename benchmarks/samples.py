"""Whether the samples' models beat the simple way on what they have not seen: `python -m benchmarks.samples`.

First all shipped checkpoints beside every simple model, on the windows of their own files that are new to them; with `--shipped` that
alone. Then the weather with every third of its ten months held out, beside ridge regression, so that three trainings cover them all, and
the exercises with each person left out in turn, beside logistic regression. `--quick` takes one third and two people, `--again` makes
anew what `benchmarks/results/samples.csv` has. One training takes one to four minutes of a core that is otherwise free.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from benchmarks.sample_folds import (
    CHANGES,
    DAY_TOO,
    EXERCISES,
    FEW,
    HOUR_AND_AGES,
    PEOPLE,
    THIRDS,
    WEATHER,
    answers,
    error,
    known,
    logistic,
    persistence,
    person_fold,
    ridge,
    weather_fold,
)
from benchmarks.shipped_samples import shipped_table
from complex_lstm.config import DerivedFeature, ModelConfig, SplitConfig, TrainingConfig
from complex_lstm.data import Dataset
from complex_lstm.inference import predict, softmax

RUNS = Path(__file__).resolve().parent / "results" / "samples.csv"
COLUMNS = ["data", "variant", "fold", "windows", "score", "simple", "trivial", "other", "seconds"]
QUICK = {WEATHER: ("2+5+8",), EXERCISES: ("2", "5")}  # a month of winter, spring and summer, and the two hardest people


@dataclass(frozen=True)
class Variant:
    """Settings to train with: what `sample_data/make_samples.sh` has, and what is changed."""

    training: TrainingConfig
    derived: tuple[DerivedFeature, ...] = ()
    dropout: float = 0.1
    channels: int = 64
    blocks: int = 4


SHIPPED, FOURTEEN = "as shipped", "14 features, 2 epochs"
OF_WEATHER = TrainingConfig(epochs=5)
OF_EXERCISES = TrainingConfig(epochs=10, batch_size=16, noise=0.1, jitter=0.1, label_smoothing=0.05)
MIRRORED = replace(OF_EXERCISES, learning_rate=0.003, mirror="ax,wy,wz", rotation=15.0, warp=0.2, label_smoothing=0.1)
VARIANTS: dict[str, dict[str, Variant]] = {
    WEATHER: {
        SHIPPED: Variant(OF_WEATHER),
        "hour and ages": Variant(OF_WEATHER, HOUR_AND_AGES),
        "hour, day of year and ages": Variant(OF_WEATHER, DAY_TOO),
        "hour, ages and changes": Variant(OF_WEATHER, HOUR_AND_AGES + CHANGES),
        FOURTEEN: Variant(TrainingConfig(epochs=2), FEW),
    },
    EXERCISES: {
        SHIPPED: Variant(OF_EXERCISES, dropout=0.2),
        "mirror, rotation and warp, a quarter of the size": Variant(MIRRORED, channels=32, blocks=2),
        "rotation": Variant(replace(OF_EXERCISES, rotation=15.0), dropout=0.2),
        "rotation and mean of the last epochs": Variant(replace(OF_EXERCISES, rotation=15.0, averaged_epochs=4), dropout=0.2),
    },
}


def measured(data: str, variant: Variant, fold: str) -> dict[str, Any]:
    """Return a row of the table: the model's score on the fold's test part, and that of the simple way on the same windows.

    Of the weather the mean over the targets of the squared error, in units of their variance over the file; `trivial` is that of
    repeating the last value, and `other` what the error would be with the best scale of the outputs, which nobody knows beforehand.
    Of the exercises the accuracy over windows; `trivial` is the share of the commonest class, `other` the accuracy over whole
    recordings by the mean of their windows' probabilities.
    """
    from complex_lstm.training import fit  # Lightning's import takes seconds, which tables from stored runs need not wait

    dataset = (weather_fold(_numbers(fold), variant.derived) if data == WEATHER else person_fold(fold)).dataset
    roles = dataset.schema.roles
    size = ModelConfig(len(roles.features), variant.channels, variant.blocks, 8, len(dataset.schema.outputs), variant.dropout)
    start = time.process_time()
    model = fit(dataset, size, SplitConfig("time", 0.0, 0.0), variant.training).checkpoint.model
    seconds, test = time.process_time() - start, known(dataset, "test")
    outputs = predict(model, dataset, test).outputs
    found = _of_values(dataset, outputs) if data == WEATHER else _of_classes(dataset, outputs)
    return {"fold": fold, "windows": len(test), "seconds": round(seconds)} | {name: round(value, 5) for name, value in found.items()}


def _of_values(dataset: Dataset, outputs: np.ndarray) -> dict[str, float]:
    test = known(dataset, "test")
    truth = answers(dataset, test)
    best = (outputs * truth).sum(axis=0) / (outputs**2).sum(axis=0)
    errors = {"score": error(dataset, test, outputs), "simple": ridge(dataset)[0], "other": error(dataset, test, best * outputs)}
    return {name: float(value.mean()) for name, value in (errors | {"trivial": persistence(dataset)}).items()}


def _of_classes(dataset: Dataset, outputs: np.ndarray) -> dict[str, float]:
    test = known(dataset, "test")
    labels, classes = dataset.windows.label[test], np.array(dataset.schema.classes, dtype=object)
    recording, chances = dataset.windows.series[test], softmax(outputs)
    votes = [classes[chances[recording == one].mean(axis=0).argmax()] == labels[recording == one][0] for one in np.unique(recording)]
    commonest = max((labels == name).mean() for name in classes)
    score = float((classes[outputs.argmax(axis=1)] == labels).mean())
    return {"score": score, "simple": logistic(dataset), "trivial": float(commonest), "other": float(np.mean(votes))}


def complete_runs(*, quick: bool) -> pd.DataFrame:
    """Return all runs, after adding those that the file lacks, one by one."""
    runs = pd.read_csv(RUNS, dtype={"fold": str}) if RUNS.exists() else pd.DataFrame(columns=COLUMNS)
    done = set(zip(runs["data"], runs["variant"], runs["fold"], strict=True))
    folds = QUICK if quick else {WEATHER: THIRDS, EXERCISES: PEOPLE}
    for data, variants in VARIANTS.items():
        for fold in folds[data]:
            for name, variant in variants.items():
                if (data, name, fold) not in done:
                    row = {"data": data, "variant": name} | measured(data, variant, fold)
                    runs.loc[len(runs)] = [row[column] for column in COLUMNS]
                    runs.to_csv(RUNS, index=False)
                    print(runs.tail(1).to_string(header=False), file=sys.stderr, flush=True)
    return runs


def tables(runs: pd.DataFrame) -> str:
    """Return a table a data set, as Markdown: a row a fold and variant, and one for the mean over a variant's folds."""
    heads = {
        WEATHER: ("months", "error | ridge's | less ridge's | repeating the last value", "with the best scale"),
        EXERCISES: ("person", "accuracy | logistic regression's | less that | commonest class", "by recording"),
    }
    made = []
    for data, (fold, compared, other) in heads.items():
        of_data = runs[runs["data"] == data]
        if of_data.empty:
            continue
        rows = [f"| {data}, {fold} held out | settings | windows | {compared} | {other} |", "|---" * 8 + "|"]
        for variant in [name for name in VARIANTS[data] if (of_data["variant"] == name).any()]:
            of_variant = of_data[of_data["variant"] == variant]
            lines = sorted(of_variant.to_dict("records"), key=lambda line: _numbers(line["fold"]))
            numbers = of_variant[["score", "simple", "trivial", "other"]].mean()
            mean: dict[str, Any] = dict(numbers) | {"fold": f"mean of {len(lines)}", "windows": int(of_variant["windows"].sum())}
            rows += [_row(line, variant, as_share=data == WEATHER) for line in [*lines, mean]]
        made.append("\n".join(rows))
    return "\n\n".join(made)


def _numbers(fold: str) -> tuple[int, ...]:
    """Return the months or the person that a fold holds out, from 2+5+8."""
    return tuple(map(int, fold.split("+")))


def _row(line: dict[str, Any], variant: str, *, as_share: bool) -> str:
    """Return a row of a table; the difference to the simple way is a share of its error, or points of accuracy."""
    score, simple = line["score"], line["simple"]
    less = f"{100 * (score / simple - 1):+.1f}%" if as_share else f"{100 * (score - simple):+.1f}"
    digits = 5 if as_share else 3
    cells = [f"{score:.{digits}f}", f"{simple:.{digits}f}", less, f"{line['trivial']:.{digits}f}", f"{line['other']:.{digits}f}"]
    return f"| {line['fold']} | {variant} | {line['windows']:,} | {' | '.join(cells)} |"


def main(arguments: list[str]) -> None:
    """Print the tables."""
    torch.set_num_threads(1)
    print(shipped_table(), flush=True)
    if "--shipped" in arguments:
        return
    if "--again" in arguments:
        RUNS.unlink(missing_ok=True)
    print()
    print(tables(complete_runs(quick="--quick" in arguments)))


if __name__ == "__main__":
    main(sys.argv[1:])
