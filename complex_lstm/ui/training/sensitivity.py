"""Sensitivity: how much the score depends on each setting, asked by a sweep around a run."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from complex_lstm.runs import Run
from complex_lstm.runs.settings import SETTINGS, Varied, suggest_values, value_of
from complex_lstm.runs.sweep_plan import SweepPlan, make_sweep
from complex_lstm.ui.clicks import pressed
from complex_lstm.ui.messages import errors_shown, plain
from complex_lstm.ui.state import choose, current
from complex_lstm.ui.training.sweep_estimate import show_sweep_estimate
from complex_lstm.ui.training.sweep_view import choose_sweep, show_sweep
from complex_lstm.ui.training.sweeps import all_sweeps, find_sweep, start_sweep

MOST_SEEDS = 20


def show_sensitivity(run: Run | None, told: list[str]) -> None:
    """Draw the sweeps there are, and what it takes to start one around a run. Nothing is drawn where there is neither.

    `told` holds the errors that the page has shown by now.
    """
    sweeps = all_sweeps()
    if current().sweep:
        with errors_shown(told):
            find_sweep(current().sweep)
    if run is None and not sweeps:
        return
    opened = bool(current().sweep) or any(sweep.is_under_way for sweep in sweeps)
    box = st.expander(
        "Sensitivity: how much does each setting matter?", opened, key="train_sensitivity", icon="🎚️", on_change="rerun"
    )  # fmt: skip
    if not box.open:
        return
    with box:
        if run is not None:
            with errors_shown(told):
                _offer_sweep(run)
        if sweeps:
            with errors_shown(told):
                show_sweep(choose_sweep(sweeps))


def _offer_sweep(run: Run) -> None:
    st.markdown(
        f"A sweep trains the run **{plain(run.plan.name)}** again with one setting changed at a time, several seeds each: "
        "what varies more between the values of a setting than between seeds depends on that setting. "
        "Data, split and all other settings stay those of the run."
    )
    plan = _ask_plan(run)
    show_sweep_estimate(plan)
    if pressed("Start the sweep", key="train_sweep_start", icon="🎚️"):
        choose(sweep=start_sweep(plan))
        st.rerun()


def _ask_plan(run: Run) -> SweepPlan:
    """Draw the questions and return the sweep that they ask for."""
    first, second = st.columns(4), st.columns([2, 1, 1], vertical_alignment="bottom")
    places = (*first, second[0])  # kernels are long words
    varied = tuple(_ask_values(place, one, run) for place, one in zip(places, suggest_values(run.plan.model), strict=True))
    usual = run.plan.training.epochs
    epochs = second[1].number_input("Epochs at most", 1, 1000, usual, key=f"train_sweep_epochs_{run.key}", help="Of each trial.")
    seeds = second[2].number_input("Seeds", 1, MOST_SEEDS, 3, key=f"train_sweep_seeds_{run.key}", help="Trials of each value.")
    base = replace(run.plan, training=replace(run.plan.training, epochs=int(epochs)))
    return make_sweep(base, tuple(one for one in varied if one.values), seeds=int(seeds))


def _ask_values(column: st.delta_generator.DeltaGenerator, suggested: Varied, run: Run) -> Varied:
    own = value_of(run.plan.model, suggested.setting)
    changes_nothing = suggested.setting == "dropout" and run.plan.training.adaptive_dropout
    chosen = column.multiselect(
        f"{SETTINGS[suggested.setting]}, now {own}",
        suggested.values,
        default=() if changes_nothing else suggested.values,
        key=f"train_sweep_{suggested.setting}_{run.key}",
        accept_new_options=True,
        wrap=True,
        help="Values to try beside the run's own; write others. Empty: it is not varied.",
    )
    return Varied(suggested.setting, tuple(chosen))
