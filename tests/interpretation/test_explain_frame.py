import numpy as np
import pytest
import torch

from complex_lstm.config import Roles, SplitConfig, WindowConfig
from complex_lstm.data import Dataset, prepare_training
from complex_lstm.errors import ExplanationError
from complex_lstm.interpretation import BASELINES, METHODS, Baseline, explain, explain_frame, make_request
from tests.data.tables import table_of
from tests.model.lively import remembered, small_model


def small_dataset(*, task: str = "values") -> Dataset:
    rows = [f"{step},{10 + step % 3},{step % 5},{'up' if step % 2 else 'down'}" for step in range(40)]
    roles = Roles(("p", "q"), ("p", "q") if task == "values" else ("kind",), task, time="t")
    return prepare_training(table_of("t,p,q,kind", *rows), roles, WindowConfig(length=4), SplitConfig("time"))


@pytest.mark.parametrize(("cells", "rows"), [(False, 2), (True, 4 * 2)])
def test_the_frame_has_one_row_a_window_and_feature_or_cell(cells: bool, rows: int) -> None:
    model, dataset = small_model(input_dim=2), small_dataset()

    frame = explain_frame(model, dataset, np.array([3, 5]), "ablation", target="q", cells=cells)

    places = ["series", "part", "first_step", "last_step", "first_time", "last_time", "target", "method", "baseline"]
    assert list(frame) == [*places, *(["step"] if cells else []), "feature", "importance"]
    assert len(frame) == 2 * rows and set(frame["target"]) == {"q"} and frame["first_step"].unique().tolist() == [3, 5]


SLOW = ("learned_mask", "consensus")  # methods of many passes


@pytest.mark.parametrize("method", [pytest.param(one, marks=pytest.mark.long) if one in SLOW else one for one in METHODS])
def test_the_frame_says_what_explain_says(method: str) -> None:
    model, dataset = small_model(input_dim=2), small_dataset()
    expected = explain(model, make_request(dataset, 3, 1), method)

    by_feature = explain_frame(model, dataset, np.array([3]), method, target="q")
    by_cell = explain_frame(model, dataset, np.array([3]), method, target="q", cells=True)

    assert by_feature["importance"].tolist() == pytest.approx(expected.features.tolist(), abs=1e-6)
    assert by_cell["importance"].tolist() == expected.cells.ravel().tolist()


@pytest.mark.parametrize("baseline", [name for name in BASELINES if name != "chosen_window"])
def test_the_frame_takes_a_baseline(baseline: Baseline) -> None:
    model, dataset = small_model(input_dim=2), small_dataset()
    expected = explain(model, make_request(dataset, 3, 0, baseline), "ablation")

    frame = explain_frame(model, dataset, np.array([3]), "ablation", baseline=baseline)

    assert frame["importance"].tolist() == pytest.approx(expected.features.tolist(), abs=1e-6)


def test_the_frame_explains_a_probability() -> None:
    model, dataset = small_model(input_dim=2), small_dataset(task="classes")
    expected = explain(model, make_request(dataset, 3, 1, as_probability=True), "ablation")

    frame = explain_frame(model, dataset, np.array([3]), "ablation", target="up", as_probability=True)

    assert frame["importance"].tolist() == pytest.approx(expected.features.tolist(), abs=1e-6)


def test_without_a_target_the_predicted_class_or_the_first_value_is_explained() -> None:
    model, dataset, chosen = small_model(input_dim=2), small_dataset(task="classes"), np.arange(6)
    with torch.no_grad():
        said = model(torch.from_numpy(dataset.windows.inputs(chosen))).argmax(1)

    frame = explain_frame(model, dataset, chosen, "ablation")

    assert frame["target"].iloc[::2].tolist() == [dataset.schema.classes[number] for number in said]
    assert set(explain_frame(model, small_dataset(), chosen, "ablation")["target"]) == {"p"}


def test_each_window_explained_is_told() -> None:
    told = []

    explain_frame(small_model(input_dim=2), small_dataset(), np.arange(3), "occlusion", progress=lambda: told.append(1))

    assert len(told) == 3


def test_a_target_that_there_is_not_is_told_before_anything_is_computed() -> None:
    model = small_model(input_dim=2)
    before = remembered(model)

    with pytest.raises(ExplanationError, match="There is no target 'r'; the model has p, q"):
        explain_frame(model, small_dataset(), np.arange(3), "ablation", target="r")

    assert remembered(model) == before
