"""A file beside what a model was trained on: which column is how far off, with a likely cause and the conversion that would mend it.

Nothing is changed here. A cause is named only where it explains the values much better than they are (the thresholds stand below).
Another season, a colder winter or a windier year moves the level of a column, but hardly the size of its changes from row to row:
that is what tells a unit from a season. It fails for a unit that differs by less than half as much again (knots and mph), for a
quantity whose changes grow with its level (a price over decades), and less surely tells files whose rows are not equally far apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np
from jaxtyping import Float

from complex_lstm.config import Scaling
from complex_lstm.data.facts import dataset_facts
from complex_lstm.data.prepare import Dataset
from complex_lstm.data.times import duration
from complex_lstm.data.units import conversion, digits, quantity_of, units_of
from complex_lstm.facts import ColumnFacts, TrainingFacts
from complex_lstm.recipe import Conversion, Rename

Kind = Literal["unit", "swapped", "far", "time step", "missing", "constant", "varies"]

FEWEST_ROWS = 30  # of fewer, quantiles say little
# distances are means over the quantiles from 5 to 95%, in units of training's range from 5 to 95%
OFF = 0.25  # nearer than this a column is as in training
MENDED = 0.4  # a conversion leaves less than this share of the distance,
MENDED_BY_STEP = 0.6  # or than this where it also makes the changes from row to row as large as in training, to within EXACT_STEP
EXACT_STEP = 0.2  # logarithm
SMALL_FACTOR = np.log(1.5)  # a smaller factor is not told from another season
SMALL_FACTOR_OF_RARE = np.log(8)  # the same where most values are 0, as of rain: the others vary much
SAME_STEP = 0.35  # logarithm: changes from row to row are as large as in training, to within a factor of 1.4
FAR = 3.0  # a column without a cause is worth a word from this distance on; seasons of the samples reach 2
OTHER_RATE = 1.5  # a time step this many times longer or shorter is another one
MOSTLY_MISSING = 0.5
FAR_MEAN = 5.0  # deviations between the means, where nothing else is kept of training
NEAR_MEAN = 1.0  # and after a conversion that explains them
OTHER_SPREAD, SAME_SPREAD = np.log(10), np.log(2.5)
NOT_COMPARED = (
    "The checkpoint keeps only means and deviations of its training data: its ranges, missing cells and time step, and swapped columns, "
    "could not be compared."
)


@dataclass(frozen=True)
class Mismatch:
    """One way in which a file differs from what a model was trained on, in words, and what would mend it where that is known."""

    kind: Kind
    columns: tuple[str, ...]
    words: str
    conversions: tuple[Conversion, ...] = ()
    renames: tuple[Rename, ...] = ()

    @property
    def brief(self) -> str:
        """The words up to the first colon, as one sentence."""
        return f"{self.words.split(': ')[0].rstrip('.')}."


def compare(facts: TrainingFacts, dataset: Dataset) -> tuple[Mismatch, ...]:
    """Return how the columns of a data set differ from those that a model was trained on, the clearest first; () where they do not.

    Features that are made from columns are not compared: what moved them is a column, or the time step.
    """
    of_file = replace(facts, columns=tuple(one for one in facts.columns if one.name not in _derived(dataset)))
    return compare_facts(of_file, dataset_facts(dataset))


def _derived(dataset: Dataset) -> frozenset[str]:
    return frozenset(name for one in dataset.schema.derived for name in one.names)


def compare_facts(facts: TrainingFacts, found: TrainingFacts) -> tuple[Mismatch, ...]:
    """Return how one file's facts differ from those of training."""
    if found.rows < FEWEST_ROWS:
        return ()
    pairs = [(known, seen) for known in facts.columns if (seen := found.find(known.name)) is not None]
    is_same_rate = _rate(facts, found) is None
    rate = _rate_mismatch(facts, found)
    swapped = list(_swapped(pairs))
    of_swapped = {name for one in swapped for name in one.columns}
    single = [one for known, seen in pairs if known.name not in of_swapped for one in _of_column(known, seen, is_same_rate=is_same_rate)]
    order = ("unit", "swapped", "time step", "far", "missing", "constant", "varies")
    return tuple(sorted([*swapped, *([rate] if rate else []), *single], key=lambda one: order.index(one.kind)))


