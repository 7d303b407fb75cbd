"""The tour on data that no sample is like: windows of one step, one feature, kernels of one width."""

import pytest

from complex_lstm.ui.tour.arithmetic import work_out_cell
from complex_lstm.ui.tour.boxes import list_boxes
from complex_lstm.ui.tour.chapters import CHAPTERS
from complex_lstm.ui.tour.handout import hand_out
from complex_lstm.ui.tour.window import TourWindow
from tests.ui.own_file import keep_own

pytestmark = pytest.mark.usefixtures("workspace")


def see_every_page(window: TourWindow) -> None:
    boxes = {box.name: box for box in list_boxes(window)}
    for chapter in CHAPTERS:
        if chapter.fits(window):
            look = chapter.look(window)
            assert work_out_cell(window, boxes[look.box].open()[look.sheet], look.row, look.column).agrees, chapter.title
            chapter.ask(window)


def test_windows_of_one_step_are_toured_and_handed_out_to_the_end() -> None:
    window = keep_own(length=1).window()

    see_every_page(window)

    assert "From all steps to one vector" in hand_out(window)
