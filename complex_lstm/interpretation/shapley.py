"""Shapley values of the features, exact where all their coalitions can be evaluated, else drawn with their own error."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float

from complex_lstm.interpretation.coarse import is_large
from complex_lstm.interpretation.explanation import CompleteAttribution
from complex_lstm.interpretation.forward import ForwardFunction

MOST_EXACT = 12  # features; 4,096 coalitions
FEWEST = 1024  # coalitions drawn for more features: doubled until the standard error is small
MOST_STEPS = 50 * 16384  # steps that go through the model for it: as many coalitions of a window of 50 steps, fewer of a longer one
SMALL = 0.05  # standard error, as a share of the values' mean size
GROUPS = 8  # of coalitions, drawn alike: leaving one out at a time gives the error
ORDERS, FEWER_ORDERS = 8, 2  # in which segments join, half of them the other half backwards; of large windows fewer
SEGMENTS = 10


@dataclass(frozen=True)
class FeatureValues:
    """Shapley values that sum to `gap`, what they were computed from, and their mean standard error as a share of their mean size."""

    features: Float[np.ndarray, " feature"]
    gap: float
    coalitions: str
    error: float = 0.0


def shapley(forward_func: ForwardFunction) -> CompleteAttribution:
    """Return the features' Shapley values, and within each feature the share of its stretches of time.

    A feature's value is its marginal contribution averaged over all orders in which the features can join (Shapley
    1953; Lundberg and Lee 2017): with up to 12 features over all coalitions, so that the sum is exact, above by
    coalitions drawn in pairs until the standard error is below 5% of the values' mean size. Its cells are Owen values
    (Owen 1977) of ten stretches within it, estimated over 8 orders and moved so that they sum to the feature's value;
    they carry sampling noise of their own. Of large windows 2 orders are taken.

        s(i) = sum over S of |S|! (n - |S| - 1)! / n! * (v(S with i) - v(S))

    over all sets S of the n features without i, where v(S) is the output with the features outside S removed. It assumes
    that the output for a window with features removed is meaningful: about half of them are, in most of the coalitions,
    and the model was never trained on such windows.
    """
    features = forward_func.request.x.shape[1]
    found = exact_values(forward_func) if features <= MOST_EXACT else drawn_values(forward_func)
    orders = FEWER_ORDERS if is_large(*forward_func.request.x.shape) else ORDERS
    effort = f"{found.coalitions}; cells: {orders} orders of stretches"
    return CompleteAttribution(_owen(forward_func, found.features, orders), found.features, effort, found.gap)


def exact_values(forward_func: ForwardFunction) -> FeatureValues:
    """Return the values over all coalitions. Coalition c has feature i if bit i of c is set."""
    features = forward_func.request.x.shape[1]
    coalitions = np.arange(2**features)
    joined = (coalitions[:, None] >> np.arange(features)) & 1 == 1  # (coalition, feature)
    worth = _worth(forward_func, joined)
    sizes = joined.sum(axis=1)
    weight = np.array([math.factorial(size) * math.factorial(features - size - 1) for size in range(features)]) / math.factorial(features)
    values = np.empty(features)
    for feature in range(features):
        others = coalitions[~joined[:, feature]]
        values[feature] = (weight[sizes[others]] * (worth[others | 1 << feature] - worth[others])).sum()
    return FeatureValues(values, float(worth[-1] - worth[0]), f"{len(worth)} coalitions of features, all of them")


def drawn_values(forward_func: ForwardFunction) -> FeatureValues:
    """Return an estimate of the values by KernelSHAP with paired coalitions (Lundberg and Lee 2017; Covert and Lee 2021).

    The values are those of the additive model that fits the outputs of the coalitions best and is exact for none and for all
    of the features. Coalitions are drawn as the Shapley kernel weighs them, each with its complement: what two features do
    together then cancels. Their number is doubled from 1,024 until the standard error is below 5% of the mean size of the
    values, or until 16,384 (windows of more than 50 steps: until 819,200 steps); where it reaches that of all coalitions, all
    are taken. The error is the jackknife's over eight groups, each drawn in the same way. A model that adds its features up,
    or products of two of them, has no error.
    """
    features = forward_func.request.x.shape[1]
    empty, whole = _worth(forward_func, np.array([[False] * features, [True] * features]))
    gap = float(whole - empty)
    random = np.random.default_rng(0)
    products, gains = np.zeros((GROUPS, features, features)), np.zeros((GROUPS, features))
    drawn, wanted = 0, max(FEWEST, 8 * features)
    while wanted < 2**features:
        joined = np.stack([_pairs(random, (wanted - drawn) // (2 * GROUPS), features) for _ in range(GROUPS)])
        gained = (_worth(forward_func, joined.reshape(-1, features)) - empty).reshape(GROUPS, -1)
        kept = joined.astype(float)
        products += kept.swapaxes(1, 2) @ kept
        gains += np.einsum("gcf,gc->gf", kept, gained)
        drawn += gained.size
        values = _fitted(products.sum(axis=0), gains.sum(axis=0), gap)
        left_out = [_fitted(products.sum(axis=0) - one, gains.sum(axis=0) - gain, gap) for one, gain in zip(products, gains, strict=True)]
        size = float(np.abs(values).mean())
        error = float(np.sqrt((GROUPS - 1) * np.var(left_out, axis=0)).mean()) / size if size else 0.0
        if error <= SMALL or 2 * wanted * len(forward_func.request.x) > MOST_STEPS:
            counted = f"{drawn:,} coalitions of features, drawn in pairs, standard error {error:.1%} of the values' mean size"
            return FeatureValues(values, gap, counted, error)
        wanted *= 2
    return exact_values(forward_func)


def _worth(forward_func: ForwardFunction, joined: Bool[np.ndarray, "coalition feature"]) -> Float[np.ndarray, " coalition"]:
    """Return the output with the features outside each coalition removed."""
    return forward_func.without(torch.from_numpy(~joined)[:, None].expand(-1, len(forward_func.request.x), -1))


def _pairs(random: np.random.Generator, count: int, features: int) -> Bool[np.ndarray, "coalition feature"]:
    """Return coalitions, and then their complements: their sizes as often as the Shapley kernel weighs them.

    Coalitions of one size share the features among them as evenly as they can, which halves the error.
    """
    sizes = np.arange(1, features)
    odds = 1 / (sizes * (features - sizes))
    at = (random.random() + np.arange(count)) / count  # evenly spaced: each size as often as expected, within one
    drawn = sizes[np.searchsorted(odds.cumsum() / odds.sum(), at).clip(max=features - 2)]
    smaller = np.minimum(drawn, features - drawn)
    joined = np.zeros((count, features), dtype=bool)
    for size in np.unique(smaller):
        rows, disjoint = np.flatnonzero(smaller == size), features // size
        orders = random.random((len(rows) // disjoint + 1, features)).argsort(axis=1)
        joined[rows[:, None], orders[:, : disjoint * size].reshape(-1, size)[: len(rows)]] = True
    return np.concatenate([joined, ~joined])


def _fitted(
    products: Float[np.ndarray, "feature feature"], gains: Float[np.ndarray, " feature"], gap: float
) -> Float[np.ndarray, " feature"]:
    """Return the least-squares weights that sum to the gap (Covert and Lee 2021, equation 7)."""
    free, ones = np.linalg.lstsq(products, np.stack([gains, np.ones(len(gains))], axis=1), rcond=None)[0].T
    return free - ones * (free.sum() - gap) / ones.sum()


def _owen(forward_func: ForwardFunction, values: Float[np.ndarray, " feature"], orders: int) -> Float[np.ndarray, "time feature"]:
    time, features = forward_func.request.x.shape
    segment = np.arange(time) * min(SEGMENTS, time) // time  # of each step
    count = int(segment[-1]) + 1
    gained = np.zeros((features, count))
    for order in _orders(features, count, orders):
        late = np.argsort(order) >= np.arange(len(order) + 1)[:, None]  # (joined, player): has not joined yet
        removed = late.reshape(-1, features, count)[..., segment].swapaxes(-1, -2)  # (joined, time, feature)
        worth = forward_func.without(torch.from_numpy(removed))
        gained[order // count, order % count] += np.diff(worth) / orders
    gained += ((values - gained.sum(axis=1)) / count)[:, None]
    return (gained / np.bincount(segment))[:, segment].T


def _orders(features: int, count: int, orders: int) -> list[np.ndarray]:
    """Return orders in which the stretches join, a feature's one after another (Owen). Player = feature * count + stretch."""
    random = np.random.default_rng(0)
    drawn = [
        np.concatenate([feature * count + random.permutation(count) for feature in random.permutation(features)])
        for _ in range(orders // 2)
    ]
    return [order for one in drawn for order in (one, one[::-1])]
