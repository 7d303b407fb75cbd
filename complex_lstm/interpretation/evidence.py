"""What a verdict rests on: whether there is something to explain, how few cells decide it, and how a map's first cells fare."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int

from complex_lstm.interpretation.ablation import mean_over_stretches, of_each_feature, stretches
from complex_lstm.interpretation.both_ends import both_ends, counts
from complex_lstm.interpretation.explanation import Attribution
from complex_lstm.interpretation.forward import ForwardFunction
from complex_lstm.interpretation.rankings import largest_first, ranking_of

CONFIDENT = 0.2  # of probability: what the baseline has to change in it
CLEAR = 0.2  # of the output's spread over training windows, for values
LEAST_SPREAD = 0.3  # of the target's deviation: a model that varies less is taken to vary by as much
STRETCH = 1 / 10  # of the window: the stretches that are removed and kept one at a time
MATTERS = 0.1  # of the gap: a group of cells that changes the output by less is idle
APART, MOST_GROUPS = 3, 64  # steps between two neighbours of one group; groups that are tried
SHIFTED, TRIED = 10, 4  # copies of a map, moved in time and between features; times as many are drawn
IN_COMMON = 1 / 4  # of its first cells, at most, a copy has in common with the map


@dataclass(frozen=True)
class WindowEvidence:
    """What is known of a window before any map of it is judged.

    intact, empty  the output for the window, and with every cell at the baseline
    step           their distance as a part of the least that counts as something: a difference of 0.2 in probability, or a
                   fifth of the output's spread over training windows; below 1 there is nothing to explain
    needed         the smallest share of cells that was found to keep the output and to take it away when removed
    """

    intact: float
    empty: float
    step: float
    needed: float

    @property
    def something(self) -> bool:
        """Whether there is something to explain that a few cells can decide."""
        return self.step >= 1 and self.needed < 1


@dataclass(frozen=True)
class MapEvidence:
    """How the first cells of one map fare. Shares are of all cells, `kept` and `taken` parts of the gap.

    needed   the smallest share of its first cells that keeps the output and takes it away; 1 where there is none up to 30%
    idle     the part of the first cells in groups that matter to none of the two: a group is a run of one
             feature's cells, and matters if the output changes by a tenth of the gap when the others go without it
    share    where `idle`, `kept`, `taken` and `moved` were measured: the first that was tried from `needed` on, or from the
             window's own where the map reaches none
    kept     by its first cells alone, `taken` by their removal
    moved    the smaller of the two for copies of the map that are moved in time and between features, for each of up to ten
    """

    needed: float
    idle: float
    share: float
    kept: float
    taken: float
    moved: Float[np.ndarray, " copy"]


def window_evidence(forward_func: ForwardFunction) -> WindowEvidence:
    """Return what is known of the request's window, from removing and keeping its stretches one at a time."""
    time, features = forward_func.request.x.shape
    covering = stretches(time, features, STRETCH)
    one_each = of_each_feature(covering, features)
    nothing = torch.zeros(1, time, features, dtype=torch.bool)
    outputs = forward_func.without(torch.cat([nothing, ~nothing, one_each, ~one_each]))
    intact, empty, each = outputs[0], outputs[1], outputs[2:].reshape(2, len(covering), features)
    step = step_of(forward_func, float(intact - empty))
    if not step or intact == empty:  # of logits the probability may differ where the explained one does not
        return WindowEvidence(float(intact), float(empty), 0.0, 1.0)
    taken, kept = (intact - each[0]) / (intact - empty), (each[1] - empty) / (intact - empty)
    by_stretch = [mean_over_stretches(covering, effect) for effect in (taken, kept, taken + kept)]
    rankings = np.stack([largest_first(np.maximum(one, 0)) for one in by_stretch])
    needed = both_ends(forward_func, rankings, counts(time * features), float(intact), float(empty)).needed.min()
    return WindowEvidence(float(intact), float(empty), step, float(needed))


