"""The gradients of a run over its steps, as it has recorded them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from complex_lstm.runs.curves import Row

NORM, SCALE = "gradient_norm/", "gradient_scale"  # how the metrics are called


@dataclass(frozen=True)
class GradientCourse:
    """The norm of each component's gradient before clipping, and the model's learned gradient scale, at the same steps."""

    steps: Float[np.ndarray, " point"]
    parts: tuple[str, ...]
    norms: Float[np.ndarray, "point part"]
    scale: Float[np.ndarray, " point"]

    @property
    def total(self) -> Float[np.ndarray, " point"]:
        """The norm of the whole gradient, which is what is clipped: every weight is in one component, so the squares add up."""
        return np.sqrt((self.norms**2).sum(axis=1))

    def clipped(self, norm: float) -> float:
        """Return the share of these steps whose gradient is longer than a norm; 0 does not clip."""
        return float((self.total > norm).mean()) if norm > 0 and len(self.steps) else 0.0


def gradient_course(rows: Iterable[Row]) -> GradientCourse | None:
    """Return what a run has recorded of its gradients, None where it has not. A step with a number that is not finite is left out."""
    at: dict[int, dict[str, float]] = defaultdict(dict)
    for row in rows:
        if row.metric.startswith(NORM) or row.metric == SCALE:
            at[row.step][row.metric] = row.value  # of several batches that make a step the last one's
    names = tuple(dict.fromkeys(name for found in at.values() for name in found if name != SCALE))
    whole = [step for step, found in sorted(at.items()) if all(math.isfinite(found.get(name, math.nan)) for name in (*names, SCALE))]
    if not names or not whole:
        return None
    norms = np.array([[at[step][name] for name in names] for step in whole])
    scale = np.array([at[step][SCALE] for step in whole])
    return GradientCourse(np.array(whole, dtype=float), tuple(name.removeprefix(NORM) for name in names), norms, scale)
