"""Models of any library through the same methods: equal answers, worked out by hand where they can be, and what is refused."""

import warnings
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
from torch import Tensor, nn

from complex_lstm import METHODS, Explanation, ExplanationRequest, explain, request_for
from complex_lstm.errors import ExplanationError
from complex_lstm.interpretation.any_model import forward_function
from complex_lstm.model.export import export_onnx
from tests.interpretation.toys import Linear, Product, request_of
from tests.model.lively import random_windows, remembered, small_model

OF_OUTPUTS = [name for name, method in METHODS.items() if method.needs == "outputs"]
OF_GRADIENTS = [name for name, method in METHODS.items() if method.needs == "gradients"]
WEIGHT = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]])  # (time, feature)
WINDOW = np.array([[1.0, 2.0, -1.0], [3.0, 0.5, 2.0]])
BACKGROUND = np.random.default_rng(0).normal(size=(40, 2, 3))


def request(**about: Any) -> ExplanationRequest:
    return request_for(WINDOW, BACKGROUND, **{"baseline": "zero"} | about)


def weighted(x: np.ndarray) -> np.ndarray:
    return (x * WEIGHT).sum(axis=(1, 2))


def of_small_model() -> ExplanationRequest:
    return request_of(random_windows(6, 4, seed=3).tolist(), draws=random_windows(3, 6, 4).tolist())


class Gru(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gru, self.out = nn.GRU(3, 8, batch_first=True), nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.gru(x)[0].amax(1))


def gru() -> Gru:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Gru().eval()


