"""Infidelity and max-sensitivity: do the cells sum to what removing them does, and how far do they move with the window?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from captum.metrics import sensitivity_max
from jaxtyping import Bool, Float
from torch import Tensor

from complex_lstm.interpretation.explanation import Explanation, UnsignedAttribution
from complex_lstm.interpretation.forward import ForwardFunction
from complex_lstm.interpretation.methods import METHODS

REMOVALS = 64
SHUFFLES = 20
RADIUS, NEARBY = 0.02, 5


@dataclass(frozen=True)
class Removals:
    """What the output lost when random halves of a random stretch were removed: what the cells should sum to."""

    removed: Bool[np.ndarray, "removal time feature"]
    lost: Float[np.ndarray, " removal"]


@dataclass(frozen=True)
class Infidelity:
    """The mean squared error of an explanation, and of its own cells in random places."""

    of_method: float
    of_shuffled: Float[np.ndarray, " shuffle"]


def random_removals(forward_func: ForwardFunction) -> Removals:
    """Return 64 random removals: each feature with probability one half, over one stretch of a tenth to all of the time."""
    time, features = forward_func.request.x.shape
    random = np.random.default_rng(0)
    removed = np.zeros((REMOVALS, time, features), dtype=bool)
    for one in removed:
        length = int(random.integers(max(1, time // 10), time + 1))
        start = int(random.integers(time - length + 1))
        one[start : start + length] = random.random(features) < 0.5
    intact = forward_func.outputs(forward_func.x)[0]
    return Removals(removed, intact - forward_func.without(torch.from_numpy(removed)))


def infidelity(explanation: Explanation, removals: Removals) -> Infidelity | None:
    """Return the infidelity (Yeh et al. 2019), as a share of the removals' own mean square: 0 is right, 1 is no better than zeros.

    The cells are first scaled by the one factor that fits best, as Captum's `normalize` does, so that only their
    proportions count; but never by less than zero, because cells with all their signs wrong are not right. None for
    methods without a sign, whose cells cannot add up. The removals are computed once for all methods; a test holds
    this against Captum's infidelity.
    """
    if isinstance(explanation.attribution, UnsignedAttribution):
        return None
    cells = explanation.cells.ravel()
    random = np.random.default_rng(0)
    shuffled = np.stack([cells, *(random.permutation(cells) for _ in range(SHUFFLES))])
    masks = removals.removed.reshape(len(removals.removed), -1).astype(np.float64)
    errors = [_scaled_error(masks @ one, removals.lost) for one in shuffled]
    return Infidelity(errors[0], np.array(errors[1:]))


def _scaled_error(summed: Float[np.ndarray, " removal"], lost: Float[np.ndarray, " removal"]) -> float:
    """Return the mean squared error of the summed cells after the best scaling, as a share of the mean square of `lost`."""
    total = float((lost**2).mean())
    if not total:
        return 0.0
    power = float((summed**2).mean())
    factor = max(0.0, float((summed * lost).mean()) / power) if power else 0.0
    return float(((factor * summed - lost) ** 2).mean()) / total


def max_sensitivity(forward_func: ForwardFunction, method: str) -> float:
    """Return how far the cells move, at most, as a share of their norm, when x moves by up to 0.02 standard deviations a cell.

    Captum's sensitivity_max (Yeh et al. 2019) over five nearby windows, so it is a lower bound. The baselines stay where
    they are. A method that returns the same for every window gets 0: a low number alone is no merit.

    Raises:
        Stopped: `stop` returned True.
    """
    run = METHODS[method].run

    def cells(x: tuple[Tensor, ...] | Tensor) -> tuple[Tensor]:
        windows = x[0] if isinstance(x, tuple) else x
        found = [run(forward_func.with_window(one.detach().cpu().numpy())).cells for one in windows]
        return (torch.from_numpy(np.stack(found)),)

    generator = torch.Generator().manual_seed(0)

    def perturbed(x: Tensor, radius: float) -> Tensor:  # as Captum's own, but from a generator
        return x + radius * (2 * torch.rand(x.shape, generator=generator) - 1)

    moved = sensitivity_max(
        cells, forward_func.x.cpu(), perturbed, perturb_radius=RADIUS, n_perturb_samples=NEARBY, max_examples_per_batch=1
    )
    return float(moved[0])
