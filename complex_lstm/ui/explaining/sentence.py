"""One sentence on what a prediction rests on, from the methods' explanations of it, and one on how far to trust it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from complex_lstm.interpretation import METHODS, Explanation
from complex_lstm.interpretation.consensus import MEMBERS
from complex_lstm.ui.session.messages import plain

HALF = 0.5  # of a feature's importance: where the shortest stretch that holds it is short, the sentence names it
SHORT = 0.5  # of the window


def rests_on(explanations: Mapping[str, Explanation], features: Sequence[str], times: Sequence[str], target: str) -> str:
    """Return what the prediction of `target` rests on, in Markdown: the feature that the consensus ranks first, and where.

    Where a member of the consensus ranks another feature first, the sentence names both and says that the methods disagree.
    `explanations` are by method: the consensus and any of its members.
    """
    first = {name: int(np.abs(one.features).argmax()) for name, one in explanations.items()}
    best = first["consensus"]
    where = _stretch(np.abs(explanations["consensus"].cells[:, best]), times)
    others = {name: number for name, number in first.items() if name in MEMBERS and number != best}
    name, goal = plain(features[best]), plain(target)
    if not others:
        count = sum(method in MEMBERS for method in first)
        agreed = f"all {count} methods of the consensus rank it first" if count > 1 else "by the consensus of the methods"
        return f"The prediction {goal} rests most on **{name}**{where}: {agreed}."
    named = list(dict.fromkeys(plain(features[number]) for number in others.values()))
    rivals = "; ".join(f"{METHODS[method].label} ranks {plain(features[number])} first" for method, number in others.items())
    alternatives = " or ".join(f"**{one}**" for one in (name, *named))
    return f"The prediction {goal} rests on {alternatives}: the methods disagree. The consensus ranks {name} first{where}; {rivals}."


def _stretch(sizes: Float[np.ndarray, " time"], times: Sequence[str]) -> str:
    """Return in words the shortest stretch of steps that holds half of a feature's importance, nothing where it is long."""
    total = sizes.sum()
    if not total or len(sizes) < 4:
        return ""
    sums = np.concatenate([[0.0], np.cumsum(sizes)])
    ends = np.searchsorted(sums, sums[:-1] + HALF * total - 1e-12)  # for each first step: how many steps reach half
    lengths = np.where(ends < len(sums), ends - np.arange(len(sizes)), len(sizes) + 1)
    start = int(lengths.argmin())
    length = int(lengths[start])
    if length > SHORT * len(sizes):
        return ", spread over the window"
    ending = plain(times[start + length - 1])
    return f", mostly at {plain(times[start])}" if length == 1 else f", mostly from {plain(times[start])} to {ending}"
