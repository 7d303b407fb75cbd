"""Ridge regression on the flattened window: the linear model that a network has to beat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from complex_lstm.data import Dataset, unscale_targets
from complex_lstm.errors import Stopped
from complex_lstm.evaluation.fitted import NotFitted, SimpleModel, TrainingWindows, batches

NAME = "ridge"
ALPHAS = tuple(10.0**power for power in range(-2, 9))  # of the sum of squares, as scikit-learn counts it
MOST_COLUMNS, MOST_WINDOWS = 2000, 50_000  # 32 MB for the products of the columns
MOST_PRODUCTS = 5 * 10**10  # of two columns over all windows: about ten seconds on one core
HELD_OUT = 5  # one part in so many of the training part chooses alpha
FEWEST = 20  # windows on either side of the cut, to choose alpha by it
WITHOUT_CHOICE = 1.0


@dataclass(frozen=True)
class FlatWindow:
    """Which numbers of a window are columns: the last steps as they are, and of those before, where they are left out, the means."""

    steps: int
    kept: int
    features: int

    @property
    def count(self) -> int:
        return (self.kept + (self.kept < self.steps)) * self.features

    @property
    def words(self) -> str:
        if self.kept == self.steps:
            return f"all {self.count:,} numbers of the window"
        last = f"the last {self.kept} of {self.steps} steps and " if self.kept else ""
        return f"{last}the mean of the {'steps before' if self.kept else f'{self.steps} steps'}, {self.count:,} columns"

    def of(self, dataset: Dataset, windows: Int[np.ndarray, " window"]) -> Float[np.ndarray, "window column"]:
        """Return the columns of windows, as the model reads them: filled, and in training standard deviations."""
        x = dataset.windows.inputs(windows).astype(float)
        last = x[:, self.steps - self.kept :].reshape(len(x), -1)
        return last if self.kept == self.steps else np.concatenate([last, x[:, : self.steps - self.kept].mean(axis=1)], axis=1)


def flat_window(steps: int, features: int) -> FlatWindow | None:
    """Return the columns of a window, at most 2,000, or None where a single step has more."""
    if steps * features <= MOST_COLUMNS:
        return FlatWindow(steps, steps, features)
    return FlatWindow(steps, MOST_COLUMNS // features - 1, features) if features <= MOST_COLUMNS else None


@dataclass(frozen=True)
class Moments:
    """Sums over windows of the products of [1, columns, what is learned]: all that ridge regression needs of them."""

    sums: Float[np.ndarray, "one_column_or_target one_column_or_target"]
    columns: int

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.sums + other.sums, self.columns)

    @property
    def count(self) -> int:
        return int(self.sums[0, 0])

    def solve(self, alphas: tuple[float, ...]) -> Iterator[Float[np.ndarray, "one_or_column target"]]:
        """Yield the weights for each alpha, the intercept first, which is not shrunk."""
        n, p = self.sums[0, 0], self.columns
        mean = self.sums[0, 1:] / n
        centred = self.sums[1:, 1:] - n * np.outer(mean, mean)
        sizes, axes = np.linalg.eigh(centred[:p, :p])
        turned = axes.T @ centred[:p, p:]
        for alpha in alphas:
            weights = axes @ (turned / (np.maximum(sizes, 0) + alpha)[:, None])
            yield np.vstack([mean[p:] - mean[:p] @ weights, weights])

    def squared_error(self, weights: Float[np.ndarray, "one_or_column target"]) -> float:
        """Return the sum of the squared errors that weights have on these windows."""
        stacked = np.vstack([weights, -np.eye(weights.shape[1])])
        return float(np.trace(stacked.T @ self.sums @ stacked))


def fit_ridge(training: TrainingWindows, dataset: Dataset) -> SimpleModel | NotFitted:
    """Return ridge regression of what the model learns on the flattened window, to predict windows of `dataset`.

    Alpha has the smallest squared error on a fifth of the training part that is held out as a block: the last of each series where
    the parts are cut by time, else whole groups or series. The weights are then of the whole training part.
    """
    flat = flat_window(training.dataset.window.length, len(dataset.schema.roles.features))
    if flat is None:
        return NotFitted(NAME, f"one step alone has {len(dataset.schema.roles.features):,} features, more columns than are solved for here")
    training = training.thinned(min(MOST_WINDOWS, MOST_PRODUCTS // flat.count**2))
    fitted, held_out = blocked_cut(training)
    between = _moments(training, flat, ~fitted & ~held_out)
    first, second = _moments(training, flat, fitted), _moments(training, flat, held_out)
    total = first + second + between
    if not np.isfinite(total.sums).all():
        return NotFitted(NAME, "the products of its columns are too large to be computed")
    alpha, chosen = WITHOUT_CHOICE, "not chosen, for want of windows"
    if min(first.count, second.count) >= FEWEST:
        errors = [second.squared_error(weights) for weights in first.solve(ALPHAS)]
        alpha, chosen = ALPHAS[int(np.argmin(errors))], f"chosen on {second.count:,} of them held out as a block"
    (weights,) = total.solve((alpha,))

    def predict(windows: Int[np.ndarray, " window"]) -> Float[np.ndarray, "window target"]:
        outputs = np.empty((len(windows), weights.shape[1]))
        done = 0
        for batch in batches(dataset, windows):
            outputs[done : done + len(batch)] = weights[0] + flat.of(dataset, batch) @ weights[1:]
            done += len(batch)
        return unscale_targets(outputs, dataset.windows.last[windows], dataset.scaling, dataset.window)

    how = f"ridge regression on {flat.words}, fitted on {training.words}; alpha {alpha:g}, {chosen}"
    return SimpleModel(NAME, how, predict)


def blocked_cut(training: TrainingWindows) -> tuple[Bool[np.ndarray, " window"], Bool[np.ndarray, " window"]]:
    """Return which training windows are fitted on and which are held out; those that overlap both sides are neither.

    Where a series has several parts, the last fifth of the steps of each series' training part is held out; else every fifth group
    or series, or of a single one its last fifth.
    """
    windows, chosen = training.dataset.windows, training.windows
    series = windows.series[chosen]
    units = np.array([one.group or str(number) for number, one in enumerate(training.dataset.series)], dtype=object)[series]
    names, of_unit = np.unique(units.astype(str), return_inverse=True)
    of_span = [span.series for span in training.dataset.spans]
    if len(set(of_span)) == len(of_span) and len(names) > 1:
        held_out = of_unit % min(HELD_OUT, len(names)) == min(HELD_OUT, len(names)) - 1
        return ~held_out, held_out
    fitted, held_out = np.zeros(len(chosen), dtype=bool), np.zeros(len(chosen), dtype=bool)
    first, last = windows.start[chosen], windows.last_step(chosen) + training.dataset.window.horizon
    for number in np.unique(series).tolist():
        own = series == number
        begin, end = int(first[own].min()), int(last[own].max())
        cut = end - (end - begin) // HELD_OUT
        fitted |= own & (last < cut)
        held_out |= own & (first >= cut)
    return fitted, held_out


def _moments(training: TrainingWindows, flat: FlatWindow, chosen: Bool[np.ndarray, " window"]) -> Moments:
    windows, truth = training.windows[chosen], training.truth[chosen]
    width = 1 + flat.count + truth.shape[1]
    sums, done = np.zeros((width, width)), 0
    with np.errstate(over="ignore", invalid="ignore"):
        for batch in batches(training.dataset, windows, training.stop):
            rows = np.concatenate([np.ones((len(batch), 1)), flat.of(training.dataset, batch), truth[done : done + len(batch)]], axis=1)
            sums += rows.T @ rows
            done += len(batch)
    if training.stop():
        raise Stopped
    return Moments(sums, flat.count)
