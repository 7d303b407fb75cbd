"""Attention weights of one window a block of rows at a time: sums and products over them that never hold the whole matrix."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor

from complex_lstm.model import Trace

BLOCK_CELLS = 2**22  # weights of all heads at once, 16 MB: more is no faster


def row_blocks(time: int, heads: int, square: int = 1) -> list[tuple[int, int]]:
    """Return the first and last row of blocks of at most 4 million weights of all heads, each a multiple of a square's rows."""
    rows = max(1, BLOCK_CELLS // (time * heads) // square) * square
    return [(first, min(first + rows, time)) for first in range(0, time, rows)]


def mean_received(trace: Trace) -> Float[np.ndarray, " time"]:
    """Return the attention that each step receives, the mean over layers, heads and queries of the one window of a trace."""
    time = trace.encoded.shape[1]
    received = torch.zeros(time, dtype=torch.float64)
    for layer in range(trace.attention_layers):
        for first, last in row_blocks(time, trace.attention_heads):
            received += trace.attention_rows(layer, first, last)[0].mean(dim=0).double().sum(dim=0).cpu()
    return (received / (time * trace.attention_layers)).numpy()


def rollout_rows(trace: Trace, first: int, last: int) -> Float[Tensor, "query key"]:
    """Return the rows of the rollout of the one window of a trace for the queries from `first` up to `last`.

    See `attention_rollout`: A = product over layers of (W / 2 + I / 2), later layers to the left.
    """
    time = trace.encoded.shape[1]
    reached = torch.zeros(last - first, time)
    reached[range(last - first), range(first, last)] = 1
    for layer in reversed(range(trace.attention_layers)):
        through = torch.zeros_like(reached)
        for start, end in row_blocks(time, trace.attention_heads):
            rows = trace.attention_rows(layer, start, end)[0].float().cpu().mean(dim=0)
            through += reached[:, start:end] @ rows
        reached = 0.5 * through + 0.5 * reached
    return reached


def rollout_mean(trace: Trace) -> Float[np.ndarray, " time"]:
    """Return the mean over the queries of the rollout of the one window of a trace, without the rollout's matrix."""
    time = trace.encoded.shape[1]
    reached = torch.full((1, time), 1 / time, dtype=torch.float64)
    for layer in reversed(range(trace.attention_layers)):
        through = torch.zeros_like(reached)
        for start, end in row_blocks(time, trace.attention_heads):
            through += reached[:, start:end] @ trace.attention_rows(layer, start, end)[0].mean(dim=0).double().cpu()
        reached = 0.5 * through + 0.5 * reached
    return reached[0].numpy()


def cells_of(trace: Trace, layer: int, queries: tuple[int, int], keys: tuple[int, int]) -> Float32[np.ndarray, "head query key"]:
    """Return the exact weights of all heads of one layer in a rectangle, each side from a first step up to a last one."""
    rows = trace.attention_rows(layer, *queries)[0, :, :, slice(*keys)]
    return rows.float().cpu().numpy()


def attention_moved(before: Trace, after: Trace) -> Float[np.ndarray, " layer"]:
    """Return the share of its attention that a step gives to other steps than before, the mean over heads and queries.

    The total variation distance of each query's two rows of weights: 0 is the same attention, 1 is all of it elsewhere.
    """
    time, heads = before.encoded.shape[1], before.attention_heads
    moved = []
    for layer in range(before.attention_layers):
        rows = (
            (after.attention_rows(layer, *block)[0] - before.attention_rows(layer, *block)[0]).abs().sum(dim=2).double().sum()
            for block in row_blocks(time, heads)
        )
        moved.append(float(sum(rows)) / (2 * time * heads))
    return np.array(moved)
