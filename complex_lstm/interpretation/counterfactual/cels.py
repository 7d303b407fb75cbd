"""Counterfactuals by a learned mask: the cells of a training window with the wanted prediction that are needed."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from complex_lstm.interpretation.counterfactual.goals import Candidate, GoalFunction
from complex_lstm.interpretation.counterfactual.native_guide import nearest_at_goal
from complex_lstm.interpretation.counterfactual.wachter import fewest
from complex_lstm.interpretation.nearest_neighbours import Neighbourhood
from complex_lstm.model.batching import Progress
from complex_lstm.model.device import gradients_enabled

STEPS, PACE = 60, 0.3  # of the descent, and Adam's step in logits of the mask
AREA, ROUGHNESS = 1.0, 0.1  # weights of the mask's mean, and of its total variation along time, a feature's
START = 3.0  # the mask's logits at first: nearly all of the guide


def cels(goal_func: GoalFunction, neighbours: Neighbourhood, progress: Progress) -> Candidate | None:
    """Return the window with the fewest cells of a guide, in the order of a learned mask, that reach the goal, or None.

    CELS (Li et al. 2023; M-CELS 2024 for several features): a mask m of 0 to 1 blends the window x with a guide g, and follows
    the gradient of

        shortfall(x + m (g - x)) / first shortfall, not below 0, + mean of m + 0.1 * total variation of m along time

    so that it keeps the cells which the goal needs, in stretches. The guides are the three nearest neighbours that reach the
    goal, where CELS takes one, and instead of cutting the mask at one half, as few of its largest cells are taken as reach
    the goal: every value is the guide's own. It assumes that the goal is reached ever better with more cells; where it is
    not, the number of cells found is not the smallest.
    """
    guides, numbers = nearest_at_goal(goal_func, neighbours)
    if not len(guides):
        return None
    masks = _learned(goal_func, guides, progress)
    found = [
        fewest(goal_func, torch.where(goal_func.allowed, guide - goal_func.x, 0), mask) for guide, mask in zip(guides, masks, strict=True)
    ]
    best = min(range(len(found)), key=lambda place: float(found[place].abs().sum()))
    return Candidate(torch.where(found[best] != 0, guides[best], goal_func.x), f"from window {numbers[best]}")


def _learned(
    goal_func: GoalFunction, guides: Float[Tensor, "guide time feature"], progress: Progress
) -> Float[Tensor, "guide time feature"]:
    """Return a mask for each guide."""
    x, scale = goal_func.x, goal_func.lacking(goal_func.x[None])[0].clamp(min=1e-6)
    logits = torch.full_like(guides, START, requires_grad=True)
    adam = torch.optim.Adam([logits], lr=PACE)
    for step in range(STEPS):
        progress(step, STEPS)
        with gradients_enabled(x.device):
            mask = torch.sigmoid(logits) * goal_func.allowed
            lacking = goal_func.shortfall(x + mask * (guides - x)).relu() / scale
            rough = mask.diff(dim=1).abs().sum(dim=1).mean(dim=1)
            (logits.grad,) = torch.autograd.grad((lacking + AREA * mask.mean(dim=(1, 2)) + ROUGHNESS * rough).sum(), logits)
        adam.step()
    return torch.sigmoid(logits).detach()
