"""Starting a run: the data, the settings, and the button; also with the settings of an earlier run."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import streamlit as st

from complex_lstm.config import to_json
from complex_lstm.data import Dataset
from complex_lstm.errors import WorkspaceError
from complex_lstm.runs import check_trainable, make_plan
from complex_lstm.runs.queue import runs_under_way
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import keep_setup
from complex_lstm.ui.compute.scene import Setup
from complex_lstm.ui.session.many_columns import listed
from complex_lstm.ui.session.messages import caption, errors_shown, plain, reading
from complex_lstm.ui.session.progress import pressed
from complex_lstm.ui.session.runs import (
    all_runs,
    command_line,
    data_of,
    find_run,
    kept_data,
    runs_queue,
    start_run,
    unknown_data,
)
from complex_lstm.ui.session.scene import UPLOADS, add_to_list, page
from complex_lstm.ui.session.state import choose, current
from complex_lstm.ui.views.train.estimate import show_estimates
from complex_lstm.ui.views.train.settings import Initial, Settings, settings_form, size_name, suggest

AGAIN, COUNT = "train_again_with", "train_again_count"


@dataclass(frozen=True)
class Again:
    """The name of an earlier run, its data, and the settings with which the form begins."""

    name: str
    data: str
    initial: Initial


def begin_again(key: str) -> None:
    """Open a run's data with the run's setup, and let the form begin with its settings: a callback.

    Raises:
        WorkspaceError: the run is gone, or its data is not known here.
    """
    run = find_run(key)
    data, plan = data_of(run), run.plan
    if not data:
        raise WorkspaceError(unknown_data(run))
    if data not in SAMPLES:
        add_to_list(UPLOADS, data)
    count = st.session_state[COUNT] = st.session_state.get(COUNT, 0) + 1  # a new form each time
    st.session_state[AGAIN] = Again(plan.name, data, Initial(f"{data}_again_{count}", plan.model, plan.training))
    setup = keep_setup(Setup(plan.roles, plan.window, plan.split))
    choose(data=data, model=current().opened.model, setup=setup, run=key)


def _initial_again(data: str) -> Initial | None:
    """Return the settings of the run to train again on this file, and show its name; None without such a run."""
    again: Again | None = st.session_state.get(AGAIN)
    if again is None or again.data != data:
        return None
    shuffled = " and its shuffled labels" if again.initial.training.shuffle_labels else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"The form begins with the settings of **{plain(again.name)}**{shuffled}: raise the epochs, or change what you like.")
        st.button("Back to the suggested settings", key="train_again_forget", on_click=st.session_state.pop, args=(AGAIN, None))
    return again.initial


@dataclass(frozen=True)
class TrainingData:
    """The data of a new run, with the setup of the Data page."""

    data: str
    setup: Setup
    dataset: Dataset

    @property
    def key(self) -> str:
        return f"{self.data}_{to_json(self.setup)}"


def open_training_data() -> TrainingData:
    """Return the data that is open, with the columns, windows and split of the Data page."""
    selection = current()
    setup = cache.setup(selection.opened.data, selection.opened.model, selection.opened.setup).of_file
    return TrainingData(selection.opened.data, setup, cache.planned(selection.opened.data, setup, to_json(setup)))


def show_training_data(source: TrainingData) -> None:
    """Show the features, the target and the windows, with warnings about them.

    Raises:
        TrainingError: no model can be trained on this data.
    """
    roles, windows = source.dataset.schema.roles, source.dataset.windows
    targets = listed(roles.targets)
    window = source.setup.window
    ahead = "of a series" if window.whole_series else f"{window.horizon} time step{'s' if window.horizon > 1 else ''} ahead"
    what = f"the class in {targets}" if roles.task == "classes" else f"{targets} {ahead}"
    steps = "a whole series" if window.whole_series else f"{window.length} steps"
    st.markdown(
        f"From **{plain(source.dataset.table.name)}** the model learns to predict **{plain(what)}** by "
        f"{len(roles.features)} features ({plain(listed(roles.features))}) over {steps}."
    )
    caption(
        task="classification" if roles.task == "classes" else "forecast",
        classes=listed(source.dataset.schema.classes),
        windows=", ".join(f"{len(windows.of_part(part)):,} {part}" for part in ("training", "validation", "test")),
        split=f"by {source.setup.split.kind}",
    )
    st.page_link(page("data"), label="Change the columns, the windows or the split on the Data page", icon="📄")
    for note in check_trainable(source.dataset):
        st.warning(plain(note), icon="🔎")


def offer_start(source: TrainingData, shown: list[str]) -> None:
    """Draw the settings, how long training takes, and the button. `shown` collects the errors that the page has shown."""
    training = len(source.dataset.windows.of_part("training"))
    task = source.setup.roles.task
    settings = settings_form(_initial_again(source.data) or suggest(training, task=task, data=source.data), task=task)
    under_way = runs_under_way(runs_queue())
    with errors_shown(shown):
        show_estimates(source.dataset, source.key, settings, under_way=under_way)
    with errors_shown(shown):
        _ = settings.config, settings.model(1, 1)  # an error shows before the button is pressed
        if pressed("Add to the queue" if under_way else "Start training", key="train_start", type="primary", icon="🏋️"):
            choose(run=_start(source, settings))
            st.rerun()
    reading(
        "The model is trained on the training part, the validation part decides which epoch is kept, and the test part is only "
        "scored at the end.",
        "A larger model or more epochs take longer and need not be better: with few windows they overfit.",
    )


def _start(source: TrainingData, settings: Settings) -> str:
    schema, data = source.dataset.schema, kept_data(source.data)
    model = settings.model(len(schema.roles.features), len(schema.outputs))
    command = command_line(str(data.path), source.dataset.table.reading, source.setup, model, settings.config)
    name, taken = settings.name.strip() or f"{data.name}, {size_name(model.hidden_dim)}", {run.plan.name for run in all_runs()}
    free = next(one for one in itertools.chain([name], (f"{name} {number}" for number in itertools.count(2))) if one not in taken)
    plan = make_plan(source.dataset, source.setup.split, model, settings.config, path=data.path, name=free, command=command)
    return start_run(plan).key
