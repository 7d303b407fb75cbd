"""The whole data set's predictions: scores and pictures, for classes and for values.

What the switches do to the score, over all windows of a part.
"""

from __future__ import annotations

import numpy as np
import streamlit as st

from complex_lstm.data import times_at
from complex_lstm.figures.predictions import class_score_bars, confusion_heatmap, forecast_lines, residual_histogram
from complex_lstm.inference import Predictions
from complex_lstm.interpretation.components import outputs_with
from complex_lstm.interpretation.global_importance import evenly_spread
from complex_lstm.interpretation.prediction_effects import ClassEffect, Effect, measure_effect
from complex_lstm.metrics import ClassScores, ValueScores, score
from complex_lstm.model.interventions import Patch, PatchSteps
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.interventions.resolve import Setting
from complex_lstm.ui.session.messages import caption, plain, reading
from complex_lstm.ui.session.progress import job_on_request
from complex_lstm.ui.session.state import clicked_points, follow

PARTS = ("test", "validation", "training", "new")


def show_scores(scene: Scene) -> None:
    """Draw the scores of one part. Only its windows are predicted, so that the result is there at once."""
    present = [part for part in PARTS if len(scene.dataset.windows.of_part(part))]
    label = {"test": "test: not used in training", "validation": "validation: picked the epoch", "new": "new to the model"}
    part = st.segmented_control(
        "Part", present, default=present[0], required=True, key="predict_part", format_func=lambda name: label.get(name, name)
    )
    said = cache.part_predictions(scene.keys, str(part))
    result = score(scene.dataset, said.chosen, said.predicted)
    if isinstance(result, ClassScores):
        draw_class_scores(result, scene.outputs, page="predict")
    elif isinstance(result, ValueScores):
        _show_values(scene, said, result)
    else:
        st.info("The file has no answers for these windows, so they cannot be scored.", icon="🤷")


def headline(result: ClassScores | ValueScores | None) -> str:
    """Return the accuracy, or R², with its name and the number of windows."""
    if isinstance(result, ClassScores):
        return f"accuracy {result.accuracy:.3f} on {result.windows:,} windows"
    if isinstance(result, ValueScores):
        known = result.r2[~np.isnan(result.r2)]
        of = "" if len(result.r2) == 1 else ", the mean over the targets"
        return f"R² {_r2(float(known.mean()) if len(known) else np.nan)}{of}, on {result.windows:,} windows"
    return "no answers to score by"


def draw_class_scores(result: ClassScores, classes: tuple[str, ...], *, page: str) -> None:
    """Draw the scores of classes: in all, the confusion matrix, and each class's recall and precision."""
    first, second, third = st.columns(3)
    first.metric("accuracy", f"{result.accuracy:.3f}")
    second.metric("commonest class alone", f"{result.largest:.3f}")
    third.metric("windows scored", f"{result.windows:,}")
    left, right = st.columns(2)
    left.plotly_chart(
        confusion_heatmap(result.confusion, classes=classes, title="Confusion matrix"),
        key=f"{page}_confusion",
        alt="Counts of windows by actual and predicted class",
    )
    right.plotly_chart(
        class_score_bars(result.recall, result.precision, classes=classes, title="Each class"),
        key=f"{page}_classes",
        alt="Recall and precision of each class",
    )


def draw_value_scores(result: ValueScores, targets: tuple[str, ...], units: tuple[str, ...]) -> None:
    """Draw R² and the mean absolute error of each target beside those of repeating the last value."""
    for place, (column, name, unit) in enumerate(zip(st.columns(len(targets)), targets, units, strict=True)):
        error, unchanged = result.squared_error[place], result.persistence[place]
        details = (
            "R² is 1 without error and 0 for always predicting the mean of this part. "
            f"Squared error, in variances of this part: {error:.4f} (repeating the last value {unchanged:.4f})."
        )
        r2, of_last = (_r2(float(one[place])) for one in (result.r2, result.persistence_r2))
        column.metric(f"{plain(name)}: R²", r2, f"repeating the last value {of_last}", help=details, delta_color="off", delta_arrow="off")
        mae, mae_of_last = result.mae[place], result.persistence_mae[place]
        less = 1 - mae / mae_of_last if mae_of_last else 0.0
        column.metric(
            f"{plain(name)}: mean absolute error",
            plain(_with_unit(mae, unit)),
            f"{abs(less):.0%} {'less' if less >= 0 else 'more'} than repeating the last value ({plain(_with_unit(mae_of_last, unit))})",
            delta_color="green" if less >= 0 else "red",
            delta_arrow="off",
        )


