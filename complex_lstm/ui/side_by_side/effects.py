"""Predictions on both sides over many windows: the score of each, and how far the predictions move between them.

The sides are the model without and with the bench's switches, or two checkpoints.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from complex_lstm.interpretation.components import outputs_with
from complex_lstm.interpretation.prediction_effects import ClassEffect, Effect, measure_effect
from complex_lstm.model.interventions import Patch, PatchSteps
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.compute.processes import computed
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.interventions.resolve import Setting, read_setting
from complex_lstm.ui.session.listing import choose_how_many, how_many, unthinned
from complex_lstm.ui.session.messages import caption, part_words, reading
from complex_lstm.ui.session.progress import job_on_request
from complex_lstm.ui.side_by_side.pair import Pair
from complex_lstm.ui.side_by_side.scores import PARTS

AT_ONCE = 512  # windows, after which a job tells how far it is: whole batches
Both = tuple[np.ndarray, np.ndarray]  # outputs of some windows on the two sides
EVERY_PART = "all parts"
NOT_TRAINED_SO = "The model was not trained with a part switched off: a model trained without the part may lose less."


def show_switched_score(scene: Scene, setting: Setting) -> None:
    """Draw the score without and with the bench's switches, and how much the predictions move."""
    every = unthinned(scene)
    windows, part, of_part = choose_windows(every, "bench_score")
    fitting, lengths = windows, every.dataset.windows.length
    if any(isinstance(one, Patch | PatchSteps) and one.site.has_time for one in setting.interventions):
        fitting = windows[lengths[windows] == lengths[every.number]]  # a patch over time fits windows of its own length only
    if not setting.switches:
        waits = "The switches wait for the averages over all windows."
        st.info(waits if setting.pending else "No switch is set. Set one above, then compare the scores over many windows.", icon="🔧")
        return
    if not len(fitting):
        st.info("No window of this part is as long as the window whose values are patched in.", icon="🤷")
        return

    def both(job: Job[Effect], some: np.ndarray) -> Both:
        before, after = (
            computed(outputs_with, every.model, every.dataset, some, one, device=every.device, stop=job.must_stop)
            for one in ((), setting.interventions)
        )
        return before, after

    job = job_on_request(
        "bench_score",
        (every.keys, setting.text, fitting.tobytes()),
        lambda job: _effect(job, every, fitting, both),
        label=f"Score {len(fitting):,} windows with and without the switches",
    )
    if job and job.state == "done":
        draw_effect(job.result)
        caption(
            method="every window predicted twice, with the switches and without",
            switches=setting.words(scene),
            windows=how_many(len(windows), of_part, part)
            + (f", of which {len(fitting):,} are as long as the patched one" if len(fitting) < len(windows) else "")
            + _without(job.result, len(fitting)),
            device=scene.device_name,
        )
        read_effect(scene, NOT_TRAINED_SO)


def _effect(job: Job[Effect], scene: Scene, windows: np.ndarray, both: Callable[[Job[Effect], np.ndarray], Both]) -> Effect:
    """Return how far the predictions of windows move, computed some windows at a time; a job that was stopped goes on."""
    parts: list[Both] = list(job.earlier or [])
    job.skipped = sum(len(before) for before, _ in parts)
    for first in range(job.skipped, len(windows), AT_ONCE):
        job.report_progress(first, len(windows))
        parts.append(both(job, windows[first : first + AT_ONCE]))
        job.partial = parts
    before, after = (np.concatenate(side) for side in zip(*parts, strict=True))
    return measure_effect(scene.dataset, windows, before, after)


def choose_windows(scene: Scene, key: str, usual: int | None = None) -> tuple[np.ndarray, str, int]:
    """Draw the choice of a part, or of all, and of how many windows; return these, the part's name, and how many windows it has."""
    windows = scene.dataset.windows
    present = [part for part in PARTS if len(windows.of_part(part))]
    left, right = st.columns([3, 4])
    offered = [*present, EVERY_PART] if len(present) > 1 else present
    part = left.segmented_control("Part", offered, default=present[0], required=True, key=f"{key}_part")
    of_part, name = windows.of_part(part), part_words(str(part))
    if part == EVERY_PART:
        of_part, name = np.arange(len(windows)), "all parts, the training part included"
    return choose_how_many(of_part, key, right, usual=usual), name, len(of_part)


