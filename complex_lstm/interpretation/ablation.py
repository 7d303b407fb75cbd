"""Ablation and occlusion: what happens to the output when parts of the window are removed."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from complex_lstm.interpretation.coarse import adaptive_segments, coarse_to_fine, is_large
from complex_lstm.interpretation.explanation import Attribution
from complex_lstm.interpretation.forward import ForwardFunction, one_cell_each
from complex_lstm.model.batching import Progress, silent

USUAL_STRETCH = 1 / 10  # of the window


def ablate_features(forward_func: ForwardFunction) -> Float[np.ndarray, " feature"]:
    """Return the output minus its value without a feature's whole column, for each feature.

    The architecture document's ablation, signed and for one output. Features that carry the same information each look
    unimportant, because the other one remains.
    """
    time, features = forward_func.request.x.shape
    nothing = torch.zeros(1, time, features, dtype=torch.bool)
    columns = torch.eye(features, dtype=torch.bool)[:, None].expand(-1, time, -1)
    intact, *without = forward_func.without(torch.cat([nothing, columns]))
    return intact - np.array(without)


def ablate_steps(forward_func: ForwardFunction, progress: Progress = silent) -> Float[np.ndarray, " time"]:
    """Return the output minus its value without a step, all of its features removed, for each step.

    A step's neighbours remain, and in a smooth series they determine most of it: a step of little effect may still lie
    at a time that matters, which `ablate_stretches` shows. `progress` is called after every few steps with how many are done, of how many.
    """
    return ablate_stretches(forward_func, 1, progress)


def ablate_stretches(forward_func: ForwardFunction, length: int, progress: Progress = silent) -> Float[np.ndarray, " time"]:
    """Return the output minus its value without the stretch of `length` steps around a step, all features removed, for each step.

    Near an end the stretch is moved so that it lies within the window: none is cut short. A stretch that is longer than what matters
    also takes what lies beside it away. `progress` is as in `ablate_steps`.
    """
    time, features = forward_func.request.x.shape
    steps = torch.arange(time)
    starts = (steps - length // 2).clamp(0, time - length)[:, None]
    rows = ((steps >= starts) & (steps < starts + length))[..., None].expand(-1, -1, features)
    intact = forward_func.outputs(forward_func.x)[0]
    without: list[np.ndarray] = []
    for part in rows.split(forward_func.batch):
        without.append(forward_func.without(part))
        progress(sum(map(len, without)), time)
    return intact - np.concatenate(without)


def ablation(forward_func: ForwardFunction) -> Attribution:
    """Return what the output loses without each feature's column, and without each cell.

    With f the explained output, x the window, b a baseline, and S the removed cells (one column, or one cell):

        a(S) = f(x) - f(x with the cells S from b)

    It assumes that the model's output for a window with removed cells is meaningful. Features that carry the same
    information each look unimportant, because the other one remains. In a smooth series a single cell is determined by
    its neighbours, so the cells' values are small; occlusion takes whole stretches. Large windows are explained from coarse to fine
    (see `coarse`), between the change points of each feature, where a segment's loss is divided among its cells.
    """
    time, features = forward_func.request.x.shape
    intact = forward_func.outputs(forward_func.x)[0]
    if is_large(time, features):
        segment = adaptive_segments(forward_func.request.x)
        cells, how = coarse_to_fine(lambda removed: intact - forward_func.without(removed), segment)
        return Attribution(cells, ablate_features(forward_func), f"{features} columns; {how}, the rest by segment")
    without = [forward_func.without(removed) for removed in one_cell_each(np.arange(time * features), time, features)]
    cells = (intact - np.concatenate(without)).reshape(time, features)
    return Attribution(cells, ablate_features(forward_func), f"{features} columns, {cells.size} cells, one at a time")


def occlusion(forward_func: ForwardFunction, stretch: float = USUAL_STRETCH) -> Attribution:
    """Return what the output loses without a stretch of one feature, divided evenly among the stretch's cells.

    With R the stretches of feature i, all of length L, that cover step t, and a(r) what the output loses without stretch r:

        o(t, i) = mean over r in R of a(r) / L

    It assumes that an event is about as long as a stretch, and that the output for a window without it is meaningful.
    The stretch is a share of the window, a tenth, and moves by at most half of itself (Zeiler and Fergus 2014). A cell gets the
    mean over the stretches that cover it: what is shorter than a stretch is smeared over it.
    """
    time, features = forward_func.request.x.shape
    covering = stretches(time, features, stretch)
    intact = forward_func.outputs(forward_func.x)[0]
    lost = (intact - forward_func.without(of_each_feature(covering, features))).reshape(len(covering), features)
    length = int(covering[0].sum())
    cells = mean_over_stretches(covering, lost) / length
    return Attribution(cells, cells.sum(axis=0), f"stretches of {length} step{'s' if length > 1 else ''}, {lost.size} in all")


def stretches(time: int, features: int, share: float) -> Bool[Tensor, "stretch time"]:
    """Return stretches of a share of the time that overlap by half or more and reach to the last step, none cut short.

    All overlap by as much, for which they may have to begin at every step; in a large window the last one overlaps by more instead.
    """
    length = max(1, int(share * time))
    half = max(1, length // 2)
    stride = half if is_large(time, features) else next(step for step in range(half, 0, -1) if (time - length) % step == 0)
    starts = torch.unique(torch.tensor([*range(0, time - length + 1, stride), time - length]))[:, None]
    steps = torch.arange(time)
    return (steps >= starts) & (steps < starts + length)


def of_each_feature(covering: Bool[Tensor, "stretch time"], features: int) -> Bool[Tensor, "variant time feature"]:
    """Return each stretch of each feature as a mask: all features of the first stretch, then of the second."""
    found = torch.zeros(len(covering), features, covering.shape[1], features, dtype=torch.bool)
    for feature in range(features):
        found[:, feature, :, feature] = covering
    return found.flatten(0, 1)


def mean_over_stretches(
    covering: Bool[Tensor, "stretch time"], effects: Float[np.ndarray, "stretch feature"]
) -> Float[np.ndarray, "time feature"]:
    """Return for each cell the mean effect of the stretches that cover it."""
    covered = covering.double().numpy()
    return covered.T @ effects / covered.sum(axis=0)[:, None]
