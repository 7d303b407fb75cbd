"""The shuffled-label control: a model of the same kind, trained on the same windows with their labels shuffled.

Where a method gives both models the same map, the map does not depend on what was learned from the labels. The shipped
samples have a control; for other models it is trained here, in a process of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.config import ModelConfig, TrainingConfig
from complex_lstm.data import prepare_training, read_csv
from complex_lstm.interpretation import METHODS, explain
from complex_lstm.interpretation.agreement import rank_correlation
from complex_lstm.interpretation.sanity import STUBBORN
from complex_lstm.model import Checkpoint
from complex_lstm.recipe import Reading
from complex_lstm.runs import make_plan, send_command
from complex_lstm.runs.plan import suggest_batch_size, suggest_epochs
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import TWIN
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.compute.processes import computed
from complex_lstm.ui.compute.scene import Scene, Setup
from complex_lstm.ui.explaining.request import ExplanationSettings
from complex_lstm.ui.session.messages import caption, keep_errors, plain, reading
from complex_lstm.ui.session.progress import compute_each, job_on_request, pressed
from complex_lstm.ui.session.runs import command_line, find_run, keep_model, kept_data, start_run
from complex_lstm.ui.session.state import choose, current
from complex_lstm.workspace import Kept

State = Literal["running", "done", "failed"]


@dataclass(frozen=True)
class TrainingJob:
    """The state of a training run, from its folder: the `share` that is done, 0 to 1, and its last message.

    Waiting and paused runs count as running.
    """

    key: str
    state: State
    share: float
    message: str
    folder: Path


def start_job(
    data: Kept, setup: Setup, *, hidden_dim: int, epochs: int, batch_size: int, shuffle_labels: bool = False, read: Reading | None = None
) -> str:
    """Start training in a process of its own, and return the key of the run. The same run is not started twice.

    `read` is how the file is read, None where that is found in it.
    """
    dataset = prepare_training(read_csv(data.path, data.name, read), setup.roles, setup.window, setup.split, setup.derived)
    model = ModelConfig(len(dataset.schema.roles.features), hidden_dim, output_dim=len(dataset.schema.outputs))
    training = TrainingConfig(epochs=epochs, batch_size=batch_size, shuffle_labels=shuffle_labels)
    command = command_line(str(data.path), read, setup, model, training)
    name = f"trained on {data.name}{', shuffled' if shuffle_labels else ''}"
    plan = make_plan(dataset, setup.split, model, training, path=data.path, name=name, command=command)
    return start_run(plan, again=False).key


def find_job(key: str) -> TrainingJob:
    """Return a run by its key. A stopped run counts as failed.

    Raises:
        WorkspaceError: there is no such run here.
    """
    run = find_run(key)
    state: State = "running" if run.is_under_way else "done" if run.status.state == "done" else "failed"
    return TrainingJob(key, state, run.status.share, run.status.message, run.folder)


def stop_job(key: str) -> None:
    """Stop a run before its next batch."""
    run = find_run(key)
    if run.is_under_way:
        send_command(run, "stop")


def show_shuffled_label_control(scene: Scene, choice: ExplanationSettings) -> None:
    """Draw the comparison with the control model, or how to get one."""
    control = find_shuffled_label_control(scene)
    if not control:
        _offer_training(scene)
        return
    keys = (scene.keys[0], control, *scene.keys[2:])
    other = replace(scene, keys=keys, checkpoint=cache.checkpoint(control), dataset=cache.dataset(*keys))

    def similarity(method: str, job: Job[dict[str, float]]) -> float:
        trained, shuffled = (
            computed(explain, one.model, choice.request(one), method, device=one.device, stop=job.must_stop).cells for one in (scene, other)
        )
        return rank_correlation(trained, shuffled)

    job = job_on_request(
        "importance_twin",
        (control, choice.key(scene)),
        compute_each(choice.methods, similarity),
        label="Explain the same window with the control model",
    )
    found = job.latest if job else None
    if found:
        _draw(scene, other, choice, found)


def find_shuffled_label_control(scene: Scene) -> str:
    """Return the key of the control model's checkpoint, "" where there is none yet."""
    data, model = scene.keys[0], cache.split_temperature(scene.keys[1])[0]
    if model in SAMPLES and data == model and SAMPLES[model].shuffled_control.exists():
        return model + TWIN
    job = find_job(current().training.shuffled) if current().training.shuffled else None
    return keep_model(find_run(job.key)) if job and job.state == "done" else ""


def _offer_training(scene: Scene) -> None:
    """Draw a button that trains the control model, or the progress of its training."""
    job = find_job(current().training.shuffled) if current().training.shuffled else None
    if job and job.state == "running":
        _watch(job.key)
        return
    if job:
        st.error(f"The control model's training ended without a model. Its last message: {plain(job.message)}", icon="⚠️")
    st.markdown(
        "A model of the same kind, trained on the same windows with their labels shuffled, shows which maps do not depend on the labels."
    )
    if pressed("Train the control model", key="importance_twin_train"):
        choose(twin=_start(scene))
        st.rerun()


def _start(scene: Scene) -> str:
    checkpoint, windows = scene.checkpoint, max(len(scene.dataset.windows.of_part("training")), 2)
    chosen = cache.setup(scene.keys[0], scene.keys[1], scene.keys[2]).of_file
    setup = Setup(checkpoint.schema.roles, checkpoint.window, checkpoint.split) if isinstance(checkpoint, Checkpoint) else chosen
    return start_job(
        kept_data(scene.keys[0]),
        setup,
        hidden_dim=min(scene.model.config.hidden_dim, 64),
        epochs=suggest_epochs(windows),
        batch_size=suggest_batch_size(windows),
        shuffle_labels=True,
        read=scene.dataset.table.reading,
    )


@st.fragment(run_every=1.0)
def _watch(key: str) -> None:
    job = find_job(key)
    if job.state != "running":
        st.rerun()
    left, right = st.columns([5, 1], vertical_alignment="center")
    left.progress(job.share, text=f"Training the control model: {plain(job.message[-110:]) or 'starting'}")
    right.button("Stop", key="importance_twin_stop", on_click=keep_errors(stop_job), args=(key,))


def _draw(scene: Scene, other: Scene, choice: ExplanationSettings, found: dict[str, float]) -> None:
    frame = pd.DataFrame({"method": [METHODS[name].label for name in found], "similarity of the two maps": list(found.values())})
    frame["finding"] = [_finding(value) for value in found.values()]
    st.dataframe(
        frame,
        hide_index=True,
        column_config={"similarity of the two maps": st.column_config.NumberColumn(format="%.2f")},
        key="importance_twin_table",
    )
    outputs = [cache.window_trace(one.keys, scene.number).prediction[0, choice.output].item() for one in (scene, other)]
    caption(
        method="data randomization (Adebayo et al. 2018), Spearman's correlation of the cells' sizes",
        target=choice.target(scene),
        outputs=f"{outputs[0]:.3g} by the model, {outputs[1]:.3g} by the control model, on the model's scale",
    )
    reading(
        f"Above {STUBBORN} the map is nearly the same although the control model cannot have learned the true labels.",
        "The control model has memorized wrong labels, so it also depends on the input; some similarity comes from the input alone.",
    )


def _finding(similarity: float) -> str:
    if np.isnan(similarity):
        return "no correlation: all cells are equal"
    return "hardly depends on the labels" if similarity > STUBBORN else "depends on the labels"
