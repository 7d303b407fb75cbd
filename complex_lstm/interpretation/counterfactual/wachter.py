"""Counterfactuals by gradient: the nearest window that reaches the goal, in sum of absolute changes."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from complex_lstm.interpretation.counterfactual.goals import Found, Reach

STRENGTHS = (1.2, 3.0, 12.0)  # of the goal against the distance; below 1 no cell moves from where it is
STEPS, PACE = 100, 0.2  # of a descent; the pace is a step's length in standard deviations
REFINED, TRIED = 2, 32  # descents whose change is made smaller yet, and variants at a time on the way to a smaller change

Window = Float[Tensor, "time feature"]


def wachter(reach: Reach, guided: Found | None, steps: int, tell: Callable[[int, int], None]) -> Found | None:
    """Return the window that reaches the goal with the least summed absolute change found, or None.

    Minimizes strength * what lacks to the goal + the distance (Wachter et al. 2017), in standard deviations, for
    several strengths side by side instead of one that is raised until the goal is reached. It starts from the window
    itself and, where there is one, from what Native Guide found, so that it finds no larger change than that. The
    distance's corners at zero are passed by soft thresholding (Beck and Teboulle 2009), so that most cells stay exactly
    as they are. Then changes without which the goal is still reached are taken back. It is a descent: the change is
    smaller than all around it, not the least of all.
    """
    starts = [reach.x, guided.x] if guided else [reach.x]
    strengths = torch.tensor(STRENGTHS * len(starts), device=reach.x.device)[:, None, None]
    moved = (torch.stack(starts) - reach.x).repeat_interleave(len(STRENGTHS), dim=0)
    best = torch.full_like(moved, torch.inf)
    unit = reach.slopes(reach.x[None])[1].abs().amax().clamp(min=1e-12)
    for step in range(steps):
        tell(step, steps)
        shortfall, slope = reach.slopes(reach.x + moved)
        better = (shortfall < 0) & (_size(moved) < _size(best))
        best = torch.where(better[:, None, None], moved, best)
        steepest = torch.maximum(unit, slope.abs().amax(dim=(1, 2)))[:, None, None]
        pace = PACE * min(1.0, 3 * (1 - step / steps))  # the last third settles
        descended = moved - pace * slope * (shortfall >= 0)[:, None, None] / steepest
        moved = _thresholded(descended, pace * unit / (strengths * steepest))
    smallest = [one for one in best[_size(best).argsort()[:REFINED]] if bool(one.isfinite().all())]
    found = [_least(reach, _fewest(reach, one)) for one in smallest]
    return Found(reach.x + min(found, key=lambda one: float(one.abs().sum())), "by gradient") if found else None


def _size(moved: Float[Tensor, "descent time feature"]) -> Float[Tensor, " descent"]:
    return moved.abs().sum(dim=(1, 2))


def _thresholded(moved: Float[Tensor, "descent time feature"], by: Float[Tensor, "descent 1 1"]) -> Float[Tensor, "descent time feature"]:
    return moved.sign() * (moved.abs() - by).clamp(min=0)


def _fewest(reach: Reach, moved: Window) -> Window:
    """Return the largest of the changes, as few as reach the goal: searched as if one more never did harm."""
    rank = moved.abs().flatten().argsort(descending=True).argsort().unflatten(0, moved.shape)
    low, high = 0, int((moved != 0).sum())
    while high - low > 1:
        counts = torch.linspace(low, high, TRIED, device=moved.device).round().unique()[1:-1]
        variants = torch.where(rank < counts[:, None, None], moved, 0)
        reached = reach.reached(reach.x + variants).tolist()
        first = reached.index(True) if any(reached) else len(reached)
        tried = [low, *(int(count) for count in counts), high]
        low, high = tried[first], tried[first + 1]
    return torch.where(rank < high, moved, 0)


def _least(reach: Reach, moved: Window) -> Window:
    """Return the changes times the smallest share, to a thousandth, with which the goal is reached."""
    low, high = 0.0, 1.0
    for _ in range(2):
        shares = torch.linspace(low, high, TRIED + 1, device=moved.device)[1:]
        reached = reach.reached(reach.x + shares[:, None, None] * moved).tolist()
        if any(reached):
            first = reached.index(True)
            low, high = (low if first == 0 else float(shares[first - 1])), float(shares[first])
    return high * moved
