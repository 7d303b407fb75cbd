"""Edits of a window, each against arrays worked out by hand: p is 15, 25, 5 and q is 2, 6, -2 in the file's units."""

import numpy as np
import pytest

from complex_lstm.config import Roles, Scaling, Schema, SplitConfig, WindowConfig
from complex_lstm.data import Dataset, prepare_for, prepare_training
from complex_lstm.errors import InterventionError
from complex_lstm.interpretation.edits import Cell, Draw, Edit, Mask, Point, Replace, Scale, Segment, Shift, Smooth, Swap, in_units
from complex_lstm.interpretation.what_if import apply
from tests.data.tables import table_of

P, Q, BOTH = (0,), (1,), (0, 1)
WHOLE = Segment(0, 2, BOTH)


@pytest.fixture(scope="module")
def two() -> Dataset:
    """Two windows of three steps, the second one step after the first; p has mean 10 and deviation 5, q has 2 and 4."""
    scaling = Scaling((10.0, 2.0), (5.0, 4.0), (10.0, 2.0), (5.0, 4.0))
    table = table_of("p,q", "15,2", "25,6", "5,-2", "20,2")
    return prepare_for(table, Schema(Roles(("p", "q"), ("p", "q"), "values")), WindowConfig(length=3), scaling)


BY_HAND: dict[str, tuple[Edit, list[float], list[float]]] = {
    "shift": (Shift(Segment(1, 2, P), 2.0), [15, 27, 7], [2, 6, -2]),
    "scale around the segment's own mean, 20": (Scale(Segment(0, 1, P), 0.5), [17.5, 22.5, 5], [2, 6, -2]),
    "turn upside down": (Scale(WHOLE, -1.0), [15, 5, 25], [2, -2, 6]),
    "smooth, at the ends over two": (Smooth(WHOLE, 3), [20, 15, 15], [4, 2, 2]),
    "smooth with cells beside the segment": (Smooth(Segment(1, 1, P), 3), [15, 15, 5], [2, 6, -2]),
    "smooth over more than there is": (Smooth(WHOLE, 25), [15, 15, 15], [2, 2, 2]),
    "mask with the training mean": (Mask(Segment(0, 1, BOTH), "training_mean"), [10, 10, 5], [2, 2, -2]),
    "mask with the window's mean": (Mask(Segment(1, 1, BOTH), "window_mean"), [15, 15, 5], [2, 2, -2]),
    "mask with zero": (Mask(Segment(1, 2, Q), "zero"), [15, 25, 5], [2, 0, 0]),
    "bridge one cell": (Mask(Segment(1, 1, BOTH), "interpolated"), [15, 10, 5], [2, 0, -2]),
    "bridge a whole column": (Mask(Segment(0, 2, P), "interpolated"), [15, 10, 5], [2, 6, -2]),
    "draw a line": (Draw(Segment(0, 2, P), (Point(2, 20.0), Point(0, 10.0))), [10, 15, 20], [2, 6, -2]),
    "draw level beyond the points": (Draw(Segment(0, 2, Q), (Point(1, 7.0),)), [15, 25, 5], [7, 7, 7]),
    "swap in from the second window": (Swap(Segment(1, 2, P), 1), [15, 5, 20], [2, 6, -2]),
    "replace": (Replace(Segment(0, 2, BOTH), (Cell(0, 1, -9.0), Cell(2, 0, 1.0)), "toys"), [15, 25, 1], [-9, 6, -2]),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_an_edit_by_hand(two: Dataset, name: str) -> None:
    edit, p, q = BY_HAND[name]

    edited = apply([edit], two, 0)

    assert edited.before.tolist() == [[15, 2], [25, 6], [5, -2]]
    assert np.allclose(edited.after.T, [p, q])
    assert np.allclose(edited.x.T, [(np.array(p) - 10) / 5, (np.array(q) - 2) / 4])


def test_edits_act_one_upon_another(two: Dataset) -> None:
    shifted, scaled = Shift(Segment(1, 1, P), 5.0), Scale(Segment(0, 1, P), 2.0)

    assert apply([shifted, scaled], two, 0).after[:, 0].tolist() == [7.5, 37.5, 5]  # 15 and 30 around 22.5
    assert apply([scaled, shifted], two, 0).after[:, 0].tolist() == [10, 35, 5]  # 10 and 30, then 5 more


def test_a_window_of_another_length_is_stretched_to_this_ones() -> None:
    """Series n counts its 3 + n steps: of 0 to 4 the first, third and last are left."""
    rows = [f"s{n},{step},{step},{'a' if n % 2 else 'b'}" for n in range(12) for step in range(3 + n)]
    roles = Roles(("x",), ("kind",), "classes", series="id", time="t")
    growing = prepare_training(table_of("id,t,x,kind", *rows), roles, WindowConfig(whole_series=True), SplitConfig("series"))
    three, five = (int(np.flatnonzero(growing.windows.length == length)[0]) for length in (3, 5))

    assert apply([Swap(Segment(0, 2, P), five)], growing, three).after[:, 0].tolist() == [0, 2, 4]
    assert apply([Swap(Segment(0, 4, P), three)], growing, five).after[:, 0].tolist() == [0, 0.5, 1, 1.5, 2]


def test_an_empty_cell_is_edited_as_the_model_sees_it() -> None:
    scaling = Scaling((10.0,), (5.0,), (10.0,), (5.0,))
    table = table_of("p,q", "15,1", ",1", "5,1")
    carried = prepare_for(table, Schema(Roles(("p",), ("p",), "values")), WindowConfig(length=3), scaling)

    assert in_units(carried, 0)[:, 0].tolist() == [15, 15, 5]
    assert apply([Shift(Segment(1, 1, P), 1.0)], carried, 0).after[:, 0].tolist() == [15, 16, 5]


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (Shift(Segment(1, 3, P), 1.0), "The segment 1 to 3 does not lie in the window, which has steps 0 to 2"),
        (Shift(Segment(2, 1, P), 1.0), "The segment 2 to 1 does not lie"),
        (Shift(Segment(0, 1, ()), 1.0), "The segment has no feature"),
        (Shift(Segment(0, 1, (0, 2)), 1.0), "names feature 2; the window has features 0 to 1"),
        (Shift(WHOLE, float("nan")), "The amount is nan, expected a number"),
        (Scale(WHOLE, float("inf")), "The factor is inf, expected a number"),
        (Smooth(WHOLE, 4), "a width of 4, expected an odd number"),
        (Draw(WHOLE, ()), "The path has no point"),
        (Draw(WHOLE, (Point(0, float("inf")),)), "The value of the path is inf"),
        (Swap(WHOLE, 2), "There is no window 2; the data set has windows 0 to 1"),
    ],
)
def test_an_edit_that_cannot_be_made_says_why(two: Dataset, edit: Edit, message: str) -> None:
    with pytest.raises(InterventionError, match=message):
        apply([edit], two, 0)