def draw_effect(effect: Effect, first_name: str = "before", second_name: str = "after") -> None:
    """Draw both scores, how far the predictions move, and how many change their class."""
    name = "accuracy" if isinstance(effect, ClassEffect) else "squared error"
    first, second, third, fourth = st.columns(4)
    before, after = ("unknown" if np.isnan(one) else f"{one:.4f}" for one in (effect.score_before, effect.score_after))
    first.metric(f"{name}, {first_name}", before)
    change = f"{effect.score_change.value:+.4f} ± {effect.score_change.error:.4f}"
    second.metric(f"{name}, {second_name}", after, change, delta_color="off", delta_arrow="off")
    moved, error = f"{effect.mean_moved.value:.3g}", f"± {effect.mean_moved.error:.2g}"
    third.metric("mean change of the prediction", moved, error, delta_color="off", delta_arrow="off")
    if isinstance(effect, ClassEffect):
        fourth.metric("windows with another class", f"{effect.share_flipped:.1%}")


def _without(effect: Effect, chosen: int) -> str:
    """Return how many windows are not compared because the model's output is not a finite number, "" where all are."""
    without = chosen - len(effect.moved)
    return f" (without {without:,} that have no prediction)" if without else ""


def read_effect(scene: Scene, misleads: str) -> None:
    """Write how to read the effect, and how it can mislead."""
    unit = (
        "the probability of the class predicted first"
        if scene.is_classes
        else f"{scene.dataset.whose} standard deviations of what the model learns"
    )
    score = "" if scene.is_classes else "; the squared error is in variances of the targets over these windows"
    reading(
        f"The prediction's change is in {unit}{score}; ± is the standard error, for the score's change from the windows paired.",
        f"{misleads} Windows that overlap are alike, so the standard errors are too small.",
    )


def show_all_windows(page: str, pair: Pair) -> None:
    """Draw the scores of both sides over many windows, and how much the predictions move from the left to the right."""
    if pair.kind == "window":
        st.info("Both windows are predicted by the same model: the page Check scores all its windows.", icon="🤷")
    elif pair.kind == "edits":
        st.info("The edits belong to this window alone: there are no other windows to compare.", icon="🤷")
    elif pair.kind == "bench":
        show_switched_score(pair.first.scene, read_setting(pair.first.scene))
    else:
        _show_two_models(page, pair)


def _show_two_models(page: str, pair: Pair) -> None:
    first, second = (unthinned(side.scene) for side in (pair.first, pair.second))
    if not (pair.same_outputs and _same_windows(first, second)):
        st.info("The two checkpoints have different windows or different outputs, so their scores cannot be compared.", icon="🤷")
        return
    windows, part, of_part = choose_windows(first, f"{page}_score")

    def both(job: Job[Effect], some: np.ndarray) -> Both:
        left, right = (
            computed(outputs_with, one.model, one.dataset, some, device=one.device, stop=job.must_stop) for one in (first, second)
        )
        return left, right

    job = job_on_request(
        f"{page}_score",
        (first.keys, second.keys, windows.tobytes()),
        lambda job: _effect(job, first, windows, both),
        label=f"Predict {len(windows):,} windows by both checkpoints",
    )
    if job and job.state == "done":
        draw_effect(job.result, "left", "right")
        caption(
            method="every window predicted by both checkpoints",
            windows=how_many(len(windows), of_part, f"{part} of the left checkpoint") + _without(job.result, len(windows)),
            **pair.facts,
        )
        read_effect(first, "The part is the left checkpoint's: the right one may have been trained on these windows.")


def _same_windows(first: Scene, second: Scene) -> bool:
    """Return whether both scenes have the same windows, and outputs on the same scale."""
    one, other = first.dataset, second.dataset
    same = all(np.array_equal(getattr(one.windows, name), getattr(other.windows, name)) for name in ("series", "start", "length"))
    return same and (first.is_classes or (one.scaling, one.window) == (other.scaling, other.window))
