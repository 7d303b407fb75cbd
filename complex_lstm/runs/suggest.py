"""Epochs and batch size that suit a number of windows."""

from __future__ import annotations

STEPS = 800  # of the optimizer: enough for a first model of most files, in a minute or a few


FEW_WINDOWS = 1000  # under which a batch is small, or an epoch would have hardly a step


def suggest_epochs(windows: int) -> int:
    """Return the epochs that give a run about 800 steps: 3 to 60."""
    return min(60, max(3, round(STEPS * suggest_batch_size(windows) / max(windows, 1))))


def suggest_batch_size(windows: int) -> int:
    """Return the windows of a batch: few where there are few, or an epoch would have hardly a step."""
    return 16 if windows < FEW_WINDOWS else 64
