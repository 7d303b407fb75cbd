"""The time that a run, a sweep or a search takes on this machine, measured on a few batches with each of its models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from complex_lstm.config import ModelConfig
from complex_lstm.data import Dataset
from complex_lstm.errors import TrainingError
from complex_lstm.model.device import device_name, pick_device
from complex_lstm.runs import Plan
from complex_lstm.runs.folder import Run
from complex_lstm.runs.queue import runs_under_way
from complex_lstm.runs.search import SearchPlan
from complex_lstm.runs.sweep import SweepPlan
from complex_lstm.runs.trials import seconds_of_all
from complex_lstm.ui.compute.jobs import POLL, Job, job_queue, wait_briefly
from complex_lstm.ui.session.messages import duration, plain
from complex_lstm.ui.session.page_jobs import request_job
from complex_lstm.ui.session.runs import runs_queue
from complex_lstm.ui.views.train.settings import SIZES, Settings, size_name

STARTING = 10.0  # seconds that a run's process takes to start and to read a file, most of it for the import of Lightning


@dataclass(frozen=True)
class Measured:
    """Seconds an epoch by hidden channels, None for a model too large for the memory; `busy`: other computations slowed it down."""

    seconds: dict[int, float | None]
    busy: bool


def show_estimates(dataset: Dataset, key: str, settings: Settings, *, under_way: list[Run]) -> None:
    """Show how long each size takes. `key` is that of the data with its setup; `under_way` are the runs at this time.

    Nothing is measured beside a run: it would slow both down, and the times would be wrong. Then an earlier measurement counts,
    and the run's own speed where it has the same data. A measurement for settings that the visitor has changed since then stops.

    Raises:
        ConfigError: there can be no such model.
    """
    own = settings.model(len(dataset.schema.roles.features), len(dataset.schema.outputs))
    models, batch = _models(own), settings.training["batch_size"]
    job_key = ("train_estimate", key, batch, models)
    if not under_way:
        job = request_job(job_key, lambda job: _measure(job, dataset, models, batch))
        _show_while_measuring(job, lambda: _show_sizes(job.latest, settings, own, len(models)))
        return
    earlier = job_queue().find(job_key)
    found = earlier.result if earlier is not None and earlier.state == "done" else Measured({}, busy=False)
    corrected = _by_runs(found, under_way, dataset, batch)
    if corrected.seconds:
        _show_sizes(corrected, settings, own, len(models), beside=True)
    else:
        st.caption("How long it takes is measured when the run under way has ended: beside it the time would be wrong.")


def first_model_seconds(an_epoch: float) -> float:
    """Return after how many seconds a run has a first model that can be used: its start and its first epoch."""
    return STARTING + an_epoch


def _by_runs(found: Measured, under_way: list[Run], dataset: Dataset, batch: int) -> Measured:
    """Return the seconds an epoch, corrected by the runs on the same data: their own speed counts more than a few batches."""
    seconds = dict(found.seconds)
    for run in under_way:
        plan = run.plan
        same = plan.fingerprint == dataset.table.fingerprint and (plan.roles, plan.window) == (dataset.schema.roles, dataset.window)
        own = _own_speed(run)
        if same and plan.training.batch_size == batch and own is not None:
            seconds[plan.model.hidden_dim] = own
    return Measured(dict(sorted(seconds.items())), found.busy)


def _models(own: ModelConfig) -> tuple[ModelConfig, ...]:
    """Return the model of the form and its variants of the other sizes, the smallest first. Dropout is ignored: it costs no time."""
    found = [replace(own, dropout=ModelConfig().dropout)]
    for hidden in SIZES:
        if hidden != own.hidden_dim and hidden % own.num_heads == 0:
            found.append(replace(found[0], hidden_dim=hidden))
    return tuple(sorted(found, key=lambda model: model.hidden_dim))


def _show_while_measuring(job: Job[Any], show: Callable[[], None]) -> None:
    """Show the measurements so far and update them until all are done; or the error."""
    wait_briefly([job])
    if job.error_message:
        st.caption(f"How long it takes could not be measured. {plain(job.error_message)}")
    elif job.is_under_way:
        st.fragment(_watch, run_every=POLL)(job, show)
    else:
        show()


def _measure(job: Job[Measured], dataset: Dataset, models: tuple[ModelConfig, ...], batch_size: int) -> Measured:
    from complex_lstm.training.timing import seconds_an_epoch  # brings Lightning, whose import takes seconds

    busy = any(one is not job and one.state == "running" for one in job_queue().under_way())
    job.partial = Measured({}, busy)
    for done, model in enumerate(models):
        job.report_progress(done, len(models))
        try:
            seconds = seconds_an_epoch(dataset, model, batch_size=batch_size, stop=job.must_stop)
        except TrainingError:  # the other sizes are still to be measured
            seconds = None
        job.partial = Measured(job.partial.seconds | {model.hidden_dim: seconds}, busy)
    return job.partial


def _watch(job: Job[Any], show: Callable[[], None]) -> None:
    if not job.is_under_way:
        st.rerun()
    show()


def _show_sizes(measured: Measured | None, settings: Settings, own: ModelConfig, sizes: int, *, beside: bool = False) -> None:
    """Show when a first model can be used, and how long all epochs of each size take; `beside` a run, what is known from before."""
    found, epochs = measured or Measured({}, busy=False), settings.training["epochs"]
    parts = []
    for hidden, seconds in found.seconds.items():
        time = "**unknown** (too large to be measured in the memory that is free here)"
        if seconds is not None:
            time = f"**{duration(seconds * epochs)}** ({duration(seconds)} an epoch)"
        parts.append(f"{size_name(hidden)} {time}")
    left = "" if len(parts) == sizes or beside else " · measuring the others" if parts else "measuring on a few batches"
    chosen = found.seconds.get(own.hidden_dim)
    first = ""
    if chosen is not None:
        first = f"A first model that can be used after about **{duration(first_model_seconds(chosen))}**: the start and one epoch.  \n"
    slow = ", while other computations slowed it down" if found.busy else ""
    device = f"{device_name(pick_device())} with batches of your data, or a part of one that takes much memory{slow}"
    how = "Measured before the run under way, and corrected by its own speed" if beside else f"Measured on {device}"
    st.caption(
        f"{first}Time for {epochs} epoch{'s' if epochs > 1 else ''} at most: {' · '.join(parts)}{left}  \n"
        f"{how}; a run that stops improving ends earlier, and strategies can take longer."
    )


@dataclass(frozen=True)
class SecondsByModel:
    """Seconds an epoch of each model."""

    seconds: tuple[tuple[ModelConfig, float], ...]


def show_trials_estimate(plan: SweepPlan | SearchPlan) -> None:
    """Show how many trials a sweep or a search has and how long they take. Nothing is measured beside a run: see `show_estimates`."""
    base, models = plan.base, plan.measured_models
    key = ("trials_estimate", base.fingerprint, base.roles, base.window, base.split, base.training.batch_size, models)
    under_way = runs_under_way(runs_queue())
    if not under_way:
        job = request_job(key, lambda job: _measure_models(job, base, models))
        _show_while_measuring(job, lambda: _show_trials(job, plan))
        return
    earlier = job_queue().find(key)
    known = dict(earlier.result.seconds) if earlier is not None and earlier.state == "done" else {}
    for run in under_way:
        made, seconds = run.plan, _own_speed(run)
        same = (made.fingerprint, made.roles, made.window) == (base.fingerprint, base.roles, base.window)
        if same and made.training.batch_size == base.training.batch_size and made.model in models and seconds is not None:
            known[made.model] = seconds
    if all(model in known for model in models):
        st.caption(f"{_timed_words(plan, known)}.  \nMeasured before the run under way, and corrected by its own speed.")
    else:
        st.caption(f"{plan.described}. How long they take is measured when the run under way has ended: beside it the time would be wrong.")


def _own_speed(run: Run) -> float | None:
    """Return the seconds an epoch of a run under way, None where it does not know them yet."""
    seconds = seconds_of_all(run.status)
    return None if seconds is None else seconds / max(run.status.epochs, 1)


def _timed_words(plan: SweepPlan | SearchPlan, an_epoch: dict[ModelConfig, float]) -> str:
    timed = plan.timed(an_epoch)
    fastest, slowest = duration(timed.fastest), duration(timed.slowest)
    each = f"a trial {fastest}" if fastest == slowest else f"a trial {fastest} to {slowest}"
    return f"{plan.described}: **{duration(timed.seconds)}** {timed.words}; {each}"


def _measure_models(job: Job[SecondsByModel], base: Plan, models: tuple[ModelConfig, ...]) -> SecondsByModel:
    from complex_lstm.training.run import load_data  # brings Lightning, whose import takes seconds
    from complex_lstm.training.timing import seconds_an_epoch

    dataset, found = load_data(base), []
    for done, model in enumerate(models):
        job.report_progress(done, len(models))
        found.append((model, seconds_an_epoch(dataset, model, batch_size=base.training.batch_size, stop=job.must_stop)))
    return SecondsByModel(tuple(found))


def _show_trials(job: Job[SecondsByModel], plan: SweepPlan | SearchPlan) -> None:
    found: SecondsByModel | None = job.latest
    if found is None:
        st.caption(f"{plan.described}: measuring the models on a few batches, {job.done} of {job.total or '?'}.")
        return
    st.caption(
        f"{_timed_words(plan, dict(found.seconds))}.  \n"
        f"Measured on {device_name(pick_device())} with batches of the run's data; a trial that stops improving ends earlier. "
        f"Another run started meanwhile waits for one trial, not for the whole {plan.kind}."
    )
