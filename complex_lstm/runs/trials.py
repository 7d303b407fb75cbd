"""What sweeps and searches have in common: a folder of trials, each of which is a run, and how long those that are left take.

Their plans answer the same questions, so that what shows or starts one need not know which of the two it is.
"""

from __future__ import annotations

import hashlib
import shutil
import statistics
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar

from complex_lstm.config import ModelConfig, to_json
from complex_lstm.errors import TrainingError
from complex_lstm.runs.atomic_files import CONTROL, LOG, PLAN, TRIALS, atomic_write, readable
from complex_lstm.runs.folder import PlannedFolder, Run, disk_errors, open_run, send_command
from complex_lstm.runs.plan import Plan, Versions, versions_here
from complex_lstm.runs.status import Status


@dataclass(frozen=True)
class Timed:
    """How many seconds all trials take with all of their epochs, and the fastest and the slowest of them; `words` say how it is meant."""

    seconds: float
    fastest: float
    slowest: float
    words: str


class TrialsPlan(Protocol):
    """What a sweep or a search trains around the run `base`. Its `kind` is what it is called."""

    kind: ClassVar[str]

    @property
    def base(self) -> Plan: ...

    @property
    def total(self) -> int:
        """How many trials it has."""

    @property
    def described(self) -> str:
        """How many trials of how many epochs, in words, with Markdown."""

    @property
    def hidden_dim(self) -> int:
        """The hidden channels of the largest model."""

    @property
    def identity(self) -> Self:
        """The plan without what does not tell it from another one: its names, when it was made, and of a search how many trials."""

    @property
    def measured_models(self) -> tuple[ModelConfig, ...]:
        """The models whose speed is to be measured before the start, to know how long all trials take."""

    def timed(self, an_epoch: Mapping[ModelConfig, float]) -> Timed:
        """Return how long all trials take by the seconds an epoch of each of the measured models."""


def key_of(plan: TrialsPlan) -> str:
    """Return the key of a plan's folder: the same for the same plan, whenever it was made."""
    return f"{plan.kind}-{hashlib.sha256(to_json(plan.identity).encode()).hexdigest()[:12]}"


def unnamed(base: Plan) -> Plan:
    """Return a run's plan without its name, and when, with what and by which command it was made."""
    return replace(base, name="", made="", command="", versions=Versions())


def epochs_words(base: Plan) -> str:
    """Return how many epochs a trial has, in words."""
    epochs = base.training.epochs
    return f"at most {epochs} epoch{'s' if epochs > 1 else ''}"


def trained_alike(plan: Plan) -> Plan:
    """Return a plan without what does not change its training: names, paths, and when and with what it was made."""
    return replace(unnamed(plan), data="", data_name="")


def made_now(base: Plan, command: str) -> Plan:
    """Return a run's plan as that around which trials are made now, without the snapshots."""
    made = datetime.now(UTC).isoformat(timespec="milliseconds")
    return replace(base, training=replace(base.training, snapshots=0), made=made, versions=versions_here(), command=command)


P = TypeVar("P", bound=TrialsPlan)


class TrialFolder(PlannedFolder[P], ABC, Generic[P]):
    """A sweep or a search as its folder was when it was opened."""

    @property
    def log(self) -> Path:
        return self.folder / LOG

    @property
    def runs(self) -> tuple[Run, ...]:
        """The trials that have a folder by now, in the order of their folders' names."""
        return tuple(sorted(readable(self.folder / TRIALS, f"*/{PLAN}", open_run)[0], key=lambda run: run.key))

    def results(self, runs: tuple[Run, ...]) -> tuple[tuple[str, Run], ...]:
        """Return each trial's key with the run whose result it has: its own, or of a repeat that of an earlier one."""
        return tuple((run.key, run) for run in runs)

    @property
    @abstractmethod
    def label(self) -> str:
        """What it varies and when it was made, in words."""

    @abstractmethod
    def scored(self, runs: tuple[Run, ...]) -> int:
        """Return how many trials have a score, where `runs` are those that have a folder."""

    @abstractmethod
    def seconds_left(self, runs: tuple[Run, ...]) -> float | None:
        """Return about how long the trials that are left take, None before the speed of one is known."""


def seconds_taken(runs: tuple[Run, ...]) -> dict[ModelConfig, float]:
    """Return about how many seconds a trial of each model takes: those that are done took, or before one is, those under way will."""
    done = [(run.plan.model, run.status.seconds) for run in runs if run.status.state == "done"]
    speed = [(run.plan.model, seconds) for run in runs if (seconds := seconds_of_all(run.status)) is not None]
    found: dict[ModelConfig, list[float]] = {}
    for model, seconds in done or speed:
        found.setdefault(model, []).append(seconds)
    return {model: statistics.mean(seconds) for model, seconds in found.items()}


def seconds_of_all(status: Status) -> float | None:
    """Return how many seconds a run that is under way takes for all of its epochs, by its own speed; None before that is known."""
    if not status.is_under_way or status.seconds_left is None or status.share >= 1:
        return None
    return status.seconds_left / (1 - status.share)


def begun_share(status: Status) -> float:
    """Return the share of a trial that is behind it: all of one that has ended, with a score or without."""
    return 1.0 if status.state in ("done", "failed") else status.share


def stop_trials(owner: TrialFolder[Any]) -> None:
    """Make a sweep or a search stop, and with it the trials that are under way or about to start.

    Raises:
        TrainingError: its folder is gone, or cannot be written.
    """
    with disk_errors(f"The {owner.plan.kind} cannot be stopped", owner.folder):
        atomic_write(owner.folder / CONTROL, "stop")  # first: it is read after a trial's folder has been made
    for run in owner.runs:
        if run.status.state != "done":
            send_command(run, "stop")


def delete_trials(owner: TrialFolder[Any], remove: Callable[[Path], object] = shutil.rmtree) -> None:
    """Delete the folder of a sweep or a search with all of its trials, or have `remove` put it elsewhere.

    Raises:
        TrainingError: it is under way, or its folder cannot be deleted.
    """
    if owner.is_under_way:
        raise TrainingError(f"The {owner.plan.kind} is under way. Stop it before deleting it.")
    with disk_errors(f"The {owner.plan.kind} cannot be deleted", owner.folder):
        remove(owner.folder)
