"""The windows of a part cut by one property after the other, and the error in each slice against that of the other windows.

Of many slices some are worse by chance alone, so the worst are ranked by what chance leaves of their difference: its lower end times
their share of the windows. That is the least by which the mean error of the part would fall if the slice were like the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from scipy import stats

from complex_lstm.data.units import digits
from complex_lstm.errors import Stopped, never_stop
from complex_lstm.evaluation.answered import AnsweredWindows
from complex_lstm.evaluation.blocks import DRAWS, LEVEL, Blocks, Interval
from complex_lstm.evaluation.cutting import Cut, cuts, paired_cuts
from complex_lstm.model.batching import Progress, silent
from complex_lstm.wording import counted, form

FEWEST_WINDOWS, FEWEST_BLOCKS = 20, 3  # a smaller slice, or one that leaves a smaller rest, is listed and not ranked
FALSE_SHARE = 0.05  # of the slices that are called worse, by Benjamini and Hochberg
TOGETHER = 512  # slices that are resampled at once
MOST_COUNTED = 4_000_000  # counts of blocks in draws: of very many blocks fewer draws are made


@dataclass(frozen=True)
class Slice:
    """The windows with one value of a property, and their error beside that of all other windows.

    error, rest   mean over the windows of `window_errors`
    difference    error less rest, with the interval of draws of blocks; its ends are NaN where it is not ranked
    chance        probability of such a difference, or a larger one, in a slice that is no worse; NaN where it is not ranked
    is_beyond_chance  whether it is worse after Benjamini and Hochberg's correction for the number of slices
    """

    cut: str
    name: str
    windows: int
    blocks: int
    share: float
    error: float
    rest: float
    difference: Interval
    chance: float = np.nan
    is_beyond_chance: bool = False

    @property
    def label(self) -> str:
        """The property and its value, which identify the slice."""
        return f"{self.cut}: {self.name}"

    @property
    def is_ranked(self) -> bool:
        return bool(np.isfinite(self.chance))

    @property
    def weight(self) -> float:
        """What slices are ranked by: the lower end of the difference times the share of the windows; below 0 how unlikely chance is."""
        return self.difference.low * self.share if self.difference.low > 0 else -self.chance


def window_errors(answered: AnsweredWindows, target: int | None = None) -> Float[np.ndarray, " window"]:
    """Return the error of each window: 1 where the class is wrong, else 0; of values the absolute error in training deviations.

    The deviations are those of what the model learns, the target or its change. Without a target it is the mean over all of them.
    """
    if answered.is_classes:
        return 1.0 - answered.right
    off = np.abs(answered.errors) / deviations(answered)
    return np.asarray(off.mean(axis=1) if target is None else off[:, target])


def deviations(answered: AnsweredWindows) -> Float[np.ndarray, " target"]:
    """Return the deviations in training of what the model learns of each target; 1 for one that never changed."""
    std = np.array(answered.dataset.scaling.target_std)
    return np.where(std > 0, std, 1.0)


def score_slices(
    answered: AnsweredWindows, target: int | None = None, *, progress: Progress = silent, stop: Callable[[], bool] = never_stop
) -> tuple[Slice, ...]:
    """Return every slice of the windows with its error, of one target or the mean over all, in the order of the properties.

    Raises:
        Stopped: `stop` returned True.
    """
    every = len(answered.dataset.schema.roles.features)
    errors, blocks = window_errors(answered, target), answered.blocks
    draws = _draws(blocks)
    found: list[Slice] = []
    waiting: list[Cut] = []
    for cut in cuts(answered):
        if stop():
            raise Stopped
        waiting.append(cut)
        if sum(len(one.slices) for one in waiting) >= TOGETHER:
            found += _score(waiting, errors, blocks, draws)
            waiting = []
            progress(min(cut.feature + 1, every), every)
    found += _score(waiting, errors, blocks, draws)
    return _beyond_chance(found)


@dataclass(frozen=True)
class PairedSlices:
    """The slices by two properties at once that are worse than the windows with one of the two values only, of all that were looked at."""

    slices: tuple[Slice, ...]
    looked_at: int


def score_pairs(
    answered: AnsweredWindows, target: int | None = None, *, progress: Progress = silent, stop: Callable[[], bool] = never_stop
) -> PairedSlices:
    """Return the pairs of two properties' values whose windows are worse than those that have one of the two values only.

    A pair is compared with the other windows of each of its values, else all pairs with a bad value would be bad; of the two
    comparisons the less certain one counts. The correction for chance counts every pair of enough windows, not only those returned.

    Raises:
        Stopped: `stop` returned True.
    """
    errors, blocks = window_errors(answered, target), answered.blocks
    draws = _draws(blocks)
    every, found = list(paired_cuts(answered, FEWEST_WINDOWS)), list[Slice]()
    for place, (one, other, cut) in enumerate(every):
        if stop():
            raise Stopped
        kept = np.flatnonzero(cut.of_window >= 0)
        example = kept[np.unique(cut.of_window[kept], return_index=True)[1]]  # a window of each slice
        beside = []
        for single in (one, other):
            counts, sums = (_by_block(single, values, blocks)[:, single.of_window[example]] for values in (np.ones(len(errors)), errors))
            beside.append(_score([cut], errors, blocks, draws, among=(counts, sums)))
        found += [max(pair, key=lambda each: each.chance) if all(each.is_ranked for each in pair) else replace(pair[0], chance=np.nan)
                  for pair in zip(*beside, strict=True)]  # fmt: skip
        progress(place + 1, len(every))
    judged = [one for one in _beyond_chance(found) if one.is_ranked]
    return PairedSlices(tuple(one for one in judged if one.difference.value > 0), len(judged))


def describe_pairs(pairs: PairedSlices, *, is_classes: bool) -> str:
    """Return in words which pair of two properties' values is worst, and how many are beyond chance. Names in it are the file's."""
    beyond = sum(one.is_beyond_chance for one in pairs.slices)
    of_all = (
        f"Of {counted(pairs.looked_at, 'pair')} with enough windows, each compared with the windows that have one of its two values only, "
        f"{beyond:,} {form(beyond, 'is', 'are')} beyond chance when corrected for the number of pairs."
    )
    worst = next(iter(worst_slices(pairs.slices)), None)
    if worst is None or worst.difference.low <= 0:
        return f"No pair of two properties is surely worse than one of them alone. {of_all}"
    others = f"{1 - worst.rest:.3f}" if is_classes else digits(worst.rest)
    return (
        f"Worst is {worst.label} ({worst.share:.0%} of the windows): {error_words(worst.error, is_classes)}; with only one of the two "
        f"values it is {others}{'' if worst.is_beyond_chance else ', which may be chance'}. {of_all}"
    )


def worst_slices(slices: Iterable[Slice], most: int | None = None) -> list[Slice]:
    """Return the slices that are ranked, the worst first."""
    return sorted((one for one in slices if one.is_ranked), key=lambda one: -one.weight)[:most]


def describe_slices(slices: tuple[Slice, ...], blocks: Blocks, *, is_classes: bool) -> str:
    """Return in words which slice is worst, and how many would seem so by chance. Names in it are the file's."""
    ranked = worst_slices(slices)
    if not slices:
        return "There is nothing to cut these windows by: they are alike in all that is known of them."
    if not ranked:
        return (
            f"None of the {len(slices):,} slices is ranked: each has fewer than {FEWEST_WINDOWS} windows or {FEWEST_BLOCKS} {blocks.kind}, "
            f"or leaves so few others. These windows have {blocks.count} {blocks.kind}."
        )
    by_chance = len(ranked) * (1 - LEVEL) / 2
    beyond = sum(one.is_beyond_chance for one in ranked)
    above = sum(one.difference.low > 0 for one in ranked)
    of_all = (
        f"Of {counted(len(ranked), 'slice')} that {form(len(ranked), 'is', 'are')} ranked about {by_chance:.0f} would have an interval "
        f"above zero by chance alone; {above:,} {form(above, 'has', 'have')}, and {beyond:,} {form(beyond, 'is', 'are')} beyond chance "
        f"when corrected for the number of slices."
    )
    worst = ranked[0]
    if worst.difference.low <= 0:
        return f"No slice is surely worse than the other windows. {of_all}"
    others = f"{1 - worst.rest:.3f}" if is_classes else digits(worst.rest)
    return (
        f"Worst is {worst.label} ({worst.share:.0%} of the windows): {error_words(worst.error, is_classes)}, in the others {others}"
        f"{'' if worst.is_beyond_chance else ', which may be chance'}. {of_all}"
    )


