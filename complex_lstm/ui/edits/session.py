"""The edits of this session, kept for each window while the visitor looks at other pages, and the model's results with them.

The session also holds undone edits and those of other windows; the link holds only the edits applied to its window.
When a link is opened its edits replace the session's; after that the link follows the session.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
import torch

from complex_lstm.errors import ComplexLSTMError
from complex_lstm.interpretation.edits import Edit, Segment
from complex_lstm.interpretation.what_if import EditedWindow, History, apply
from complex_lstm.model import Trace
from complex_lstm.model.hooks import Intervention
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.edits.link import as_linked, as_text, fits_link, read_edits
from complex_lstm.ui.session.link import Parsed
from complex_lstm.ui.session.state import ARRIVED, choose, current

HISTORIES, SEGMENT, TROUBLE, LEFT_OUT = "what_if_histories", "what_if_brushed", "what_if_trouble", "what_if_left_out"


@dataclass(frozen=True)
class EditedView:
    """An edited window: the applied edits, the window before and after, and the model's trace of both.

    `after` is also under the `interventions` on the model, if there are any; `switches` is their text, which identifies them in keys.
    """

    scene: Scene
    edits: tuple[Edit, ...]
    window: EditedWindow
    before: Trace
    after: Trace
    interventions: tuple[Intervention, ...] = ()
    switches: str = ""

    @property
    def changes(self) -> Hashable:
        """What tells the explanations of this view from those of others: its edits, its switches, or both; () for none."""
        return (self.edits, self.switches) if self.edits and self.switches else self.edits or self.switches or ()

    @property
    def key(self) -> Hashable:
        """The key of jobs about the edited window."""
        return self.scene.keys, self.scene.number, self.changes


def open_edited(scene: Scene, interventions: tuple[Intervention, ...] = (), switches: str = "") -> EditedView:
    """Return the window with the edits of this session, in a model under interventions, and write the edits to the link."""
    applied = history_of(scene).applied
    choose(edits=as_text(applied) if fits_link(applied) else "")
    return edited_with(scene, applied, interventions, switches)


def edited_with(
    scene: Scene, edits: tuple[Edit, ...], interventions: tuple[Intervention, ...] = (), switches: str = "", *, kept: bool = True
) -> EditedView:
    """Return the window with these edits, in a model under interventions whose text is `switches`.

    Where it is not to be `kept`, as while the mouse moves, the trace takes no room in the cache.

    Raises:
        InterventionError: an edit outside the window, or with a value that cannot stand there.
    """
    edited, after = apply(edits, scene.dataset, scene.number), cache.window_trace(scene.keys, scene.number)
    before = after
    if not kept:
        after = cache.on_cpu(scene.model.trace_any(torch.from_numpy(edited.x)[None].to(scene.device), interventions))
    elif edits or interventions:
        key = ("edited", scene.keys, scene.number, edits, switches)
        after = cache.cached_trace(key, scene.keys, edited.x, interventions)
    return EditedView(scene, edits, edited, before, after, interventions, switches)


def own_key(scene: Scene, thing: str) -> str:
    """Return a widget key that belongs to the open data and model, so that the choice does not carry over to others."""
    return f"what_if_{thing}_{'_'.join(map(str, scene.keys))}"


def history_of(scene: Scene) -> History:
    """Return the edits of the window in this session, or those in a link that was just opened."""
    known = st.session_state.get(HISTORIES, {}).get((scene.keys, scene.number), History())
    if not st.session_state.pop(ARRIVED, False):
        return known
    edits, troubles = _applicable(scene, read_edits(current().edits))
    _keep(scene, known.at(edits))
    st.session_state[LEFT_OUT] = scene.keys, scene.number, troubles
    return known.at(edits)


def left_out(scene: Scene) -> tuple[str, ...]:
    """Return why edits in the link are not applied to the window; empty again after the next edit."""
    keys, number, troubles = st.session_state.get(LEFT_OUT, (None, 0, ()))
    return troubles if (keys, number) == (scene.keys, scene.number) else ()


def add(scene: Scene, edit: Edit) -> None:
    """Add an edit to the window. If it cannot be applied, store the error, which the next run shows."""
    history = history_of(scene)
    try:
        apply((*history.applied, edit), scene.dataset, scene.number)
    except ComplexLSTMError as error:
        st.session_state[TROUBLE] = str(error)
    else:
        _keep(scene, history.add(as_linked(edit)))


def undo(scene: Scene) -> None:
    _keep(scene, history_of(scene).undo())


def redo(scene: Scene) -> None:
    _keep(scene, history_of(scene).redo())


def reset(scene: Scene) -> None:
    _keep(scene, History())


def _keep(scene: Scene, history: History) -> None:
    st.session_state[HISTORIES] = st.session_state.get(HISTORIES, {}) | {(scene.keys, scene.number): history}
    st.session_state.pop(LEFT_OUT, None)


def _applicable(scene: Scene, read: Parsed[Edit]) -> tuple[tuple[Edit, ...], tuple[str, ...]]:
    """Return the edits of a link that can be applied to this window one after another, and an error for each of the others."""
    kept: list[Edit] = []
    troubles = [f"The link has an edit that cannot be read and is left out: {piece[:60]}." for piece in read.rejected]
    for edit in read.values:
        try:
            apply((*kept, edit), scene.dataset, scene.number)
        except ComplexLSTMError as error:
            troubles.append(f"{error} The edit of the link is left out.")
        else:
            kept.append(edit)
    return tuple(kept), tuple(troubles)


def brushed_segment(scene: Scene) -> Segment:
    """Return the brushed segment, cut to the window; before anything is brushed, the middle third of the first feature."""
    time, features = scene.inputs.shape
    segment: Segment = st.session_state.get(SEGMENT, Segment(time // 3, max(time // 3, 2 * time // 3 - 1), (0,)))
    last = min(segment.last, time - 1)
    return Segment(min(segment.first, last), last, tuple(number for number in segment.features if number < features))


def brush(segment: Segment) -> None:
    st.session_state[SEGMENT] = segment


def edited_frame(view: EditedView) -> pd.DataFrame:
    """Return the edited window as a table in the file's units. Cells that were empty and are not edited stay empty."""
    scene, window = view.scene, view.window
    values = np.where(window.changed, window.after, scene.values)
    time = scene.dataset.schema.roles.time or "step"
    return pd.DataFrame({time: scene.time_labels} | {name: values[:, place] for place, name in enumerate(scene.features)})
