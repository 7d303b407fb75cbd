"""Coarse to fine: how long windows of many features are explained in tens of seconds, where every cell by itself would take minutes.

Whole segments of a feature are removed first, with borders where its level changes, and single cells only within the segments that hold
most of the importance. Windows of up to 100 steps and 12 features, or as much work, are explained cell by cell.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from complex_lstm.interpretation.segments import segments_of

MOST_EXACT = 100 * 12 * 100  # cells times steps, to which the time of removing every cell by itself is proportional
SEGMENTS = 32  # of a feature, in time, at most
BETWEEN_CHANGES = SEGMENTS // 2  # of them, at most, lie between change points; the others are halves of the longest of these
COMPARED = 1024  # steps among which change points are looked for: of more, among means of neighbouring ones
FINE = 16  # segments of a feature whose cells are removed one by one, if they are of usual length
MOST_OF_IT = 0.8  # or as many as hold this share of the importance
AT_ONCE = 256  # masks

Masks = Bool[Tensor, "variant time feature"]


def is_large(time: int, features: int) -> bool:
    """Return whether a window is explained from coarse to fine."""
    return time * features * time > MOST_EXACT


def segment_numbers(time: int, most: int = SEGMENTS) -> Int[np.ndarray, " time"]:
    """Return the number of the segment that each step is in: segments of one length, of which the last may be shorter."""
    return np.arange(time) // -(-time // most)


def adaptive_segments(x: Float[np.ndarray, "time feature"]) -> Int[np.ndarray, "time feature"]:
    """Return the number of the segment that each cell is in, counted through one feature after the other.

    A feature's segments lie between the change points of its mean (`segments_of`), at most 16 of them, the best ones. Then the longest is
    halved until there are 32: an event has segments of its own, none is longer than about a sixteenth of the window, and in a series
    without changes all are of one length.
    """
    time, found, before = len(x), [], 0
    for column in x.T.astype(float):
        width = -(-time // COMPARED)
        means = np.add.reduceat(column, np.arange(0, time, width)) / np.bincount(np.arange(time) // width)
        changes = np.flatnonzero(np.diff(segments_of(means, BETWEEN_CHANGES))) + 1
        edges = [0, *(changes * width).tolist(), time]
        while len(edges) <= min(SEGMENTS, time):
            longest = int(np.argmax(np.diff(edges)))
            edges.insert(longest + 1, (edges[longest] + edges[longest + 1]) // 2)
        found.append(before + np.repeat(np.arange(len(edges) - 1), np.diff(edges)))
        before += len(edges) - 1
    return np.stack(found, axis=1)


def coarse_to_fine(
    lost: Callable[[Masks], Float[np.ndarray, " variant"]], segment: Int[np.ndarray, "time feature"]
) -> tuple[Float[np.ndarray, "time feature"], str]:
    """Return what removing takes away, divided among the cells, and in words how coarsely.

    `lost` returns what is lost without the cells of each mask, `segment` the number of each cell's segment (`adaptive_segments`). A
    segment's loss is spread evenly over its cells; where it is among the largest it is divided in proportion to the absolute losses of its
    cells by themselves, so that fine and coarse values compare. The words say how much of the importance the coarse step misplaces, as
    measured where it was refined.
    """
    time, features = segment.shape
    lengths = np.bincount(segment.ravel())
    found = _in_parts(lost, np.arange(len(lengths)), lambda number: segment == number, time, features)
    sizes = np.abs(found)
    order = np.argsort(-sizes, kind="stable")
    held = np.cumsum(sizes[order]) / (sizes.sum() or 1.0)
    affordable = int(np.searchsorted(np.cumsum(lengths[order]), FINE * -(-time // SEGMENTS), side="right"))
    fine = order[: max(1, min(affordable, int(np.searchsorted(held, MOST_OF_IT)) + 1))]
    cells = (found / lengths)[segment]
    places = [np.argwhere(segment == number) for number in fine.tolist()]
    every = np.concatenate(places)
    alone = np.zeros((time, features))
    alone[tuple(every.T)] = np.abs(_in_parts(lost, np.arange(len(every)), lambda number: tuple(every[number]), time, features))
    moved: list[float] = []
    for number, place in zip(fine.tolist(), places, strict=True):
        own = alone[tuple(place.T)]
        if own.sum():
            shares = own / own.sum()
            cells[tuple(place.T)] = found[number] * shares
            moved.append(float(np.abs(shares - 1 / len(place)).sum() / 2))
    shortest, longest, share = int(lengths.min()), int(lengths.max()), float(held[len(fine) - 1])
    of = f"{shortest} steps" if shortest == longest else f"{shortest} to {longest} steps, cut at changes"
    return cells, f"cells within {len(fine)} of {len(found)} segments of {of}, which hold {share:.0%} of it{_error(share, moved)}"


def _error(share: float, moved: list[float]) -> str:
    """Return in words how much of the importance stands in the wrong cells, as far as the refined segments tell.

    `moved` is the share of each refined segment that an even spread over its cells would have put elsewhere; the others are spread so.
    """
    if not moved or share > 0.995:
        return ""
    typical = float(np.mean(moved))
    return f" (of a refined one {typical:.0%} would be misplaced by an even spread, so about {(1 - share) * typical:.1%} of all is)"


def _in_parts(
    lost: Callable[[Masks], Float[np.ndarray, " variant"]],
    numbers: Int[np.ndarray, " variant"],
    place: Callable[[int], Any],
    time: int,
    features: int,
) -> Float[np.ndarray, " variant"]:
    """Return the losses of masks that are made some at a time: of 512 steps and 20 features all would be gigabytes."""
    parts = []
    for first in range(0, len(numbers), AT_ONCE):
        part = numbers[first : first + AT_ONCE].tolist()
        masks = np.zeros((len(part), time, features), dtype=bool)
        for mask, number in zip(masks, part, strict=True):
            mask[place(number)] = True
        parts.append(lost(torch.from_numpy(masks)))
    return np.concatenate(parts)
