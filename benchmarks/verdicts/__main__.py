"""What a verdict is worth: `python -m benchmarks.verdicts FOLDER [--windows 12] [--tasks order height ...]`.

Trains what FOLDER does not hold yet, keeps the rows of each task there, and prints the tables over all of them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from jaxtyping import Bool, Float32, Int
from sklearn.metrics import average_precision_score

from benchmarks.verdicts.maps import Map, method_maps, request, wrong_maps
from benchmarks.verdicts.models import STAGES, Trained, load, train
from benchmarks.verdicts.tables import tables
from benchmarks.verdicts.tasks import TASKS, Drawn
from complex_lstm.interpretation import METHODS, Attribution, ExplanationRequest, ForwardFunction, UnsignedAttribution
from complex_lstm.interpretation.evidence import map_evidence, window_evidence
from complex_lstm.interpretation.verdict import standing_of
from complex_lstm.model.device import settle_threads

SEED = 666  # of windows that nothing was trained on or set with
CLOSE = 0.25  # of the answers' deviation: a value that near is answered right
TRUE = "the truth"


def rows(name: str, stage: str, folder: Path, windows: int) -> pd.DataFrame:
    """Return one row a map: its AUPRC, the verdict and the numbers behind it, on windows that the model answers right.

    Of a model that is untrained every window is taken: nothing that is said of it can be right.
    """
    trained, task, count = load(name, stage, folder), TASKS[name], windows if stage == "trained" else max(2, windows // 3)
    drawn = task.draw(10 * count, SEED)
    x = trained.scaled(drawn)
    chosen = (np.arange(count) if stage == "untrained" else _answered_right(trained, drawn, x, task.classes))[:count].tolist()
    asked = {window: request(name, trained, x[window]) for window in chosen}
    maps = {window: method_maps(trained, asked[window]) for window in chosen}
    found, generator = [], np.random.default_rng(SEED)
    for window, following in zip(chosen, [*chosen[1:], *chosen[:1]], strict=True):
        truth = drawn.cause[window]
        known = {TRUE: truth.astype(float)} | wrong_maps(x[window], truth, maps[following]["consensus"], generator)
        found += [{"window": window} | row for row in _judged(trained, asked[window], truth, maps[window] | known)]
    return pd.DataFrame(found).assign(task=name, stage=stage, score=trained.score)


def _answered_right(
    trained: Trained, drawn: Drawn, x: Float32[np.ndarray, "window time feature"], classes: int
) -> Int[np.ndarray, " window"]:
    with torch.no_grad():
        outputs = trained.model(torch.from_numpy(x)).numpy()
    right = outputs.argmax(axis=1) == drawn.answer if classes else np.abs(outputs[:, 0] - drawn.answer) <= CLOSE * drawn.answer.std()
    return np.flatnonzero(right)


def _judged(
    trained: Trained, asked: ExplanationRequest, truth: Bool[np.ndarray, "time feature"], maps: dict[str, Map]
) -> Iterator[dict[str, object]]:
    forward_func = ForwardFunction(trained.model, asked, torch.device("cpu"))
    window = window_evidence(forward_func)
    for name, cells in maps.items():
        kind = Attribution if name in METHODS and METHODS[name].signed else UnsignedAttribution
        found = map_evidence(forward_func, window, kind(cells, cells.sum(axis=0), ""))
        yield {
            "map": name,
            "auprc": average_precision_score(truth.ravel(), np.abs(cells).ravel()),
            "standing": standing_of(found, window),
            "step": window.step,
            "fewest": window.needed,
            "needed": found.needed,
            "idle": found.idle,
        }


def kept_rows(name: str, folder: Path, windows: int) -> pd.DataFrame:
    """Return the rows of a task, from the folder where it holds them."""
    file = folder / f"rows_{name}_{windows}.csv"
    if not file.exists():
        if not (folder / f"{name}_trained.pt").exists():
            train(name, folder)
        stages = [stage for stage in STAGES if (folder / f"{name}_{stage}.pt").exists()]
        pd.concat([rows(name, stage, folder, windows) for stage in stages]).to_csv(file, index=False)
    return pd.read_csv(file)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--windows", type=int, default=12)
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    given = parser.parse_args()
    settle_threads()
    given.folder.mkdir(parents=True, exist_ok=True)
    print(tables(pd.concat([kept_rows(name, given.folder, given.windows) for name in given.tasks])))
