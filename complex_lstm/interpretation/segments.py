"""Shapley values of the segments that each feature's series falls into by itself, between its change points."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Float32, Int
from ruptures import KernelCPD

from complex_lstm.interpretation.explanation import CompleteAttribution
from complex_lstm.interpretation.forward import ForwardFunction

MOST = 10  # segments of a feature
SHORTEST = 3  # steps of a segment
PENALTY = 3.0  # of a change point, in variances of the noise times the logarithm of the steps
ORDERS = 16  # in which segments join, half of them the other half backwards
NORMAL = 0.6745  # median size of a standard normal number


def segment_shapley(forward_func: ForwardFunction) -> CompleteAttribution:
    """Return the Shapley value of each segment of each feature, divided evenly among its cells.

    A feature's segments lie between the change points of its mean (`segments_of`), so that an event and the calm around it are
    players of their own, whatever their length; fixed chunks, as of tsCaptum (Serramazza et al. 2024), cut through events. A
    segment's value is its marginal contribution averaged over 16 random orders in which the segments of all features
    join (Castro et al. 2009), each also taken backwards:

        s(j) = mean over orders of (v(those before j, and j) - v(those before j))

    where v(S) is the output with the segments outside S removed. The values sum to the gap; each is an estimate, whose error
    falls with the root of the orders. The seed is fixed. It assumes that what matters changes the level of its feature: in a
    smooth series without steps the borders mean little, and what is shorter than a segment is smeared over it.
    """
    x = forward_func.request.x
    players = _numbered([segments_of(column) for column in x.T.astype(float)])
    count = int(players.max()) + 1
    gained = np.zeros(count)
    random = np.random.default_rng(0)
    for one in (random.permutation(count) for _ in range(ORDERS // 2)):
        for order in (one, one[::-1]):
            late = np.argsort(order) >= np.arange(count + 1)[:, None]  # (joined, player): has not joined yet
            gained[order] += np.diff(forward_func.without(torch.from_numpy(late[:, players]))) / ORDERS
    cells = (gained / np.bincount(players.ravel()))[players]
    gap = float(gained.sum())  # each order's gains sum to it
    return CompleteAttribution(cells, cells.sum(axis=0), f"{count} segments, {ORDERS} orders", gap)


def count_segments(x: Float32[np.ndarray, "time feature"]) -> int:
    """Return how many segments the features of a window have in all."""
    return sum(int(segments_of(column)[-1]) + 1 for column in x.T.astype(float))


def segments_of(series: Float[np.ndarray, " time"], most: int = MOST) -> Int[np.ndarray, " time"]:
    """Return the number of the segment that each step of a series lies in, from 0.

    Change points minimize the squared distance from the segments' means plus a penalty of 3 s^2 log(time) for each, found
    exactly (PELT, Killick et al. 2012, by ruptures), where s, the noise, is estimated from the differences between neighbours.
    Segments have three steps or more. Where there would be more than `most`, it is the best `most`.
    """
    steps = len(series)
    if steps < 2 * SHORTEST or np.ptp(series) == 0:
        return np.zeros(steps, dtype=int)
    found = KernelCPD(kernel="linear", min_size=SHORTEST).fit(series[:, None])
    noise = float(np.median(np.abs(np.diff(series)))) / NORMAL / np.sqrt(2)
    ends = found.predict(pen=max(PENALTY * noise**2 * np.log(steps), 1e-9 * np.ptp(series) ** 2))
    if len(ends) > most:
        ends = found.predict(n_bkps=most - 1)
    return np.searchsorted(ends, np.arange(steps), side="right")


def _numbered(segments: list[Int[np.ndarray, " time"]]) -> Int[np.ndarray, "time feature"]:
    """Return the segments of all features with numbers of their own."""
    counts = [int(one[-1]) + 1 for one in segments]
    return np.stack(segments, axis=1) + np.cumsum([0, *counts[:-1]])
