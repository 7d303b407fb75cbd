"""The sidebar: which data, which model, which window, on every page."""

from __future__ import annotations

import numpy as np
import streamlit as st

from complex_lstm.inference import window_frame
from complex_lstm.model.device import device_name, pick_device
from complex_lstm.samples import SAMPLES, shipped_models
from complex_lstm.ui import cache
from complex_lstm.ui.cache import Scene
from complex_lstm.ui.messages import plain
from complex_lstm.ui.scene import chosen_scene, open_sample, page
from complex_lstm.ui.state import choose, current
from complex_lstm.workspace import Kind, open_workspace

UPLOADS, MODELS = "session_uploads", "session_models"


def remember(kind: str, key: str) -> None:
    """Offer an upload or a model in this session's lists."""
    known = st.session_state.setdefault(kind, [])
    if key not in known:
        known.append(key)


def draw_sidebar(*, away_from_tour: bool) -> None:
    """Draw the selectors and say what is in use; on another page also the way back to the tour's page, if one was there."""
    selection = current()
    with st.sidebar:
        if selection.tour and away_from_tour:
            st.page_link(page("tour"), label=f"Back to page {selection.tour} of the tour", icon="🧭")
        data = _listed(SAMPLES, UPLOADS, selection.data)
        _select("Data", "sidebar_data", data, selection.data, _data_name, _change_data)
        if selection.data:
            models = [key for key in _listed(shipped_models(), MODELS, selection.model) if cache.fits(selection.data, key)]
            _select("Model", "sidebar_model", models, selection.model, model_name, _change_model)
        if selection.data and selection.model:
            _choose_window()
        st.caption(f"Device: {device_name(pick_device())}")


def _choose_window() -> None:
    scene = chosen_scene(current())
    last = len(scene.dataset.windows) - 1
    st.session_state["sidebar_window"] = scene.number
    st.number_input(f"Window (0 to {last})", 0, last, key="sidebar_window", on_change=_change_window)
    st.caption(describe_window(scene))


def describe_window(scene: Scene) -> str:
    """Return where a scene's window stands: series, times, part."""
    row = window_frame(scene.dataset, np.array([scene.number])).iloc[0]
    roles = scene.dataset.schema.roles
    part = "new to the model" if row.part == "new" else f"{row.part} part"
    time = "" if scene.times.dtype.kind == "M" else f"{roles.time or 'step'} "
    return plain(f"{roles.series} {row.series}, {time}{row.first_time} to {row.last_time}, {part}".strip())


def _listed(shipped: object, kind: str, selected: str) -> list[str]:
    keys = [*shipped, *st.session_state.get(kind, [])]  # type: ignore[misc]  # any iterable of keys
    return [*keys, selected] if selected and selected not in keys else keys


def _select(label: str, key: str, options: list[str], selected: str, name: object, change: object) -> None:
    st.session_state[key] = selected if selected in options else None
    st.selectbox(label, options, key=key, format_func=name, on_change=change, placeholder="none", index=None)  # type: ignore[call-overload]


def title_of(kind: Kind, key: str) -> str:
    """Return the title of a sample, or the name that something kept was given."""
    return SAMPLES[key].title if key in SAMPLES else open_workspace().find(kind, key).name


def _data_name(key: str) -> str:
    return title_of("data", key)


def model_name(key: str) -> str:
    """Return a model's name as the visitor knows it."""
    return title_of("model", key) + (" (shipped)" if key in SAMPLES else "")


def _change_data() -> None:
    key = st.session_state["sidebar_data"]
    if key in SAMPLES:
        open_sample(key)
    elif key:
        choose(data=key, model="", setup="")


def _change_model() -> None:
    choose(model=st.session_state["sidebar_model"] or "", setup="")


def _change_window() -> None:
    choose(window=st.session_state["sidebar_window"])
