"""How long a sweep will take on this machine, measured on a few batches with each of its models."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from complex_lstm.config import ModelConfig
from complex_lstm.errors import Stopped
from complex_lstm.model.device import device_name, pick_device
from complex_lstm.runs.folder import runs_under_way
from complex_lstm.runs.sweep_plan import SweepPlan
from complex_lstm.ui.messages import duration
from complex_lstm.ui.training.estimate import say_while_measured
from complex_lstm.ui.training.runs import runs_root
from complex_lstm.ui.work import Work, visitor, works


@dataclass(frozen=True)
class Foreseen:
    """Seconds an epoch of each model; `busy` says that a run was under way while they were measured."""

    seconds: tuple[tuple[ModelConfig, float], ...]
    busy: bool

    def of(self, plan: SweepPlan) -> float:
        """The seconds that all trials take with all of their epochs."""
        by_model = dict(self.seconds)
        return sum(by_model[trial.model] for trial in plan.trials) * plan.base.training.epochs


def show_sweep_estimate(plan: SweepPlan) -> None:
    """Say how many trials a sweep has and how long they take."""
    base, models = plan.base, tuple(dict.fromkeys(trial.model for trial in plan.trials))
    key = ("sweep_estimate", base.fingerprint, base.roles, base.window, base.split, base.training.batch_size, models)
    work = works().ask(key, lambda work: _measure(work, plan, models), visitor())
    say_while_measured(work, lambda: _say(work, plan))


def _measure(work: Work[Foreseen], plan: SweepPlan, models: tuple[ModelConfig, ...]) -> Foreseen:
    from complex_lstm.training.running import plan_dataset  # brings Lightning, whose import takes seconds
    from complex_lstm.training.timing import seconds_an_epoch

    busy = bool(runs_under_way(runs_root()))
    dataset, found = plan_dataset(plan.base), []
    for done, model in enumerate(models):
        if work.must_stop():
            raise Stopped("The estimate was stopped.")
        work.tell(done, len(models))
        found.append((model, seconds_an_epoch(dataset, model, batch_size=plan.base.training.batch_size)))
    return Foreseen(tuple(found), busy)


def _say(work: Work[Foreseen], plan: SweepPlan) -> None:
    epochs = plan.base.training.epochs
    trials = f"**{len(plan.trials)} trials** of at most {epochs} epoch{'s' if epochs > 1 else ''}, one after another"
    found: Foreseen | None = work.so_far
    if found is None:
        st.caption(f"{trials}: measuring each model on a few batches, {work.done} of {work.total or '?'}.")
        return
    slow = ", while a run slowed it down" if found.busy else ""
    st.caption(
        f"{trials}: **{duration(found.of(plan))}** at most.  \n"
        f"Measured on {device_name(pick_device())} with batches of the run's data{slow}; a trial that gets no better ends earlier. "
        f"Whatever is trained meanwhile waits for one trial, not for the sweep."
    )
