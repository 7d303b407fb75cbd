"""Models of any library through the same methods: equal answers, worked out by hand where they can be."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
import pytest
import torch
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from complex_lstm import METHODS, Explanation, explain, request_for
from complex_lstm.interpretation.any_model import forward_function
from complex_lstm.model.export import export_onnx
from tests.interpretation.foreign import BACKGROUND, WEIGHT, WINDOW, gru, of_small_model, request, session, weighted
from tests.interpretation.toys import Linear, Product
from tests.model.lively import remembered, small_model

OF_OUTPUTS = [name for name, method in METHODS.items() if method.needs == "outputs"]
OF_GRADIENTS = [name for name, method in METHODS.items() if method.needs == "gradients"]


@pytest.mark.parametrize("method", [name for name in OF_OUTPUTS if name != "consensus"])
def test_a_function_of_arrays_gets_what_the_module_gets(method: str) -> None:
    model = small_model()

    whole = explain(model, of_small_model(), method)
    found = explain(lambda x: model(torch.from_numpy(x)).detach().numpy(), of_small_model(), method)

    assert found.cells == pytest.approx(whole.cells, abs=1e-6) and found.features == pytest.approx(whole.features, abs=1e-6)
    assert (found.evaluations, found.baseline, found.device) == (whole.evaluations, whole.baseline, whole.device)


SLOW = "learned_mask"  # of many passes


@pytest.mark.parametrize("method", [pytest.param(one, marks=pytest.mark.long) if one == SLOW else one for one in OF_GRADIENTS])
def test_a_function_of_tensors_keeps_its_gradients(method: str) -> None:
    model = small_model()

    found = explain(lambda x: model(x.float()), of_small_model(), method)

    assert found.cells == pytest.approx(explain(model, of_small_model(), method).cells, abs=1e-6)


def test_the_consensus_of_a_model_without_gradients_is_that_of_the_members_that_need_none() -> None:
    found = explain(weighted, request(), "consensus")

    assert found.attribution.effort.startswith("weights: occlusion of 5% ") and "Shapley" in found.attribution.effort
    assert found.attribution.effort.endswith("; without Integrated Gradients and Gradient SHAP, which need gradients")
    assert found.cells.ravel().argmax() == 1  # weight times cell is 1, -4, -3, 1.5, 2 and -2


@pytest.mark.parametrize("method", ["ablation", "occlusion", "shapley"])
def test_a_pipeline_that_is_linear_gives_coefficient_times_distance(method: str) -> None:
    rows = BACKGROUND.reshape(len(BACKGROUND), -1)
    pipeline = make_pipeline(StandardScaler(), LinearRegression()).fit(rows, weighted(BACKGROUND))

    found = explain(pipeline, request(baseline=[1.0, 1.0, 1.0]), method)

    by_hand = (WINDOW - 1) * WEIGHT
    assert pipeline[-1].coef_ / pipeline[0].scale_ == pytest.approx(WEIGHT.ravel())
    assert found.features == pytest.approx(by_hand.sum(axis=0), abs=1e-5)
    assert method == "shapley" or found.cells == pytest.approx(by_hand, abs=1e-5)


def test_a_pipeline_fitted_on_a_table_gets_its_columns_by_name() -> None:
    columns = [f"{name} at step {step}" for step in range(2) for name in "abc"]
    table = pd.DataFrame(BACKGROUND.reshape(len(BACKGROUND), -1), columns=columns)
    pipeline = make_pipeline(StandardScaler(), LinearRegression()).fit(table, weighted(BACKGROUND))

    assert explain(pipeline, request(), "ablation").cells == pytest.approx(WINDOW * WEIGHT, abs=1e-5)


def test_a_classifier_gives_its_probability_or_its_score() -> None:
    rows, label = BACKGROUND.reshape(len(BACKGROUND), -1), (weighted(BACKGROUND) > 0).astype(int)
    logistic, ridge = LogisticRegression().fit(rows, label), RidgeClassifier().fit(rows, label)

    probability, score, own = (
        explain(model, request(output=output), "ablation") for model, output in ((logistic, 1), (logistic.decision_function, 0), (ridge, 0))
    )

    without = np.where(np.eye(6, dtype=bool), 0, WINDOW.ravel())
    whole = logistic.predict_proba(WINDOW.reshape(1, -1))[0, 1]
    assert probability.cells.ravel() == pytest.approx(whole - logistic.predict_proba(without)[:, 1], abs=1e-6)
    assert score.cells.ravel() == pytest.approx(logistic.coef_[0] * WINDOW.ravel(), abs=1e-5)
    assert own.cells.ravel() == pytest.approx(ridge.coef_.ravel() * WINDOW.ravel(), abs=1e-5)


@pytest.mark.parametrize(("windows", "free"), [(2, True), (1, False), (5, False)])
def test_an_onnx_file_gives_what_torch_gives_with_any_batch(tmp_path: Path, windows: int, free: bool) -> None:
    model = gru()
    exported = session(model, tmp_path / "gru.onnx", torch.zeros(windows, 2, 3), free=free)

    for method in ("ablation", "occlusion", "shapley"):
        found, expected = explain(exported, request(output=1), method), explain(model, request(output=1), method)
        assert found.cells == pytest.approx(expected.cells, abs=1e-5) and np.abs(found.cells).max() > 1e-3


def test_our_own_model_explains_alike_from_its_onnx_file(tmp_path: Path, shapes_unchecked: None) -> None:
    model = small_model()
    export_onnx(model, tmp_path / "own.onnx")
    exported = onnxruntime.InferenceSession(tmp_path / "own.onnx", providers=["CPUExecutionProvider"])

    found = explain(exported, of_small_model(), "shapley")

    assert found.cells == pytest.approx(explain(model, of_small_model(), "shapley").cells, abs=1e-5)


def test_an_onnx_file_of_rows_gets_the_window_flattened(tmp_path: Path) -> None:
    flat = nn.Linear(6, 1)
    with torch.no_grad():
        flat.weight.copy_(torch.from_numpy(WEIGHT.reshape(1, 6)))

    found = explain(session(flat, tmp_path / "flat.onnx", torch.zeros(1, 6), free=True), request(), "ablation")

    assert found.cells == pytest.approx(WINDOW * WEIGHT, abs=1e-5)


@pytest.mark.parametrize("method", ["ablation", "integrated_gradients", "input_x_gradient"])
def test_a_module_in_double_precision_is_given_doubles(method: str) -> None:
    found = explain(Linear(WEIGHT.tolist()).double(), request(), method)

    assert found.cells == pytest.approx(WINDOW * WEIGHT, abs=1e-5)


class LikeTensorFlow:
    """An array of another library, which numpy can read."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.asarray(self.values, dtype=dtype)


