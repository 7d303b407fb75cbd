"""Sensitivity: sweeps and searches around a run, which share the folder and the queue of the runs, and a sweep's scores by setting."""

from __future__ import annotations

import hashlib
import math
from dataclasses import asdict, replace

import pandas as pd
import streamlit as st

from complex_lstm.config import to_json
from complex_lstm.errors import WorkspaceError, install_extra
from complex_lstm.figures.training import SettingScores, sweep_dots
from complex_lstm.runs import Run
from complex_lstm.runs.plan import Versions
from complex_lstm.runs.process import launch_sweep
from complex_lstm.runs.search import Search, SearchPlan, create_search, list_sweeps, make_search, open_sweep_or_search
from complex_lstm.runs.sensitivity import Swept, in_words, measures_of, score_of, sensitivity, swept_settings
from complex_lstm.runs.study import has_optuna
from complex_lstm.runs.sweep import (
    SWEEPABLE,
    Sweep,
    SweepPlan,
    Varied,
    create_sweep,
    delete_sweep,
    make_sweep,
    seconds_left,
    stop_sweep,
    suggest_values,
    value_of,
)
from complex_lstm.ui.compute.jobs import POLL
from complex_lstm.ui.compute.visitor import as_now
from complex_lstm.ui.session.figures import show_figure, table_csv
from complex_lstm.ui.session.messages import TROUBLE, caption, duration, errors_shown, keep_errors, plain, reading
from complex_lstm.ui.session.mirrored import mirrored
from complex_lstm.ui.session.progress import pressed
from complex_lstm.ui.session.runs import folder_of, runs_queue, runs_root
from complex_lstm.ui.session.state import choose, current
from complex_lstm.ui.session.trash import discard
from complex_lstm.ui.views.train.estimate import show_sweep_estimate
from complex_lstm.ui.views.train.search_view import SAMPLER_WORDS, draw_search, search_seconds_left


def find_sweep(key: str) -> Sweep | Search:
    """Return a sweep or a search by its key.

    Raises:
        WorkspaceError: there is none, for instance because the link was made on another installation, or it was deleted.
    """
    return open_sweep_or_search(folder_of(key, "sweep"))


def start_sweep(plan: SweepPlan | SearchPlan) -> str:
    """Start a sweep or a search in a process of its own and return its key.

    A sweep with the same plan is resumed, and so is a search, which may have more trials now.
    """
    base = replace(plan.base, name="", made="", command="", versions=Versions())
    if isinstance(plan, SearchPlan):
        key = _key("search", replace(plan, base=base, trials=1))
        resume_sweep(create_search(runs_root() / key, plan))
    else:
        key = _key("sweep", replace(plan, base=base))
        resume_sweep(create_sweep(runs_root() / key, plan))
    return key


def _key(kind: str, identity: SweepPlan | SearchPlan) -> str:
    return f"{kind}-{hashlib.sha256(to_json(identity).encode()).hexdigest()[:12]}"


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
        format_func=lambda key: _label(by_key[key]),
        **mirrored("train_sweep", chosen, lambda: choose(sweep=st.session_state["train_sweep"])),
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
    if isinstance(sweep, Search):
        draw_search(sweep)
        return
    measures = measures_of(runs)
    if not measures:
        st.caption("The scores of each value appear here as soon as a trial is done.")
        return
    measure = st.segmented_control("Score", measures, default=measures[0], required=True, key=f"train_sweep_measure_{sweep.key}")
    with st.container(key="view-sweep"):
        _draw_scores(sweep, swept_settings(sweep, runs, measure or measures[0]), measure or measures[0])
    if sweep.status.state != "done":
        st.caption("Not all trials are done: the findings can still change.")


def _show_state(sweep: Sweep | Search, runs: tuple[Run, ...]) -> None:
    status, done = sweep.status, sum(run.status.state == "done" for run in runs)
    total = sweep.plan.trials if isinstance(sweep, Search) else len(sweep.plan.trials)
    words = f"{done} of {total} trials have a score"
    if status.state == "failed":
        st.error(f"{words}. {plain(status.message)}", icon="⚠️")
    elif status.state == "stopped":
        st.info(f"{words}. {plain(status.message)}", icon="✋")
    elif status.state == "done":
        st.success(f"{words}.", icon="✅")
        for run in runs:
            if run.status.state == "failed":
                st.warning(f"{plain(run.key)} has no score. {plain(run.status.message)}", icon="🔎")
    else:
        seconds = search_seconds_left(sweep, runs) if isinstance(sweep, Search) else seconds_left(sweep, runs)
        left = f", about {duration(seconds)} left" if seconds is not None else ""
        now = next((f"{plain(run.key)}: {plain(run.status.message)}" for run in runs if run.is_under_way), plain(status.message))
        st.progress(min(done / total, 1.0), text=f"{words}{left}. {now}")


