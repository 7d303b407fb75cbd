"""Whether the probabilities of classes are what they say, and the temperature that makes them so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from jaxtyping import Float

from complex_lstm.evaluation.answered import AnsweredWindows, answered_windows
from complex_lstm.evaluation.blocks import Blocks, Interval
from complex_lstm.evaluation.calibration import (
    BINS,
    CalibrationScores,
    Reliability,
    calibration_scores,
    can_fit_temperature,
    cross_fitted_temperatures,
    fit_temperature,
    is_at_the_end,
    reliability,
)
from complex_lstm.figures.calibration import reliability_diagram
from complex_lstm.inference import softmax
from complex_lstm.model import Checkpoint
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.part_scores import PartScore, windows_of
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import caption, change, reading
from complex_lstm.ui.session.mirrored import mirrored
from complex_lstm.ui.session.outputs import listed_outputs
from complex_lstm.ui.session.state import choose, choose_switch, current
from complex_lstm.ui.views.check.awaiting import await_part_and_source, await_result
from complex_lstm.ui.views.check.part import choose_part

BY_WIDTH, BY_COUNT = "", "count"
BIN_LABELS = {BY_WIDTH: "of equal width", BY_COUNT: "with equally many windows"}
PREDICTED = -1  # in place of a class: whichever is predicted


@dataclass(frozen=True)
class Row:
    """One set of probabilities for the windows of a part, with its scores and its bins."""

    label: str
    scores: CalibrationScores
    bins: Reliability


@dataclass(frozen=True)
class Calibration:
    """The probabilities in use and those of a fitted temperature, on one part: with `is_measured` the last row is of the latter.

    `temperature` is None where none can be fitted. It is fitted on `fitted_on` windows of the validation part; with `is_crossed` on
    the part itself, of which each fold is then measured with the temperature of the others.
    """

    rows: tuple[Row, ...]
    blocks: Blocks
    temperature: float | None
    fitted_on: int
    is_crossed: bool
    is_measured: bool


def show_calibration(scene: Scene) -> None:
    """Draw the reliability of a part's probabilities, its scores, and the temperature with the button that takes it."""
    with st.container(key="view-calibration"):
        part = choose_part(scene)
        reading(
            "Each point is a bin of windows: across the mean probability that the model gives, upwards the share in which it came true. On "
            "the diagonal the model is calibrated, below it overconfident. The expected calibration error (ECE) is the mean distance from "
            "the diagonal over the windows.",
            "A bin with few windows lies off the diagonal by chance. A calibrated model need not be good: one that always gives each class "
            "its share is calibrated. On training windows a model looks overconfident less than it is.",
        )
        both = await_part_and_source(scene, part)
        if both is None:
            return
        found, source = both
        left, right = st.columns(2)
        bins = current().check.bins if current().check.bins in BIN_LABELS else BY_WIDTH
        equal_count = choose_switch("Bins", BIN_LABELS, bins, key="check_bins", name="bins", place=left) == BY_COUNT
        of = _choose_class(scene, right)
        key = ("calibration", found.keys, part, equal_count, of)
        made: Calibration | str | None = await_result(
            key, lambda job: calibrate(job, found, source, of, equal_count=equal_count), "Fitting a temperature"
        )
        if isinstance(made, str):
            st.info(made, icon="🤷")
        elif made is not None:
            _draw(scene, part, made, of)


def calibrate(job: Job[object], found: PartScore, source: PartScore, of: int, *, equal_count: bool) -> Calibration | str:
    """Return the calibration of a part, with a temperature from the windows of `source`; in words why there is none.

    Raises:
        Stopped: nobody waits for it any more.
    """
    dataset = cache.dataset(*found.keys)
    own = answered_windows(dataset, found.predictions)
    if not len(own):
        return "None of these windows has both a true answer in the file and a prediction, so nothing can be said of its probabilities."
    given = answered_windows(dataset, source.predictions)
    is_crossed = source is found or not len(given)
    given = own if is_crossed else given
    temperature = fit_temperature(given.outputs, given.actual) if can_fit_temperature(given.outputs, given.actual) else None
    job.check_stop()
    in_use = dataset.scaling.temperature
    tried: list[tuple[str, Float[np.ndarray, "window class"]]] = []
    if in_use != 1:
        on_these = is_crossed and temperature is not None and abs(temperature - in_use) < 1e-3
        tried.append((f"in use: temperature {in_use:.3g}{', fitted on these very windows' if on_these else ''}", own.predicted))
    tried.append(("as the model gives them" if in_use != 1 else "in use: as the model gives them", softmax(own.outputs)))
    is_measured = temperature is not None and (not is_crossed or own.blocks.count > 1)
    if temperature is not None and is_measured and is_crossed:
        crossed = cross_fitted_temperatures(own.outputs, own.actual, own.blocks)
        tried.append(("temperature, cross-fitted by blocks", softmax(own.outputs / crossed[:, None])))
    elif temperature is not None and is_measured:
        tried.append((f"temperature {temperature:.3g}, from validation", softmax(own.outputs, temperature)))
    rows = []
    for place, (label, probabilities) in enumerate(tried):
        job.check_stop()
        scores = calibration_scores(probabilities, own.actual, own.blocks)
        rows.append(Row(label, scores, _bins(probabilities, own, of, equal_count=equal_count, with_interval=place == 0)))
    return Calibration(tuple(rows), own.blocks, temperature, len(given), is_crossed, is_measured)


def _bins(
    probabilities: Float[np.ndarray, "window class"], own: AnsweredWindows, of: int, *, equal_count: bool, with_interval: bool
) -> Reliability:
    probability, came_true = (
        (probabilities.max(axis=1), probabilities.argmax(axis=1) == own.actual)
        if of == PREDICTED
        else (probabilities[:, of], own.actual == of)
    )
    blocks = own.blocks if with_interval else Blocks(np.zeros(len(own), dtype=int), 1, "")
    return reliability(probability, came_true, blocks, equal_count=equal_count)


