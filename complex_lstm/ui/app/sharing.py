"""Sharing a view where visitors are told apart: its link is made under "Share", and whoever follows it sees that view alone."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from complex_lstm.samples import SAMPLES
from complex_lstm.shares import Share, find_share, make_share
from complex_lstm.ui.app.addresses import PageEntry
from complex_lstm.ui.compute.sources import find_source
from complex_lstm.ui.compute.visitor import current_visit
from complex_lstm.ui.session.messages import keep_errors, plain
from complex_lstm.ui.session.scene import chosen_scene, describe_window, model_name, title_of
from complex_lstm.ui.session.state import NOTE, current, end_page, forget, outside_address, view_parameters

MADE = "share_made"  # what was open when this session made its last link, and the link's bits


def is_ones_own() -> bool:
    """Return whether something is open that only this visitor has."""
    opened = current().opened
    return bool(opened.setup) or opened.data not in SAMPLES or opened.model.partition("~")[0] not in SAMPLES


def offer_share() -> None:
    """Draw the button that makes a link to what is open, and the link."""
    opened, link = current().opened, st.session_state.get(MADE)
    st.markdown(
        "What is open here is yours: others see nothing of it. A read-only link shows whoever has it **this data, this model and this "
        "window**, as you see them, and nothing else of yours. You can take it back on the Start page, under “What is kept here”."
    )
    st.button("Make a read-only link", key="share_make", icon="🔗", on_click=keep_errors(_make))
    if link and link[0] == opened:
        address = f"{outside_address(str(st.context.url))}?{urlencode(view_parameters() | {'share': link[1]})}"
        st.code(address, language=None, wrap_lines=True)


def _make() -> None:
    st.session_state[MADE] = (current().opened, share_view())


def share_view() -> str:
    """Make a read-only link to the view that is open, and return its bits.

    Raises:
        WorkspaceError: it cannot be kept.
    """
    selection = current()
    opened, scene = selection.opened, chosen_scene(selection)
    model = opened.model.partition("~")[0]
    things = {("data", find_source(opened.data).data), ("reading", opened.data), ("model", model), ("setup", opened.setup)}
    name = f"{title_of('data', opened.data)}, {model_name(opened.model)}, window {scene.number}"
    share = Share(
        current_visit().owner, opened.data, opened.model, opened.setup, opened.stride or 0, scene.number, opened.temperature,
        tuple(sorted(things)), name, when=0.0,
    )  # fmt: skip
    return make_share(share)


def end_unshared(entry: PageEntry) -> None:
    """End the page where the link that was followed shows nothing, or the page looks at more than one view."""
    share = find_share(current().share)
    if share is None or share.is_taken_back:
        why = "taken back by whoever shared it" if share else "not one that was made here"
        st.error(f"This link shows nothing: it was {why}.", icon="🔗")
    elif not entry.has_window:
        st.info("This link shows one view of somebody else's, to look at. It is on the pages under Model and Learn.", icon="🔗")
    else:
        return
    _offer_way_out()
    end_page()


def open_shared(title: str) -> None:
    """Draw the page's title, what is shown, and the button that leaves it.

    Raises:
        WorkspaceError: its owner has deleted what it shows.
    """
    st.title(title, anchor=False)
    scene, opened = chosen_scene(current()), current().opened
    with st.container(horizontal=True, vertical_alignment="center", key="share_head"):
        st.markdown(
            f"🔗 **Shared with you, to look at:** {plain(title_of('data', opened.data))}, model {plain(model_name(opened.model))}, window "
            f"{scene.number} ({describe_window(scene)})."
        )
        _offer_way_out()
    if note := st.session_state.pop(NOTE, ""):
        st.info(note, icon="🔒")


def _offer_way_out() -> None:
    st.button("Leave it, for your own workspace", key="share_leave", type="tertiary", on_click=forget)
