"""Windows of the samples as the tour sees them."""

from __future__ import annotations

from functools import cache

from complex_lstm.ui.session.scene import chosen_scene
from complex_lstm.ui.session.state import Selection
from complex_lstm.ui.views.tour.position import PLANTED, PLANTED_WINDOW, window_of
from complex_lstm.ui.views.tour.predictions import CODEC, Owner, Prediction
from complex_lstm.ui.views.tour.window import TourWindow


@cache
def toured(sample: str, window: int | None = None) -> TourWindow:
    """Return a window of a sample, the first that was not trained on if none is named."""
    return window_of(chosen_scene(Selection.of(data=sample, model=sample, window=window)))


def planted() -> TourWindow:
    """Return the window that the tour starts on."""
    return toured(PLANTED, PLANTED_WINDOW)


def predicted_on(window: TourWindow, *pages: int) -> str:
    """Return what a link carries when the first option, or 0, was predicted on these pages."""
    return CODEC.write((Owner(window.token), *(Prediction(page, 0.0, 0.0) for page in pages)))
