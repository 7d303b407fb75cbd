"""What the Train page's suggestions reach on a file of one's own with people in it: `python -m benchmarks.own_file FILE.csv`.

A third of the people is left out, several times another third. Every draw stands in `benchmarks/results/own_file.csv`;
what is missing there is made, and with `--again` all is.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd

from complex_lstm.config import ModelConfig, SplitConfig, TrainingConfig
from complex_lstm.data import Dataset, guess_roles, prepare_training, read_csv, suggest_window
from complex_lstm.inference import predict
from complex_lstm.metrics import ClassScores, score
from complex_lstm.model.device import settle_threads
from complex_lstm.runs.plan import suggest_batch_size, suggest_epochs
from complex_lstm.ui.views.train.settings import SUGGESTED

RUNS = Path(__file__).resolve().parent / "results" / "own_file.csv"
COLUMNS = ["data", "seed", "people", "windows", "accuracy", "commonest", "minutes"]
DRAWS, LEFT_OUT, HIDDEN = 5, 1 / 3, 64


def parted(file: Path, seed: int) -> tuple[Dataset, SplitConfig]:
    """Return the file's windows as the Data page would read them, with a third of the people unseen."""
    table = read_csv(file)
    roles, split = guess_roles(table).roles, SplitConfig("group", validation=0.0, test=LEFT_OUT, seed=seed)
    if not roles.group:
        raise SystemExit(f"{file.name} has no column that looks like people: there is nobody to leave out.")
    return prepare_training(table, roles, suggest_window(table, roles), split), split


def drawn(file: Path, seed: int) -> list[object]:
    """Return a row: how the windows of the unseen people were told, and what that took."""
    from complex_lstm.training import fit  # Lightning's import takes seconds, which a table from stored draws need not wait

    dataset, split = parted(file, seed)
    windows, unseen = len(dataset.windows.of_part("training")), dataset.windows.of_part("test")
    size = ModelConfig(len(dataset.schema.roles.features), HIDDEN, output_dim=len(dataset.schema.outputs))
    batch, epochs = suggest_batch_size(windows), suggest_epochs(windows)
    config = replace(TrainingConfig(epochs=epochs, batch_size=batch), **SUGGESTED["classes"])  # type: ignore[arg-type]  # its own fields
    start = time.perf_counter()
    model = fit(dataset, size, split, config).checkpoint.model
    minutes = (time.perf_counter() - start) / 60
    found = score(dataset, unseen, predict(model, dataset, unseen).predicted)
    assert isinstance(found, ClassScores)  # all of its windows have an answer
    return [file.name, seed, _people(dataset), len(unseen), round(found.accuracy, 4), round(found.largest, 4), round(minutes, 1)]


def _people(dataset: Dataset) -> str:
    """Return who was left out."""
    group, windows = dataset.schema.roles.group, dataset.windows
    unseen = sorted({int(windows.series[window]) for window in windows.of_part("test")})
    return " ".join(sorted({str(dataset.series[series].group) for series in unseen})) if group else ""


def main(arguments: list[str]) -> None:
    """Print each draw and their mean."""
    files = [Path(argument) for argument in arguments if argument != "--again"]
    if len(files) != 1:
        raise SystemExit(__doc__)
    if "--again" in arguments:
        RUNS.unlink(missing_ok=True)
    settle_threads(HIDDEN)
    runs = pd.read_csv(RUNS, dtype={"people": str}) if RUNS.exists() else pd.DataFrame(columns=COLUMNS)
    done = set(zip(runs["data"], runs["seed"], strict=True))
    for seed in range(DRAWS):
        if (files[0].name, seed) not in done:
            runs.loc[len(runs)] = drawn(files[0], seed)
            runs.to_csv(RUNS, index=False)
    ours = runs[runs["data"] == files[0].name]
    print(ours.to_string(index=False))
    print(f"mean accuracy {ours['accuracy'].mean():.3f}, lowest {ours['accuracy'].min():.3f}, at most {ours['minutes'].max():.1f} minutes")


if __name__ == "__main__":
    main(sys.argv[1:])
