"""A learned mask: the fewest cells that keep the output and without which it is gone, found by following the gradient."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from complex_lstm.interpretation.explanation import UnsignedAttribution
from complex_lstm.interpretation.forward import ForwardFunction, linearly_interpolated
from complex_lstm.model.device import gradients_enabled

STEPS, PACE = 60, 0.3  # of the descent, and Adam's step in logits of the mask
WIDEST, NARROWEST = 0.98, 0.02  # share of the cells that the mask keeps at first and at last
ROUGHNESS = 0.1  # weight of the mask's total variation along time, a feature's
STATED = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)  # shares of the cells of which the smallest that keeps the output is stated
KEPT = 0.9  # of the gap
HALVINGS = 25  # of the interval in which the offset that gives the mask its area is searched


def learned_mask(forward_func: ForwardFunction) -> UnsignedAttribution:
    """Return how long each cell stays in a mask that shrinks while it keeps the output, as the share of the steps.

        r(t, i) = mean over the 60 steps of m(t, i)

    A mask m of 0 to 1 blends the window x with the baseline b. While the mean of m is narrowed from 98% of the cells to 2%, each
    step follows the gradient of

        ((f(x) - f(b + m (x - b))) / s)^2 + ((f(x + m (b - x)) - f(b)) / s)^2 + 0.1 * total variation of m along time

    so that the cells in m alone give the output, and the window without them gives the baseline's: what is given up last
    counts most. The scale s is the gap, or the standard deviation of the output over training windows where that is larger.

    Masks by gradient, of a given area, are those of Fong and Vedaldi (2017; with Patrick 2019), over time and feature of
    Crabbé and van der Schaar (2021, Dynamask) and Enguehard (2023). They fit a mask for each of several areas; this one
    passes through all of them in one descent, which is faster and begins each area where the larger one ended. Several
    baselines take turns, a step each; where removed cells are interpolated, a blended cell's other end is the line
    between the nearest cells that the mask keeps. Nothing is drawn at random.

    It assumes that a window whose cells are blended means something to the model. It is a descent: another mask as small may
    exist, and of two cells that carry the same information it may keep either. It has no sign.
    """
    time, features = forward_func.request.x.shape
    nothing = torch.zeros(1, time, features, dtype=torch.bool)
    intact, empty = forward_func.without(torch.cat([nothing, ~nothing])).tolist()
    cells = _shrunk(forward_func, intact, empty).double().cpu().numpy()
    return UnsignedAttribution(cells, cells.sum(axis=0), f"{STEPS} steps; {_stated(forward_func, cells, intact, empty)}")


def _shrunk(forward_func: ForwardFunction, intact: float, empty: float) -> Float[Tensor, "time feature"]:
    """Return the mean of the mask over the descent."""
    x = forward_func.x[0]
    scale = max(abs(intact - empty), float(forward_func.draw_outputs().std())) or 1.0
    wanted = x.new_tensor([intact, empty])
    logits = torch.zeros_like(x, requires_grad=True)
    adam, total = torch.optim.Adam([logits], lr=PACE), torch.zeros_like(x)
    for step in range(STEPS):
        area = WIDEST * (NARROWEST / WIDEST) ** (step / (STEPS - 1))
        with gradients_enabled(forward_func.device):
            mask = torch.sigmoid(logits + _offset(logits.detach(), area))
            other = _other_end(forward_func, mask.detach(), step)
            outputs = forward_func(torch.stack([other + mask * (x - other), x + mask * (other - x)]))
            loss = (((outputs - wanted) / scale) ** 2).sum() + ROUGHNESS * mask.diff(dim=0).abs().sum(dim=0).mean()
            (gradient,) = torch.autograd.grad(loss, logits)
        logits.grad = gradient - gradient.mean()  # the offset keeps the area, so that only differences count
        adam.step()
        total += mask.detach()
    return total / STEPS


def _offset(logits: Float[Tensor, "time feature"], area: float) -> Float[Tensor, ""]:
    """Return what to add to the logits so that the mask's mean is the area, by halving an interval."""
    low, high = -logits.max() - 20, -logits.min() + 20
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        too_large = torch.sigmoid(logits + middle).mean() > area
        low, high = torch.where(too_large, low, middle), torch.where(too_large, middle, high)
    return (low + high) / 2


def _other_end(forward_func: ForwardFunction, mask: Float[Tensor, "time feature"], step: int) -> Float[Tensor, "time feature"]:
    """Return what the mask blends the window with at a step."""
    baseline = forward_func.baselines[step % len(forward_func.baselines)]
    if not forward_func.request.interpolated:
        return baseline
    removed = mask < 0.5
    return torch.where(removed, linearly_interpolated(forward_func.x, removed[None])[0], baseline)


def _stated(forward_func: ForwardFunction, cells: Float[np.ndarray, "time feature"], intact: float, empty: float) -> str:
    """Return in words the smallest stated share of the cells that keeps 90% of the gap, or else the one that keeps most."""
    if intact == empty:
        return "there is no gap to keep"
    place = np.argsort(np.argsort(-cells.ravel(), kind="stable"))
    counts = np.maximum(1, np.round(np.array(STATED) * cells.size))
    kept = (place < counts[:, None]).reshape(-1, *cells.shape)
    shares = 1 - np.abs(forward_func.without(torch.from_numpy(~kept)) - intact) / abs(intact - empty)
    enough = np.flatnonzero(shares >= KEPT)
    chosen = int(enough[0]) if len(enough) else int(shares.argmax())
    return f"the top {STATED[chosen]:.0%} of the cells keep {max(0.0, shares[chosen]):.0%} of the gap"
