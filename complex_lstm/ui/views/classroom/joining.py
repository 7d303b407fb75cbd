"""How a pupil joins the class on Start, and what Start says to one who has joined."""

from __future__ import annotations

import streamlit as st

from complex_lstm.classroom.door import LONGEST_NAME, Pupil, come_back, join, leave
from complex_lstm.classroom.storage import Classroom
from complex_lstm.config.lesson import LONGEST_CODE
from complex_lstm.ui.compute.visitor import current_visit
from complex_lstm.ui.session.classroom import classroom, current_pupil, lesson_parameters, lesson_title
from complex_lstm.ui.session.messages import keep_errors, plain
from complex_lstm.ui.session.scene import page
from complex_lstm.ui.session.state import open_link


def show_joining() -> None:
    """Draw the form to join the class, or the way to the lesson for one who has; nothing where no class is taught."""
    room = classroom()
    if room is None:
        return
    pupil = current_pupil()
    with st.container(border=True, key="start_class"):
        st.header(plain(lesson_title(room.lesson)))
        if pupil:
            _welcome(room, pupil)
        else:
            _ask(room)


def _ask(room: Classroom) -> None:
    with st.form("start_join", border=False, enter_to_submit=True):
        left, right = st.columns(2)
        left.text_input("Join code", key="start_join_code", max_chars=LONGEST_CODE, autocomplete="off", placeholder="from your teacher")
        if room.lesson.names == "own":
            right.text_input("Your name, or a pseudonym", key="start_join_name", max_chars=LONGEST_NAME, autocomplete="off")
        st.form_submit_button("Join the class", key="start_join_do", type="primary", on_click=keep_errors(_join), args=(room,))
        st.caption(
            "Your teacher sees this name, where you are in the lesson, what you answer and what you hand in; other pupils see none of it."
            + ("" if room.lesson.names == "own" else " You are given a pseudonym.")
        )
    with st.expander("I have joined before, on another device", key="start_back"):
        st.text_input("Your own code", key="start_back_code", max_chars=LONGEST_CODE, autocomplete="off")
        st.button("Go on here", key="start_back_do", on_click=keep_errors(_come_back), args=(room,))


def _welcome(room: Classroom, pupil: Pupil) -> None:
    st.markdown(f"You are in the class as **{plain(pupil.name)}**.")
    if st.button("Go to the lesson", key="start_lesson", type="primary"):
        open_link(lesson_parameters(room.lesson))
        st.switch_page(page("tour"))
    with st.expander("Go on at another device, or leave", key="start_own_code"):
        st.markdown(
            f"Your own code is **{pupil.code}**. On another device open this page, and give it under “I have joined before”: your answers "
            "are there. Tell it to nobody."
        )
        st.button("Leave the class on this device", key="start_leave", on_click=keep_errors(_leave), args=(room,))
        st.caption("What you have answered stays. On a device that others use too, leave at the end; your own code brings you back.")


def _join(room: Classroom) -> None:
    join(room, current_visit().owner, st.session_state.get("start_join_code") or "", st.session_state.get("start_join_name") or "")


def _come_back(room: Classroom) -> None:
    come_back(room, current_visit().owner, st.session_state.get("start_back_code") or "")


def _leave(room: Classroom) -> None:
    leave(room, current_visit().owner)
