"""Statistics of windows, as simple models take them in place of the series."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from complex_lstm.data import Dataset
from complex_lstm.errors import never_stop
from complex_lstm.evaluation.fitted import Stop, batches

OF_CLASSES = ("mean", "deviation", "minimum", "maximum")
OF_FORECASTS = (*OF_CLASSES, "last value", "slope")


def window_statistics(
    dataset: Dataset, windows: Int[np.ndarray, " window"], names: tuple[str, ...], stop: Stop = never_stop
) -> Float[np.ndarray, "window statistic_of_feature"]:
    """Return statistics of each feature over a window's own steps, in training standard deviations, statistic after statistic.

    What lies after the end of a shorter series counts nowhere. The slope is that of the straight line of least squares, a step.
    """
    features = len(dataset.schema.roles.features)
    made = np.empty((len(windows), len(names) * features))
    done = 0
    for batch in batches(dataset, windows, stop):
        made[done : done + len(batch)] = _statistics(dataset.windows.inputs(batch).astype(float), dataset.windows.length[batch], names)
        done += len(batch)
    return made


def _statistics(
    x: Float[np.ndarray, "window time feature"], length: Int[np.ndarray, " window"], names: tuple[str, ...]
) -> Float[np.ndarray, "window statistic_of_feature"]:
    steps = np.arange(x.shape[1])
    within = (steps < length[:, None])[..., None]
    count = length[:, None].astype(float)
    mean = x.sum(axis=1) / count  # the inputs are zero after the end
    centred = np.where(within, x - mean[:, None], 0)
    made = {"mean": mean, "deviation": np.sqrt((centred**2).sum(axis=1) / count)}
    if "minimum" in names:
        made["minimum"] = np.where(within, x, np.inf).min(axis=1)
        made["maximum"] = np.where(within, x, -np.inf).max(axis=1)
    if "last value" in names:
        made["last value"] = x[np.arange(len(x)), length - 1]
    if "slope" in names:
        at = np.where(within, steps[:, None] - (count[:, None] - 1) / 2, 0)
        spread = (at**2).sum(axis=1)
        made["slope"] = (at * centred).sum(axis=1) / np.where(spread > 0, spread, 1)
    return np.concatenate([made[name] for name in names], axis=1)


def strongest(scores: Float[np.ndarray, " column"], most: int) -> Int[np.ndarray, " kept"]:
    """Return the columns with the largest scores, at most so many, in their order; a score that is no number counts as the lowest."""
    ranked = np.argsort(-np.where(np.isfinite(scores), scores, -np.inf), kind="stable")
    return np.sort(ranked[:most])
