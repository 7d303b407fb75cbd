"""The cell of the tour's picture: its numbers are those of the block, a held gate is in them, and only where it was held."""

import copy

import numpy as np
import pytest
import torch

from complex_lstm.arithmetic import HeldGate, Reading
from complex_lstm.ui.components.shared import Agreement
from complex_lstm.ui.views.tour.canvas.payload import Picture, TourView, encode
from complex_lstm.ui.views.tour.cell import open_cell, read_hold
from complex_lstm.ui.views.tour.sheets import list_boxes
from tests.ui.test_tour_canvas import decoded
from tests.ui.toured import planted

BILSTM_1 = 6
HELD = HeldGate(Reading(0, False), "f", 0.0)
STATE = {"box": BILSTM_1, "hold": {"reading": 0, "gate": "f", "value": 0, "channel": None, "step": None}}


def test_the_browser_gets_the_gates_and_states_of_all_four_readings_and_with_a_gate_held_also_what_they_become() -> None:
    window = planted()
    boxes = list_boxes(window)
    cell = open_cell(window, 0, HELD)
    picture = Picture(boxes, BILSTM_1, boxes[BILSTM_1].open(), window.times, window.known, cell, window.token)
    shown = TourView(BILSTM_1, 10)

    header, values = decoded(encode(picture, agreement=Agreement(shown, 0, shown, None), veiled=False, file_name="tour"))

    own, held = values[-2 * 4 * 6 * 50 * 32 :].reshape(2, 4, 6, 50, 32)
    for reading, sheet in enumerate(picture.sheets[1:5]):
        assert np.array_equal(own[reading, 5].T, sheet.values)
    for i, f, g, o, c, h in own[[0, 2]]:
        assert np.allclose(c[1:], f[1:] * c[:-1] + i[1:] * g[1:], atol=1e-6) and np.allclose(h, o * np.tanh(c), atol=1e-6)
    assert not held[0, 1].any() and np.allclose(held[0, 4], held[0, 0] * held[0, 2], atol=1e-6)  # nothing is kept
    assert np.array_equal(held[1], own[1]) and not np.allclose(held[2], own[2], atol=1e-3)  # layer 2 reads what became of it
    assert header["cell"]["hold"] == {"reading": 0, "gate": "f", "value": 0.0, "channel": None, "step": None}
    assert [sheet["reading"] for sheet in header["sheets"]] == [None] * 10 + [0, 1, 2, 3]


@torch.no_grad()
def test_a_held_gate_is_told_with_the_prediction_that_torch_comes_to() -> None:
    window = planted()
    model = copy.deepcopy(window.model)
    lstm, forget = model.lstm_blocks[0].lstm, slice(32, 64)  # torch's rows of the forget gate
    for name in ("weight_ih_l0", "weight_hh_l0", "bias_hh_l0"):
        getattr(lstm, name)[forget] = 0
    lstm.bias_ih_l0[forget] = -200  # of which the sigmoid is 0
    expected = float(model(window.x)[0, window.target])

    words = open_cell(window, 0, HELD).words

    assert words.startswith("With the forget gate of all channels, every step, forward reading, layer 1, held at 0: The output ")
    assert f" to {expected:.3g}, in the model's scale." in words


@pytest.mark.parametrize(("change", "found"), [({}, HELD), ({"box": 7}, None), ({"window": "another"}, None), ({"hold": None}, None)])
def test_a_gate_is_held_in_the_box_and_the_window_in_which_it_was(change: dict[str, object], found: HeldGate | None) -> None:
    window = planted()
    hold = {**STATE["hold"], "window": change.get("window", window.token)}  # type: ignore[dict-item]
    view = {
        "box": change.get("box", BILSTM_1),
        "sheet": 10,
        "row": 0,
        "column": 0,
        "stamp": 1,
        "hold": hold if "hold" not in change else None,
    }

    assert read_hold({"view": view}, window, BILSTM_1) == found
    assert read_hold(None, window, BILSTM_1) is None
