"""Counterfactuals by whole features: the fewest columns of a training window with the wanted prediction."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from complex_lstm.interpretation.counterfactual.goals import Candidate, GoalFunction
from complex_lstm.interpretation.counterfactual.native_guide import nearest_at_goal
from complex_lstm.interpretation.nearest_neighbours import Neighbourhood
from complex_lstm.model.batching import Progress


def comte(goal_func: GoalFunction, neighbours: Neighbourhood, progress: Progress) -> Candidate | None:
    """Return the window with the fewest features of a guide that reach the goal, or None.

    CoMTE (Ates et al. 2021): a feature's whole column comes from a window with the wanted prediction (its distractor). The
    guides are the three nearest that reach the goal, as of Native Guide. Features are taken one after another, each time the one
    that comes closest to the goal, instead of by random-restart hill climbing; then those that are not needed go back. Of the
    guides the one that needs the fewest features counts, of several the one with the smallest summed change. A column is
    real as a whole and has no seams; the features together may never have been measured so.
    """
    guides, numbers = nearest_at_goal(goal_func, neighbours)
    found: list[tuple[int, float, int, Tensor]] = []
    for place, guide in enumerate(guides):
        progress(place, len(guides))
        chosen = _greedy(goal_func, guide)
        x = _swapped(goal_func, guide, chosen[None])[0]
        found.append((int(chosen.sum()), float((x - goal_func.x).abs().sum()), int(numbers[place]), x))
    if not found:
        return None
    _, _, number, x = min(found, key=lambda one: one[:3])
    return Candidate(x, f"from window {number}")


def _greedy(goal_func: GoalFunction, guide: Float[Tensor, "time feature"]) -> Bool[Tensor, " feature"]:
    """Return features that reach the goal together: added the best first, then dropped where the goal is reached without."""
    each = torch.eye(guide.shape[1], dtype=torch.bool, device=guide.device)
    chosen = torch.zeros_like(each[0])
    while not bool(goal_func.reached(_swapped(goal_func, guide, chosen[None]))[0]):
        left = (~chosen).nonzero()[:, 0]
        chosen = chosen | each[left[goal_func.lacking(_swapped(goal_func, guide, chosen | each[left])).argmin()]]
    for feature in chosen.nonzero()[:, 0].tolist():
        fewer = chosen & ~each[feature]
        chosen = fewer if bool(goal_func.reached(_swapped(goal_func, guide, fewer[None]))[0]) else chosen
    return chosen


def _swapped(
    goal_func: GoalFunction, guide: Float[Tensor, "time feature"], chosen: Bool[Tensor, "variant feature"]
) -> Float[Tensor, "variant time feature"]:
    return torch.where(chosen[:, None] & goal_func.allowed, guide, goal_func.x)
