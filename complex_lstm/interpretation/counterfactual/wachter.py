"""Counterfactuals by gradient: the nearest window that reaches the goal, in sum of absolute changes."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from complex_lstm.interpretation.counterfactual.goals import Candidate, GoalFunction
from complex_lstm.model.batching import Progress

STRENGTHS = (1.2, 3.0, 12.0)  # weights of the goal against the distance; below 1 no cell moves
STEPS, PACE = 100, 0.2  # of a descent; the pace is a step's length in standard deviations
REFINED, TRIED = 2, 32  # descents whose change is reduced further, and variants in one forward pass while reducing it

Window = Float[Tensor, "time feature"]


def wachter(goal_func: GoalFunction, guided: Candidate | None, steps: int, progress: Progress) -> Candidate | None:
    """Return the window that reaches the goal with the least summed absolute change found, or None.

    Minimizes strength * distance from the goal + distance from the window (Wachter et al. 2017), in standard deviations, for
    several strengths side by side instead of one that is raised until the goal is reached. It starts from the window
    itself and, where there is one, from what Native Guide found, so that it finds no larger change than that. The
    distance is not differentiable at zero; soft thresholding (Beck and Teboulle 2009) keeps most cells exactly as they
    are. Then changes without which the goal is still reached are undone. It is a descent: the change is a local
    minimum, not the smallest of all.
    """
    starts = [goal_func.x, guided.x] if guided else [goal_func.x]
    strengths = torch.tensor(STRENGTHS * len(starts), device=goal_func.x.device)[:, None, None]
    moved = (torch.stack(starts) - goal_func.x).repeat_interleave(len(STRENGTHS), dim=0)
    best = torch.full_like(moved, torch.inf)
    unit = goal_func.gradients(goal_func.x[None])[1].abs().amax().clamp(min=1e-12)
    for step in range(steps):
        progress(step, steps)
        shortfall, gradient = goal_func.gradients(goal_func.x + moved)
        better = (shortfall < 0) & (_size(moved) < _size(best))
        best = torch.where(better[:, None, None], moved, best)
        steepest = torch.maximum(unit, gradient.abs().amax(dim=(1, 2)))[:, None, None]
        pace = PACE * min(1.0, 3 * (1 - step / steps))  # the last third settles
        descended = moved - pace * gradient * (shortfall >= 0)[:, None, None] / steepest
        threshold = pace * unit / (strengths * steepest)
        moved = descended.sign() * (descended.abs() - threshold).clamp(min=0)
    smallest = [one for one in best[_size(best).argsort()[:REFINED]] if bool(one.isfinite().all())]
    found = [_least(goal_func, fewest(goal_func, one, one.abs())) for one in smallest]
    return Candidate(goal_func.x + min(found, key=lambda one: float(one.abs().sum())), "by gradient") if found else None


def _size(moved: Float[Tensor, "descent time feature"]) -> Float[Tensor, " descent"]:
    return moved.abs().sum(dim=(1, 2))


def fewest(goal_func: GoalFunction, moved: Window, weight: Window) -> Window:
    """Return the changes of the largest weight, as few as reach the goal: searched as if one more change never undid it."""
    rank = torch.where(moved != 0, weight, -torch.inf).flatten().argsort(descending=True).argsort().unflatten(0, moved.shape)
    low, high = 0, int((moved != 0).sum())
    while high - low > 1:
        counts = torch.linspace(low, high, TRIED, device=moved.device).round().unique()[1:-1]
        variants = torch.where(rank < counts[:, None, None], moved, 0)
        reached = goal_func.reached(goal_func.x + variants).tolist()
        first = reached.index(True) if any(reached) else len(reached)
        tried = [low, *(int(count) for count in counts), high]
        low, high = tried[first], tried[first + 1]
    return torch.where(rank < high, moved, 0)


def _least(goal_func: GoalFunction, moved: Window) -> Window:
    """Return the changes times the smallest share, to a thousandth, with which the goal is reached."""
    low, high = 0.0, 1.0
    for _ in range(2):
        shares = torch.linspace(low, high, TRIED + 1, device=moved.device)[1:]
        reached = goal_func.reached(goal_func.x + shares[:, None, None] * moved).tolist()
        if any(reached):
            first = reached.index(True)
            low, high = (low if first == 0 else float(shares[first - 1])), float(shares[first])
    return high * moved
