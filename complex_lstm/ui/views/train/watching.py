"""One run: its progress, its buttons, its curves and its scores, on request for each class or target."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from complex_lstm.inference import predict
from complex_lstm.metrics import ClassScores, ValueScores, score
from complex_lstm.model import load_checkpoint
from complex_lstm.model.device import pick_device
from complex_lstm.runs import Run, Versions, send_command, versions_here
from complex_lstm.runs.queue import earlier_in_queue
from complex_lstm.ui.compute.jobs import POLL, Job
from complex_lstm.ui.compute.scene import Setup
from complex_lstm.ui.session.messages import TROUBLE, caption, duration, errors_shown, keep_errors, plain, reading
from complex_lstm.ui.session.progress import job_on_request
from complex_lstm.ui.session.runs import (
    all_runs,
    command_line,
    data_of,
    find_run,
    resume_run,
    runs_queue,
    runs_root,
    unknown_data,
    use_model,
)
from complex_lstm.ui.session.scene import page, size_sentence
from complex_lstm.ui.session.state import choose, current
from complex_lstm.ui.side_by_side.scores import draw_class_scores, draw_value_scores
from complex_lstm.ui.views.train.curves import draw_curves, draw_gradients, draw_rates
from complex_lstm.ui.views.train.replay import data_behind


def queue_sentence(ahead: tuple[Run, ...]) -> str:
    """Return the place in the queue, and which earlier runs hold it up because they are paused."""
    place = f"Place {len(ahead) + 1} in the queue, {len(ahead)} run{'s' if len(ahead) > 1 else ''} before it"
    paused = [f"**{plain(run.plan.name)}**" for run in ahead if run.status.state == "paused"]
    if not paused:
        return f"{place}: it starts by itself."
    are = "is" if len(paused) == 1 else "are"
    return f"{place}. It waits for {' and '.join(paused)}, which {are} paused: resume it, or stop it."


def versions_sentence(made: Versions, here: Versions) -> str:
    """Return in which versions a run was made that differ here, "" where they are the same or not known."""
    named = (("torch", made.torch, here.torch), ("ComplexLSTM Explorer", made.complex_lstm, here.complex_lstm))
    other = [f"{name} {plain(then)} (here {plain(now or 'unknown')})" for name, then, now in named if then and then != now]
    if not other:
        return ""
    return f"It was made with {' and '.join(other)}: resumed here, it continues with what is installed, and its curve may differ."


TO_USE = "train_to_use"  # the run whose model is to be used on every page
ICONS = {"waiting": "⏳", "running": "🏃", "paused": "⏸️", "stopped": "✋", "done": "✅", "failed": "⚠️"}


def show_run(run: Run) -> None:
    """Draw a run, and redraw it while any run is under way. If a model's button was pressed, open that model, and Explain with it."""
    if key := st.session_state.pop(TO_USE, ""):
        choose(run=key)
        st.session_state["train_used"] = use_model(find_run(key))
        choose(focus="", view="")
        st.switch_page(page("explain"))
    runs = all_runs()
    if any(one.is_under_way for one in runs):
        st.fragment(_watch, run_every=POLL)(run.key, _states(runs))
    else:
        _draw(run)


def _watch(key: str, seen: tuple[tuple[str, str], ...]) -> None:
    if TO_USE in st.session_state or TROUBLE in st.session_state or _states(all_runs()) != seen:
        st.rerun()  # lists, buttons and figures of the whole page depend on it
    with errors_shown():  # it runs without the page around it
        _draw(find_run(key))


def _states(runs: list[Run]) -> tuple[tuple[str, str], ...]:
    return tuple((run.key, run.status.state) for run in runs)


def _draw(run: Run) -> None:
    _show_state(run)
    for note in run.status.notes:
        st.warning(plain(note), icon="🔎")
    _offer_actions(run)
    with st.container(key="view-run"):
        draw_curves([run], key="train_run")
        _show_scores(run)
        draw_rates(run, key="train_run")
        draw_gradients(run, key="train_run")
    _show_facts(run)


def _show_state(run: Run) -> None:
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
        ahead = earlier_in_queue(run, runs_queue())
        st.info(queue_sentence(ahead) if ahead else words, icon="⏳")
    else:
        left = f", about {duration(status.seconds_left)} left at the present speed" if status.seconds_left is not None else ""
        halt = "Paused. It keeps its place in the queue. " if status.state == "paused" else ""
        st.progress(min(max(status.share, 0.0), 1.0), text=f"{halt}{status.epoch} of {status.epochs} epochs done{left}. {words}")


def _offer_actions(run: Run) -> None:
    state = run.status.state
    with st.container(horizontal=True, vertical_alignment="center"):
        if state == "running":
            st.button("Pause", key="train_pause", icon="⏸️", on_click=keep_errors(send_command), args=(run, "pause"))
        if state == "paused":
            st.button("Resume", key="train_go_on", icon="▶️", on_click=keep_errors(send_command), args=(run, "resume"))
        if run.is_under_way:
            label = "Cancel" if state == "waiting" else "Stop and keep the best so far"
            st.button(label, key="train_stop", icon="✋", on_click=keep_errors(send_command), args=(run, "stop"))
        if run.can_resume:
            st.button("Resume", key="train_resume", icon="▶️", on_click=keep_errors(resume_run), args=(run,), type="primary")
        if run.model.exists():
            _offer_model(run)
    if run.model.exists() and not data_of(run):
        st.caption(f"Its model cannot be used here. {plain(unknown_data(run))}")
        st.page_link(page("start"), label="Open the file on the Start page", icon="📂")
    if run.is_under_way:
        st.caption("It keeps training when you open other pages, reload, leave, or when the app restarts.")
    elif run.can_resume and (other := versions_sentence(run.plan.versions, versions_here())):
        st.caption(other)


