"""What the workspace keeps: files and models with their sizes and ages, deleted here and brought back from the trash."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pandas as pd
import streamlit as st

from complex_lstm.disk import size_of
from complex_lstm.errors import WorkspaceError
from complex_lstm.shares import Share, shares_of, take_back
from complex_lstm.ui.compute.visitor import current_visit, open_workspace
from complex_lstm.ui.session.messages import caption, keep_errors
from complex_lstm.ui.session.runs import all_runs
from complex_lstm.ui.session.state import choose, current
from complex_lstm.ui.session.trash import LAST, discard, offer_undo
from complex_lstm.visitors import are_apart
from complex_lstm.workspace import KEPT_DAYS, LIMIT_VARIABLE, Discarded, Kind, limit_bytes

KINDS: dict[str, str] = {"data": "file", "model": "model", "recipe": "recipe"}  # those that somebody has given
CHOSEN, CHOSEN_TRASH, CHOSEN_SHARES = "start_kept_chosen", "start_trash_chosen", "start_shares_chosen"


@dataclass(frozen=True)
class Entry:
    """A kept file: what it is, its key, name and folder, its bytes, and when it was kept."""

    kind: str
    key: str
    name: str
    place: Path
    size: int
    when: float

    @property
    def label(self) -> str:
        return f"{self.name} ({KINDS[self.kind]}, {megabytes(self.size)}, {self.key[:6]})"


def show_kept() -> None:
    """Draw what is kept, and what is in the trash; nothing where there is neither."""
    offer_undo()
    entries, trash = kept_entries(), open_workspace().discarded()
    shares = shares_of(current_visit().owner) if are_apart() else []
    if not entries and not trash and not shares:
        return
    with st.expander("What is kept here", key="start_kept", icon="🗄️"):
        if entries:
            _show_entries(entries)
        if shares:
            _show_shares(shares)
        if trash:
            _show_trash(trash)
        limit = limit_bytes()
        caption(
            workspace=open_workspace().folder,
            holds=megabytes(size_of(open_workspace().folder)),
            limit=megabytes(limit) if limit else f"none ({LIMIT_VARIABLE} sets one)",
            runs="are deleted on the Train page",
        )


def kept_entries() -> list[Entry]:
    """Return the files, models and recipes of the workspace, the largest first."""
    found = []
    for kind in get_args(Kind):
        for kept in open_workspace().all(kind) if kind in KINDS else ():
            place = kept.path.parent
            found.append(Entry(kind, kept.key, kept.name, place, size_of(place), kept.path.stat().st_mtime))
    return sorted(found, key=lambda one: (-one.size, one.key))


def megabytes(size: int) -> str:
    """Return a size in words."""
    return f"{size / 2**20:,.1f} MB" if size >= 2**19 else f"{size / 2**10:,.1f} kB"


def _show_entries(entries: list[Entry]) -> None:
    rows = [{"name": one.name, "what": KINDS[one.kind], "size": megabytes(one.size), "kept for": _age(one.when)} for one in entries]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="start_kept_table", alt="All that is kept, the largest first")
    by_place = {str(one.place): one for one in entries}
    chosen = st.multiselect("Delete", list(by_place), key=CHOSEN, format_func=lambda place: by_place[place].label, placeholder="Choose")
    picked = [by_place[one] for one in chosen]
    st.button("Delete", key="start_kept_delete", icon="🗑️", disabled=not picked, on_click=keep_errors(_delete), args=(picked,))
    st.caption(
        "Nothing here goes by itself. What is deleted stays in the trash, and links to it work again when it is brought back. A run whose "
        "file is deleted keeps its curves and its model."
    )


def _show_shares(shares: list[Share]) -> None:
    rows = [{"name": one.name, "shared for": _age(one.when)} for one in shares]
    st.markdown("**Shared by a read-only link.** Whoever has the link sees it until you take it back.")
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="start_shares_table", alt="The views that you share, the newest first")
    names = {one.key: f"{one.name} ({one.key[:6]})" for one in shares}
    chosen = st.multiselect("Take back", list(names), key=CHOSEN_SHARES, format_func=names.__getitem__, placeholder="Choose")
    st.button("Take back", key="start_shares_take", icon="🔗", disabled=not chosen, on_click=keep_errors(_take_back), args=(chosen,))


def _take_back(keys: list[str]) -> None:
    for key in keys:
        take_back(key, current_visit().owner)
    st.session_state.pop(CHOSEN_SHARES, None)


def _show_trash(trash: list[Discarded]) -> None:
    first = trash[::-1]
    rows = [
        {"name": one.name, "what": KINDS.get(one.kind, one.kind), "size": megabytes(one.size), "goes in": _left(one.when)} for one in first
    ]
    st.markdown(f"**In the trash**, in the order in which it goes: after {KEPT_DAYS} days, or before where the limit needs the room.")
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="start_trash_table", alt="What is in the trash; what goes first is on top")
    names = {one.key: one.name for one in first}
    chosen = st.multiselect("From the trash", list(names), key=CHOSEN_TRASH, format_func=names.__getitem__, placeholder="Choose")
    with st.container(horizontal=True):
        st.button("Bring back", key="start_trash_restore", icon="↩️", disabled=not chosen, on_click=keep_errors(_restore), args=(chosen,))
        st.button("Delete for good", key="start_trash_empty", icon="🔥", disabled=not chosen, on_click=keep_errors(_empty), args=(chosen,))


def _delete(entries: list[Entry]) -> None:
    """Move entries to the trash: a callback. What is open of them is closed."""
    st.session_state.pop(LAST, None)
    reading = {Path(run.plan.data).parent: run.plan.name for run in all_runs() if run.is_under_way and run.plan.data}
    for one in entries:
        if one.place.absolute() in reading:
            raise WorkspaceError(f"{one.name} is read by the run {reading[one.place.absolute()]}, which is under way. Stop it before.")
        discard(one.place, KINDS[one.kind], one.name)
        opened = current().opened
        if one.key in (opened.data, opened.model):
            choose(**({"data": "", "setup": ""} if one.key == opened.data else {"model": ""}))
    st.session_state.pop(CHOSEN, None)


def _restore(keys: list[str]) -> None:
    st.session_state.pop(LAST, None)
    for key in keys:
        open_workspace().restore(key)
    st.session_state.pop(CHOSEN_TRASH, None)


def _empty(keys: list[str]) -> None:
    st.session_state.pop(LAST, None)
    for key in keys:
        open_workspace().empty(key)
    st.session_state.pop(CHOSEN_TRASH, None)


def _age(when: float) -> str:
    days = max(0.0, time.time() - when) / 86_400
    return f"{days:.0f} days" if days >= 2 else f"{days * 24:.0f} hours" if days * 24 >= 1 else "less than an hour"


def _left(when: float) -> str:
    return f"{max(0.0, KEPT_DAYS - max(0.0, time.time() - when) / 86_400):.1f} days"
