"""How a model developed during training, in numbers: attention, gate and scores from snapshot to snapshot."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Int

from complex_lstm.runs.snapshots import ProbeSet, Snapshot

Third = Literal["early", "in the middle", "late"]

THIRDS: tuple[Third, Third, Third] = ("early", "in the middle", "late")

NEAR = 0.1  # attention within this share of its largest distance from the end has settled; a gate this near to 0 or 1 is saturated
HARDLY_MOVED = 0.02  # maps whose largest distance is smaller were about the same all along
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True)
class Settling:
    """How one layer's attention approached the maps of the last snapshot, over the snapshots in which the layer is active.

    to_last   total variation distance from the maps of the last snapshot: half the sum of |a - b| over the keys, which is the
              share of its attention that a query would have to move; the mean over real queries, heads and windows
    pace      the same distance from the snapshot before, per 100 steps of the optimizer; NaN at the first
    """

    steps: Int[np.ndarray, " snapshot"]
    to_last: Float[np.ndarray, " snapshot"]
    pace: Float[np.ndarray, " snapshot"]

    @property
    def largest(self) -> float:
        return float(self.to_last.max())

    @property
    def settled_at(self) -> int | None:
        """The step from which on the distance stays within a tenth of its largest; None where the maps hardly changed at all.

        The distance to the last snapshot is always 0 at the end: maps that drift at a constant pace settle late.
        """
        if self.largest < HARDLY_MOVED:
            return None
        away = np.nonzero(self.to_last >= NEAR * self.largest)[0]
        return int(self.steps[away[-1] + 1])  # the last snapshot is never away from itself


@dataclass(frozen=True)
class Gating:
    """The distribution of the fusion gate's values over all channels and real steps, in the snapshots in which the gate is active.

    quantiles   of QUANTILES, interpolated within the bins in which the values are kept
    near_0      share of values under 0.1, which pass convolution stage 2 and block stage 1
    near_1      share of values over 0.9, which do the reverse
    """

    steps: Int[np.ndarray, " snapshot"]
    shares: Float[np.ndarray, "snapshot bin"]
    mean: Float[np.ndarray, " snapshot"]
    quantiles: Float[np.ndarray, "snapshot quantile"]
    near_0: Float[np.ndarray, " snapshot"]
    near_1: Float[np.ndarray, " snapshot"]


@dataclass(frozen=True)
class ScoreCourse:
    """The scores of the evaluated windows.

    loss   cross-entropy of classes, or squared error of scaled values: the mean over the windows, without label smoothing
           and class weights
    each   recall of each class, NaN where no evaluated window is of it; or squared error of each target in units of the
           truth's variance over the windows, where 1 is as good as predicting the mean
    """

    steps: Int[np.ndarray, " snapshot"]
    loss: Float[np.ndarray, " snapshot"]
    each: Float[np.ndarray, "snapshot output"]


def third_of(share: float) -> Third:
    """Return which third of a run this share of its steps lies in; a border belongs to the earlier one."""
    return THIRDS[min(int(np.ceil(3 * share)) - 1, 2) if share > 0 else 0]


def settling(probes: ProbeSet, snapshots: tuple[Snapshot, ...]) -> tuple[Settling, ...]:
    """Return how the attention of each layer settled. A layer that is not active in the last snapshot is left out."""
    found, is_real = [], real_cells(probes) > 0
    for layer in range(snapshots[-1].attention.shape[1] if snapshots else 0):
        active = tuple(snapshot for snapshot in snapshots if snapshot.attention.shape[1] > layer)
        maps, steps = [snapshot.attention[:, layer].astype(np.float32) for snapshot in active], steps_of(active)
        to_last = np.array([_variation(one, maps[-1], is_real) for one in maps])
        moved = [_variation(one, other, is_real) for one, other in itertools.pairwise(maps)]
        found.append(Settling(steps, to_last, np.concatenate([[np.nan], 100 * np.array(moved) / np.diff(steps)])))
    return tuple(found)


def gating(probes: ProbeSet, snapshots: tuple[Snapshot, ...]) -> Gating:
    """Return the distribution of the gate's values; a snapshot in which the gate is not active yet is left out."""
    snapshots = tuple(snapshot for snapshot in snapshots if snapshot.gate_shares.sum() > 0)
    bins = snapshots[0].gate_shares.size if snapshots else 0
    shares = np.array([snapshot.gate_shares for snapshot in snapshots], dtype=np.float64).reshape(len(snapshots), bins)
    steps, edge = real_cells(probes), round(NEAR * bins)
    means = [float((np.nan_to_num(snapshot.gate) * steps).sum() / steps.sum()) for snapshot in snapshots]
    below = [np.concatenate([[0.0], np.cumsum(one) / one.sum()]) for one in shares]
    quantiles = [np.interp(QUANTILES, one, np.linspace(0, 1, bins + 1)) for one in below]
    return Gating(
        steps_of(snapshots),
        shares,
        np.array(means),
        np.array(quantiles).reshape(len(snapshots), len(QUANTILES)),
        shares[:, :edge].sum(axis=1),
        shares[:, bins - edge :].sum(axis=1),
    )


