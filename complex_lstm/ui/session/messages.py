"""Texts on the screen: names from files as plain text, numbers, errors as one sentence, and the caption under a figure.

Values of one target have the same number of decimals everywhere, so that they can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec

import numpy as np
import streamlit as st

from complex_lstm.errors import ComplexLSTMError
from complex_lstm.languages import _, mark
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.state import forget, is_lesson

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+!|$~:^=&-]|(?m:(?<=^\d)|(?<=^\d\d))\.(?=\s))")
# Streamlit finds addresses, icons and arrows after it has removed the escapes: a character without width breaks them up.
_LIVE = re.compile(r"(?<=:)(?=//|material/)|(?<=www)(?=\.)|(?<=@)|(?<=[<>~-])(?=[=>-])", re.IGNORECASE)
MOST_DECIMALS = 6
WORD_JOINER = "\u2060"

TROUBLE = "messages_trouble"  # the error of a callback, until the page has shown it
_SHOWN: ContextVar[list[str] | None] = ContextVar("shown", default=None)

P = ParamSpec("P")

FACTS = (mark("window"), mark("method"), mark("parameters"), mark("device"), mark("output"))  # that captions of the tour begin with


def plain(text: object) -> str:
    """Return text from a file so that Markdown shows it as it is: no image, link, formula, colour or icon."""
    return _MARKDOWN.sub(r"\\\1", _LIVE.sub(WORD_JOINER, str(text)))


def part_words(part: str) -> str:
    """Return a part of the data as it stands in a sentence: the test part, new windows, or this file."""
    return {"new": "the windows new to the model", "this file": "this file"}.get(part, f"the {part} part")


def duration(seconds: float) -> str:
    """Return a time as text: 4.2 s, 50 s, 12 min, 1.5 h."""
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


@contextmanager
def errors_shown(shown: list[str] | None = None) -> Iterator[None]:
    """Show our own errors where they happen, as one sentence, and below the first a button that starts over.

    `shown` collects the messages of a run, so that an error of two parts is shown once; a block within another uses
    the outer block's list. Errors that are not ours are left to the server's log.
    """
    outer = _SHOWN.get()
    shown = outer if outer is not None else [] if shown is None else shown
    token = _SHOWN.set(shown)
    try:
        yield
    except ComplexLSTMError as error:
        if str(error) not in shown:
            st.error(plain(error), icon="⚠️")
        if not shown:
            st.button("Start over with nothing open", key="messages_start_over", on_click=forget)
        shown.append(str(error))
    finally:
        _SHOWN.reset(token)


def keep_errors(do: Callable[P, object]) -> Callable[P, None]:
    """Return a callback that stores our own error for `show_trouble`: it runs before the page is drawn, where a message has no place."""

    @wraps(do)
    def callback(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            do(*args, **kwargs)
        except ComplexLSTMError as error:
            st.session_state[TROUBLE] = str(error)

    return callback


def show_trouble() -> None:
    """Show the error of the last click once. A part of the page with the same error does not show it again."""
    if words := st.session_state.pop(TROUBLE, ""):
        st.error(plain(words), icon="⚠️")
        if (shown := _SHOWN.get()) is not None:
            shown.append(words)


def caption(**facts: object) -> None:
    """Write under a figure how it was made: method, baseline, target, steps, device, each where it applies."""
    st.caption(" · ".join(f"**{_(name.replace('_', ' '))}** {plain(value)}" for name, value in facts.items() if value not in ("", None)))


def reading(how: str, misleads: str, *, is_open: bool = False) -> None:
    """Draw how to read a view and how it can mislead, a sentence each, behind one button at the figure; in a lesson they stand open."""
    words = f"**{_('How to read it.')}** {how}  \n**{_('How it can mislead.')}** {misleads}"
    if is_open or is_lesson():
        st.markdown(words)
    else:
        with st.popover("How to read it", icon="ℹ️", type="tertiary"):
            st.markdown(words)


def decimals(scene: Scene, output: int) -> int:
    """Return the decimals that show a hundredth of a target's standard deviation in training, or of that of its change."""
    spread = scene.dataset.scaling.target_std[output]
    return int(np.clip(2 - np.floor(np.log10(spread)), 0, MOST_DECIMALS)) if spread > 0 else 2


def shown(scene: Scene, output: int, value: float, *, sign: bool = False) -> str:
    """Return a value of an output in its decimals, with separators of thousands; a change with its `sign`, + included."""
    return change(value, decimals(scene, output)) if sign else f"{value:,.{decimals(scene, output)}f}"


def change(value: float, places: int) -> str:
    """Return a change with its sign, and none where it rounds to zero."""
    return f"{value:+,.{places}f}" if round(value, places) else f"{0:.{places}f}"
