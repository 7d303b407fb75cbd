"""Rankings of a window's cells: by what a map says of them, and the output without the first of them, or with these alone."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Int

from complex_lstm.interpretation.explanation import Attribution, UnsignedAttribution
from complex_lstm.interpretation.forward import ForwardFunction


def largest_first(values: Float[np.ndarray, "time feature"]) -> Int[np.ndarray, " cell"]:
    """Return the cells in the order of their values, ties in random order: in the order of time they would form one stretch."""
    shuffled = np.random.default_rng(0).permutation(values.size)
    return shuffled[np.argsort(-values.ravel()[shuffled], kind="stable")]


def ranking_of(attribution: Attribution, towards: float) -> Int[np.ndarray, " cell"]:
    """Return the cells in the order in which they support the output, the largest first without a sign.

    `towards` is the sign of the gap: below 0 the cells that lower the output come first.
    """
    cells = attribution.cells
    return largest_first(np.abs(cells) if isinstance(attribution, UnsignedAttribution) else cells * towards)


def random_rankings(cells: int, count: int) -> Int[np.ndarray, "ranking cell"]:
    """Return random orders of so many cells, the same each time."""
    random = np.random.default_rng(0)
    return np.stack([random.permutation(cells) for _ in range(count)])


def outputs_along(
    forward_func: ForwardFunction, rankings: Int[np.ndarray, "ranking cell"], first: Int[np.ndarray, " share"]
) -> tuple[Float[np.ndarray, "ranking share"], Float[np.ndarray, "ranking share"]]:
    """Return the output without so many first cells of each ranking, and the output with these alone."""
    place = np.argsort(rankings, axis=1)  # of each cell in each ranking
    among = place[:, None] < first[:, None]  # (ranking, share, cell)
    variants = np.concatenate([among, ~among], axis=1).reshape(-1, *forward_func.request.x.shape)
    outputs = forward_func.without(torch.from_numpy(variants)).reshape(len(rankings), 2, len(first))
    return outputs[:, 0], outputs[:, 1]
