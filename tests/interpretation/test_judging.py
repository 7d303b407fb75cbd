"""The verdict on maps of any origin: ours and a bare array get the same, a wrong map gets another, and what does not fit is refused."""

from typing import Any

import numpy as np
import pytest
import torch

from complex_lstm import explain, judge, request_for
from complex_lstm.errors import ExplanationError, Stopped

# Ten steps of three features, of which the sum of four cells is the output
CAUSE = np.zeros((10, 3))
CAUSE[4:8, 1] = 1.0
WINDOW = np.ones((10, 3))
REQUEST = request_for(WINDOW, np.random.default_rng(0).normal(size=(40, 10, 3)), baseline="zero")


def caused(x: np.ndarray) -> np.ndarray:
    return (x * CAUSE).sum(axis=(1, 2))


def test_the_true_cells_are_praised_and_others_are_not() -> None:
    right, wrong = judge(caused, CAUSE, REQUEST), judge(caused, np.roll(CAUSE, 1, axis=1), REQUEST)

    assert right.standing == "faithful" and wrong.standing != "faithful"
    assert right.method == "given map" and right.numbers.startswith("of the difference from the baseline, 4, its first ")


def test_an_explanation_and_its_cells_alone_are_judged_alike() -> None:
    found = explain(caused, REQUEST, "ablation")

    whole, bare = judge(caused, found, REQUEST, unit="kW"), judge(caused, found.cells, REQUEST, signed=True, unit="kW")

    assert (whole.standing, whole.numbers) == (bare.standing, bare.numbers) and " kW," in whole.numbers
    assert (whole.method, bare.method) == ("ablation", "given map")


@pytest.mark.parametrize("cells", [torch.tensor(CAUSE, requires_grad=True), CAUSE[None], CAUSE.tolist()])
def test_tensors_batches_of_one_and_lists_are_maps_too(cells: Any) -> None:
    assert judge(caused, cells, REQUEST) == judge(caused, CAUSE, REQUEST)


def test_a_map_without_a_negative_cell_is_taken_as_sizes_unless_it_is_said_to_be_signed() -> None:
    """Where the output lies below that of the baseline, a positive cell of a signed map is no support of it."""
    below = request_for(-WINDOW, np.zeros((2, 10, 3)), baseline="zero")

    sizes, negative, positive = judge(caused, CAUSE, below), judge(caused, -CAUSE, below), judge(caused, CAUSE, below, signed=True)

    assert "it has no sign" in sizes.warnings[-1] and not negative.warnings
    assert negative.standing == sizes.standing == "faithful" != positive.standing


def test_a_model_that_says_the_same_of_every_window_has_nothing_to_explain() -> None:
    assert judge(lambda x: np.ones(len(x)), CAUSE, REQUEST).standing == "nothing"


def test_the_verdict_on_a_model_that_is_random_says_so() -> None:
    random = np.random.default_rng(0)

    found = judge(lambda x: caused(x) + random.normal(size=len(x)), CAUSE, REQUEST)

    assert found.warnings[-1].startswith("called twice with the same windows, the model gives outputs that differ by ")


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (CAUSE.T, r"The map has the shape \(3, 10\), the request's window \(10, 3\). Is it \(feature, time\)\? Give its transpose"),
        (CAUSE[:, 0], r"The map has the shape \(10,\), the request's window \(10, 3\).$"),
        (np.where(CAUSE > 0, np.nan, 0.0), r"the map \(time, feature\) has no finite number in 4 cells, the first at \(4, 1\)"),
        (
            np.where(np.arange(30).reshape(10, 3) == 1, np.inf, CAUSE),
            r"no finite number in 1 cell, the first at \(0, 1\). Give each a number.",
        ),
        ("attribution.npy", r"the map cannot be read as numbers \(time, feature\): could not convert string"),
    ],
)
def test_a_map_that_does_not_fit_is_refused_in_a_sentence(cells: Any, words: str) -> None:
    with pytest.raises(ExplanationError, match=words):
        judge(caused, cells, REQUEST)


def test_an_explanation_of_another_window_is_refused() -> None:
    shorter = request_for(WINDOW[:5], np.zeros((2, 5, 3)))

    with pytest.raises(ExplanationError, match=r"The explanation has cells of shape \(5, 3\), the request's window \(10, 3\)"):
        judge(caused, explain(lambda x: x.sum(axis=(1, 2)), shorter, "ablation"), REQUEST)


def test_a_judgement_can_be_stopped() -> None:
    with pytest.raises(Stopped):
        judge(caused, CAUSE, REQUEST, stop=lambda: True)