def error_words(error: float, is_classes: bool) -> str:
    """Return a slice's error in words: an accuracy, or the mean absolute error in training deviations."""
    return f"accuracy {1 - error:.3f}" if is_classes else f"mean error {digits(error)} training deviations"


def target_errors(answered: AnsweredWindows, cut: Cut, name: str) -> Float[np.ndarray, "two target"]:
    """Return the mean absolute error of each target in its unit, in a slice of a cut and in the other windows. Of values only."""
    off, inside = np.abs(answered.errors), cut.of_window == cut.slices.index(name)
    return np.stack([off[inside].mean(axis=0), off[~inside].mean(axis=0)])


def _draws(blocks: Blocks) -> Float[np.ndarray, "draw block"] | None:
    """Return how often each block is in each draw, None where there are too few blocks for an interval."""
    if not blocks.is_enough:
        return None
    return blocks.draws(count=int(np.clip(MOST_COUNTED // blocks.count, 200, DRAWS))).astype(float)


def _score(
    cut_by: list[Cut],
    errors: Float[np.ndarray, " window"],
    blocks: Blocks,
    draws: np.ndarray | None,
    among: tuple[Float[np.ndarray, "block slice"], Float[np.ndarray, "block slice"]] | None = None,
) -> list[Slice]:
    """Return the slices of some cuts, all of them resampled by the same draws.

    `among` has counts and sums of errors of the windows, by block, that each slice is compared with; else it is with all.
    """
    if not cut_by:
        return []
    counts, sums = (np.concatenate([_by_block(cut, values, blocks) for cut in cut_by], axis=1) for values in (np.ones(len(errors)), errors))
    all_counts, all_sums = among or [blocks.sums(values)[:, None] for values in (np.ones(len(errors)), errors)]
    others = (all_counts - counts).sum(axis=0)
    with np.errstate(invalid="ignore"):  # of a pair that has all windows of one of its values
        error, rest = sums.sum(axis=0) / counts.sum(axis=0), (all_sums - sums).sum(axis=0) / others
    held = np.minimum((counts > 0).sum(axis=0), (all_counts - counts > 0).sum(axis=0))
    windows = counts.sum(axis=0).astype(int)
    spread = np.full(len(error), np.nan)
    if draws is not None:
        n, s, n_all, s_all = draws @ counts, draws @ sums, draws @ all_counts, draws @ all_sums
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn = s / n - (s_all - s) / (n_all - n)
        there = np.isfinite(drawn)
        count = np.maximum(there.sum(axis=0), 1)
        mean = np.where(there, drawn, 0).sum(axis=0) / count
        spread = np.sqrt((np.where(there, drawn - mean, 0) ** 2).sum(axis=0) / count)
    is_ranked = (np.minimum(windows, others) >= FEWEST_WINDOWS) & (held >= FEWEST_BLOCKS) & np.isfinite(spread)
    freedom = np.maximum(held - 1, 1)  # few blocks tell little of how far they differ: Student's t, and no normal curve
    off = error - rest
    half = np.where(is_ranked, stats.t.ppf((1 + LEVEL) / 2, freedom) * spread, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.where(spread > 0, off / spread, np.where(off > 0, np.inf, -np.inf))
    chance = np.where(is_ranked, stats.t.sf(distance, freedom), np.nan)
    names = [(cut.name, name) for cut in cut_by for name in cut.slices]
    blocks_in = (counts > 0).sum(axis=0)
    return [
        Slice(
            *names[at], int(windows[at]), int(blocks_in[at]), float(windows[at] / len(errors)), float(error[at]), float(rest[at]),
            Interval(float(off[at]), float(off[at] - half[at]), float(off[at] + half[at])), float(chance[at]),
        )
        for at in range(len(names))
    ]  # fmt: skip


def _by_block(cut: Cut, values: Float[np.ndarray, " window"], blocks: Blocks) -> Float[np.ndarray, "block slice"]:
    """Return the sum of a value over the windows of each slice in each block."""
    count, kept = len(cut.slices), cut.of_window >= 0
    at = blocks.of_window[kept] * count + cut.of_window[kept]
    return np.bincount(at, values[kept], minlength=blocks.count * count).reshape(blocks.count, count)


def _beyond_chance(slices: list[Slice]) -> tuple[Slice, ...]:
    """Return the slices with those marked that remain worse when so many are looked at (Benjamini and Hochberg 1995)."""
    chances = np.array([one.chance for one in slices])
    ranked = np.flatnonzero(np.isfinite(chances))
    order = ranked[np.argsort(chances[ranked], kind="stable")]
    passed = chances[order] <= FALSE_SHARE * np.arange(1, len(order) + 1) / max(len(order), 1)
    beyond: set[int] = set(order[: int(np.flatnonzero(passed)[-1]) + 1].tolist()) if passed.any() else set()
    return tuple(replace(one, is_beyond_chance=number in beyond) for number, one in enumerate(slices))
