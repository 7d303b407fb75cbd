"""Further measures of many windows as tables: CPD and CPP of a method's map, and what every search for a counterfactual finds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from jaxtyping import Int

from complex_lstm.data import Dataset
from complex_lstm.inference import window_frame
from complex_lstm.interpretation.counterfactual import SEARCH_METHODS, find_counterfactual, quality, usual_search
from complex_lstm.interpretation.explanation_table import output_of, request_of
from complex_lstm.interpretation.forward import ForwardFunction
from complex_lstm.interpretation.methods import METHODS, baseline_name, explain
from complex_lstm.interpretation.nearest_neighbours import neighbourhood
from complex_lstm.interpretation.requests import Baseline
from complex_lstm.interpretation.signed_evaluation import cumulative, random_cumulative
from complex_lstm.model import ComplexLSTMModel

CPU = torch.device("cpu")
OF_CUMULATIVE = (
    "target", "method", "baseline", "cells", "cpd", "cpd_random", "cpd_better_than", "cpp", "cpp_random", "cpp_better_than",
)  # fmt: skip
OF_CHANGE = ("cells", "features", "stretch", "size", "distance", "unusual")  # empty where nothing was found
OF_SEARCH = ("goal", "method", "valid", *OF_CHANGE, "evaluations", "seconds")


def cumulative_table(
    model: ComplexLSTMModel,
    dataset: Dataset,
    chosen: Int[np.ndarray, " window"],
    method: str,
    *,
    target: str | None = None,
    baseline: Baseline | None = "training_mean",
    as_probability: bool = False,
    progress: Callable[[], None] = lambda: None,
) -> pd.DataFrame:
    """Return one row a chosen window: how far the prediction moves cell by cell along a method's map, and along random rankings.

    `cpd` is high and `cpp` low where the map is right (`cumulative`), in the unit of the explained output; beside each stands the mean of
    20 random rankings and the share of these that the map is better than. Target and baseline are those of `explain_frame`; windows
    without a prediction are left out.

    Raises:
        ExplanationError: no such target or method.
    """
    rows, places = [], window_frame(dataset, chosen)
    for place, window in zip(places.to_dict("records"), chosen.tolist(), strict=True):
        output = output_of(model, dataset, window, target)
        if output is not None:
            request = request_of(model, dataset, window, output, method, baseline=baseline, as_probability=as_probability)
            function = ForwardFunction(model, request, CPU)
            own, random = cumulative(function, explain(model, request, method).attribution), random_cumulative(function)
            about = dataset.schema.outputs[output], method, baseline_name(METHODS[method], request), own.cells
            cpd = own.difference[0], random.difference.mean(), (own.difference[0] > random.difference).mean()
            cpp = own.preservation[0], random.preservation.mean(), (own.preservation[0] < random.preservation).mean()
            rows.append(place | dict(zip(OF_CUMULATIVE, (*about, *cpd, *cpp), strict=True)))
        progress()
    return pd.DataFrame(rows, columns=[*places.columns, *OF_CUMULATIVE])


def counterfactual_table(
    model: ComplexLSTMModel,
    dataset: Dataset,
    chosen: Int[np.ndarray, " window"],
    *,
    target: str | None = None,
    progress: Callable[[], None] = lambda: None,
) -> pd.DataFrame:
    """Return one row a chosen window and search method: what it finds to reach the usual goal (`usual_search`), as `quality` has it.

    Of nothing found all but `valid`, `evaluations` and `seconds` is empty. Windows without a prediction are left out.

    Raises:
        ExplanationError: no such target.
    """
    rows, places = [], window_frame(dataset, chosen)
    for place, window in zip(places.to_dict("records"), chosen.tolist(), strict=True):
        output = output_of(model, dataset, window, target)
        if output is not None:
            x = dataset.windows.inputs(np.array([window]))[0]
            with torch.no_grad():
                outputs = model(torch.from_numpy(x)[None])[0].numpy()
            search, goal = usual_search(dataset, x, outputs, output)
            known = neighbourhood(dataset, window)
            for name in SEARCH_METHODS:
                found = quality(model, search, find_counterfactual(model, search, name, known), known)
                distance = found.distance if np.isfinite(found.distance) else np.nan
                change = found.cells, found.features, found.stretch, found.size, distance, found.unusual
                values = goal, name, found.valid, *change, found.evaluations, found.seconds
                rows.append(place | dict(zip(OF_SEARCH, values, strict=True)))
        progress()
    frame = pd.DataFrame(rows, columns=[*places.columns, *OF_SEARCH])
    if len(frame):
        frame[[*OF_CHANGE]] = frame[[*OF_CHANGE]].astype(float).where(frame["valid"])
    return frame
