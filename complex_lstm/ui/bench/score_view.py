"""What the switches do to the score, over all windows of a part."""

from __future__ import annotations

import numpy as np
import streamlit as st

from complex_lstm.interpretation.contributions import outputs_with
from complex_lstm.interpretation.effects import ClassEffect, Effect, measure_effect
from complex_lstm.interpretation.overall import evenly_spread
from complex_lstm.model.device import device_name, pick_device
from complex_lstm.model.interventions import Patch, PatchSteps
from complex_lstm.ui.bench.setting import Setting
from complex_lstm.ui.cache import Scene
from complex_lstm.ui.messages import caption, reading
from complex_lstm.ui.on_demand import offer
from complex_lstm.ui.score_views import PARTS
from complex_lstm.ui.work import Work

SIZES = (50, 100, 200, 400, 800, 1600)
FEW = 200
EVERY_PART = "all parts"
SHOCK = "A switch takes the model out of what it was trained on: what is lost is not what a model trained without the part would lose."


def show_score(scene: Scene, setting: Setting) -> None:
    """Draw the score before and after, and how much the predictions move."""
    windows, part = choose_windows(scene, "bench_score")
    fitting = _fitting(scene, setting, windows)
    if not setting.switches:
        st.info("Nothing is switched. Switch something above, then score it over many windows.", icon="🔧")
        return
    if not len(fitting):
        st.info("No window of this part has the length of the window that is patched from.", icon="🤷")
        return

    def run(work: Work[Effect]) -> Effect:
        before, after = (
            outputs_with(scene.model, scene.dataset, fitting, one, device=pick_device(), stop=work.must_stop)
            for one in ((), setting.interventions)
        )
        return measure_effect(scene.dataset, fitting, before, after)

    work = offer("bench_score", (scene.keys, setting.text, fitting.tobytes()), run, label=f"Score {len(fitting)} windows with and without")
    if work and work.state == "done":
        draw_effect(work.result)
        caption(
            method="every window through the model twice, with the switches and without",
            switches=setting.words(scene),
            windows=f"{len(fitting)} of {part}" + (", those of the patched length" if len(fitting) < len(windows) else ""),
            device=device_name(pick_device()),
        )
        read_effect(scene.is_classes, SHOCK)


def choose_windows(scene: Scene, key: str) -> tuple[np.ndarray, str]:
    """Draw the choice of a part, or of all, and of how many windows; return the windows, evenly spread, and of what they are."""
    windows = scene.dataset.windows
    present = [part for part in PARTS if len(windows.of_part(part))]
    left, right = st.columns([3, 4])
    offered = [*present, EVERY_PART] if len(present) > 1 else present
    part = left.segmented_control("Part", offered, default=present[0], required=True, key=f"{key}_part")
    of_part, name = windows.of_part(part), f"the {part} part"
    if part == EVERY_PART:
        of_part, name = np.arange(len(windows)), "all parts, those that the model was trained on among them"
    sizes = [size for size in SIZES if size < len(of_part)] + [len(of_part)]
    if len(sizes) == 1:
        return of_part, name
    most = right.select_slider("How many windows, evenly spread", sizes, value=min(FEW, sizes[-1]), key=f"{key}_most_{len(sizes)}")
    return evenly_spread(of_part, most), name


def draw_effect(effect: Effect, first_name: str = "before", second_name: str = "after") -> None:
    """Draw one effect in numbers."""
    name = "accuracy" if isinstance(effect, ClassEffect) else "squared error"
    first, second, third, fourth = st.columns(4)
    first.metric(f"{name}, {first_name}", _number(effect.score_before))
    change = f"{effect.score_change:+.4f} ± {effect.score_change_error:.4f}"
    second.metric(f"{name}, {second_name}", _number(effect.score_after), change, delta_color="off", delta_arrow="off")
    moved, error = f"{effect.mean_moved:.3g}", f"± {effect.moved_error:.2g}"
    third.metric("mean change of the prediction", moved, error, delta_color="off", delta_arrow="off")
    if isinstance(effect, ClassEffect):
        fourth.metric("windows with another class", f"{effect.share_flipped:.1%}")


def read_effect(is_classes: bool, misleads: str) -> None:
    """Say how to read an effect, and how it misleads."""
    unit = "the probability of the class predicted first" if is_classes else "training standard deviations of what the model learns"
    score = "" if is_classes else "; the squared error is in variances of the targets over these windows"
    reading(
        f"The prediction's change is in {unit}{score}; ± is the standard error, of the score's change that of the same windows paired.",
        f"{misleads} Windows that overlap are alike, so the standard errors are too small.",
    )


def _number(value: float) -> str:
    return "no answers" if np.isnan(value) else f"{value:.4f}"


def _fitting(scene: Scene, setting: Setting, windows: np.ndarray) -> np.ndarray:
    """Return the windows that the setting fits: a patch over time wants those of its donor's length."""
    patched = [one for one in setting.interventions if isinstance(one, Patch | PatchSteps) and one.box.has_time]
    lengths = scene.dataset.windows.length[windows]
    return windows[lengths == scene.dataset.windows.length[scene.number]] if patched else windows
