"""The ways to a counterfactual, and what one of them has found."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Bool, Float32
from torch import nn

from complex_lstm.config import Scaling
from complex_lstm.data import unscale
from complex_lstm.errors import ExplanationError, never_stop
from complex_lstm.inference import Progress, silent
from complex_lstm.interpretation.counterfactual.goals import Reach, Search
from complex_lstm.interpretation.counterfactual.native_guide import native_guide
from complex_lstm.interpretation.counterfactual.wachter import STEPS, wachter
from complex_lstm.interpretation.edits import Cell, Replace, Segment
from complex_lstm.interpretation.nearest_neighbours import Neighbourhood
from complex_lstm.model.device import device_name

WayName = Literal["native_guide", "wachter"]


@dataclass(frozen=True)
class Way:
    """A method as people know it."""

    label: str
    sentence: str
    misleads: str
    source: str


WAYS: dict[WayName, Way] = {
    "native_guide": Way(
        "Native Guide",
        "swaps in the shortest segment of the nearest training window that is predicted as wished",
        "its values are real ones, but the seams are not, and a smaller change may exist that no training window holds",
        "Delaney et al. 2021; features as in Ates et al. 2021",
    ),
    "wachter": Way(
        "Gradient search",
        "follows the gradient to the nearest window, in summed absolute change, that is predicted as wished",
        "it may find a change that no measurement would ever show: what the model reacts to, not what happens in the world",
        "Wachter et al. 2017",
    ),
}


@dataclass(frozen=True)
class Nothing:
    """A search that ended without a window that reaches the goal. That none exists is not said by it."""

    way: WayName
    evaluations: int
    seconds: float
    device: str


@dataclass(frozen=True)
class Counterfactual:
    """A window that reaches the goal: `x` as the model sees it, made from `before` by changes in a few cells.

    `origin` says in words where the changed values are from.
    """

    way: WayName
    before: Float32[np.ndarray, "time feature"]
    x: Float32[np.ndarray, "time feature"]
    origin: str
    evaluations: int
    seconds: float
    device: str

    @property
    def changed(self) -> Bool[np.ndarray, "time feature"]:
        return self.x != self.before

    @property
    def size(self) -> float:
        """The summed absolute change in standard deviations."""
        return float(np.abs(self.x - self.before).sum())

    @property
    def longest(self) -> int:
        """The steps of the longest stretch in which every step has a changed cell."""
        any_changed = np.any(self.changed, axis=1).tolist()
        return max(len(list(run)) if changed else 0 for changed, run in itertools.groupby(any_changed))

    def as_edit(self, scaling: Scaling) -> Replace:
        """Return the change as an edit in the file's units."""
        steps, features = np.nonzero(self.changed)
        values = unscale(self.x.astype(float), scaling)
        cells = tuple(Cell(step, feature, float(values[step, feature])) for step, feature in np.argwhere(self.changed).tolist())
        return Replace(Segment(int(steps.min()), int(steps.max()), tuple(np.unique(features).tolist())), cells, self.origin)


def find_counterfactual(
    model: nn.Module,
    search: Search,
    way: WayName,
    hood: Neighbourhood,
    *,
    steps: int = STEPS,
    device: torch.device | None = None,
    stop: Callable[[], bool] = never_stop,
    progress: Progress = silent,
) -> Counterfactual | Nothing:
    """Return the smallest change that a way finds to reach a goal, or what it took to find nothing.

    `steps` is how far the gradient search goes. Nothing is drawn at random: the same search gives the same answer. The
    model is left as it was.

    Raises:
        ExplanationError: no such way, or no cell may change.
        Stopped: `stop` said so.
    """
    if way not in WAYS:
        raise ExplanationError(f"There is no way {way!r} to a counterfactual; choose one of {', '.join(WAYS)}.")
    if not search.allowed.any():
        raise ExplanationError("No cell may change, so nothing can. Allow one feature or more.")
    device = device or torch.device("cpu")
    reach = Reach(model, search, device, stop)
    start = time.perf_counter()
    guided = native_guide(reach, hood, progress)
    found = guided if way == "native_guide" else wachter(reach, guided, steps, progress)
    effort = reach.evaluations, time.perf_counter() - start, device_name(device)
    if found is None:
        return Nothing(way, *effort)
    return Counterfactual(way, search.x, found.x.cpu().numpy(), f"{WAYS[way].label}, {found.origin}", *effort)
