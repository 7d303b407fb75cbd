"""The numbers of `python -m benchmarks.claims`, and differences between its training runs with what chance makes of them."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from complex_lstm.locations import CLAIMS

BASE = "as it is"
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Difference:
    """The mean over the data sets of one variant's score less another's: accuracy, or share of the error of repeating the last value.

    margin  half of the 95% interval. The deviation between seeds is taken from all variants with several seeds on the same data set,
            as those with one seed have none of their own
    runs    training runs on either side
    """

    mean: float
    margin: float
    runs: int
    others: int

    @property
    def words(self) -> str:
        return f"{100 * self.mean:+.1f} ± {100 * self.margin:.1f} points ({self.runs} against {self.others} runs)"


@dataclass(frozen=True)
class Stored:
    """The file of the benchmark, as it is read."""

    content: dict[str, Any]

    def rows(self, part: str) -> list[dict[str, Any]]:
        """Return a table of the file."""
        return list(self.content[part])

    def runs(self, variant: str, data: str, part: str = "runs") -> list[dict[str, Any]]:
        """Return the training runs of a variant on a data set."""
        return [one for one in self.rows(part) if (one["variant"], one["data"]) == (variant, data)]

    def data(self, part: str = "runs") -> list[str]:
        """Return the names of the data sets of a table, in its order."""
        return list(dict.fromkeys(one["data"] for one in self.rows(part)))

    def variants(self, part: str = "runs") -> list[str]:
        """Return the names of the variants of a table, in its order."""
        return list(dict.fromkeys(one["variant"] for one in self.rows(part)))

    def values(self, part: str, name: str) -> list[float]:
        """Return a number of each row of a table."""
        return [one[name] for one in self.rows(part)]

    def spread(self, data: str, value: str = "score", part: str = "runs") -> tuple[float, int]:
        """Return the deviation between seeds on a data set, pooled over the variants that have several, and its degrees of freedom."""
        squares, free = 0.0, 0
        for variant in self.variants(part):
            each = np.array([one[value] for one in self.runs(variant, data, part)])
            if len(each) > 1:
                squares, free = squares + float(((each - each.mean()) ** 2).sum()), free + len(each) - 1
        return (math.sqrt(squares / free) if free else math.nan), free

    def difference(self, variant: str, other: str = BASE, value: str = "score", part: str = "runs") -> Difference | None:
        """Return one variant's mean value less another's, over the data sets on which both were run; None where there are none."""
        gaps, variance, free, counts = [], 0.0, 0, [0, 0]
        for data in self.data(part):
            ours, theirs = (np.array([one[value] for one in self.runs(name, data, part)]) for name in (variant, other))
            if len(ours) and len(theirs):
                spread, freedom = self.spread(data, value, part)
                gaps.append(float(ours.mean() - theirs.mean()))
                variance, free = variance + spread**2 * (1 / len(ours) + 1 / len(theirs)), free + freedom
                counts = [counts[0] + len(ours), counts[1] + len(theirs)]
        if not gaps:
            return None
        margin = float(stats.t.ppf((1 + CONFIDENCE) / 2, free)) * math.sqrt(variance) / len(gaps) if free else math.nan
        return Difference(float(np.mean(gaps)), margin, *counts)


@lru_cache(maxsize=1)
def stored_numbers(path: Path = CLAIMS) -> Stored:
    """Return the numbers that the benchmark has written; they come with the dashboard."""
    return Stored(json.loads(path.read_text()))
