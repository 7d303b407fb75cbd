"""The sidebar of every page: data, model and window; and the lesson, a link that opens a page without it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import streamlit as st

from complex_lstm.model.device import device_name, pick_device
from complex_lstm.samples import SAMPLES, shipped_models
from complex_lstm.ui.compute import cache
from complex_lstm.ui.interventions.resolve import read_setting
from complex_lstm.ui.session.link import write_parameters
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.scene import MODELS, UPLOADS, chosen_scene, describe_window, model_name, open_sample, page, title_of
from complex_lstm.ui.session.state import FIXED, FREE, Selection, choose, current, lesson_link

WAY_OUT = "Leave the lesson and show all controls"

FROM_ONE = {"layer": "attention layer", "head": "attention head"}  # counted from 0 in the selection, from 1 on the screen
NAMED = {
    "view": "view", "target": "output", "map": "map", "query": "query step", "key": "key step", "baseline": "baseline",
    "reference": "baseline window", "scale": "scale", "methods": "methods", "versus": "compared with", "other": "the other",
}  # fmt: skip
CONTROLS = (
    "stSelectbox", "stMultiSelect", "stNumberInput", "stTextInput", "stSlider", "stCheckbox", "stRadio", "stButtonGroup", "stButton",
    "stFileUploader", "stDownloadButton", "stPopover", "stPageLink", "stTabs",
)  # fmt: skip
SHOWN = ".st-key-lesson_leave *, .st-key-tour_question *"  # the button that leaves the lesson, and the question for the class


def draw_sidebar(*, away_from_tour: bool) -> None:
    """Draw the selectors and the device; away from the tour also a link back to the tour's page, if the visitor was in the tour."""
    selection = current()
    with st.sidebar:
        if selection.tour.page and away_from_tour:
            st.page_link(page("tour"), label=f"Back to page {selection.tour.page} of the tour", icon="🧭")
        data = _listed(SAMPLES, UPLOADS, selection.opened.data)
        _select("Data", "sidebar_data", data, selection.opened.data, lambda key: title_of("data", key), _change_data)
        if selection.opened.data:
            models = [key for key in _listed(shipped_models(), MODELS, selection.opened.model) if cache.fits(selection.opened.data, key)]
            _select("Model", "sidebar_model", models, selection.opened.model, model_name, _change_model)
        if selection.is_open:
            scene = chosen_scene(selection)
            last = len(scene.dataset.windows) - 1
            st.session_state["sidebar_window"] = scene.number
            st.number_input(f"Window (0 to {last})", 0, last, key="sidebar_window", on_change=_change_window)
            st.caption(describe_window(scene))
        st.caption(f"Device: {device_name(pick_device())}")


def _listed(shipped: Iterable[str], kind: str, selected: str) -> list[str]:
    keys = [*shipped, *st.session_state.get(kind, [])]
    return [*keys, selected] if selected and selected not in keys else keys


def _select(label: str, key: str, options: list[str], selected: str, name: Callable[[str], str], change: Callable[[], None]) -> None:
    st.session_state[key] = selected if selected in options else None
    st.selectbox(label, options, key=key, format_func=name, on_change=change, placeholder="none", index=None)


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


def open_lesson() -> None:
    """Draw in words what the sidebar would show, and the button that leaves the lesson for the whole app."""
    with st.container(horizontal=True, vertical_alignment="center", key="lesson_head"):
        st.markdown(f"**This lesson shows** {'; '.join(_describe(current())) or 'the page as it opens'}.")
        st.button(WAY_OUT, key="lesson_leave", type="tertiary", on_click=choose, kwargs={"lesson": None})
    if current().lesson == FIXED:
        listed = ", ".join(f'[data-testid="{name}"]' for name in CONTROLS)
        st.html(f'<style>[data-testid="stMain"] :is({listed}):not({SHOWN}) {{ display: none; }}</style>')


def offer_lesson() -> None:
    """Draw the link to a lesson on what is shown now. Call it after the page, which may have changed the selection."""
    with st.sidebar, st.popover("Link for a class", key="lesson_offer"):
        st.markdown(
            "This link opens this page as it is now, on this data, model and window, without the controls beside it. It works for everyone "
            "who can reach this installation; uploaded data and models exist only here."
        )
        fixed = st.checkbox("Hide the page's own controls too", key="lesson_fixed", persist_state="session")
        st.code(lesson_link(FIXED if fixed else FREE), language=None, wrap_lines=True)
        st.markdown("The guided tour has a hand-out for a class, and `docs/arithmetic.ipynb` does its arithmetic in a notebook.")


def _describe(selection: Selection) -> Iterator[str]:
    """Yield in words what the lesson shows: data and model, window, the rest of the selection, and the switches of the Bench."""
    if not selection.is_open:
        return
    scene = chosen_scene(selection)
    yield plain(f"{title_of('data', selection.opened.data)}, model {model_name(selection.opened.model)}")
    yield f"window {scene.number} ({describe_window(scene)})"
    link = write_parameters(selection)
    for name, words in (FROM_ONE | NAMED).items():
        if value := link.get(name):
            yield plain(f"{words} {int(value) + 1 if name in FROM_ONE else value}")
    if selection.interventions:
        yield plain(f"switched on the Bench: {read_setting(scene).words(scene)}")
