"""The search methods side by side: validity, sparsity, proximity and plausibility of what each of them finds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from complex_lstm.interpretation.counterfactual.finding import Counterfactual, NotFound, SearchMethodName
from complex_lstm.interpretation.counterfactual.goals import GoalFunction, Search
from complex_lstm.interpretation.nearest_neighbours import Neighbourhood


@dataclass(frozen=True)
class Quality:
    """How good a counterfactual is.

    valid     whether the prediction reaches the goal, asked again in a plain forward pass
    cells     share of the cells that are changed (sparsity), features the number of features, stretch the longest in steps
    size      summed absolute change in standard deviations (proximity)
    distance  from the nearest known window whose own prediction reaches the goal, in standard deviations a cell
              (plausibility); infinite where there is none
    unusual   share of known windows whose own nearest window is nearer than the nearest of all is to this one
    """

    method: SearchMethodName
    valid: bool
    cells: float
    features: int
    stretch: int
    size: float
    distance: float
    unusual: float
    evaluations: int
    seconds: float


def quality(
    model: nn.Module, search: Search, found: Counterfactual | NotFound, neighbours: Neighbourhood, *, device: torch.device | None = None
) -> Quality:
    """Return how good what a search found is; of nothing found, that it is not valid and changes nothing."""
    if isinstance(found, NotFound):
        return Quality(found.method, False, 0.0, 0, 0, 0.0, np.inf, 0.0, found.evaluations, found.seconds)
    goal_func = GoalFunction(model, search, device or torch.device("cpu"))
    distances = neighbours.distances(found.x)
    changed = found.changed
    return Quality(
        found.method,
        bool(goal_func.reached(torch.from_numpy(found.x)[None].to(goal_func.x.device))[0]),
        float(changed.mean()),
        int(changed.any(axis=0).sum()),
        found.longest,
        found.size,
        _nearest_at_goal(goal_func, neighbours, distances),
        neighbours.unusual(float(distances.min())) if len(distances) else 0.0,
        found.evaluations,
        found.seconds,
    )


def _nearest_at_goal(goal_func: GoalFunction, neighbours: Neighbourhood, distances: np.ndarray) -> float:
    """Return the smallest of the distances to windows that reach the goal as they are."""
    order = np.argsort(distances, kind="stable")
    for first in range(0, len(order), goal_func.batch):
        part = order[first : first + goal_func.batch]
        reached = goal_func.reached(torch.from_numpy(neighbours.windows[part]).to(goal_func.x.device)).cpu().numpy()
        if reached.any():
            return float(distances[part[reached.argmax()]])
    return np.inf
