"""The sidebar of every page: data, model and window."""

from __future__ import annotations

import streamlit as st

from complex_lstm.model.device import device_name, pick_device
from complex_lstm.samples import SAMPLES, shipped_models
from complex_lstm.ui.compute import cache
from complex_lstm.ui.session.labels import MODELS, UPLOADS, describe_window, model_name, title_of
from complex_lstm.ui.session.scene import chosen_scene, open_sample, page
from complex_lstm.ui.session.state import choose, current


def draw_sidebar(*, away_from_tour: bool) -> None:
    """Draw the selectors and the device; away from the tour also a link back to the tour's page, if the visitor was on one."""
    selection = current()
    with st.sidebar:
        if selection.tour.page and away_from_tour:
            st.page_link(page("tour"), label=f"Back to page {selection.tour.page} of the tour", icon="🧭")
        data = _listed(SAMPLES, UPLOADS, selection.opened.data)
        _select("Data", "sidebar_data", data, selection.opened.data, _data_name, _change_data)
        if selection.opened.data:
            models = [key for key in _listed(shipped_models(), MODELS, selection.opened.model) if cache.fits(selection.opened.data, key)]
            _select("Model", "sidebar_model", models, selection.opened.model, model_name, _change_model)
        if selection.is_open:
            _choose_window()
        st.caption(f"Device: {device_name(pick_device())}")


def _choose_window() -> None:
    scene = chosen_scene(current())
    last = len(scene.dataset.windows) - 1
    st.session_state["sidebar_window"] = scene.number
    st.number_input(f"Window (0 to {last})", 0, last, key="sidebar_window", on_change=_change_window)
    st.caption(describe_window(scene))


def _listed(shipped: object, kind: str, selected: str) -> list[str]:
    keys = [*shipped, *st.session_state.get(kind, [])]  # type: ignore[misc]  # any iterable of keys
    return [*keys, selected] if selected and selected not in keys else keys


def _select(label: str, key: str, options: list[str], selected: str, name: object, change: object) -> None:
    st.session_state[key] = selected if selected in options else None
    st.selectbox(label, options, key=key, format_func=name, on_change=change, placeholder="none", index=None)  # type: ignore[call-overload]


def _data_name(key: str) -> str:
    return title_of("data", key)


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
