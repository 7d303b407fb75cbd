"""What the visitor looks at: one selection, kept across pages and in the address bar."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import NoReturn

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from complex_lstm.ui.session.page_jobs import end_run

SELECTION, PUBLISHED = "selection", "published_selection"
SEEN = "seen_link"  # what the address bar carried when the last run began
ARRIVED = "arrived_by_link"  # until the edits of the link are taken up, which the session else knows better


@dataclass(frozen=True)
class Selection:
    """One view, as plain text and numbers that fit a link. "" and None mean: not chosen, the page takes its default.

    `data`, `model`, `setup`, `run`, `twin` and `sweep` are keys of a sample or of the workspace. Layer, head, query and key count from 0;
    `reference` is the window that serves as baseline, and `methods` are separated by commas. `tour` is a page of the
    guided tour, from 1; box, sheet, row and column say which of its values is looked at. With `lesson` at 1 the controls beside the page
    are hidden, at 2 its own too.
    `off` are the switches of the bench (see `bench.switches`); `versus` says what is put beside this view, and `other` which one.
    `edits` are those of this window on the page What if (see `what_if.edit_text`); `method` explains two sides of a view.
    """

    data: str = ""
    model: str = ""
    setup: str = ""
    stride: int | None = None
    window: int | None = None
    target: int | None = None
    layer: int | None = None
    head: int | None = None
    map: str = ""
    query: int | None = None
    key: int | None = None
    view: str = ""
    baseline: str = ""
    reference: int | None = None
    scale: str = ""
    methods: str = ""
    run: str = ""
    twin: str = ""
    sweep: str = ""
    tour: int | None = None
    lesson: int | None = None
    box: int | None = None
    sheet: int | None = None
    row: int | None = None
    column: int | None = None
    off: str = ""
    versus: str = ""
    other: str = ""
    edits: str = ""
    method: str = ""


def current() -> Selection:
    """Return the selection of this session."""
    return st.session_state.get(SELECTION, Selection())


def choose(**changes: str | int | None) -> None:
    """Change the selection. Another data set or model forgets the window, and another window forgets its moments and edits.

    Page and lesson of the tour stay: it goes on where it is with other data.
    """
    before = current()
    after = replace(before, **changes)  # type: ignore[arg-type]  # the fields' types are the callers' business
    if (after.data, after.model, after.setup) != (before.data, before.model, before.setup):
        kept = Selection(data=after.data, model=after.model, setup=after.setup, tour=after.tour, lesson=after.lesson)
        after = replace(kept, **{name: value for name, value in changes.items() if name not in ("data", "model", "setup")})  # type: ignore[arg-type]
    elif after.window != before.window:
        after = replace(after, query=changes.get("query"), key=changes.get("key"), edits=changes.get("edits", ""))  # type: ignore[arg-type]
    if (after.data, after.model, after.setup, after.window) != (before.data, before.model, before.setup, before.window):
        st.session_state.pop(ARRIVED, None)
    st.session_state[SELECTION] = after


def forget() -> None:
    """Open nothing: the way out of a link to what is not there."""
    st.session_state[SELECTION] = Selection()


def adopt_link() -> None:
    """Take the selection from the address bar where a visitor has changed the address: in a new session, or by going back.

    An address that is neither what was last written there nor what stood there before is new. One that stood there
    before, and that nobody went back to, has only not been written over yet: what a run writes is lost when a click ends it.
    """
    link = st.query_params.to_dict()
    before, st.session_state[SEEN] = st.session_state.get(SEEN), link
    if link and link != st.session_state.get(PUBLISHED) and (link != before or _went_back()):
        st.session_state[SELECTION] = _from_link(link)
        st.session_state[ARRIVED] = True
        st.session_state[PUBLISHED] = link  # adopted once: a rerun before the next publish must not take it again


def _went_back() -> bool:
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def publish() -> None:
    """Write the selection to the address bar."""
    link = as_link(current())
    st.session_state[PUBLISHED] = link
    if link and st.query_params.to_dict() != link:
        st.query_params.from_dict(link)
    elif not link:
        st.query_params.clear()  # from_dict tells the browser nothing of an empty link


def end_page() -> NoReturn:
    """End the run before the page's end. A bare st.stop() would leave the last selection in the address bar."""
    publish()
    end_run()
    st.stop()


def as_link(selection: Selection) -> dict[str, str]:
    """Return a selection as the parameters of an address."""
    return {name: str(value) for name, value in asdict(selection).items() if value not in ("", None)}


def _from_link(link: dict[str, str]) -> Selection:
    """Read a link; what is not a number where one belongs is left out, as if it was not chosen."""
    found: dict[str, str | int] = {}
    for field in fields(Selection):
        value = link.get(field.name, "")
        if field.type == "str":
            found[field.name] = value
        elif value.isascii() and value.isdigit() and len(value) < 10:
            found[field.name] = int(value)
    return Selection(**found)  # type: ignore[arg-type]
