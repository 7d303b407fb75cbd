import numpy as np
import pandas as pd
import pytest
import torch

from complex_lstm import load_checkpoint
from complex_lstm.config import Roles, Scaling, Schema, WindowConfig
from complex_lstm.data import Dataset, prepare_for, read_csv
from complex_lstm.errors import ExplanationError
from complex_lstm.interpretation import explain, make_request
from complex_lstm.interpretation.ground_truth import detect, true_cells
from tests.conftest import SAMPLE_DATA
from tests.data.tables import table_of


def windows_of_four() -> Dataset:
    """Return windows of 4 steps, 2 apart: of series 1 from steps 0, 2 and 4, of series 2 from 0 and 2."""
    rows = [f"{series},{step},{step},{step % 2}" for series, length in (("1", 8), ("2", 6)) for step in range(length)]
    schema = Schema(Roles(("x", "y"), ("kind",), "classes", series="id", time="t"), ("no", "yes"))
    return prepare_for(table_of("id,t,x,y", *rows), schema, WindowConfig(length=4, stride=2), Scaling((0.0, 0.0), (1.0, 1.0)))


def known(*cells: tuple[object, object, object]) -> pd.DataFrame:
    return pd.DataFrame(cells, columns=["series_id", "step", "feature"])


def test_detection_by_hand() -> None:
    found = detect(np.array([[9.0, 8.0], [3.0, 1.0]]), np.array([[True, False], [True, False]]))

    assert found.auroc == 3 / 4  # of four pairs only 3 and 8 stand the wrong way round
    assert found.auprc == pytest.approx((1 / 1 + 2 / 3) / 2)  # the first is found with no miss, the second with one of three
    assert found.chance == 2 / 4


def test_only_the_size_of_a_cell_counts() -> None:
    truth = np.array([[True, False], [True, False]])

    assert detect(np.array([[-9.0, 8.0], [3.0, -1.0]]), truth) == detect(np.array([[9.0, 8.0], [3.0, 1.0]]), truth)


def test_a_blank_map_detects_by_chance() -> None:
    found = detect(np.ones((5, 2)), np.eye(5, 2, dtype=bool))

    assert (found.auroc, found.auprc) == (0.5, pytest.approx(found.chance)) and found.chance == 0.2


@pytest.mark.parametrize("every", [True, False])
def test_without_true_cells_or_others_there_is_nothing_to_detect(every: bool) -> None:
    with pytest.raises(ExplanationError, match="all or none are listed as deciding. A ranking needs some of each."):
        detect(np.ones((2, 2)), np.full((2, 2), every))


def test_steps_of_a_window_that_starts_later_are_counted_from_its_start() -> None:
    table = known((1, 0, "x"), (1, 3, "y"), (1, 7, "x"), (2, 3, "x"))

    found = [np.argwhere(true_cells(table, windows_of_four(), window)).tolist() for window in range(5)]

    assert found == [[[0, 0], [3, 1]], [[1, 1]], [[3, 0]], [[3, 0]], [[1, 0]]]


def test_a_window_without_known_cells_has_none() -> None:
    assert not true_cells(known(("elsewhere", 0, "x")), windows_of_four(), 0).any()


def test_a_table_that_lacks_a_column_is_told() -> None:
    with pytest.raises(ExplanationError, match="has no column step. It needs series_id, step, feature, one row a cell."):
        true_cells(known((1, 0, "x")).drop(columns="step"), windows_of_four(), 0)


def test_a_feature_that_the_model_does_not_have_is_told() -> None:
    with pytest.raises(ExplanationError, match="names the feature z; the model has x, y."):
        true_cells(known((1, 0, "x"), (1, 0, "z")), windows_of_four(), 0)


@pytest.mark.parametrize("step", ["late", 1.5, None])
def test_a_step_that_is_no_whole_number_is_told(step: object) -> None:
    with pytest.raises(ExplanationError, match="names the step '.+', expected a whole number that counts the series from 0."):
        true_cells(known((1, 0, "x"), (1, step, "y")), windows_of_four(), 0)


@pytest.mark.long
@pytest.mark.parametrize("method", ["integrated_gradients", "shapley"])
def test_the_cells_that_decide_the_planted_order_are_found(method: str) -> None:
    checkpoint = load_checkpoint(SAMPLE_DATA / "planted_order.safetensors")
    table, cells = read_csv(SAMPLE_DATA / "planted_order.csv"), pd.read_csv(SAMPLE_DATA / "planted_order_cells.csv")
    dataset = prepare_for(table, checkpoint.schema, checkpoint.window, checkpoint.scaling)

    for window in (1, 3):
        with torch.no_grad():
            output = int(checkpoint.model(torch.from_numpy(dataset.windows.inputs(np.array([window])))).argmax())
        explanation = explain(checkpoint.model, make_request(dataset, window, output), method)
        found = detect(explanation.cells, true_cells(cells, dataset, window))

        assert found.chance == 14 / 450  # two bumps of seven steps among 50 steps of nine features
        assert found.auroc > 0.85 and found.auprc > 5 * found.chance