def compare_scaling(scaling: Scaling, dataset: Dataset) -> tuple[Mismatch, ...]:
    """Return which features have another mean or spread than those by which a checkpoint without facts scales them.

    A mean that is only some deviations away may be another season's, so less is told than by `compare`; see `NOT_COMPARED`.
    """
    found, features = dataset_facts(dataset), dataset.schema.roles.features
    if found.rows < FEWEST_ROWS:
        return ()
    means = zip(features, scaling.feature_mean, scaling.feature_std, strict=True)
    made = _derived(dataset)
    told = [one for name, mean, std in means if name not in made and (seen := found.find(name)) and (one := _by_moments(seen, mean, std))]
    return tuple(sorted(told, key=lambda one: one.kind != "unit"))


def _by_moments(seen: ColumnFacts, mean: float, std: float) -> Mismatch | None:
    """Return how the mean and the spread of a feature differ from those of training, None where they hardly do."""

    def off(one: Conversion) -> tuple[float, float]:
        """Deviations between the means, and the logarithm of the ratio of the spreads, after a conversion."""
        return abs(seen.mean * one.factor + one.offset - mean) / std, abs(np.log(seen.std * abs(one.factor) / std)) if seen.std else np.inf

    name, as_it_is = seen.name, Conversion(seen.name, 1.0)
    if not seen.quantiles or not seen.std or std <= 0:
        return None
    away, spread = off(as_it_is)
    if away <= FAR_MEAN and spread <= OTHER_SPREAD:
        return None
    here = f"its mean is {digits(seen.mean)} ± {digits(seen.std)}, in training {digits(mean)} ± {digits(std)}"
    known = ColumnFacts(name, seen.unit)
    likely = [one for one in _candidates(known) if one.factor > 0 and off(one)[0] <= NEAR_MEAN and off(one)[1] <= SAME_SPREAD]
    if likely:
        best = min(likely, key=lambda one: (not one.source, sum(off(one))))
        cause = f"looks like {best.source}, where the model learned {best.target}" if best.source else "seems to be in another unit"
        after = f"{_formula(best)} it would be {digits(seen.mean * best.factor + best.offset)}"
        return Mismatch("unit", (name,), f"{name} {cause}: {here}. {after}.", (best,))
    far = f"{away:,.0f} deviations away" if away > FAR_MEAN else "spread otherwise"
    return Mismatch("far", (name,), f"{name} is far from training: {here}, {far}. If it is in another unit, convert it.")


def distance(known: ColumnFacts, quantiles: Float[np.ndarray, " quantile"]) -> float:
    """Return how far quantiles are from those of training, in units of training's range from 5 to 95% of its values."""
    before = np.array(known.quantiles)
    shown = slice(2, 7) if before[6] > before[2] else slice(0, 9)  # a column that is nearly always the same has its range beyond 95%
    spread = before[shown][-1] - before[shown][0]
    return float(np.abs(quantiles[shown] - before[shown]).mean() / spread) if spread > 0 else 0.0


