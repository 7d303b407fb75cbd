"""Limits that a model is held to, and which of them it breaks: what a build server asks."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from complex_lstm.data.units import digits
from complex_lstm.evaluation.drift import Drift
from complex_lstm.metrics import ClassScores, ValueScores, is_trivial


@dataclass(frozen=True)
class Limits:
    """The least accuracy, the largest mean absolute error of targets in their units, and the largest distance of a feature.

    What is not given is not asked for. That the model is better than the trivial rule is always asked.
    """

    accuracy: float | None = None
    mae: dict[str, float] = field(default_factory=dict)
    shift: float | None = None


def broken_limits(
    limits: Limits, scores: ClassScores | ValueScores | None, drift: Drift | None, targets: tuple[str, ...], windows: str
) -> tuple[str, ...]:
    """Return what is wrong with a model, a sentence for each limit that it breaks; () where nothing is.

    `windows` says in words on which it was scored.
    """
    return (*_of_scores(limits, scores, targets, windows), *_of_shift(limits, drift))


def _of_scores(limits: Limits, scores: ClassScores | ValueScores | None, targets: tuple[str, ...], windows: str) -> list[str]:
    if scores is None:
        return [f"None of the {windows} has both an answer and a prediction, so the model cannot be scored."]
    broken = []
    if isinstance(scores, ClassScores):
        if is_trivial(scores):
            broken.append(
                f"Accuracy {scores.accuracy:.3f} on {windows} is no better than always the commonest class ({scores.largest:.3f})."
            )
        if limits.accuracy is not None and scores.accuracy < limits.accuracy:
            broken.append(f"Accuracy {scores.accuracy:.3f} on {windows} is below {limits.accuracy:g}.")
        return broken
    if is_trivial(scores):
        mean = f", the mean over {len(targets)} targets," if len(targets) > 1 else ""
        ratio = f"{scores.relative_mae.mean():.3f}"
        broken.append(f"The mean absolute error on {windows}{mean} is {ratio} of that of repeating the last value: no better.")
    for name, most in limits.mae.items():
        error = float(scores.mae[targets.index(name)])
        if error > most:
            broken.append(f"The mean absolute error of {name} on {windows} is {digits(error)}, above {most:g}.")
    return broken


def _of_shift(limits: Limits, drift: Drift | None) -> list[str]:
    if limits.shift is None:
        return []
    if drift is None:
        return ["How far the features have moved from training is not known, so the limit of their shift cannot be held."]
    unknown = [one.name for one in drift.shifts if not np.isfinite(one.distance) and one.missing != (1.0, 1.0)]
    far = [one for one in drift.shifts if np.isfinite(one.distance) and one.distance > limits.shift]
    return [f"How far {name} has moved from training is not known, because it has no value here or none there." for name in unknown] + [
        f"{one.name} has moved by {one.distance:.3f} from training (Kolmogorov-Smirnov), above {limits.shift:g}." for one in far
    ]
