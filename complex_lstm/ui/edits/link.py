"""The edits of What if as a text that fits a link.

`shift_16_31_0.3_-12,smooth_16_31_0_5` shifts features 0 and 3 at the steps 16 to 31 by -12 and then smooths feature 0: a word,
the first and the last step, the features, and what the edit needs. A path lists step and value in turn; single cells come in
runs, `cells_guide7_3x12_0.5_0.6` for feature 3 from step 12 on, with the window that they are from. All count from 0. What a
link says that makes no sense is told, and left out.

Edits in words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from complex_lstm.data import time_labels
from complex_lstm.interpretation.counterfactual import SEARCH_METHODS
from complex_lstm.interpretation.edits import FILLINGS, Cell, Draw, Edit, Filling, Mask, Point, Replace, Scale, Segment, Shift, Smooth, Swap
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.session.messages import number

FILLING_WORDS: dict[str, Filling] = {"mean": "training_mean", "window": "window_mean", "zero": "zero", "line": "interpolated"}
MOST_SIGNS, MOST = 8000, 64  # signs and edits: browsers take longer links, mail and chats cut them
GUIDED, BY_GRADIENT = f"{SEARCH_METHODS['native_guide'].label}, from window ", f"{SEARCH_METHODS['wachter'].label}, by gradient"
UNKNOWN_ORIGIN = "a link"


@dataclass(frozen=True)
class Read:
    """The edits that a text asks for, in their order, and its pieces that make no sense."""

    edits: tuple[Edit, ...]
    nonsense: tuple[str, ...]


def as_text(edits: tuple[Edit, ...]) -> str:
    """Return the edits as text for a link."""
    return ",".join("_".join(_pieces(edit)) for edit in edits)


def fits_link(edits: tuple[Edit, ...]) -> bool:
    """Return whether the text of these edits is short enough to be sent."""
    return len(edits) <= MOST and len(as_text(edits)) <= MOST_SIGNS


def read_edits(text: str) -> Read:
    """Return the edits of a text. Whether the window has such places is for the edits to say."""
    pieces = [piece for piece in text[:MOST_SIGNS].split(",") if piece]
    read = [(piece, _read_piece(piece)) for piece in pieces[:MOST]]
    nonsense = (*(piece for piece, edit in read if edit is None), *pieces[MOST:])
    return Read(tuple(edit for _, edit in read if edit), nonsense)


def as_linked(edit: Edit) -> Edit:
    """Return an edit as its text says it, so that sender and receiver of a link see the same: cells have nine digits."""
    return read_edits(as_text((edit,))).edits[0] if fits_link((edit,)) else edit


def _pieces(edit: Edit) -> Iterator[str]:
    if isinstance(edit, Replace):
        yield from ("cells", _origin_word(edit.origin), *_runs(edit.cells))
        return
    segment = edit.segment
    yield from (type(edit).__name__.lower(), str(segment.first), str(segment.last), ".".join(map(str, segment.features)))
    match edit:
        case Shift(amount=number) | Scale(factor=number):
            yield _short(number)
        case Smooth(width=count) | Swap(window=count):
            yield str(count)
        case Mask(filling=filling):
            yield next(word for word, name in FILLING_WORDS.items() if name == filling)
        case Draw(points=points):
            for point in points:
                yield from (str(point.step), _short(point.value))


def _runs(cells: tuple[Cell, ...]) -> Iterator[str]:
    """Yield each run of one feature's cells: where it begins, then its values."""
    before = None
    for cell in sorted(cells, key=lambda one: (one.feature, one.step)):
        if (cell.feature, cell.step - 1) != before:
            yield f"{cell.feature}x{cell.step}"
        yield f"{cell.value:.9g}"
        before = cell.feature, cell.step


def _origin_word(origin: str) -> str:
    return f"guide{origin.removeprefix(GUIDED)}" if origin.startswith(GUIDED) else "gradient" if origin == BY_GRADIENT else "link"


def _short(number: float) -> str:
    return repr(float(number)).removesuffix(".0")


def _read_piece(piece: str) -> Edit | None:
    word, *parts = piece.split("_")
    try:
        if word == "cells":
            return _read_cells(*parts)
        first, last, features, *rest = parts
        segment = Segment(_whole(first), _whole(last), tuple(map(_whole, features.split("."))))
        return _read_edit(word, segment, rest)
    except (ValueError, KeyError, TypeError):
        return None


def _read_edit(word: str, segment: Segment, rest: list[str]) -> Edit | None:
    if word == "draw":
        points = tuple(Point(_whole(step), float(value)) for step, value in zip(rest[::2], rest[1::2], strict=True))
        return Draw(segment, points) if points else None
    (value,) = rest
    match word:
        case "shift":
            return Shift(segment, float(value))
        case "scale":
            return Scale(segment, float(value))
        case "smooth":
            return Smooth(segment, _whole(value))
        case "mask":
            return Mask(segment, FILLING_WORDS[value])
        case "swap":
            return Swap(segment, _whole(value))
    return None


def _read_cells(origin: str, *parts: str) -> Replace | None:
    cells: list[Cell] = []
    feature = step = -1
    for part in parts:
        if "x" in part:
            feature, step = map(_whole, part.split("x"))
        elif feature < 0:
            return None
        else:
            cells.append(Cell(step, feature, float(part)))
            step += 1
    if not cells:
        return None
    steps, features = [cell.step for cell in cells], {cell.feature for cell in cells}
    return Replace(Segment(min(steps), max(steps), tuple(sorted(features))), tuple(cells), _read_origin(origin))


def _read_origin(word: str) -> str:
    if word.startswith("guide"):
        return f"{GUIDED}{_whole(word.removeprefix('guide'))}"
    return BY_GRADIENT if word == "gradient" else UNKNOWN_ORIGIN


def _whole(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise ValueError(value)
    return int(value)


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