def map_evidence(forward_func: ForwardFunction, window: WindowEvidence, attribution: Attribution) -> MapEvidence:
    """Return how the first cells of a map fare on the window."""
    if not window.something:
        return MapEvidence(1.0, 0.0, 1.0, 1.0, 1.0, np.zeros(0))
    own = ranking_of(attribution, 1.0 if window.intact >= window.empty else -1.0)
    tried = counts(own.size)
    needed = float(both_ends(forward_func, own[None], tried, window.intact, window.empty).needed[0])
    share = needed if needed < 1 else window.needed
    count = int(tried[np.searchsorted(tried / own.size, share)])  # the first number tried with which it does both
    idle = _idle(forward_func, own[:count], abs(window.intact - window.empty))
    rankings = np.concatenate([own[None], _moved(own, count, *attribution.cells.shape)])
    at_share = both_ends(forward_func, rankings, np.array([count]), window.intact, window.empty)
    moved = np.minimum(at_share.kept, at_share.taken)[1:, 0]
    return MapEvidence(needed, idle, count / own.size, float(at_share.kept[0, 0]), float(at_share.taken[0, 0]), moved)


def _idle(forward_func: ForwardFunction, cells: Int[np.ndarray, " cell"], gap: float) -> float:
    """Return the part of the cells that lie in groups without which the others keep, and take away, as much."""
    shape = forward_func.request.x.shape
    groups = _groups(cells, shape[1])
    among = np.zeros((1 + len(groups), shape[0] * shape[1]), dtype=bool)
    among[:, cells] = True
    for place, group in enumerate(groups, 1):
        among[place, group] = False
    outputs = forward_func.without(torch.from_numpy(np.concatenate([~among, among]).reshape(-1, *shape))).reshape(2, -1)
    effects = np.abs(outputs[:, 1:] - outputs[:, :1]).max(axis=0)
    return sum(len(group) for group, effect in zip(groups, effects, strict=True) if effect < MATTERS * gap) / len(cells)


def _groups(cells: Int[np.ndarray, " cell"], features: int) -> list[Int[np.ndarray, " _"]]:
    """Return the cells in runs of one feature in which no two neighbours are more than three steps apart, the longest 64 runs."""
    steps, columns = np.divmod(cells, features)
    found: list[np.ndarray] = []
    for column in np.unique(columns):
        own = np.sort(steps[columns == column])
        found += [run * features + column for run in np.split(own, np.flatnonzero(np.diff(own) > APART) + 1)]
    return sorted(found, key=len, reverse=True)[:MOST_GROUPS]


def step_of(forward_func: ForwardFunction, gap: float) -> float:
    """Return how many times the least that counts as something the output differs from that of the baseline; `gap` is the difference."""
    difference = abs(forward_func.probability_gap() if forward_func.request.logits else gap)
    least = least_that_counts(forward_func)
    return difference / least if least else np.inf if difference else 0.0


def least_that_counts(forward_func: ForwardFunction) -> float:
    """Return the least difference that counts as something: of classes in probability, of values in the output's unit."""
    request = forward_func.request
    if request.logits or request.as_probability:
        return CONFIDENT
    return CLEAR * max(float(forward_func.draw_outputs().std()), LEAST_SPREAD * request.target_std)


def _moved(own: Int[np.ndarray, " cell"], count: int, time: int, features: int) -> Int[np.ndarray, "copy cell"]:
    """Return the rankings of copies of the map, shifted cyclically in time and permuted over features.

    A copy that has more than a quarter of its first `count` cells in common with the map is left out: it is no other map.
    """
    generator = np.random.default_rng(0)
    steps, columns = np.divmod(own, features)
    copies = [
        (steps + generator.integers(time)) % time * features + generator.permutation(features)[columns] for _ in range(TRIED * SHIFTED)
    ]
    others = [one for one in copies if np.isin(one[:count], own[:count]).mean() <= IN_COMMON]
    return np.stack(others[:SHIFTED]) if others else np.empty((0, len(own)), dtype=int)
