"""The open file read otherwise: with some switches changed, or as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import streamlit as st

from complex_lstm.data import Examination, examine
from complex_lstm.data.findings import set_times
from complex_lstm.recipe import Reading
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.sources import Source, find_source, keep_reading
from complex_lstm.ui.session.scene import UPLOADS, add_to_list
from complex_lstm.ui.session.state import choose, current


def change_reading(switches: Mapping[str, Any]) -> None:
    """Read the open file with these switches changed. Those that were set before stay so; the others are found out again.

    Raises:
        ComplexLSTMError: the file cannot be read so at all.
    """
    source = find_source(current().opened.data)
    found = cache.examination(current().opened.data)
    present: dict[str, Any] = {
        name: set_times(found.findings) if name == "times" else getattr(found.reading, name) for name in _said(source)
    }
    said = present | dict(switches)
    made = examine(source.path, source.name, **said)
    open_reading(source.data, made.reading, tuple(sorted(said)), made)


def _said(source: Source) -> tuple[str, ...]:
    """Return the switches that somebody has set: of a reading that was given as a whole those that would be found otherwise."""
    if source.reading is None or source.said:
        return source.said
    by_itself = cache.examination(source.data).reading
    return tuple(one.name for one in fields(Reading) if getattr(source.reading, one.name) != getattr(by_itself, one.name))


def open_reading(data: str, reading: Reading | None, said: tuple[str, ...] = (), made: Examination | None = None) -> None:
    """Open a file read like that (by itself for None), in place of how it is read now.

    `said` are the switches that were set, where the others follow from them; `made` is what was found so. What was said of its columns is
    kept where they stay the same.
    """
    opened = current().opened
    key = data if reading in (None, cache.examination(data).reading) else keep_reading(data, reading, said)
    if made is not None and key != data:
        cache.keep_examination(key, made)
    listed = st.session_state.get(UPLOADS, [])
    if opened.data in listed:
        listed[listed.index(opened.data)] = key
    elif key != data:
        add_to_list(UPLOADS, key)
    before, after = (cache.examination(one).table for one in (opened.data, key))
    same = before is not None and after is not None and list(before.frame) == list(after.frame)
    choose(data=key, setup=opened.setup if same else "", stride=opened.stride if same else None, window=None)
