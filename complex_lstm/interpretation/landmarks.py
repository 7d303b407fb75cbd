"""Kinds of explanation: groups of windows that are explained alike, and one window that stands for each.

As the landmarks of TimeX (Queen et al. 2023, "Encoding time-series explanations through self-supervised model behavior consistency"),
but without a model of their own: they are clusters of attributions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score

from complex_lstm.errors import Stopped, never_stop
from complex_lstm.evaluation.blocks import Blocks
from complex_lstm.evaluation.window_map import spread
from complex_lstm.model.batching import Progress, silent

FEWEST, MOST = 3, 8  # kinds
DRAWS = 20
STABLE = 0.6  # adjusted Rand index between a kind and its like in other draws of the windows
CLEAR = 0.25  # silhouette: below it the groups run into each other (Kaufman and Rousseeuw 1990)
DECIMALS = 5  # of a point; what differs less is the same
MOST_COMPARED = 2000  # windows whose silhouette is computed: its time grows with their square


@dataclass(frozen=True)
class Landmark:
    """One kind of explanation.

    place      of the window that stands for it: the one nearest the mean of the kind, so that its squared distances sum to the least
    members    the places of its windows
    stability  the adjusted Rand index between these and the most alike group of other draws of the windows, the mean over the draws;
               NaN where there are too few blocks to draw from
    """

    place: int
    members: Int[np.ndarray, " member"]
    stability: float

    @property
    def is_unstable(self) -> bool:
        return self.stability < STABLE


@dataclass(frozen=True)
class Landmarks:
    """The kinds, the largest first, and the mean silhouette of the windows in them: near 1 for groups that stand apart, near 0 for none."""

    kinds: tuple[Landmark, ...]
    silhouette: float

    @property
    def is_clear(self) -> bool:
        return self.silhouette >= CLEAR


def find_landmarks(
    points: Float32[np.ndarray, "window dimension"],
    blocks: Blocks,
    *,
    seed: int = 0,
    progress: Progress = silent,
    stop: Callable[[], bool] = never_stop,
) -> Landmarks:
    """Return the kinds of explanation among the windows, by k-means of 3 to 8 kinds, whichever has the largest silhouette.

    None where fewer than four windows differ. How stable each kind is, is found by drawing whole blocks of windows anew: neighbouring
    windows are alike and no independent cases.

    Raises:
        Stopped: `stop` returned True.
    """
    different = len(np.unique(points.round(DECIMALS), axis=0))
    counts = range(FEWEST, min(MOST, different - 1) + 1)
    steps, done = len(counts) + DRAWS, 0
    best: tuple[float, KMeans] | None = None
    for count in counts:
        _heed(stop)
        fitted = KMeans(count, n_init=5, random_state=seed).fit(points)
        score = _silhouette(points, fitted.labels_)
        best = max(best or (score, fitted), (score, fitted), key=lambda one: one[0])
        done += 1
        progress(done, steps)
    if best is None:
        return Landmarks((), np.nan)
    silhouette, fitted = best
    stability = _stability(points, fitted, blocks, seed, lambda draw: progress(done + draw, steps), stop)
    kinds = [_landmark(points, fitted, kind, float(stability[kind])) for kind in range(fitted.n_clusters)]
    return Landmarks(tuple(sorted(kinds, key=lambda one: -len(one.members))), silhouette)


def _silhouette(points: Float32[np.ndarray, "window dimension"], kinds: Int[np.ndarray, " window"]) -> float:
    """Return the mean silhouette of evenly spread windows; 0 where these are of one kind, or each is one of its own."""
    some = spread(len(points), MOST_COMPARED)
    there = len(np.unique(kinds[some]))
    return float(silhouette_score(points[some], kinds[some])) if 1 < there < len(some) else 0.0


def _heed(stop: Callable[[], bool]) -> None:
    if stop():
        raise Stopped


def _landmark(points: Float32[np.ndarray, "window dimension"], fitted: KMeans, kind: int, stability: float) -> Landmark:
    members = np.flatnonzero(fitted.labels_ == kind)
    apart = ((points[members] - points[members].mean(axis=0)) ** 2).sum(axis=1)
    return Landmark(int(members[apart.argmin()]), members, stability)


def _stability(
    points: Float32[np.ndarray, "window dimension"],
    fitted: KMeans,
    blocks: Blocks,
    seed: int,
    report: Callable[[int], None],
    stop: Callable[[], bool],
) -> Float[np.ndarray, " kind"]:
    """Return for each kind its agreement with the most alike kind of each draw, the mean over the draws."""
    count = fitted.n_clusters
    if not blocks.is_enough:
        return np.full(count, np.nan)
    found = []
    for draw, drawn in enumerate(blocks.resampled(seed, DRAWS), 1):
        _heed(stop)
        if len(np.unique(points[drawn].round(DECIMALS), axis=0)) > count:
            other = KMeans(count, n_init=2, random_state=seed).fit(points[drawn]).predict(points)
            alike = [[adjusted_rand_score(fitted.labels_ == kind, other == its) for its in range(count)] for kind in range(count)]
            found.append(np.max(alike, axis=1))
        report(draw)
    return np.mean(found, axis=0) if found else np.full(count, np.nan)
