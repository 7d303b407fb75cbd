"""The two sides of a comparison, and the pairs that can be compared.

A window can be compared with another window, with another checkpoint's trace of it, with itself under the switches of the
bench, or with itself as edited.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from complex_lstm.errors import DataError
from complex_lstm.figures.side_by_side import SideLabels
from complex_lstm.inference import in_data_terms
from complex_lstm.interpretation.what_if import EditedWindow, predicted_after
from complex_lstm.model import Trace
from complex_lstm.model.hooks import Intervention
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.edits.session import EditedView
from complex_lstm.ui.explaining.two_sides import Explained
from complex_lstm.ui.interventions.resolve import Setting, switched_trace

Kind = Literal["window", "model", "bench", "edits"]


@dataclass(frozen=True)
class Side:
    """One side: its name, its data, model and window, the trace of the forward pass, and the interventions on the model.

    `changes` are the edits of the window or the switches of the model, () for none: caches use them to tell sides apart.
    """

    name: str
    scene: Scene
    trace: Trace
    interventions: tuple[Intervention, ...]
    changes: Hashable

    @property
    def predicted(self) -> np.ndarray:
        """The prediction as probabilities, or in the targets' units."""
        return in_data_terms(self.trace.prediction.numpy().astype(float), self.scene.dataset, np.array([self.scene.number]))[0]

    @property
    def has_prediction(self) -> bool:
        """Whether the model's outputs are finite numbers."""
        return bool(np.isfinite(self.predicted).all())

    @property
    def values(self) -> np.ndarray:
        """The window in the units of the file, (time, feature); NaN where a cell is empty."""
        return self.scene.values

    @property
    def x(self) -> np.ndarray:
        """The window as the model sees it, scaled, (time, feature)."""
        return self.scene.inputs

    @property
    def explained(self) -> Explained:
        """What a method needs to explain this side."""
        return Explained(self.scene, self.x, self.interventions, self.changes)

    @property
    def time(self) -> int:
        return int(self.trace.lengths[0])


@dataclass(frozen=True)
class EditedSide(Side):
    """A side whose window is edited."""

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
    """Two sides that differ in one respect: the window, the model, the bench's switches or the edits of the second.

    Differences are over the steps that both sides have: the first ones of two windows, the last ones of two models.
    """

    kind: Kind
    first: Side
    second: Side

    @property
    def is_before_and_after(self) -> bool:
        """Whether both sides are the same window in the same model, which the second changes."""
        return self.kind in ("bench", "edits")

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
        """The steps of the first side, the second side and the difference.

        They count from 0; of two models of unequal length backwards from the end, as negative numbers.
        """
        longest = (self.first.time, self.second.time, self.common)
        shift = [length if self.kind == "model" and len(set(longest)) > 1 else 0 for length in longest]
        return tuple(np.arange(length) - back for length, back in zip(longest, shift, strict=True))  # type: ignore[return-value]

    def cut(self, values: np.ndarray, *axes: int) -> np.ndarray:
        """Return the values at the steps that both sides have. `axes` are the time axes of `values`."""
        for axis in axes:
            first = values.shape[axis] - self.common if self.kind == "model" else 0
            values = np.take(values, np.arange(first, first + self.common), axis=axis)
        return values

    def difference(self, first: np.ndarray, second: np.ndarray, *axes: int) -> np.ndarray:
        """Return second minus first at the steps that both sides have. `axes` are the time axes of both."""
        return self.cut(second, *axes) - self.cut(first, *axes)

    @property
    def facts(self) -> dict[str, str]:
        """The facts for the caption of every figure; over which steps the difference is, if the sides are not equally long."""
        note = ""
        if self.first.time != self.second.time:
            which = "last" if self.kind == "model" else "first"
            note = f"over the {which} {self.common} steps, which both have ({self.first.time} and {self.second.time})"
        return {"left": self.first.name, "right": self.second.name, "difference": note, "device": self.first.scene.device_name}


def before_and_after(scene: Scene, setting: Setting) -> Pair:
    """Return the window as it is, and under the switches of the bench."""
    after = Side("switched", scene, switched_trace(scene, setting), setting.interventions, setting.text or ())
    return Pair("bench", _unchanged("as it is", scene), after)


def as_edited(edited: EditedView) -> Pair:
    """Return the window as it is, and with its edits, in a model with its switches."""
    name = "edited and switched" if edited.edits and edited.switches else "switched" if edited.switches else "as edited"
    after = EditedSide(name, edited.scene, edited.after, edited.interventions, edited.changes, edited.window)
    return Pair("edits", _unchanged("as it is", edited.scene), after)


def changed(edited: EditedView, setting: Setting) -> Pair:
    """Return the window as it is, and with its edits and the switches together."""
    return as_edited(edited) if edited.edits else before_and_after(edited.scene, setting)


def two_windows(scene: Scene, number: int) -> Pair:
    """Return the window and another one of the same data."""
    other = replace(scene, number=number)
    return Pair("window", _unchanged(f"window {scene.number}", scene), _unchanged(f"window {number}", other))


def _unchanged(name: str, scene: Scene) -> Side:
    return Side(name, scene, cache.window_trace(scene.keys, scene.number), (), ())


def two_models(scene: Scene, model: str, names: tuple[str, str]) -> Pair:
    """Return the window, and the same stretch of the same series in another checkpoint.

    Raises:
        DataError: the other checkpoint reads no series of that name.
    """
    keys = (scene.keys[0], model, *scene.keys[2:])
    other = Scene(keys, cache.dataset(*keys), cache.checkpoint(model), 0)
    other = replace(other, number=_same_stretch(scene, other))
    return Pair("model", _unchanged(names[0], scene), _unchanged(names[1], other))


def _same_stretch(scene: Scene, other: Scene) -> int:
    """Return the window of the other data set whose end is nearest to the end of the scene's window, in the same series."""
    own, others = scene.dataset.windows, other.dataset.windows
    name = scene.dataset.series[int(own.series[scene.number])].name
    numbers = [number for number, one in enumerate(other.dataset.series) if one.name == name]
    found = np.flatnonzero(np.isin(others.series, numbers))
    if not len(found):
        raise DataError(
            f"The other checkpoint has no window in the series {name!r}: it splits the file into other series. Choose another checkpoint."
        )
    end = int(own.start[scene.number] + own.length[scene.number])
    return int(found[np.argmin(np.abs(others.start[found] + others.length[found] - end))])
