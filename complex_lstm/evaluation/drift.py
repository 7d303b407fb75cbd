"""The features of new windows against those of training: how far each has moved, judged by how far training differs from itself.

The cells of one day, one series or one subject are no independent cases, so that a test for independent ones finds every file
moved. Here whole blocks are drawn (subjects, series, days, or stretches as long as a window):

- by chance: as many blocks of training as the new data has, drawn at random, against the others of training (a permutation of
  blocks). Where the blocks follow each other in time,
- by time: as many neighbouring blocks of training against its others. A season moves a stretch of training too.

A feature has moved where its distance is above 95 of 100 of each. Distances: that of Kolmogorov and Smirnov, the largest difference
of the two shares of values below a point; and the population stability index over the tenths of training (Siddiqi 2006), the sum of
(new share - training share) * log(new share / training share).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from jaxtyping import Float, Float32, Int

from complex_lstm.data import Dataset
from complex_lstm.errors import Stopped, never_stop
from complex_lstm.evaluation.blocks import FEWEST
from complex_lstm.evaluation.row_blocks import (
    ComparedRows,
    RowBlocks,
    compared_rows,
    counts_of_blocks,
    exact_distance,
    group_count,
    shared_levels,
)
from complex_lstm.facts import SHARES, ColumnFacts, TrainingFacts
from complex_lstm.model.batching import Progress, silent
from complex_lstm.wording import counted

TENTHS = np.arange(0.1, 0.95, 0.1)
SMALLEST_SHARE = 1e-4  # stands for 0 in the population stability index
DRAWS = 400
LEVEL = 0.95
NEGLIGIBLE = 0.02  # a smaller distance is no shift, also where training has none at all, as in the sine of the hour
MOST_NAMED = 3
Against = Literal["training", "the checkpoint's quantiles"]


@dataclass(frozen=True)
class Shift:
    """How far one feature has moved.

    distance   of Kolmogorov and Smirnov, from 0 to 1. Against quantiles it is the least that fits them
    stability  population stability index
    by_chance  the distance that 95 of 100 random draws of blocks stay below; by_time the same of neighbouring blocks. NaN where
               there are too few blocks, or their order says nothing
    levels, before, after  values, and the shares of training's and of the new values that are no larger: what is drawn
    medians, missing  in training and in the new data; NaN where there is no value
    """

    feature: int
    name: str
    unit: str
    distance: float
    stability: float
    by_chance: float
    by_time: float
    levels: Float[np.ndarray, " level"]
    before: Float[np.ndarray, " level"]
    after: Float[np.ndarray, " level"]
    medians: tuple[float, float]
    missing: tuple[float, float]

    @property
    def is_judged(self) -> bool:
        return bool(np.isfinite(self.by_chance) and np.isfinite(self.distance))

    @property
    def bound(self) -> float:
        """The distance that training reaches by itself: by chance, or as a stretch of its time."""
        return float(np.nanmax([self.by_chance, self.by_time])) if self.is_judged else np.nan

    @property
    def has_moved(self) -> bool:
        return self.is_judged and self.distance > max(self.bound, NEGLIGIBLE)

    @property
    def is_seasonal(self) -> bool:
        """Whether it is farther from training than random blocks of it are, but not than neighbouring ones."""
        return self.is_judged and not self.has_moved and self.distance > max(self.by_chance, NEGLIGIBLE)

    @property
    def verdict(self) -> str:
        """What the distance means, in words."""
        if not np.isfinite(self.distance):
            return "no values to compare"
        if not self.is_judged:
            return "not judged: too few blocks"
        if self.has_moved:
            return "moved"
        return "no farther than a stretch of training" if self.is_seasonal else "as in training"


@dataclass(frozen=True)
class Drift:
    """The features of new data against training's, the farthest moved first, and by which blocks they are judged.

    `judged_by` says whose blocks give the distances that are usual: training's, or the new data's own where only quantiles are kept.
    `blocks` counts those of training and of the new data. `groups` are those of training where they are too few to judge by, else 0.
    """

    shifts: tuple[Shift, ...]
    against: Against
    judged_by: str
    kind: str
    blocks: tuple[int, int]
    groups: int = 0

    @property
    def moved(self) -> tuple[Shift, ...]:
        return tuple(one for one in self.shifts if one.has_moved)

    @property
    def largest(self) -> float:
        """The largest distance of a feature, NaN where none is known."""
        known = [one.distance for one in self.shifts if np.isfinite(one.distance)]
        return max(known, default=np.nan)


def measure_drift(
    dataset: Dataset,
    part: str,
    facts: TrainingFacts | None = None,
    *,
    rows: ComparedRows | None = None,
    seed: int = 0,
    progress: Progress = silent,
    stop: Callable[[], bool] = never_stop,
) -> Drift | None:
    """Return how far the features of a part have moved from the training part, or from what a checkpoint has kept of it.

    None where neither is known. The `rows` of both are those of `compared_rows`, for who has them already.

    Raises:
        Stopped: `stop` returned True.
    """
    rows = rows or compared_rows(dataset, part)
    kind, new, old = rows.kind, rows.new, rows.old
    is_timed = kind not in ("series", "groups")
    if old is None and facts is None:
        return None
    share = min(new.count / max(old.count, 1), 0.5) if old else 0.5
    draws = _draw((old or new).count, share, seed, is_timed=is_timed)
    shifts = []
    names = dataset.schema.roles.features
    for feature, name in enumerate(names):
        if stop():
            raise Stopped
        if old is not None:
            shift = _from_rows(old, new, feature, draws)
        else:
            shift = _from_facts(facts.find(name) if facts else None, new, feature, draws)
        shifts.append(replace(shift, name=name, unit=dataset.schema.unit(name)))
        progress(feature + 1, len(names))
    shifts.sort(key=_standing)
    count = (old.count if old else 0, new.count)
    against: Against = "training" if old else "the checkpoint's quantiles"
    groups = group_count(dataset, "training" if old else part) if kind != "groups" and dataset.schema.roles.group else 0
    return Drift(tuple(shifts), against, "training" if old else "this data", kind, count, groups)


def _standing(one: Shift) -> tuple[int, float]:
    """Return what shifts are ordered by: those that have moved, those that a season may have, and the others, each by its distance."""
    if not np.isfinite(one.distance):
        return 3, 0.0
    order = 0 if one.has_moved else 1 if one.is_seasonal else 2
    return order, -one.distance / max(one.bound, 1e-9) if one.is_judged else -one.distance


def describe_drift(drift: Drift, part: str) -> str:
    """Return in words what has moved. Names in it are the file's."""
    against = "training" if drift.against == "training" else "what the checkpoint keeps of training"
    judged = [one for one in drift.shifts if one.is_judged]
    if not judged:
        largest = f" The largest distance is {drift.largest:.2f}." if np.isfinite(drift.largest) else ""
        return (
            f"How far features have moved from {against} cannot be judged: {drift.judged_by} has fewer than {FEWEST} {drift.kind}, and "
            f"neighbouring rows are too alike to count one by one.{largest}"
        )
    farther = f"moved farther from {against} than {drift.kind} of {drift.judged_by} usually differ from each other"
    moved = drift.moved
    if not moved:
        return f"No feature of {part} has {farther} ({len(judged):,} judged).{_seasonal(drift)}{_caution(drift)}"
    named = ", ".join(f"{one.name} (distance {one.distance:.2f}, usual up to {one.bound:.2f})" for one in moved[:MOST_NAMED])
    more = f" and {len(moved) - MOST_NAMED:,} more" if len(moved) > MOST_NAMED else ""
    return (
        f"{len(moved):,} of {len(judged):,} features of {part} {'have' if len(moved) > 1 else 'has'} {farther}: {named}{more}. "
        f"By chance about {len(judged) * (1 - LEVEL):.1f} would.{_seasonal(drift)}{_caution(drift)}"
    )


