"""How the file is read: each switch with the value that was found and why, to be changed. What the file fails at comes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from complex_lstm.data import Examination, Table, TimeFinding, times_of
from complex_lstm.data.findings import set_times
from complex_lstm.data.looks import CONTROLS
from complex_lstm.data.units import parse_conversion
from complex_lstm.errors import ComplexLSTMError, ConfigError
from complex_lstm.recipe import Reading, TimeReading, conversion_text, missing_text, parse_missing, parse_time, time_text
from complex_lstm.settings import Setting, settings_of
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.sources import find_source
from complex_lstm.ui.session.messages import TROUBLE, keep_errors, plain
from complex_lstm.ui.session.rereading import change_reading, open_reading
from complex_lstm.ui.session.state import current

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
    **{one: f"control sign {one!r}" for one in CONTROLS},
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
    "The file": ("container", "member", "kind", "encoding", "layout", "label"),
    "Lines": ("skip", "header", "header_rows", "units_row", "comment", "footer", "ragged"),
    "Cells": ("delimiter", "quote", "decimal", "thousands", "strip", "split", "missing", "times", "convert"),
}
OF_TEXT = {"encoding", "delimiter", "quote", "skip", "header", "header_rows", "units_row", "comment", "footer", "ragged"}
OF_SHEETS = OF_TEXT - {"encoding", "delimiter", "quote"}
TEXTS = (
    "text",
    "fixed width",
    "ts",
    "tsf",
    "arff",
    "dly",
    "json lines",
    "json",
)  # a text can be read as another kind of text; what is none cannot be
SHOWN_LINES, MOST_SHOWN = 8, 160  # characters of a line
MELTED = ("series", "label", "step", "value")  # columns that a layout of series in rows makes
COUNT = "data_read_count"  # changes so far: each begins the form anew, so that a switch stands as it is, not as it was wished


def confirm_reading() -> Table | None:
    """Draw how the open file is read, and return its table; None where it cannot be read so, which is said beside the switch at fault."""
    key = current().opened.data
    found = cache.examination(key)
    chosen: dict[str, Any] = {}
    if found.fault is not None:
        with st.container(border=True, key="data_fault"):
            line = f" (line {found.fault.line})" if found.fault.line and f"line {found.fault.line}" not in found.fault.message else ""
            st.error(plain(f"{found.fault.message}{line}"), icon="⚠️")
            chosen = _switches(found, key, (found.fault.switch,))
            _show_lines(found)
    with st.expander("How the file was read", icon="🔎", expanded=found.table is None, key="data_reading"):
        st.caption("Found in the file, each with its reason. Change what is wrong: the preview follows.")
        for column, (title, names) in zip(st.columns(len(GROUPS)), GROUPS.items(), strict=True):
            with column:
                st.markdown(f"**{title}**")
                chosen |= _switches(found, key, tuple(name for name in names if name not in chosen))
        if find_source(key).reading is not None:
            st.button("Back to what was found", key="data_reading_reset", on_click=_reset)
    _take(found, chosen)
    return found.table


def reading_facts(reading: Reading) -> dict[str, object]:
    """Return in words how a file is read, as far as that is not the usual way: for the line below its name."""
    facts: dict[str, object] = {"kind": reading.kind if reading.kind != "text" else "", "table": reading.member}
    facts["packed_as"] = "" if reading.container == "none" else reading.container
    if reading.kind == "text":
        facts |= {"delimiter": NAMES.get(reading.delimiter, reading.delimiter), "encoding": reading.encoding}
    facts["decimal"] = "" if reading.decimal == "." else NAMES.get(reading.decimal, reading.decimal)
    facts["lines_skipped"] = reading.skip + reading.footer or ""
    facts["header"] = "" if reading.header or reading.kind not in ("text", "excel", "fixed width") else "none, names are made up"
    facts["layout"] = "" if reading.layout == "rows" else reading.layout
    return facts


def _take(found: Examination, chosen: Mapping[str, Any]) -> None:
    """Read the file as the form says, where that is another way than it is read now, and begin the page again."""
    changed = {name: value for name, value in chosen.items() if value != getattr(found.reading, name)}
    if not changed:
        return
    if "times" in changed:  # what is found in the file is found again
        by_itself = {*found.reading.times} - {*set_times(found.findings)}
        changed["times"] = tuple(one for one in changed["times"] if one not in by_itself)
    before = current().opened.data
    try:
        change_reading(changed)
    except ComplexLSTMError as error:
        st.session_state[TROUBLE] = str(error)
    if current().opened.data == before and TROUBLE not in st.session_state:
        label = next(one.label for one in settings_of(Reading) if one.name in changed)
        st.session_state[TROUBLE] = f"{label} stays as it is: the file cannot be read otherwise, or reads the same."
    st.session_state[COUNT] = st.session_state.get(COUNT, 0) + 1
    st.rerun()


@keep_errors
def _reset() -> None:
    open_reading(find_source(current().opened.data).data, None)


def _show_lines(found: Examination) -> None:
    """Show the first lines of a file as they stand, and those around a line at fault."""
    if not found.lines:
        return
    numbered = [f"{number:>4}  {line[:MOST_SHOWN]}" for number, line in enumerate(found.lines, 1)]
    at = max(found.fault.line if found.fault else 0, 0)
    first = max(min(at, len(numbered)) - SHOWN_LINES // 2, 0)
    st.caption("Lines of the file, as they stand")
    st.code("\n".join(numbered[first : first + SHOWN_LINES]), language=None)


def _switches(found: Examination, key: str, names: Sequence[str]) -> dict[str, Any]:
    """Draw a widget for each of the switches that the kind of file has, and return what they say."""
    reasons: dict[str, str] = {}
    for one in found.findings:  # of times there is one for each column
        reasons[one.switch] = f"{reasons[one.switch]} {one.reason}" if one.switch in reasons else one.reason
    settings = {one.name: one for one in settings_of(Reading)}
    kind, layout = found.reading.kind, found.reading.layout
    hidden = set() if kind == "text" else OF_TEXT - OF_SHEETS | {"decimal"} if kind in ("excel", "fixed width") else OF_TEXT
    hidden |= set() if layout == "series in rows" else {"label"}
    columns = [str(column) for column in found.table.frame] if found.table is not None else []
    chosen: dict[str, Any] = {}
    for name in names:
        if name in hidden:
            continue
        others = _alternatives(name, found, key)
        at = f"data_read_{name}_{key}_{st.session_state.get(COUNT, 0)}"
        chosen[name] = _widget(settings[name], getattr(found.reading, name), others, columns, at)
        if name in reasons:
            st.caption(plain(reasons[name]))
    return chosen


def _alternatives(name: str, found: Examination, key: str) -> tuple[Any, ...]:
    """Return the other values of a switch that are likely enough to be listed."""
    if name == "times":
        return tuple(reading for one in open_times(key) for reading in (one.reading, *one.alternatives))
    offered = tuple(one.value for one in found.offers if one.switch == name)
    return (*(other for one in found.findings if one.switch == name for other in one.alternatives), *offered)


def open_times(key: str) -> tuple[TimeFinding, ...]:
    """Return how each column that can be a time is read; () where the file is no table yet."""
    table = cache.examination(key).table
    return () if table is None else cache.remember("times", key, lambda: tuple(times_of(table).values()))


def _widget(one: Setting, value: Any, others: Sequence[Any], columns: list[str], key: str) -> Any:
    """Draw the widget of a switch, and return its value. What the file's bytes decide is shown, and cannot be changed."""
    if one.kind is bool:
        return st.toggle(one.label, value, key=key, help=one.help)
    if one.kind is int:
        return int(st.number_input(one.label, 0, 1_000_000, value, key=key, help=one.help))
    if one.name == "missing":
        return _list(one, value, others, (missing_text, parse_missing), "Write CELL, or CELL@COLUMN,...", key)
    if one.name == "convert":
        how = "Write COLUMN=FACTOR,OFFSET, such as temp=1.8,32, or 'temp=°C to °F'."
        return _list(one, value, others, (conversion_text, parse_conversion), how, key)
    if one.name == "times":
        how = "Write 'COLUMN,... as FORMAT', such as 'date as %d/%m/%Y'."
        chosen = _list(one, value, others, (time_text, partial(_time_of, columns)), how, key)
        return tuple({each.columns: each for each in chosen}.values())  # of two for one column the later
    if one.name in ("strip", "split"):
        return tuple(st.multiselect(one.label, list(dict.fromkeys([*value, *others, *columns])), list(value), key=key, help=one.help))
    usual = one.choices or (
        *USUAL.get(one.name, ()),
        *(["", *(name for name in columns if name not in MELTED)] if one.name == "label" else []),
    )
    if one.name == "kind":
        usual = TEXTS
    offered = list(dict.fromkeys([value, *others, *usual]))
    if one.name == "container" or (one.name == "kind" and value not in TEXTS) or (one.name == "member" and len(offered) < 2):
        st.markdown(f"{one.label}: **{plain(value) or 'none'}**")
        return value
    chosen = st.selectbox(
        one.label,
        offered,
        format_func=lambda text: NAMES.get(text, text),
        key=key,
        help=one.help,
        accept_new_options=one.name in USUAL,
    )
    return str(chosen or "")


def _time_of(columns: Sequence[str], text: str) -> TimeReading:
    """Return how a time is read that a text names.

    Raises:
        ConfigError: it names none, or a column that the file lacks.
    """
    time = parse_time(text)
    lacking = [name for name in time.columns if name not in columns]
    if lacking:
        raise ConfigError(f"The file has no column {lacking[0]!r} to read as a time. It has {', '.join(map(repr, columns))}.")
    return time


def _list(one: Setting, value: Any, others: Sequence[Any], texts: Any, how: str, key: str) -> Any:
    """Draw a list of values that are written as text, and return them; a text that says none is named, and changes nothing."""
    to_text, from_text = texts
    known = {to_text(each): each for each in (*others, *value)}
    present = list(dict.fromkeys(map(to_text, value)))
    named = st.multiselect(
        one.label,
        list(dict.fromkeys([*present, *known])),
        present,
        key=key,
        help=f"{one.help} {how}",
        accept_new_options=True,
        placeholder="none",
    )
    try:
        return tuple(known[text] if text in known else from_text(text) for text in named)
    except ComplexLSTMError as error:
        st.error(plain(error), icon="⚠️")
        return value
