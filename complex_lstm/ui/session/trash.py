"""Deleting: it moves to the trash of the workspace, is told, and can be undone, on the page of the click and on the Start page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from complex_lstm.ui.compute.visitor import open_workspace
from complex_lstm.ui.session.messages import keep_errors, plain
from complex_lstm.workspace import KEPT_DAYS, Discarded

LAST = "trash_last"  # what this session has deleted last, until it is brought back or another page is opened


def discard(place: Path, kind: str, name: str) -> None:
    """Move a folder of the workspace to the trash.

    Raises:
        WorkspaceError: it is not there any more, or the workspace cannot be written.
    """
    st.session_state[LAST] = (*st.session_state.get(LAST, ())[-9:], open_workspace().discard(place, kind, name))


def offer_undo() -> None:
    """Draw what has been deleted last, and the button that brings it back."""
    deleted: tuple[Discarded, ...] = st.session_state.get(LAST, ())
    if not deleted:
        return
    names = ", ".join(f"the {one.kind} {plain(one.name)}" for one in deleted)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"🗑️ Deleted: {names}. It stays in the trash for {KEPT_DAYS} days, which the Start page shows.")
        st.button("Undo", key="trash_undo", icon="↩️", on_click=keep_errors(_undo))


def _undo() -> None:
    for one in st.session_state.pop(LAST, ()):
        open_workspace().restore(one.key)
