"""The moments canvas: the attention of every head in the course of a run, played, or moved by hand, from moment to moment.

A component of its own because a run of the page for each frame would take longer than the frame is seen. All moments
of one window and layer travel once; the browser plays them, and tells Python only where the visitor has come to rest.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from complex_lstm.ui.components.shared import agree, mount_canvas
from complex_lstm.ui.components.training_replay.payload import Content, Film, MomentView, Scenery, encode, read_report

__all__ = ["Film", "Scenery", "moments_canvas"]

_SCRIPTS = ("content.js", "figure.js", "frame.js", "player.js", "canvas.js")


def moments_canvas(film: Film, scenery: Scenery, *, file_name: str, component_key: str) -> int:
    """Return the step of the moment at which the visitor has come to rest: at first the last one.

    The step stays while another window or layer is shown, and while moments are added. `file_name`, without its ending,
    begins the name of a downloaded image.

    Raises:
        ShapeError: film and scenery do not fit each other.
    """
    content = Content(film, scenery)
    memory = f"{component_key}_agreement"
    before = st.session_state.get(memory)
    wanted = before.shown if before else MomentView(film.steps[-1])
    agreement = agree(before, wanted=wanted.within(film.steps), report=read_report(st.session_state.get(component_key)))
    mount_canvas(Path(__file__).parent, _SCRIPTS, key=component_key, data=encode(content, agreement=agreement, file_name=file_name))
    st.session_state[memory] = agreement
    return agreement.shown.within(film.steps).step
