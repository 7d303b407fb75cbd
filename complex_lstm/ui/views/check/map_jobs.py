"""What the map of windows computes beside the page: the windows as points, their picture, and kinds of explanation."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from complex_lstm.errors import ExplanationError
from complex_lstm.evaluation.blocks import blocks_of
from complex_lstm.evaluation.pooled import most_pooled, pooled_windows
from complex_lstm.evaluation.window_map import MappedWindows, Picture, map_explained, map_pooled, pca_picture, spread, umap_picture
from complex_lstm.interpretation import METHODS, explain, make_request
from complex_lstm.interpretation.explained_windows import QUICK, explanation_vectors
from complex_lstm.interpretation.landmarks import Landmarks, find_landmarks
from complex_lstm.interpretation.similar_windows import Known, known_windows
from complex_lstm.metrics import has_prediction
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.compute.processes import computed
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.part_scores import window_errors
from complex_lstm.ui.session.scene import target_of
from complex_lstm.ui.session.state import current
from complex_lstm.ui.views.check.awaiting import await_result

PAGE = "map"  # what Stop and Go on of these jobs are called by
MOST_MAPPED = 25_000  # windows, unless all are wanted: at 3 ms each, a minute
MOST_EXPLAINED = 2000
EXPLAINERS = tuple(name for name, method in METHODS.items() if method.signed)

Result = TypeVar("Result")


@dataclass(frozen=True)
class MapSettings:
    """What the selection says of the map, with the defaults in place of what is missing or not valid there."""

    space: str
    layout: str
    explainer: str
    is_all: bool
    output: int


@dataclass(frozen=True)
class WindowMap:
    """The windows as points, those that others are compared with, and the points along their principal components.

    key       by which it, and what is made from it, is known
    keys      of the data set that they are windows of
    total     how many windows it has
    left_out  how many of them have no finite vector, and are no points
    errors    of the points, see `window_errors`
    """

    key: Hashable
    keys: tuple[str, str, str, int]
    total: int
    left_out: int
    mapped: MappedWindows
    known: Known
    picture: Picture
    errors: np.ndarray
    is_pooled: bool

    @property
    def tag(self) -> str:
        """A short text of its own for keys of widgets, so that what is selected in one map is not selected in another."""
        return f"{hash(self.key) & 0xFFFFFFFF:08x}"


@dataclass(frozen=True)
class ExplainedLandmark:
    """The inputs and the attributions, (time, feature), of the window that stands for a kind of explanation."""

    inputs: np.ndarray
    cells: np.ndarray


def map_settings(scene: Scene) -> MapSettings:
    """Return what is chosen of the map. Of classes each window's own predicted class is explained, which no choice changes."""
    choice = current().map_of_windows
    return MapSettings(
        "attributions" if choice.space == "attributions" else "",
        "umap" if choice.layout == "umap" else "",
        choice.explainer if choice.explainer in EXPLAINERS else QUICK,
        choice.mapped == "all",
        0 if scene.is_classes else target_of(scene),
    )


def most_mapped(scene: Scene, settings: MapSettings) -> int:
    """Return how many windows are mapped at most."""
    if settings.space:
        return len(cache.dataset(*cache.all_windows(scene.keys)).windows) if settings.is_all else MOST_EXPLAINED
    fitting = most_pooled(scene.model.config.hidden_dim)
    return fitting if settings.is_all else min(MOST_MAPPED, fitting)


def window_map(scene: Scene, settings: MapSettings) -> WindowMap | None:
    """Return the points of the chosen space and their picture by PCA; None, with its progress drawn, until they are there."""
    most = most_mapped(scene, settings)
    explained = (scene.keys, settings.explainer, settings.output) if settings.space else ()
    key = ("window_map", cache.all_windows(scene.keys), most, explained)
    make = _map_explained if settings.space else _map_pooled
    words = "Explaining the windows" if settings.space else "Passing the windows through the model"
    return await_result(key, lambda job: make(scene, settings, most, key, job), words, PAGE, is_excuse=True)


