"""How good the model is: scores on all windows of a part, the errors over time, and every window in a table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.data import times_at
from complex_lstm.figures.predictions import forecast_lines, residual_histogram
from complex_lstm.inference import prediction_frame
from complex_lstm.metrics import ClassScores, ValueScores
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.part_scores import PAGE, PartScore
from complex_lstm.ui.session.features import MOST_SHOWN
from complex_lstm.ui.session.figures import offer_csv, show_figure
from complex_lstm.ui.session.listing import drawn_around, most_drawn, nearest_listed, place_of
from complex_lstm.ui.session.messages import caption, decimals, plain, reading
from complex_lstm.ui.session.state import clicked_points, follow
from complex_lstm.ui.side_by_side.scores import draw_class_scores, draw_value_scores
from complex_lstm.ui.views.check.awaiting import await_part
from complex_lstm.ui.views.check.part import choose_part
from complex_lstm.ui.views.check.window_table import draw_windows

MOST_DRAWN = 3000  # predictions over time: a browser draws more of them slowly


def show_model_scores(scene: Scene) -> None:
    """Draw the scores of a part's windows, all of them, its confusion or residuals, and the windows as a table."""
    with st.container(key="view-scores"):
        part = choose_part(scene)
        reading(
            "Scores are over every window of the part chosen above, at the model's own stride."
            + (" Only those of test and new windows are of data that the model was not trained on." if part != "this file" else ""),
            "Neighbouring windows overlap, so their errors are similar: there are fewer independent cases than windows.",
        )
        found = await_part(scene, part)
        if found is not None:
            _draw(scene, found)


def _draw(scene: Scene, found: PartScore) -> None:
    place = 0
    if isinstance(found.scores, ClassScores):
        draw_class_scores(found.scores, scene.outputs, page=PAGE)
    elif isinstance(found.scores, ValueScores):
        place = _draw_values(scene, found, found.scores)
    else:
        st.info("None of these windows has both a true value in the file and a prediction, so they cannot be scored.", icon="🤷")
    for note in found.notes:
        st.warning(plain(note), icon="⚠️")
    scored, every = found.scores.windows if found.scores else 0, len(found.predictions.chosen)
    if scored < every:
        st.caption(f"{scored:,} of {every:,} windows scored; the others have no true answer in the file, or no prediction.")
    elif isinstance(found.scores, ValueScores):
        st.caption(f"All {every:,} windows scored.")
    _draw_table(scene, found, place)


def _draw_values(scene: Scene, found: PartScore, scores: ValueScores) -> int:
    """Draw the scores of all targets, and of one its forecasts and errors; return which."""
    draw_value_scores(scores, scene.outputs, tuple(map(scene.dataset.schema.unit, scene.outputs)))
    outputs = range(len(scene.outputs))
    place = st.selectbox("Target", outputs, format_func=scene.outputs.__getitem__, key="predict_target") if len(outputs) > 1 else 0
    _draw_forecast(scene, found, place)
    windows, name, chosen = cache.dataset(*found.keys).windows, scene.outputs[place], found.predictions.chosen
    errors = found.predictions.predicted[:, place] - windows.actual[chosen, place]
    unchanged_errors = windows.last[chosen, place] - windows.actual[chosen, place]
    known = ~np.isnan(errors) & ~np.isnan(unchanged_errors)
    show_figure(
        residual_histogram(
            errors[known],
            unchanged_errors[known],
            name=name,
            unit=scene.dataset.schema.unit(name),
            title="Errors of the model and of repeating the last value",
        ),
        key="predict_residuals",
        alt="Histogram of the errors of the model and of repeating the last value",
    )
    return int(place)


