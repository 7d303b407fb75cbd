"""The model beside simple models on all windows of a part: fitted and scored beside the page, for Check and its summary."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from complex_lstm.data import Dataset
from complex_lstm.evaluation.answered import answered_windows
from complex_lstm.evaluation.fitted import NotFitted, SimpleModel
from complex_lstm.evaluation.simple_models import count_models, each_simple_model
from complex_lstm.evaluation.simple_scores import SimpleComparison, compare_simple
from complex_lstm.model import Checkpoint
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.jobs import Job, JobFunction, job_queue
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.compute.sources import Source, find_file
from complex_lstm.ui.compute.trained_on import training_dataset
from complex_lstm.ui.session.page_jobs import request_jobs

PAGE = "simple"  # what Stop and Go on of these jobs are called by
KEPT = 4  # fitted simple models of so many data sets

Keys = tuple[str, str, str, int]


@dataclass(frozen=True)
class Beside:
    """The comparison on a part's windows, and what the simple models were fitted on, in one sentence."""

    compared: SimpleComparison
    fitted_on: str


def comparison_unless_stopped(scene: Scene, part: str) -> Job[Beside] | None:
    """Return the job that fits and scores, requested unless the visitor has stopped it: then as it was left, or None."""
    key, run = _job(scene, part)
    return request_jobs(PAGE, key, {key: run})[key]


def known_comparison(scene: Scene, part: str, *, patience: float = 0.0) -> SimpleComparison | None:
    """Return the comparison if it has been computed, without asking for it. One under way is waited for so many seconds."""
    job = job_queue().find(_job(scene, part)[0])
    if job and patience:
        job.wait(patience)
    return job.result.compared if job and job.state == "done" else None


def _job(scene: Scene, part: str) -> tuple[Hashable, JobFunction]:
    keys = cache.all_windows(scene.keys)
    is_there = training_source(keys) is not None  # a training file that is opened later is fitted on then

    def run(job: Job[Beside]) -> Beside:
        predictions = cache.part_predictions(keys, part, stop=job.must_stop)
        answered = answered_windows(cache.dataset(*keys), predictions)
        if not len(answered):
            return Beside(compare_simple(answered, ()), "")
        models, fitted_on = _fitted(keys, job)
        return Beside(compare_simple(answered, models, stop=job.must_stop), fitted_on)

    return ("simple_models", keys, part, is_there), run


def _fitted(keys: Keys, job: Job[Beside]) -> tuple[tuple[SimpleModel | NotFitted, ...], str]:
    """Return the simple models for a data set and a model, and what they were fitted on: the same for all parts, so fitted once."""
    dataset = cache.dataset(*keys)
    trained_on, words = training_file(keys)
    total = count_models(dataset) + 1

    def make() -> tuple[SimpleModel | NotFitted, ...]:
        fitted = []
        for one in each_simple_model(dataset, trained_on, stop=job.must_stop):
            fitted.append(one)
            job.report_progress(len(fitted), max(total, len(fitted) + 1))
        return tuple(fitted)

    job.report_progress(0, total)
    return cache.remember("simple_models", (cache.without_temperature(keys), trained_on is None), make, most=KEPT), words


def training_file(keys: Keys) -> tuple[Dataset | None, str]:
    """Return the data set with the model's training part where that is in another file that is here, and in words what is fitted on.

    None where the open file has the training part itself, or where nobody has it.
    """
    dataset, loaded = cache.dataset(*keys), cache.checkpoint(keys[1])
    if len(dataset.windows.of_part("training")):
        return None, "fitted on the training part of this file"
    if not isinstance(loaded, Checkpoint):
        return None, "the checkpoint does not say what it was trained on, so only rules that need no fitting are here"
    source = training_source(keys)
    if source is None:
        return None, "the file that the model was trained on is not here, so only rules that need no fitting are: open that file too"
    trained_on = training_dataset(loaded, source)
    if trained_on is None:
        return None, f"{source.name} cannot be read as it was for the training, so only rules that need no fitting are here"
    return trained_on, f"fitted on the training part of {source.name}"


def training_source(keys: Keys) -> Source | None:
    """Return the file that a model was trained on, None where the open file has the training part itself, or nobody has it."""
    loaded = cache.checkpoint(keys[1])
    if len(cache.dataset(*keys).windows.of_part("training")) or not isinstance(loaded, Checkpoint):
        return None
    return find_file(loaded.fingerprint)