def _of_column(known: ColumnFacts, seen: ColumnFacts, *, is_same_rate: bool) -> Iterator[Mismatch]:
    name = known.name
    if not known.quantiles:
        return
    if not seen.quantiles:
        yield Mismatch("missing", (name,), f"{name} has no value in this file; in training {1 - known.missing:.0%} of its cells had one.")
        return
    if seen.missing > MOSTLY_MISSING and known.missing < seen.missing / 2:
        yield Mismatch(
            "missing", (name,), f"{name} is empty in {seen.missing:.0%} of this file's rows, in training in {known.missing:.0%}."
        )
    if known.is_constant:
        if not seen.is_constant or seen.median != known.median:
            words = f"{name} was always {known.median:.4g} in training, and is not here: what the model makes of it is arbitrary."
            yield Mismatch("varies", (name,), words)
        return
    mended = _likely_conversion(known, seen, is_same_rate=is_same_rate)
    if mended is not None:
        yield Mismatch("unit", (name,), _cause(known, seen, mended), (mended,))
        return
    if seen.is_constant:
        yield Mismatch("constant", (name,), f"{name} is {seen.median:.4g} in every row; in training it varied ({_range(known)}).")
    if distance(known, np.array(seen.quantiles)) > FAR and not _is_inside(known, np.array(seen.quantiles)):
        yield Mismatch(
            "far", (name,), f"{name} is far from training: most of its values are {_range(seen)}, where they were {_range(known)}. If it "
            f"is in another unit, or measured another way, convert it; if it has really moved so far, the model was not trained for it.",
        )  # fmt: skip


def _likely_conversion(known: ColumnFacts, seen: ColumnFacts, *, is_same_rate: bool) -> Conversion | None:
    """Return the conversion that makes a column like training's, None where it is like it already or none clearly does."""
    raw = distance(known, np.array(seen.quantiles))
    if raw <= OFF or seen.is_constant:
        return None
    fitting = [(left, one) for one in _candidates(known) if (left := _left(known, seen, one, raw, is_same_rate=is_same_rate)) is not None]
    return min(fitting, key=lambda pair: pair[0])[1] if fitting else None


def _candidates(known: ColumnFacts) -> list[Conversion]:
    """Return the conversions that are tried: between units of the column's quantity first, then powers of ten, and the sign."""
    quantity = quantity_of(known.name, known.unit)
    named: list[Conversion | None] = []
    for target in [known.unit] if known.unit else units_of(quantity) if quantity else ["°C", "°F", "K"]:
        named += [conversion(known.name, source, target) for source in units_of(quantity or "temperature")]
    tried = [one for one in named if one is not None and (one.factor, one.offset) != (1, 0)]
    factors = [one.factor for one in tried if not one.offset]
    for power in (-6, -3, -2, -1, 1, 2, 3, 6):
        if not any(np.isclose(10.0**power, factor, rtol=0.02) for factor in factors):
            tried.append(Conversion(known.name, 10.0**power))
    return [*tried, Conversion(known.name, -1.0)]


def _left(known: ColumnFacts, seen: ColumnFacts, tried: Conversion, raw: float, *, is_same_rate: bool) -> float | None:
    """Return the distance that is left after a conversion, None where it does not explain the difference."""
    converted = np.sort(np.array(seen.quantiles) * tried.factor + tried.offset)
    left, size = distance(known, converted), abs(np.log(abs(tried.factor)))
    has_step = is_same_rate and known.step > 0 and seen.step > 0
    off_step = abs(np.log(seen.step * abs(tried.factor) / known.step)) if has_step else np.inf
    mended = MENDED_BY_STEP if off_step <= EXACT_STEP and size >= SMALL_FACTOR else MENDED
    if left > mended * raw or not _is_inside(known, converted):
        return None
    if tried.factor < 0:
        before, after = np.array(known.quantiles)[[2, 6]], np.array(seen.quantiles)[[2, 6]]
        is_other_side = ((before > 0).all() and (after < 0).all()) or ((before < 0).all() and (after > 0).all())
        return left if is_other_side and raw >= 1 and left <= OFF else None
    if known.quantiles[3] == known.quantiles[5] == 0 and size < SMALL_FACTOR_OF_RARE:
        return None
    if size < SMALL_FACTOR:
        return left if tried.source and raw >= FAR else None
    if has_step:
        return left if off_step <= min(SAME_STEP, 0.4 * size) else None
    return left if left <= OFF else None


def _is_inside(known: ColumnFacts, quantiles: Float[np.ndarray, " quantile"]) -> bool:
    """Return whether nine tenths of the values lie where training's values lay, give or take a tenth of their range."""
    low, high = known.quantiles[0], known.quantiles[-1]
    margin = 0.1 * (high - low)
    return bool(quantiles[2] >= low - margin and quantiles[6] <= high + margin)