def score_course(probes: ProbeSet, snapshots: tuple[Snapshot, ...]) -> ScoreCourse:
    """Return the scores of the evaluated windows at each snapshot."""
    outputs = np.stack([snapshot.outputs for snapshot in snapshots]).astype(np.float64)
    if probes.truth.ndim == 1:
        return ScoreCourse(steps_of(snapshots), *_class_scores(probes, outputs))
    squared = ((outputs - probes.truth) ** 2).mean(axis=1)  # (snapshot, output)
    variance = probes.truth.astype(np.float64).var(axis=0)
    return ScoreCourse(steps_of(snapshots), squared.mean(axis=1), squared / np.where(variance > 0, variance, 1.0))


def real_cells(probes: ProbeSet) -> Int[np.ndarray, "window cell"]:
    """Return how many real steps lie in each cell of the windows; 0 after a window's end."""
    cells = -(-int(probes.length.max()) // probes.cell)
    return np.clip(probes.length[:, None] - probes.cell * np.arange(cells), 0, probes.cell)


def steps_of(snapshots: tuple[Snapshot, ...]) -> Int[np.ndarray, " snapshot"]:
    """Return the snapshots' steps of the optimizer."""
    return np.array([snapshot.step for snapshot in snapshots], dtype=int)


def _variation(
    one: Float[np.ndarray, "window head query key"],
    other: Float[np.ndarray, "window head query key"],
    is_real: Bool[np.ndarray, "window query"],
) -> float:
    """Return the total variation distance of two sets of maps: the mean over a window's real queries, then over windows and heads."""
    of_queries = np.abs(one - other).sum(axis=-1) / 2  # (window, head, query)
    real = is_real[:, None, :]
    return float(((of_queries * real).sum(axis=-1) / real.sum(axis=-1)).mean())


def _class_scores(
    probes: ProbeSet, outputs: Float[np.ndarray, "snapshot evaluated output"]
) -> tuple[Float[np.ndarray, " snapshot"], Float[np.ndarray, "snapshot output"]]:
    truth = probes.truth.astype(int)
    top = outputs.max(axis=-1, keepdims=True)
    logs = outputs - top - np.log(np.exp(outputs - top).sum(axis=-1, keepdims=True))
    loss = -logs[:, np.arange(len(truth)), truth].mean(axis=1)
    hit = outputs.argmax(axis=-1) == truth  # (snapshot, evaluated)
    of_class = np.eye(outputs.shape[-1])[truth]  # (evaluated, output)
    count = of_class.sum(axis=0)
    return loss, np.where(count > 0, hit @ of_class / np.maximum(count, 1), np.nan)
