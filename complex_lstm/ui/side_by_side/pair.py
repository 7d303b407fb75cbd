"""The two sides that are looked at together, and what both of them have."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from complex_lstm.figures.side_by_side import SideLabels
from complex_lstm.inference import in_data_terms
from complex_lstm.interpretation.what_if import EditedWindow, predicted_after
from complex_lstm.model import Trace
from complex_lstm.model.hooks import Intervention
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.explaining.pairwise import Explained

Kind = Literal["window", "model", "bench", "edits"]


@dataclass(frozen=True)
class Side:
    """One side: its name, its data, model and window, the trace of that, and what acts on the model there."""

    name: str
    scene: Scene
    trace: Trace
    interventions: tuple[Intervention, ...]
    done: Hashable  # to the window or to the model, which caches tell sides apart by: nothing is ()

    @property
    def predicted(self) -> np.ndarray:
        """The prediction as probabilities, or in the targets' units."""
        return in_data_terms(self.trace.prediction.numpy().astype(float), self.scene.dataset, np.array([self.scene.number]))[0]

    @property
    def values(self) -> np.ndarray:
        """The window in the file's units, (time, feature), NaN where a cell is empty."""
        return self.scene.values

    @property
    def x(self) -> np.ndarray:
        """The window as the model sees it, (time, feature)."""
        return self.scene.inputs

    @property
    def explained(self) -> Explained:
        """What a method is asked about."""
        return Explained(self.scene, self.x, self.interventions, self.done)

    @property
    def time(self) -> int:
        return int(self.trace.lengths[0])


@dataclass(frozen=True)
class EditedSide(Side):
    """The side of a window that is edited."""

    window: EditedWindow

    @property
    def predicted(self) -> np.ndarray:
        outputs = self.trace.prediction[0].double().numpy()
        return predicted_after(outputs, self.window, self.scene.dataset, self.scene.number)

    @property
    def values(self) -> np.ndarray:
        return np.where(self.window.changed, self.window.after, self.scene.values)

    @property
    def x(self) -> np.ndarray:
        return self.window.x


@dataclass(frozen=True)
class Pair:
    """Two sides that differ in one thing: their window, their model, or what the bench or edits do to the second.

    Differences are over the steps that both have: the first ones of two windows, the last ones of two models.
    """

    kind: Kind
    first: Side
    second: Side

    @property
    def labels(self) -> SideLabels:
        return SideLabels(self.first.name, self.second.name)

    @property
    def common(self) -> int:
        return min(self.first.time, self.second.time)

    @property
    def same_outputs(self) -> bool:
        return self.first.scene.outputs == self.second.scene.outputs and self.first.scene.is_classes == self.second.scene.is_classes

    @property
    def steps(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The steps of the first side, of the second and of the difference: from 0 on, or of two models from the end back."""
        longest = (self.first.time, self.second.time, self.common)
        shift = [length if self.kind == "model" and len(set(longest)) > 1 else 0 for length in longest]
        return tuple(np.arange(length) - back for length, back in zip(longest, shift, strict=True))  # type: ignore[return-value]

    def cut(self, values: np.ndarray, *axes: int) -> np.ndarray:
        """Return what both sides have of values over time, along these axes."""
        for axis in axes:
            first = values.shape[axis] - self.common if self.kind == "model" else 0
            values = np.take(values, np.arange(first, first + self.common), axis=axis)
        return values

    def difference(self, first: np.ndarray, second: np.ndarray, *axes: int) -> np.ndarray:
        """Return the second less the first over the steps that both have, which lie along these axes."""
        return self.cut(second, *axes) - self.cut(first, *axes)

    @property
    def note(self) -> str:
        """What a caption must say of sides that are not equally long, else nothing."""
        if self.first.time == self.second.time:
            return ""
        which = "last" if self.kind == "model" else "first"
        return f"over the {which} {self.common} steps, which both have ({self.first.time} and {self.second.time})"

    @property
    def facts(self) -> dict[str, str]:
        """What stands under every figure."""
        return {
            "left": self.first.name,
            "right": self.second.name,
            "difference": self.note,
            "device": self.first.scene.device_name,
        }
