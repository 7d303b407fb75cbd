"""All windows as a map: which ones are alike to the model, where its errors lie, and what it has seen that is like the window in view."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.data.units import digits
from complex_lstm.evaluation.blocks import blocks_of, mean_interval
from complex_lstm.evaluation.pooled import POOLS
from complex_lstm.evaluation.window_map import Picture, spread, umap_lacks
from complex_lstm.figures.window_map import Amounts, Groups, bounded_groups, window_points
from complex_lstm.inference import window_frame
from complex_lstm.interpretation.explained_windows import explanation_vectors
from complex_lstm.interpretation.similar_windows import Similar, similar_windows
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.listing import nearest_listed, place_of
from complex_lstm.ui.session.messages import decimals, plain
from complex_lstm.ui.session.scene import has_output
from complex_lstm.ui.session.state import follow
from complex_lstm.ui.views.check.landmark_view import show_landmarks
from complex_lstm.ui.views.check.map_choices import COLOURS, SPACES, choose_map
from complex_lstm.ui.views.check.map_jobs import (
    MapSettings,
    WindowMap,
    explained_outputs,
    laid_out_by_umap,
    map_settings,
    window_map,
)
from complex_lstm.ui.views.check.map_words import error_words, say_what_is_drawn
from complex_lstm.ui.views.check.similar_view import show_similar

MOST_WORDED = 5000  # points whose words stand at the mouse: of more the browser would get megabytes
MOST_DRAWN = 50_000


def show_window_map(scene: Scene) -> None:
    """Draw the windows as points, the training windows nearest to the window in view, and a table of those selected or of all."""
    with st.container(key="view-map"):
        settings = map_settings(scene)
        colour, draws_around = choose_map(scene, settings)
        found = window_map(scene, settings)
        if found is None:
            return
        picture = _picture(settings, found)
        similar, here = _place_in_view(scene, settings, found, picture)
        drawn = spread(len(found.mapped.chosen), MOST_DRAWN)
        left, right = st.columns([8, 5], gap="medium")
        with right:
            show_similar(scene, found, similar)
        with left:
            selected = _draw_points(scene, settings, found, picture, drawn, colour, draws_around, similar, here)
        say_what_is_drawn(scene, settings, found, picture, len(drawn))
        _draw_table(scene, settings, found, selected)
        if settings.space:
            show_landmarks(scene, settings, found)
        else:
            st.caption("One window for each kind of explanation: compare the windows by their explanations, above.")


def _picture(settings: MapSettings, found: WindowMap) -> Picture:
    """Return the layout that is chosen; PCA's where UMAP's is not there, or not yet."""
    if not settings.layout or umap_lacks():
        return found.picture
    return laid_out_by_umap(found) or found.picture


def _place_in_view(scene: Scene, settings: MapSettings, found: WindowMap, picture: Picture) -> tuple[Similar | None, np.ndarray | None]:
    """Return the known windows most like the window in view, by all dimensions, and its place in the picture; None without a prediction."""
    if not has_output(scene):
        return None, None
    mapped = found.mapped
    point = mapped.ruler.points(_vector(scene, settings)[None])[0]
    similar = similar_windows(mapped, found.known, point, scene.dataset.windows, scene.number)
    place = place_of(mapped.dataset.windows, mapped.chosen, scene.dataset.windows, scene.number)
    if place is not None:
        return similar, picture.places[place]
    if picture.pca is None and picture.shares is None:  # UMAP places no further window: at the most similar one
        return similar, picture.places[mapped.ruler.distances(point[None], mapped.points)[0].argmin()]
    return similar, picture.place(point)


def _vector(scene: Scene, settings: MapSettings) -> np.ndarray:
    """Return the vector of the window in view in the chosen space."""
    trace = cache.window_trace(scene.keys, scene.number)
    if not settings.space:
        return np.concatenate([getattr(trace, name)[0].float().numpy() for name in POOLS])
    outputs = explained_outputs(trace.prediction.numpy(), settings, is_classes=scene.is_classes)

    def make() -> np.ndarray:
        number = np.array([scene.number])
        return explanation_vectors(scene.model, scene.dataset, number, outputs, settings.explainer, device=scene.device)[0]

    return cache.remember("explanation_vector", (scene.keys, scene.number, settings.explainer, int(outputs[0])), make, most=256)


def _draw_points(
    scene: Scene,
    settings: MapSettings,
    found: WindowMap,
    picture: Picture,
    drawn: np.ndarray,
    colour: str,
    draws_around: bool,
    similar: Similar | None,
    here: np.ndarray | None,
) -> np.ndarray:
    """Draw the map, follow a click on a point, and return the places of the windows in a box or lasso."""
    frame = _frame(scene, settings, found)
    figure = window_points(
        picture.places[drawn],
        _colouring(scene, settings, found, frame, colour, drawn),
        numbers=drawn,
        words=_words(frame, drawn),
        here=None if here is None else np.asarray(here, dtype=float),
        similar=picture.places[similar.places] if similar else np.zeros((0, 2), dtype=np.float32),
        axes=_axes(picture),
        title="Draw around windows to list them" if draws_around else "Each point a window: click to open it",
        known=found.known.name,
        draws_around=draws_around,
    )
    key = "map_points"
    event = show_figure(
        figure, key=key, place=st.container(key="wide-map"), on_select="rerun", selection_mode=("points", "box", "lasso"),
        alt=f"Map of {len(drawn):,} windows by {SPACES[settings.space]}, coloured by {colour}",
    )  # fmt: skip
    places = np.unique([int(np.ravel(one["customdata"])[0]) for one in event["selection"]["points"] if one.get("customdata") is not None])
    places = selected_here(found.key, places.astype(int))
    if event["selection"].get("box") or event["selection"].get("lasso"):
        return places
    open_place(scene, found, key, places[:1])
    return np.zeros(0, dtype=int)


def selected_here(key: Hashable, places: np.ndarray) -> np.ndarray:
    """Return the places selected in the map of a key. A chart keeps its selection when another map is drawn in its place."""
    drawn, stale = st.session_state.get("map_points_of", (key, None))
    selected = tuple(places.tolist())
    stale = selected if drawn != key else stale if stale == selected else None
    st.session_state["map_points_of"] = key, stale
    return np.zeros(0, dtype=int) if stale == selected else places


def open_place(scene: Scene, found: WindowMap, key: str, places: np.ndarray) -> None:
    """Open the first of these mapped windows, once; where it is not listed, the nearest listed one, and say so."""
    windows, listed = found.mapped.dataset.windows, scene.dataset.windows
    nearest, same = nearest_listed(windows, found.mapped.chosen[places], listed)
    follow(key, nearest.tolist())
    if len(places) and not same[0] and nearest[0] == scene.number:
        st.info(
            f"That window starts at step {windows.start[found.mapped.chosen[places[0]]]}. The list of windows has only every "
            f"{scene.dataset.window.stride}th step, so the nearest listed one is open: window {scene.number}.",
            icon="📍",
        )


def _axes(picture: Picture) -> tuple[str, str]:
    if picture.shares is None:
        return "UMAP 1 (no unit)", "UMAP 2 (no unit)"
    first, second = (f" ({share:.0%} of the variance)" if np.isfinite(share) else "" for share in picture.shares)
    return f"principal component 1{first}", f"principal component 2{second}"


def _frame(scene: Scene, settings: MapSettings, found: WindowMap) -> pd.DataFrame:
    """Return a row for each mapped window: where it is, what is true, what is predicted, and its error."""

    def make() -> pd.DataFrame:
        mapped = found.mapped
        windows, predictions = mapped.dataset.windows, mapped.predictions
        frame = window_frame(mapped.dataset, mapped.chosen).drop(columns=["first_step", "last_step", "zone"], errors="ignore")
        if scene.is_classes:
            predicted = np.array(scene.outputs, dtype=object)[predictions.predicted.argmax(axis=1)]
            frame["answer"] = windows.label[mapped.chosen]
            frame["predicted"] = np.where(np.isnan(predictions.predicted).any(axis=1), "", predicted)
        else:
            frame["answer"] = windows.actual[mapped.chosen, settings.output]
            frame["predicted"] = predictions.predicted[:, settings.output]
        frame["error"] = found.errors
        return frame

    return cache.remember("map_frame", (found.key, settings.output), make, most=8)


def _words(frame: pd.DataFrame, drawn: np.ndarray) -> list[str]:
    if len(drawn) > MOST_WORDED:
        return []
    columns = (frame[name].iloc[drawn] for name in ("series", "first_time", "part", "answer", "predicted"))
    rows = zip(*columns, strict=True)
    return [
        f"{series}, from {time}, {part}; answer {_shown(answer)}, predicted {_shown(predicted)}"
        for series, time, part, answer, predicted in rows
    ]


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value or "not known"
    return digits(value) if np.isfinite(value) else "not known"


def _colouring(
    scene: Scene, settings: MapSettings, found: WindowMap, frame: pd.DataFrame, colour: str, drawn: np.ndarray
) -> Groups | Amounts:
    rows = frame.iloc[drawn]
    if colour == "error":
        return Amounts(rows["error"].to_numpy(dtype=float), error_words(scene))
    if colour in ("answer", "predicted") and not scene.is_classes:
        name = scene.outputs[settings.output]
        unit = scene.dataset.schema.unit(name)
        what = "true" if colour == "answer" else "predicted"
        return Amounts(rows[colour].to_numpy(dtype=float), f"{what} {name}{f' ({unit})' if unit else ''}")
    own = scene.dataset.windows
    first = {"series": scene.series.name, "part": str(own.part[scene.number]), "answer": str(own.label[scene.number])}.get(colour, "")
    return bounded_groups(rows[colour].astype(str).tolist(), COLOURS[colour], first=first)


def _draw_table(scene: Scene, settings: MapSettings, found: WindowMap, selected: np.ndarray) -> None:
    """Draw the selected windows, or all that are mapped, as a table. A row opens its window."""
    frame = _frame(scene, settings, found)
    errors = found.errors[np.isfinite(found.errors)]
    whole = f"mean error {errors.mean():.3f}" if len(errors) else "errors not known"
    if len(selected):
        st.subheader(f"{len(selected):,} selected windows")
        st.markdown(f"{_mean_error(found, selected)}; of all {len(frame):,} mapped windows {whole}. Error: {error_words(scene)}.")
    else:
        st.subheader("All mapped windows")
        st.caption(f"Draw around some in the map to list only these. Of all: {whole} ({error_words(scene)}). A row opens its window.")
    shown = selected if len(selected) else np.arange(len(frame))
    names = {"first_time": "from", "last_time": "to"}
    formats: dict[str, Any] = {"error": st.column_config.NumberColumn(format="%.3f")}
    if not scene.is_classes:
        formats |= dict.fromkeys(("answer", "predicted"), st.column_config.NumberColumn(format=f"%.{decimals(scene, settings.output)}f"))
    key = f"map_table_{hash((found.key, shown.tobytes())) & 0xFFFFFFFF}"
    picked = st.dataframe(
        frame.iloc[shown].rename(columns=names),
        key=key, height=240, on_select="rerun", selection_mode="single-row", alt="One row for each window of the map, or of the selection",
        column_config=formats,
    )  # fmt: skip
    rows = [row for row in picked["selection"]["rows"] if row < len(shown)]
    open_place(scene, found, key, shown[rows][:1])


def _mean_error(found: WindowMap, selected: np.ndarray) -> str:
    known = selected[np.isfinite(found.errors[selected])]
    if not len(known):
        return "Their errors are not known"
    blocks = blocks_of(found.mapped.dataset, found.mapped.chosen[known])
    mean = mean_interval(found.errors[known], blocks)
    between = f" ({mean.low:.3f} to {mean.high:.3f} by drawing {plain(blocks.kind)} anew)" if np.isfinite(mean.low) else ""
    return f"Mean error **{mean.value:.3f}**{between}"
