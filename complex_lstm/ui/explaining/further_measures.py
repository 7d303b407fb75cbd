"""What a report of a window has beyond its page: CPD and CPP of each method, and what every search for a counterfactual finds.

They take seconds, so that they are computed where a report is asked for, once for all visitors, and left out after a while with a word.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd

from complex_lstm.errors import Stopped
from complex_lstm.interpretation import METHODS
from complex_lstm.interpretation.counterfactual import SEARCH_METHODS, Quality, find_counterfactual, quality, usual_search
from complex_lstm.interpretation.nearest_neighbours import Neighbourhood, neighbourhood
from complex_lstm.interpretation.signed_evaluation import Cumulative, cumulative, random_cumulative
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.comparison import explained
from complex_lstm.ui.explaining.request import ExplanationSettings

RANDOM = "random"  # beside the methods' names
PATIENCE = 60.0  # seconds

Result = TypeVar("Result")


@dataclass(frozen=True)
class FurtherMeasures:
    """What was found in time. `cumulative` has the random rankings under "random"; `goal` is what the searches were to reach, in words."""

    cumulative: Mapping[str, Cumulative]
    qualities: Mapping[str, Quality]
    goal: str


def further_measures(scene: Scene, choice: ExplanationSettings, methods: Sequence[str], patience: float = PATIENCE) -> FurtherMeasures:
    """Return the measures of these methods and all searches for the usual goal, as far as `patience` seconds suffice."""
    end = time.monotonic() + patience
    outputs = cache.window_trace(scene.keys, scene.number).prediction[0].numpy()
    search, goal = usual_search(scene.dataset, scene.inputs, outputs, choice.output)
    hood = known_windows(scene.keys, scene.number)

    def late() -> bool:
        return time.monotonic() > end

    def measure(method: str) -> Cumulative:
        function = choice.forward_function(scene, late)
        return random_cumulative(function) if method == RANDOM else cumulative(function, explained(scene, choice, method, late).attribution)

    def find(method: str) -> Quality:
        found = find_counterfactual(scene.model, search, method, hood, device=scene.device, stop=late)  # type: ignore[arg-type]
        return quality(scene.model, search, found, hood, device=scene.device)

    key, output = choice.window_key(scene), choice.output
    measured = _in_time((RANDOM, *methods), lambda one: cache.remember("cumulative", (key, one), lambda: measure(one), most=256))
    qualities = _in_time(
        tuple(SEARCH_METHODS), lambda one: cache.remember("quality", (scene.keys, scene.number, output, one), lambda: find(one), most=256)
    )
    return FurtherMeasures(measured, qualities, goal)


def _in_time(names: Sequence[str], make: Callable[[str], Result]) -> dict[str, Result]:
    """Return what is made of these names until one is stopped."""
    found: dict[str, Result] = {}
    for name in names:
        try:
            found[name] = make(name)
        except Stopped:
            break
    return found


def known_windows(keys: tuple[str, str, str, int], number: int) -> Neighbourhood:
    """Return the windows that a window is compared with."""
    return cache.remember("known_windows", (keys, number), lambda: neighbourhood(cache.dataset(*keys), number), most=8)


def cumulative_frame(found: Mapping[str, Cumulative]) -> pd.DataFrame:
    """Return the table, a row a method with the share of random rankings that it is better than, and the random ones' mean last."""
    random, rows = found[RANDOM], {name: one for name, one in found.items() if name != RANDOM}
    return pd.DataFrame(
        {
            "method": [*(METHODS[name].label for name in rows), "Random rankings"],
            "CPD": [*(one.difference[0] for one in rows.values()), random.difference.mean()],
            "CPD better than": [*(f"{(one.difference[0] > random.difference).mean():.0%} of random" for one in rows.values()), ""],
            "CPP": [*(one.preservation[0] for one in rows.values()), random.preservation.mean()],
            "CPP better than": [*(f"{(one.preservation[0] < random.preservation).mean():.0%} of random" for one in rows.values()), ""],
        }
    )


def quality_frame(rows: Mapping[str, Quality]) -> pd.DataFrame:
    """Return the table, a row a method; cells are empty where nothing was found or nothing can be compared."""
    return pd.DataFrame(
        {
            "method": [SEARCH_METHODS[one.method].label for one in rows.values()],
            "valid": ["yes" if one.valid else "no" for one in rows.values()],
            "cells changed": [one.cells if one.valid else np.nan for one in rows.values()],
            "features changed": [float(one.features) if one.valid else np.nan for one in rows.values()],
            "longest stretch (steps)": [float(one.stretch) if one.valid else np.nan for one in rows.values()],
            "summed change (std)": [one.size if one.valid else np.nan for one in rows.values()],
            "distance (std a cell)": [one.distance if np.isfinite(one.distance) else np.nan for one in rows.values()],
            "known windows closer to theirs": [one.unusual if one.valid else np.nan for one in rows.values()],
            "evaluations": [one.evaluations for one in rows.values()],
            "seconds": [one.seconds for one in rows.values()],
        }
    )
