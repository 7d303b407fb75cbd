"""What went on inside a model while it learned, in numbers: attention, gate and scores from moment to moment."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Int

from complex_lstm.runs.snapshots import ProbeSet, Snapshot

Third = Literal["early", "in the middle", "late"]

THIRDS: tuple[Third, Third, Third] = ("early", "in the middle", "late")

NEAR = 0.1  # an attention within this share of its largest distance from the end has settled; a gate this near to 0 or 1 is closed
HARDLY_MOVED = 0.02  # maps whose largest distance is smaller were about the same all along
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True)
class Settling:
    """How one layer's attention came to the maps of the last moment, at the moments at which the layer is in.

    to_last   total variation distance from the maps of the last moment: half the sum of |a - b| over the keys, which is the
              share of its attention that a query would have to move; the mean over real queries, heads and windows
    pace      the same distance from the moment before, per 100 steps of the optimizer; NaN at the first
    """

    steps: Int[np.ndarray, " moment"]
    to_last: Float[np.ndarray, " moment"]
    pace: Float[np.ndarray, " moment"]

    @property
    def largest(self) -> float:
        return float(self.to_last.max())

    @property
    def settled_at(self) -> int | None:
        """The step from which on the distance stays within a tenth of its largest; None where the maps hardly changed at all.

        The distance to the last moment ends at 0 whatever happens: maps that drift at one pace to the end settle late.
        """
        if self.largest < HARDLY_MOVED:
            return None
        away = np.nonzero(self.to_last >= NEAR * self.largest)[0]
        return int(self.steps[away[-1] + 1])  # the last moment is never away from itself


@dataclass(frozen=True)
class Gating:
    """How the fusion gate's values were spread, at the moments at which the gate is in: over all channels and real steps.

    quantiles   of QUANTILES, interpolated within the bins in which the values are kept
    near_0      share of values under 0.1: they take convolution stage 2 and leave stage 1
    near_1      share of values over 0.9: the other way round
    """

    steps: Int[np.ndarray, " moment"]
    shares: Float[np.ndarray, "moment bin"]
    mean: Float[np.ndarray, " moment"]
    quantiles: Float[np.ndarray, "moment quantile"]
    near_0: Float[np.ndarray, " moment"]
    near_1: Float[np.ndarray, " moment"]


@dataclass(frozen=True)
class ScoreCourse:
    """How good the evaluated windows were predicted.

    loss   cross-entropy of classes, or squared error of scaled values: the mean over the windows, without label smoothing
           and class weights
    each   recall of each class, NaN where no evaluated window is of it; or squared error of each target in units of the
           truth's variance over the windows, where 1 is as good as saying the mean
    """

    steps: Int[np.ndarray, " moment"]
    loss: Float[np.ndarray, " moment"]
    each: Float[np.ndarray, "moment output"]


def third_of(share: float) -> Third:
    """Return which third of a run this share of its steps lies in; a border belongs to the earlier one."""
    return THIRDS[min(int(np.ceil(3 * share)) - 1, 2) if share > 0 else 0]


def settling(watched: ProbeSet, moments: tuple[Snapshot, ...]) -> tuple[Settling, ...]:
    """Return how the attention of each layer settled. A layer that is not in at the last moment is left out."""
    layers = moments[-1].attention.shape[1] if moments else 0
    return tuple(_settling_of(layer, watched, moments) for layer in range(layers))


def gating(watched: ProbeSet, moments: tuple[Snapshot, ...]) -> Gating:
    """Return how the gate's values were spread; a moment at which the gate is not in yet is left out."""
    moments = tuple(moment for moment in moments if moment.gate_shares.sum() > 0)
    bins = moments[0].gate_shares.size if moments else 0
    shares = np.array([moment.gate_shares for moment in moments], dtype=np.float64).reshape(len(moments), bins)
    edge = round(NEAR * bins)
    return Gating(
        steps_of(moments),
        shares,
        np.array([_mean_gate(moment, watched) for moment in moments]),
        np.array([_quantiles(one) for one in shares]).reshape(len(moments), len(QUANTILES)),
        shares[:, :edge].sum(axis=1),
        shares[:, bins - edge :].sum(axis=1),
    )