def session(model: nn.Module, path: Path, windows: Tensor, *, free: bool = False) -> onnxruntime.InferenceSession:
    """Return a model as ONNX, of any batch if it is free, else of these windows'."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter about itself
        torch.onnx.export(
            model, (windows,), path, input_names=["x"], output_names=["y"], dynamo=False,
            dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}} if free else None,
        )  # fmt: skip
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("method", [name for name in OF_OUTPUTS if name != "consensus"])
def test_a_function_of_arrays_gets_what_the_module_gets(method: str) -> None:
    model = small_model()

    whole = explain(model, of_small_model(), method)
    found = explain(lambda x: model(torch.from_numpy(x)).detach().numpy(), of_small_model(), method)

    assert found.cells == pytest.approx(whole.cells, abs=1e-6) and found.features == pytest.approx(whole.features, abs=1e-6)
    assert (found.evaluations, found.baseline, found.device) == (whole.evaluations, whole.baseline, whole.device)


@pytest.mark.parametrize("method", OF_GRADIENTS)
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


class Frozen(nn.Module):
    """A module through which no gradient goes."""

    def forward(self, x: Tensor) -> Tensor:
        return x.detach().sum((1, 2))


def test_a_module_without_a_way_for_gradients_has_none_instead_of_zeros() -> None:
    with pytest.raises(ExplanationError, match="saliency needs gradients, which the torch module does not have"):
        explain(Frozen(), request(), "saliency")


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


def test_methods_that_a_model_cannot_have_are_refused_with_those_that_it_can() -> None:
    able = "ablation, occlusion, shapley, segment_shapley, consensus"

    with pytest.raises(ExplanationError, match=f"saliency needs gradients, which the function does not have. These work with it: {able}.$"):
        explain(weighted, request(), "saliency")
    with pytest.raises(
        ExplanationError, match="attention_rollout needs the attention layers of a ComplexLSTMModel, which the torch module does not have"
    ):
        explain(gru(), request(), "attention_rollout")


class Dropping(nn.Module):
    def __init__(self, part: nn.Module) -> None:
        super().__init__()
        self.part = part

    def forward(self, x: Tensor) -> Tensor:
        return self.part(x).sum(dim=(1, 2))


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (Dropping(nn.Dropout(0.5)), "training mode, in which its Dropout part drops values at random. Call model.eval() first."),
        (Dropping(nn.BatchNorm1d(2)), "its BatchNorm1d part normalizes by the batch and remembers it. Call model.eval()"),
        (small_model().train(), "The model is in training mode, in which its Dropout .* Call model.eval"),
        (Gru, "Gru is a class. Give a model of it"),
        ("gru.onnx", "A model of type str cannot be explained. Give a torch module, a function .*, or an onnxruntime.InferenceSession"),
        (
            lambda x: (x.sum(axis=(1, 2)), x),
            r"The function returns a tuple. If .* returns one array of \(batch, output\), .*model\(x\)\[0\]",
        ),
        (lambda x: {"logits": x}, "The function returns a dict."),
        (lambda x: None, "The function returns a NoneType."),
        (lambda x: x.sum(axis=(1, 2)).round().astype(int), "The function returns int64: labels, it seems"),
        (lambda x: np.array(["a"] * len(x)), "The function returns <U1: labels, it seems"),
        (lambda x: x, r"returns the shape \(2, 2, 3\) for 2 windows; expected \(batch, output\) or \(batch,\)"),
        (lambda x: x[:1, 0], r"returns the shape \(1, 3\) for 2 windows"),
        (lambda x: x.sum(), r"returns the shape \(\) for 2 windows"),
        (lambda x: x.mean(axis=(1, 2)) / 0 * 0, "output 0 for the window or its baseline is not a finite number"),
        (lambda x: x.reshape(1, 6), r"fails on windows of shape \(2, 2, 3\) .*, as an array \(ValueError: cannot reshape.*as a tensor"),
        (gru().gru, "The torch module returns a tuple."),
        (nn.Linear(4, 1), r"The torch module fails on windows of shape \(2, 2, 3\) .*: RuntimeError: "),
    ],
)
@pytest.mark.filterwarnings("ignore:(invalid value|divide by zero):RuntimeWarning")
def test_what_cannot_be_explained_is_refused_in_a_sentence(model: Any, words: str) -> None:
    with pytest.raises(ExplanationError, match=words.replace("model.eval()", "model.eval..")):
        explain(model, of_small_model() if hasattr(model, "config") else request(), "ablation")


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"output": 2}, "There is no output 2; the function has 2, counted from 0."),
        ({"output": -1}, "There is no output -1"),
        ({"as_probability": True}, "outputs are probabilities already. Explain them as they are: as_probability=False"),
    ],
)
def test_an_output_that_is_not_there_is_refused(about: dict[str, Any], words: str) -> None:
    def probabilities(x: np.ndarray) -> np.ndarray:
        first = 1 / (1 + np.exp(-weighted(x)))
        return np.stack([first, 1 - first], axis=1)

    with pytest.raises(ExplanationError, match=words):
        explain(probabilities, request(**about), "ablation")


def test_one_output_has_no_softmax() -> None:
    with pytest.raises(ExplanationError, match="The function has one output, whose softmax is always 1"):
        explain(weighted, request(as_probability=True), "ablation")


def test_estimators_that_give_labels_or_take_other_rows_are_refused() -> None:
    rows, label = BACKGROUND.reshape(len(BACKGROUND), -1), np.arange(len(BACKGROUND)) % 2

    with pytest.raises(ExplanationError, match="The estimator takes rows of 3 numbers; windows of 2 steps and 3 features have 6."):
        explain(LogisticRegression().fit(rows[:, :3], label), request(), "ablation")
    with pytest.raises(ExplanationError, match="LogisticRegression.predict returns int64: labels, it seems"):
        explain(LogisticRegression().fit(rows, label).predict, request(), "ablation")
    with pytest.raises(ExplanationError, match="The LogisticRegression fails on windows of shape .2, 2, 3. .*NotFittedError"):
        explain(LogisticRegression(), request(), "ablation")


class OfWholeNumbers(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.float().sum((1, 2))


@pytest.mark.parametrize(
    ("model", "windows", "words"),
    [
        (
            gru().gru,
            torch.zeros(1, 2, 3),
            r"has the inputs x and the outputs y, .*; one of each can be explained. Choose by .*session.run\(\[",
        ),
        (
            nn.Linear(2, 1),
            torch.zeros(1, 3, 2),
            r"takes \(1, 3, 2\); windows are \(batch, 2, 3\), or flattened \(batch, 6\). Axes in another",
        ),
        (nn.Linear(5, 1), torch.zeros(1, 5), r"takes \(1, 5\); windows are \(batch, 2, 3\), or flattened \(batch, 6\)"),
        (
            OfWholeNumbers(),
            torch.zeros(1, 2, 3, dtype=torch.int64),
            r"takes tensor\(int64\); windows are numbers with decimals: tensor\(float\)",
        ),
    ],
)
def test_onnx_files_of_another_form_are_refused(model: nn.Module, windows: Tensor, words: str, tmp_path: Path) -> None:
    with pytest.raises(ExplanationError, match=words):
        explain(session(model, tmp_path / "other.onnx", windows), request(), "ablation")


def test_an_output_that_is_undefined_for_a_removed_cell_is_no_map_of_nan() -> None:
    def logarithm(x: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore"):
            return np.log(np.abs(x[:, 0, 0] - x[:, 0, 1]))  # the window has 1 and 2: a baseline of 2 in the first cell is the second's

    with pytest.raises(
        ExplanationError, match="With cells removed, output 0 of the function is not always a finite number. Choose another"
    ):
        explain(logarithm, request(baseline=[2.0, 0.5, 0.0]), "ablation")


def test_an_array_is_no_request(shapes_unchecked: None) -> None:
    with pytest.raises(ExplanationError, match="The request is of type ndarray. Make one by request_for"):
        explain(lambda x: x, WINDOW, "ablation")  # type: ignore[arg-type]


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
