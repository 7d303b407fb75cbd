"""What a class adds to every page: the pupil's or teacher's strip at its top, the view that the room follows, and what is recorded."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from complex_lstm.classroom.door import Pupil, is_teacher, pupil_of
from complex_lstm.classroom.storage import Classroom
from complex_lstm.classroom.view import let_go, show, shown
from complex_lstm.classroom.work import LONGEST_COMMENT, HandIn, changes_of_work, hand_in, hand_ins_of, record_place
from complex_lstm.shares import find_share, take_back
from complex_lstm.ui.app.addresses import CLASS, PageEntry
from complex_lstm.ui.app.sharing import is_ones_own, share_view
from complex_lstm.ui.components.class_pulse import class_pulse
from complex_lstm.ui.compute.login import owner_in
from complex_lstm.ui.compute.visitor import current_visit
from complex_lstm.ui.session.classroom import classroom, current_pupil, is_current_teacher, lesson_parameters
from complex_lstm.ui.session.link import write_parameters
from complex_lstm.ui.session.messages import keep_errors, plain
from complex_lstm.ui.session.page_jobs import PAGE
from complex_lstm.ui.session.scene import chosen_scene, describe_window, is_ready, model_name, page, title_of
from complex_lstm.ui.session.state import FIXED, current, is_lesson, open_link, view_parameters
from complex_lstm.ui.views.tour.position import page_number

FOLLOWED = "class_followed"  # of the session: the version of the view that a pupil's page shows
BEFORE = "class_before"  # of the session: page and link of a pupil before the room followed
LENT = "class_lent"  # of the session: what the teacher shows of their own, and the bits of the read-only link to it
SHOWN_IN = ("Model", "Learn")  # sections whose pages the room follows to
OF_ONE = ("lesson", "present", "predicted")  # parameters of a link that are nobody else's


def news_of(room: Classroom, owner: str) -> str:
    """Return what changes when a visitor's page in the class has something new to show: nothing that tells of others.

    Raises:
        WorkspaceError: the class's file cannot be read.
    """
    if is_teacher(room, owner):
        return f"work {changes_of_work(room)}"
    return f"view {shown(room).version}" if pupil_of(room, owner) else ""


def answer_now(request: Request) -> Response:
    """Answer `/class/now`, which the pages of a class ask every two seconds."""
    room = classroom()
    owner = owner_in(request.cookies)
    return PlainTextResponse(news_of(room, owner) if room and owner else "", headers={"cache-control": "no-store"})


def class_routes(base: str) -> list[Route]:
    """Return that address below a base path. It is answered in threads."""
    return [Route(f"/{base.strip('/')}".rstrip("/") + "/class/now", answer_now)]


def follow() -> str:
    """Open what the teacher shows, or what a pupil had open before; return the page for it, "" where any page is right.

    Call it when the selection is read, before anything is drawn.
    """
    room = classroom()
    if room is None or is_current_teacher() or current_pupil() is None:
        return ""
    seen = shown(room)
    st.session_state[FOLLOWED] = seen.version
    if seen.page:
        if BEFORE not in st.session_state:
            here = st.session_state.get(PAGE)  # None in a session that has just begun, for instance by a reload
            st.session_state[BEFORE] = ("tour", lesson_parameters(room.lesson)) if here is None else (here or "start", _own_link())
        open_link(dict(parse_qsl(seen.link)) | {"lesson": str(FIXED)})
        return seen.page
    if before := st.session_state.pop(BEFORE, None):
        open_link(before[1])
        return str(before[0])
    return ""


def _own_link() -> dict[str, str]:
    return view_parameters() if current().share else write_parameters(current())


def draw_strip(entry: PageEntry) -> None:
    """Draw above a page what a pupil or the teacher can do on every page; nothing where no class is taught, or for a projector."""
    room = classroom()
    if room is None:
        return
    record_visit(entry)
    pupil, is_taught = current_pupil(), is_current_teacher()
    if pupil and not is_taught and not current().present:
        _draw_for_pupil(room, pupil, entry)
    if is_taught and not current().present:
        _draw_for_teacher(room, entry)
    if is_taught and entry == CLASS:
        class_pulse(news_of(room, current_visit().owner), component_key="class_pulse")
    elif pupil and not is_taught:
        class_pulse(f"view {st.session_state.get(FOLLOWED)}", component_key="class_pulse")  # what it shows, not what has come since


def record_visit(entry: PageEntry) -> None:
    """Record where a pupil is, or have the room follow the teacher.

    Call it before a page, which may end itself early, and after it, because it may change the selection.
    """
    room = classroom()
    if room is None:
        return
    if is_current_teacher():
        if entry.section in SHOWN_IN and shown(room).page:
            _show(room, entry)
    elif pupil := current_pupil():
        record_place(room, pupil, f"{entry.title}, page {page_number()}" if entry.stem == "tour" else entry.title)


def _draw_for_pupil(room: Classroom, pupil: Pupil, entry: PageEntry) -> None:
    """Draw who one is in the class, the way to the lesson, and the form that hands in the window; while the room follows, that it does."""
    if BEFORE in st.session_state:
        st.html("<style>.st-key-lesson_leave { display: none; }</style>")  # it would have no effect
        st.info("Your teacher shows this to all. When they let go, you are back where you were.", icon="📣")
        return
    with st.container(horizontal=True, vertical_alignment="center", key="class_strip"):
        st.markdown(f"🏫 **{plain(pupil.name)}**", width="content")
        if not (entry.stem == "tour" and is_lesson()) and st.button("Go to the lesson", key="class_lesson", type="primary"):
            open_link(lesson_parameters(room.lesson))
            st.switch_page(page("tour"))
        if entry.has_window and is_ready(current()):
            with st.popover("Hand in this window", key="class_hand_in"):
                _offer_hand_in(room, pupil, entry)


def _offer_hand_in(room: Classroom, pupil: Pupil, entry: PageEntry) -> None:
    st.markdown(plain(room.lesson.hand_in))
    if is_ones_own() and not current().share:
        st.markdown("This data or model is yours alone: your teacher gets a read-only link to this view, which you can take back on Start.")
    st.text_area("Comment", key="class_comment", max_chars=LONGEST_COMMENT, placeholder="What does this window show?")
    st.button("Hand in", key="class_hand_in_do", type="primary", on_click=keep_errors(_hand_in), args=(room, pupil, entry))
    if handed := hand_ins_of(room, pupil):
        st.markdown(f"Handed in so far: {len(handed)}.\n" + "\n".join(f"- {plain(one.window)}: {plain(one.comment)}" for one in handed))


def _hand_in(room: Classroom, pupil: Pupil, entry: PageEntry) -> None:
    comment = st.session_state.get("class_comment") or ""
    hand_in(room, pupil, HandIn(entry.stem, urlencode(link_for_others()), _window_words(), comment))
    st.session_state["class_comment"] = ""
    st.toast("Your teacher has it.", icon="📬")


def _window_words() -> str:
    scene, opened = chosen_scene(current()), current().opened
    where = describe_window(scene, escaped=False)
    return f"{title_of('data', opened.data)}, model {model_name(opened.model)}, window {scene.number} ({where})"


def link_for_others() -> dict[str, str]:
    """Return what a link carries that shows others what is on the screen; what one has alone by a read-only link, made now.

    Raises:
        WorkspaceError: that link cannot be kept.
    """
    is_alone = is_ready(current()) and is_ones_own() and not current().share
    link = view_parameters() | {"share": share_view()} if is_alone else _own_link()
    return {name: value for name, value in link.items() if name not in OF_ONE}


def _draw_for_teacher(room: Classroom, entry: PageEntry) -> None:
    """Draw the button by which the room follows, or is let go."""
    is_shown, can_show = bool(shown(room).page), entry.section in SHOWN_IN
    if not is_shown and not can_show:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="class_strip"):
        if is_shown:
            follows = "and follows you from page to page under Model and Learn" if can_show else "as you left it, until you go on there"
            st.markdown(f"📣 **The room sees your view**, {follows}.", width="content")
            st.button("Let the room go", key="class_let_go", type="primary", on_click=keep_errors(_let_go), args=(room,))
        else:
            st.button("Show all: the room follows me", key="class_show", icon="📣", on_click=keep_errors(_show), args=(room, entry))
            if is_ready(current()) and is_ones_own() and not current().share:
                st.caption("What is open is yours alone: the room sees this view by a read-only link, until you let go.", width="content")


def _show(room: Classroom, entry: PageEntry) -> None:
    """Have the room follow to the teacher's view. What the teacher has alone is lent for as long as it is shown."""
    opened, lent = current().opened, st.session_state.get(LENT)
    if lent and lent[0] == opened:
        link = {name: value for name, value in view_parameters().items() if name not in OF_ONE} | {"share": lent[1]}
    else:
        link = link_for_others()
        _take_back_lent()
        if "share" in link and not current().share:
            st.session_state[LENT] = (opened, link["share"])
    show(room, entry.stem, urlencode(link))


def _let_go(room: Classroom) -> None:
    let_go(room)
    _take_back_lent()


def _take_back_lent() -> None:
    lent = st.session_state.pop(LENT, None)
    share = find_share(lent[1]) if lent else None
    if share and not share.is_taken_back:
        take_back(share.key, share.owner)
