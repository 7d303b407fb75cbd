"""Edits of a window: each a frozen value of a segment and of the change there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Bool, Float

from complex_lstm.data import Dataset, unscale
from complex_lstm.errors import InterventionError
from complex_lstm.interpretation.forward import linearly_interpolated

Filling = Literal["training_mean", "window_mean", "zero", "interpolated"]

FILLINGS: dict[Filling, str] = {
    "training_mean": "the training mean",
    "window_mean": "the feature's mean over this window",
    "zero": "0 in the file's units",
    "interpolated": "a straight line across the segment",
}


def label_filling(filling: Filling, whose: str) -> str:
    """Return the name of a filling. `whose` says whose the scaling's mean is: see `Dataset.whose`."""
    return f"{whose} mean" if filling == "training_mean" else FILLINGS[filling]


@dataclass(frozen=True)
class Segment:
    """The steps first..last, both included, of some features. All count from 0."""

    first: int
    last: int
    features: tuple[int, ...]

    def cells(self, time: int, features: int) -> Bool[np.ndarray, "time feature"]:
        """Return which cells of a window lie in the segment.

        Raises:
            InterventionError: the segment has no feature, or does not lie in the window.
        """
        if not 0 <= self.first <= self.last < time:
            raise InterventionError(f"The segment {self.first} to {self.last} does not lie in the window, which has steps 0 to {time - 1}.")
        if not self.features:
            raise InterventionError("The segment has no feature. Choose one or more.")
        if not all(0 <= feature < features for feature in self.features):
            raise InterventionError(f"The segment names feature {max(self.features)}; the window has features 0 to {features - 1}.")
        found = np.zeros((time, features), dtype=bool)
        found[self.first : self.last + 1, list(self.features)] = True
        return found


@dataclass(frozen=True)
class Edit(ABC):
    """A change of a segment. Values are in the file's units, with empty cells filled as the model sees them."""

    segment: Segment

    @abstractmethod
    def rewrite(self, values: Float[np.ndarray, "time feature"], dataset: Dataset) -> Float[np.ndarray, "time feature"]:
        """Return the window with the edit applied everywhere. Only the segment is taken from it."""


@dataclass(frozen=True)
class Scale(Edit):
    """Each feature's distance from its mean over the segment, times a factor: 0 is flat, -1 upside down."""

    factor: float

    def rewrite(self, values: Float[np.ndarray, "time feature"], dataset: Dataset) -> Float[np.ndarray, "time feature"]:
        mean = values[self.segment.first : self.segment.last + 1].mean(axis=0)
        return mean + _finite(self.factor, "factor") * (values - mean)


@dataclass(frozen=True)
class Shift(Edit):
    """Every cell plus an amount, in each feature's own unit."""

    amount: float

    def rewrite(self, values: Float[np.ndarray, "time feature"], dataset: Dataset) -> Float[np.ndarray, "time feature"]:
        return values + _finite(self.amount, "amount")


@dataclass(frozen=True)
class Smooth(Edit):
    """Each cell the mean over the `width` steps around it, those outside the segment too; at the window's ends over fewer."""

    width: int

    def rewrite(self, values: Float[np.ndarray, "time feature"], dataset: Dataset) -> Float[np.ndarray, "time feature"]:
        if self.width < 1 or self.width % 2 == 0:
            raise InterventionError(f"The moving average has a width of {self.width}, expected an odd number: as many steps on each side.")
        steps = np.arange(len(values))
        begin, end = np.maximum(steps - self.width // 2, 0), np.minimum(steps + self.width // 2 + 1, len(values))
        sums = np.concatenate([np.zeros((1, values.shape[1])), values.cumsum(axis=0)])
        return (sums[end] - sums[begin]) / (end - begin)[:, None]


@dataclass(frozen=True)
class Mask(Edit):
    """The segment removed: a baseline in its place. A line across a whole column runs from its first to its last cell."""

    filling: Filling

    def rewrite(self, values: Float[np.ndarray, "time feature"], dataset: Dataset) -> Float[np.ndarray, "time feature"]:
        if self.filling == "interpolated":
            removed = torch.from_numpy(self.segment.cells(*values.shape))[None]
            return linearly_interpolated(torch.from_numpy(values.astype(np.float32))[None], removed)[0].double().numpy()
        flat = {
            "training_mean": np.array(dataset.scaling.feature_mean),
            "window_mean": values.mean(axis=0),
            "zero": np.zeros(values.shape[1]),
        }
        return np.broadcast_to(flat[self.filling], values.shape)


@dataclass(frozen=True)
class Point:
    """One point of a path, in the file's units."""

    step: int
    value: float


@dataclass(frozen=True)
class Draw(Edit):
    """A drawn path, straight between its points and level beyond them."""

    points: tuple[Point, ...]

    def rewrite(self, values: Float[np.ndarray, "time feature"], dataset: Dataset) -> Float[np.ndarray, "time feature"]:
        if not self.points:
            raise InterventionError("The path has no point. Give at least one step and its value.")
        ordered = sorted(self.points, key=lambda point: point.step)
        heights = [_finite(point.value, "value of the path") for point in ordered]
        path = np.interp(np.arange(len(values)), [point.step for point in ordered], heights)
        return np.broadcast_to(path[:, None], values.shape)


@dataclass(frozen=True)
class Swap(Edit):
    """The same part of another window of the data. A window of another length is stretched to this one's."""

    window: int

    def rewrite(self, values: Float[np.ndarray, "time feature"], dataset: Dataset) -> Float[np.ndarray, "time feature"]:
        if not 0 <= self.window < len(dataset.windows):
            raise InterventionError(f"There is no window {self.window}; the data set has windows 0 to {len(dataset.windows) - 1}.")
        return stretched(in_units(dataset, self.window), len(values))


@dataclass(frozen=True)
class Cell:
    """One cell and its new value in the file's units."""

    step: int
    feature: int
    value: float


@dataclass(frozen=True)
class Replace(Edit):
    """Single cells with values of their own, as a counterfactual has them; `origin` names their source."""

    cells: tuple[Cell, ...]
    origin: str

    def rewrite(self, values: Float[np.ndarray, "time feature"], dataset: Dataset) -> Float[np.ndarray, "time feature"]:
        rewritten = values.copy()
        for cell in self.cells:
            rewritten[cell.step, cell.feature] = cell.value
        return rewritten


def in_units(dataset: Dataset, window: int) -> Float[np.ndarray, "time feature"]:
    """Return a window in the file's units, with empty cells filled as the model sees them."""
    windows = dataset.windows
    start, length = int(windows.start[window]), int(windows.length[window])
    read = dataset.series[int(windows.series[window])].values[start : start + length]
    seen = unscale(windows.inputs(np.array([window]))[0].astype(float), dataset.scaling)
    return np.where(np.isnan(read), seen, read)


def stretched(values: Float[np.ndarray, "_time feature"], length: int) -> Float[np.ndarray, "length feature"]:
    """Return a window stretched or compressed to a length, straight between its steps; its ends stay its ends."""
    if len(values) == length:
        return values
    at = np.linspace(0, len(values) - 1, length)
    return np.stack([np.interp(at, np.arange(len(values)), column) for column in values.T], axis=1)


def _finite(number: float, name: str) -> float:
    if not np.isfinite(number):
        raise InterventionError(f"The {name} is {number}, expected a number that a cell can hold.")
    return number
