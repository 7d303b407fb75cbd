"""What is to be decided about the open file, and what was done by itself: each with its reason, and a button for the other way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from complex_lstm.data import Examination, Offer, Table, TimeFinding, read_times, time_labels
from complex_lstm.data.findings import DONE, Choice, Finding, set_times
from complex_lstm.data.spans import END, START, which_end
from complex_lstm.data.time_finding import format_words
from complex_lstm.errors import ComplexLSTMError
from complex_lstm.recipe import Conversion, Missing, TimeReading
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.sources import find_source
from complex_lstm.ui.session.messages import keep_errors, plain
from complex_lstm.ui.session.rereading import change_reading
from complex_lstm.ui.session.state import current
from complex_lstm.ui.views.data.reading_form import open_times

DECLINED = "declined_offers"  # by this session: what is to stay as it is read
MOST_OFFERS = 3  # that are shown at once; the others follow when these are decided
MOST_DONE = 3
LOOKED_AT = 2000  # rows among which one is looked for that the two readings of a time tell apart


def show_decisions() -> None:
    """Draw the open questions about how the file is read, then what was done without a question."""
    key = current().opened.data
    found = cache.examination(key)
    if found.table is None:
        return
    declined = st.session_state.setdefault(DECLINED, set())
    asked = [one for one in open_times(key) if one.is_asked]
    waiting = [one for one in found.offers if one.likely and not one.taken and (find_source(key).data, one) not in declined]
    data = find_source(key).data
    asked = [one for one in asked if (data, one.reading.columns) not in declined]
    signs = [one for one in found.findings if one.asked and not one.is_set and (data, one) not in declined]
    if asked or waiting or signs:
        with st.container(border=True, key="data_decisions", gap="small"):
            for place, sign in enumerate(signs):
                _ask(sign, f"data_ask_{place}_{key}")
            for place, finding in enumerate(asked):
                _ask_time(found.table, finding, f"data_time_{place}_{key}")
            for place, offer in enumerate(waiting[:MOST_OFFERS]):
                _show_offer(offer, place)
            if len(waiting) > MOST_OFFERS:
                st.caption(f"And {len(waiting) - MOST_OFFERS} more to decide, which follow.")
    _show_done(key, found)


def _ask(finding: Finding, key: str) -> None:
    """Ask which of several ways to read the file is right, where nothing in it decides."""
    words = {one: f"{one.words}{' (in use until you choose)' if one == finding.asked[0] else ''}" for one in finding.asked}
    st.radio(
        "Numbers of the file can be read in two ways, and nothing in it decides. Which one is right?",
        finding.asked,
        None,
        format_func=lambda one: plain(words[one]),
        key=key,
        on_change=_answer,
        args=(finding, key),
    )


@keep_errors
def _answer(finding: Finding, key: str) -> None:
    chosen: Choice = st.session_state[key]
    if chosen == finding.asked[0]:
        st.session_state[DECLINED].add((find_source(current().opened.data).data, finding))
    else:
        change_reading(dict(chosen.switches))


def _ask_time(table: Table, finding: TimeFinding, key: str) -> None:
    """Ask which of two readings of a time is right: each with what rows become by it."""
    readings = (finding.reading, *finding.alternatives[:1])
    examples = {one: f"{format_words(one)}: {_example(table, finding, one)}" for one in readings}
    st.radio(
        f"**{plain(finding.column_name)}** has two readings, and nothing in it decides. Which one is right?",
        readings,
        None,
        format_func=lambda one: plain(f"{examples[one]}{' (in use until you choose)' if one == finding.reading else ''}"),
        key=key,
        on_change=_choose_time,
        args=(finding, key),
    )


def _example(table: Table, finding: TimeFinding, reading: TimeReading) -> str:
    """Return what two rows become by a reading: the first, and the first of another day."""
    head = replace(table, frame=table.frame.head(LOOKED_AT))
    try:
        wall = read_times(head, finding.column_name, reading).wall
    except ComplexLSTMError:
        return "not every row can be read so"
    labels, cells = time_labels(wall), head.frame[finding.column_name].tolist()
    later = next((row for row, label in enumerate(labels) if label[:10] != labels[0][:10]), len(labels) - 1)
    return ", ".join(f"{cells[row]} → {labels[row]}" for row in dict.fromkeys((0, later)))


def _choose_time(finding: TimeFinding, key: str) -> None:
    chosen = st.session_state[key]
    if chosen == finding.reading:
        st.session_state[DECLINED].add((find_source(current().opened.data).data, chosen.columns))
    else:
        _set_time(chosen)


@keep_errors
def _set_time(chosen: TimeReading) -> None:
    times = set_times(cache.examination(current().opened.data).findings)
    change_reading({"times": (*(one for one in times if one.columns != chosen.columns), chosen)})


def _show_offer(offer: Offer, place: int) -> None:
    """Say what in the cells may mean something else than it reads, with a button to read it so and one to leave it."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"data_offer_{place}"):
        words = plain(f"{offer.reason} {offer.preview}".strip())
        st.markdown(f"**{plain(offer.column)}**: {words} {_lines(offer)}", width="stretch")
        st.button(_label(offer), key=f"data_offer_take_{place}", on_click=_take, args=(offer,), type="primary")
        st.button("Leave it", key=f"data_offer_leave_{place}", on_click=_decline, args=(offer,), help="It stays as it reads now.")


