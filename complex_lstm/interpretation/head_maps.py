"""The attention of one window as far as it is drawn and summed up, made from its weights a block of rows at a time.

Neither memory nor what a page sends then grows with the square of the steps: maps are pooled by maximum, statistics added up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor

from complex_lstm.errors import Stopped, never_stop
from complex_lstm.interpretation.attention import HeadSummary
from complex_lstm.interpretation.attention_rows import cells_of, row_blocks
from complex_lstm.model import Trace
from complex_lstm.model.batching import Progress, silent

SMALLEST = 1e-37  # has a logarithm in float32; times a weight of zero it gives zero
MOST_ROLLED_OUT = 4096  # steps: the rollout multiplies whole layers, which takes with the third power of the steps


@dataclass(frozen=True)
class HeadMaps:
    """All attention heads of a window of (time) steps as maps of squares of `square` x `square` weights, each by its largest.

    heads     the largest weight of each square in each head; with `square` 1 the weights themselves
    averages  the same of the average over a layer's heads: the largest of the averages, not the average of the largest
    rollout   the same of the rollout through all layers; None over 4,096 steps, where it takes too long
    received  the attention that each step receives in each layer, the mean over heads and queries
    summary   every head in three numbers
    """

    time: int
    square: int
    heads: Float32[np.ndarray, "layer head square square"]
    averages: Float32[np.ndarray, "layer square square"]
    rollout: Float32[np.ndarray, "square square"] | None
    received: Float[np.ndarray, "layer time"]
    summary: HeadSummary


@dataclass(frozen=True)
class _LayerMaps:
    """The maps and sums of one attention layer; `whole` is the average over its heads, unpooled, where the rollout needs it."""

    heads: Float[Tensor, "head square square"]
    average: Float[Tensor, "square square"]
    whole: Float[Tensor, "query key"] | None
    received: Float[Tensor, " time"]
    summary: Float[Tensor, "number head"]


def map_heads(trace: Trace, *, side: int, progress: Progress = silent, stop: Callable[[], bool] = never_stop) -> HeadMaps:
    """Return the attention heads of the one window of a trace as maps of at most `side` squares along each axis.

    Squares are as small as that allows; the last ones may hold fewer weights. The largest weight of each is exact. `progress` is
    called with the rows done, `stop` before each block of rows.

    Raises:
        Stopped: `stop` returned True.
    """
    time, count = trace.encoded.shape[1], trace.attention_layers
    square = -(-time // side)

    def counted(layer: int) -> Progress:
        return lambda done, _: progress(layer * time + done, count * time)

    layers = [_map_layer(trace, layer, square, counted(layer), stop) for layer in range(count)]
    wholes = [one.whole for one in layers if one.whole is not None]
    return HeadMaps(
        time,
        square,
        heads=torch.stack([one.heads for one in layers]).numpy(),
        averages=torch.stack([one.average for one in layers]).numpy(),
        rollout=pooled_by_maximum(_rolled_out(wholes), square).numpy() if len(wholes) == count else None,
        received=torch.stack([one.received for one in layers]).numpy(),
        summary=HeadSummary(*torch.stack([one.summary for one in layers], dim=1).numpy()),
    )


def _map_layer(trace: Trace, layer: int, square: int, progress: Progress, stop: Callable[[], bool]) -> _LayerMaps:
    time, count = trace.encoded.shape[1], trace.attention_heads
    side = -(-time // square)
    # Written in place: small results kept between the large blocks of rows would break the heap into pieces, gigabytes in all.
    heads, averages = torch.zeros(count, side, side), torch.zeros(side, side)
    whole = torch.zeros(time, time) if time <= MOST_ROLLED_OUT else None
    received, sums = torch.zeros(time, dtype=torch.float64), torch.zeros(3, count, dtype=torch.float64)
    steps = torch.arange(time, dtype=torch.float32)
    for first, last in row_blocks(time, count, square):
        if stop():
            raise Stopped
        rows = trace.attention_rows(layer, first, last)[0].float().cpu()  # (head, row, key)
        average = rows.mean(dim=0)
        own = slice(first // square, -(-last // square))
        heads[:, own], averages[own] = pooled_by_maximum(rows, square), pooled_by_maximum(average, square)
        if whole is not None:
            whole[first:last] = average
        received += average.double().sum(dim=0)
        apart = (steps[first:last, None] - steps).abs()
        sums[0] -= rows.clamp_min(SMALLEST).log_().mul_(rows).sum(dim=2).double().sum(dim=1)
        sums[1] += torch.einsum("hqk,qk->hq", rows, apart).double().sum(dim=1)
        sums[2] += rows[:, range(last - first), range(first, last)].double().sum(dim=1)
        progress(last, time)
    sums[0] /= max(float(np.log(time)), 1e-12)
    return _LayerMaps(heads, averages, whole, received / time, sums / time)


def pooled_by_maximum(rows: Float[Tensor, "*map row key"], square: int) -> Float[Tensor, "*map rowsquare keysquare"]:
    """Return the largest value of each square of so many rows and keys; the last squares of an axis may be smaller.

    The values are attention weights, so none is below 0.
    """
    if square == 1:
        return rows
    missing = [-length % square for length in rows.shape[-2:]]
    padded = torch.nn.functional.pad(rows, (0, missing[1], 0, missing[0]))
    return padded.unflatten(-2, (-1, square)).amax(dim=-2).unflatten(-1, (-1, square)).amax(dim=-1)


def _rolled_out(layers: list[Float[Tensor, "query key"]]) -> Float[Tensor, "query key"]:
    """Return the rollout through layers of which each is the average over its heads (see `attention_rollout`)."""
    reached: Tensor | None = None
    for layer in layers:
        reached = layer.mul(0.5) if reached is None else 0.5 * reached + 0.5 * (layer @ reached)
        if layer is layers[0]:
            reached.diagonal().add_(0.5)
    return reached if reached is not None else torch.zeros(0, 0)


def largest_cell(trace: Trace, maps: HeadMaps) -> tuple[int, int, int, int, float]:
    """Return layer, head, query, key and value of the largest weight of all heads."""
    layer, head, row, column = (int(at) for at in np.unravel_index(int(maps.heads.argmax()), maps.heads.shape))
    first, start = row * maps.square, column * maps.square
    cells = cells_of(trace, layer, (first, first + maps.square), (start, start + maps.square))[head]
    query, key = (int(at) for at in np.unravel_index(int(cells.argmax()), cells.shape))
    return layer, head, first + query, start + key, float(cells[query, key])
