"""Rankings of features: what retraining says, and how far another ranking agrees with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float
from scipy.stats import kendalltau, spearmanr

DRAWS = 500
WITH_ALL = "none"  # what stands for "no feature was left out" in a table of runs


@dataclass(frozen=True)
class Agreement:
    """Rank correlations with retraining's mean importance; `low` and `high` hold 90% of the bootstrap's Spearman."""

    spearman: float
    low: float
    high: float
    kendall: float


@dataclass(frozen=True)
class Ceiling:
    """How well retraining agrees with itself: two seeds, and one seed with the mean of the others. Spearman."""

    pairs: Float[np.ndarray, " pair"]
    others: Float[np.ndarray, " seed"]


def importances(runs: pd.DataFrame, features: tuple[str, ...]) -> Float[np.ndarray, "seed feature"]:
    """Return how much higher the error is without each feature than with all of them, seed by seed.

    `runs` has the columns without, seed, and one for each target's error; the targets count alike. A seed that lacks a
    run is left out.
    """
    error = runs.set_index(["seed", "without"]).mean(axis=1).unstack("without").dropna().sort_index()
    return (error[list(features)].sub(error[WITH_ALL], axis=0)).to_numpy()


def standard_error(by_seed: Float[np.ndarray, "seed feature"]) -> Float[np.ndarray, " feature"]:
    """Return the standard error of the mean over the seeds."""
    return by_seed.std(axis=0, ddof=1) / np.sqrt(len(by_seed))


def ranks(importance: Float[np.ndarray, " feature"]) -> list[int]:
    """Return the place of each feature, 1 for the most important."""
    place = np.empty(len(importance), dtype=int)
    place[np.argsort(-importance, kind="stable")] = np.arange(1, len(importance) + 1)
    return place.tolist()


def correlation(first: Float[np.ndarray, " feature"], second: Float[np.ndarray, " feature"]) -> float:
    """Return Spearman's rank correlation, NaN where one of the two ranks nothing."""
    return float("nan") if np.ptp(first) == 0 or np.ptp(second) == 0 else float(spearmanr(first, second).statistic)


def agree(retrained: Float[np.ndarray, "seed feature"], explained: Float[np.ndarray, "window feature"], *, seed: int = 0) -> Agreement:
    """Return the agreement of two means, with a bootstrap over seeds and windows at once.

    A few seeds drawn again and again show less than a few fresh ones would: the interval is too narrow rather than too wide.
    """
    first, second = retrained.mean(axis=0), explained.mean(axis=0)
    middle = correlation(first, second)
    if np.isnan(middle):
        return Agreement(middle, middle, middle, middle)
    random = np.random.default_rng(seed)
    drawn = [correlation(_again(retrained, random), _again(explained, random)) for _ in range(DRAWS)]
    low, high = np.quantile(drawn, [0.05, 0.95])
    return Agreement(middle, float(low), float(high), float(kendalltau(first, second).statistic))


def ceiling(retrained: Float[np.ndarray, "seed feature"]) -> Ceiling:
    """Return how far the seeds agree among themselves: what the best method could be expected to reach."""
    seeds = range(len(retrained))
    pairs = [correlation(retrained[one], retrained[other]) for one in seeds for other in range(one)]
    others = [correlation(retrained[one], np.delete(retrained, one, axis=0).mean(axis=0)) for one in seeds]
    return Ceiling(np.array(pairs), np.array(others))


def _again(rows: Float[np.ndarray, "row feature"], random: np.random.Generator) -> Float[np.ndarray, " feature"]:
    return rows[random.integers(len(rows), size=len(rows))].mean(axis=0)