def score_course(watched: ProbeSet, moments: tuple[Snapshot, ...]) -> ScoreCourse:
    """Return how good the evaluated windows were predicted at each moment."""
    outputs = np.stack([moment.outputs for moment in moments]).astype(np.float64)
    loss, each = _class_scores(watched, outputs) if watched.truth.ndim == 1 else _value_scores(watched, outputs)
    return ScoreCourse(steps_of(moments), loss, each)


def real_cells(watched: ProbeSet) -> Int[np.ndarray, "window cell"]:
    """Return how many real steps lie in each cell of the windows; 0 after a window's end."""
    cells = -(-int(watched.length.max()) // watched.cell)
    return np.clip(watched.length[:, None] - watched.cell * np.arange(cells), 0, watched.cell)


def steps_of(moments: tuple[Snapshot, ...]) -> Int[np.ndarray, " moment"]:
    """Return the moments' steps of the optimizer."""
    return np.array([moment.step for moment in moments], dtype=int)


def _settling_of(layer: int, watched: ProbeSet, moments: tuple[Snapshot, ...]) -> Settling:
    inside = tuple(moment for moment in moments if moment.attention.shape[1] > layer)
    maps = [moment.attention[:, layer].astype(np.float32) for moment in inside]
    steps, is_real = steps_of(inside), real_cells(watched) > 0
    to_last = np.array([_variation(one, maps[-1], is_real) for one in maps])
    moved = [_variation(one, other, is_real) for one, other in itertools.pairwise(maps)]
    return Settling(steps, to_last, np.concatenate([[np.nan], 100 * np.array(moved) / np.diff(steps)]))


def _variation(
    one: Float[np.ndarray, "window head query key"],
    other: Float[np.ndarray, "window head query key"],
    is_real: Bool[np.ndarray, "window query"],
) -> float:
    """Return the total variation distance of two sets of maps: the mean over a window's real queries, then over windows and heads."""
    of_queries = np.abs(one - other).sum(axis=-1) / 2  # (window, head, query)
    real = is_real[:, None, :]
    return float(((of_queries * real).sum(axis=-1) / real.sum(axis=-1)).mean())


def _mean_gate(moment: Snapshot, watched: ProbeSet) -> float:
    steps = real_cells(watched)
    return float((np.nan_to_num(moment.gate) * steps).sum() / steps.sum())


def _quantiles(shares: Float[np.ndarray, " bin"]) -> Float[np.ndarray, " quantile"]:
    below = np.concatenate([[0.0], np.cumsum(shares) / shares.sum()])
    return np.interp(QUANTILES, below, np.linspace(0, 1, len(below)))


def _class_scores(
    watched: ProbeSet, outputs: Float[np.ndarray, "moment evaluated output"]
) -> tuple[Float[np.ndarray, " moment"], Float[np.ndarray, "moment output"]]:
    truth = watched.truth.astype(int)
    top = outputs.max(axis=-1, keepdims=True)
    logs = outputs - top - np.log(np.exp(outputs - top).sum(axis=-1, keepdims=True))
    loss = -logs[:, np.arange(len(truth)), truth].mean(axis=1)
    hit = outputs.argmax(axis=-1) == truth  # (moment, evaluated)
    of_class = np.eye(outputs.shape[-1])[truth]  # (evaluated, output)
    count = of_class.sum(axis=0)
    return loss, np.where(count > 0, hit @ of_class / np.maximum(count, 1), np.nan)


def _value_scores(
    watched: ProbeSet, outputs: Float[np.ndarray, "moment evaluated output"]
) -> tuple[Float[np.ndarray, " moment"], Float[np.ndarray, "moment output"]]:
    squared = ((outputs - watched.truth) ** 2).mean(axis=1)  # (moment, output)
    variance = watched.truth.astype(np.float64).var(axis=0)
    return squared.mean(axis=1), squared / np.where(variance > 0, variance, 1.0)
