"""A training run that another page asks for in a few words: a twin of the model, say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from complex_lstm.config import ModelConfig, TrainingConfig
from complex_lstm.data import prepare_training, read_csv
from complex_lstm.runs import make_plan, wish
from complex_lstm.ui.setup import Setup
from complex_lstm.ui.training.runs import command_line, find_run, keep_model, kept_data, start_run
from complex_lstm.workspace import Kept

__all__ = ["Job", "find_job", "keep_result", "kept_data", "start_job", "stop_job"]

State = Literal["running", "done", "failed"]


@dataclass(frozen=True)
class Job:
    """A training run as its folder tells it: `share` of it done, and its last words. Waiting and paused count as running."""

    key: str
    state: State
    share: float
    last_words: str
    folder: Path


def start_job(data: Kept, setup: Setup, *, hidden_dim: int, epochs: int, batch_size: int, shuffle_labels: bool = False) -> str:
    """Start training in a process of its own and return the key of the run. The same run is not started twice."""
    dataset = prepare_training(read_csv(data.path.read_bytes(), data.name), setup.roles, setup.window, setup.split)
    model = ModelConfig(len(setup.roles.features), hidden_dim, output_dim=len(dataset.schema.outputs))
    training = TrainingConfig(epochs=epochs, batch_size=batch_size, shuffle_labels=shuffle_labels)
    command = command_line(str(data.path), setup, model, training)
    name = f"trained on {data.name}{', shuffled' if shuffle_labels else ''}"
    plan = make_plan(dataset, setup.split, model, training, path=data.path, name=name, command=command)
    return start_run(plan, again=False).key


def find_job(key: str) -> Job:
    """Return a run by its key. Failed is also what was stopped."""
    run = find_run(key)
    state: State = "running" if run.is_under_way else "done" if run.status.state == "done" else "failed"
    return Job(key, state, run.status.share, run.status.message, run.folder)


def stop_job(key: str) -> None:
    """Stop a run before its next batch."""
    run = find_run(key)
    if run.is_under_way:
        wish(run, "stop")


def keep_result(job: Job) -> str:
    """Keep the model that a run made, and return its key."""
    return keep_model(find_run(job.key))
