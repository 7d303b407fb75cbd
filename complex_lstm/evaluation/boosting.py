"""Gradient boosting on window statistics: what a window's level, spread and trend say, in any shape."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from threadpoolctl import threadpool_limits

from complex_lstm.data import Dataset, unscale_targets
from complex_lstm.errors import Stopped
from complex_lstm.evaluation.fitted import NotFitted, SimpleModel, TrainingWindows
from complex_lstm.evaluation.window_statistics import OF_FORECASTS, strongest, window_statistics

NAME = "gradient boosting"
MOST_COLUMNS, MOST_WINDOWS = 300, 20_000
MOST_WORK = 10**7  # windows times columns times targets: about ten seconds on one core
MOST_TARGETS = 12  # each has trees of its own: some seconds
FEWEST = 40  # windows; scikit-learn's leaves hold 20 or more


def fit_boosting(training: TrainingWindows, dataset: Dataset) -> SimpleModel | NotFitted:
    """Return gradient-boosted trees of what the model learns, on mean, deviation, minimum, maximum, last value and slope of each feature.

    scikit-learn's HistGradientBoostingRegressor with its defaults, 100 trees for each target, without early stopping, whose random cut
    would put neighbouring windows on both sides.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor

    targets = len(dataset.schema.outputs)
    if targets > MOST_TARGETS:
        return NotFitted(NAME, f"it would need trees for each of the {targets:,} targets: too long for more than {MOST_TARGETS}")
    used = min(len(OF_FORECASTS) * len(dataset.schema.roles.features), MOST_COLUMNS)
    training = training.thinned(min(MOST_WINDOWS, MOST_WORK // (used * targets)))
    if len(training) < FEWEST:
        return NotFitted(NAME, f"{len(training)} training window{'s are' if len(training) != 1 else ' is'} too few for trees")
    columns = window_statistics(training.dataset, training.windows, OF_FORECASTS, training.stop)
    kept = _columns_to_keep(columns, training.truth)
    trees = []
    for target in range(targets):
        if training.stop():
            raise Stopped
        made = HistGradientBoostingRegressor(early_stopping=False, random_state=0)
        trees.append(made.fit(columns[:, kept], training.truth[:, target]))

    of = f"the {len(kept):,} statistics that go most with what is learned, of {columns.shape[1]:,}:" if len(kept) < columns.shape[1] else ""
    how = f"100 boosted trees a target on {of or 'the'} {', '.join(OF_FORECASTS)} of each feature, fitted on {training.words}"
    return SimpleModel(NAME, how, partial(_predict, trees, kept, dataset))


def _predict(
    trees: list[Any], kept: Int[np.ndarray, " kept"], dataset: Dataset, windows: Int[np.ndarray, " window"]
) -> Float[np.ndarray, "window target"]:
    if not len(windows):
        return np.empty((0, len(trees)))
    columns = window_statistics(dataset, windows, OF_FORECASTS)[:, kept]
    with threadpool_limits(1, user_api="openmp"):  # as where it is fitted
        outputs = np.stack([one.predict(columns) for one in trees], axis=1)
    return unscale_targets(outputs, dataset.windows.last[windows], dataset.scaling, dataset.window)


def _columns_to_keep(columns: Float[np.ndarray, "window column"], truth: Float[np.ndarray, "window target"]) -> Int[np.ndarray, " kept"]:
    """Return which columns are used: all, or of many those with the largest correlation with one of the targets."""
    if columns.shape[1] <= MOST_COLUMNS:
        return np.arange(columns.shape[1])
    spread = np.outer(columns.std(axis=0), truth.std(axis=0))
    together = (columns - columns.mean(axis=0)).T @ (truth - truth.mean(axis=0)) / len(truth)
    with np.errstate(invalid="ignore", divide="ignore"):
        return strongest(np.nan_to_num(np.abs(together / spread)).max(axis=1), MOST_COLUMNS)