def _map_pooled(scene: Scene, settings: MapSettings, most: int, key: Hashable, job: Job[Any]) -> WindowMap:
    keys = cache.all_windows(scene.keys)
    dataset = cache.dataset(*keys)
    chosen = spread(len(dataset.windows), most)
    pooled = computed(
        pooled_windows, scene.model, dataset, chosen, device=scene.device, progress=job.report_progress, stop=job.must_stop
    )  # fmt: skip
    return _as_map(key, keys, 0, map_pooled(dataset, pooled), job, is_pooled=True)


def _map_explained(scene: Scene, settings: MapSettings, most: int, key: Hashable, job: Job[Any]) -> WindowMap:
    keys = cache.all_windows(scene.keys)
    dataset = cache.dataset(*keys)
    every = cache.predictions(keys, stop=job.must_stop)
    predictions = every.of(np.flatnonzero(has_prediction(every.predicted)))
    left_out = len(every.chosen) - len(predictions.chosen)
    predictions = predictions.of(spread(len(predictions.chosen), most))
    if not len(predictions.chosen):
        raise ExplanationError("None of these windows has a prediction: the model's output is not a finite number.")
    outputs = explained_outputs(predictions.predicted, settings, is_classes=scene.is_classes)
    vectors = computed(
        explanation_vectors, scene.model, dataset, predictions.chosen, outputs, settings.explainer,
        device=scene.device, progress=job.report_progress, stop=job.must_stop,
    )  # fmt: skip
    return _as_map(key, keys, left_out, map_explained(dataset, predictions, vectors), job, is_pooled=False)


def explained_outputs(predicted: np.ndarray, settings: MapSettings, *, is_classes: bool) -> np.ndarray:
    """Return the output that is explained in each window: its predicted class, or the chosen target."""
    return predicted.argmax(axis=1) if is_classes else np.full(len(predicted), settings.output)


def _as_map(
    key: Hashable, keys: tuple[str, str, str, int], left_out: int, mapped: MappedWindows, job: Job[Any], *, is_pooled: bool
) -> WindowMap:
    known = computed(known_windows, mapped, stop=job.must_stop)
    job.check_stop()
    errors = window_errors(mapped.dataset, mapped.predictions)
    total, left_out = len(mapped.dataset.windows), left_out + mapped.left_out
    return WindowMap(key, keys, total, left_out, mapped, known, pca_picture(mapped.points), errors, is_pooled)


def laid_out_by_umap(found: WindowMap) -> Picture | None:
    """Return the points as UMAP lays them out; None, with a line that it is under way, until that is done."""
    return await_result(
        ("window_map_umap", found.key),
        lambda job: umap_picture(found.mapped.points),
        "UMAP lays the windows out, which does not stop before its end",
        PAGE,
        is_excuse=True,
    )


def landmarks(scene: Scene, settings: MapSettings, found: WindowMap) -> tuple[Landmarks, list[ExplainedLandmark]] | None:
    """Return the kinds of explanation among the mapped windows, and the attributions of the window of each; None until they are there."""
    mapped = found.mapped

    def run(job: Job[Any]) -> tuple[Landmarks, list[ExplainedLandmark]]:
        blocks = blocks_of(mapped.dataset, mapped.chosen)
        kinds = computed(find_landmarks, mapped.points, blocks, progress=job.report_progress, stop=job.must_stop)
        outputs = explained_outputs(mapped.predictions.predicted, settings, is_classes=scene.is_classes)
        pictured = []
        for one in kinds.kinds:
            request = make_request(mapped.dataset, int(mapped.chosen[one.place]), int(outputs[one.place]))
            explained = computed(explain, scene.model, request, settings.explainer, device=scene.device, stop=job.must_stop)
            pictured.append(ExplainedLandmark(request.x, explained.cells))
        return kinds, pictured

    return await_result(("window_map_landmarks", found.key), run, "Looking for kinds of explanation", PAGE, is_excuse=True)