def _cause(known: ColumnFacts, seen: ColumnFacts, found: Conversion) -> str:
    if found.source and found.target:
        cause = f"looks like {found.source}, where the model learned {found.target}"
    elif found.factor < 0:
        cause = "has the other sign than in training"
    else:
        times = 1 / found.factor
        cause = f"is {times:,.0f} times as large as in training" if times > 1 else f"is {found.factor:,.0f} times as small as in training"
    return (
        f"{known.name} {cause}: its median is {digits(seen.median)}, in training {digits(known.median)}. {_formula(found)} it would be "
        f"{digits(seen.median * found.factor + found.offset)}."
    )


def _formula(found: Conversion) -> str:
    if found.factor == 1:
        return f"{'Plus' if found.offset > 0 else 'Minus'} {abs(found.offset):.6g}"
    offset = f" {'plus' if found.offset > 0 else 'minus'} {abs(found.offset):.6g}" if found.offset else ""
    return f"Times {found.factor:.6g}{offset}"


def _range(facts: ColumnFacts) -> str:
    unit = f" {facts.unit}" if facts.unit else ""
    return f"{digits(facts.quantiles[2])} to {digits(facts.quantiles[6])}{unit}"


def _swapped(pairs: list[tuple[ColumnFacts, ColumnFacts]]) -> Iterator[Mismatch]:
    """Yield pairs of columns, each of which looks like the other in training."""
    usable = [(known, seen) for known, seen in pairs if known.quantiles and seen.quantiles and not known.is_constant]
    off = [pair for pair in usable if distance(pair[0], np.array(pair[1].quantiles)) > 2 * OFF]
    taken: set[str] = set()
    for (first, seen_first), (second, seen_second) in combinations(off, 2):
        crossed = [distance(first, np.array(seen_second.quantiles)), distance(second, np.array(seen_first.quantiles))]
        straight = [distance(first, np.array(seen_first.quantiles)), distance(second, np.array(seen_second.quantiles))]
        alike = all(
            known.step > 0 and seen.step > 0 and abs(np.log(seen.step / known.step)) <= SAME_STEP
            for known, seen in ((first, seen_second), (second, seen_first))
        )
        if {first.name, second.name} & taken or not alike or max(crossed) > OFF or sum(crossed) > MENDED * sum(straight):
            continue
        taken |= {first.name, second.name}
        words = (
            f"{first.name} and {second.name} look swapped: the values of {first.name} ({_range(replace(seen_first, unit=''))}) are like "
            f"those of {second.name} in training ({_range(second)}), and the other way round."
        )
        yield Mismatch(
            "swapped", (first.name, second.name), words, renames=(Rename(first.name, second.name), Rename(second.name, first.name))
        )


def _rate(facts: TrainingFacts, found: TrainingFacts) -> float | None:
    """Return how many times longer the time step is than in training; None where it is the same, or where one is not known."""
    if facts.time_unit != found.time_unit or facts.time_unit == "rows" or facts.time_step <= 0 or found.time_step <= 0:
        return None
    ratio = found.time_step / facts.time_step
    return ratio if not 1 / OTHER_RATE < ratio < OTHER_RATE else None


def _rate_mismatch(facts: TrainingFacts, found: TrainingFacts) -> Mismatch | None:
    ratio = _rate(facts, found)
    if ratio is None:
        return None
    here, then = _duration(found), _duration(facts)
    longer = f"{ratio:.3g} times as long" if ratio > 1 else f"{1 / ratio:.3g} times as short"
    return Mismatch(
        "time step", (), f"The rows of this file are {here} apart, those of training {then}: each window covers a time {longer} as the "
        f"model learned. Bring the file to one row every {then}, by averaging or by interpolating.",
    )  # fmt: skip


def _duration(facts: TrainingFacts) -> str:
    return duration(facts.time_step) if facts.time_unit == "s" else f"{facts.time_step:.4g}"
