"""How the file is read: what is to be decided first, then each switch with the value that was found and why, to be changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import streamlit as st

from complex_lstm.data import Examination, Offer, Table, examine
from complex_lstm.errors import ComplexLSTMError
from complex_lstm.recipe import Missing, Reading, missing_text, parse_missing, parse_time, time_text
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
DECLINED = "declined_offers"  # by this session: what is to stay as it is read
MOST_OFFERS = 6  # that are shown at once; the others follow when these are decided


def confirm_reading() -> Table:
    """Draw how the open file is read, and return its table. Where it cannot be read so, say why at the form, and end the page."""
    key = current().opened.data
    source, found = find_source(key), cache.examination(key)
    if found.fault:
        line = f" (line {found.fault.line})" if found.fault.line and f"line {found.fault.line}" not in found.fault.message else ""
        st.error(plain(f"{found.fault.message}{line}"), icon="⚠️")
    _show_offers(key, found)
    with st.expander("How the file was read", icon="🔎", expanded=found.table is None, key="data_reading"):
        st.caption("Found in the file, each with its reason. Change what is wrong: the preview below follows.")
        chosen = _switches(found, key)
        if source.reading is not None:
            st.button("Back to what was found", key="data_reading_reset", on_click=open_reading, args=(source.data, None))
        if found.table is None and found.lines:
            st.caption("The first lines of the file, as they stand")
            st.code("\n".join(found.lines), language=None)
    changed = {one.name: value for one in fields(Reading) if (value := getattr(chosen, one.name)) != getattr(found.reading, one.name)}
    if changed:
        change_reading(changed)
        st.rerun()
    if found.table is None:
        end_page()
    return found.table


def change_reading(switches: Mapping[str, Any]) -> None:
    """Read the open file with these switches changed. Those that were changed before stay so; the others are found out again."""
    key = current().opened.data
    source = find_source(key)
    by_itself, now = (cache.examination(one).reading for one in (source.data, key))
    said = {one.name: getattr(now, one.name) for one in fields(Reading) if getattr(now, one.name) != getattr(by_itself, one.name)}
    open_reading(source.data, examine(source.path, source.name, **said | dict(switches)).reading)


def open_reading(data: str, reading: Reading | None) -> None:
    """Open a file read like that (by itself for None), in place of how it is read now.

    What was said of its columns is kept where they stay the same.
    """
    opened = current().opened
    key = data if reading in (None, cache.examination(data).reading) else keep_reading(data, reading)
    listed = st.session_state.get(UPLOADS, [])
    if opened.data in listed:
        listed[listed.index(opened.data)] = key
    elif key != data:
        add_to_list(UPLOADS, key)
    before, after = (cache.examination(one).table for one in (opened.data, key))
    same = before is not None and after is not None and list(before.frame) == list(after.frame)
    choose(data=key, setup=opened.setup if same else "", stride=opened.stride if same else None, window=None)


def _show_offers(key: str, found: Examination) -> None:
    """Say what in the cells may mean something else than it reads, with a button to read it so and one to leave it."""
    declined = st.session_state.setdefault(DECLINED, set())
    open_offers = [one for one in found.offers if one.likely and not one.taken and (find_source(key).data, one) not in declined]
    for place, offer in enumerate(open_offers[:MOST_OFFERS]):
        with st.container(border=True, key=f"data_offer_{place}"):
            more = " and more" if offer.count > len(offer.lines) else ""
            where = f"Lines {', '.join(map(str, offer.lines))}{more}."
            st.markdown(f"**{plain(offer.column)}**: {plain(f'{offer.reason} {offer.preview}'.strip())} {where}")
            with st.container(horizontal=True):
                st.button(_label(offer), key=f"data_offer_take_{place}", on_click=_take, args=(found.reading, offer), type="primary")
                st.button("Leave it", key=f"data_offer_leave_{place}", on_click=_decline, args=(key, offer))
    if len(open_offers) > MOST_OFFERS:
        st.caption(f"And {len(open_offers) - MOST_OFFERS} more to decide, which follow.")


def _label(offer: Offer) -> str:
    if isinstance(offer.value, Missing):
        return f"Read {plain(offer.value.cell)} as missing"
    return {"strip": "Take the sign off", "thousands": "Read it as thousands", "decimal": "Read it as the decimal sign"}[offer.switch]


def _take(reading: Reading, offer: Offer) -> None:
    present = getattr(reading, offer.switch)
    change_reading({offer.switch: (*present, offer.value) if isinstance(present, tuple) else offer.value})


def _decline(key: str, offer: Offer) -> None:
    st.session_state[DECLINED].add((find_source(key).data, offer))


def _switches(found: Examination, key: str) -> Reading:
    """Draw a widget for each switch, and return what they say."""
    reasons = {one.switch: one for one in found.findings}
    settings = {one.name: one for one in settings_of(Reading)}
    columns = [str(column) for column in found.table.frame] if found.table is not None else []
    chosen: dict[str, Any] = {}
    for place, (title, names) in zip(st.columns(len(GROUPS)), GROUPS.items(), strict=True):
        with place:
            st.markdown(f"**{title}**")
            for name in names:
                others = _alternatives(name, found)
                chosen[name] = _widget(settings[name], getattr(found.reading, name), others, columns, f"data_read_{name}_{key}")
                if name in reasons:
                    st.caption(plain(reasons[name].reason))
    return replace(found.reading, **chosen)


def _alternatives(name: str, found: Examination) -> tuple[Any, ...]:
    """Return the other values of a switch that are likely enough to be listed."""
    offered = tuple(one.value for one in found.offers if one.switch == name)
    return (*(other for one in found.findings if one.switch == name for other in one.alternatives), *offered)


def _widget(one: Setting, value: Any, others: Sequence[Any], columns: list[str], key: str) -> Any:
    if one.kind is bool:
        return st.toggle(one.label, value, key=key, help=one.help)
    if one.kind is int:
        return int(st.number_input(one.label, 0, 1_000_000, value, key=key, help=one.help))
    if one.name == "missing":
        return _list(one, value, others, (missing_text, parse_missing), "Write CELL, or CELL@COLUMN,...", key)
    if one.name == "times":
        return _list(one, value, others, (time_text, parse_time), "Write 'COLUMN,... as FORMAT', such as 'date as %d/%m/%Y'.", key)
    if one.name == "strip":
        return tuple(st.multiselect(one.label, list(dict.fromkeys([*value, *others, *columns])), list(value), key=key, help=one.help))
    usual = one.choices or (*USUAL.get(one.name, ("",)), *(columns if one.name == "label" else ()))
    offered = list(dict.fromkeys([value, *others, *usual]))
    is_open = not one.choices and one.name != "label"
    chosen = st.selectbox(
        one.label, offered, format_func=lambda text: NAMES.get(text, text), key=key, help=one.help, accept_new_options=is_open
    )
    return str(chosen or "")


def _list(one: Setting, value: Any, others: Sequence[Any], texts: Any, how: str, key: str) -> Any:
    """Draw a list of values that are written as text, and return them; a text that says none is named, and changes nothing."""
    to_text, from_text = texts
    offered = list(dict.fromkeys(map(to_text, (*value, *others))))
    named = st.multiselect(one.label, offered, list(map(to_text, value)), key=key, help=f"{one.help} {how}", accept_new_options=True)
    try:
        return tuple(map(from_text, named))
    except ComplexLSTMError as error:
        st.error(plain(error), icon="⚠️")
        return value
