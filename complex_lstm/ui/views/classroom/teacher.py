"""The teacher's page: who is where, who has answered what, what was handed in, and the tables to take along."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from html import escape
from urllib.parse import parse_qsl

import pandas as pd
import segno
import streamlit as st

from complex_lstm.classroom.door import FLOOD_SECONDS, admit_teacher, dismiss_teacher, remove, set_door, wrong_codes
from complex_lstm.classroom.storage import Classroom
from complex_lstm.classroom.tables import answers_csv, hand_ins_csv, pupils_csv
from complex_lstm.classroom.work import Answer, Record, class_records
from complex_lstm.config.lesson import LONGEST_TEXT, pages_in
from complex_lstm.config.serving import served
from complex_lstm.ui.compute.visitor import as_now, current_visit
from complex_lstm.ui.session.classroom import classroom, is_current_teacher, lesson_title
from complex_lstm.ui.session.messages import keep_errors, plain
from complex_lstm.ui.session.mirrored import mirrored
from complex_lstm.ui.session.scene import page
from complex_lstm.ui.session.state import end_page, open_link, outside_address

MARKS = "“right” is right at the first answer, “later” right after another one, “wrong” not right yet"


def open_class() -> Classroom:
    """Return the class for its teacher; for others draw the form that asks for the teacher's key, and end the page."""
    room = classroom()
    if room is None:
        st.info("No class is taught here.", icon="🏫")
        end_page()
    if not is_current_teacher():
        with st.form("class_key", border=False, enter_to_submit=True):
            st.text_input("Teacher's key", key="class_teacher_key", type="password", max_chars=LONGEST_TEXT, autocomplete="off")
            st.form_submit_button("Open the teacher's page", key="class_enter", on_click=keep_errors(_enter), args=(room,))
            st.caption("The key was printed where the server was started, or is in its lesson. Pupils join on the Start page.")
        end_page()
    return room


def _enter(room: Classroom) -> None:
    admit_teacher(room, current_visit().owner, st.session_state.pop("class_teacher_key", ""))


def show_door(room: Classroom) -> None:
    """Draw how pupils come in: the address with its QR code, the join code, and the switch that closes the door."""
    st.header(plain(lesson_title(room.lesson)))
    told = served()
    address = told.server.link if told else outside_address(str(st.context.url))
    words, picture = st.columns([4, 1], vertical_alignment="center")
    with words:
        st.markdown(f"Pupils open **{plain(address)}** and join with the code")
        st.markdown(f"## {plain(room.code)}")
        st.toggle("Pupils can join", **mirrored("class_door", room.fact("door") != "closed", keep_errors(_set_door), room))
        if tried := wrong_codes(room):
            st.warning(f"{tried} wrong code{'s' if tried > 1 else ''} tried within {FLOOD_SECONDS} s.", icon="🚪")
    drawn = segno.make(address, error="m").svg_data_uri(scale=4, light="#ffffff")
    picture.html(f'<img src="{escape(drawn)}" alt="QR code of {escape(address)}" style="width:100%;max-width:170px">')


def _set_door(room: Classroom) -> None:
    set_door(room, is_open=bool(st.session_state["class_door"]))


def show_pupils(room: Classroom, records: list[Record]) -> None:
    """Draw who is where and who has answered what, a row for each pupil and a column for each page of the lesson."""
    st.header(f"Pupils ({len(records)})")
    if not records:
        st.info("Nobody has joined yet. This page shows by itself who does.", icon="⏳")
        return
    pages = pages_in(room.lesson.in_link)
    table = pd.DataFrame(
        [
            {"Pupil": who.shown_name, "Where": who.place, "Last seen": _clock(who.seen)}
            | {str(number): _mark(who, number) for number in pages}
            | {"Handed in": len(who.hand_ins)}
            for who in records
        ]
    )
    st.dataframe(table, hide_index=True, key="class_pupils", alt="Pupils, where they are, and their answers by page of the tour")
    st.caption(f"Numbers are pages of the tour. {MARKS}. Of answers on several windows the latest counts here; the CSV has all.")
    with st.expander("Own codes, and removing somebody", key="class_codes"):
        st.markdown("With their own code pupils go on at another device, or after their browser has forgotten them.")
        codes = pd.DataFrame({"Pupil": [who.shown_name for who in records], "Own code": [who.pupil.code for who in records]})
        st.dataframe(codes, hide_index=True, key="class_own_codes", alt="Pupils and their own codes")
        names = {who.pupil.number: who.shown_name for who in records}
        chosen = st.selectbox("Remove", [*names], format_func=names.__getitem__, index=None, key="class_remove", placeholder="nobody")
        if chosen is not None:
            st.button(
                f"Remove {plain(names[chosen])} with all answers, for good", key="class_remove_do", on_click=keep_errors(remove),
                args=(room, chosen),
            )  # fmt: skip


