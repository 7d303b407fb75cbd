"""The snapshots of a run, read once for all visitors, and what is computed from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from complex_lstm.config import to_json
from complex_lstm.data import Dataset
from complex_lstm.data.units import digits
from complex_lstm.inference import window_frame
from complex_lstm.interpretation.training_dynamics.head_diversity import Specialising, specialising
from complex_lstm.interpretation.training_dynamics.settling import (
    Gating,
    ScoreCourse,
    Settling,
    gating,
    real_cells,
    score_course,
    settling,
    steps_of,
)
from complex_lstm.runs import Run
from complex_lstm.runs.curves import GradientCourse
from complex_lstm.runs.snapshots import SNAPSHOTS, ProbeSet, Snapshot, kept_steps, read_probe_set, read_snapshots
from complex_lstm.ui.components.training_replay import Film, WindowSeries
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import Setup
from complex_lstm.ui.session.runs import data_of

MOST_PLAYED = 120  # snapshots of a replay; if there are more, evenly spaced ones


@dataclass(frozen=True)
class Dynamics:
    """All snapshots of a run so far, and results computed from them on first use.

    `left_out` are the steps whose snapshots hold values that are not finite, from which nothing can be computed.
    """

    probes: ProbeSet
    snapshots: tuple[Snapshot, ...]
    left_out: tuple[int, ...] = ()

    @property
    def last(self) -> int:
        return self.snapshots[-1].step

    @cached_property
    def settling(self) -> tuple[Settling, ...]:
        return settling(self.probes, self.snapshots)

    @cached_property
    def specialising(self) -> Specialising:
        return specialising(self.probes, self.snapshots)

    @cached_property
    def gating(self) -> Gating:
        return gating(self.probes, self.snapshots)

    @cached_property
    def gradients(self) -> GradientCourse | None:
        """The gradients of the snapshots that have any: before the first step there are none."""
        known = [one for one in self.snapshots if np.isfinite(one.gradients).all()]
        if not known:
            return None
        norms = np.stack([one.gradients for one in known]).astype(float)
        scale = np.array([one.scale for one in known])
        return GradientCourse(steps_of(tuple(known)).astype(float), self.probes.components, norms, scale)

    @cached_property
    def scores(self) -> ScoreCourse:
        return score_course(self.probes, self.snapshots)


def dynamics_of(run: Run) -> Dynamics | None:
    """Return the snapshots of a run so far, None where there are none."""
    steps = kept_steps(run.folder)
    if not steps:
        return None
    stamp = (steps, (run.folder / SNAPSHOTS).stat().st_mtime_ns)  # changes with every file
    return cache.remember("dynamics", (str(run.folder), stamp), lambda: _read(run.folder), most=4)


def _read(folder: Path) -> Dynamics | None:
    probes, snapshots = read_probe_set(folder), read_snapshots(folder)
    if probes is None or not snapshots:
        return None
    left_out = tuple(one.step for one in snapshots if not one.is_finite)
    return Dynamics(probes, tuple(one for one in snapshots if one.is_finite), left_out)


def data_behind(run: Run) -> Dataset | None:
    """Return the data set that a run learns from, None where its file is gone or has changed."""
    key, plan = data_of(run), run.plan
    if not key or cache.table(key).fingerprint != plan.fingerprint:
        return None
    setup = Setup(plan.roles, plan.window, plan.split)
    return cache.planned(key, setup, to_json(setup))


def film_of(dynamics: Dynamics, place: int, layer: int) -> Film:
    """Return one window of the probe set and one layer at every snapshot, or at `MOST_PLAYED` evenly spaced ones."""
    chosen = np.unique(np.linspace(0, len(dynamics.snapshots) - 1, min(len(dynamics.snapshots), MOST_PLAYED)).round().astype(int))
    snapshots = [dynamics.snapshots[at] for at in chosen]
    cells = int((real_cells(dynamics.probes)[place] > 0).sum())
    heads = snapshots[-1].attention.shape[2]
    empty = np.full((heads, cells, cells), np.nan, dtype="<f2")
    maps = [one.attention[place, layer, :, :cells, :cells] if one.attention.shape[1] > layer else empty for one in snapshots]
    gate = np.stack([one.gate[place, :cells] for one in snapshots])
    return Film(
        np.ascontiguousarray(np.stack(maps), dtype="<f2"),
        np.ascontiguousarray(gate, dtype="<f4"),
        tuple(one.step for one in snapshots),
        tuple(one.epoch for one in snapshots),
        dynamics.probes.cell,
        layer,
    )


def scenery_of(dynamics: Dynamics, place: int, dataset: Dataset | None) -> WindowSeries:
    """Return the window's series and times; without its data only step numbers."""
    length, window = int(dynamics.probes.length[place]), int(dynamics.probes.windows[place])
    if dataset is None:
        return WindowSeries(np.zeros((length, 0), dtype="<f4"), (), tuple(map(str, range(length))))
    windows = dataset.windows
    begin = int(windows.start[window])
    times = dataset.series[int(windows.series[window])].labels_at(slice(begin, begin + length))
    series = np.ascontiguousarray(windows.inputs(np.array([window]))[0], dtype="<f4")
    return WindowSeries(series, dataset.schema.roles.features, tuple(times))


def window_label(dynamics: Dynamics, place: int, dataset: Dataset | None) -> str:
    """Return a window of the probe set in words: its number, its part, and the target."""
    window = int(dynamics.probes.windows[place])
    name = f"Window {window}, {dynamics.probes.part} part"
    return name if dataset is None else f"{name}: {_truth(dataset, window)}"


def output_names(run: Run, dynamics: Dynamics, dataset: Dataset | None) -> tuple[str, ...]:
    """Return the names of the classes or targets; of classes without their data, numbers."""
    outputs = dynamics.snapshots[-1].outputs.shape[1]
    is_values = run.plan.roles.task == "values"
    known = dataset.schema.outputs if dataset is not None else run.plan.roles.targets if is_values else ()
    return known if len(known) == outputs else tuple(f"{'target' if is_values else 'class'} {place + 1}" for place in range(outputs))


def _truth(dataset: Dataset, window: int) -> str:
    row = window_frame(dataset, np.array([window])).iloc[0]
    roles, windows = dataset.schema.roles, dataset.windows
    if roles.task == "classes":
        return f"{roles.targets[0]} is {windows.label[window]}"
    known = ", ".join(f"{name} becomes {digits(value)}" for name, value in zip(roles.targets, windows.actual[window], strict=True))
    return f"{row.first_time} to {row.last_time}, {known}"