def _draw_forecast(scene: Scene, found: PartScore, place: int) -> None:
    """Draw the predictions for the window's series, or for the part's first series. A click on a point opens its window."""
    dataset, listed, name = cache.dataset(*found.keys), scene.dataset.windows, scene.outputs[place]
    windows, chosen = dataset.windows, found.predictions.chosen
    series = windows.series[chosen]
    drawn_series = listed.series[scene.number] if (series == listed.series[scene.number]).any() else series[0]
    of_series = np.nonzero(series == drawn_series)[0]
    here = place_of(windows, chosen[of_series], listed, scene.number)
    most = most_drawn(len(of_series), MOST_DRAWN, "predict_forecast", points=2)
    around = drawn_around(here, len(of_series), most)
    drawn = of_series[around]
    own = chosen[drawn]
    nearest, _ = nearest_listed(windows, own, listed)
    at = windows.last_step(own) + dataset.window.horizon
    figure = forecast_lines(
        times_at(dataset.series[int(drawn_series)].times, at),
        windows.actual[own, place],
        found.predictions.predicted[drawn, place],
        windows=nearest,
        chosen=None if here is None else here - around.start,
        name=name,
        unit=dataset.schema.unit(name),
        title="Predicted and actual: click a point to open it",
    )
    event = show_figure(
        figure, key="predict_forecast", on_select="rerun", selection_mode="points", alt="Predicted and actual values over time"
    )
    if len(drawn) < len(of_series):
        st.caption(f"Drawn are {len(drawn):,} of the {len(of_series):,} windows of this series; all of them are scored.")
    follow("predict_forecast", clicked_points(event))


def _columns_to_draw(scene: Scene, frame: pd.DataFrame, place: int) -> tuple[pd.DataFrame, str]:
    """Return the table, of many outputs with the columns of one target or of the predicted class alone, and in words what is left out."""
    if len(scene.outputs) <= MOST_SHOWN:
        return frame, ""
    if scene.is_classes:
        of_classes = [f"probability_{name}" for name in scene.outputs]
        drawn = frame.drop(columns=of_classes)
        drawn.insert(list(drawn.columns).index("predicted") + 1, "probability", frame[of_classes].max(axis=1))
        return drawn, f"of the {len(of_classes)} probabilities the largest; the CSV has all"
    others = [f"{what}_{name}" for at, name in enumerate(scene.outputs) for what in ("predicted", "actual") if at != place]
    return frame.drop(columns=others), f"of the {len(scene.outputs)} targets the one chosen above; the CSV has all"


def _formats(scene: Scene) -> dict[str, Any]:
    """Return how the numbers of the table are written: with the digits of their target, probabilities with three."""
    if scene.is_classes:
        return {
            name: st.column_config.NumberColumn(format="%.3f") for name in ("probability", *(f"probability_{one}" for one in scene.outputs))
        }
    written = {name: st.column_config.NumberColumn(format=f"%.{decimals(scene, at)}f") for at, name in enumerate(scene.outputs)}
    return {f"{what}_{name}": one for name, one in written.items() for what in ("predicted", "actual")}


def _draw_table(scene: Scene, found: PartScore, place: int) -> None:
    """Draw one row for each window of the part. A row opens its window, or where that is not listed the nearest that is.

    `place` is the target that is looked at, of which the table has columns where there are many.
    """
    dataset, chosen = cache.dataset(*found.keys), found.predictions.chosen
    frame: pd.DataFrame = cache.remember(
        "prediction_frame", (found.keys, found.part), lambda: prediction_frame(dataset, found.predictions), most=8
    )
    st.header("All windows of this part")
    key = "_".join(["predict_table", found.part, *found.keys[:3]])  # a selected row is of this table, and of no other
    drawn, left_out = _columns_to_draw(scene, frame, place)
    draw_windows(scene, dataset, chosen, drawn, key=key, alt="One row for each window", column_config=_formats(scene))
    caption(
        method="one forward pass for each window",
        windows=f"{len(chosen):,}, {'whole series' if dataset.window.whole_series else f'stride {dataset.window.stride}'}",
        device=found.predictions.device,
        time=f"{found.predictions.seconds:.2f} s when computed",
        click="a row opens its window, or the nearest that is listed",
        columns=left_out,
    )
    offer_csv(lambda: frame, f"predictions_{found.part}.csv", key="predict_download")
