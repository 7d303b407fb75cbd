"""Counterfactuals from the data: a segment of the nearest training window with the wanted prediction."""

from __future__ import annotations

import math

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from complex_lstm.interpretation.counterfactual.goals import Candidate, GoalFunction
from complex_lstm.interpretation.nearest_neighbours import Neighbourhood
from complex_lstm.model.batching import Progress

GUIDES = 3
PARTS = 30  # a longer window's segments begin and end at its thirtieths, and are trimmed to the step

Window = Float[Tensor, "time feature"]
Cells = Bool[Tensor, "time feature"]


def native_guide(goal_func: GoalFunction, neighbours: Neighbourhood, progress: Progress) -> Candidate | None:
    """Return the window with the shortest segment of a guide that reaches the goal, or None.

    Native Guide (Delaney et al. 2021): the guides are the three nearest neighbours that reach the goal (with the cells
    that may not change kept as they are); a segment of one replaces the same steps and grows until the goal is reached.
    Instead of a weight vector that chooses where it begins, every beginning is tried. Then features that are
    not needed keep their own values, as in Ates et al. 2021. The values are real ones; the seams at the segment's ends
    are not.
    """
    guides, numbers = nearest_at_goal(goal_func, neighbours)
    lengths = _lengths(len(goal_func.x))
    for done, segments in enumerate(lengths if len(guides) else ()):
        progress(done, len(lengths))
        cells = segments.to(goal_func.x.device)[:, :, None] & goal_func.allowed  # (segment, time, feature)
        variants = torch.where(cells, guides[:, None], goal_func.x).flatten(0, 1)  # guide after guide
        reached = goal_func.reached(variants)
        if bool(reached.any()):
            sizes = (variants - goal_func.x).abs().sum(dim=(1, 2)).masked_fill(~reached, torch.inf)
            guide, segment = divmod(int(sizes.argmin()), len(segments))
            needed = _needed(goal_func, guides[guide], cells[segment])
            return Candidate(torch.where(needed, guides[guide], goal_func.x), f"from window {numbers[guide]}")
    return None


def nearest_at_goal(goal_func: GoalFunction, neighbours: Neighbourhood) -> tuple[Float[Tensor, "guide time feature"], np.ndarray]:
    """Return the nearest neighbours that reach the goal when they replace every cell that may change, and their numbers."""
    order = np.argsort(neighbours.distances(goal_func.x.cpu().numpy()), kind="stable")
    found: list[int] = []
    for first in range(0, len(order), goal_func.batch):
        part = order[first : first + goal_func.batch]
        whole = torch.where(goal_func.allowed, torch.from_numpy(neighbours.windows[part]).to(goal_func.x.device), goal_func.x)
        found += part[goal_func.reached(whole).cpu().numpy()].tolist()
        if len(found) >= GUIDES:
            break
    nearest = found[:GUIDES]
    return torch.from_numpy(neighbours.windows[nearest]).to(goal_func.x.device), neighbours.numbers[nearest]


def _lengths(time: int) -> list[Bool[Tensor, "segment time"]]:
    """Return all segments of each length, the shortest first."""
    part = math.ceil(time / PARTS)
    steps = torch.arange(time)
    found = []
    for length in sorted({*range(part, time, part), time}):
        begin = torch.tensor(sorted({*range(0, time - length, part), time - length}))[:, None]
        found.append((steps >= begin) & (steps < begin + length))
    return found


def _needed(goal_func: GoalFunction, guide: Window, cells: Cells) -> Cells:
    """Return the cells that have to come from the guide: features are dropped, then steps at the ends, while the goal is reached."""

    def reaches(fewer: Cells) -> bool:
        return bool(goal_func.reached(torch.where(fewer, guide, goal_func.x)[None])[0])

    sizes = torch.where(cells, (guide - goal_func.x).abs(), 0).sum(dim=0)
    for feature in sizes.argsort(stable=True).tolist():
        fewer = cells.clone()
        fewer[:, feature] = False
        cells = fewer if reaches(fewer) else cells
    for end in (0, -1):
        while True:
            fewer = cells.clone()
            fewer[cells.any(dim=1).nonzero()[end]] = False
            if not reaches(fewer):
                break
            cells = fewer
    return cells