def _seasonal(drift: Drift) -> str:
    """Return which features have moved farther than random blocks differ, but not than stretches of time do."""
    found = [one for one in drift.shifts if one.is_seasonal]
    if not found:
        return ""
    first = max(found, key=lambda one: one.distance)
    others = f" and {len(found) - 1:,} more have" if len(found) > 1 else " has"
    return (
        f" {first.name} (distance {first.distance:.2f}){others} moved farther than {drift.kind} drawn at random differ, but no farther "
        f"than {drift.kind} in a row do: another season would look like that."
    )


def _caution(drift: Drift) -> str:
    if not drift.groups:
        return ""
    whose = drift.judged_by[0].upper() + drift.judged_by[1:]
    return (
        f" {whose} has only {counted(drift.groups, 'group')}, too few to judge by: {drift.kind} of one group are alike, so that more "
        f"features seem to have moved than really have."
    )


def stability_index(before: Float[np.ndarray, " bin"], after: Float[np.ndarray, " bin"]) -> float:
    """Return the population stability index of counts, or shares, in the same bins; NaN where one has none."""
    if not before.sum() or not after.sum():
        return np.nan
    old, new = (np.maximum(one / one.sum(), SMALLEST_SHARE) for one in (before, after))
    return float(((new - old) * np.log(new / old)).sum())


def _from_rows(old: RowBlocks, new: RowBlocks, feature: int, draws: _Draws | None) -> Shift:
    """Return how far a feature has moved, from the cells of both."""
    cells, arrived = old.values[:, feature], new.values[:, feature]
    known, seen = cells[~np.isnan(cells)], arrived[~np.isnan(arrived)]
    missing = _missing(cells), _missing(arrived)
    if not len(known) or not len(seen):
        return _nothing(feature, known, seen, missing)
    levels = shared_levels(known, seen)
    before, after = counts_of_blocks(old, feature, levels), counts_of_blocks(new, feature, levels)
    totals = before.sum(axis=0), after.sum(axis=0)
    tenths = np.unique(np.quantile(known, TENTHS))
    chance, time = _usual(before, draws)
    return Shift(
        feature, "", "", exact_distance(known, seen), stability_index(_in_bins(known, tenths), _in_bins(seen, tenths)), chance, time,
        levels, np.cumsum(totals[0])[:-1] / len(known), np.cumsum(totals[1])[:-1] / len(seen),
        (float(np.median(known)), float(np.median(seen))), missing,
    )  # fmt: skip


