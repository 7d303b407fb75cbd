"""One run: how far it is, what can be done about it, its curves and its scores.

What is said of a run beside its curves: what it waits for, and what resuming it means.
"""

from __future__ import annotations

import shlex
from typing import Literal

import streamlit as st

from complex_lstm.runs import Run, Versions, versions_here, wish
from complex_lstm.runs.folder import earlier_in_queue
from complex_lstm.ui.compute.jobs import POLL
from complex_lstm.ui.compute.setup import Setup
from complex_lstm.ui.session.messages import TROUBLE, caption, duration, errors_shown, plain, reading, telling
from complex_lstm.ui.session.runs import all_runs, command_line, data_of, find_run, resume_run, runs_root, unknown_data, use_model
from complex_lstm.ui.session.scene import page
from complex_lstm.ui.session.state import choose, current
from complex_lstm.ui.views.train.curves import draw_curves, draw_gradients, draw_rates


def queue_sentence(ahead: tuple[Run, ...]) -> str:
    """Return the place in the queue, and which earlier runs hold it up because they are paused."""
    place = f"Place {len(ahead) + 1} in the queue, {len(ahead)} run{'s' if len(ahead) > 1 else ''} before it"
    paused = [f"**{plain(run.plan.name)}**" for run in ahead if run.status.state == "paused"]
    if not paused:
        return f"{place}: it starts by itself."
    are = "is" if len(paused) == 1 else "are"
    return f"{place}. It waits for {' and '.join(paused)}, which {are} paused: let go on, or stop, what holds it up."


def versions_sentence(made: Versions, here: Versions) -> str:
    """Return with what a run was made that is another version here, "" where all is the same or not known."""
    named = (("torch", made.torch, here.torch), ("ComplexLSTM Explorer", made.complex_lstm, here.complex_lstm))
    other = [f"{name} {plain(then)} (here {plain(now or 'unknown')})" for name, then, now in named if then and then != now]
    if not other:
        return ""
    return f"It was made with {' and '.join(other)}: resumed here, it goes on with what is installed, and its curve may go on another way."


WANTED = "train_wanted"  # the run whose model somebody wants to use
ICONS = {"waiting": "⏳", "running": "🏃", "paused": "⏸️", "stopped": "✋", "done": "✅", "failed": "⚠️"}


def show_run(run: Run) -> None:
    """Draw a run, and draw it anew while any run is under way. A model that was asked for is first put to use on every page."""
    if wanted := st.session_state.pop(WANTED, ""):
        choose(run=wanted)
        st.session_state["train_used"] = use_model(find_run(wanted))
        st.rerun()
    runs = all_runs()
    if any(one.is_under_way for one in runs):
        st.fragment(_watch, run_every=POLL)(run.key, _states(runs))
    else:
        _draw(run)


def _watch(key: str, seen: tuple[tuple[str, str], ...]) -> None:
    if WANTED in st.session_state or TROUBLE in st.session_state or _states(all_runs()) != seen:
        st.rerun()  # lists, buttons and figures of the whole page depend on it
    with errors_shown():  # it runs without the page around it
        _draw(find_run(key))


def _states(runs: list[Run]) -> tuple[tuple[str, str], ...]:
    return tuple((run.key, run.status.state) for run in runs)


def _draw(run: Run) -> None:
    _tell_state(run)
    for note in run.status.notes:
        st.warning(plain(note), icon="🔎")
    _offer_actions(run)
    with st.container(key="view-run"):
        draw_curves([run], key="train_run")
        _show_scores(run)
        draw_rates(run, key="train_run")
        draw_gradients(run, key="train_run")
    _say_how(run)


def _tell_state(run: Run) -> None:
    status, words = run.status, plain(run.status.message)
    if status.state == "failed":
        st.error(words, icon="⚠️")
        with st.expander("The end of its log", key="train_log"):
            st.code(run.log or "The log is empty.", language=None)
    elif status.state == "done":
        st.success(words, icon="✅")
    elif status.state == "stopped":
        st.info(words, icon="✋")
    elif status.state == "waiting":
        ahead = earlier_in_queue(run, runs_root())
        st.info(queue_sentence(ahead) if ahead else words, icon="⏳")
    else:
        left = f", about {duration(status.seconds_left)} left at the pace so far" if status.seconds_left is not None else ""
        halt = "Paused. It keeps its place in the queue. " if status.state == "paused" else ""
        st.progress(min(max(status.share, 0.0), 1.0), text=f"{halt}{status.epoch} of {status.epochs} epochs done{left}. {words}")


