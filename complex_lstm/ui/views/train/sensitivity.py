"""Sensitivity: sweeps and searches around a run, which share the folder and the queue of the runs, and the form that starts one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import pandas as pd
import streamlit as st

from complex_lstm.errors import WorkspaceError, install_extra
from complex_lstm.runs import Run
from complex_lstm.runs.process import launch_sweep
from complex_lstm.runs.search import Search, SearchPlan, create_sweep_or_search, list_sweeps, make_search, open_sweep_or_search
from complex_lstm.runs.sensitivity import measures_of, score_of
from complex_lstm.runs.study import has_optuna
from complex_lstm.runs.sweep import SWEEPABLE, Sweep, SweepPlan, Varied, make_sweep, suggest_values, value_of
from complex_lstm.runs.trials import delete_trials, key_of, stop_trials
from complex_lstm.ui.compute.jobs import POLL
from complex_lstm.ui.compute.visitor import as_now
from complex_lstm.ui.session.figures import table_csv
from complex_lstm.ui.session.messages import TROUBLE, duration, errors_shown, keep_errors, plain
from complex_lstm.ui.session.progress import pressed
from complex_lstm.ui.session.runs import folder_of, runs_queue, runs_root
from complex_lstm.ui.session.state import choose, current, in_link
from complex_lstm.ui.session.trash import discard
from complex_lstm.ui.views.train.estimate import show_trials_estimate
from complex_lstm.ui.views.train.search_view import SAMPLER_WORDS, draw_search
from complex_lstm.ui.views.train.sweep_view import draw_sweep

FOUND: dict[str, Callable[[Any], None]] = {"sweep": draw_sweep, "search": draw_search}  # what draws the findings of each kind


def find_sweep(key: str) -> Sweep | Search:
    """Return a sweep or a search by its key.

    Raises:
        WorkspaceError: there is none, for instance because the link was made on another installation, or it was deleted.
    """
    return open_sweep_or_search(folder_of(key, next((kind for kind in FOUND if key.startswith(f"{kind}-")), "sweep")))


def start_sweep(plan: SweepPlan | SearchPlan) -> str:
    """Start a sweep or a search in a process of its own and return its key.

    A sweep with the same plan is resumed, and so is a search, which may have more trials now.
    """
    key = key_of(plan)
    resume_sweep(create_sweep_or_search(runs_root() / key, plan))
    return key


def resume_sweep(sweep: Sweep | Search) -> None:
    """Train the remaining trials, each as soon as it is its turn."""
    now = find_sweep(sweep.key)  # another session may have resumed it already
    if not now.is_under_way and now.status.state != "done":
        launch_sweep(now, queue=runs_queue())


def choose_sweep(sweeps: list[Sweep | Search]) -> Sweep | Search:
    """Draw the choice of the sweep to show, and return it: the one in the link, else one under way, else the newest."""
    by_key = {sweep.key: sweep for sweep in sweeps}
    under_way = [sweep.key for sweep in sweeps if sweep.is_under_way]
    chosen = current().training.sweep if current().training.sweep in by_key else (under_way or [sweeps[0].key])[0]
    st.selectbox(
        "Sweep or search",
        list(by_key),
        format_func=lambda key: by_key[key].label,
        **in_link("train_sweep", chosen, "sweep"),
    )
    return by_key[chosen]


def show_sweep(sweep: Sweep | Search) -> None:
    """Draw a sweep or a search, and redraw it while it is under way."""
    if sweep.is_under_way:
        st.fragment(_watch, run_every=POLL)(sweep.key)
    else:
        _draw(sweep)


def _watch(key: str) -> None:
    if TROUBLE in st.session_state:
        st.rerun()
    with errors_shown():  # it runs without the page around it
        sweep = find_sweep(key)
        if not sweep.is_under_way:
            st.rerun()
        _draw(sweep)


def _draw(sweep: Sweep | Search) -> None:
    runs = sweep.runs
    _show_state(sweep, runs)
    _offer_actions(sweep, runs)
    FOUND[sweep.plan.kind](sweep)


def _show_state(sweep: Sweep | Search, runs: tuple[Run, ...]) -> None:
    status, done, total = sweep.status, sweep.scored(runs), sweep.plan.total
    words = f"{done} of {total} trials have a score"
    if status.state == "failed":
        st.error(f"{words}. {plain(status.message)}", icon="⚠️")
    elif status.state == "stopped":
        st.info(f"{words}. {plain(status.message)}", icon="✋")
    elif status.state == "done":
        st.success(plain(status.message), icon="✅")
        for run in runs:
            if run.status.state == "failed":
                st.warning(f"{plain(run.key)} has no score. {plain(run.status.message)}", icon="🔎")
    else:
        seconds, by = sweep.seconds_left(runs), "" if done else ", by the speed of the trials under way"
        left = f", about {duration(seconds)} left{by}" if seconds is not None else ""
        now = next((f"{plain(run.key)}: {plain(run.status.message)}" for run in runs if run.is_under_way), plain(status.message))
        st.progress(min(done / total, 1.0), text=f"{words}{left}. {now}")


def _offer_actions(sweep: Sweep | Search, runs: tuple[Run, ...]) -> None:
    kind = sweep.plan.kind
    with st.container(horizontal=True, vertical_alignment="center"):
        if sweep.is_under_way:
            st.button(f"Stop the {kind}", key="train_sweep_stop", icon="✋", on_click=keep_errors(stop_trials), args=(sweep,))
        elif sweep.status.state != "done":
            st.button(
                f"Resume the {kind}", key="train_sweep_resume", icon="▶️", on_click=keep_errors(resume_sweep), args=(sweep,), type="primary"
            )
        if runs:
            st.download_button(
                "Scores (CSV)", as_now(lambda: table_csv(_table(sweep, runs))), f"{sweep.key}.csv", "text/csv", key="train_sweep_csv",
                icon="📄", on_click="ignore", help="One row a trial: its settings, its seed and its scores.",
            )  # fmt: skip
        if not sweep.is_under_way:
            with st.popover("Delete", icon="🗑️", key="train_sweep_delete"):
                st.markdown(f"Delete this {kind} with all of its trials? It stays in the trash for a week.")
                st.button("Delete it", key="train_sweep_delete_do", type="primary", on_click=keep_errors(_delete), args=(sweep.key,))


def _table(sweep: Sweep | Search, runs: tuple[Run, ...]) -> pd.DataFrame:
    rows, measures = [], measures_of(runs)
    for key, run in sweep.results(runs):
        model = asdict(run.plan.model) | {"kernels": value_of(run.plan.model, "kernels")}
        course = {"state": run.status.state, "epochs": run.status.epoch, "best epoch": run.status.best_epoch, "seconds": run.status.seconds}
        scores = {one: score_of(run, one) for one in measures}
        rows.append({"trial": key, "result of": run.key, **model, "seed": run.plan.training.seed, **course, **scores})
    return pd.DataFrame(rows)


def _delete(key: str) -> None:
    try:
        sweep = find_sweep(key)
        delete_trials(sweep, lambda place: discard(place, sweep.plan.kind, sweep.plan.base.name))
    except WorkspaceError:  # deleted in another session meanwhile
        choose(sweep="")
        raise
    choose(sweep="")


MOST_SEEDS, MOST_TRIALS = 20, 1000
ONE_BY_ONE = "one setting at a time"


def show_sensitivity(run: Run | None, shown: list[str]) -> None:
    """Draw all sweeps, and the form to start one around a run. Nothing is drawn without a run and a sweep.

    `shown` holds the errors that the page has shown so far.
    """
    sweeps = list_sweeps(runs_root())
    if current().training.sweep:
        with errors_shown(shown):
            find_sweep(current().training.sweep)
    if run is None and not sweeps:
        return
    opened = bool(current().training.sweep) or any(sweep.is_under_way for sweep in sweeps)
    box = st.expander(
        "Sensitivity: how much does each setting matter?", opened, key="train_sensitivity", icon="🎚️", on_change="rerun"
    )  # fmt: skip
    if not box.open:
        return
    with box:
        if run is not None:
            with errors_shown(shown):
                _offer_sweep(run)
        if sweeps:
            with errors_shown(shown):
                show_sweep(choose_sweep(sweeps))


def _offer_sweep(run: Run) -> None:
    st.markdown(
        f"A sweep trains the run **{plain(run.plan.name)}** again with one setting changed at a time, several seeds each: "
        "a score that varies more between the values of a setting than between seeds depends on that setting. A search by a sampler "
        "varies all of them together, to find the lowest validation loss. Data, split and all other settings stay those of the run."
    )
    plan = _plan_form(run)
    show_trials_estimate(plan)
    if pressed(f"Start the {plan.kind}", key="train_sweep_start", icon="🎚️"):
        choose(sweep=start_sweep(plan))
        st.rerun()


def _plan_form(run: Run) -> SweepPlan | SearchPlan:
    """Draw the form and return the sweep or the search that it describes."""
    sampler = _choose_sampler(run)
    first, second = st.columns(4), st.columns([2, 1, 1], vertical_alignment="bottom")
    places = (*first, second[0])  # kernels need more room
    varied = tuple(_values_form(place, one, run) for place, one in zip(places, suggest_values(run.plan.model), strict=True))
    usual = run.plan.training.epochs
    epochs = second[1].number_input("Epochs at most", 1, 1000, usual, key=f"train_sweep_epochs_{run.key}", help="Of each trial.")
    base = replace(run.plan, training=replace(run.plan.training, epochs=int(epochs)))
    given = tuple(one for one in varied if one.values)
    if sampler:
        help_ = "In all. More of the same search go on where it was."
        trials = second[2].number_input("Trials", 1, MOST_TRIALS, SearchPlan.trials, key=f"train_search_trials_{run.key}", help=help_)
        return make_search(base, given, sampler, trials=int(trials))
    seeds = second[2].number_input("Seeds", 1, MOST_SEEDS, 3, key=f"train_sweep_seeds_{run.key}", help="Trials of each value.")
    return make_sweep(base, given, seeds=int(seeds))


def _choose_sampler(run: Run) -> str:
    """Draw the choice of how values are tried, and return the sampler, "" for one setting at a time."""
    if not has_optuna():
        st.caption(f"A search by a sampler needs Optuna, which this installation lacks: `{install_extra('optuna')}`")
        return ""
    words = {"": ONE_BY_ONE} | {name: f"together, {how}" for name, how in SAMPLER_WORDS.items()}
    key = f"train_sweep_sampler_{run.key}"
    return str(st.segmented_control("Values are tried", list(words), default="", format_func=words.__getitem__, key=key, required=True))


def _values_form(column: st.delta_generator.DeltaGenerator, suggested: Varied, run: Run) -> Varied:
    own = value_of(run.plan.model, suggested.setting)
    changes_nothing = suggested.setting == "dropout" and run.plan.training.adaptive_dropout
    chosen = column.multiselect(
        f"{SWEEPABLE[suggested.setting].label}, now {own}",
        suggested.values,
        default=() if changes_nothing else suggested.values,
        key=f"train_sweep_{suggested.setting}_{run.key}",
        accept_new_options=True,
        wrap=True,
        help="Values to try besides the run's own; you can type others. Empty: it is not varied.",
    )
    return Varied(suggested.setting, tuple(chosen))
