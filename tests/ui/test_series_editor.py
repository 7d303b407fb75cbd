"""The series canvas as Python knows it: what it sends, what it refuses, and what it hears of brushes and paths."""

import json
import struct
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.errors import ShapeError
from complex_lstm.interpretation.edits import Draw, Point, Segment, Shift
from complex_lstm.ui.components.series_editor.payload import Content, encode, is_preview, read_edit, read_report
from complex_lstm.ui.components.shared import Agreement, ViewReport, float32
from tests.pages.conftest import PATIENCE

CONTENT = Content(
    before=float32(np.arange(8).reshape(4, 2)),
    after=float32(-np.arange(8).reshape(4, 2)),
    numbers=(0, 5),
    features=("temp", "<b>humid</b>"),
    units=("°F", ""),
    times=("1", "2", "3", "4"),
)
BRUSHED = {"segment": {"first": 1, "last": 2, "features": [0, 5]}, "path": None, "shift": None, "stamp": 7}
PATH = {"feature": 5, "points": [[1, 2.5], [3, -1]]}
DRAWN = {"segment": {"first": 1, "last": 3, "features": [5]}, "path": PATH, "shift": None, "stamp": 8}
DRAGGED = BRUSHED | {"shift": -3, "stamp": 9}


def test_the_browser_gets_the_series_before_then_after_and_what_is_brushed() -> None:
    order = Segment(1, 2, (5,))

    sent = encode(CONTENT, agreement=Agreement(order, 3, order, None), file_name="what_if")

    (length,) = struct.unpack_from("<I", sent)
    header, values = json.loads(sent[4 : 4 + length]), np.frombuffer(sent[4 + length :], "<f4")
    assert np.array_equal(values, np.concatenate([CONTENT.before.ravel(), CONTENT.after.ravel()]))
    assert header["features"] == ["temp", "<b>humid</b>"] and header["numbers"] == [0, 5]
    assert header["order"] == {"number": 3, "segment": {"first": 1, "last": 2, "features": [5]}}
    assert header["colours"][0] != header["colours"][1]


def test_an_edit_is_another_token() -> None:
    assert replace(CONTENT, after=CONTENT.after + 1).token != CONTENT.token
    assert replace(CONTENT, after=CONTENT.after.copy()).token == CONTENT.token


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"times": ()}, "The window has 0 times and 2 rows, expected one or more of each"),
        ({"before": CONTENT.before[:3]}, r"The shape of the series before is \(3, 2\), expected \(4, 2\): 4 times and 2 rows"),
        ({"after": CONTENT.after[:, :1]}, r"The shape of the series after is \(4, 1\), expected \(4, 2\)"),
        ({"units": ("°F",)}, r"The shape of the units is \(1,\), expected \(2,\)"),
    ],
)
def test_rows_that_do_not_fit_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        replace(CONTENT, **change)


def test_a_brush_is_a_segment() -> None:
    assert read_report({"view": BRUSHED}) == ViewReport(Segment(1, 2, (0, 5)), 7)
    assert read_edit({"view": BRUSHED}) is None
    assert read_report(None) is read_report({}) is read_edit(None) is None


def test_a_path_is_an_edit_from_its_first_to_its_last_step() -> None:
    assert read_edit({"view": DRAWN}) == Draw(Segment(1, 3, (5,)), (Point(1, 2.5), Point(3, -1.0)))
    assert read_report({"view": DRAWN}) == ViewReport(Segment(1, 3, (5,)), 8)


def test_a_drag_of_the_segment_is_a_shift_of_it() -> None:
    assert read_edit({"view": DRAGGED}) == Shift(Segment(1, 2, (0, 5)), -3.0)
    assert read_report({"view": DRAGGED}) == ViewReport(Segment(1, 2, (0, 5)), 9)


def test_a_path_is_heard_once() -> None:
    """The component keeps its last report over every rerun: the same path was once drawn again by each click elsewhere."""

    def script(report: dict[str, object]) -> None:
        import streamlit as st

        from complex_lstm.ui.components.series_editor import made_edit

        st.session_state["canvas"] = {"view": report}
        st.session_state.setdefault("edits", []).append(made_edit("canvas"))

    app = AppTest.from_function(script, default_timeout=PATIENCE, kwargs={"report": DRAWN}).run().run()

    assert not app.exception
    assert app.session_state["edits"] == [read_edit({"view": DRAWN}), None]


def test_a_drag_that_goes_on_is_no_edit_yet() -> None:
    def script(reports: list[dict[str, object]]) -> None:
        import streamlit as st

        from complex_lstm.ui.components.series_editor import made_edit, moving_edit

        for report in reports:
            st.session_state["canvas"] = {"view": report}
            st.session_state.setdefault("edits", []).append((moving_edit("canvas"), made_edit("canvas")))

    moving = DRAGGED | {"isPreview": True}

    app = AppTest.from_function(
        script, default_timeout=PATIENCE, kwargs={"reports": [moving, DRAGGED | {"isPreview": False, "stamp": 10}]}
    ).run()

    shift = Shift(Segment(1, 2, (0, 5)), -3.0)
    assert not app.exception and app.session_state["edits"] == [(shift, None), (None, shift)]
    assert is_preview({"view": moving}) and not is_preview({"view": DRAGGED}) and not is_preview(None)


def test_a_page_shows_some_of_the_features_and_keeps_its_segment() -> None:
    def script() -> None:
        import numpy as np
        import streamlit as st

        from complex_lstm.interpretation.edits import Segment
        from complex_lstm.ui.components.series_editor import series_canvas

        st.session_state["brushed"] = series_canvas(
            np.ones((4, 3)),
            np.zeros((4, 3)),
            shown=[0, 2],
            features=["a", "b", "c"],
            units=(),
            times=["1", "2", "3", "4"],
            segment=st.session_state.get("brushed", Segment(1, 2, (2,))),
            file_name="what_if",
            component_key="canvas",
        )

    app = AppTest.from_function(script, default_timeout=PATIENCE).run().run()

    assert not app.exception and app.session_state["brushed"] == Segment(1, 2, (2,))
