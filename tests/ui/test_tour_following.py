"""Every number of a derivation leads to the cell of the picture that shows it, and so from the prediction down to the file."""

import pytest

from complex_lstm.arithmetic import INPUT, SITES
from complex_lstm.ui.views.tour.arithmetic import derive_cell
from complex_lstm.ui.views.tour.following import BOXES, view_of
from complex_lstm.ui.views.tour.sheets import TERMS, list_boxes
from tests.ui.toured import planted


def test_every_kind_of_site_has_its_box() -> None:
    assert list(BOXES) == [INPUT, *(kind.name for kind in SITES)]


def test_from_the_probability_the_way_leads_from_cell_to_cell_down_to_the_value_of_the_file() -> None:
    """Along the first number of each derivation."""
    window = planted()
    boxes = list_boxes(window)
    box, sheet, row, column = len(boxes) - 1, boxes[-1].open()[1], 0, window.target
    assert sheet.kind == TERMS
    passed = []

    while True:
        derivation = derive_cell(window, sheet, row, column)
        assert derivation.agrees
        assert sheet.values[row, column] == pytest.approx(derivation.traced, abs=2e-5)
        if not derivation.origins:
            break
        _, of = derivation.origins[0]
        view = view_of(window, of)
        box, row, column = view.box, view.row, view.column
        sheet = boxes[box].open()[view.sheet]
        assert sheet.find(row, column) == of.at
        passed.append(boxes[box].name)
        assert len(passed) < 200  # a cell's state leads to that of the step before

    assert box == 0 and passed[0] == "Scale, prediction" and passed[-1] == "Series"
    assert passed.index("Ensemble heads") < passed.index("Mean | max | last") < passed.index("Projection")
