"""Times of two ways to do one thing, taken turn by turn so that a busy machine slows both alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


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


HEADER = "| what | plain, ms | ours, ms | plain / ours | over the rounds |\n|---|---|---|---|---|"


def compare(what: str, plain: Callable[[], object], ours: Callable[[], object], *, rounds: int = 15) -> Ratio:
    """Return the ratio of two ways, each run once to warm up and then once a round."""
    plain(), ours()
    pairs = [(_milliseconds(plain), _milliseconds(ours)) for _ in range(rounds)]
    ratios = sorted(first / second for first, second in pairs)
    trimmed = ratios[len(ratios) // 8 : len(ratios) - len(ratios) // 8]
    first, second = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    return Ratio(what, first, second, statistics.median(ratios), trimmed[0], trimmed[-1])


def _milliseconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return 1000 * (time.perf_counter() - start)
