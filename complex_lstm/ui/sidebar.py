"""The sidebar: which data, which model, which window, on every page."""

from __future__ import annotations

import numpy as np
import streamlit as st

from complex_lstm.inference import window_frame
from complex_lstm.model.device import device_name, pick_device
from complex_lstm.samples import SAMPLES
from complex_lstm.ui import cache
from complex_lstm.ui.cache import Scene
from complex_lstm.ui.messages import plain
from complex_lstm.ui.scene import first_window, open_sample
from complex_lstm.ui.state import choose, current
from complex_lstm.workspace import open_workspace

UPLOADS, MODELS = "session_uploads", "session_models"


def remember(kind: str, key: str) -> None:
    """Offer an upload or a model in this session's lists."""
    known = st.session_state.setdefault(kind, [])
    if key not in known:
        known.append(key)


def draw_sidebar() -> None:
    """Draw the selectors and say what is in use."""
    selection = current()
    with st.sidebar:
        data = _listed(SAMPLES, UPLOADS, selection.data)
        _select("Data", "sidebar_data", data, selection.data, _data_name, _change_data)
        if selection.data:
            models = [
                key
                for key in _listed([k for k in SAMPLES if SAMPLES[k].checkpoint.exists()], MODELS, selection.model)
                if cache.fits(selection.data, key)
            ]
            _select("Model", "sidebar_model", models, selection.model, model_name, _change_model)
        if selection.data and selection.model:
            _choose_window()
        st.caption(f"Device: {device_name(pick_device())}")


def _choose_window() -> None:
    selection = current()
    keys = (selection.data, selection.model, selection.setup, selection.stride or 0)
    made = cache.dataset(*keys)
    last = len(made.windows) - 1
    shown = min(selection.window if selection.window is not None else first_window(keys), last)
    st.session_state["sidebar_window"] = shown
    st.number_input(f"Window (0 to {last})", 0, last, key="sidebar_window", on_change=_change_window)
    st.caption(describe_window(Scene(keys, made, cache.checkpoint(selection.model), shown)))


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


def _data_name(key: str) -> str:
    return SAMPLES[key].title if key in SAMPLES else open_workspace().find("data", key).name


def model_name(key: str) -> str:
    """Return a model's name as the visitor knows it."""
    return f"{SAMPLES[key].title} (shipped)" if key in SAMPLES else open_workspace().find("model", key).name


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