def _from_facts(known: ColumnFacts | None, new: RowBlocks, feature: int, draws: _Draws | None) -> Shift:
    """Return how far a feature has moved from the quantiles that are kept of it.

    Between two quantiles nothing is known, so the distance is the least that fits them. What is usual is that of half of the new
    blocks against the other half, at the same values.
    """
    arrived = new.values[:, feature]
    seen = arrived[~np.isnan(arrived)]
    missing = known.missing if known else np.nan, _missing(arrived)
    if known is None or not known.quantiles or not len(seen):
        return _nothing(feature, np.array(known.quantiles if known else ()), seen, missing)
    quantiles, shares = np.array(known.quantiles), np.array(SHARES)
    ordered = np.sort(seen)
    below, upto = (np.searchsorted(ordered, quantiles, side=side) / len(seen) for side in ("left", "right"))
    distance = float(np.maximum(np.maximum(shares - upto, below - shares), 0).max())
    fitting = np.clip(shares, below, upto)[1:-1]  # of many equal values any share up to theirs may lie below the quantile
    stability = stability_index(np.diff([0.0, *shares[1:-1], 1.0]), np.diff([0.0, *fitting, 1.0]))
    chance, time = _usual(counts_of_blocks(new, feature, np.unique(quantiles)), draws)
    return Shift(
        feature, "", "", distance, stability, chance, time, quantiles, shares, upto, (known.median, float(np.median(seen))), missing
    )  # fmt: skip


def _nothing(feature: int, known: np.ndarray, seen: np.ndarray, missing: tuple[float, float]) -> Shift:
    """Return the shift of a feature that has no value on one side."""
    empty = np.zeros(0)
    medians = float(np.median(known)) if len(known) else np.nan, float(np.median(seen)) if len(seen) else np.nan
    return Shift(feature, "", "", np.nan, np.nan, np.nan, np.nan, empty, empty, empty, medians, missing)


def _missing(cells: Float[np.ndarray, " row"]) -> float:
    return float(np.isnan(cells).mean()) if len(cells) else np.nan


def _in_bins(values: Float[np.ndarray, " value"], edges: Float[np.ndarray, " edge"]) -> Float[np.ndarray, " bin"]:
    return np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1).astype(float)


@dataclass(frozen=True)
class _Draws:
    """Which blocks each random draw has, one a row, and where the stretches of as many neighbouring blocks begin."""

    random: Float32[np.ndarray, "draw block"]
    starts: Int[np.ndarray, " stretch"]
    drawn: int


def _draw(blocks: int, share: float, seed: int, *, is_timed: bool) -> _Draws | None:
    """Return draws of a share of the blocks, half of them at most; None where there are too few."""
    if blocks < FEWEST:
        return None
    drawn = int(np.clip(round(share * blocks), 1, blocks // 2))
    random = np.zeros((DRAWS, blocks), dtype=np.float32)
    order = np.random.default_rng(seed).random((DRAWS, blocks)).argpartition(drawn - 1, axis=1)
    np.put_along_axis(random, order[:, :drawn], 1.0, axis=1)
    last = blocks - drawn if is_timed else -1
    return _Draws(random, np.unique(np.linspace(0, last, min(DRAWS, last + 1)).astype(int)), drawn)


def _usual(counts: Float[np.ndarray, "block bin"], draws: _Draws | None) -> tuple[float, float]:
    """Return the distance that 95 of 100 draws of blocks have from the other blocks: of random, and of neighbouring ones."""
    if draws is None:
        return np.nan, np.nan
    below = np.cumsum(counts, axis=1)  # of values up to each level
    every = below.sum(axis=0)
    by_chance = _distance_from_others((draws.random @ below.astype(np.float32)).astype(float), every)
    if not len(draws.starts):
        return by_chance, np.nan
    cumulated = np.concatenate([np.zeros((1, below.shape[1])), np.cumsum(below, axis=0)])
    return by_chance, _distance_from_others(cumulated[draws.starts + draws.drawn] - cumulated[draws.starts], every)


def _distance_from_others(below: Float[np.ndarray, "draw bin"], every: Float[np.ndarray, " bin"]) -> float:
    """Return the distance that 95 of 100 draws of blocks have from the other blocks, from how many of their values lie up to each level."""
    others = every - below
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.abs(below / below[:, -1:] - others / others[:, -1:]).max(axis=1)
    return float(np.nanquantile(apart, LEVEL))