def backwards(values: np.ndarray) -> np.ndarray:
    return np.stack([0 * values, values], axis=1)[:, ::-1]


@pytest.mark.parametrize("wrap", [LikeTensorFlow, pd.Series, lambda values: values[:, None].astype(np.float16), np.longdouble, backwards])
def test_whatever_reads_as_an_array_is_an_output(wrap: Callable[[np.ndarray], Any]) -> None:
    cells = explain(lambda x: wrap(weighted(x)), request(), "ablation").cells

    assert cells == pytest.approx(WINDOW * WEIGHT, abs=0.02)


def test_a_function_may_write_into_its_windows() -> None:
    asked = request()
    before = asked.x.copy()

    def centred(x: np.ndarray) -> np.ndarray:
        x -= 1
        return weighted(x)

    assert explain(centred, asked, "ablation").cells == pytest.approx(WINDOW * WEIGHT, abs=1e-5)
    assert (asked.x == before).all()


def test_a_module_of_another_library_is_left_as_it_was() -> None:
    model = gru().train()  # nothing in it depends on the mode
    before = remembered(model)

    explain(model, request(), "gradient_shap")

    assert remembered(model) == before


@pytest.mark.parametrize("method", ["ablation", "integrated_gradients", "gradient_shap", "saliency", "smoothgrad"])
def test_features_in_other_units_are_explained_alike(method: str) -> None:
    """A thousandth of a unit under a noise of 0.15 would be all noise: a feature is counted in its deviation over the background."""
    units = np.array([1.0, 1024.0, 2.0**-10])
    plain, scaled = Product((0, 0), (1, 1)), Product((0, 0), (1, 1))

    whole = explain(plain, request(), method)
    found = explain(
        lambda x: scaled(x.double() / torch.tensor(units)), request_for(WINDOW * units, BACKGROUND * units, baseline="zero"), method
    )

    assert found.cells == pytest.approx(whole.cells, abs=1e-5) and np.abs(found.cells).max() > 0.1


def test_the_model_gets_the_very_numbers_of_the_window() -> None:
    seen: list[np.ndarray] = []

    explain(lambda x: weighted(seen.append(x.copy()) or x), request(), "ablation")

    assert (seen[0][0] == WINDOW.astype(np.float32)).all()


class Remembering:
    """A model that keeps a state from one call to the next."""

    state = 0.0

    def __call__(self, x: np.ndarray) -> np.ndarray:
        self.state += 1
        return weighted(x) + self.state


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (Remembering(), "Called twice with the same windows, .* differ by 1: it is random or keeps a state, and every number"),
        (
            lambda x: weighted(x) - weighted(x).mean(),
            "The model's output for a window differs by .* with the windows beside it in the batch",
        ),
    ],
)
def test_a_model_that_is_not_the_same_each_time_is_explained_with_a_warning(model: Any, words: str) -> None:
    with pytest.warns(UserWarning, match=words):
        found = explain(model, request(), "occlusion")

    assert isinstance(found, Explanation)


def test_without_a_device_a_module_is_explained_where_it_is() -> None:
    forward_func = forward_function(gru().to(torch.float64), request())

    assert forward_func.device == torch.device("cpu") and forward_func.outputs(forward_func.x).shape == (1,)
