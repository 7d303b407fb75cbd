"""The moments canvas as Python knows it: what it sends, what it refuses, and which moment it reports."""

import json
import struct
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.errors import ShapeError
from complex_lstm.ui.components.shared import Agreement, ViewReport
from complex_lstm.ui.components.training_replay import Film, WindowSeries
from complex_lstm.ui.components.training_replay.payload import Content, SnapshotView, encode, read_report
from tests.pages.conftest import PATIENCE

MOMENTS, HEADS, CELLS, STEPS = 3, 2, 2, 3
ATTENTION = np.linspace(0, 1, MOMENTS * HEADS * CELLS**2).reshape(MOMENTS, HEADS, CELLS, CELLS).astype("<f2")
GATE = np.arange(MOMENTS * CELLS, dtype="<f4").reshape(MOMENTS, CELLS)
FILM = Film(ATTENTION, GATE, steps=(0, 10, 40), epochs=(1, 1, 2), cell=2, layer=1)
SCENERY = WindowSeries(np.array([[1.0], [2.0], [3.0]], dtype="<f4"), ("<b>humid</b>",), ("a", "b", "c"))


def decoded(content: Content) -> tuple[dict[str, Any], bytes]:
    """Read a message as the browser does."""
    order = SnapshotView(10)
    sent = encode(content, agreement=Agreement(order, 3, order, None), file_name="moments")
    (length,) = struct.unpack_from("<I", sent)
    return json.loads(sent[4 : 4 + length]), sent[4 + length :]


def test_the_browser_gets_gate_and_series_and_then_the_maps_as_they_were_kept() -> None:
    header, body = decoded(Content(FILM, SCENERY))

    floats, halves = np.frombuffer(body[: 4 * (6 + 3)], "<f4"), np.frombuffer(body[4 * (6 + 3) :], "<f2")
    assert np.array_equal(floats, [0, 1, 2, 3, 4, 5, 1, 2, 3]) and np.array_equal(halves, ATTENTION.ravel())
    assert (header["heads"], header["cells"], header["cell"], header["layer"]) == (HEADS, CELLS, 2, 1)
    assert header["steps"] == [0, 10, 40] and header["epochs"] == [1, 1, 2] and header["names"] == ["<b>humid</b>"]
    assert header["order"] == {"number": 3, "view": {"step": 10}}


def test_a_layer_that_is_not_in_yet_is_said_to_be_out() -> None:
    attention = ATTENTION.copy()
    attention[0] = np.nan

    header, _ = decoded(Content(replace(FILM, attention=attention), SCENERY))

    assert header["isIn"] == [False, True, True]


def test_without_its_data_a_window_has_no_series() -> None:
    bare = WindowSeries(np.zeros((STEPS, 0), dtype="<f4"), (), ("0", "1", "2"))

    header, body = decoded(Content(FILM, bare))

    assert header["names"] == [] and len(body) == 4 * 6 + 2 * ATTENTION.size


def test_another_moment_layer_or_name_is_another_token() -> None:
    first = Content(FILM, SCENERY)
    others = [
        Content(replace(FILM, steps=(0, 10, 41)), SCENERY),
        Content(replace(FILM, layer=0), SCENERY),
        Content(replace(FILM, attention=ATTENTION / 2), SCENERY),
        Content(FILM, replace(SCENERY, names=("other",))),
    ]

    assert len({first.token, *(one.token for one in others)}) == 5
    assert Content(replace(FILM), SCENERY).token == first.token


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"attention": ATTENTION[0]}, r"The attention has shape \(2, 2, 2\), expected \(snapshot, head, query, key\)"),
        ({"steps": (0, 10)}, r"The shape of the attention is \(3,\), expected \(2,\): 2 snapshots of 2 cells"),
        ({"epochs": (1,)}, r"The shape of the epochs is \(1,\), expected \(3,\)"),
        ({"gate": GATE[:, :1]}, r"The shape of the gate is \(3, 1\), expected \(3, 2\)"),
    ],
)
def test_a_film_that_does_not_fit_itself_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        replace(FILM, **change)


def test_a_scenery_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"The series has shape \(3, 1\), expected \(3, 2\): 3 times and 2 names"):
        replace(SCENERY, names=("a", "b"))
    with pytest.raises(ShapeError, match="The maps have 2 cells of 1 steps, which does not fit a window of 3 steps"):
        Content(replace(FILM, cell=1), SCENERY)


def test_a_report_is_a_step() -> None:
    assert read_report({"view": {"step": 40, "stamp": 7}}) == ViewReport(SnapshotView(40), 7)
    assert read_report(None) is None and read_report({}) is None


def test_a_moment_that_is_gone_gives_way_to_the_nearest() -> None:
    assert SnapshotView(10).within((0, 10, 40)) == SnapshotView(10)
    assert SnapshotView(33).within((0, 10, 40)) == SnapshotView(40)


def test_a_page_begins_at_the_last_moment_and_stays_there_when_more_are_kept() -> None:
    def script() -> None:
        import numpy as np
        import streamlit as st

        from complex_lstm.ui.components.training_replay import Film, WindowSeries, replay_canvas

        count = st.session_state["count"] = st.session_state.get("count", 1) + 1
        film = Film(np.ones((count, 1, 2, 2), "<f2"), np.ones((count, 2), "<f4"), tuple(range(count)), (1,) * count, 1, 0)
        scenery = WindowSeries(np.ones((2, 1), "<f4"), ("a",), ("1", "2"))
        st.session_state["step"] = replay_canvas(film, scenery, file_name="moments", component_key="canvas")

    app = AppTest.from_function(script, default_timeout=PATIENCE).run().run()

    assert not app.exception
    assert app.session_state["count"] == 3 and app.session_state["step"] == 1
