"""The window after edits: undo and redo, what its prediction means, and how far attention has moved."""

import numpy as np
import pytest

from complex_lstm.config import Roles, Scaling, Schema, WindowConfig
from complex_lstm.data import Dataset, prepare_for
from complex_lstm.errors import InterventionError
from complex_lstm.inference import in_data_terms
from complex_lstm.interpretation.edits import Segment, Shift
from complex_lstm.interpretation.what_if import History, apply, predicted_after
from tests.browser.truth import truth_of
from tests.data.tables import table_of

ONE, TWO, THREE = (Shift(Segment(0, 0, (0,)), float(amount)) for amount in (1, 2, 3))


def test_undo_takes_back_the_last_edit_and_redo_makes_it_again() -> None:
    history = History().add(ONE).add(TWO)

    assert history.applied == (ONE, TWO)
    assert history.undo().applied == (ONE,) and history.undo().edits == (ONE, TWO)
    assert history.undo().redo() == history


def test_undo_and_redo_end_at_the_ends() -> None:
    history = History().add(ONE)

    assert history.undo().undo() == history.undo() and history.undo().applied == ()
    assert history.redo() == history and History().undo() == History().redo() == History()


def test_a_new_edit_forgets_what_was_undone() -> None:
    history = History().add(ONE).add(TWO).undo().add(THREE)

    assert history.edits == history.applied == (ONE, THREE)


def test_a_history_goes_to_edits_that_it_knows_and_begins_anew_with_others() -> None:
    history = History().add(ONE).add(TWO)

    assert history.at((ONE,)) == history.undo() and history.at(()) == history.undo().undo()
    assert history.at((TWO,)) == History((TWO,), 1)


def test_a_value_that_no_cell_can_hold_is_refused() -> None:
    """A float32 cell holds up to 3.4e38: beyond it the model saw infinity and said nan."""
    dataset = truth_of("nyc_weather").dataset

    with pytest.raises(InterventionError, match="The edits give a value that no cell can hold. Take a smaller number."):
        apply([Shift(Segment(3, 5, (2,)), 1e60)], dataset, 5)


def test_without_edits_the_model_sees_exactly_what_it_saw() -> None:
    dataset = truth_of("nyc_weather").dataset
    x = dataset.windows.inputs(np.array([5]))[0]

    assert np.array_equal(apply([], dataset, 5).x, x)
    shifted = apply([Shift(Segment(3, 5, (2,)), 7.0)], dataset, 5)
    assert shifted.changed.sum() == 3 and np.array_equal(shifted.x[~shifted.changed], x[~shifted.changed])
    assert np.array_equal(shifted.unedited.x, x)


def change_of(target: str) -> Dataset:
    """One window of p = 15, 25, 5 whose target is learned as its change, of mean 1 and deviation 2."""
    schema = Schema(Roles(("p", "q"), (target,), "values"))
    table = table_of("p,q,r", "15,2,8", "25,6,9", "5,-2,6")
    return prepare_for(table, schema, WindowConfig(length=3, as_change=True), Scaling((10.0, 2.0), (5.0, 4.0), (1.0,), (2.0,)))


@pytest.mark.parametrize(
    ("target", "step", "expected"),
    [
        ("p", 2, 10.0),  # 0.5 * 2 + 1 more than the last value, 5 + 3
        ("p", 1, 7.0),  # an earlier step is not what the change is added to
        ("r", 2, 8.0),  # 2 more than 6: the target is no feature, and no edit moves it
    ],
)
def test_a_forecast_change_is_added_to_the_edited_last_value(target: str, step: int, expected: float) -> None:
    dataset = change_of(target)
    edited = apply([Shift(Segment(step, step, (0,)), 3.0)], dataset, 0)

    assert predicted_after(np.array([0.5]), edited, dataset, 0).tolist() == [expected]


@pytest.mark.parametrize("sample", ["nyc_weather", "planted_order"])
def test_without_edits_a_prediction_means_what_it_means_elsewhere(sample: str) -> None:
    truth = truth_of(sample)
    outputs = truth.trace(7).prediction[0].double().numpy()

    found = predicted_after(outputs, apply([], truth.dataset, 7), truth.dataset, 7)

    assert found == pytest.approx(in_data_terms(outputs[None], truth.dataset, np.array([7]))[0])
