"""The model's scores on all windows of a part, computed beside the page: none is thinned out."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from complex_lstm.data import Dataset
from complex_lstm.data.units import digits
from complex_lstm.inference import Predictions
from complex_lstm.metrics import ClassScores, ValueScores, is_trivial, score, score_notes
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.jobs import Job, JobFunction
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.page_jobs import request_job, request_jobs

MOST_TARGETS, FEW_TARGETS = 4, 2  # in a sentence; of more than the first number it has the second
PAGE = "predict"  # what Stop and Go on of these jobs are called by
UNSEEN = ("test", "new", "validation", "this file")  # the first of these that there is


@dataclass(frozen=True)
class PartScore:
    """What the model predicts for every window of a part, and its scores; None where none has both an answer and a prediction.

    `notes` say which windows have no prediction, or a class that the model does not know.
    """

    part: str
    predictions: Predictions
    scores: ClassScores | ValueScores | None
    keys: tuple[str, str, str, int]
    notes: tuple[str, ...] = ()

    @property
    def is_trivial(self) -> bool:
        """Whether the model is no better than the trivial rule: on the mean over the targets, or on the share of right classes."""
        return self.scores is not None and is_trivial(self.scores)

    @property
    def verdict(self) -> str:
        """Whether the model is better than the trivial rule, in words."""
        return "The model is no better than the trivial rule" if self.is_trivial else "The model is better than the trivial rule"


def part_score(scene: Scene, part: str) -> Job[PartScore]:
    """Return the job that predicts and scores all windows of a part, requested by this run of the page."""
    key, run = _score_job(scene, part)
    return request_job(key, run)


def part_score_unless_stopped(scene: Scene, part: str) -> Job[PartScore] | None:
    """Return the same job, requested unless the visitor has stopped it: then as it was left, or None if it never began."""
    key, run = _score_job(scene, part)
    return request_jobs(PAGE, key, {key: run})[key]


def _score_job(scene: Scene, part: str) -> tuple[Hashable, JobFunction]:
    keys = cache.all_windows(scene.keys)

    def run(job: Job[PartScore]) -> PartScore:
        found = cache.part_predictions(keys, part, job.report_progress, job.must_stop)
        given = (cache.dataset(*keys), found.chosen, found.predicted)
        return PartScore(part, found, score(*given), keys, score_notes(*given))

    return ("part_score", keys, part), run


def unseen_part(scene: Scene) -> str:
    """Return the part that the model has not learned from: test, else new windows; without these validation, else training."""
    return next((part for part in UNSEEN if len(scene.dataset.windows.of_part(part))), "training")


def windows_of(scene: Scene, part: str, count: int) -> str:
    """Return how many windows of which part, and what is known of them, in words.

    A checkpoint without a schema does not say what it was trained on, so nothing is claimed of its windows.
    """
    if part == "this file":
        return f"{count:,} windows of this file, which it may have been trained on"
    return f"{count:,} {part} windows" + (", which chose its best epoch" if part == "validation" else "")


def score_words(found: PartScore, scene: Scene) -> tuple[str, str]:
    """Return the model's score and the trivial rule's on the same windows, each as one short line in the target's unit."""
    windows = windows_of(scene, found.part, found.scores.windows if found.scores else len(found.predictions.chosen))
    if isinstance(found.scores, ClassScores):
        return f"accuracy {found.scores.accuracy:.3f} on {windows}", f"commonest class alone {found.scores.largest:.3f}"
    if isinstance(found.scores, ValueScores):
        unit = scene.dataset.schema.unit(scene.outputs[0])
        of = f" ({scene.outputs[0]})" if len(scene.outputs) > 1 else ""
        own, last = found.scores.mae[0], found.scores.persistence_mae[0]
        return f"mean error {digits(own)} {unit} on {windows}{of}", f"repeating the last value {digits(last)} {unit}".rstrip()
    return _unscored(found), ""


def against_trivial(found: PartScore, scene: Scene) -> str:
    """Return the model's scores beside those of the trivial rule on the same windows: of the classes, or of each target."""
    if isinstance(found.scores, ClassScores):
        return f"accuracy {found.scores.accuracy:.3f}, always the commonest class {found.scores.largest:.3f}"
    if isinstance(found.scores, ValueScores):
        own, last = found.scores.mae, found.scores.persistence_mae
        places, which = range(len(own)), ""
        if len(own) > MOST_TARGETS:
            places = np.argsort(-found.scores.relative_mae, kind="stable")[:FEW_TARGETS].tolist()
            which = f", for the {FEW_TARGETS} of {len(own)} targets that gain least"
        units = map(scene.dataset.schema.unit, scene.outputs)
        values = [" ".join([digits(one), unit]).strip() for one, unit in zip(own, units, strict=True)]
        pairs = (f"{scene.outputs[place]} {values[place]} beside {digits(last[place])}" for place in places)
        return f"mean absolute error beside that of repeating the last value{which}: {', '.join(pairs)}"
    return _unscored(found)


def _unscored(found: PartScore) -> str:
    return "no window has a prediction" if np.isnan(found.predictions.predicted).any(axis=1).all() else "no true answers to score by"


def window_errors(dataset: Dataset, predictions: Predictions) -> Float[np.ndarray, " window"]:
    """Return the error of each window: 1 minus the probability of its class, or the absolute error, mean over the targets.

    It is 1 for a class that the model does not know. Values are in training standard deviations of what the model learns: the target,
    or its change. NaN where the answer is unknown, or the window has no prediction.
    """
    windows, chosen = dataset.windows, predictions.chosen
    if dataset.schema.roles.task == "classes":
        place = {name: at for at, name in enumerate(dataset.schema.classes)}
        labels, predicted = windows.label[chosen], predictions.predicted
        answer = np.array([place.get(label, -1) for label in labels])
        errors = np.where(answer < 0, 1.0, 1 - predicted[np.arange(len(chosen)), answer])
        return np.where((labels == "") | np.isnan(predicted).any(axis=1), np.nan, errors)
    off = np.abs(predictions.predicted - windows.actual[chosen])
    std = np.array(dataset.scaling.target_std)
    spread = np.where(std > 0, std, 1.0)
    return np.asarray((off / spread).mean(axis=1))
