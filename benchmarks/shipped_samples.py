"""The shipped checkpoints beside simple models, on the windows of their own files that they were neither trained nor chosen on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from complex_lstm.data import Dataset, prepare_for, read_csv
from complex_lstm.data.planted import make_planted, planted_frame
from complex_lstm.data.reading import Table
from complex_lstm.data.units import digits
from complex_lstm.errors import CheckpointError
from complex_lstm.evaluation.answered import answered_windows
from complex_lstm.evaluation.simple_models import each_simple_model
from complex_lstm.evaluation.simple_scores import SimpleComparison, compare_simple
from complex_lstm.evaluation.simple_words import percent, points
from complex_lstm.inference import predict
from complex_lstm.model import Checkpoint, load_checkpoint
from complex_lstm.samples import SAMPLES

COLUMNS = ["sample", "part", "windows", "simple model", "its score", "the model's", "the model against it"]
TRAINED_ELSEWHERE: dict[str, Callable[[], pd.DataFrame]] = {
    "planted_shape": lambda: planted_frame(make_planted("shape", 12_000, seed=1)),  # as sample_data/make_samples.sh has it
}


def open_sample(name: str) -> tuple[Checkpoint, Dataset, str]:
    """Return a shipped checkpoint, its data set, and the part that is new to it: all of a file that it was not trained on.

    Raises:
        CheckpointError: the checkpoint does not say what it was trained on.
    """
    sample = SAMPLES[name]
    loaded = load_checkpoint(sample.checkpoint)
    if not isinstance(loaded, Checkpoint):
        raise CheckpointError(f"{sample.checkpoint.name} holds weights alone. Make it with sample_data/make_samples.sh.")
    dataset = _prepared(loaded, read_csv(sample.csv, sample.csv.name))
    return loaded, dataset, "test" if dataset.table.fingerprint == loaded.fingerprint else "new"


def _prepared(loaded: Checkpoint, table: Table) -> Dataset:
    split = loaded.split if table.fingerprint == loaded.fingerprint else None
    return prepare_for(table, loaded.schema, loaded.window, loaded.scaling, split)


def compare_sample(name: str) -> tuple[SimpleComparison, Dataset, str]:
    """Return a shipped checkpoint beside simple models on its unseen windows, the data set, and which part that is."""
    loaded, dataset, part = open_sample(name)
    made = TRAINED_ELSEWHERE.get(name)
    trained_on = _prepared(loaded, read_csv(made().to_csv(index=False).encode(), f"{name}_training.csv")) if made else None
    answered = answered_windows(dataset, predict(loaded.model, dataset, dataset.windows.of_part(part)))
    return compare_simple(answered, each_simple_model(dataset, trained_on)), dataset, part


def rows_of(name: str) -> list[dict[str, str]]:
    """Return a row for each simple model of a sample: accuracies, or the mean absolute error of each target."""
    compared, dataset, part = compare_sample(name)

    def written(score: np.ndarray) -> str:
        if compared.is_classes:
            return f"{score[0]:.3f}"
        units = (f"{digits(value)} {dataset.schema.unit(target)}" for target, value in zip(compared.names, score, strict=True))
        return ", ".join(map(str.rstrip, units))

    write = points if compared.is_classes else percent
    rows = []
    for one in compared.scores:
        found = one.difference
        between = f" ({write(found.low)} to {write(found.high)})" if np.isfinite(found.low) else ""
        cells = (name, part, f"{one.windows:,}", one.name, written(one.score), written(compared.score), f"{write(found.value)}{between}")
        rows.append(dict(zip(COLUMNS, cells, strict=True)))
    return rows


def shipped_table(names: tuple[str, ...] = tuple(SAMPLES)) -> str:
    """Return the samples beside simple models as a table in Markdown."""
    lines = [f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
    lines += [f"| {' | '.join(row.values())} |" for name in names for row in rows_of(name)]
    return "\n".join(lines)
