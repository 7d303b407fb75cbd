"""A window after edits: the model's input, its prediction in the data's units, and the history for undo and redo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Float32

from complex_lstm.data import Dataset, unscale_targets
from complex_lstm.data.scaling import scale
from complex_lstm.errors import InterventionError
from complex_lstm.inference import softmax
from complex_lstm.interpretation.edits import Edit, in_units


@dataclass(frozen=True)
class History:
    """The edits of a window in their order, of which the first `position` count: undo and redo move the position."""

    edits: tuple[Edit, ...] = ()
    position: int = 0

    @property
    def applied(self) -> tuple[Edit, ...]:
        return self.edits[: self.position]

    def add(self, edit: Edit) -> History:
        """Return the history with one more edit. What was undone before is forgotten."""
        return History((*self.applied, edit), self.position + 1)

    def undo(self) -> History:
        return replace(self, position=max(0, self.position - 1))

    def redo(self) -> History:
        return replace(self, position=min(len(self.edits), self.position + 1))

    def at(self, edits: tuple[Edit, ...]) -> History:
        """Return the history with these edits applied. Where it has been there before, what came after can be redone."""
        return replace(self, position=len(edits)) if self.edits[: len(edits)] == edits else History(edits, len(edits))


@dataclass(frozen=True)
class EditedWindow:
    """A window before and after edits: `x` and `x_before` as the model sees them, the others in the file's units."""

    x_before: Float32[np.ndarray, "time feature"]
    x: Float32[np.ndarray, "time feature"]
    before: Float[np.ndarray, "time feature"]
    after: Float[np.ndarray, "time feature"]

    @property
    def changed(self) -> Bool[np.ndarray, "time feature"]:
        return self.before != self.after

    @property
    def unedited(self) -> EditedWindow:
        """The same window without its edits."""
        return EditedWindow(self.x_before, self.x_before, self.before, self.before)


def apply(edits: Sequence[Edit], dataset: Dataset, window: int) -> EditedWindow:
    """Return a window of the data set after edits, one upon another.

    A cell that no edit changed keeps the exact value that the model saw before.

    Raises:
        InterventionError: an edit outside the window, or with a value that cannot stand there.
    """
    x = dataset.windows.inputs(np.array([window]))[0]
    before = after = in_units(dataset, window)
    with np.errstate(over="ignore", invalid="ignore"):
        for edit in edits:
            after = np.where(edit.segment.cells(*after.shape), edit.rewrite(after, dataset), after)
        edited = np.where(before == after, x, scale(after, dataset.scaling))
    if not np.isfinite(edited).all():
        raise InterventionError("The edits give a value that no cell can hold. Take a smaller number.")
    return EditedWindow(x, edited, before, after)


def predicted_after(
    outputs: Float[np.ndarray, " output"], edited: EditedWindow, dataset: Dataset, window: int
) -> Float[np.ndarray, " output"]:
    """Return the model's outputs for an edited window as probabilities, or in the targets' units; NaN where one is not finite.

    A model that forecasts a change adds it to the target's last value. Where the target is a feature too, an edit of
    its last step moves that value.
    """
    if not np.isfinite(outputs).all():
        return np.full(outputs.shape, np.nan)
    if dataset.schema.roles.task == "classes":
        return softmax(outputs, dataset.scaling.temperature)
    moved = (edited.after - edited.before)[-1] @ carried(dataset)
    return unscale_targets(outputs, dataset.windows.last[window] + moved, dataset.scaling, dataset.window)


def carried(dataset: Dataset) -> Float[np.ndarray, "feature target"]:
    """Return 1 where a feature's last step is what a target's forecast change is added to, else 0."""
    roles = dataset.schema.roles
    return np.array([[float(dataset.window.as_change and feature == target) for target in roles.targets] for feature in roles.features])
