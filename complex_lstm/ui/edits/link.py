"""The edits of a window as the text of a link, and in words.

`shift_16_31_0.3_-12,smooth_16_31_0_5` shifts features 0 and 3 at the steps 16 to 31 by -12 and then smooths feature 0: the kind of
edit, the first and the last step, the features, and the edit's own values. A drawn path lists step and value in turn. Single
cells come in runs: `cells_guide7_3x12_0.5_0.6` sets feature 3 from step 12 on to values taken from window 7. All numbers
count from 0.
"""

from __future__ import annotations

from complex_lstm.data.units import digits
from complex_lstm.interpretation.counterfactual import SEARCH_METHODS, SearchMethodName
from complex_lstm.interpretation.edits import Cell, Draw, Edit, Mask, Replace, Scale, Segment, Shift, Smooth, Swap, label_filling
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.link import ListCodec, Parsed, Special, read_whole

MOST_CHARACTERS, MOST = 8000, 64  # of a link, and edits: browsers accept longer links, mail and chats cut them
_GUIDED: tuple[tuple[str, SearchMethodName], ...] = (("guide", "native_guide"), ("columns", "comte"), ("learned", "cels"))
GUIDES = {  # whose values come from a window: the word in a link, and the origin before the window's number
    word: f"{SEARCH_METHODS[method].label}, from window " for word, method in _GUIDED
}
BY_GRADIENT = f"{SEARCH_METHODS['wachter'].label}, by gradient"
UNKNOWN_ORIGIN = "a link"


def _write_cells(edit: Replace) -> list[str]:
    """Return the origin, and each run of one feature's cells: where it begins, then its values with nine digits."""
    origin = edit.origin
    guide = next((f"{word}{origin.removeprefix(named)}" for word, named in GUIDES.items() if origin.startswith(named)), "")
    words, before = [guide or ("gradient" if origin == BY_GRADIENT else "link")], None
    for cell in sorted(edit.cells, key=lambda one: (one.feature, one.step)):
        if (cell.feature, cell.step - 1) != before:
            words.append(f"{cell.feature}x{cell.step}")
        words.append(f"{cell.value:.9g}")
        before = cell.feature, cell.step
    return words


def _read_cells(words: list[str]) -> Replace:
    word, *parts = words
    cells: list[Cell] = []
    feature, step = map(read_whole, parts[0].split("x"))
    for part in parts:
        if "x" in part:
            feature, step = map(read_whole, part.split("x"))
        else:
            cells.append(Cell(step, feature, float(part)))
            step += 1
    steps, features = [cell.step for cell in cells], {cell.feature for cell in cells}
    segment = Segment(min(steps), max(steps), tuple(sorted(features)))
    for guide, named in GUIDES.items():
        if word.startswith(guide):
            return Replace(segment, tuple(cells), f"{named}{read_whole(word.removeprefix(guide))}")
    return Replace(segment, tuple(cells), BY_GRADIENT if word == "gradient" else UNKNOWN_ORIGIN)


_CODEC: ListCodec[Edit] = ListCodec(
    {"shift": Shift, "scale": Scale, "smooth": Smooth, "mask": Mask, "draw": Draw, "swap": Swap, "cells": Replace},
    separator="_",
    most=MOST,
    numbers=".",
    names={"training_mean": "mean", "window_mean": "window", "interpolated": "line"},
    special={Replace: Special(_write_cells, _read_cells)},
)


def as_text(edits: tuple[Edit, ...]) -> str:
    """Return the edits as text for a link."""
    return _CODEC.write(edits)


def fits_link(edits: tuple[Edit, ...]) -> bool:
    """Return whether the text of these edits is short enough to be sent."""
    return len(edits) <= MOST and len(as_text(edits)) <= MOST_CHARACTERS


def read_edits(text: str) -> Parsed[Edit]:
    """Return the edits of a text, in their order. Whether they fit a window is checked when they are applied."""
    return _CODEC.read(text[:MOST_CHARACTERS])


def as_linked(edit: Edit) -> Edit:
    """Return an edit rounded as in its text, cells to nine digits, so that sender and receiver of a link see the same."""
    return read_edits(as_text((edit,))).values[0] if fits_link((edit,)) else edit


def describe(edit: Edit, scene: Scene) -> str:
    """Return an edit in words: what is done, to which features, at which steps."""
    segment, labels = edit.segment, scene.time_labels
    names = ", ".join(scene.features[feature] for feature in segment.features)
    steps = f"{labels[segment.first]} to {labels[segment.last]} (steps {segment.first} to {segment.last})"
    return f"{_describe_operation(edit, scene.dataset.whose)}: {names}, {steps}"


def _describe_operation(edit: Edit, whose: str) -> str:
    match edit:
        case Shift(amount=amount):
            return f"shifted by {digits(amount)}"
        case Scale(factor=factor):
            return f"scaled by {digits(factor)} around the segment's mean"
        case Smooth(width=width):
            return f"smoothed over {width} steps"
        case Mask(filling=filling):
            return f"masked with {label_filling(filling, whose)}"
        case Draw(points=points):
            return f"drawn through {len(points)} point{'s' if len(points) > 1 else ''}"
        case Swap(window=window):
            return f"swapped in from window {window}"
        case Replace(cells=cells, origin=origin):
            return f"{len(cells)} cell{'s' if len(cells) > 1 else ''} by {origin}"
        case _:
            return type(edit).__name__
