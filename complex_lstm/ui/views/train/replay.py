"""The moments that a run has kept, read once for all visitors, and what they amount to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from complex_lstm.config import to_json
from complex_lstm.data import Dataset, time_labels
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
from complex_lstm.runs.snapshots import MOMENTS, Moment, ProbeSet, kept_steps, read_moments, read_watched
from complex_lstm.ui.components.training_replay import Film, WindowSeries
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.setup import Setup
from complex_lstm.ui.session.messages import number
from complex_lstm.ui.session.runs import data_of

MOST_PLAYED = 120  # moments of a film; of more, evenly chosen ones are played


@dataclass(frozen=True)
class Inside:
    """All moments of a run so far, and what they amount to, each worked out when it is first asked for.

    `left_out` are the steps whose moments hold numbers that are not finite, of which nothing can be worked out.
    """

    watched: ProbeSet
    moments: tuple[Moment, ...]
    left_out: tuple[int, ...] = ()

    @property
    def last(self) -> int:
        return self.moments[-1].step

    @cached_property
    def settling(self) -> tuple[Settling, ...]:
        return settling(self.watched, self.moments)

    @cached_property
    def specialising(self) -> Specialising:
        return specialising(self.watched, self.moments)

    @cached_property
    def gating(self) -> Gating:
        return gating(self.watched, self.moments)

    @cached_property
    def gradients(self) -> GradientCourse | None:
        """The gradients of the moments that have any: before the first step there are none."""
        known = [moment for moment in self.moments if np.isfinite(moment.gradients).all()]
        if not known:
            return None
        norms = np.stack([moment.gradients for moment in known]).astype(float)
        scale = np.array([moment.scale for moment in known])
        return GradientCourse(steps_of(tuple(known)).astype(float), self.watched.components, norms, scale)

    @cached_property
    def scores(self) -> ScoreCourse:
        return score_course(self.watched, self.moments)


def inside_of(run: Run) -> Inside | None:
    """Return the moments of a run so far, None where there are none."""
    steps = kept_steps(run.folder)
    if not steps:
        return None
    stamp = (steps, (run.folder / MOMENTS).stat().st_mtime_ns)  # another one means that there is more to read, or something else
    return cache.remember("inside", (str(run.folder), stamp), lambda: _read(run.folder), most=4)


def _read(folder: Path) -> Inside | None:
    watched, moments = read_watched(folder), read_moments(folder)
    if watched is None or not moments:
        return None
    left_out = tuple(one.step for one in moments if not one.is_finite)
    return Inside(watched, tuple(one for one in moments if one.is_finite), left_out)


def data_behind(run: Run) -> Dataset | None:
    """Return the data set that a run learns from, None where its file is no longer there, or is another one by now."""
    key, plan = data_of(run), run.plan
    if not key or cache.table(key).fingerprint != plan.fingerprint:
        return None
    setup = Setup(plan.roles, plan.window, plan.split)
    return cache.planned(key, setup, to_json(setup))


def film_of(inside: Inside, place: int, layer: int) -> Film:
    """Return one watched window and layer at every moment, or at evenly chosen ones of very many."""
    chosen = np.unique(np.linspace(0, len(inside.moments) - 1, min(len(inside.moments), MOST_PLAYED)).round().astype(int))
    moments = [inside.moments[at] for at in chosen]
    cells = int((real_cells(inside.watched)[place] > 0).sum())
    heads = moments[-1].attention.shape[2]
    empty = np.full((heads, cells, cells), np.nan, dtype="<f2")
    maps = [one.attention[place, layer, :, :cells, :cells] if one.attention.shape[1] > layer else empty for one in moments]
    gate = np.stack([one.gate[place, :cells] for one in moments])
    return Film(
        np.ascontiguousarray(np.stack(maps), dtype="<f2"),
        np.ascontiguousarray(gate, dtype="<f4"),
        tuple(one.step for one in moments),
        tuple(one.epoch for one in moments),
        inside.watched.cell,
        layer,
    )


def scenery_of(inside: Inside, place: int, dataset: Dataset | None) -> WindowSeries:
    """Return the window's series and times; without its data the number of each step is all that is known."""
    length, window = int(inside.watched.length[place]), int(inside.watched.windows[place])
    if dataset is None:
        return WindowSeries(np.zeros((length, 0), dtype="<f4"), (), tuple(map(str, range(length))))
    windows = dataset.windows
    begin = int(windows.start[window])
    times = time_labels(dataset.series[int(windows.series[window])].times[begin : begin + length])
    series = np.ascontiguousarray(windows.inputs(np.array([window]))[0], dtype="<f4")
    return WindowSeries(series, dataset.schema.roles.features, tuple(times))


def window_label(inside: Inside, place: int, dataset: Dataset | None) -> str:
    """Return a watched window in words: its number, its part, and the truth."""
    window = int(inside.watched.windows[place])
    name = f"Window {window}, {inside.watched.part} part"
    return name if dataset is None else f"{name}: {_truth(dataset, window)}"


def output_names(run: Run, inside: Inside, dataset: Dataset | None) -> tuple[str, ...]:
    """Return the names of the classes or targets; of classes without their data, numbers."""
    if dataset is not None:
        return dataset.schema.outputs
    if run.plan.roles.task == "values":
        return run.plan.roles.targets
    return tuple(f"class {place + 1}" for place in range(inside.moments[-1].outputs.shape[1]))


def _truth(dataset: Dataset, window: int) -> str:
    row = window_frame(dataset, np.array([window])).iloc[0]
    roles, windows = dataset.schema.roles, dataset.windows
    if roles.task == "classes":
        return f"{roles.targets[0]} is {windows.label[window]}"
    known = ", ".join(f"{name} becomes {number(value)}" for name, value in zip(roles.targets, windows.actual[window], strict=True))
    return f"{row.first_time} to {row.last_time}, {known}"
