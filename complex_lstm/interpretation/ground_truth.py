"""How well an explanation finds the cells that are known to determine the answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int
from sklearn.metrics import average_precision_score, roc_auc_score

from complex_lstm.data import Dataset
from complex_lstm.errors import ExplanationError

COLUMNS = ("series_id", "step", "feature")


@dataclass(frozen=True)
class Detection:
    """How well cells ranked by size find the true ones: 1 is right for both.

    auroc  the odds that a true cell is ranked above another one; 0.5 is chance
    auprc  average precision: precision summed over the steps of recall, since interpolation between two points of
           the curve is too optimistic (Davis and Goadrich 2006); chance is the share of true cells, which `chance` gives
    """

    auroc: float
    auprc: float
    chance: float


def detect(cells: Float[np.ndarray, "time feature"], truth: Bool[np.ndarray, "time feature"]) -> Detection:
    """Return how well the cells' sizes find the true ones.

    Raises:
        ExplanationError: there is no true cell in the window, or no other.
    """
    if truth.all() or not truth.any():
        raise ExplanationError("Of the window's cells all or none are listed as deciding. A ranking needs some of each.")
    sizes, true = np.abs(cells).ravel(), truth.ravel()
    return Detection(float(roc_auc_score(true, sizes)), float(average_precision_score(true, sizes)), float(true.mean()))


def true_cells(known: pd.DataFrame, dataset: Dataset, window: int) -> Bool[np.ndarray, "time feature"]:
    """Return which cells of a window are listed in a table of series_id, step (from 0, within the series) and feature.

    Raises:
        ExplanationError: the table lacks a column, names a feature that the model does not have, or a step that is not a whole number.
    """
    lacking = [name for name in COLUMNS if name not in known]
    if lacking:
        raise ExplanationError(f"The table of known cells has no column {lacking[0]}. It needs {', '.join(COLUMNS)}, one row a cell.")
    windows, features = dataset.windows, dataset.schema.roles.features
    strange = sorted(set(known["feature"].astype(str)) - set(features))
    if strange:
        raise ExplanationError(f"The table of known cells names the feature {strange[0]}; the model has {', '.join(features)}.")
    name, length = dataset.series[int(windows.series[window])].name, int(windows.length[window])
    steps = _steps(known) - int(windows.start[window])
    here = (known["series_id"].astype(str) == name).to_numpy() & (steps >= 0) & (steps < length)
    truth = np.zeros((length, len(features)), dtype=bool)
    truth[steps[here], [features.index(str(one)) for one in known["feature"][here]]] = True
    return truth


def _steps(known: pd.DataFrame) -> Int[np.ndarray, " row"]:
    steps = pd.to_numeric(known["step"], errors="coerce").to_numpy(dtype=float)
    wrong = steps % 1 != 0
    if wrong.any():
        value = str(known["step"].iloc[int(np.argmax(wrong))])[:40]
        raise ExplanationError(f"The table of known cells names the step {value!r}, expected a whole number that counts the series from 0.")
    return steps.astype(int)
