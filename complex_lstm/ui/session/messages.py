"""Words on the screen: names from files as plain text, errors as one sentence, and what stands under a figure.

How many decimals a target is shown with: as many as its unit deserves, the same wherever two of its values are compared.
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
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.session.state import forget

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+!|$~:^=&-]|(?m:(?<=^\d)|(?<=^\d\d))\.(?=\s))")
# Addresses, icons and arrows are found in the text after the escapes are gone: a sign without width keeps them apart.
_LIVE = re.compile(r"(?<=:)(?=//|material/)|(?<=www)(?=\.)|(?<=@)|(?<=[<>~-])(?=[=>-])", re.IGNORECASE)
WORD_JOINER = "\u2060"

TROUBLE = "messages_trouble"  # what a callback could not do, until the page has said it
_TOLD: ContextVar[list[str] | None] = ContextVar("told", default=None)

P = ParamSpec("P")


def plain(text: object) -> str:
    """Return text from a file so that Markdown shows it letter by letter: no image, link, formula, colour or icon."""
    return _MARKDOWN.sub(r"\\\1", _LIVE.sub(WORD_JOINER, str(text)))


def number(value: float) -> str:
    """Return a number as people read it: four digits, or whole with separators from a thousand on."""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.4g}"


def duration(seconds: float) -> str:
    """Return a time as people say it: 4.2 s, 50 s, 12 min, 1.5 h."""
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


@contextmanager
def errors_shown(told: list[str] | None = None) -> Iterator[None]:
    """Show our own errors where they happen, as one sentence, and the first with a button out.

    `told` collects the sentences of a run, so that two parts with the same trouble tell of it once; one within another
    shares the outer one's. Errors that are not ours are the server's to log.
    """
    outer = _TOLD.get()
    told = outer if outer is not None else [] if told is None else told
    token = _TOLD.set(told)
    try:
        yield
    except ComplexLSTMError as error:
        if str(error) not in told:
            st.error(plain(error), icon="⚠️")
        if not told:
            st.button("Start over with nothing open", key="messages_start_over", on_click=forget)
        told.append(str(error))
    finally:
        _TOLD.reset(token)


def keep_errors(do: Callable[P, object]) -> Callable[P, None]:
    """Return a callback that keeps our own error for `show_trouble`: it runs before the page is drawn, where no message has a place."""

    @wraps(do)
    def callback(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            do(*args, **kwargs)
        except ComplexLSTMError as error:
            st.session_state[TROUBLE] = str(error)

    return callback


def show_trouble() -> None:
    """Say once what the last click could not do. A part that has the same trouble does not tell of it again."""
    if words := st.session_state.pop(TROUBLE, ""):
        st.error(plain(words), icon="⚠️")
        told = _TOLD.get()
        if told is not None:
            told.append(words)


def caption(**facts: object) -> None:
    """Say under a figure how it was made: method, baseline, target, steps, device, each where it applies."""
    st.caption(" · ".join(f"**{name.replace('_', ' ')}** {plain(value)}" for name, value in facts.items() if value not in ("", None)))


def reading(how: str, misleads: str) -> None:
    """Say in one sentence how to read a view, and in one how it can mislead."""
    st.markdown(f"**How to read it.** {how}  \n**How it can mislead.** {misleads}")


MOST = 6


def decimals(scene: Scene, output: int) -> int:
    """Return the decimals that show a hundredth of what the model learned to tell apart: a target's spread, or that of its change."""
    spread = scene.dataset.scaling.target_std[output]
    return int(np.clip(2 - np.floor(np.log10(spread)), 0, MOST)) if spread > 0 else 2


def shown(scene: Scene, output: int, value: float, *, sign: bool = False) -> str:
    """Return a value of an output in its decimals, with separators of thousands; of a change, the `sign` also where it is positive."""
    return change(value, decimals(scene, output)) if sign else f"{value:,.{decimals(scene, output)}f}"


def change(value: float, places: int) -> str:
    """Return a change with its sign, and none where it rounds to zero."""
    return f"{value:+,.{places}f}" if round(value, places) else f"{0:.{places}f}"
