"""Models of any library that cannot be explained, or not by every method: what is refused, in which words."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn

from complex_lstm import explain
from complex_lstm.errors import ExplanationError
from tests.interpretation.foreign import BACKGROUND, WINDOW, Gru, gru, of_small_model, request, session, weighted
from tests.model.lively import small_model


class Frozen(nn.Module):
    """A module through which no gradient goes."""

    def forward(self, x: Tensor) -> Tensor:
        return x.detach().sum((1, 2))


def test_a_module_without_a_way_for_gradients_has_none_instead_of_zeros() -> None:
    with pytest.raises(ExplanationError, match="saliency needs gradients, which the torch module does not have"):
        explain(Frozen(), request(), "saliency")


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
