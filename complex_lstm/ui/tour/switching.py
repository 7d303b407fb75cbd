"""From a box of the tour to the switch of the bench that takes it away."""

from __future__ import annotations

from complex_lstm.model.interventions import (
    DropPositions,
    ForceGate,
    SilenceAttention,
    SilenceHead,
    SilenceMember,
    SilencePooled,
    SilenceScale,
    SkipBlock,
)
from complex_lstm.ui.bench.switches import Switch
from complex_lstm.ui.tour.window import TourWindow
from complex_lstm.ui.tour_canvas.view import TourView

POOLED = (SilencePooled("mean"), SilencePooled("max"), SilencePooled("last"))


def switch_of(window: TourWindow, name: str, view: TourView) -> Switch | None:
    """Return the switch for what is looked at: of a box by its name, in one of its sheets or rows. None where there is none.

    Of a convolution stage it is the kernel of the sheet, of attention the head, of the last boxes the row.
    """
    kind, _, number = name.rpartition(" ")
    match kind:
        case "Convolution":
            return SilenceScale(int(number), view.sheet - 1) if view.sheet else None
        case "BiLSTM":
            return SkipBlock(int(number) - 1)
        case "Attention":
            is_head = view.sheet < window.model.config.num_heads
            return SilenceHead(int(number) - 1, view.sheet) if is_head else SilenceAttention(int(number) - 1)
    match name:
        case "+ position":
            return DropPositions()
        case "Fusion gate":
            return ForceGate(0.5)
        case "Mean | max | last":
            return POOLED[view.row]
        case "Three heads":
            return SilenceMember(view.row)
    return None
