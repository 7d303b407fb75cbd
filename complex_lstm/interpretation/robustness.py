"""Whether an explanation's cells add up to what removing them does, and how far it moves when the window hardly does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

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
    """What the output lost when random halves of a random stretch were removed: the truth that cells should add up to."""

    removed: Bool[np.ndarray, "removal time feature"]
    lost: Float[np.ndarray, " removal"]


@dataclass(frozen=True)
class Infidelity:
    """The mean squared miss of an explanation, and of its own cells in random places."""

    of_method: float
    of_shuffled: Float[np.ndarray, " shuffle"]


def random_removals(forward_func: ForwardFunction) -> Removals:
    """Return 64 random removals: each feature with even odds, over one stretch of a tenth to the whole of the time."""
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

    The cells are first scaled by the one factor that suits them best, as Captum's `normalize` does, so that the size of
    the numbers is no matter; but never by less than zero, because cells with all their signs wrong are not right. None
    for methods without a sign, whose cells cannot add up. The removals are computed once for all methods; a test holds
    this against Captum's infidelity.
    """
    if isinstance(explanation.attribution, UnsignedAttribution):
        return None
    cells = explanation.cells.ravel()
    random = np.random.default_rng(0)
    shuffled = np.stack([cells, *(random.permutation(cells) for _ in range(SHUFFLES))])
    masks = removals.removed.reshape(len(removals.removed), -1).astype(np.float64)
    missed = [_missed(masks @ one, removals.lost) for one in shuffled]
    return Infidelity(missed[0], np.array(missed[1:]))


def _missed(said: Float[np.ndarray, " removal"], lost: Float[np.ndarray, " removal"]) -> float:
    total = float((lost**2).mean())
    if not total:
        return 0.0
    power = float((said**2).mean())
    factor = max(0.0, float((said * lost).mean()) / power) if power else 0.0
    return float(((factor * said - lost) ** 2).mean()) / total


def max_sensitivity(forward_func: ForwardFunction, method: str) -> float:
    """Return how far the cells move, at most, as a share of their norm, when x moves by up to 0.02 standard deviations a cell.

    Captum's sensitivity_max (Yeh et al. 2019) over five nearby windows, so it is a lower bound. The baselines stay where
    they are. A method that says the same whatever the window gets 0: a low number alone is no merit.

    Raises:
        Stopped: `stop` said so.
    """
    run = METHODS[method].run

    def cells(x: tuple[Tensor, ...] | Tensor) -> tuple[Tensor]:
        windows = x[0] if isinstance(x, tuple) else x
        found = [run(_moved(forward_func, one)).cells for one in windows]
        return (torch.from_numpy(np.stack(found)),)

    nudged = _nudge(torch.Generator().manual_seed(0))
    moved = sensitivity_max(cells, forward_func.x.cpu(), nudged, perturb_radius=RADIUS, n_perturb_samples=NEARBY, max_examples_per_batch=1)
    return float(moved[0])


def _moved(forward_func: ForwardFunction, x: Float[Tensor, "time feature"]) -> ForwardFunction:
    return ForwardFunction(
        forward_func.model, replace(forward_func.request, x=x.detach().cpu().numpy()), forward_func.device, forward_func.stop
    )


def _nudge(generator: torch.Generator) -> Callable[[Tensor, float], Tensor]:
    """Return Captum's own perturbation, with a generator of its own."""

    def nudged(x: Tensor, radius: float) -> Tensor:
        return x + radius * (2 * torch.rand(x.shape, generator=generator) - 1)

    return nudged