def _mark(who: Record, number: int) -> str:
    answer = _latest(who, number)
    if answer is None:
        return ""
    return ("right" if answer.at_first else "later") if answer.is_right else "wrong"


def _latest(who: Record, number: int) -> Answer | None:
    return max((one for one in who.answers if one.page == number), key=lambda one: one.moment, default=None)


def show_answers(room: Classroom, records: list[Record], titles: Callable[[int], str]) -> None:
    """Draw for a page of the lesson how often each answer was given, without names, to talk about it with the class.

    `titles` returns the title of a page of the tour.
    """
    given = {number: [one for who in records if (one := _latest(who, number))] for number in pages_in(room.lesson.in_link)}
    answered = [number for number, answers in given.items() if answers]
    if not answered:
        return
    st.header("Answers by page")
    chosen = st.selectbox("Page", answered, format_func=lambda number: f"{number}. {titles(number)}", key="class_page")
    first, latest = (Counter(words) for words in zip(*((one.first_words, one.latest_words) for one in given[chosen]), strict=True))
    right = {one.latest_words for one in given[chosen] if one.is_right}
    rows = [
        {"Answer": words, "First": first[words], "Latest": latest[words], "Right": "yes" if words in right else ""}
        for words, _ in (first + latest).most_common()
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="class_answers", alt="Answers of the page and how often each was given")
    st.caption(f"{len(given[chosen])} of {len(records)} have answered. An answer that nobody has right in the end is not marked.")


def show_hand_ins(records: list[Record]) -> None:
    """Draw what was handed in, and open one: the teacher can then show it to all."""
    handed = [(who, one) for who in records for one in who.hand_ins]
    if not handed:
        return
    st.header(f"Handed in ({len(handed)})")
    rows = [{"Pupil": who.shown_name, "Window": one.window, "Comment": one.comment, "Time": _clock(one.moment)} for who, one in handed]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="class_handed", alt="Windows that pupils have handed in, with their comments")
    labels = [f"{number + 1}. {who.shown_name}: {one.window}" for number, (who, one) in enumerate(handed)]
    chosen = st.selectbox("Open", range(len(handed)), format_func=labels.__getitem__, key="class_open")
    if st.button("Open this window", key="class_open_do"):
        _, one = handed[chosen]
        open_link(dict(parse_qsl(one.link)))
        st.switch_page(page(one.page))


def offer_tables(room: Classroom) -> None:
    """Draw the downloads, of what there is when they are pressed, and the button that leaves the teacher's page."""
    address, name = outside_address(str(st.context.url)).removesuffix("class"), room.lesson.name
    tables = {
        "answers": lambda: answers_csv(class_records(room)).encode(),
        "hand_ins": lambda: hand_ins_csv(class_records(room), address).encode(),
        "pupils": lambda: pupils_csv(class_records(room)).encode(),
    }
    with st.container(horizontal=True, key="class_take"):
        for kind, make in tables.items():
            label = f"{kind.replace('_', '-').capitalize()} (CSV)"
            st.download_button(label, as_now(make), f"{name}_{kind}.csv", "text/csv", key=f"class_take_{kind}", on_click="ignore")
        st.button(
            "Leave the teacher's page on this device", key="class_leave", on_click=dismiss_teacher, args=(room, current_visit().owner)
        )
    st.caption(f"All of it lies in {room.file} on the server. Whoever runs it deletes that file when the class is over.")


def _clock(moment: float) -> str:
    return datetime.fromtimestamp(moment).strftime("%H:%M:%S") if moment else ""
