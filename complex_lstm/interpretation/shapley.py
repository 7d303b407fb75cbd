"""Shapley values of the features, exact where all their coalitions can be evaluated."""

from __future__ import annotations

import math

import numpy as np
import torch
from captum.attr import KernelShap
from jaxtyping import Float
from torch import Tensor

from complex_lstm.interpretation.coarse import is_large
from complex_lstm.interpretation.explanation import CompleteAttribution
from complex_lstm.interpretation.forward import ForwardFunction, seeded

MOST_EXACT = 12  # features; 4,096 coalitions
SAMPLES = 1024  # coalitions that KernelShap draws for more features
ORDERS, FEWER_ORDERS = 8, 2  # in which segments join, half of them the other half backwards; of large windows fewer
SEGMENTS = 10


def shapley(forward_func: ForwardFunction) -> CompleteAttribution:
    """Return the features' Shapley values, and within each feature the share of its stretches of time.

    A feature's value is its marginal contribution averaged over all orders in which the features can join (Shapley
    1953; Lundberg and Lee 2017): with up to 12 features over all coalitions, so that the sum is exact, above by
    KernelShap. Its cells are Owen values (Owen 1977) of ten stretches within it, estimated over 8 orders and moved so
    that they sum to the feature's value; they carry sampling noise, the exact features do not. Of large windows 2 orders are taken.

        s(i) = sum over S of |S|! (n - |S| - 1)! / n! * (v(S with i) - v(S))

    over all sets S of the n features without i, where v(S) is the output with the features outside S removed. It assumes
    that the output for a window with features removed is meaningful: about half of them are, in most of the coalitions,
    and the model was never trained on such windows.
    """
    features = forward_func.request.x.shape[1]
    exact = features <= MOST_EXACT
    values, gap = exact_values(forward_func) if exact else _kernel(forward_func)
    counted = f"{2**features} coalitions of features, all of them" if exact else f"{SAMPLES} coalitions of features, drawn"
    orders = FEWER_ORDERS if is_large(*forward_func.request.x.shape) else ORDERS
    return CompleteAttribution(_owen(forward_func, values, orders), values, f"{counted}; cells: {orders} orders of stretches", gap)


def exact_values(forward_func: ForwardFunction) -> tuple[Float[np.ndarray, " feature"], float]:
    """Return the values and the gap. Coalition c has feature i if bit i of c is set."""
    time, features = forward_func.request.x.shape
    coalitions = np.arange(2**features)
    joined = (coalitions[:, None] >> np.arange(features)) & 1 == 1  # (coalition, feature)
    worth = forward_func.without(torch.from_numpy(~joined)[:, None].expand(-1, time, -1))
    sizes = joined.sum(axis=1)
    weight = np.array([math.factorial(size) * math.factorial(features - size - 1) for size in range(features)]) / math.factorial(features)
    values = np.empty(features)
    for feature in range(features):
        others = coalitions[~joined[:, feature]]
        values[feature] = (weight[sizes[others]] * (worth[others | 1 << feature] - worth[others])).sum()
    return values, float(worth[-1] - worth[0])


def _kernel(forward_func: ForwardFunction) -> tuple[Float[np.ndarray, " feature"], float]:
    """Return KernelShap's estimate and the gap. Captum gets coalitions as its input, so that any baseline can be used."""
    time, features = forward_func.request.x.shape

    def worth(joined: Float[Tensor, "coalition feature"]) -> Float[Tensor, " coalition"]:
        return torch.from_numpy(forward_func.without((joined < 0.5)[:, None].expand(-1, time, -1)))

    all_features, none = torch.ones(1, features), torch.zeros(1, features)
    with seeded(0):
        found = KernelShap(worth).attribute(all_features, none, n_samples=SAMPLES, perturbations_per_eval=forward_func.batch)
    return found[0].double().numpy(), forward_func.gap()


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