def _r2(value: float) -> str:
    return "undefined" if np.isnan(value) else f"{value:.3f}"  # of a target that never changes


def _with_unit(value: float, unit: str) -> str:
    return f"{value:.3g} {unit}".rstrip()


def _show_values(scene: Scene, said: Predictions, result: ValueScores) -> None:
    draw_value_scores(result, scene.outputs, tuple(map(scene.dataset.schema.unit, scene.outputs)))
    place = st.selectbox("Target", range(len(scene.outputs)), format_func=scene.outputs.__getitem__, key="predict_target")
    _show_forecast(scene, said, place)
    windows, (name, unit) = scene.dataset.windows, _named(scene, place)
    off = said.predicted[:, place] - windows.actual[said.chosen, place]
    still = windows.last[said.chosen, place] - windows.actual[said.chosen, place]
    known = ~np.isnan(off) & ~np.isnan(still)
    st.plotly_chart(
        residual_histogram(off[known], still[known], name=name, unit=unit, title="Errors beside repeating the last value"),
        key="predict_residuals",
        alt="Histogram of the errors of the model and of repeating the last value",
    )


def _show_forecast(scene: Scene, said: Predictions, place: int) -> None:
    """Draw the forecasts of the window's series, or of the part's first one; a click on a point chooses its window."""
    windows, (name, unit) = scene.dataset.windows, _named(scene, place)
    series = windows.series[said.chosen]
    shown = windows.series[scene.number] if (series == windows.series[scene.number]).any() else series[0]
    of_series = series == shown
    own = said.chosen[of_series]
    at = windows.start[own] + windows.length[own] - 1 + scene.dataset.window.horizon
    figure = forecast_lines(
        times_at(scene.dataset.series[int(shown)].times, at),
        windows.actual[own, place],
        said.predicted[of_series, place],
        windows=own,
        chosen=scene.number,
        name=name,
        unit=unit,
        title="Predicted and actual over time: click a point to choose its window",
    )
    event = st.plotly_chart(
        figure, key="predict_forecast", on_select="rerun", selection_mode="points", alt="Predicted and actual values over time"
    )
    follow("predict_forecast", clicked_points(event))


def _named(scene: Scene, place: int) -> tuple[str, str]:
    name = scene.outputs[place]
    return name, scene.dataset.schema.unit(name)


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

    def run(job: Job[Effect]) -> Effect:
        before, after = (
            outputs_with(scene.model, scene.dataset, fitting, one, device=scene.device, stop=job.must_stop)
            for one in ((), setting.interventions)
        )
        return measure_effect(scene.dataset, fitting, before, after)

    job = job_on_request(
        "bench_score", (scene.keys, setting.text, fitting.tobytes()), run, label=f"Score {len(fitting)} windows with and without"
    )
    if job and job.state == "done":
        draw_effect(job.result)
        caption(
            method="every window through the model twice, with the switches and without",
            switches=setting.words(scene),
            windows=f"{len(fitting)} of {part}" + (", those of the patched length" if len(fitting) < len(windows) else ""),
            device=scene.device_name,
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
    patched = [one for one in setting.interventions if isinstance(one, Patch | PatchSteps) and one.site.has_time]
    lengths = scene.dataset.windows.length[windows]
    return windows[lengths == scene.dataset.windows.length[scene.number]] if patched else windows
