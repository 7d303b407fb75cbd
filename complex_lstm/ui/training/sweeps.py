"""The sweeps of this installation: they lie beside the runs, and their trials wait in the same queue."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from complex_lstm.config import to_json
from complex_lstm.runs.plan import Versions
from complex_lstm.runs.process import launch_sweep
from complex_lstm.runs.sweep import Sweep, create_sweep, list_sweeps, open_sweep
from complex_lstm.runs.sweep_plan import SweepPlan
from complex_lstm.ui.training.runs import folder_of, runs_root


def all_sweeps() -> list[Sweep]:
    """Return all sweeps, the newest first."""
    return list_sweeps(runs_root())


def find_sweep(key: str) -> Sweep:
    """Return a sweep by its key.

    Raises:
        WorkspaceError: there is none, for instance because the link was made on another installation, or it was deleted.
    """
    return open_sweep(folder_of(key, "sweep"))


def start_sweep(plan: SweepPlan) -> str:
    """Start a sweep in a process of its own and return its key. The same one again goes on where it was."""
    asked = replace(plan, base=replace(plan.base, name="", made="", command="", versions=Versions()))
    key = f"sweep-{hashlib.sha256(to_json(asked).encode()).hexdigest()[:12]}"
    resume_sweep(create_sweep(runs_root() / key, plan))
    return key


def resume_sweep(sweep: Sweep) -> None:
    """Train the trials that are left, each as soon as it is its turn."""
    now = find_sweep(sweep.key)  # somebody else may have been quicker
    if not now.is_under_way and now.status.state != "done":
        launch_sweep(now, queue=runs_root())
