"""From a number in a derivation to its own: the cell of the picture where the model has computed it, and the way back."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from complex_lstm.arithmetic import INPUT, Derivation, ValueIndex
from complex_lstm.languages import _, mark
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.state import choose
from complex_lstm.ui.views.tour.canvas import TourView
from complex_lstm.ui.views.tour.sheets import SCALING, list_boxes
from complex_lstm.ui.views.tour.window import TourWindow

TRAIL = "tour_trail"  # in the session
BOXES = {
    INPUT: "Series",
    mark("Input projection"): "Projection",
    mark("Positions"): "+ position",
    mark("Convolution scale"): "Convolution {}",
    mark("Convolution stage"): "Convolution {}",
    mark("Fusion gate"): "Fusion gate",
    mark("Fused"): "Fusion gate",
    mark("LSTM cell"): "BiLSTM {}",
    mark("BiLSTM block"): "BiLSTM {}",
    mark("Query"): "Attention {}",
    mark("Key"): "Attention {}",
    mark("Value"): "Attention {}",
    mark("Attention weight"): "Attention {}",
    mark("Head output"): "Attention {}",
    mark("Attended"): "Attention {}",
    mark("Pooling"): "Mean | max | last",
    mark("Hidden unit"): "Ensemble heads",
    mark("Ensemble head"): "Ensemble heads",
    mark("Combiner unit"): "Combiner",
    mark("Combiner"): "Scale, prediction",
}  # of each kind of site


def view_of(window: TourWindow, of: ValueIndex) -> TourView:
    """Return the cell of the picture that shows a value."""
    boxes = list_boxes(window)
    number = [box.name for box in boxes].index(BOXES[of.site].format(of.at[0] + 1))
    kind = SCALING if of.site == INPUT else of.site
    width = window.channels // window.model.config.num_heads
    last, before, first = of.at[-1], of.at[-2] if len(of.at) > 1 else 0, of.at[0]
    cells = [(last, before), (before, last), (0, last), (first, last), (of.at[1] * width + last if len(of.at) == 4 else last, before)]
    for at, sheet in enumerate(boxes[number].open()):
        if sheet.kind != kind or sheet.until:
            continue
        rows, columns = sheet.values.shape
        for row, column in cells:
            if row < rows and column < columns and sheet.find(row, column) == of.at:
                return TourView(number, at, row, column)
    raise AssertionError(f"No sheet shows {of}: every kind of site has one.")


@dataclass(frozen=True)
class _Step:
    """One step along a derivation's numbers: from which cell, what is derived there, and to which cell."""

    start: TourView
    name: str
    end: TourView


def show_origins(window: TourWindow, derivation: Derivation, view: TourView) -> None:
    """Draw the numbers that the model has computed earlier, each a click to its own derivation, and the way back."""
    trail: list[_Step] = st.session_state.setdefault(TRAIL, [])
    if trail and trail[-1].end != view:
        trail.clear()  # the visitor has chosen another cell in the picture
    origins = derivation.origins
    if origins:
        key = f"tour_origins_{window.token}_{derivation.name}"
        st.pills(
            _("Where these numbers come from: each leads to its own derivation, down to the file."),
            range(len(origins)),
            format_func=lambda at: f"{_(origins[at][1].site)}: {plain(origins[at][0])}",
            key=key,
            on_change=_follow,
            args=(key, window, derivation, view),
        )
    if trail:
        st.button(_("Back to {data}", data=plain(trail[-1].name)), key="tour_trail_back", icon="↩️", on_click=_go_back)


def _follow(key: str, window: TourWindow, derivation: Derivation, view: TourView) -> None:
    chosen = st.session_state.pop(key, None)
    if chosen is None:
        return
    step = _Step(view, derivation.name, view_of(window, derivation.origins[chosen][1]))
    st.session_state[TRAIL].append(step)
    choose(**vars(step.end))


def _go_back() -> None:
    choose(**vars(st.session_state[TRAIL].pop().start))
