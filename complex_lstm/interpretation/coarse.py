"""Coarse to fine: how long windows of many features are explained in tens of seconds, where every cell by itself would take minutes.

Whole segments of a feature are removed first, and single cells only within the segments that hold most of the importance. Windows of
up to 100 steps and 12 features, or as much work, are explained cell by cell.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

MOST_EXACT = 100 * 12 * 100  # cells times steps, to which the time of removing every cell by itself is proportional
SEGMENTS = 32  # in time, at most
FINE = 16  # segments of a feature whose cells are removed one by one, at most
MOST_OF_IT = 0.8  # or as many as hold this share of the importance
AT_ONCE = 256  # masks

Masks = Bool[Tensor, "variant time feature"]


def is_large(time: int, features: int) -> bool:
    """Return whether a window is explained from coarse to fine."""
    return time * features * time > MOST_EXACT


def segment_numbers(time: int, most: int = SEGMENTS) -> Int[np.ndarray, " time"]:
    """Return the number of the segment that each step is in: segments of one length, of which the last may be shorter."""
    return np.arange(time) // -(-time // most)


def coarse_to_fine(
    lost: Callable[[Masks], Float[np.ndarray, " variant"]], time: int, features: int
) -> tuple[Float[np.ndarray, "time feature"], str]:
    """Return what removing takes away, divided among the cells, and in words how coarsely.

    `lost` returns what is lost without the cells of each mask. A segment's loss is spread evenly over its cells; where it is among the
    largest it is divided in proportion to the absolute losses of its cells by themselves, so that fine and coarse values compare.
    The words say how much of the importance the coarse step misplaces, as measured where it was refined.
    """
    segment = segment_numbers(time)
    count = int(segment[-1]) + 1
    found = _in_parts(lost, np.arange(count * features), lambda number: (segment == number // features, number % features), time, features)
    sizes = np.abs(found)
    order = np.argsort(-sizes, kind="stable")
    held = np.cumsum(sizes[order]) / (sizes.sum() or 1.0)
    fine = order[: min(FINE, int(np.searchsorted(held, MOST_OF_IT)) + 1)]
    cells = (found.reshape(count, features) / np.bincount(segment)[:, None])[segment]
    places = [(step, number % features) for number in fine.tolist() for step in np.flatnonzero(segment == number // features).tolist()]
    alone = np.zeros((time, features))
    steps, columns = np.array(places).T
    alone[steps, columns] = np.abs(_in_parts(lost, np.arange(len(places)), places.__getitem__, time, features))
    moved: list[float] = []
    for number in fine.tolist():
        within, feature = segment == number // features, number % features
        total = alone[within, feature].sum()
        if total:
            shares = alone[within, feature] / total
            cells[within, feature] = found[number] * shares
            moved.append(float(np.abs(shares - 1 / within.sum()).sum() / 2))
    length, share = int(np.bincount(segment)[0]), float(held[len(fine) - 1])
    return cells, f"cells within {len(fine)} of {len(found)} segments of {length} steps, which hold {share:.0%} of it{_error(share, moved)}"


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
