"""The methods that search for a counterfactual, and what one of them found."""

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
from complex_lstm.interpretation.counterfactual.cels import cels
from complex_lstm.interpretation.counterfactual.comte import comte
from complex_lstm.interpretation.counterfactual.goals import Candidate, GoalFunction, Search
from complex_lstm.interpretation.counterfactual.native_guide import native_guide
from complex_lstm.interpretation.counterfactual.wachter import STEPS, wachter
from complex_lstm.interpretation.edits import Cell, Replace, Segment
from complex_lstm.interpretation.nearest_neighbours import Neighbourhood
from complex_lstm.model.batching import Progress, silent
from complex_lstm.model.device import device_name

SearchMethodName = Literal["native_guide", "wachter", "comte", "cels"]


@dataclass(frozen=True)
class SearchMethod:
    """A search method's name, what it does, where it misleads, and its source."""

    label: str
    sentence: str
    misleads: str
    source: str


SEARCH_METHODS: dict[SearchMethodName, SearchMethod] = {
    "native_guide": SearchMethod(
        "Native Guide",
        "swaps in the shortest segment of the nearest known window with the wanted prediction",
        "its values are real ones, but the seams are not, and a smaller change may exist that no known window contains",
        "Delaney et al. 2021; features as in Ates et al. 2021",
    ),
    "wachter": SearchMethod(
        "Gradient search",
        "follows the gradient to the nearest window, in summed absolute change, with the wanted prediction",
        "it may find a change that no measurement would ever show: what the model reacts to, not what happens in the world",
        "Wachter et al. 2017",
    ),
    "comte": SearchMethod(
        "CoMTE",
        "takes as few whole features as it needs from a known window with the wanted prediction",
        "a column changes in all of its steps even where one of them decides, and the features together may never have been measured so",
        "Ates et al. 2021",
    ),
    "cels": SearchMethod(
        "Learned cells",
        "learns which cells of a known window with the wanted prediction are needed, and takes as few of them as reach it",
        "its values are real ones, but the seams are not, and cells that are scattered are unlike a measurement",
        "CELS: Li et al. 2023; for several features Li et al. 2024",
    ),
}


@dataclass(frozen=True)
class NotFound:
    """A search that ended without a window that reaches the goal. One may still exist."""

    method: SearchMethodName
    evaluations: int
    seconds: float
    device: str


@dataclass(frozen=True)
class Counterfactual:
    """A window that reaches the goal: `x` as the model sees it, made from `before` by changes in a few cells.

    `origin` names the source of the changed values.
    """

    method: SearchMethodName
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
    method: SearchMethodName,
    neighbours: Neighbourhood,
    *,
    steps: int = STEPS,
    device: torch.device | None = None,
    stop: Callable[[], bool] = never_stop,
    progress: Progress = silent,
) -> Counterfactual | NotFound:
    """Return the smallest change that a search method finds to reach a goal, or its effort where it finds none.

    `steps` is the number of steps of the gradient search. Nothing is drawn at random: the same search gives the same
    result. The model is left as it was.

    Raises:
        ExplanationError: no such method, or no cell may change.
        Stopped: `stop` returned True.
    """
    if method not in SEARCH_METHODS:
        raise ExplanationError(f"There is no search method {method!r}; choose one of {', '.join(SEARCH_METHODS)}.")
    if not search.allowed.any():
        raise ExplanationError("No cell may change, so there is nothing to search. Allow one feature or more.")
    device = device or torch.device("cpu")
    goal_func = GoalFunction(model, search, device, stop)
    start = time.perf_counter()
    found = _search(goal_func, method, neighbours, steps, progress)
    effort = goal_func.evaluations, time.perf_counter() - start, device_name(device)
    if found is None:
        return NotFound(method, *effort)
    return Counterfactual(method, search.x, found.x.cpu().numpy(), f"{SEARCH_METHODS[method].label}, {found.origin}", *effort)


def _search(
    goal_func: GoalFunction, method: SearchMethodName, neighbours: Neighbourhood, steps: int, progress: Progress
) -> Candidate | None:
    if method == "comte":
        return comte(goal_func, neighbours, progress)
    if method == "cels":
        return cels(goal_func, neighbours, progress)
    guided = native_guide(goal_func, neighbours, progress)
    return guided if method == "native_guide" else wachter(goal_func, guided, steps, progress)