def _offer_actions(sweep: Sweep | Search, runs: tuple[Run, ...]) -> None:
    kind = "search" if isinstance(sweep, Search) else "sweep"
    with st.container(horizontal=True, vertical_alignment="center"):
        if sweep.is_under_way:
            st.button(f"Stop the {kind}", key="train_sweep_stop", icon="✋", on_click=keep_errors(stop_sweep), args=(sweep,))
        elif sweep.status.state != "done":
            st.button(
                f"Resume the {kind}", key="train_sweep_resume", icon="▶️", on_click=keep_errors(resume_sweep), args=(sweep,), type="primary"
            )
        if runs:
            st.download_button(
                "Scores (CSV)", as_now(lambda: table_csv(_table(runs))), f"{sweep.key}.csv", "text/csv", key="train_sweep_csv",
                icon="📄", on_click="ignore", help="One row a trial: its settings, its seed and its scores.",
            )  # fmt: skip
        if not sweep.is_under_way:
            with st.popover("Delete", icon="🗑️", key="train_sweep_delete"):
                st.markdown(f"Delete this {kind} with all of its trials? It stays in the trash for a week.")
                st.button("Delete it", key="train_sweep_delete_do", type="primary", on_click=keep_errors(_delete), args=(sweep.key,))


def _draw_scores(sweep: Sweep, swept: tuple[Swept, ...], measure: str) -> None:
    plan = sweep.plan
    settings = tuple(SettingScores(one.label, in_words(sensitivity(one.scores)), one.values, one.own, one.scores) for one in swept)
    show_figure(
        sweep_dots(settings, seeds=plan.seeds, measure=measure, higher_is_better=measure.startswith(("accuracy", "R²")), title=""),
        key=f"train_sweep_scores_{sweep.key}",
        alt=f"The {measure} of each value of {len(settings)} settings, a dot for each seed",
    )
    caption(
        data=plan.base.data_name,
        around=", ".join(f"{one.label} {value_of(plan.base.model, name)}" for name, one in SWEEPABLE.items()),
        seeds=", ".join(map(str, plan.seeds)),
        epochs=f"at most {plan.base.training.epochs}",
        chance="one-way analysis of variance, at 5%",
    )
    kernels = next((sensitivity(one.scores) for one in swept if one.setting == "kernels"), None)
    if kernels is not None:
        st.markdown(f"The architecture document calls its kernel sizes robust. On this data: {kernels.verdict}.")
    reading(
        "A dot is a training with one seed, the orange bar the mean of the seeds with a standard deviation to each side; the grey band "
        "is the same of the base. A setting whose means differ less than its dots matters less than the seed.",
        "Few epochs favour settings that learn fast, changing one setting at a time shows nothing about two together, and a few seeds "
        "measure the spread roughly: of five settings without effect one seems to matter in up to a quarter of all sweeps.",
    )


def _table(runs: tuple[Run, ...]) -> pd.DataFrame:
    rows, measures = [], measures_of(runs)
    for run in runs:
        model = asdict(run.plan.model) | {"kernels": value_of(run.plan.model, "kernels")}
        course = {"state": run.status.state, "epochs": run.status.epoch, "best epoch": run.status.best_epoch, "seconds": run.status.seconds}
        scores = {one: score_of(run, one) for one in measures}
        rows.append({"trial": run.key, **model, "seed": run.plan.training.seed, **course, **scores})
    return pd.DataFrame(rows)


def _label(sweep: Sweep | Search) -> str:
    """Return what it is called in a list, without its state, as of a run."""
    kind = f"search, {sweep.plan.sampler}, " if isinstance(sweep, Search) else ""
    settings = ", ".join(SWEEPABLE[one.setting].label for one in sweep.plan.varied)
    made = sweep.plan.base.made[:16].replace("T", " ")
    return f"{sweep.plan.base.name}: {kind}{settings}; {made} ({sweep.key[-6:]})"


def _delete(key: str) -> None:
    try:
        sweep = find_sweep(key)
        delete_sweep(sweep, lambda place: discard(place, "sweep", sweep.plan.base.name))
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
    if isinstance(plan, SearchPlan):
        combinations = math.prod(len(values) for values in plan.choices.values())
        st.caption(
            f"**{plan.trials} trials** of at most {plan.base.training.epochs} epochs, one after another, each with one of {combinations:,} "
            f"combinations of values. About how long they take is told when the first is done."
        )
    else:
        show_sweep_estimate(plan)
    kind = "search" if isinstance(plan, SearchPlan) else "sweep"
    if pressed(f"Start the {kind}", key="train_sweep_start", icon="🎚️"):
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
