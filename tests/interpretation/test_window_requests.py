"""A request from windows alone: baselines and scales by hand, and what is refused."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from complex_lstm import BASELINES, ExplanationRequest, request_for
from complex_lstm.errors import ExplanationError
from complex_lstm.interpretation.window_requests import BASELINE_NAMES

WINDOW = np.array([[1.0, 200.0], [3.0, 400.0], [5.0, 0.0]])
BACKGROUND = np.array([np.zeros((3, 2)), np.full((3, 2), [2.0, 600.0])])  # mean 1 and 300, deviation 1 and 300
SCALE = np.array([1.0, 256.0])  # the powers of two next to the deviations


def in_units(request: ExplanationRequest, windows: np.ndarray) -> list:
    assert request.scale is not None
    return (windows * request.scale).tolist()


@pytest.mark.parametrize(
    ("baseline", "by_hand"),
    [
        ("training_mean", [[[1, 300]] * 3]),
        ("window_mean", [[[3, 200]] * 3]),
        ("zero", [[[0, 0]] * 3]),
        ("interpolated", [[[1, 200], [3, 100], [5, 0]]]),
        ([7, 8], [[[7, 8]] * 3]),
        (WINDOW, [WINDOW.tolist()]),
        (BACKGROUND, BACKGROUND.tolist()),
    ],
)
def test_each_baseline_is_as_worked_out_by_hand(baseline: Any, by_hand: list) -> None:
    request = request_for(WINDOW, BACKGROUND, 1, baseline=baseline)

    assert in_units(request, request.baselines) == by_hand
    assert request.interpolated is (isinstance(baseline, str) and baseline == "interpolated")
    assert request.output == 1 and not request.as_probability


def test_windows_are_counted_in_about_a_standard_deviation_and_no_digit_is_lost() -> None:
    request = request_for(WINDOW, BACKGROUND)

    assert request.scale is not None and request.scale.tolist() == SCALE.tolist()
    assert request.x.tolist() == (WINDOW / SCALE).tolist() and in_units(request, request.x) == WINDOW.tolist()
    assert sorted(in_units(request, request.draws)) == BACKGROUND.tolist()


def test_a_feature_that_never_varies_keeps_its_unit() -> None:
    request = request_for(WINDOW, np.ones((2, 3, 2)))

    assert request.scale is not None and request.scale.tolist() == [1, 1]


def test_draws_come_from_the_background_and_are_no_more_than_they_have_to_be() -> None:
    background = np.random.default_rng(0).normal(size=(100, 3, 2))

    request = request_for(WINDOW, background, baseline="training_draws")

    rows = {tuple(one) for one in background.astype(np.float32).reshape(100, -1).tolist()}
    assert request.draws.shape == (32, 3, 2) and request.baselines.shape == (8, 3, 2)
    assert {tuple(one) for one in np.reshape(in_units(request, request.draws), (32, -1)).tolist()} <= rows


@pytest.mark.parametrize(
    ("x", "background"),
    [
        (torch.tensor(WINDOW, requires_grad=True), torch.tensor(BACKGROUND)),
        (WINDOW[None], list(BACKGROUND)),
        (WINDOW.tolist(), BACKGROUND.tolist()),
        (pd.DataFrame(WINDOW, columns=["a", "b"]), [pd.DataFrame(one, columns=["a", "b"]) for one in BACKGROUND]),
    ],
)
def test_tensors_tables_and_lists_are_windows_too(x: Any, background: Any) -> None:
    found, expected = request_for(x, background), request_for(WINDOW, BACKGROUND)

    assert found.x.tolist() == expected.x.tolist() and found.draws.tolist() == expected.draws.tolist()


@pytest.mark.parametrize("output", [np.array([0.1, 0.7]).argmax(), torch.tensor([0.1, 0.7]).argmax()])
def test_the_output_may_be_the_argmax_of_outputs(output: Any) -> None:
    assert request_for(WINDOW, BACKGROUND, output).output == 1


def test_baselines_have_the_names_that_they_have_on_the_pages() -> None:
    assert set(BASELINE_NAMES) == set(BASELINES) - {"chosen_window"}  # which is an array here


def test_a_request_says_what_it_measures_against() -> None:
    assert request_for(WINDOW, BACKGROUND).baseline_name == "the background's mean of each feature"
    assert request_for(WINDOW, BACKGROUND, baseline=[1, 2]).baseline_name == "the baseline given"
    assert {request_for(WINDOW, BACKGROUND, baseline=name).baseline_name for name in BASELINE_NAMES} == set(BASELINE_NAMES.values())


HOLED = np.where(np.eye(3, 2, dtype=bool), np.nan, WINDOW)
SINCE_1970 = np.array([1.8e9, 0.0])


@pytest.mark.parametrize(
    ("x", "background", "about", "words"),
    [
        (HOLED, BACKGROUND, {}, r"x \(time, feature\) has no finite number in 2 cells, the first at \(0, 0\). Give each a number"),
        (
            WINDOW,
            np.where(BACKGROUND > 500, np.inf, BACKGROUND),
            {},
            r"background \(window, time, feature\) has no finite number in 3 cells, the first at \(1, 0, 1\)",
        ),
        (WINDOW, [WINDOW, HOLED], {}, r"background\[1\] .* has no finite number in 2 cells, the first at \(0, 0\)"),
        ([["a", "b"]], BACKGROUND, {}, r"x\[0\]\[0\] cannot be read as numbers \(time, feature\): could not convert"),
        (
            pd.DataFrame({"a": [1.0], "b": ["mild"]}),
            BACKGROUND,
            {},
            "x cannot be read as numbers .*could not convert string to float: 'mild'",
        ),
        (None, BACKGROUND, {}, r"x is None, expected numbers \(time, feature\)"),
        (WINDOW, [WINDOW, WINDOW[:2]], {}, "background cannot be read as numbers .*same shape"),
        (WINDOW[:, 0], BACKGROUND, {}, r"x has the shape \(3,\), expected \(time, feature\). A series of one feature is x\[:, None\]"),
        (WINDOW[:0], BACKGROUND[:, :0], {}, r"x has the shape \(0, 2\)"),
        (WINDOW.T, BACKGROUND, {}, r"background has the shape \(2, 3, 2\), expected \(window, time, feature\) with 2 steps and 3 features"),
        (WINDOW, BACKGROUND[0], {}, r"background has the shape \(3, 2\)"),
        (WINDOW, BACKGROUND[:1], {}, "background has one window; how far the output spreads takes two"),
        (WINDOW, BACKGROUND, {"baseline": "mean"}, "There is no baseline 'mean'; choose one of training_mean, .*, or give an array"),
        (
            WINDOW,
            BACKGROUND,
            {"baseline": [1, 2, 3]},
            r"baseline has the shape \(3,\), expected \(2,\) for a number of each feature, \(3, 2\)",
        ),
        (WINDOW, BACKGROUND, {"output": "rise"}, "output is 'rise', expected the number of one of the model's outputs, counted from 0"),
        (WINDOW, BACKGROUND, {"baseline": BACKGROUND[:0]}, r"baseline has the shape \(0, 3, 2\)"),
        (
            WINDOW + SINCE_1970,
            BACKGROUND + SINCE_1970,
            {},
            r"Feature 0 of x has values near 1.8e\+09 that differ by about 1: single precision",
        ),
    ],
)
def test_windows_that_do_not_fit_are_refused_in_a_sentence(
    x: Any, background: Any, about: dict[str, Any], words: str, shapes_unchecked: None
) -> None:
    with pytest.raises(ExplanationError, match=words):
        request_for(x, background, **about)


def test_tables_with_their_columns_in_another_order_are_refused() -> None:
    tables = [pd.DataFrame(one, columns=["b", "a"]) for one in BACKGROUND]

    with pytest.raises(
        ExplanationError, match=r"background\[0\] has the columns \['b', 'a'\], x has \['a', 'b'\]. Bring them in one order"
    ):
        request_for(pd.DataFrame(WINDOW, columns=["a", "b"]), tables)
