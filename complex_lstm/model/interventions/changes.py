"""Where in the walk two traces part."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from complex_lstm.errors import ShapeError
from complex_lstm.model.boxes import Box
from complex_lstm.model.trace import Trace


@dataclass(frozen=True)
class Change:
    """How far one box's value moved: mean |after - before| over the real steps, as a multiple of mean |before|.

    0 is not at all; infinite where all was zero before.
    """

    box: Box
    relative: float


def first_change(before: Trace, after: Trace) -> tuple[Change, ...]:
    """Return how far each box moved, in the order of the walk: the first above 0 is where the change shows first.

    A mean over steps, channels and windows: a large change at one step of a long window is a small number here. A
    small change is not a needless one, since what comes after may hang on it.

    Raises:
        ShapeError: the traces are of models of other sizes, or of other windows' lengths.
    """
    if before.boxes != after.boxes or before.lengths.tolist() != after.lengths.tolist():
        raise ShapeError(
            f"The traces are of {before.lengths.tolist()} and {after.lengths.tolist()} time steps through {len(before.boxes)} and "
            f"{len(after.boxes)} boxes. Compare traces of one model and of windows of the same lengths."
        )
    return tuple(Change(box, _relative(box, before, after)) for box in before.boxes)


def _relative(box: Box, before: Trace, after: Trace) -> float:
    old, new = before.at(box), after.at(box)
    if old.shape != new.shape:
        raise ShapeError(f"{box} has shape {tuple(old.shape)} before and {tuple(new.shape)} after. Compare traces of one model.")
    if box.has_time:
        old, new = _real(old, before), _real(new, before)
    moved, size = float((new - old).abs().mean()), float(old.abs().mean())
    return moved / size if size else float("inf") if moved else 0.0


def _real(values: Float[Tensor, "batch *shape"], trace: Trace) -> Float[Tensor, "real *rest"]:
    """Return the values at the real steps (of attention: of the real queries), all windows one after another."""
    steps = values.movedim(-2, 1)  # (batch, time, ...)
    return steps[torch.arange(steps.shape[1], device=values.device) < trace.lengths.to(values.device)[:, None]]