def _offer_model(run: Run) -> None:
    label = "Use the best model so far" if run.is_under_way else "Use this model"
    is_done, data = run.status.state == "done", data_of(run)
    looks: Literal["primary", "secondary"] = "primary" if is_done else "secondary"

    def use() -> None:
        """Store the click: a callback runs before the fragment, which may end when a run's state changes and would lose the click."""
        st.session_state[TO_USE] = run.key

    st.button(label, key="train_use", icon="🧠", type=looks, disabled=not data, on_click=use)
    if st.session_state.get("train_used") == current().opened.model != "":
        st.markdown("It is in use on every page.")
        st.page_link(page("explain"), label="See what it predicts", icon="🎯")


def _show_scores(run: Run) -> None:
    if not run.status.scores:
        return
    for column, one in zip(st.columns(3), run.status.scores, strict=False):
        column.metric(
            f"{one.part} part: {one.measure}",
            f"{one.score:.3f}",
            f"{one.trivial_rule}: {one.trivial_score:.3f}",
            delta_color="green" if one.score > one.trivial_score else "red",
            delta_arrow="off",
            help="1 minus the mean squared error over the target's variance in these windows: 1 is without error, "
            "0 as good as predicting the mean."
            if one.measure == "R²"
            else None,
        )
    windows = ", ".join(f"{one.windows:,} of the {one.part} part" for one in run.status.scores)
    targets = len(run.plan.roles.targets)
    mean = f"R² is the mean over {targets}" if run.plan.roles.task == "values" and targets > 1 else ""
    caption(scores="of the kept model", windows=windows, targets=mean)


def _show_facts(run: Run) -> None:
    plan, status = run.plan, run.status
    caption(
        run=plan.name,
        data=plan.data_name,
        target=", ".join(plan.roles.targets),
        size=size_sentence(plan.model),
        batch=f"{plan.training.batch_size} windows"
        + (f", halved to {status.batch_size} for lack of memory" if status.accumulate > 1 else ""),
        seed=plan.training.seed,
        time=duration(status.seconds) if status.seconds else "",
    )
    reading(
        "Dotted is the loss on the training part, solid that on the validation part; the ring is the epoch whose model is kept.",
        "A loss that still falls on the training part while it rises on the validation part means overfitting. The ringed epoch was chosen "
        "by the validation part, so only the score on the test part is of windows that played no role in training.",
    )
    with st.expander("The same in a terminal", key="train_command"):
        setup = Setup(plan.roles, plan.window, plan.split, derived=plan.derived)
        command = plan.command or command_line(plan.data or plan.data_name, plan.reading, setup, plan.model, plan.training)
        place = shlex.quote(str(runs_root() / "NEW_FOLDER"))
        st.code(f"{command} --run {place}", language="bash", wrap_lines=True)
        st.caption(f"A run in a folder under {plain(runs_root())} is listed on this page; one in another folder is not.")


PARTS = ("test", "validation")  # that a run scores; first the one with no role in training


@dataclass(frozen=True)
class EachScore:
    """The scores of one part, None where no target is known, and the names of the classes or targets with their units."""

    part: str
    result: ClassScores | ValueScores | None
    names: tuple[str, ...]
    units: tuple[str, ...]
    device: str


def offer_each_score(run: Run) -> None:
    """Draw the button that computes the scores of each class or target, and the scores."""
    if run.is_under_way or not run.model.exists() or not data_of(run) or not run.status.scores:
        return
    what = "class" if run.plan.roles.task == "classes" else "target"
    key = (run.key, run.model.stat().st_mtime_ns)
    with errors_shown():
        job = job_on_request("train_each", key, lambda job: _score_each(run, job), label=f"Score each {what}")
        found: EachScore | None = job.latest if job is not None and not job.error_message else None
        if found is not None:
            with st.container(key="view-each"):
                _draw_each(run, found)


def _score_each(run: Run, job: Job[Any]) -> EachScore | None:
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


def _draw_each(run: Run, found: EachScore) -> None:
    if isinstance(found.result, ClassScores):
        draw_class_scores(found.result, found.names, page="train")
    elif isinstance(found.result, ValueScores):
        draw_value_scores(found.result, found.names, found.units)
    caption(scores=f"of the {found.part} part", model=f"that of epoch {run.status.best_epoch}", run=run.plan.name, device=found.device)
    if run.plan.roles.task == "classes":
        reading(
            "A row of the matrix is the true class, a column the predicted one; recall is the share of a class predicted correctly.",
            "Chance changes the recall of a class of few windows much; overlapping windows are fewer independent cases than windows.",
        )
    else:
        reading(
            "R² is 1 without error and 0 for always predicting the mean of this part; the mean absolute error is in the target's unit.",
            "The last value already predicts a target well that changes slowly: compare the model with that rule.",
        )
