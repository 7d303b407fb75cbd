"""The training replay: the attention of every head at each snapshot of a run, played or stepped through by hand.

A component of its own because a run of the page for each frame would take longer than the frame is seen. All snapshots
of one window and layer travel once; the browser plays them and reports only the snapshot that the visitor has stopped at.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from complex_lstm.ui.components.shared import agree, mount_canvas
from complex_lstm.ui.components.training_replay.payload import Content, Film, SnapshotView, WindowSeries, encode, read_report

__all__ = ["Film", "WindowSeries", "replay_canvas"]

_SCRIPTS = ("content.js", "figure.js", "frame.js", "player.js", "canvas.js")


def replay_canvas(film: Film, window: WindowSeries, *, file_name: str, component_key: str) -> int:
    """Return the optimizer step of the snapshot that the visitor has stopped at: the last one at first.

    The step stays while another window or layer is shown, and while snapshots are added. `file_name`, without its ending,
    begins the name of a downloaded image.

    Raises:
        ShapeError: film and window do not fit each other.
    """
    content = Content(film, window)
    memory = f"{component_key}_agreement"
    before = st.session_state.get(memory)
    wanted = before.shown if before else SnapshotView(film.steps[-1])
    agreement = agree(before, wanted=wanted.within(film.steps), report=read_report(st.session_state.get(component_key)))
    mount_canvas(Path(__file__).parent, _SCRIPTS, key=component_key, data=encode(content, agreement=agreement, file_name=file_name))
    st.session_state[memory] = agreement
    return agreement.shown.within(film.steps).step
