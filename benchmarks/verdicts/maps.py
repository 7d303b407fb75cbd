"""The maps that are judged: every method's, the true one, and maps that are known to be wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32

from benchmarks.verdicts.models import Trained
from benchmarks.verdicts.tasks import TASKS
from complex_lstm.interpretation import METHODS, ExplanationRequest, ForwardFunction, explain
from complex_lstm.interpretation.consensus import MEMBERS
from complex_lstm.interpretation.methods import explain_consensus

DRAWS, DRAW_SEED = 32, 77
WRONG = (
    "size of the input",
    "truth shifted in time",
    "truth in another feature",
    "half of the truth",
    "twice the truth",
    "random, concentrated",
    "another window's",
)

Map = Float[np.ndarray, "time feature"]


def request(name: str, trained: Trained, x: Float32[np.ndarray, "time feature"]) -> ExplanationRequest:
    """Return the request to explain the class that the model predicts (or the value) against the training mean."""
    task = TASKS[name]
    drawn = task.draw(DRAWS, DRAW_SEED)
    draws, spread = trained.scaled(drawn), 0.0 if task.classes else float(drawn.answer.std())
    with torch.no_grad():
        output = int(trained.model(torch.from_numpy(x)[None])[0].argmax())
    return ExplanationRequest(x, np.zeros((1, *x.shape), dtype=np.float32), draws, output, logits=bool(task.classes), target_std=spread)


def method_maps(trained: Trained, asked: ExplanationRequest, methods: Sequence[str] = tuple(METHODS)) -> dict[str, Map]:
    """Return the cells of each method. The consensus takes up what its members have found."""
    found = {name: explain(trained.model, asked, name) for name in methods if name != "consensus"}
    forward_func = ForwardFunction(trained.model, asked, torch.device("cpu"))
    members = {name: found[name] for name in MEMBERS}
    consensus = explain_consensus(forward_func, members)
    return {name: one.cells for name, one in found.items()} | {"consensus": consensus.cells}


def wrong_maps(
    x: Float32[np.ndarray, "time feature"], truth: Bool[np.ndarray, "time feature"], other: Map, generator: np.random.Generator
) -> dict[str, Map]:
    """Return maps that are wrong in a known way, by their names in `WRONG`. `other` is another window's map.

    half       the first half of each feature's true cells, or every second feature where there are several
    twice      as many cells again, beside the true ones in time, or in another feature
    """
    steps, features = truth.shape
    shift = int(generator.integers(steps // 4, 3 * steps // 4))
    columns = np.flatnonzero(truth.any(axis=0))
    moved = generator.permutation([one for one in range(features) if one not in columns])
    elsewhere = np.zeros_like(truth)
    for column, to in zip(columns, moved, strict=False):
        elsewhere[:, to] = truth[:, column]
    half = truth.copy()
    if len(columns) > 1:
        half[:, columns[len(columns) // 2 :]] = False
    else:
        rows = np.flatnonzero(truth[:, columns[0]])
        half[rows[len(rows) // 2 :], columns[0]] = False
    made = {
        "size of the input": np.abs(x),
        "truth shifted in time": np.roll(truth, shift, axis=0),
        "truth in another feature": elsewhere,
        "half of the truth": half,
        "twice the truth": truth | _beside(truth, elsewhere, generator),
        "random, concentrated": _concentrated(truth, generator),
        "another window's": other,
    }
    return {name: one.astype(float) for name, one in made.items()}


def _beside(truth: np.ndarray, elsewhere: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return as many cells as the true ones: those before and after them where there is room, else the same in other features."""
    if generator.integers(2) or truth.sum(axis=0).max() > len(truth) // 3:
        return elsewhere
    length = int(truth.sum(axis=0).max())
    found = truth.copy()
    for away in range(1, length):
        for one in (np.roll(truth, away, axis=0), np.roll(truth, -away, axis=0)):
            if found.sum() < 2 * truth.sum():
                found |= one
    return found


def _concentrated(truth: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return stretches of random features, as many cells as the true ones."""
    steps, features = truth.shape
    found = np.zeros_like(truth)
    length = min(steps // 2, max(1, int(np.ceil(truth.sum() / max(1, truth.any(axis=0).sum())))))
    while found.sum() < truth.sum():
        start = int(generator.integers(steps - length + 1))
        found[start : start + length, generator.integers(features)] = True
    return found
