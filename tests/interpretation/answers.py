"""Explanations written out in the tests, and one of cells that are known."""

import numpy as np

from complex_lstm.interpretation import METHODS, Attribution, CompleteAttribution, Explanation, ForwardFunction, UnsignedAttribution
from tests.interpretation.toys import Linear, forward_func_of


def answer(cells: object, method: str = "ablation", *, gap: float | None = None) -> Explanation:
    """Return an explanation of these cells, whose features are their sums. With a gap it should have summed to that."""
    array = np.array(cells, dtype=float)
    features = array.sum(axis=0)
    made = Attribution if METHODS[method].signed else UnsignedAttribution
    found = made(array, features, "toys") if gap is None else CompleteAttribution(array, features, "toys", gap)
    return Explanation(method, found, "zero", evaluations=1, seconds=0.1, device="CPU")


def forward_func_of_cells(*worth: float) -> ForwardFunction:
    """Return the output of a linear model in which each cell, of two features, contributes this much, and 0 at the baseline."""
    weight = np.array(worth, dtype=np.float32).reshape(-1, 2)
    return forward_func_of(Linear(weight.tolist()), np.ones(weight.shape).tolist())
