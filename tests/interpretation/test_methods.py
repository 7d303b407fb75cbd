"""The one way to ask any method, and questions made from a data set."""

import numpy as np
import pytest
import torch

from complex_lstm.config import Roles, Scaling, Schema, SplitConfig, WindowConfig
from complex_lstm.data import Dataset, prepare_for, prepare_training
from complex_lstm.errors import ExplanationError
from complex_lstm.interpretation import BASELINES, METHODS, CompleteExplanation, explain, explain_frame, make_question
from tests.data.tables import table_of
from tests.interpretation.toys import Linear, question_of
from tests.model.lively import remembered, small_model

X = [[1.0, 1.0], [2.0, 3.0]]


def small_dataset(*, task: str = "values") -> Dataset:
    rows = [f"{step},{10 + step % 3},{step % 5},{'up' if step % 2 else 'down'}" for step in range(40)]
    roles = Roles(("p", "q"), ("p", "q") if task == "values" else ("kind",), task, time="t")
    return prepare_training(table_of("t,p,q,kind", *rows), roles, WindowConfig(length=4), SplitConfig("time"))


@pytest.mark.parametrize("method", METHODS)
def test_features_are_in_the_order_of_a_linear_models_weights(method: str) -> None:
    answer = explain(Linear([[1.0, -5.0], [1.0, -5.0]]), question_of(X), method)

    assert answer.method == method and answer.cells.shape == (2, 2)
    assert answer.features[0] > 0 > answer.features[1]
    assert answer.features == pytest.approx([3, -20], rel=0.05)
    assert answer.device == "CPU, 1 thread" and answer.seconds > 0


def test_ablation_and_occlusion_count_the_windows_that_they_asked() -> None:
    model, question = Linear([[1.0, 2.0], [3.0, 4.0]]), question_of(X)

    assert explain(model, question, "ablation").evaluations == 1 + 2 + 4  # intact, features, cells
    assert explain(model, question, "occlusion").evaluations == 1 + 4


def test_the_completeness_error_is_a_share_of_the_gap() -> None:
    def answer(gap: float) -> CompleteExplanation:
        return CompleteExplanation("m", np.array([[1.0, 2.0]]), np.array([1.0, 2.0]), 1, "b", 0.1, "CPU", steps=32, gap=gap)

    assert answer(4.0).completeness_error == 0.25
    assert answer(-3.0).completeness_error == 2
    assert answer(0.0).completeness_error == np.inf


def test_an_answer_carries_the_name_of_its_baseline() -> None:
    question = question_of(X, draws=[X, X, X])

    assert explain(Linear(X), question, "ablation", baseline="zero").baseline == BASELINES["zero"]
    assert explain(Linear(X), question, "gradient_shap").baseline == "3 training windows"


def test_an_unknown_method_is_told_with_the_known_ones() -> None:
    with pytest.raises(ExplanationError, match="There is no method 'lrp'; choose one of ablation, integrated_gradients"):
        explain(Linear(X), question_of(X), "lrp")


def test_baselines_are_the_training_mean_the_windows_mean_or_zero() -> None:
    scaling = Scaling((10.0, 2.0), (5.0, 4.0), (10.0, 2.0), (5.0, 4.0))
    dataset = prepare_for(table_of("p,q", "15,2", "25,6", "0,0"), Schema(Roles(("p", "q"), ("p", "q"), "values")),
                          WindowConfig(length=2), scaling)  # fmt: skip

    x = make_question(dataset, 0, 0).x
    assert x.tolist() == [[1, 0], [3, 1]]
    assert make_question(dataset, 0, 0, "training_mean").baseline.tolist() == [[0, 0], [0, 0]]
    assert make_question(dataset, 0, 0, "window_mean").baseline.tolist() == [[2, 0.5], [2, 0.5]]
    assert make_question(dataset, 0, 0, "zero").baseline.tolist() == [[-2, -0.5], [-2, -0.5]]


def test_a_value_is_explained_in_its_unit_and_a_class_in_logits() -> None:
    values, classes = small_dataset(), small_dataset(task="classes")

    assert make_question(values, 0, 1).unit == values.scaling.target_std[1]
    assert make_question(classes, 0, 1).unit == 1


def test_draws_are_windows_of_the_training_part() -> None:
    dataset = small_dataset()
    training = {window.tobytes() for window in dataset.windows.inputs(dataset.windows.of_part("training"))}

    draws = make_question(dataset, len(dataset.windows) - 1, 0).draws

    assert 0 < len(draws) <= 32 and {window.tobytes() for window in draws} <= training


def test_draws_have_the_length_of_the_window() -> None:
    rows = [f"s{n},{step},{n},{'a' if n % 2 else 'b'}" for n in range(12) for step in range(3 + n)]
    roles = Roles(("x",), ("kind",), "classes", series="id", time="t")
    dataset = prepare_training(table_of("id,t,x,kind", *rows), roles, WindowConfig(whole_series=True), SplitConfig("series"))

    for window in (0, 11):
        question = make_question(dataset, window, 0)
        assert question.draws.shape[1:] == question.x.shape == (3 + window, 1)


def test_an_output_that_there_is_not_is_told() -> None:
    with pytest.raises(ExplanationError, match="There is no output 2; the model has p, q"):
        make_question(small_dataset(), 0, 2)


@pytest.mark.parametrize(("cells", "rows"), [(False, 2), (True, 4 * 2)])
def test_the_frame_has_one_row_a_window_and_feature_or_cell(cells: bool, rows: int) -> None:
    model, dataset = small_model(input_dim=2), small_dataset()

    frame = explain_frame(model, dataset, np.array([3, 5]), "ablation", target="q", cells=cells)

    places = ["series", "part", "first_step", "last_step", "first_time", "last_time", "target", "method"]
    assert list(frame) == [*places, *(["step"] if cells else []), "feature", "importance"]
    assert len(frame) == 2 * rows and set(frame["target"]) == {"q"} and frame["first_step"].unique().tolist() == [3, 5]


def test_the_frame_says_what_explain_says() -> None:
    model, dataset = small_model(input_dim=2), small_dataset()
    expected = explain(model, make_question(dataset, 3, 1), "ablation")

    by_feature = explain_frame(model, dataset, np.array([3]), "ablation", target="q")
    by_cell = explain_frame(model, dataset, np.array([3]), "ablation", target="q", cells=True)

    assert by_feature["importance"].tolist() == expected.features.tolist()
    assert by_cell["importance"].tolist() == expected.cells.ravel().tolist()


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