def _lines(offer: Offer) -> str:
    more = " and more" if offer.count > len(offer.lines) else ""
    return f"Line{'s' if len(offer.lines) > 1 else ''} {', '.join(map(str, offer.lines))}{more}."


def _label(offer: Offer) -> str:
    if isinstance(offer.value, Missing):
        return f"Read {plain(offer.value.cell)} as missing"
    return {
        "strip": "Take the sign off",
        "split": "Split it into columns",
        "thousands": "Read it as thousands",
        "decimal": "Read it as the decimal sign",
    }[offer.switch]


@keep_errors
def _take(offer: Offer) -> None:
    present = getattr(cache.examination(current().opened.data).reading, offer.switch)
    change_reading({offer.switch: (*present, offer.value) if isinstance(present, tuple) else offer.value})


def _decline(offer: Offer) -> None:
    st.session_state[DECLINED].add((find_source(current().opened.data).data, offer))


def _show_done(key: str, found: Examination) -> None:
    """Say what was read as missing, which clock the times have, and what else was done to the table, with what undoes it."""
    for finding in (one for one in found.findings if one.switch in DONE):
        names = f" ({', '.join(map(str, finding.value))})" if isinstance(finding.value, tuple) else ""
        st.caption(plain(f"{finding.reason}{names}"))
    for place, made in enumerate(found.reading.convert):
        _done(
            f"**{plain(made.column)}** is converted: {plain(made.words)}.", "Read it as it stands", f"data_unit_{place}", _take_back, made
        )
    taken: dict[str, list[Offer]] = {}
    for offer in found.offers:
        if offer.taken and isinstance(offer.value, Missing):
            taken.setdefault(offer.value.cell, []).append(offer)
    for place, (cell, offers) in enumerate(list(taken.items())[:MOST_DONE]):
        count = sum(one.count for one in offers)
        words = f"**{plain(cell)}** is read as missing: {count:,} cell{'s' if count > 1 else ''} of {_columns(offers)}."
        _done(f"{words} {_lines(offers[0])}", f"Read {plain(cell)} as it stands", f"data_done_{place}", _keep_cell, cell)
    if len(taken) > MOST_DONE:
        st.caption(f"And {len(taken) - MOST_DONE} more texts, which are listed where it says how the file was read.")
    for place, one in enumerate(open_times(key)):
        without = TimeReading(one.reading.columns, one.reading.format)
        if one.reading.zone and without in one.alternatives:
            words = f"**{plain(one.column_name)}**: {plain(one.reason)}"
            _done(words, "Read it without a change of clocks", f"data_zone_{place}", _set_time, without)
        end, format = which_end(one.reading.format)
        if end:
            other = TimeReading(one.reading.columns, f"{START if end == END else END}{format}", one.reading.zone)
            words = f"**{plain(one.column_name)}** has stretches of time: the {end.split()[0]} of each is its row's time."
            _done(words, f"Read the {'start' if end == END else 'end'} of each", f"data_stretch_{place}", _set_time, other)


@keep_errors
def _take_back(conversion: Conversion) -> None:
    present = cache.examination(current().opened.data).reading.convert
    change_reading({"convert": tuple(one for one in present if one != conversion)})


def _columns(offers: Sequence[Offer]) -> str:
    names = [f"**{plain(one.column)}**" for one in offers]
    return f"{', '.join(names[:4])} and {len(names) - 4} more columns" if len(names) > 5 else ", ".join(names)


def _done(words: str, label: str, key: str, undo: Callable[[Any], None], value: object) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=key):
        st.markdown(words, width="stretch")
        st.button(label, key=f"{key}_undo", on_click=undo, args=(value,))


@keep_errors
def _keep_cell(cell: str) -> None:
    missing = cache.examination(current().opened.data).reading.missing
    change_reading({"missing": tuple(one for one in missing if one.cell != cell)})
