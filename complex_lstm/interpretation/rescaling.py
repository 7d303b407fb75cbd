"""Temporal saliency rescaling: first which steps matter, then which features at those steps."""

from __future__ import annotations

import numpy as np
import torch

from complex_lstm.interpretation.asking import Asked, one_cell_each
from complex_lstm.interpretation.explanation import UnsignedAttribution
from complex_lstm.interpretation.gradients import gradient_sizes

QUIET = 0.55  # share of the steps, the least relevant, whose features are not looked into


def temporal_saliency_rescaling(asked: Asked) -> UnsignedAttribution:
    """Return the relevance of each step times the relevance of each feature at it, both by how the gradient map changes.

    Ismail et al. 2020, algorithm 1, on the gradient's size: a step's (a cell's) relevance is the summed change of the
    map when it is removed. The 55% least relevant steps get zero. It has no sign and no unit of the output; maps of
    different windows cannot be compared in size. Several baselines are averaged into one.

        r(t, i) = d(step t) * d(cell t, i),    d(S) = sum over all cells of |G(x) - G(x with the cells S from b)|

    where G is the map of the gradient's sizes. It assumes that a step or cell which matters changes the gradients elsewhere.
    """
    time, features = asked.question.x.shape
    intact = gradient_sizes(asked, asked.x)[0]
    steps = torch.eye(time, dtype=torch.bool)[:, :, None].expand(-1, -1, features)
    of_step = _changes(asked, intact, steps)
    looked_into = np.flatnonzero(of_step >= np.quantile(of_step, QUIET))
    at_them = (looked_into[:, None] * features + np.arange(features)).ravel()
    of_cell = np.concatenate([_changes(asked, intact, removed) for removed in one_cell_each(at_them, time, features)]).reshape(-1, features)
    cells = np.zeros((time, features))
    cells[looked_into] = of_step[looked_into, None] * of_cell
    return UnsignedAttribution(cells, cells.sum(axis=0), f"{time} steps, then the features of {len(looked_into)}")


def _changes(asked: Asked, intact: np.ndarray, removed: torch.Tensor) -> np.ndarray:
    found = []
    for part in removed.split(asked.batch):
        maps = gradient_sizes(asked, asked.filled(part.to(asked.device)).mean(0))
        found.append(np.abs(maps - intact).sum(axis=(1, 2)))
    return np.concatenate(found).astype(np.float64)
