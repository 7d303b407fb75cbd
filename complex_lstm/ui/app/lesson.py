"""A lesson: a link that opens a page on fixed data, model and view, without the controls beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import streamlit as st

from complex_lstm.ui.interventions.resolve import read_setting
from complex_lstm.ui.session.link import write_parameters
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.scene import chosen_scene, describe_window, is_ready, model_name, title_of
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


def open_lesson(title: str) -> None:
    """Draw the page's title, in words what the bar would show, and the button that leaves the lesson for the whole app."""
    with st.container(horizontal=True, vertical_alignment="center", key="lesson_head"):
        st.title(title, width="content", anchor=False)
        st.markdown(f"**This lesson shows** {'; '.join(_describe(current())) or 'the page as it opens'}.")
        st.button(WAY_OUT, key="lesson_leave", type="tertiary", on_click=choose, kwargs={"lesson": None})
    if current().lesson == FIXED:
        listed = ", ".join(f'[data-testid="{name}"]' for name in CONTROLS)
        st.html(f'<style>[data-testid="stMain"] :is({listed}):not({SHOWN}) {{ display: none; }}</style>')


def offer_lesson(offer_share: Callable[[], None] | None = None) -> None:
    """Draw the link to a lesson on what is shown now, and the one for a projector.

    Of what only this visitor has, a lesson would show others nothing: `offer_share` then draws the link that shows it to them.
    """
    with st.popover("Share", key="lesson_offer"):
        st.button("Show it on a projector", key="present_enter", icon="📽️", on_click=choose, kwargs={"present": 1})
        if offer_share:
            offer_share()
            return
        st.markdown(
            "This link opens this page as it is now, on this data, model and window, without the controls beside it. It works for everyone "
            "who can reach this installation; uploaded data and models exist only here."
        )
        fixed = st.checkbox("Hide the page's own controls too", key="lesson_fixed", persist_state="session")
        st.code(lesson_link(FIXED if fixed else FREE), language=None, wrap_lines=True)
        st.markdown("The guided tour has a hand-out for a class, and `docs/arithmetic.ipynb` does its arithmetic in a notebook.")


def _describe(selection: Selection) -> Iterator[str]:
    """Yield in words what the lesson shows: data and model, window, the rest of the selection, and the switches."""
    if not is_ready(selection):
        return
    scene = chosen_scene(selection)
    yield plain(f"{title_of('data', selection.opened.data)}, model {model_name(selection.opened.model)}")
    yield f"window {scene.number} ({describe_window(scene)})"
    link = write_parameters(selection)
    for name, words in (FROM_ONE | NAMED).items():
        if value := link.get(name):
            yield plain(f"{words} {int(value) + 1 if name in FROM_ONE else value}")
    if selection.interventions:
        yield plain(f"switched: {read_setting(scene).words(scene)}")
