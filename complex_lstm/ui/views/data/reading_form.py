"""How the file is read: each switch with the value that was found and why, to be changed; what is to be decided is asked first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from complex_lstm.data import Examination, Table
from complex_lstm.errors import ComplexLSTMError
from complex_lstm.recipe import Reading, missing_text, parse_missing, parse_time, time_text
from complex_lstm.settings import Setting, settings_of
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.sources import find_source, keep_reading
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.scene import UPLOADS, add_to_list
from complex_lstm.ui.session.state import choose, current, end_page

NAMES = {
    "": "none",
    "\t": "tab",
    " ": "blank",
    ",": ", (comma)",
    ";": "; (semicolon)",
    "|": "| (bar)",
    ".": ". (point)",
    "'": "' (apostrophe)",
    '"': '" (double quote)',
    "\u202f": "narrow blank",
    "\u00a0": "hard blank",
}
USUAL: dict[str, tuple[str, ...]] = {
    "delimiter": (",", ";", "\t", "|", " "),
    "quote": ('"', "'"),
    "decimal": (".", ","),
    "thousands": ("", ",", ".", "'", " ", "\u202f", "\u00a0"),
    "comment": ("", "#", "%", "//", ";"),
    "encoding": ("utf-8", "utf-8-sig", "utf-16", "cp1252", "cp1250", "cp1251", "latin-1", "cp932", "gb18030"),
}
GROUPS = {
    "The file": ("container", "member", "kind", "encoding"),
    "Lines": ("skip", "header", "units_row", "comment", "footer", "ragged", "layout", "label"),
    "Cells": ("delimiter", "quote", "decimal", "thousands", "strip", "missing", "times"),
}


def confirm_reading() -> Table:
    """Draw how the open file is read, and return its table. Where it cannot be read so, say why at the form, and end the page."""
    opened = current().opened
    source = find_source(opened.data)
    found = cache.examination(source.data)
    reading = source.reading or found.reading
    table, problem = None, ""
    try:
        table = cache.table(opened.data)
    except ComplexLSTMError as error:
        problem = str(error)
    if problem:
        st.error(plain(problem), icon="⚠️")
    with st.expander("How the file was read", icon="🔎", expanded=bool(problem), key="data_reading"):
        st.caption("Found in the file, each with its reason. Change what is wrong: the preview below follows.")
        chosen = _switches(reading, found, table, opened.data)
        if source.reading is not None:
            st.button("Back to what was found", key="data_reading_reset", on_click=open_reading, args=(source.data, found.reading))
    if chosen != reading:
        open_reading(source.data, chosen)
        st.rerun()
    if table is None:
        end_page()
    return table


def open_reading(data: str, reading: Reading) -> None:
    """Open a file read like that, in place of how it is read now. What was said of its columns is kept where they stay the same."""
    opened = current().opened
    key = data if reading == cache.examination(data).reading else keep_reading(data, reading)
    listed = st.session_state.get(UPLOADS, [])
    if opened.data in listed:
        listed[listed.index(opened.data)] = key
    elif key != data:
        add_to_list(UPLOADS, key)
    same = _columns(key) == _columns(opened.data) != []
    choose(data=key, setup=opened.setup if same else "", stride=opened.stride if same else None, window=None)


def _columns(key: str) -> list[str]:
    try:
        return [str(name) for name in cache.table(key).frame]
    except ComplexLSTMError:
        return []


def _switches(reading: Reading, found: Examination, table: Table | None, key: str) -> Reading:
    """Draw a widget for each switch, and return what they say."""
    reasons = {one.switch: one for one in found.findings}
    settings = {one.name: one for one in settings_of(Reading)}
    chosen: dict[str, Any] = {}
    for column, (title, names) in zip(st.columns(len(GROUPS)), GROUPS.items(), strict=True):
        with column:
            st.markdown(f"**{title}**")
            for name in names:
                finding = reasons.get(name)
                value = getattr(reading, name)
                others = tuple(finding.alternatives) if finding else ()
                chosen[name] = _widget(settings[name], value, others, table, f"data_read_{name}_{key}")
                if finding:
                    st.caption(plain(finding.reason))
    return replace(reading, **chosen)


def _widget(one: Setting, value: Any, others: Sequence[Any], table: Table | None, key: str) -> Any:
    if one.kind is bool:
        return st.toggle(one.label, value, key=key, help=one.help)
    if one.kind is int:
        return int(st.number_input(one.label, 0, 1_000_000, value, key=key, help=one.help))
    if one.name == "missing":
        suspects = [missing_text(item) for item in dict.fromkeys([*value, *others])]
        named = st.multiselect(
            one.label, suspects, [missing_text(item) for item in value], key=key, help=f"{one.help} Write CELL, or CELL@COLUMN,...",
            accept_new_options=True,
        )  # fmt: skip
        return tuple(map(parse_missing, named))
    if one.name == "times":
        return _times(one, value, others, key)
    columns = [str(column) for column in table.frame] if table is not None else []
    if one.name == "strip":
        return tuple(st.multiselect(one.label, list(dict.fromkeys([*value, *others, *columns])), list(value), key=key, help=one.help))
    if one.name == "label":
        return _choose(one, value, ("", *others, *columns), key)
    return _choose(one, value, one.choices or (*others, *USUAL.get(one.name, ("",))), key, is_open=not one.choices)


def _choose(one: Setting, value: str, options: Sequence[str], key: str, *, is_open: bool = False) -> str:
    offered = list(dict.fromkeys([value, *options]))
    chosen = st.selectbox(
        one.label, offered, format_func=lambda text: NAMES.get(text, text), key=key, help=one.help, accept_new_options=is_open
    )  # fmt: skip
    return str(chosen or "")


def _times(one: Setting, value: Any, others: Sequence[Any], key: str) -> Any:
    offered = [time_text(item) for item in dict.fromkeys([*value, *others])]
    named = st.multiselect(
        one.label, offered, [time_text(item) for item in value], key=key, accept_new_options=True,
        help=f"{one.help} Write 'COLUMN,... as FORMAT', e.g. 'date as %d/%m/%Y'.",
    )  # fmt: skip
    try:
        return tuple(map(parse_time, named))
    except ComplexLSTMError as error:
        st.error(plain(error), icon="⚠️")
        return value
