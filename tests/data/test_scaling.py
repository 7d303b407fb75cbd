"""Scaling is fitted on what may be seen, and undone before anything is shown."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from complex_lstm.config import Roles, Scaling, WindowConfig
from complex_lstm.data import make_scaling, prepare_bare, read_numbers, read_scaling, scale_targets, unscale, unscale_targets
from complex_lstm.data.scaling import fit_scaling, scale
from complex_lstm.data.series import make_series
from complex_lstm.data.splitting import Span
from complex_lstm.errors import DataError
from tests.data.tables import VALUES, table_of

ROWS = ("id,step,x,y", "a,0,1,10", "a,1,3,13", "a,2,,19", "a,3,500,900", "b,0,5,40", "b,1,5,70", "b,2,5,80")
SPANS = (Span(0, 0, 3, "training"), Span(0, 3, 4, "test"), Span(1, 0, 2, "training"), Span(1, 2, 3, "validation"))


def test_moments_are_those_of_the_filled_cells_of_the_training_part() -> None:
    scaling = fit_scaling(make_series(table_of(*ROWS), VALUES), SPANS, WindowConfig())

    assert scaling.feature_mean == (3.5, 30.4)  # of 1 3 5 5, and of 10 13 19 40 70
    assert scaling.feature_std == pytest.approx((np.sqrt(11 / 4), np.std([10, 13, 19, 40, 70])))
    assert (scaling.target_mean, scaling.target_std) == (scaling.feature_mean[1:], scaling.feature_std[1:])


def test_a_change_is_scaled_by_changes_within_one_span() -> None:
    scaling = fit_scaling(make_series(table_of(*ROWS), VALUES), SPANS, WindowConfig(as_change=True))

    assert scaling.target_mean == (13,)  # of 13-10, 19-13 and 70-40, none from series a to b
    assert scaling.target_std == pytest.approx((np.std([3, 6, 30]),))


def test_a_change_over_a_horizon_is_scaled_as_such() -> None:
    scaling = fit_scaling(make_series(table_of(*ROWS), VALUES), SPANS, WindowConfig(as_change=True, horizon=2))

    assert scaling.target_mean == (9,) and scaling.target_std == (1,)  # 19-10 alone


def test_a_column_that_never_changes_keeps_the_scale_one() -> None:
    scaling = fit_scaling(make_series(table_of("x,y", "7,1", "7,2"), VALUES), (Span(0, 0, 2, "training"),), WindowConfig())

    assert (scaling.feature_mean[0], scaling.feature_std[0]) == (7, 1)
    assert scale(np.array([[7.0, 1.0]]), scaling).tolist() == [[0, -1]]


SCALING = Scaling((10.0,), (4.0,), (2.0,), (0.5,))


def test_a_change_goes_there_and_back_by_hand() -> None:
    actual, last, as_change = np.array([[13.0]]), np.array([[10.0]]), WindowConfig(as_change=True)

    learned = scale_targets(actual, last, SCALING, as_change)

    assert learned.tolist() == [[2]]  # the change of 3 is 2 standard deviations of 0.5 above its mean of 2
    assert unscale_targets(learned, last, SCALING, as_change).tolist() == [[13]]


def test_a_value_goes_there_and_back_by_hand() -> None:
    actual, last = np.array([[3.0]]), np.array([[99.0]])

    learned = scale_targets(actual, last, SCALING, WindowConfig())

    assert learned.tolist() == [[2]]
    assert unscale_targets(learned, last, SCALING, WindowConfig()).tolist() == [[3]]


@given(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4), st.floats(0.01, 1e3), st.booleans())
def test_unscaling_undoes_scaling(actual: float, last: float, std: float, as_change: bool) -> None:
    scaling, window = Scaling((actual,), (std,), (last,), (std,)), WindowConfig(as_change=as_change)
    cell, before = np.array([[actual]]), np.array([[last]])

    back = unscale_targets(scale_targets(cell, before, scaling, window), before, scaling, window)

    assert np.allclose(back, cell, rtol=1e-9, atol=1e-6)
    assert np.allclose(unscale(scale(cell, scaling).astype(float), scaling), cell)


TWO = Roles(("x", "y"), ("y",), "values")
CSV = b"column,mean,std\nx,1,2\ny,3,4\ny change,0,0.5\n"


@pytest.mark.parametrize("text", ["[1.5 -2.  3e1]", "1.5, -2, 30", "1.5;-2;30", "array([1.5, -2., 30.])"])
def test_numbers_are_read_as_programs_print_them(text: str) -> None:
    assert read_numbers(text) == (1.5, -2, 30)


def test_a_scaling_is_read_by_columns_and_by_lists() -> None:
    by_column = Scaling((1.0, 3.0), (2.0, 4.0), (3.0,), (4.0,))

    assert read_scaling(CSV, "s.csv", TWO) == by_column
    assert read_scaling(b'{"y": {"mean": 3, "std": 4}, "x": {"mean": 1, "std": 2}}', "s.json", TWO) == by_column
    lists = b'{"feature_mean": [1, 3], "feature_std": [2, 4], "target_mean": [3], "target_std": [4]}'
    assert read_scaling(lists, "s.json", TWO) == by_column
    assert read_scaling(CSV, "s.csv", TWO, as_change=True) == Scaling((1.0, 3.0), (2.0, 4.0), (0.0,), (0.5,))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "neither a CSV with the columns column, mean and std nor JSON"),
        (b"name,mu\nx,1\n", "the header is 'name,mu'"),
        (b"{broken", "neither a CSV"),
        (b"\xff\xfe\x00", "neither a CSV"),
        (b"column,mean,std\nx,1,2\n", "no mean and deviation of 'y'"),
        (b"column,mean,std\nx,1,2\ny,a,1\n", "'a' in s, 'y' is not a finite number"),
        (b"column,mean,std\nx,1,0\ny,1,1\n", "A standard deviation is above 0"),
        (b'{"feature_mean": [1], "feature_std": [2, 4]}', "1 means and 2 deviations for 2 features"),
        (b'{"feature_mean": 1}', "expected a list"),
    ],
)
def test_a_scaling_that_cannot_be_says_why(content: bytes, told: str) -> None:
    with pytest.raises(DataError) as error:
        read_scaling(content, "s", TWO)
    assert told in str(error.value)


def test_classes_have_no_scaling_of_their_target() -> None:
    assert make_scaling(Roles(("x",), ("kind",), "classes"), [1.0], [2.0], [5.0], [6.0]) == Scaling((1.0,), (2.0,))


def test_the_windows_of_a_model_of_weights_alone_are_of_this_file_and_scaled_as_given() -> None:
    """Nobody knows which of them it was trained on, so that none is of a training, validation or test part."""
    given = Scaling((1.0, 10.0), (2.0, 5.0), (10.0,), (5.0,))
    roles, window = Roles(("x", "y"), ("y",), "values", "id", "step"), WindowConfig(length=2, stride=1)

    made, own = (prepare_bare(table_of(*ROWS), roles, window, scaling) for scaling in (given, None))

    assert set(made.windows.part) == {"this file"} == set(own.windows.part)
    assert made.windows.inputs(np.array([0]))[0].tolist() == [[0.0, 0.0], [1.0, pytest.approx(0.6)]]  # (3 - 1) / 2, (13 - 10) / 5
    assert own.scaling.feature_mean[1] == pytest.approx(np.mean([10, 13, 19, 900, 40, 70, 80]))
