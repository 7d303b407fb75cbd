"""The pages of the tour, in the order of the architecture, and at the end its failures."""

from complex_lstm.ui.views.tour.chapter import Chapter
from complex_lstm.ui.views.tour.chapters.attention import ATTENTION
from complex_lstm.ui.views.tour.chapters.convolutions import CONVOLUTIONS
from complex_lstm.ui.views.tour.chapters.ending import ENDING
from complex_lstm.ui.views.tour.chapters.entrance import ENTRANCE
from complex_lstm.ui.views.tour.chapters.failures import FAILURES
from complex_lstm.ui.views.tour.chapters.recurrence import RECURRENCE

CHAPTERS: tuple[Chapter, ...] = (*ENTRANCE, *CONVOLUTIONS, *RECURRENCE, *ATTENTION, *ENDING, *FAILURES)

__all__ = ["CHAPTERS"]
