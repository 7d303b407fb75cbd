"""Times of two ways to do one thing, or of one thing at several sizes, taken turn by turn so that a busy machine slows all alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Ratio:
    """How many times faster ours is than the plain way: the median over the rounds, and the lowest and highest."""

    what: str
    plain_ms: float
    ours_ms: float
    middle: float
    low: float
    high: float

    @property
    def row(self) -> str:
        return f"| {self.what} | {self.plain_ms:.1f} | {self.ours_ms:.1f} | {self.middle:.2f} | {self.low:.2f} to {self.high:.2f} |"


@dataclass(frozen=True)
class Growth:
    """How a cost grows with a size: the power p of the power law cost = c * size^p that fits best between the sizes.

    `exponent` is the median of the rounds' powers, beside the lowest and the highest; `costs` are medians too. A fixed cost, which
    the smallest size has too, makes the power smaller than it is for large ones.
    """

    what: str
    by: str
    unit: str
    sizes: tuple[float, ...]
    costs: tuple[float, ...]
    exponent: float
    low: float
    high: float

    @property
    def row(self) -> str:
        costs = ", ".join(f"{cost:.3g}" for cost in self.costs)
        sizes = ", ".join(f"{size:,.0f}" for size in self.sizes)
        spread = f"{self.low:.2f} to {self.high:.2f}" if self.low < self.high else ""
        return f"| {self.what} | {self.by} | {sizes} | {costs} {self.unit} | {self.exponent:.2f} | {spread} |"


GROWTH_HEADER = "| cost of | by | sizes | cost | exponent | over the rounds |\n|---|---|---|---|---|---|"
HEADER = "| what | plain, ms | ours, ms | plain / ours | over the rounds |\n|---|---|---|---|---|"


def compare(what: str, plain: Callable[[], object], ours: Callable[[], object], *, rounds: int = 15) -> Ratio:
    """Return the ratio of two ways, each run once to warm up and then once a round."""
    plain(), ours()
    return ratio_of(what, [(_milliseconds(plain), _milliseconds(ours)) for _ in range(rounds)])


def ratio_of(what: str, pairs: Sequence[tuple[float, float]]) -> Ratio:
    """Return the ratio of two ways from the milliseconds of both in each round."""
    ratios = sorted(first / second for first, second in pairs)
    trimmed = ratios[len(ratios) // 8 : len(ratios) - len(ratios) // 8]
    first, second = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    return Ratio(what, first, second, statistics.median(ratios), trimmed[0], trimmed[-1])


def grow(
    what: str, by: str, sizes: Sequence[float], cost: Callable[[float], float], *, unit: str = "s of the CPU", rounds: int = 3
) -> Growth:
    """Return how a cost grows: that of each size once a round, after one to warm up. `cost` returns that of a size."""
    cost(sizes[0])
    return fit_growth(what, by, sizes, [[cost(size) for size in sizes] for _ in range(rounds)], unit)


def fit_growth(what: str, by: str, sizes: Sequence[float], costs: Sequence[Sequence[float]], unit: str) -> Growth:
    """Return the growth of costs (round, size), each above zero."""
    powers = sorted(float(np.polyfit(np.log(sizes), np.log(one), 1)[0]) for one in costs)
    middle = tuple(statistics.median(column) for column in zip(*costs, strict=True))
    return Growth(what, by, unit, tuple(sizes), middle, statistics.median(powers), powers[0], powers[-1])


def cpu_seconds(run: Callable[[], object]) -> float:
    """Return the processor's seconds of this process for a call, which other work on the machine disturbs less than the clock's."""
    start = time.process_time()
    run()
    return time.process_time() - start


def _milliseconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return 1000 * (time.perf_counter() - start)
