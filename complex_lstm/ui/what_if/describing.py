"""Edits in words."""

from __future__ import annotations

from complex_lstm.data import time_labels
from complex_lstm.interpretation.edits import FILLINGS, Draw, Edit, Mask, Replace, Scale, Shift, Smooth, Swap
from complex_lstm.ui.cache import Scene
from complex_lstm.ui.messages import number


def describe(edit: Edit, scene: Scene) -> str:
    """Return an edit as people say it: what is done, to which features, at which steps."""
    return f"{_deed(edit)}: {_place(edit, scene)}"


def _deed(edit: Edit) -> str:
    match edit:
        case Shift(amount=amount):
            return f"shifted by {number(amount)}"
        case Scale(factor=factor):
            return f"scaled by {number(factor)} around the segment's mean"
        case Smooth(width=width):
            return f"smoothed over {width} steps"
        case Mask(filling=filling):
            return f"masked with {FILLINGS[filling]}"
        case Draw(points=points):
            return f"drawn through {len(points)} point{'s' if len(points) > 1 else ''}"
        case Swap(window=window):
            return f"swapped in from window {window}"
        case Replace(cells=cells, origin=origin):
            return f"{len(cells)} cell{'s' if len(cells) > 1 else ''} by {origin}"
        case _:
            return type(edit).__name__


def _place(edit: Edit, scene: Scene) -> str:
    segment, labels = edit.segment, time_labels(scene.times)
    names = ", ".join(scene.features[feature] for feature in segment.features)
    return f"{names}, {labels[segment.first]} to {labels[segment.last]} (steps {segment.first} to {segment.last})"
