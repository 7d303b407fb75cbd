"""The importance canvas as Python knows it: what it sends, what it refuses, and which pin it reports."""

import json
import struct
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.errors import ShapeError
from complex_lstm.ui.components.attribution_maps import CellPin
from complex_lstm.ui.components.attribution_maps.payload import Content, ImportanceView, Window, encode, read_report
from complex_lstm.ui.components.shared import Agreement, ViewReport, float32
from tests.pages.conftest import PATIENCE

STEPS, FEATURES, METHODS = 4, 3, 2
WINDOW = Window(
    series=float32(np.arange(12).reshape(STEPS, FEATURES)),
    scaled=float32(-np.arange(12).reshape(STEPS, FEATURES)),
    truth=float32(np.zeros((0, FEATURES))),
    features=("temp", "<b>humid</b>", "wind"),
    units=("°F", "%", ""),
    times=("1", "2", "3", "4"),
)
CONTENT = Content(
    cells=float32(np.linspace(-1, 1, 24).reshape(METHODS, STEPS, FEATURES)),
    window=WINDOW,
    methods=("Ablation", "Gradient magnitude"),
    unsigned=(False, True),
    unit="°F",
    own_range=False,
)


def decoded(content: Content) -> tuple[dict[str, Any], np.ndarray]:
    """Read a message as the browser does."""
    order = ImportanceView(content.window.token, CellPin(1, 2))
    sent = encode(content, agreement=Agreement(order, 3, order, None), file_name="importance")
    (length,) = struct.unpack_from("<I", sent)
    return json.loads(sent[4 : 4 + length]), np.frombuffer(sent[4 + length :], "<f4")


def test_the_browser_gets_the_cells_then_the_series_then_the_scaled_series() -> None:
    header, values = decoded(CONTENT)

    assert np.array_equal(values, np.concatenate([CONTENT.cells.ravel(), WINDOW.series.ravel(), WINDOW.scaled.ravel()]))
    assert header["features"] == ["temp", "<b>humid</b>", "wind"] and header["unsigned"] == [False, True]
    assert header["isTruthKnown"] is False
    assert header["order"] == {"number": 3, "view": {"window": WINDOW.token, "pin": {"step": 1, "feature": 2}}}


def test_the_true_cells_come_last_where_they_are_known() -> None:
    truth = np.zeros((STEPS, FEATURES), dtype=bool)
    truth[2, 1] = True

    header, values = decoded(replace(CONTENT, window=replace(WINDOW, truth=float32(truth))))

    assert header["isTruthKnown"] is True
    assert np.flatnonzero(values[-STEPS * FEATURES :]).tolist() == [2 * FEATURES + 1]


def test_another_method_is_another_token_of_the_same_window() -> None:
    """The page polls while methods are computed: all is drawn anew, and cursor and pin stay."""
    fewer = replace(CONTENT, cells=CONTENT.cells[:1], methods=("Ablation",), unsigned=(False,))

    assert fewer.token != CONTENT.token
    assert fewer.window.token == CONTENT.window.token
    assert replace(WINDOW, times=("1", "2", "3", "5")).token != WINDOW.token


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"methods": (), "unsigned": ()}, "There is no method, expected one or more"),
        ({"unsigned": (True,)}, "There are 1 marks of methods without a sign, expected 2"),
        ({"cells": CONTENT.cells[:, :3]}, r"The cells have shape \(2, 3, 3\), expected \(2, 4, 3\)"),
    ],
)
def test_cells_that_do_not_fit_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        replace(CONTENT, **change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"times": ()}, "The window has 0 times and 3 features, expected one or more of each"),
        ({"series": WINDOW.series[:3]}, r"The shape of the series is \(3, 3\), expected \(4, 3\)"),
        ({"scaled": WINDOW.scaled[:, :2]}, r"The shape of the scaled series is \(4, 2\), expected \(4, 3\)"),
        ({"units": ("°F",)}, r"The shape of the units is \(1,\), expected \(3,\): 4 times and 3 features"),
        ({"truth": WINDOW.series[:2]}, r"The shape of the truth is \(2, 3\), expected \(4, 3\)"),
    ],
)
def test_a_window_that_does_not_fit_itself_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        replace(WINDOW, **change)


def test_a_report_is_a_pin_in_a_window() -> None:
    told = {"view": {"window": "abc", "pin": {"step": 12, "feature": 2}, "stamp": 7}}

    assert read_report(told) == ViewReport(ImportanceView("abc", CellPin(12, 2)), 7)
    assert read_report({"view": {"window": "abc", "pin": None, "stamp": 8}}) == ViewReport(ImportanceView("abc"), 8)
    assert read_report(None) is None and read_report({}) is None


def test_a_pin_belongs_to_its_window() -> None:
    view = ImportanceView("abc", CellPin(1, 2))

    assert view.within("abc") is view
    assert view.within("other") == ImportanceView("other")


def test_a_page_draws_more_and_more_methods_without_a_pin() -> None:
    def script() -> None:
        import numpy as np
        import streamlit as st

        from complex_lstm.ui.components.attribution_maps import importance_canvas

        count = st.session_state["count"] = st.session_state.get("count", 0) + 1
        st.session_state["pin"] = importance_canvas(
            np.ones((count, 4, 2)),
            series=np.ones((4, 2)),
            scaled=np.ones((4, 2)),
            methods=[f"method {number}" for number in range(count)],
            unsigned=[False] * count,
            features=["a", "b"],
            units=["", ""],
            unit="logit",
            times=["1", "2", "3", "4"],
            truth=np.eye(4, 2, dtype=bool),
            own_range=False,
            file_name="importance",
            component_key="canvas",
        )

    app = AppTest.from_function(script, default_timeout=PATIENCE).run().run()

    assert not app.exception
    assert app.session_state["count"] == 2 and app.session_state["pin"] is None