def _choose_class(scene: Scene, place: st.delta_generator.DeltaGenerator) -> int:
    wanted = current().check.of
    shown = PREDICTED if wanted is None or wanted >= len(scene.outputs) else wanted
    chosen = place.selectbox(
        "Probability of",
        [PREDICTED, *listed_outputs(scene)],
        format_func=lambda one: "the predicted class" if one == PREDICTED else scene.outputs[one],
        **mirrored("check_of_probability", shown, _keep_class),
    )
    return int(chosen)


def _keep_class() -> None:
    chosen = st.session_state["check_of_probability"]
    choose(of=None if chosen == PREDICTED else chosen)


def _draw(scene: Scene, part: str, made: Calibration, of: int) -> None:
    first = made.rows[0].scores
    st.markdown(f"**{verdict(first)}**")
    name = "the predicted class" if of == PREDICTED else scene.outputs[of]
    st.dataframe(
        pd.DataFrame([_as_row(row) for row in made.rows]),
        hide_index=True,
        key="check_calibration_scores",
        alt="The expected calibration error, confidence less accuracy, Brier score and log loss of each set of probabilities",
    )
    _offer(scene, made)
    show_figure(
        reliability_diagram(tuple((row.label, row.bins) for row in made.rows), of=name, title="Reliability"),
        key="check_reliability",
        alt="For each bin of windows the share that came true over the mean probability, and how many windows it has",
    )
    filled = int((made.rows[0].bins.count > 0).sum())
    caption(
        method=f"windows in {filled} filled bins of {BINS}; ECE of the predicted class in bins of equal width (Guo et al. 2017)",
        windows=windows_of(scene, part, first.windows),
        interval=f"95%, of draws of {made.blocks.count:,} {made.blocks.kind}" if made.blocks.is_enough else "none: fewer than 6 blocks",
        temperature=_source(made, part),
    )


def verdict(scores: CalibrationScores) -> str:
    """Return in a sentence whether the probabilities are too large, too small, or neither beyond chance."""
    gap = scores.overconfidence
    found = f"mean confidence {scores.confidence:.3f}, right {scores.accuracy:.3f}: {_with_interval(gap)}"
    if np.isnan(gap.low):
        return f"{found[0].upper()}{found[1:]}. Too few blocks to say whether that is more than chance."
    if gap.low > 0:
        return f"Overconfident: {found}."
    return f"Underconfident: {found}." if gap.high < 0 else f"Neither over- nor underconfident beyond chance: {found}."


def _with_interval(one: Interval) -> str:
    value = change(one.value, 3)
    return value if np.isnan(one.low) else f"{value} ({change(one.low, 3)} to {change(one.high, 3)})"


def _as_row(row: Row) -> dict[str, str]:
    scores = row.scores
    return {
        "probabilities": row.label,
        "ECE": f"{scores.ece:.4f}",
        "confidence less accuracy": change(scores.overconfidence.value, 4),
        "Brier score": f"{scores.brier:.4f}",
        "log loss": f"{scores.log_loss:.4f}",
    }


def _source(made: Calibration, part: str) -> str:
    if made.temperature is None:
        return "none can be fitted: where every answer is right, or none is of a class that the model knows, the best one has no end"
    if not made.is_crossed:
        least = (
            "the end of what is allowed; the least log loss lies beyond it"
            if is_at_the_end(made.temperature)
            else "with the least log loss"
        )
        return f"{made.temperature:.4g}, {least} on {made.fitted_on:,} validation windows"
    measured = "measured by cross-fitting: each fold of blocks with the temperature of the others" if made.is_measured else "not measured"
    why = "which is the validation part itself" if part == "validation" else "because there is no validation part to fit it on"
    return f"{made.temperature:.4g}, fitted on all {made.fitted_on:,} windows of this part, {why}; {measured}"


def _offer(scene: Scene, made: Calibration) -> None:
    """Draw the buttons that take the fitted temperature, and that go back to what the checkpoint holds."""
    with st.container(horizontal=True, vertical_alignment="center", key="check_temperature"):
        if made.temperature is not None and round(made.temperature, 3) != round(scene.temperature, 3):
            st.button(
                "Use calibrated probabilities",
                key="check_use_temperature",
                icon="🌡️",
                help="On every page, in this session and in the link"
                + (", and in the checkpoint under 'Take the model along'." if isinstance(scene.checkpoint, Checkpoint) else "."),
                on_click=choose,
                kwargs={"temperature": f"{made.temperature:.4g}"},
            )
        if current().opened.temperature and scene.temperature != _own_temperature(scene):
            st.button(
                "Back to the checkpoint's probabilities", key="check_leave_temperature", on_click=choose, kwargs={"temperature": None}
            )
        use = "It is taken only when you ask for it." if scene.temperature == 1 else f"In use is {scene.temperature:.4g}."
        st.caption(f"A temperature divides all logits and changes no predicted class. {use}", width="content")
    first, last = made.rows[0].scores, made.rows[-1].scores
    if made.is_measured and f"{last.log_loss:.4f}" != f"{first.log_loss:.4f}" and last.log_loss > first.log_loss:
        st.caption(
            f"On the windows shown, the probabilities in use are better than those of “{made.rows[-1].label}”: log loss "
            f"{first.log_loss:.4f} beside {last.log_loss:.4f}. What fits the one does not fit the other."
        )


def _own_temperature(scene: Scene) -> float:
    own = cache.checkpoint(cache.split_temperature(scene.keys[1])[0])
    return own.scaling.temperature if isinstance(own, Checkpoint) else 1.0
