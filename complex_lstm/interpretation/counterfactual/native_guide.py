"""Counterfactuals from the data: a segment of the nearest training window that is predicted as wished."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from complex_lstm.interpretation.counterfactual.goals import Found, Reach
from complex_lstm.interpretation.nearest_neighbours import Neighbourhood

GUIDES = 3
PARTS = 30  # a longer window's segments begin and end at its thirtieths, and are trimmed to the step

Window = Float[Tensor, "time feature"]
Cells = Bool[Tensor, "time feature"]


def native_guide(reach: Reach, hood: Neighbourhood, tell: Callable[[int, int], None]) -> Found | None:
    """Return the window with the shortest segment of a guide that reaches the goal, or None.

    Native Guide (Delaney et al. 2021): the guides are the three nearest neighbours that the model predicts as wished (or
    would, if they kept what may not change); a segment of one replaces the same steps and grows until the prediction is
    as wished. Instead of a weight vector that says where it begins, every beginning is tried. Then features that are
    not needed keep their own values, as in Ates et al. 2021. The values are real ones; the seams at the segment's ends
    are not.
    """
    guides, numbers = _nearest_as_wished(reach, hood)
    lengths = _lengths(len(reach.x))
    for done, segments in enumerate(lengths if len(guides) else ()):
        tell(done, len(lengths))
        cells = segments.to(reach.x.device)[:, :, None] & reach.allowed  # (segment, time, feature)
        variants = torch.where(cells, guides[:, None], reach.x).flatten(0, 1)  # guide after guide
        reached = reach.reached(variants)
        if bool(reached.any()):
            sizes = (variants - reach.x).abs().sum(dim=(1, 2)).masked_fill(~reached, torch.inf)
            guide, segment = divmod(int(sizes.argmin()), len(segments))
            needed = _needed(reach, guides[guide], cells[segment])
            return Found(torch.where(needed, guides[guide], reach.x), f"from window {numbers[guide]}")
    return None


def _nearest_as_wished(reach: Reach, hood: Neighbourhood) -> tuple[Float[Tensor, "guide time feature"], np.ndarray]:
    """Return the nearest neighbours that reach the goal where they stand in every cell that may change, and their numbers."""
    order = np.argsort(hood.distances(reach.x.cpu().numpy()), kind="stable")
    found: list[int] = []
    for first in range(0, len(order), reach.batch):
        part = order[first : first + reach.batch]
        whole = torch.where(reach.allowed, torch.from_numpy(hood.windows[part]).to(reach.x.device), reach.x)
        found += part[reach.reached(whole).cpu().numpy()].tolist()
        if len(found) >= GUIDES:
            break
    nearest = found[:GUIDES]
    return torch.from_numpy(hood.windows[nearest]).to(reach.x.device), hood.numbers[nearest]


def _lengths(time: int) -> list[Bool[Tensor, "segment time"]]:
    """Return all segments of each length, the shortest first."""
    part = math.ceil(time / PARTS)
    steps = torch.arange(time)
    found = []
    for length in sorted({*range(part, time, part), time}):
        begin = torch.tensor(sorted({*range(0, time - length, part), time - length}))[:, None]
        found.append((steps >= begin) & (steps < begin + length))
    return found


def _needed(reach: Reach, guide: Window, cells: Cells) -> Cells:
    """Return the cells that have to come from the guide: without features, then without steps at the ends, that do not."""
    sizes = torch.where(cells, (guide - reach.x).abs(), 0).sum(dim=0)
    for feature in sizes.argsort(stable=True).tolist():
        fewer = cells.clone()
        fewer[:, feature] = False
        cells = fewer if _reaches(reach, guide, fewer) else cells
    for end in (0, -1):
        while True:
            fewer = cells.clone()
            fewer[cells.any(dim=1).nonzero()[end]] = False
            if not _reaches(reach, guide, fewer):
                break
            cells = fewer
    return cells


def _reaches(reach: Reach, guide: Window, cells: Cells) -> bool:
    return bool(reach.reached(torch.where(cells, guide, reach.x)[None])[0])
