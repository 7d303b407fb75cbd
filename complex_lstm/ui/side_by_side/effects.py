"""Predictions on both sides over many windows: the score of each, and how far the predictions move between them.

The sides are the model without and with the bench's switches, or two checkpoints.
"""

from __future__ import annotations

import numpy as np
import streamlit as st

from complex_lstm.interpretation.components import outputs_with
from complex_lstm.interpretation.global_importance import evenly_spread
from complex_lstm.interpretation.prediction_effects import ClassEffect, Effect, measure_effect
from complex_lstm.model.interventions import Patch, PatchSteps
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.interventions.resolve import Setting, read_setting
from complex_lstm.ui.session.messages import caption, part_words, reading
from complex_lstm.ui.session.progress import job_on_request
from complex_lstm.ui.side_by_side.pair import Pair
from complex_lstm.ui.side_by_side.scores import PARTS

SIZES = (50, 100, 200, 400, 800, 1600)
FEW = 200
EVERY_PART = "all parts"
NOT_TRAINED_SO = "The model was not trained with a part switched off: a model trained without the part may lose less."


def show_switched_score(scene: Scene, setting: Setting) -> None:
    """Draw the score without and with the bench's switches, and how much the predictions move."""
    windows, part = choose_windows(scene, "bench_score")
    fitting, lengths = windows, scene.dataset.windows.length
    if any(isinstance(one, Patch | PatchSteps) and one.site.has_time for one in setting.interventions):
        fitting = windows[lengths[windows] == lengths[scene.number]]  # a patch over time fits windows of its own length only
    if not setting.switches:
        st.info("No switch is set. Set one above, then compare the scores over many windows.", icon="🔧")
        return
    if not len(fitting):
        st.info("No window of this part is as long as the window whose values are patched in.", icon="🤷")
        return

    def run(job: Job[Effect]) -> Effect:
        before, after = (
            outputs_with(scene.model, scene.dataset, fitting, one, device=scene.device, stop=job.must_stop)
            for one in ((), setting.interventions)
        )
        return measure_effect(scene.dataset, fitting, before, after)

    job = job_on_request(
        "bench_score",
        (scene.keys, setting.text, fitting.tobytes()),
        run,
        label=f"Score {len(fitting)} windows with and without the switches",
    )
    if job and job.state == "done":
        draw_effect(job.result)
        caption(
            method="every window predicted twice, with the switches and without",
            switches=setting.words(scene),
            windows=f"{_compared(job.result, len(fitting))} of {part}"
            + (", those as long as the patched one" if len(fitting) < len(windows) else ""),
            device=scene.device_name,
        )
        read_effect(scene, NOT_TRAINED_SO)


def choose_windows(scene: Scene, key: str) -> tuple[np.ndarray, str]:
    """Draw the choice of a part, or of all, and of how many windows; return the windows, evenly spread, and the part's name."""
    windows = scene.dataset.windows
    present = [part for part in PARTS if len(windows.of_part(part))]
    left, right = st.columns([3, 4])
    offered = [*present, EVERY_PART] if len(present) > 1 else present
    part = left.segmented_control("Part", offered, default=present[0], required=True, key=f"{key}_part")
    of_part, name = windows.of_part(part), part_words(str(part))
    if part == EVERY_PART:
        of_part, name = np.arange(len(windows)), "all parts, the training part included"
    sizes = [size for size in SIZES if size < len(of_part)] + [len(of_part)]
    if len(sizes) == 1:
        return of_part, name
    most = right.select_slider("How many windows, evenly spread", sizes, value=min(FEW, sizes[-1]), key=f"{key}_most_{len(sizes)}")
    return evenly_spread(of_part, most), name


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


def _compared(effect: Effect, chosen: int) -> str:
    """Return how many windows are compared, and how many are not because the model's output is not a finite number."""
    without = chosen - len(effect.moved)
    return f"{len(effect.moved)} (without {without} that have no prediction)" if without else str(chosen)


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
    elif not _same_windows(pair):
        st.info("The two checkpoints have different windows or different outputs, so their scores cannot be compared.", icon="🤷")
    else:
        _show_two_models(page, pair)


def _show_two_models(page: str, pair: Pair) -> None:
    first, second = pair.first.scene, pair.second.scene
    windows, part = choose_windows(first, f"{page}_score")

    def run(job: Job[Effect]) -> Effect:
        left, right = (outputs_with(one.model, one.dataset, windows, device=one.device, stop=job.must_stop) for one in (first, second))
        return measure_effect(first.dataset, windows, left, right)

    job = job_on_request(
        f"{page}_score", (first.keys, second.keys, windows.tobytes()), run, label=f"Predict {len(windows)} windows by both checkpoints"
    )
    if job and job.state == "done":
        draw_effect(job.result, "left", "right")
        caption(
            method="every window predicted by both checkpoints",
            windows=f"{_compared(job.result, len(windows))} of {part} of the left checkpoint",
            **pair.facts,
        )
        read_effect(first, "The part is the left checkpoint's: the right one may have been trained on these windows.")


def _same_windows(pair: Pair) -> bool:
    """Return whether both checkpoints have the same windows and the same outputs on the same scale."""
    first, second = (side.scene.dataset for side in (pair.first, pair.second))
    same = all(np.array_equal(getattr(first.windows, name), getattr(second.windows, name)) for name in ("series", "start", "length"))
    scaled = pair.first.scene.is_classes or (first.scaling, first.window) == (second.scaling, second.window)
    return pair.same_outputs and same and scaled