def _offer_actions(run: Run) -> None:
    state = run.status.state
    with st.container(horizontal=True, vertical_alignment="center"):
        if state == "running":
            st.button("Pause", key="train_pause", icon="⏸️", on_click=telling(wish), args=(run, "pause"))
        if state == "paused":
            st.button("Go on", key="train_go_on", icon="▶️", on_click=telling(wish), args=(run, "go on"))
        if run.is_under_way:
            label = "Leave the queue" if state == "waiting" else "Stop and keep the best so far"
            st.button(label, key="train_stop", icon="✋", on_click=telling(wish), args=(run, "stop"))
        if run.can_resume:
            st.button("Resume", key="train_resume", icon="▶️", on_click=telling(resume_run), args=(run,), type="primary")
        if run.model.exists():
            _offer_model(run)
    if run.model.exists() and not data_of(run):
        st.caption(f"Its model cannot be put to use. {plain(unknown_data(run))}")
        st.page_link(page("start"), label="Open the file on the Start page", icon="📂")
    if run.is_under_way:
        st.caption("It goes on when you look at other pages, reload, leave, or when the app restarts.")
    elif run.can_resume and (other := versions_sentence(run.plan.versions, versions_here())):
        st.caption(other)


def _offer_model(run: Run) -> None:
    label = "Use the best model so far" if run.is_under_way else "Use this model"
    is_done, data = run.status.state == "done", data_of(run)
    looks: Literal["primary", "secondary"] = "primary" if is_done else "secondary"
    st.button(label, key="train_use", icon="🧠", type=looks, disabled=not data, on_click=_want, args=(run.key,))
    if st.session_state.get("train_used") == current().opened.model != "":
        st.markdown("It is in use on every page.")
        st.page_link(page("predict"), label="See what it predicts", icon="🎯")


def _want(key: str) -> None:
    """A callback: it runs before the fragment, which may end itself when a run's state changes and would lose a click."""
    st.session_state[WANTED] = key


def _show_scores(run: Run) -> None:
    if not run.status.scores:
        return
    for column, one in zip(st.columns(3), run.status.scores, strict=False):
        better = (one.value > one.trivial) == (one.name == "accuracy")
        column.metric(
            f"{one.part} part: {one.name}",
            f"{one.value:.3f}",
            f"{one.trivial_rule}: {one.trivial:.3f}",
            delta_color="green" if better else "red",
            delta_arrow="off",
        )
    windows = ", ".join(f"{one.windows:,} of the {one.part} part" for one in run.status.scores)
    caption(scores="the kept model's", windows=windows, unit="variances of the target" if run.plan.roles.task == "values" else "")


def _say_how(run: Run) -> None:
    plan, status = run.plan, run.status
    caption(
        run=plan.name,
        data=plan.data_name,
        target=", ".join(plan.roles.targets),
        size=f"{plan.model.hidden_dim} hidden channels",
        batch=f"{plan.training.batch_size} windows"
        + (f", halved to {status.batch_size} for lack of memory" if status.accumulate > 1 else ""),
        seed=plan.training.seed,
        time=duration(status.seconds) if status.seconds else "",
    )
    reading(
        "Dotted is the loss on what is learned from, solid on the validation part; the ring is the epoch whose model is kept.",
        "A loss that still falls on the training part while it rises on the validation part is learning by heart, and the ringed "
        "epoch was picked by that part, so only the score on the test part is of windows that had no say.",
    )
    with st.expander("The same in a terminal", key="train_command"):
        command = plan.command or command_line(plan.data, Setup(plan.roles, plan.window, plan.split), plan.model, plan.training)
        place = shlex.quote(str(runs_root() / "NEW_FOLDER"))
        st.code(f"{command} --run {place}", language="bash", wrap_lines=True)
        st.caption(f"A run in a folder under {plain(runs_root())} is listed on this page; one in another folder is not.")
