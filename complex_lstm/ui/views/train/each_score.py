"""How good the kept model of a run is for each class or target, computed on request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from complex_lstm.inference import predict
from complex_lstm.metrics import ClassScores, ValueScores, score
from complex_lstm.model import load_checkpoint
from complex_lstm.model.device import pick_device
from complex_lstm.runs import Run
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.session.messages import caption, errors_shown, reading
from complex_lstm.ui.session.progress import job_on_request
from complex_lstm.ui.session.runs import data_of
from complex_lstm.ui.side_by_side.scores import draw_class_scores, draw_value_scores
from complex_lstm.ui.views.train.replay import data_behind

PARTS = ("test", "validation")  # that a run scores; first the one that plays no role in training


@dataclass(frozen=True)
class EachScore:
    """The scores of one part, None where no answer is known, and the names of the classes or targets with their units."""

    part: str
    result: ClassScores | ValueScores | None
    names: tuple[str, ...]
    units: tuple[str, ...]
    device: str


def offer_each_score(run: Run) -> None:
    """Offer the scores of each class or target, and draw them once they are there."""
    if run.is_under_way or not run.model.exists() or not data_of(run) or not run.status.scores:
        return
    what = "class" if run.plan.roles.task == "classes" else "target"
    key = (run.key, run.model.stat().st_mtime_ns)
    with errors_shown():
        job = job_on_request("train_each", key, lambda job: _compute(run, job), label=f"Score each {what}")
        found: EachScore | None = job.latest if job is not None and not job.error_message else None
        if found is not None:
            with st.container(key="view-each"):
                _draw(run, found)


def _compute(run: Run, job: Job[Any]) -> EachScore | None:
    dataset = data_behind(run)
    part = next((part for part in PARTS if dataset is not None and len(dataset.windows.of_part(part))), None)
    if dataset is None or part is None:
        return None
    device = pick_device()
    model = load_checkpoint(run.model).model.to(device)
    predictions = predict(model, dataset, dataset.windows.of_part(part), device=device, progress=job.report_progress)
    return EachScore(
        part,
        score(dataset, predictions.chosen, predictions.predicted),
        dataset.schema.outputs,
        tuple(map(dataset.schema.unit, dataset.schema.outputs)),
        predictions.device,
    )


def _draw(run: Run, found: EachScore) -> None:
    if isinstance(found.result, ClassScores):
        draw_class_scores(found.result, found.names, page="train")
    elif isinstance(found.result, ValueScores):
        draw_value_scores(found.result, found.names, found.units)
    caption(scores=f"of the {found.part} part", model=f"that of epoch {run.status.best_epoch}", run=run.plan.name, device=found.device)
    if run.plan.roles.task == "classes":
        reading(
            "A row of the matrix is what the windows are, a column what they were taken for; recall is the share of a class that is found.",
            "A class of few windows has a recall that chance moves far; windows that overlap are fewer cases than windows.",
        )
    else:
        reading(
            "R² is 1 without error and 0 for always predicting the mean of this part; the mean absolute error is in the target's unit.",
            "A target that changes slowly is predicted well by its last value: what counts is how much better the model is.",
        )
